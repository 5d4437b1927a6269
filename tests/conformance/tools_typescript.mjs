// tests/conformance/tools_typescript.mjs: every tool of the catalogue as @composio/openai hands it to a model, judged by OpenAI's
// rules for function parameters; then calls as a model makes them, carried out by the provider. Environment: COMPOSIO_BASE_URL,
// COMPOSIO_API_KEY, COMPOSIO_SDK_ROOT. Ends with "N passed, M failed".
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import crypto from "node:crypto";
import path from "node:path";

const require = createRequire(pathToFileURL(path.resolve(process.env.COMPOSIO_SDK_ROOT, "x.js")));
const { AuthScheme, Composio } = await import(pathToFileURL(require.resolve("@composio/core")));
const { OpenAIProvider, OpenAIResponsesProvider } = await import(pathToFileURL(require.resolve("@composio/openai")));

let passed = 0, failed = 0;
function check(name, faults) {
  if (!faults.length) return passed++;
  failed++;
  console.log(`FAIL - ${name}: ${JSON.stringify(faults).slice(0, 600)}`);
}

const NAME = /^[a-zA-Z0-9_-]{1,64}$/;
const TYPES = new Set(["string", "integer", "number", "boolean", "array", "object"]);

function walk(schema, where) {
  const faults = [];
  (schema?.anyOf ?? []).forEach((one, i) => faults.push(...walk(one, `${where}|${i}`)));
  if (schema?.anyOf && schema.type === undefined) return faults;
  if (!TYPES.has(schema?.type)) return [`${where}: type ${schema?.type}`];
  if (schema.type === "array" && typeof schema.items !== "object") faults.push(`${where}: an array without items`);
  if (schema.enum && !schema.enum.length) faults.push(`${where}: enum`);
  for (const name of schema.required ?? []) if (!schema.properties?.[name]) faults.push(`${where}: required ${name}`);
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    if (!NAME.test(name)) faults.push(`${where}: name ${name}`);
    faults.push(...walk(inner, `${where}.${name}`));
  }
  if (schema.items) faults.push(...walk(schema.items, where + "[]"));
  return faults;
}

function judge(tool, strict) {
  const faults = walk(tool.parameters, "parameters");
  if (!NAME.test(tool.name)) faults.push("name");
  if (!tool.description || tool.description.length > 1024) faults.push("description");
  if (tool.parameters?.type !== "object" || !tool.parameters.properties) faults.push("the root is no object");
  if (Boolean(tool.strict) !== strict) faults.push(`strict is ${tool.strict}`);
  return faults;
}

const options = { disableVersionCheck: true, allowTracking: false };
const sdk = new Composio({ ...options, provider: new OpenAIProvider() });
const toolkits = [];
for (let cursor; ; ) { // toolkits.get() gives one page and no cursor
  const page = await sdk.getClient().toolkits.list({ limit: 1000, cursor });
  toolkits.push(...page.items.filter((item) => item.meta.tools_count));
  if (!(cursor = page.next_cursor)) break;
}
let seen = 0, wanted = 0;
for (const toolkit of toolkits) {
  wanted += toolkit.meta.tools_count;
  for (const tool of await sdk.tools.get("tools", { toolkits: [toolkit.slug], limit: 1000 })) {
    seen++;
    check(tool.function.name, tool.type === "function" ? judge(tool.function, false) : ["type"]);
  }
}
check("all tools were seen", seen === wanted && toolkits.length > 50 ? [] : [seen, wanted, toolkits.length]);
const responses = new Composio({ ...options, provider: new OpenAIResponsesProvider() });
for (const tool of await responses.tools.get("tools", { toolkits: ["demo", "shopify", "stripe"], limit: 1000 }))
  check("responses: " + tool.name, tool.type === "function" ? judge(tool, false) : ["type"]);

const user = "tools-" + crypto.randomBytes(4).toString("hex"), word = crypto.randomBytes(16).toString("hex");
const config = await sdk.authConfigs.create("demo", { type: "use_custom_auth", authScheme: "API_KEY", credentials: {} });
await sdk.connectedAccounts.initiate(user, config.id, { config: AuthScheme.APIKey({ api_key: "demo_0123456789abcdef" }) });
const call = (name, given, i) => ({ id: `call_${i}`, type: "function", function: { name, arguments: JSON.stringify(given) } });
const message = {
  role: "assistant", content: null, refusal: null,
  tool_calls: [call("DEMO_ECHO", { message: word }, 0), call("DEMO_GET_ITEM", { item_id: "7" }, 1)],
};
const completion = { id: "c_1", object: "chat.completion", created: 1, model: "none", choices: [{ index: 0, finish_reason: "tool_calls", logprobs: null, message }] };
const done = await sdk.provider.handleToolCalls(user, completion);
const good = done.length === 2 && done.every((d, i) => d.role === "tool" && d.tool_call_id === `call_${i}`) && done[0].content.includes(word);
check("calls of a model are carried out", good ? [] : done);

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
