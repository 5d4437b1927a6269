// tests/web/dash.mjs: the dashboard in headless Chromium; started by run.py as web.mjs is.
import { api, base, check, drawSheet, faults, host, judge, key, open, run, same, shut, signedIn, test } from "./browser.mjs";

const GOOD = "vk_good_0123456789abcdef";

// ---- what there is to see ----

let things;
// An integration and connections of every kind, made once.
async function made() {
  if (things) return things;
  const { integrationId } = await api("POST", "/v2/integrations/create", { app: { uniqueKey: "vend" }, config: { name: "Shop", authScheme: "API_KEY" } });
  const connect = (entity, data = { api_key: GOOD }) => api("POST", "/v1/connectedAccounts", { integrationId, userUuid: entity, data });
  const { connectedAccountId: id } = await connect("ada");
  await connect("<script>alert(1)</script>");
  const { connectedAccountId: off } = await connect("lena");
  await api("POST", `/v1/connectedAccounts/${off}/disable`);
  const page = await signedIn("/dash/keys");
  const revoke = await page.getAttribute("a[href$='/revoke']", "href");
  await shut(page);
  things = { integrationId, id, off, key: revoke.split("/")[3] };
  return things;
}

// ---- signing in ----

test("a one-time address signs in once, and opening it uses nothing up", async () => {
  const url = await (await fetch(host + "/invite")).text();
  await fetch(url);
  const page = await open(url, { javaScriptEnabled: false });
  await page.click("button");
  await page.waitForURL(base + "/dash");
  const cookies = await page.context().cookies();
  same(cookies.map((c) => [c.httpOnly, c.sameSite, c.path]), [[true, "Strict", "/"]], "the cookie");
  const again = await open(url);
  same((await again.locator("[role=alert]").innerText()).includes("signs in once"), true, "what the used address says");
  await page.goto(base + "/dash/project");
  await page.click("text=Sign out");
  await page.waitForURL(/login$/);
  await page.goto(base + "/dash/project");
  await page.waitForURL(/login\?next=%2Fdash%2Fproject$/);
  await shut(again);
  await shut(page);
});

test("an API key without the right is told so, and the key does not come back", async () => {
  const page = await open(base + "/dash/login");
  await page.fill("#key", key);
  await page.click("button:has-text('Sign in')");
  await page.waitForSelector("[role=alert]");
  check((await page.locator("[role=alert]").innerText()).includes("may not open the dashboard"), "the reason");
  same(await page.inputValue("#key"), "", "the field");
  await judge(page, "refused key");
  await page.goto(base + "/dash/login");
  await judge(page, "sign in");
  await shut(page);
});

// ---- every page ----

const PAGES = ["/dash/project", "/dash/connections", "/dash/connections?entity=nobody", "/dash/connections/{id}", "/dash/connections/{id}/delete",
  "/dash/links", "/dash/links/new", "/dash/keys", "/dash/keys/new", "/dash/keys/{key}/revoke", "/dash/settings", "/dash/settings/look", "/dash/preview",
  "/dash/integrations", "/dash/integrations?q=nothing", "/dash/integrations/{ac}", "/dash/integrations/{ac}/delete",
  "/dash/apps?category=testing", "/dash/apps?q=nothing+at+all", "/dash/apps/github", "/dash/apps/vend", "/dash/apps/vend/integration", "/dash/apps/postgresql/integration"];
const at = (path) => base + path.replace("{id}", things.id).replace("{key}", things.key).replace("{ac}", things.integrationId);

test("every page is accessible, light and dark, narrow and wide", async () => {
  await made();
  for (const [colorScheme, width] of [["light", 320], ["light", 1280], ["dark", 320], ["dark", 1280]]) {
    const page = await signedIn("/dash", { colorScheme, viewport: { width, height: 900 } });
    for (const path of PAGES) {
      await page.goto(at(path));
      await judge(page, `${path} ${colorScheme} ${width}`);
      check(page.requests.every((url) => url.startsWith(base)), `${path} asks somebody else`);
    }
    await shut(page);
  }
});

