// tests/web/web.mjs: the connect page in headless Chromium; started by run.py. Prints one line for each failure and the counts.
import fs from "node:fs";
import vm from "node:vm";
import { all, api, base, canary, check, drawSheet, faults, host, judge, key, open, run, same, shut, test } from "./browser.mjs";

const GOOD = "vk_good_0123456789abcdef";
const LANGS = ["en", "de", "fr", "es", "pt-BR", "it", "pl", "ja", "zh-Hans", "ar"];

// ---- the server's side ----

const integrations = new Map();
async function integration(app, scheme = "API_KEY", as = key, verify) {
  const id = [app, scheme, as, verify].join();
  if (!integrations.has(id)) {
    const made = await api("POST", "/v2/integrations/create", { app: { uniqueKey: app }, config: { name: id, authScheme: scheme, verify } }, as);
    integrations.set(id, made.integrationId);
  }
  return integrations.get(id);
}

async function link({ app = "vend", scheme, as = key, ...wish } = {}) {
  return api("POST", "/ks/links", { integration_id: await integration(app, scheme, as), entity_id: "lena", ...wish }, as);
}

const seen = async () => (await (await fetch(host + "/seen")).json()).filter((path) => path.startsWith("/me")).length;

// ---- the browser's side ----

const heading = (page) => page.locator("h1").innerText();

async function paste(page, selector, text) {
  await page.locator(selector).focus();
  await page.evaluate(
    ([s, t]) => {
      const data = new DataTransfer();
      data.setData("text", t);
      const e = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
      const input = document.querySelector(s);
      if (input.dispatchEvent(e)) input.value = t;
    },
    [selector, text],
  );
}

// Opens and fills; where it ends is the page that says how it went.
async function connect(page, value = GOOD) {
  await page.fill("#f-api_key", value);
  await page.click("button[type=submit]");
}

// ---- the tests ----

test("the whole path works without scripts", async () => {
  const page = await open((await link()).url, { javaScriptEnabled: false });
  await connect(page, "vk_wrong_0123456789");
  await page.waitForSelector("[role=alert]");
  same(await page.inputValue("#f-api_key"), "", "the secret comes back");
  await connect(page);
  await page.waitForURL(/done\?r=/);
  same(await heading(page), "Connected", "heading");
  await shut(page);
});

test("one can do it all with the keyboard, and errors take the focus", async () => {
  const page = await open((await link()).url);
  for (let i = 0; i < 12 && (await page.evaluate(() => document.activeElement.id)) !== "f-api_key"; i++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForSelector("[role=alert]");
  check(await page.evaluate(() => document.activeElement.matches("[role=alert]")), "the box has no focus");
  check((await page.title()).startsWith("Error: "), "the title does not tell of the error");
  same(await page.getAttribute("#f-api_key", "aria-describedby"), "e-api_key h-api_key", "described by");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  same(await page.evaluate(() => document.activeElement.id), "f-api_key", "the link in the box leads elsewhere");
  await page.keyboard.type("vk_wrong_123");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  same(await page.getAttribute("#f-api_key", "type"), "text", "Show shows nothing");
  same(await page.getAttribute(".show", "aria-label"), "Hide: Vend key", "name of the button");
  await page.focus("#f-api_key");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("[role=alert] h2").textContent.includes("did not accept"));
  same(await page.inputValue("#f-api_key"), "vk_wrong_123", "with scripts the refused key can be corrected");
  same(await page.getAttribute("#f-api_key", "type"), "password", "it was hidden when sent");
  await page.fill("#f-api_key", GOOD);
  await page.keyboard.press("Enter");
  await page.waitForURL(/done\?r=/);
  await shut(page);
});

test("double Enter, two tabs and a reload are one connection and one check", async () => {
  const made = await link({ entity_id: "twice" });
  const [one, two] = [await open(made.url), await open(made.url)];
  const before = await seen();
  await one.fill("#f-api_key", GOOD);
  await one.keyboard.press("Enter");
  await one.keyboard.press("Enter");
  await one.waitForURL(/done\?r=/);
  await connect(two);
  await two.waitForURL(/done\?r=/);
  await two.reload();
  same(await heading(two), "Connected", "after a reload");
  same((await seen()) - before, 1, "checks at the vendor");
  same((await api("GET", "/v1/connectedAccounts?user_uuid=twice&showDisabled=true")).items.length, 1, "connections");
  await one.goBack();
  check(!(await one.content()).includes(GOOD), "the key is there again after Back");
  await shut(one);
  await shut(two);
});

