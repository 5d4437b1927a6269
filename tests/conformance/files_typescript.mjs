// tests/conformance/files_typescript.mjs: the same as files_python_old.py with TypeScript @composio/core (v3).
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const require = createRequire(pathToFileURL(path.resolve(process.env.COMPOSIO_SDK_ROOT, "x.js")));
const { Composio } = await import(pathToFileURL(require.resolve("@composio/core")));

const [file, connectedAccountId] = process.argv.slice(2);
const sdk = new Composio({
  disableVersionCheck: true, dangerouslyAllowAutoUploadDownloadFiles: true, fileUploadDirs: [path.dirname(file)],
});
const run = (tool, args) => sdk.tools.execute(tool, {
  userId: "user_1", connectedAccountId, arguments: args, dangerouslySkipVersionCheck: true,
});
const sent = await run("KEEPER_PUT_FILE", { file });
const given = await run("KEEPER_GET_FILE", { what: "bytes" });
console.log("RESULT " + JSON.stringify({ sent: sent.successful, fetched: given.data.file.uri ?? given.data.file }));
