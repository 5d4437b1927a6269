"""docs/openapi/0_common.py: the head of the document and what all lines share. Read by tools/openapi.py, whose words it uses.

To add an operation: one `LINE.op(...)` in the file of its line. The name of a member that may be left out ends in `?`;
schemas that stand in two places get a name with `schema(...)`. /v3.1 is made from /v3."""

document = {
    "openapi": "3.1.0",
    "info": {
        "title": "Keysteward",
        "summary": "Keeps other people's API keys and acts with them.",
        "description": """A self-hosted steward of API keys: it asks for the right fields, checks each key with its vendor, keeps it
sealed, and runs actions and proxied calls without showing the key again.

Three lines of one API work on the same objects:

* `/v1`, `/v2`: the API of Composio's early SDKs (apps, integrations, connected accounts, actions).
* `/v3`, `/v3.1`: the API of today's SDKs; both prefixes answer alike. An auth config is an integration, a connected account a connection,
  a toolkit an app, a tool an action.
* `/ks`: the native API, for what the others have no words for.

Every path also answers below any number of `/api` segments (`/api/v3.1/tools`). Bodies are JSON in UTF-8, at most 1 MiB (8 MiB where arguments may hold files); members that are
not described are ignored, and so are query parameters. Duplicate names, nesting deeper than 64, lone surrogates, `\\u0000` and integers over
64 bits are refused with 400. Secrets go in and never come out: answers mask them. A 2xx of a call that changes something is committed
to disk, with its audit record, before its first byte.""",
        "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
    },
    "servers": [{"url": "/", "description": "The server that sent this document."}],
    "security": [{"apiKey": []}],
}

components["securitySchemes"]["apiKey"] = {
    "type": "apiKey", "in": "header", "name": "x-api-key",
    "description": "An API key of a project, made by `keysteward key create`. It carries the scopes `read`, `connect` and `act`, or some of "
                   "them; `x-scope` of an operation says which one it wants.",
}
components["headers"]["x-request-id"] = {
    "description": "The id of this request: the caller's own x-request-id when it is 1 to 128 of A-Z a-z 0-9 . _ -, else a fresh one. It is in the "
                   "log and in the audit record.",
    "schema": text(minLength=1, maxLength=128),
}
components["headers"]["retry-after"] = {"description": "Seconds to wait.", "schema": number(minimum=0)}

schema("Scheme", word("API_KEY", "BEARER_TOKEN", "BASIC", "BASIC_WITH_JWT", "GOOGLE_SERVICE_ACCOUNT", "NO_AUTH", "CUSTOM", "DATABASE",
                      about="How the vendor is shown the credential."))
schema("JsonSchema", obj({"type": always("object"), "title": text(), "properties": mapping(of("object")), "required": many(text()),
                          "additionalProperties?": flag(), "$defs?": of("object")},
                         "A JSON Schema of an object, fit for function calling of language models."))
