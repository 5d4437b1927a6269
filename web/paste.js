// web/paste.js: what comes along when a key is pasted, taken off again. The same as src/features/links/paste.c, by the same
// rules (paste.json) and tested with the same examples. Changes nothing itself.
const Paste = (() => {
  const rules = "@paste.json@";
  const drop = new RegExp("[" + rules.invisible.map((c) => "\\u" + c).join("") + "]", "g");
  const blank = new RegExp("[" + rules.blanks.map((c) => "\\u" + c).join("") + "]", "g");
  const name = /^(?:export )?(?=[A-Z0-9_]*_)[A-Z_][A-Z0-9_]*=/;
  const starts = (s, head) => head && s.length > head.length && s.slice(0, head.length).toLowerCase() === head.toLowerCase();

  function matches(pattern, s) {
    try {
      return new RegExp(pattern.replace(/\[:space:\]/g, "\\s")).test(s);
    } catch {
      return false;
    }
  }

  function clean(pasted, manner, prefix, pattern) {
    const did = new Set();
    if (manner === "none" || pasted === "") return { out: pasted, did: [] };
    const step = (from, to, what) => {
      if (to !== from) did.add(what);
      return to;
    };
    const trim = (s) => step(s, s.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ""), "blanks");
    let s = trim(step(pasted, pasted.replace(drop, ""), "invisible").replace(blank, " "));
    for (let round = 0; manner === "key" && round < 4; round++) {
      const before = s;
      const pair = rules.pairs.find(([a, b]) => s.length > a.length + b.length && s.startsWith(a) && s.endsWith(b));
      if (pair) s = step(s, s.slice(pair[0].length, -pair[1].length), "quotes");
      const named = name.exec(s);
      let n = starts(s, prefix) ? prefix.length : named && s.length - named[0].length >= rules.name_leaves ? named[0].length : 0;
      n = n || (rules.heads.find((h) => starts(s, h)) || "").length;
      s = trim(step(s, s.slice(n), "prefix"));
      if (s === before) break;
    }
    if (manner === "key" && pattern && s.includes("\n")) {
      const joined = s.replace(/[\r\n]/g, "");
      if (matches(pattern, joined)) s = step(s, joined, "joined");
    }
    return { out: s, did: [...did] };
  }

  const undo = (s) => {
    try {
      return decodeURIComponent(s);
    } catch {
      return s;
    }
  };

  function split(pasted) {
    const hit = /^([a-z0-9]+)(?:\+[^:]*)?:\/\/([^?]*)/i.exec(pasted.trim());
    if (!hit || !rules.drivers.includes(hit[1].toLowerCase())) return null;
    const slash = hit[2].indexOf("/");
    const front = slash < 0 ? hit[2] : hit[2].slice(0, slash);
    const at = front.lastIndexOf("@");
    const [user, password] = at < 0 ? ["", ""] : [front.slice(0, at).split(":")[0], front.slice(0, at).split(":").slice(1).join(":")];
    const place = front.slice(at + 1);
    const v6 = /^\[([^\]]*)\](?::(.*))?$/.exec(place);
    const [host, port] = v6 ? [v6[1], v6[2] || ""] : [place.split(":")[0], place.split(":").slice(1).join(":")];
    return { host, port, user: undo(user), password: undo(password), database: slash < 0 ? "" : undo(hit[2].slice(slash + 1)) };
  }

  return { clean, split, matches };
})();