test("a key that was made can be copied, and its look is told before it is saved", async () => {
  const page = await signedIn("/dash/keys/new");
  await page.fill("#name", "From the browser");
  await page.click("button:has-text('Make the key')");
  await page.waitForSelector("text=shown this once");
  same(await page.locator(".copy button").count() >= 2, true, "copy buttons");
  await judge(page, "the key, once");
  await page.goto(base + "/dash/settings/look");
  await page.fill("[name='light.muted']", "#cccccc");
  await page.click("button:has-text('Save')");
  await page.waitForSelector("[aria-invalid=true]");
  check((await page.locator("[role=alert]").innerText()).includes("needs 4.5:1"), "the ratio");
  await judge(page, "refused look");
  await shut(page);
});

// ---- integrations and apps ----

test("an integration is made from its app's page, and a refused form keeps what was typed", async () => { // DASH-42 DASH-47
  const page = await signedIn("/dash/apps/vend");
  await page.locator("text=New integration").first().click();
  await page.fill("[name=name]", "By hand");
  await page.click("button:has-text('Make the integration')");
  await page.waitForURL(/integrations\/ac_\w+\?done=/);
  await page.fill("[name=allowed_requests]", "GET /things\nnonsense");
  await page.fill("[name=allowed_actions]", "VEND_LIST_THINGS");
  await page.click("button:has-text('Save settings')");
  await page.waitForSelector("[role=alert]");
  same(await page.inputValue("[name=allowed_requests]"), "GET /things\nnonsense", "the requests");
  same(await page.inputValue("[name=allowed_actions]"), "VEND_LIST_THINGS", "the actions");
  same(await page.getAttribute("[name=allowed_requests]", "aria-invalid"), "true", "the mark at the field");
  await judge(page, "refused settings");
  await page.fill("[name=allowed_requests]", "GET /things");
  await page.click("button:has-text('Save settings')");
  await page.waitForURL(/done=/);
  same(await page.inputValue("[name=allowed_requests]"), "GET /things", "what was saved");
  await page.fill("[name='calls.day']", "many");
  await page.click("button:has-text('Save budget')");
  await page.waitForSelector("[role=alert]");
  same(await page.inputValue("[name='calls.day']"), "many", "the budget");
  await judge(page, "refused budget");
  await shut(page);
});

test("every link of every page leads to a page", async () => {
  await made();
  const page = await signedIn();
  const [asked, dead] = [new Set(), []];
  for (const path of ["/dash", "/dash/calls", "/dash/audit", ...PAGES]) {
    await page.goto(at(path));
    const links = await page.evaluate((origin) => [...document.querySelectorAll("a[href]")].map((a) => a.href).filter((h) => h.startsWith(origin)), base);
    for (const url of links.filter((u) => !asked.has(u))) {
      asked.add(url);
      const status = await page.evaluate(async (u) => (await fetch(u)).status, url);
      if (status !== 200) dead.push([path, url.slice(base.length), status]);
    }
  }
  same(dead, [], "dead links");
  check(asked.size > 30, `only ${asked.size} links were seen`);
  await shut(page);
});

test("no console error and no policy report came up on the way", async () => {
  same(faults, [], "faults");
});

// ---- the contact sheet ----

const SHOTS = ["/dash", "/dash/connections", "/dash/connections/{id}", "/dash/integrations/{ac}", "/dash/apps?q=mail", "/dash/apps/github", "/dash/links/new",
  "/dash/calls", "/dash/audit", "/dash/keys", "/dash/settings", "/dash/settings/look"];

async function draw(file) {
  const { id } = await made();
  for (const endpoint of ["/things", "/things/1", "/status/404", "/me", "/things"])
    await api("POST", "/v2/actions/proxy", { connectedAccountId: id, endpoint, method: "GET", parameters: [] });
  while ((await api("GET", `/ks/calls?connection_id=${id}`)).items.length < 5);
  const pictures = [];
  for (const [i, path] of SHOTS.entries()) {
    const page = await signedIn("/dash", { colorScheme: i % 4 === 2 ? "dark" : "light", viewport: { width: 1000, height: 820 } });
    await page.goto(at(path));
    pictures.push([path.replace(/[{}]/g, ""), (await page.screenshot()).toString("base64")]);
    await shut(page);
  }
  await drawSheet(file, pictures, 3);
}

await run(draw);
