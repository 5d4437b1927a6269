// web/connect.js: makes the form of a link nicer: show and hide, clean pastes, warnings, an answer without a reload, and word to
// the page around it. The form works without any of this. Sends nothing by itself, keeps nothing, writes text only.
"use strict";
//@paste.js
(() => {
  const body = document.body;
  const form = document.querySelector("form[data-words]");
  const make = (tag, text, more) => Object.assign(document.createElement(tag), { textContent: text || "" }, more);

  // ---- the page around it ----
  let port = null;
  const tell = (type, more) => port && port.postMessage({ ks: 1, type, ...more });
  const colours = /^--ks-(accent|accent-text|bg|surface|text|muted|border|ok|warn|bad|info)$/;
  const lengths = /^--ks-(radius|gap|width)$/;

  function theme(values, mode) {
    const root = document.documentElement;
    if (mode === "light" || mode === "dark") root.dataset.theme = mode;
    for (const [name, value] of Object.entries(values || {})) {
      const good = colours.test(name) ? CSS.supports("color", value) : lengths.test(name) && /^\d{1,3}(\.\d{1,3})?(px|rem)$/.test(value);
      if (good) root.style.setProperty(name, value);
    }
  }

  function listen() {
    const allowed = (body.dataset.origins || "").split(" ").filter(Boolean);
    if (parent === window || !allowed.length) return;
    addEventListener("message", (e) => {
      const m = e.data;
      if (port || e.source !== parent || !allowed.includes(e.origin) || !m || m.ks !== 1 || m.type !== "init" || !e.ports[0]) return;
      port = e.ports[0];
      theme(m.values, m.theme);
      body.classList.add("framed");
      tell("ready");
      const box = document.querySelector("[data-account]");
      if (body.dataset.state === "done")
        tell("connected", { connectionId: body.dataset.connection, verdict: body.dataset.verdict, account: box.dataset.account || null });
      new ResizeObserver(() => tell("size", { height: document.documentElement.offsetHeight })).observe(document.documentElement);
    });
  }

  // ---- the form ----
  const words = form ? JSON.parse(form.dataset.words) : [];
  const [checking, show, hide, showLabel, hideLabel, isShown, isHidden, file] = words;
  const cleaned = { invisible: words[8], blanks: words[9], quotes: words[10], prefix: words[11], joined: words[12], split: words[13] };
  const fields = form ? [...form.querySelectorAll("[name^='f.']")] : [];
  const say = (text) => (form.querySelector(".status").textContent = text);
  const labelOf = (input) => input.labels[0].firstElementChild.textContent;
  const fill = (text, input) => text.split("{label}").join(labelOf(input));
  const row = (input) => input.closest(".field");
  const toggles = new Map();

  function turn(input, on) {
    const button = toggles.get(input);
    const [from, to] = [input.selectionStart, input.selectionEnd];
    input.type = on ? "text" : "password";
    if (document.activeElement === input) input.setSelectionRange(from, to);
    button.textContent = on ? hide : show;
    button.setAttribute("aria-label", fill(on ? hideLabel : showLabel, input));
  }

  function addShow(input) {
    const button = make("button", show, { type: "button", className: "show" });
    const box = make("div", "", { className: "secret" });
    button.setAttribute("aria-controls", input.id);
    input.before(box);
    box.append(input, button);
    toggles.set(input, button);
    turn(input, false);
    button.addEventListener("click", () => {
      const on = input.type === "password";
      turn(input, on);
      say(fill(on ? isShown : isHidden, input));
    });
  }

  function addFile(input) {
    const label = make("label", file, { className: "file" });
    const pick = make("input", "", { type: "file" });
    label.append(pick);
    input.after(label);
    pick.addEventListener("change", async () => {
      if (pick.files[0]) input.value = await pick.files[0].text();
      pick.value = "";
    });
  }

  const divided = new Map(); // what an address put into a field, so that another one may replace it

  function divide(input, text) {
    const parts = input.dataset.part ? Paste.split(text) : null;
    if (!parts) return false;
    for (const other of fields) {
      const value = parts[other.dataset.part];
      if (value && (other === input || ["", other.defaultValue, divided.get(other)].includes(other.value))) {
        other.value = value;
        divided.set(other, value);
      }
    }
    if (!parts[input.dataset.part]) input.value = "";
    say(cleaned.split);
    return true;
  }

  function onPaste(e) {
    const input = e.target;
    const text = e.clipboardData ? e.clipboardData.getData("text") : "";
    if (!text || !input.dataset.clean || input.dataset.clean === "none") return;
    if (divide(input, text)) return e.preventDefault();
    const { out, did } = Paste.clean(text, input.dataset.clean, input.dataset.prefix, input.dataset.pattern);
    if (!did.length) return;
    e.preventDefault();
    input.setRangeText(out, input.selectionStart, input.selectionEnd, "end");
    say(did.map((what) => cleaned[what]).join(" "));
  }

  // A key that begins like one that opens nothing, or less; told when the person has left the field, and no obstacle.
  function warn(input) {
    const shapes = input.dataset.shapes ? JSON.parse(input.dataset.shapes) : {};
    const head = Object.keys(shapes).filter((b) => b && input.value.startsWith(b)).sort((a, b) => b.length - a.length)[0];
    const [kind, text] = shapes[head] || ["", ""];
    const asked = kind === "restricted" && input.dataset.pattern && Paste.matches(input.dataset.pattern, input.value);
    const old = row(input).querySelector(".warn");
    if (old) old.remove();
    if (text && !asked) row(input).append(make("p", text, { className: "warn", role: "status" }));
  }

  function clear() {
    for (const old of form.parentNode.querySelectorAll(".box, .wrong, [name=anyway]")) old.remove();
    for (const input of fields) input.removeAttribute("aria-invalid");
  }

  function failed(answer) {
    clear();
    const box = make("div", "", { className: "box", tabIndex: -1, role: "alert" });
    const list = make("ul");
    box.append(make("h2", answer.title));
    if (answer.english) box.append(make("p", answer.english, { lang: "en", dir: "ltr" }));
    box.append(...answer.text.filter(Boolean).map((t) => make("p", t)));
    for (const wrong of answer.fields) {
      const input = document.getElementById("f-" + wrong.name);
      if (!input) continue;
      const item = make("li");
      item.append(make("a", wrong.entry, { href: "#f-" + wrong.name }));
      list.append(item);
      (input.closest(".secret, .affix") || input).before(make("p", wrong.text, { className: "wrong", id: "e-" + wrong.name }));
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", "e-" + wrong.name + " h-" + wrong.name);
    }
    if (list.childElementCount) box.append(list);
    form.before(box);
    if (answer.anyway) form.querySelector("[type=submit]").after(make("button", answer.anyway, { type: "submit", className: "plain", name: "anyway", value: "1" }));
    document.title = words[14].split("{title}").join(answer.title);
    box.focus();
    tell("rejected", { code: answer.code });
  }

  function leave(answer) {
    form.reset();
    for (const input of fields) if (input.type === "password" || input.localName === "textarea") input.value = "";
    location.assign(port ? answer.done : answer.go);
  }

  let busy = false;
  async function submit(e) {
    e.preventDefault();
    if (busy) return;
    const button = form.querySelector("[type=submit]");
    const text = button.textContent;
    busy = true;
    for (const input of toggles.keys()) turn(input, false);
    button.textContent = checking;
    say(checking);
    form.setAttribute("aria-busy", "true");
    try {
      const headers = { Accept: "application/json" };
      const filled = new URLSearchParams(new FormData(form));
      if (e.submitter && e.submitter.name) filled.append(e.submitter.name, e.submitter.value);
      const reply = await fetch(location.href, { method: "POST", headers, body: filled, redirect: "error" });
      const answer = await reply.json();
      if (reply.ok) return leave(answer);
      failed(answer);
    } catch {
      return form.submit(); // sent twice it is the same submission; the page that comes says what became of it
    }
    busy = false;
    button.textContent = text;
    say("");
    form.removeAttribute("aria-busy");
  }

  listen();
  for (const t of document.querySelectorAll("time"))
    t.textContent = new Date(t.dateTime).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
  if (!form) return;
  for (const input of fields) {
    if (input.type === "password") addShow(input);
    if (input.localName === "textarea") addFile(input);
    input.addEventListener("blur", () => warn(input));
  }
  // Pressing the button does not leave the field: a warning that comes in between would move the button from under the pointer.
  form.addEventListener("mousedown", (e) => e.target.type === "submit" && e.preventDefault());
  form.addEventListener("paste", onPaste);
  form.addEventListener("submit", submit);
  addEventListener("pageshow", (e) => e.persisted && location.reload());
})();
