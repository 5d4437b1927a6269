// tests/conformance/cross_typescript.mjs: the same as cross_python_old.py with TypeScript @composio/core (v3).
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const require = createRequire(pathToFileURL(path.resolve(process.env.COMPOSIO_SDK_ROOT, "x.js")));
const { AuthScheme, Composio } = await import(pathToFileURL(require.resolve("@composio/core")));

const [verb, user, id, word] = process.argv.slice(2);
const sdk = new Composio({ disableVersionCheck: true });

async function echo(whose) {
  const wish = { userId: user, arguments: { message: word }, dangerouslySkipVersionCheck: true, ...whose };
  const done = await sdk.tools.execute("DEMO_ECHO", wish);
  return done.successful ? done.data : done;
}

async function make() {
  const config = await sdk.authConfigs.create("demo", { type: "use_custom_auth", authScheme: "API_KEY", credentials: {} });
  const made = await sdk.connectedAccounts.initiate(user, config.id, { config: AuthScheme.APIKey({ api_key: "demo_0123456789abcdef" }) });
  return { id: made.id, status: made.status };
}

async function use() {
  const account = await sdk.connectedAccounts.get(id);
  return {
    status: account.status, user: account.userId ?? user, app: account.toolkit.slug,
    by_id: await echo({ connectedAccountId: id }), by_user: await echo({}),
  };
}

console.log("RESULT " + JSON.stringify(await (verb === "make" ? make() : use())));
