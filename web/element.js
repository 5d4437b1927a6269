// web/element.js: <ks-connect link="https://keys.example/connect/TOKEN">, the form of a link inside somebody's page: a frame of
// our origin, so that the page around it never sees a key. docs/pages.md. Works under a strict policy of its host; never uses
// the target "*", never carries a secret.
"use strict";
(() => {
  const home = new URL(document.currentScript.src).origin;
  const names = "accent accent-text bg surface text muted border ok warn bad info radius gap width".split(" ");
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    ":host{display:block}iframe{display:block;inline-size:100%;block-size:34rem;border:0;color-scheme:auto}iframe[hidden]{display:none}" +
      "dialog{padding:0;border:0;border-radius:.75rem;inline-size:min(34rem,calc(100vw - 2rem));max-block-size:calc(100vh - 2rem)}" +
      "dialog::backdrop{background:rgb(0 0 0/.5)}.close{position:absolute;inset-block-start:.5rem;inset-inline-end:.5rem;" +
      "min-inline-size:2.75rem;min-block-size:2.75rem;border:0;background:none;color:GrayText;font:inherit;cursor:pointer}",
  );

  class KsConnect extends HTMLElement {
    #frame = null;
    #dialog = null;
    #port = null;
    #timer = 0;
    #done = false;

    constructor() {
      super();
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [sheet];
      root.append(document.createElement("slot"));
    }

    connectedCallback() {
      if (this.getAttribute("mode") !== "dialog") this.open();
    }

    disconnectedCallback() {
      this.#end();
    }

    get #address() {
      try {
        const url = new URL(this.getAttribute("link"));
        if (url.origin !== home || !url.pathname.includes("/connect/")) return null;
        if (this.hasAttribute("lang")) url.searchParams.set("lang", this.getAttribute("lang"));
        return url;
      } catch {
        return null;
      }
    }

    #say(name, detail) {
      this.dispatchEvent(new CustomEvent("ks-" + name, { detail, bubbles: true, composed: true }));
    }

    open() {
      const url = this.#address;
      if (this.#frame) return;
      if (!url) return this.#say("error", { code: "link" });
      this.#done = false;
      const frame = (this.#frame = document.createElement("iframe"));
      frame.setAttribute("sandbox", "allow-forms allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox");
      frame.setAttribute("referrerpolicy", "no-referrer");
      frame.title = this.getAttribute("title") || this.textContent.trim() || "Keysteward";
      frame.addEventListener("load", () => this.#greet());
      frame.src = url.href;
      if (this.getAttribute("mode") === "dialog") this.#show(frame);
      else this.shadowRoot.append(frame);
      this.shadowRoot.querySelector("slot").style.display = "none";
      this.#timer = setTimeout(() => this.#fail("timeout"), 5000);
    }

    close() {
      if (this.#frame && !this.#done) this.#say("cancel");
      this.#end();
    }

    #show(frame) {
      const dialog = (this.#dialog = document.createElement("dialog"));
      const close = document.createElement("button");
      close.className = "close";
      close.textContent = "\u2715";
      close.setAttribute("aria-label", this.getAttribute("close-label") || "Close");
      close.addEventListener("click", () => this.close());
      dialog.setAttribute("aria-label", frame.title);
      dialog.addEventListener("cancel", (e) => (e.preventDefault(), this.close()));
      dialog.append(close, frame);
      this.shadowRoot.append(dialog);
      dialog.showModal();
    }

    #end() {
      clearTimeout(this.#timer);
      if (this.#port) this.#port.close();
      for (const part of [this.#frame, this.#dialog]) if (part) part.remove();
      this.#frame = this.#dialog = this.#port = null;
      this.shadowRoot.querySelector("slot").style.display = "";
    }

    // Each page inside the frame is greeted with a port of its own, at its origin and nowhere else.
    #greet() {
      if (!this.#frame || !this.#frame.contentWindow) return;
      const style = getComputedStyle(this);
      const values = {};
      for (const name of names) {
        const value = style.getPropertyValue("--ks-" + name).trim();
        if (value) values["--ks-" + name] = value;
      }
      const channel = new MessageChannel();
      if (this.#port) this.#port.close();
      this.#port = channel.port1;
      this.#port.onmessage = (e) => this.#hear(e.data);
      this.#frame.contentWindow.postMessage({ ks: 1, type: "init", values, theme: this.getAttribute("theme") || "auto" }, home, [channel.port2]);
    }

    #hear(m) {
      if (!m || m.ks !== 1) return;
      if (m.type === "ready") {
        clearTimeout(this.#timer);
        this.#say("ready");
      } else if (m.type === "size" && this.#frame && m.height > 0) this.#frame.style.blockSize = Math.min(m.height, 4000) + "px";
      else if (m.type === "rejected") this.#say("rejected", { code: String(m.code) });
      else if (m.type === "connected") {
        this.#done = true;
        this.#say("connected", { connectionId: m.connectionId, verdict: m.verdict, account: m.account });
      }
    }

    // A refused frame says nothing: after a while the link inside the element takes its place, in a tab of its own.
    #fail(code) {
      this.#end();
      for (const a of this.querySelectorAll("a")) Object.assign(a, { target: "_blank", rel: "noopener" });
      this.#say("error", { code });
    }
  }

  if (!customElements.get("ks-connect")) customElements.define("ks-connect", KsConnect);
})();