test("the five verdicts are told, with their next steps", async () => {
  const rows = [["vk_good_1", "Connected", false], ["vk_limited_1", "Connected, with limits", true], ["vk_down_1", "Saved, not checked yet", true]];
  for (const [value, title, again] of rows) {
    const page = await open((await link()).url);
    await connect(page, value);
    await page.waitForURL(/done\?r=/);
    same(await heading(page), title, value);
    same(await page.getByText("Use another key").count(), again ? 1 : 0, `${value}: another key`);
    await shut(page);
  }
  const page = await open((await link({ app: "kinds" })).url);
  await page.fill("#f-shop", "acme");
  await connect(page, "kk_live_1");
  await page.waitForURL(/done\?r=/);
  same(await heading(page), "Saved", "uncheckable");
  await shut(page);
});

test("another key replaces the one that has limits, in the same connection", async () => {
  const made = await link({ entity_id: "again" });
  const page = await open(made.url);
  await connect(page, "vk_limited_2");
  await page.waitForURL(/done\?r=/);
  await page.click("text=Use another key");
  await connect(page);
  await page.waitForFunction(() => document.querySelector("h1").textContent === "Connected");
  const now = await api("GET", "/ks/connections/" + made.connection_id);
  same([now.verdict, now.version], ["verified", 3], "connection");
  await shut(page);
});

test("a paste is cleaned, told, and a database address divided", async () => {
  const page = await open((await link()).url);
  await paste(page, "#f-api_key", 'Authorization: Bearer "vk_\u200bgood_1234"\n');
  same(await page.inputValue("#f-api_key"), "vk_good_1234", "value");
  check((await page.innerText(".status")).includes("The words before it were removed."), "nothing was said");
  await shut(page);
  const base_ = await open((await link({ app: "postgresql", scheme: (await schemeOf("postgresql")) })).url);
  const host_ = "[data-part=host]";
  await paste(base_, host_, "postgres://ada:s%40cret@db.example.com:5433/shop?sslmode=require");
  const got = await base_.$$eval("[data-part]", (all_) => Object.fromEntries(all_.map((i) => [i.dataset.part, i.value])));
  same(got, { host: "db.example.com", port: "5433", database: "shop", user: "ada", password: "s@cret" }, "parts");
  await shut(base_);
});

test("a pasted database address connects", async () => {
  const made = await link({ app: "postgresql", scheme: await schemeOf("postgresql"), entity_id: "dba" });
  const page = await open(made.url);
  const url = new URL(process.env.KS_DATABASE);
  await paste(page, "[data-part=host]", process.env.KS_DATABASE.replace(url.password, "made-up"));
  await page.fill("#f-ca", process.env.KS_DATABASE_CA);
  await page.click("button[type=submit]");
  await page.waitForFunction(() => document.querySelector("[role=alert]"));
  check((await page.innerText("[role=alert]")).includes("password"), "a wrong password is not told as one");
  await paste(page, "[data-part=host]", process.env.KS_DATABASE);
  same(await page.inputValue("[data-part=password]"), decodeURIComponent(url.password), "the second address replaces the first");
  await page.click("button[type=submit]");
  await page.waitForURL(/done\?r=/);
  same(await heading(page), "Connected", "heading");
  const account = (await api("GET", "/v1/connectedAccounts?user_uuid=dba")).items[0];
  const input = { query: "SELECT count(*) FROM orders" };
  const ran = await api("POST", "/v2/actions/POSTGRESQL_EXECUTE_QUERY/execute", { connectedAccountId: account.id, input });
  same(ran.data.rows, [[2]], "rows");
  await shut(page);
});

async function schemeOf(app) {
  return (await api("GET", "/ks/apps/" + app)).schemes[0].scheme;
}

test("a key of the wrong kind is named, and no obstacle", async () => {
  const page = await open((await link({ app: "stripe", scheme: await schemeOf("stripe") })).url);
  await page.fill("#f-api_key", "pk_live_abcdefghijklmnopqrstuv");
  await page.locator("#f-api_key").blur();
  check((await page.innerText(".warn")).startsWith("This looks like a publishable key"), "no warning");
  await page.fill("#f-api_key", "rk_live_abcdefghijklmnopqrstuv");
  await page.locator("#f-api_key").blur();
  same(await page.locator(".warn").count(), 0, "a restricted key is fine with Stripe");
  await shut(page);
});

