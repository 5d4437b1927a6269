// web/dash.js: makes the dashboard nicer: copy buttons, ages that stay true, states that stay true. Pages work without it. Sends
// nothing but reads of the page's own origin, keeps nothing, writes text only.
"use strict";
(() => {
  // ---- copy ----
  for (const box of document.querySelectorAll(".copy")) {
    const code = box.querySelector("code");
    const button = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: "Copy" });
    button.setAttribute("aria-label", "Copy " + (code.dataset.name || code.textContent));
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "Selected";
      }
      setTimeout(() => (button.textContent = "Copy"), 3000);
    });
    box.append(button);
  }

  // ---- ages: as features/dash/pieces.c tells them ----
  const units = [["s", 1, 60], ["min", 60, 3600], ["h", 3600, 86400], ["d", 86400, 60 * 86400]];

  function age(seconds) {
    const unit = units.find(([, , below]) => Math.abs(seconds) < below);
    if (!unit) return null;
    const text = Math.floor(Math.abs(seconds) / unit[1]) + " " + unit[0];
    return seconds < 0 ? "in " + text : text + " ago";
  }

  function refresh() {
    for (const time of document.querySelectorAll("time[datetime]")) {
      const text = age((Date.now() - Date.parse(time.dateTime)) / 1000);
      if (text) time.textContent = text;
    }
  }
  setInterval(refresh, 10000);

  // ---- states ----
  const shown = document.querySelectorAll("[data-state]");
  async function look() {
    if (document.hidden || !shown.length) return;
    const ids = [...shown].map((at) => at.dataset.state).join(",");
    const reply = await fetch(document.body.dataset.states + "?ids=" + encodeURIComponent(ids), { headers: { accept: "application/json" } });
    if (!reply.ok) return;
    const states = await reply.json();
    for (const at of shown) {
      const now = states[at.dataset.state];
      const mark = at.querySelector(".mark");
      if (!now || !mark || mark.lastChild.textContent.trim() === now.word) continue;
      mark.className = "mark " + now.mark;
      mark.firstChild.textContent = now.shape;
      mark.lastChild.textContent = " " + now.word;
    }
  }
  if (shown.length && document.body.dataset.states) setInterval(() => look().catch(() => {}), 10000);
})();
