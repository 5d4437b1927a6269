// tests/web/browser.mjs: what the tests of the connect page and of the dashboard share: a browser that reaches this machine only, the
// server's API, the judgement of a page, and the run itself.
import fs from "node:fs";
import { createRequire } from "node:module";

const need = createRequire(process.env.KS_MODULES + "/package.json");
const { chromium } = need("playwright-core");
const axe = fs.readFileSync(need.resolve("axe-core/axe.min.js"), "utf8");
export const { KS_BASE: base, KS_KEY: key, KS_HOST: host, KS_CANARY: canary } = process.env;
const args = process.argv.slice(2);
export const all = args.includes("--all");
const sheet = args.includes("--sheet") ? args[args.indexOf("--sheet") + 1] : null;
const only = args.filter((a, i) => !a.startsWith("--") && args[i - 1] !== "--sheet")[0];
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"];

const tests = [];
export const test = (name, run) => tests.push([name, run]);
export const check = (is, what) => {
  if (!is) throw new Error(what);
};
export const same = (is, want, what) => check(JSON.stringify(is) === JSON.stringify(want), `${what}: ${JSON.stringify(is)}, not ${JSON.stringify(want)}`);

// ---- the server's side ----

export async function api(method, path, body, as = key) {
  const reply = await fetch(base + path, { method, headers: { "x-api-key": as, "content-type": "application/json" }, body: body && JSON.stringify(body) });
  const text = await reply.text();
  check(reply.ok, `${method} ${path}: ${reply.status} ${text}`);
  return JSON.parse(text);
}

// ---- the browser's side ----

let browser;
export const faults = [];

export async function open(url, { watch = true, ...options } = {}) {
  const context = await browser.newContext({ locale: "en-US", ...options });
  const page = await context.newPage();
  page.requests = [];
  page.on("request", (r) => page.requests.push(r.url()));
  if (watch) {
    page.on("console", (m) => m.type() === "error" && !/status of (4|5)\d\d/.test(m.text()) && faults.push(`${m.text()} at ${url}`));
    page.on("pageerror", (e) => faults.push(`${e.message} at ${url}`));
  }
  if (url) await page.goto(url, { waitUntil: "load" });
  return page;
}

export const shut = (page) => page.context().close();

// A page of the dashboard, signed in with a one-time address.
export async function signedIn(path = "/dash", options) {
  const page = await open(await (await fetch(host + "/invite")).text(), options);
  await page.click("button");
  await page.waitForURL(base + "/dash");
  if (path !== "/dash") await page.goto(base + path);
  return page;
}

export async function judge(page, what, forced) {
  await page.evaluate(axe);
  const found = await page.evaluate((f) => window.axe.run(document, { resultTypes: ["violations"], rules: f ? { "color-contrast": { enabled: false } } : {} }), forced);
  same(found.violations.map((v) => [v.id, v.nodes[0].html.slice(0, 120)]), [], `${what}: axe`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  check(wide <= 0, `${what}: ${wide} pixels too wide`);
}

// A picture of pictures: [name, PNG in base64].
export async function drawSheet(file, pictures, columns = 4) {
  const page = await open(null, { viewport: { width: 1280, height: 800 } });
  const cell = ([name, png]) => `<figure><img src="data:image/png;base64,${png}"><figcaption>${name}</figcaption></figure>`;
  await page.setContent(`<style>body{margin:8px;display:grid;grid-template-columns:repeat(${columns},1fr);gap:8px;font:14px sans-serif;background:#ddd}figure{margin:0}img{width:100%}</style>${pictures.map(cell).join("")}`);
  await page.screenshot({ path: file, fullPage: true });
  await shut(page);
}

// All tests, or those that are asked for; with --sheet none of them, and `draw` instead.
export async function run(draw) {
  let [passed, failed] = [0, 0];
  browser = await chromium.launch({ executablePath: process.env.KS_CHROMIUM || "/usr/bin/chromium-headless-shell", args: flags });
  if (sheet) await draw(sheet);
  for (const [name, act] of sheet ? [] : tests) {
    if (only && !name.includes(only)) continue;
    const began = Date.now();
    try {
      await act();
      passed++;
    } catch (error) {
      failed++;
      console.log(`FAIL - ${name}: ${error.message.split("\n").slice(0, 4).join(" ")}`);
    }
    if (process.env.KS_TIMES) console.log(`# ${Date.now() - began} ms: ${name}`);
  }
  await browser.close();
  if (!sheet) console.log(`${passed} passed, ${failed} failed`);
}