test("a key of the wrong kind that no check could refuse comes back once, and can be used", async () => {
  const wrong = "FLWPUBK-" + "0123456789abcdef".repeat(2) + "-X";
  for (const javaScriptEnabled of [true, false]) {
    const made = await link({ app: "flutterwave", entity_id: "kind" });
    const page = await open(made.url, { javaScriptEnabled });
    await connect(page, wrong);
    await page.waitForSelector("[role=alert]");
    same(await page.innerText("[role=alert] h2"), "Is this the right key?", "title");
    same((await api("GET", "/ks/connections/" + made.connection_id)).status, "INITIATED", "stored");
    same(await page.inputValue("#f-api_key"), javaScriptEnabled ? wrong : "", "the key in the field");
    await page.fill("#f-api_key", wrong);
    await page.click("text=Use it anyway");
    await page.waitForURL(/done\?r=/);
    same(await heading(page), "Saved", "heading");
    await shut(page);
  }
});

test("the examples of pasted keys hold in the script, too", async () => {
  const root = new URL("../../", import.meta.url);
  const rules = fs.readFileSync(new URL("web/paste.json", root), "utf8");
  const source = fs.readFileSync(new URL("web/paste.js", root), "utf8").replace('"@paste.json@"', () => rules) + "\nPaste;";
  const Paste = vm.runInNewContext(source);
  const examples = JSON.parse(fs.readFileSync(new URL("src/features/links/paste_examples.json", root), "utf8"));
  for (const e of examples.keys) {
    const { out, did } = Paste.clean(e.in, e.manner || "key", e.prefix || "", e.pattern || "");
    same([out, [...did].sort()], [e.out, [...e.did].sort()], JSON.stringify(e.in));
  }
  for (const e of examples.urls) {
    const got = Paste.split(e.in);
    same(got && [got.host, got.port, got.user, got.password, got.database], e.parts, e.in);
  }
  check(examples.keys.length > 25 && examples.urls.length > 6, "the list is short");
});

test("every kind of field is there, and a switch that is off says no", async () => {
  const made = await link({ app: "kinds", entity_id: "kinds" });
  const page = await open(made.url);
  same(await page.locator("[role=switch]").count(), 1, "switches");
  await page.fill("#f-shop", "acme");
  await page.fill("#f-api_key", "kk_live_2");
  await page.selectOption("#f-region", "us");
  await page.setInputFiles(".file input", { name: "key.pem", mimeType: "text/plain", buffer: Buffer.from("-----BEGIN X-----\nabc\n-----END X-----\n") });
  await page.waitForFunction(() => document.querySelector("#f-private_key").value.includes("BEGIN"));
  await page.click("button[type=submit]");
  await page.waitForURL(/done\?r=/);
  const shown = (await api("GET", "/ks/connections/" + made.connection_id)).shown.headers;
  same([shown["X-Shop"], shown["X-Region"], shown["X-Sandbox"]], ["acme", "us", "false"], "values");
  await shut(page);
});

const origin = new URL(host).origin;
const hosted = (l, more = "") => `${host}/host?link=${encodeURIComponent(l.url)}${more}`;
const heard = (page) => page.evaluate(() => window.heard);
const waitHeard = (page, name) => page.waitForFunction((n) => window.heard.some(([e]) => e === n), name, { timeout: 8000 });

test("the element works inside a site of another origin with a strict policy of its own", async () => {
  const made = await link({ allowed_origins: [origin], entity_id: "framed", return_url: "https://app.example.com/back" });
  const page = await open(hosted(made));
  await waitHeard(page, "ready");
  const frame = page.frames()[1];
  same(await frame.evaluate(() => getComputedStyle(document.querySelector("[type=submit]")).backgroundColor), "rgb(122, 31, 162)", "the host's colour");
  check(await frame.evaluate(() => getComputedStyle(document.body).backgroundImage === "none"), "a picture came through a colour");
  await frame.fill("#f-api_key", "vk_wrong_9");
  await frame.click("button[type=submit]");
  await waitHeard(page, "rejected");
  await frame.fill("#f-api_key", canary);
  await frame.click("button[type=submit]");
  await waitHeard(page, "connected");
  const last = (await heard(page)).at(-1);
  same([last[0], last[1].connectionId, last[1].verdict, last[1].account], ["connected", made.connection_id, "verified", "Ada"], "event");
  check(!JSON.stringify(await heard(page)).includes(canary), "the key was told to the site");
  await shut(page);
});

