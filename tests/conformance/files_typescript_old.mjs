// tests/conformance/files_typescript_old.mjs: the same as files_python_old.py with TypeScript composio-core.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const require = createRequire(pathToFileURL(path.resolve(process.env.CONF_NODE_MODULES, "x.js")));
const { OpenAIToolSet } = require("composio-core");

const [file, connectedAccountId] = process.argv.slice(2);
const toolset = new OpenAIToolSet({ baseUrl: process.env.COMPOSIO_BASE_URL, entityId: "user_1" });
const params = { file_schema_parsed_file: file }; // the name it gives such an argument for a model
const sent = await toolset.executeAction({ action: "KEEPER_PUT_FILE", params, connectedAccountId });
const given = await toolset.executeAction({ action: "KEEPER_GET_FILE", params: { what: "bytes" }, connectedAccountId });
console.log("RESULT " + JSON.stringify({ sent: sent.successful, fetched: given.data.file.uri }));
