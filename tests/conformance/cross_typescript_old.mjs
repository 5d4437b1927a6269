// tests/conformance/cross_typescript_old.mjs: the same as cross_python_old.py with TypeScript composio-core.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const require = createRequire(pathToFileURL(path.resolve(process.env.CONF_NODE_MODULES, "x.js")));
const { OpenAIToolSet } = require("composio-core");

const [verb, user, id, word] = process.argv.slice(2);
const toolset = new OpenAIToolSet({ baseUrl: process.env.COMPOSIO_BASE_URL, entityId: user });

async function echo(whose) {
  const done = await toolset.executeAction({ action: "DEMO_ECHO", params: { message: word }, ...whose });
  return done.successful ? done.data : done;
}

async function make() {
  const entity = await toolset.getEntity(user);
  const made = await entity.initiateConnection({
    appName: "demo", authMode: "API_KEY", connectionParams: { api_key: "demo_0123456789abcdef" },
  });
  return { id: made.connectedAccountId, status: made.connectionStatus };
}

async function use() {
  const account = await toolset.connectedAccounts.get({ connectedAccountId: id });
  return {
    status: account.status, user: account.clientUniqueUserId, app: account.appUniqueId,
    by_id: await echo({ connectedAccountId: id }), by_user: await echo({ entityId: user }),
  };
}

console.log("RESULT " + JSON.stringify(await (verb === "make" ? make() : use())));