test("as a dialog it opens when asked and says when it was closed", async () => {
  const page = await open(hosted(await link({ allowed_origins: [origin] }), "&mode=dialog"));
  await page.waitForFunction(() => customElements.get("ks-connect"));
  same(page.frames().length, 1, "frames before");
  await page.evaluate(() => document.querySelector("ks-connect").open());
  await waitHeard(page, "ready");
  await page.keyboard.press("Escape");
  await waitHeard(page, "cancel");
  same(page.frames().length, 1, "frames after");
  await shut(page);
});

test("a site that is not named gets no frame, and the link takes its place", async () => {
  const page = await open(hosted(await link({ allowed_origins: ["https://other.example.com"] })), { watch: false });
  await waitHeard(page, "error");
  same((await heard(page)).map(([n, d]) => [n, d && d.code]), [["error", "timeout"]], "events");
  check(await page.getByText("Connect Vend").isVisible(), "no link is left");
  await shut(page);
  const bare = await open(`${host}/frame?link=${encodeURIComponent((await link()).url)}`, { watch: false });
  check(!(await bare.frames()[1].content()).includes("<form"), "a link without origins let itself be framed");
  await shut(bare);
});

test("names that are code or turn the text around stay text", async () => {
  const evil = '<script>alert(1)</script>\u202e"><img src=x onerror=alert(2)>' + "x".repeat(300);
  const made = await link({ entity_id: evil.slice(0, 200), return_url: "https://app.example.com/?q=%3Cscript%3E" });
  const page = await open(made.url + "?lang=%3Cscript%3E");
  same(await page.locator("script").count(), 1, "scripts");
  same(await page.locator("img").count(), 0, "pictures");
  check((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, "it is too wide");
  await shut(page);
});

test("nothing comes from elsewhere, it is small, and it is there at once", async () => {
  const page = await open();
  let bytes = 0;
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  session.on("Network.loadingFinished", (e) => (bytes += e.encodedDataLength));
  await page.goto((await link({ app: "stripe", scheme: await schemeOf("stripe") })).url, { waitUntil: "networkidle" });
  const lcp = await page.evaluate(() => new Promise((go) => new PerformanceObserver((l) => go(l.getEntries().at(-1).startTime)).observe({ type: "largest-contentful-paint", buffered: true })));
  same(page.requests.filter((u) => !u.startsWith(base)), [], "requests elsewhere");
  same(page.requests.length, 3, "requests");
  check(bytes < 15 * 1024, `the page has ${bytes} bytes`);
  check(lcp < 300 * (process.env.KS_SLOW ? 5 : 1), `the largest piece was painted after ${Math.round(lcp)} ms`);
  const element = await fetch(base + "/element.js", { headers: { "accept-encoding": "gzip" } });
  check(Number(element.headers.get("content-length")) <= 4096, "element.js is over 4 kB");
  console.log(`# ${bytes} bytes on the wire, painted after ${Math.round(lcp)} ms, element.js ${element.headers.get("content-length")} bytes`);
  await shut(page);
});

test("the canary key stays nowhere: not in the page, its storage, its history", async () => {
  const page = await open((await link({ entity_id: "canary" })).url);
  await connect(page, canary);
  await page.waitForURL(/done\?r=/);
  const kept = await page.evaluate(async () => [document.documentElement.outerHTML, JSON.stringify({ ...localStorage, ...sessionStorage, state: history.state }), document.cookie, location.href, (await indexedDB.databases()).length, (await caches.keys()).length].join());
  check(!kept.includes(canary), "it is in the page");
  await page.goBack();
  check(!(await page.content()).includes(canary), "it is there after Back");
  await shut(page);
});

// ---- every state in every language ----

async function states() {
  const other = process.env.KS_OTHER_KEY;
  const out = {};
  out.form = (await link({ as: other, app: "kinds" })).url;
  out.help = (await link({ as: other, app: "stripe", scheme: await schemeOf("stripe") })).url;
  out.dead = base + "/connect/lk_nothing";
  for (const [name, value] of [["done", "vk_good_7"], ["limited", "vk_limited_7"], ["unreachable", "vk_down_7"]]) {
    const page = await open((await link({ as: other, entity_id: name })).url);
    await connect(page, value);
    await page.waitForURL(/done\?r=/);
    out[name] = page.url();
    await shut(page);
  }
  out.rejected = null;
  out.empty = (await link({ as: other, app: "kinds" })).url;
  return out;
}

const withLang = (url, lang) => url + (url.includes("?") ? "&" : "?") + "lang=" + lang;

async function reach(page, state, url, lang) {
  const here = state === "rejected" ? (await link({ as: process.env.KS_OTHER_KEY })).url : url; // a link has few tries
  await page.goto(withLang(here, lang), { waitUntil: "load" });
  if (state === "rejected") {
    await connect(page, "vk_wrong_7");
    await page.waitForSelector("[role=alert]");
  }
  if (state === "help") await page.click("summary >> nth=0");
}

// One scheme and width: all pages, or those that are its turn, so that every pair of the four occurs.
async function judgeAll(urls, scheme, width, turn) {
  const page = await open(null, { colorScheme: scheme, viewport: { width, height: 900 } });
  let n = 0;
  for (const [k, lang] of LANGS.entries()) {
    for (const [m, state] of Object.keys(urls).entries()) {
      if (!all && (k + m) % 4 !== turn) continue;
      await reach(page, state, urls[state], lang);
      same(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]), [lang, lang === "ar" ? "rtl" : "ltr"], "language");
      await judge(page, `${state} ${lang} ${scheme} ${width}`);
      n++;
    }
  }
  await shut(page);
  return n;
}

