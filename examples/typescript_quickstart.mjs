// An agent's first tool call with a user's own API key, with Composio's own TypeScript SDK of today (@composio/core,
// @composio/openai).
//   eval "$(keysteward env --sdk ts)"      sets COMPOSIO_BASE_URL and COMPOSIO_API_KEY
// The app is `demo`, which is part of Keysteward: it answers without a network. Put the slug of another one in its place.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const modules = process.env.COMPOSIO_SDK_ROOT; // a folder with node_modules, when not beside this file
const require = createRequire(modules ? pathToFileURL(path.resolve(modules, "x.js")) : import.meta.url);
const { AuthScheme, Composio } = await import(pathToFileURL(require.resolve("@composio/core")));
const { OpenAIProvider } = await import(pathToFileURL(require.resolve("@composio/openai")));

const composio = new Composio({ provider: new OpenAIProvider(), allowTracking: false, disableVersionCheck: true });
const userId = "user_42"; // your name for your user

// 1. Which values must the user give?
const fields = await composio.toolkits.getConnectedAccountInitiationFields("demo", "API_KEY", { requiredOnly: true });
console.log("Ask the user for:", fields.map((field) => field.name));

// 2. Set up the app once, for all users; keep the id.
const authConfig = await composio.authConfigs.create("demo", { type: "use_custom_auth", authScheme: "API_KEY", credentials: {} });

// 3. Connect the user: the key is checked with the vendor, sealed, and ACTIVE at once. Here it is made up.
const request = await composio.connectedAccounts.initiate(userId, authConfig.id, {
  config: AuthScheme.APIKey({ api_key: "demo_0123456789abcdef" }),
  allowMultiple: true, // this example may run twice
});
const account = await request.waitForConnection(10000);
console.log("Status:", account.status);

// 4. Tools for the model. A real program passes them to openai.chat.completions.create({ tools, ... }).
const tools = await composio.tools.get(userId, { toolkits: ["demo"], limit: 100 });
console.log("Tools:", tools.map((tool) => tool.function.name));

// 5. What the model asks for is carried out with the user's key; neither you nor the model see it. A real program hands the
//    model's whole answer to composio.provider.handleToolCalls(userId, completion); here is one call by hand.
const result = await composio.tools.execute("DEMO_ECHO", {
  userId, arguments: { message: "hello" }, dangerouslySkipVersionCheck: true,
});
console.log("Answer:", result.successful, JSON.stringify(result.data));
