// tests/web/calls.mjs: the pages of the dashboard that show calls and audit records, in headless Chromium; started by run.py as
// dash.mjs is.
import { api, base, check, faults, judge, run, same, shut, signedIn, test } from "./browser.mjs";

let things;
// A connection with a page and a half of calls, one of which failed, made once.
async function made() {
  if (things) return things;
  const { integrationId } = await api("POST", "/v2/integrations/create", { app: { uniqueKey: "vend" }, config: { name: "Calls", authScheme: "API_KEY" } });
  const { connectedAccountId: id } = await api("POST", "/v1/connectedAccounts", { integrationId, userUuid: "grace <i>", data: { api_key: "vk_good_0123456789abcdef" } });
  const proxy = (endpoint) => api("POST", "/v2/actions/proxy", { connectedAccountId: id, endpoint, method: "GET", parameters: [] });
  for (let i = 0; i < 74; i++) await proxy("/things");
  await proxy("/status/404");
  for (let n = 0; n < 75; ) n = (await api("GET", `/ks/calls?connection_id=${id}`)).items.length;
  const [line] = (await api("GET", `/ks/calls?connection_id=${id}&failed=true`)).items;
  things = { id, call: line.id };
  return things;
}

test("calls are filtered and paged without scripts", async () => {
  const { id } = await made();
  const page = await signedIn("/dash/calls", { javaScriptEnabled: false });
  await page.fill("#q-connection", id);
  await page.click("button:has-text('Filter')");
  const rows = page.locator("tbody tr");
  same(await rows.count(), 50, "the first page");
  await page.click("text=Older");
  same([await rows.count(), await page.inputValue("#q-connection")], [25, id], "the second page, and its filter");
  await page.click("text=Newer");
  same(await rows.count(), 50, "the first page again");
  await page.selectOption("#q-result", "failed");
  await page.click("button:has-text('Filter')");
  same(await rows.count(), 1, "the failed one");
  await page.click("tbody a");
  check((await page.locator("h1").innerText()).includes("GET /status/404"), "the call");
  check((await page.locator("main").innerText()).includes("X-Vend-Key"), "where its key goes");
  await shut(page);
});

test("the chain is checked by a button", async () => {
  const page = await signedIn("/dash/audit");
  await page.click("text=Verify the whole chain");
  check(/Chain intact to record \d+/.test(await page.locator("[role=status]").innerText()), "the result");
  await judge(page, "verified");
  await shut(page);
});

test("pages of calls are accessible, light and dark, narrow and wide", async () => {
  const { call } = await made();
  const paths = ["/dash", "/dash/calls", "/dash/calls?entity=nobody", `/dash/calls/${call}`, "/dash/calls/999999999", "/dash/audit", "/dash/audit?actor=nobody"];
  for (const [colorScheme, width] of [["light", 320], ["light", 1280], ["dark", 320], ["dark", 1280]]) {
    const page = await signedIn("/dash", { colorScheme, viewport: { width, height: 900 } });
    for (const path of paths) {
      await page.goto(base + path);
      await judge(page, `${path} ${colorScheme} ${width}`);
      check(page.requests.every((url) => url.startsWith(base)), `${path} asks somebody else`);
    }
    await shut(page);
  }
});

test("no console error and no policy report came up on these pages", async () => {
  same(faults, [], "faults");
});

await run();