test("every state in every language is accessible, light and dark, narrow and wide", async () => {
  const urls = await states();
  const turns = [["light", 320], ["light", 1280], ["dark", 320], ["dark", 1280]];
  const done = await Promise.all(turns.map(([scheme, width], i) => judgeAll(urls, scheme, width, i)));
  console.log(`# ${done.reduce((a, b) => a + b)} pages judged`);
});

test("forced colours and wide text spacing break nothing", async () => {
  const page = await open((await link({ app: "kinds" })).url, { forcedColors: "active", viewport: { width: 320, height: 700 } });
  await judge(page, "forced colours", true);
  await page.emulateMedia({ forcedColors: "none" });
  await page.evaluate(() => {
    for (const e of document.querySelectorAll("*")) Object.assign(e.style, { letterSpacing: ".12em", wordSpacing: ".16em", lineHeight: "1.5" });
  });
  await judge(page, "text spacing");
  await shut(page);
});

test("a theme colours the page, and the logo stands on it", async () => {
  const logo = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  const other = process.env.KS_OTHER_KEY;
  await api("PUT", "/ks/theme", { light: { accent: "#006b5f" }, radius: "0px", language: "de", logo }, other);
  const page = await open((await link({ as: other })).url, { locale: "nl-NL" });
  same(await page.evaluate(() => getComputedStyle(document.querySelector("[type=submit]")).backgroundColor), "rgb(0, 107, 95)", "accent");
  same(await page.evaluate(() => [document.documentElement.lang, document.querySelector("img.logo").naturalWidth]), ["de", 1], "language and logo");
  await judge(page, "theme");
  await shut(page);
  await api("DELETE", "/ks/theme", undefined, other);
});

test("no console error and no policy report came up on the way", async () => {
  same(faults, [], "faults");
});

// ---- the contact sheet ----

async function draw(file) {
  const urls = await states();
  const shots = [["form", "en", "light"], ["help", "en", "light"], ["rejected", "en", "light"], ["done", "en", "light"], ["limited", "de", "light"], ["unreachable", "fr", "light"],
    ["form", "ja", "dark"], ["form", "ar", "light"], ["rejected", "zh-Hans", "dark"], ["dead", "pl", "light"], ["help", "es", "dark"], ["done", "pt-BR", "dark"]]; // fmt: skip
  const pictures = [];
  for (const [state, lang, scheme] of shots) {
    const page = await open(null, { colorScheme: scheme, viewport: { width: 480, height: 760 } });
    await reach(page, state, urls[state], lang);
    pictures.push([`${state} ${lang} ${scheme}`, (await page.screenshot()).toString("base64")]);
    await shut(page);
  }
  await drawSheet(file, pictures);
}

await run(draw);
