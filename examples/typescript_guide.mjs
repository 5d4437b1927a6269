// The four steps for apps that take a token or an API key, with Composio's own TypeScript SDK (composio-core 0.5.39).
//   INTEGRATION_ID      an integration of shopify with the scheme API_KEY
//   COMPOSIO_BASE_URL   where Keysteward listens, without /api; COMPOSIO_API_KEY a key of it
// OpenAIToolSet does not read COMPOSIO_BASE_URL by itself: without the option it talks to the hosted service.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const modules = process.env.CONF_NODE_MODULES; // a folder with node_modules, when not beside this file
const require = createRequire(modules ? pathToFileURL(path.resolve(modules, "x.js")) : import.meta.url);
const { OpenAIToolSet } = require("composio-core");

const toolset = new OpenAIToolSet({ baseUrl: process.env.COMPOSIO_BASE_URL });
const integrationId = process.env.INTEGRATION_ID;
const userId = "user_shopify_456";
const authScheme = "API_KEY";

// 1. Which values must the user give?
const info = await toolset.client.apps.getRequiredParamsForAuthScheme({ appId: "shopify", authScheme });
console.log(`Fields of shopify (${authScheme}):`, info.required_fields);

// 2. Ask the user for them. Here the key is made up.
const apiKey = process.env.SHOPIFY_API_KEY ?? "sk_live_0123456789";

// 3. Connect.
const request = await toolset.connectedAccounts.initiate({
  integrationId,
  entityId: userId,
  authMode: authScheme,
  connectionParams: { api_key: apiKey },
});
console.log("Status:", request.connectionStatus, request.connectedAccountId, request.redirectUrl);

// 4. No redirect: it is active at once, and can be used by the user's id from now on.
const account = await toolset.connectedAccounts.get({ connectedAccountId: request.connectedAccountId });
console.log(`Account ${account.id} is ${account.status}`);
const entity = await toolset.getEntity(userId);
const connection = await entity.getConnection({ app: "shopify" });
console.log("Connection of the user:", connection.status);
