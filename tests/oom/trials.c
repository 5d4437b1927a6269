/* tests/oom/trials.c — see trials.h. The app is `demo`, whose vendor is always its ghost. */
#include "tests/oom/trials.h"

#define ACCOUNT                                                                                              \
    "{\"integrationId\":\"{i}\",\"userUuid\":\"user_2\",\"labels\":[\"a\"],\"data\":{\"api_key\":\"demo_"    \
    "0123456789abcdef\"}}"
#define V2(app)                                                                                              \
    "{\"app\":{" app "},\"config\":{\"name\":\"n\",\"authScheme\":\"API_KEY\"},\"connection\":{"             \
    "\"entityId\":\"user_3\",\"initiateData\":{\"api_key\":\"demo_0123456789abcdef\"},\"extra\":{"           \
    "\"labels\":[\"b\"]}}}"
#define WISH(app)                                                                                            \
    "{\"app\":{\"uniqueKey\":\"" app "\"},\"config\":{\"name\":\"n\",\"authScheme\":\"API_KEY\"}}"
#define ECHO "{\"connectedAccountId\":\"{c}\",\"input\":{\"message\":\"hello\"}}"
#define OWN                                                                                                  \
    "{\"entityId\":\"user_1\",\"input\":{\"message\":\"hello\"},\"authConfig\":{\"parameters\":[{\"in\":"    \
    "\"header\",\"name\":\"Authorization\",\"value\":\"Bearer demo_own\"}]}}"
#define PROXY                                                                                                \
    "{\"connectedAccountId\":\"{c}\",\"endpoint\":\"/v1/echo?x=1\",\"method\":\"POST\",\"parameters\":[{"    \
    "\"in\":\"query\",\"name\":\"y\",\"value\":\"a b\"},{\"in\":\"header\",\"name\":\"X-Extra\",\"value\":"  \
    "\"e\"}],\"body\":{\"message\":\"hello\"}}"
#define ABSOLUTE                                                                                             \
    "{\"connectedAccountId\":\"{c}\",\"endpoint\":\"https://api.demo.keysteward.example/v1/me\",\"method\":" \
    "\"GET\"}"
#define APP_FILE(key)                                                                                        \
    "app: " key "\nname: Tidal\nabout: Levels.\ncategories: [weather]\nhome: https://tide.example\n"         \
    "docs: none\nbase: https://api.tide.example\n"
#define ID    "/v1/connectedAccounts/{id}"
#define CALLS "/ks/call/{connection}/{path...}"
#define MAKE  "POST", "/v1/connectedAccounts", "/api/v1/connectedAccounts"

#define V3_STATE(key)                                                                                        \
    "\"state\":{\"authScheme\":\"API_KEY\",\"val\":{\"status\":\"ACTIVE\",\"api_key\":\"" key "\"}}"
#define V3_ACCOUNT                                                                                           \
    "{\"auth_config\":{\"id\":\"{i}\"},\"connection\":{\"user_id\":\"user_2\",\"alias\":\"work\"," V3_STATE( \
        "demo_0123456789abcdef") "}}"
#define V3_CONFIG                                                                                            \
    "{\"toolkit\":{\"slug\":\"demo\"},\"auth_config\":{\"type\":\"use_custom_auth\",\"authScheme\":\"API_"   \
    "KEY\","                                                                                                 \
    "\"name\":\"n\",\"shared_credentials\":{\"api_key\":\"demo_0123456789abcdef\"},\"tool_access_config\":{" \
    "\"tools_available_for_execution\":[\"DEMO_ECHO\"]}}}"
#define V3_ONCE                                                                                              \
    "\"custom_connection_data\":{\"authScheme\":\"API_KEY\",\"toolkitSlug\":\"demo\",\"val\":{\"api_key\":"  \
    "\"demo_"                                                                                                \
    "0123456789abcdef\"}}"
#define V3_DATABASE                                                                                          \
    "{\"arguments\":{\"table\":\"t\",\"rows\":[{\"a\":1}]},\"custom_connection_data\":{"                     \
    "\"authScheme\":\"BASIC\",\"toolkitSlug\":\"postgresql\",\"val\":{\"host\":\"127.0.0.1\","               \
    "\"database\":\"d\",\"username\":\"u\",\"password\":\"0123456789\",\"access\":\"write\"}}}"
/* A token is asked for first. */
#define TOKEN_VALUES                                                                                         \
    "\"client_id\":\"AX-0123456789abcdef\",\"client_secret\":\"EL-0123456789abcdef\",\"environment\":"       \
    "\"api-m.paypal.com\""
#define V2_TOKEN                                                                                             \
    "{\"app\":{\"uniqueKey\":\"paypal\"},\"config\":{\"name\":\"n\",\"authScheme\":\"API_KEY\"},"            \
    "\"connection\":{\"entityId\":\"user_3\",\"initiateData\":{" TOKEN_VALUES "}}}"
#define V3_TOKEN                                                                                             \
    "{\"arguments\":{\"intent\":\"CAPTURE\",\"purchase_units\":[]},\"custom_connection_data\":{"             \
    "\"authScheme\":\"API_KEY\",\"toolkitSlug\":\"paypal\",\"val\":{" TOKEN_VALUES "}}}"
#define CA   "/v3/connected_accounts"
#define FORM "Content-Type: application/x-www-form-urlencoded"

#define DOCUMENT                                                                                             \
    "openapi: 3.1.0\ninfo: {title: T}\nservers: [{url: 'https://{region}.t.example', variables: {region: "   \
    "{enum: [a, b]}}}]\nsecurity: [{k: []}]\ncomponents: {securitySchemes: {k: {type: http, scheme: "        \
    "bearer}}}\npaths: {'/t/{n}': {post: {requestBody: {content: {application/json: {schema: {properties: "  \
    "{a: {type: integer, default: 1}, b: {type: array, items: {oneOf: [{required: [c], properties: {c: "     \
    "{enum: "                                                                                                \
    "[x]}}}, {properties: {d: {type: string}}}]}}}}}}}}}}\n"
const trial trials[] = {
    /* health */
    {"GET", "/health", "/health", 0, 0, 0},
    {"GET", "/ready", "/ready", 0, 0, 0},
    {"GET", "/version", "/version", 0, 0, 0},
    {"GET", "/metrics", "/metrics", 0, 0, TEXT | MOVES},
    {"GET", "/openapi.json", "/openapi.json", 0, 0, 0},
    /* apps and actions of the guide's era */
    {"GET", "/v1/apps", "/api/v1/apps", 0, 0, KEEPS_TEXT},
    {"GET", "/v1/apps", "/v1/apps?category=developer-tools", 0, 0, 0},
    {"GET", "/v1/apps/list/enums", "/v1/apps/list/enums", 0, 0, 0},
    {"GET", "/v1/apps/list/categories", "/v1/apps/list/categories", 0, 0, 0},
    {"GET", "/v1/apps/{app}", "/v1/apps/Keysteward%20Demo", 0, 0, 0},
    {"GET", "/v1/triggers", "/v1/triggers", 0, 0, 0},
    {"GET", "/v1/triggers/active_triggers", "/v1/triggers/active_triggers", 0, 0, 0},
    {"GET", "/v1/client/auth/client_info", "/v1/client/auth/client_info", 0, 0, 0},
    {"GET", "/v2/actions", "/v2/actions", 0, 0, KEEPS_TEXT},
    {"GET", "/v2/actions", "/v2/actions?apps=demo%2Cgithub&tags=read&limit=3&page=1", 0, 0, 0},
    {"GET", "/v2/actions", "/v2/actions?actions=DEMO_ECHO", 0, 0, 0},
    {"GET", "/v2/actions/list/all", "/v2/actions/list/all?apps=demo", 0, 0, 0},
    {"GET", "/v2/actions/list/enums", "/v2/actions/list/enums", 0, 0, 0},
    {"GET", "/v1/actions/list/enums", "/v1/actions/list/enums", 0, 0, 0},
    {"GET", "/v2/actions/list/tags", "/v2/actions/list/tags", 0, 0, 0},
    {"GET", "/v2/actions/search/advanced", "/v2/actions/search/advanced?useCase=echo+a+message&apps=demo", 0,
     0, 0},
    {"GET", "/v2/actions/{action}", "/v2/actions/demo_echo", 0, 0, 0},
    /* integrations */
    {"POST", "/v1/integrations", "/v1/integrations", 0,
     "{\"appId\":\"demo\",\"authScheme\":\"API_KEY\",\"name\":\"n\",\"forceNewIntegration\":true}", MAKES},
    {"POST", "/v1/integrations", "/v1/integrations", 0, "{\"appName\":\"demo\"}", 0},
    {"GET", "/v1/integrations", "/v1/integrations?appName=demo&page=1&pageSize=5&showDisabled=true", 0, 0, 0},
    {"GET", "/v1/integrations/{id}", "/v1/integrations/{i}", 0, 0, 0},
    {"PATCH", "/v1/integrations/{id}", "/v1/integrations/{i}", 0,
     "{\"enabled\":true,\"limitedActions\":[\"DEMO_ECHO\",\"DEMO_WHOAMI\"]}", 0},
    {"PATCH", "/v1/integrations/{id}", "/v1/integrations/{i}", 0, "{\"limitedActions\":null}", 0},
    {"DELETE", "/v1/integrations/{id}", "/v1/integrations/{i}", 0, 0, SPENDS},
    {"POST", "/v2/integrations/create", "/v2/integrations/create", "Idempotency-Key: once", WISH("demo"),
     MAKES},
    {"POST", "/v2/integrations/get-or-create", "/v2/integrations/get-or-create", 0, WISH("demo"), 0},
    {"POST", "/v2/integrations/get-or-create", "/v2/integrations/get-or-create", 0, WISH("stripe"), MAKES},
    {"POST", "/v2/integrations/search-by-filters", "/v2/integrations/search-by-filters", 0, WISH("demo"), 0},
    {"GET", "/ks/integrations/{id}", "/ks/integrations/{i}", 0, 0, 0},
    {"PATCH", "/ks/integrations/{id}", "/ks/integrations/{i}", 0, "{\"ambiguous\":\"refuse\"}", 0},
    /* budgets */
    {"GET", "/ks/budget", "/ks/budget", 0, 0, 0},
    {"GET", "/ks/integrations/{id}/budget", "/ks/integrations/{i}/budget", 0, 0, 0},
    {"PUT", "/ks/integrations/{id}/budget", "/ks/integrations/{i}/budget", 0,
     "{\"calls\":{\"day\":1000000},\"each_connection\":{\"hour\":100000}}", 0},
    {"GET", "/ks/admin/projects/{project}/budget", "/ks/admin/projects/one/budget", 0, 0, LOCAL},
    {"PUT", "/ks/admin/projects/{project}/budget", "/ks/admin/projects/one/budget", 0,
     "{\"calls\":{\"day\":1000000}}", LOCAL},
    {"PATCH", "/ks/integrations/{id}", "/ks/integrations/{i}", 0,
     "{\"allowed_requests\":[\"GET /v1/me\",\"* /v1/echo\"]}", 0},
    /* connections */
    {MAKE, 0, ACCOUNT, MAKES | VENDOR},
    {MAKE, "Idempotency-Key: once", ACCOUNT, MAKES | VENDOR},
    {"POST", "/v1/integrations", "/v1/integrations", "Idempotency-Key: again",
     "{\"appName\":\"demo\",\"forceNewIntegration\":true}", 0},
    {"POST", "/v2/connectedAccounts/initiateConnection", "/v2/connectedAccounts/initiateConnection", 0,
     V2("\"integrationId\":\"{i}\""), MAKES | VENDOR},
    {"POST", "/v2/connectedAccounts/initiateConnection", "/v2/connectedAccounts/initiateConnection", 0,
     V2("\"uniqueKey\":\"stripe\""), MAKES | VENDOR},
    {"POST", "/v2/connectedAccounts/initiateConnection", "/v2/connectedAccounts/initiateConnection", 0,
     V2_TOKEN, MAKES | VENDOR},
    {"GET", "/v1/connectedAccounts",
     "/v1/"
     "connectedAccounts?user_uuid=user_1&entityId=x&appNames=demo&status=ACTIVE&showActiveOnly=true&page=1&"
     "pageSize=9",
     0, 0, 0},
    {"GET", ID, "/v1/connectedAccounts/{c}", 0, 0, 0},
    {"GET", ID "/info", "/v1/connectedAccounts/{c}/info", 0, 0, 0},
    {"POST", ID "/reinitiate", "/v1/connectedAccounts/{c}/reinitiate", 0,
     "{\"data\":{\"api_key\":\"demo_fedcba9876543210\"}}", VENDOR},
    {"POST", ID "/enable", "/v1/connectedAccounts/{c}/enable", 0, 0, 0},
    {"POST", ID "/disable", "/v1/connectedAccounts/{c}/disable", 0, 0, SPENDS},
    {"PATCH", ID "/data", "/v1/connectedAccounts/{c}/data", 0, "{\"labels\":[\"primary\",\"\\u00e4\"]}", 0},
    {"DELETE", ID, "/v1/connectedAccounts/{c}", 0, 0, SPENDS},
    {"GET", "/ks/connections", "/ks/connections?entity_id=user_1&app=demo&status=ACTIVE&limit=5&page=1", 0, 0,
     0},
    {"GET", "/ks/connections/{id}", "/ks/connections/{c}", 0, 0, 0},
    {"POST", "/ks/connections/{id}/verify", "/ks/connections/{c}/verify", 0, 0, VENDOR},
    {"PUT", "/ks/connections/{id}/credential", "/ks/connections/{c}/credential", 0,
     "{\"data\":{\"api_key\":\"demo_fedcba9876543210\"}}", VENDOR},
    {"POST", "/ks/admin/recheck", "/ks/admin/recheck", 0, 0, LOCAL | DUE | VENDOR},
    /* acting */
    {"POST", "/v2/actions/{action}/execute", "/v2/actions/DEMO_ECHO/execute", 0, ECHO, VENDOR},
    {"POST", "/v2/actions/{action}/execute", "/v2/actions/DEMO_GET_ITEM/execute", 0,
     "{\"entityId\":\"user_1\",\"input\":{\"item_id\":\"a/b\"}}", VENDOR},
    {"POST", "/v2/actions/{action}/execute", "/v2/actions/DEMO_ECHO/execute", 0, OWN, VENDOR},
    {"POST", "/v2/actions/{action}/execute", "/v2/actions/DEMO_ECHO/execute", "Idempotency-Key: once", ECHO,
     VENDOR},
    {"POST", "/v2/actions/proxy", "/v2/actions/proxy", 0, PROXY, VENDOR},
    {"POST", "/v2/actions/proxy", "/v2/actions/proxy", 0, ABSOLUTE, VENDOR},
    {"POST", "/v2/actions/files/upload/request", "/v2/actions/files/upload/request", "Host: 127.0.0.1",
     "{\"filename\":\"a.txt\",\"mimetype\":\"text/plain\"}", MAKES},
    {"POST", "/v2/actions/files/upload/{type}", "/v2/actions/files/upload/request_", "Host: 127.0.0.1",
     "{\"filename\":\"a.txt\"}", MAKES},
    {"POST", "/v3/files/upload/request", "/v3/files/upload/request", "Host: 127.0.0.1",
     "{\"filename\":\"a.txt\"}", MAKES},
    {"PUT", "/f/{pass}", "/f/{p}", "Content-Type: text/plain", "bytes", MAKES | PASS},
    {"GET", "/f/{pass}/{name}", "/f/{p}/a.pdf", 0, 0, MAKES | GIVEN | TEXT},
    {"POST", "/v3/tools/execute/{slug}", GIVES_FILE, "Host: 127.0.0.1", TO_GIVE_FILE, MAKES | VENDOR},
    {"POST", "/v1/logs", "/v1/logs", 0, "{\"a\":[1,2.5,\"b\"]}", 0},
    {"POST", "/v1/logs/", "/v1/logs/", 0, "{}", 0},
    {"GET", "/v1/logs/", "/v1/logs/", 0, 0, 0},
    {"POST", "/ks/recognise", "/ks/recognise", 0, "{\"key\":\" \\\"demo_0123456789abcdef\\\"\"}", 0},
    {"POST", "/ks/explain", "/ks/explain", 0,
     "{\"action\":\"DEMO_ECHO\",\"connectedAccountId\":\"{c}\",\"input\":{\"message\":\"m\"}}", 0},
    {"POST", "/ks/explain", "/ks/explain", 0,
     "{\"connectedAccountId\":\"{c}\",\"method\":\"GET\",\"endpoint\":\"/v1/me?x=%20\"}", 0},
    {"GET", CALLS, "/ks/call/{c}/v1/me?q=1", "X-Mine: m", 0, VENDOR},
    {"POST", CALLS, "/ks/call/{c}/v1/echo", "Content-Type: text/plain", "some bytes", VENDOR},
    {"PUT", CALLS, "/ks/call/{c}/v1/echo", 0, "some bytes", VENDOR},
    {"PATCH", CALLS, "/ks/call/{c}/v1/echo", 0, "some bytes", VENDOR},
    {"DELETE", CALLS, "/ks/call/{c}/v1/echo", 0, 0, VENDOR},
    {"HEAD", CALLS, "/ks/call/{c}/v1/me", 0, 0, VENDOR | TEXT},
    {"POST", "/ks/query/{connection}", "/ks/query/{n}", 0,
     "{\"sql\":\"SELECT $1\",\"params\":[[1],\"x\",null],\"max_rows\":9,\"seconds\":5}", NOBODY},
    /* v3 */
    {"GET", "/v3/toolkits", "/api/v3.1/toolkits?search=e&sort_by=alphabetically&limit=3", 0, 0, 0},
    {"GET", "/v3/toolkits/categories", "/v3/toolkits/categories?limit=5", 0, 0, 0},
    {"POST", "/v3/toolkits/multi", "/v3.1/toolkits/multi", 0,
     "{\"toolkits\":[\"demo\",\"github\"],\"limit\":1}", 0},
    {"GET", "/v3/toolkits/{slug}", "/v3.1/toolkits/DEMO?version=latest", 0, 0, 0},
    {"GET", "/v3/tools",
     "/v3.1/tools?toolkit_slug=demo&important=true&tags=readOnlyHint&toolkit_versions=latest", 0, 0, 0},
    {"GET", "/v3/tools", "/v3/tools?query=echo+a+message&limit=9999", 0, 0, 0},
    {"GET", "/v3/tools/enum", "/v3/tools/enum", 0, 0, 0},
    {"GET", "/v3/tools/{slug}", "/v3.1/tools/DEMO_ECHO?toolkit_versions%5Bdemo%5D=latest", 0, 0, 0},
    {"POST", "/v3/auth_configs", "/api/v3.1/auth_configs", 0, V3_CONFIG, MAKES},
    {"GET", "/v3/auth_configs", "/v3.1/auth_configs?toolkit_slug=demo&search=n&show_disabled=true&limit=2", 0,
     0, 0},
    {"GET", "/v3/auth_configs/{id}", "/v3/auth_configs/{i}", 0, 0, 0},
    {"PATCH", "/v3/auth_configs/{id}", "/v3/auth_configs/{i}", 0,
     "{\"type\":\"custom\",\"tool_access_config\":{\"tools_available_for_execution\":[]}}", 0},
    {"PATCH", "/v3/auth_configs/{id}/{status}", "/v3.1/auth_configs/{i}/ENABLED", 0, 0, 0},
    {"DELETE", "/v3/auth_configs/{id}", "/v3.1/auth_configs/{i}", 0, 0, SPENDS},
    {"POST", CA, "/api/v3.1/connected_accounts", 0, V3_ACCOUNT, MAKES | VENDOR},
    {"GET", CA,
     "/v3.1/"
     "connected_accounts?user_ids=user_1%2Cx&statuses=ACTIVE%2CINACTIVE&toolkit_slugs=demo&order_by=updated_"
     "at&limit=5",
     0, 0, 0},
    {"GET", CA "/{id}", "/v3/connected_accounts/{c}", 0, 0, 0},
    {"PATCH", CA "/{id}", "/v3.1/connected_accounts/{c}", 0,
     "{\"alias\":\"home\",\"connection\":{" V3_STATE("demo_fedcba9876543210") "}}", VENDOR},
    {"PATCH", CA "/{id}", "/v3/connected_accounts/{c}", 0, "{\"alias\":null}", 0},
    {"PATCH", CA "/{id}/status", "/v3.1/connected_accounts/{c}/status", 0, "{\"enabled\":true}", 0},
    {"POST", CA "/{id}/refresh", "/v3.1/connected_accounts/{c}/refresh", 0, "{}", 0},
    {"POST", CA "/{id}/refresh", "/v3/connected_accounts/{c}/refresh", 0, "{\"validate_credentials\":true}",
     VENDOR},
    {"POST", CA "/{id}/revoke", "/v3.1/connected_accounts/{c}/revoke", 0, 0, SPENDS},
    {"DELETE", CA "/{id}", "/v3.1/connected_accounts/{c}", 0, 0, SPENDS},
    {"POST", "/v3/tools/execute/{slug}", "/v3.1/tools/execute/DEMO_ECHO", 0,
     "{\"user_id\":\"user_1\",\"version\":\"latest\",\"arguments\":{\"message\":\"hello\"}}", VENDOR},
    {"POST", "/v3/tools/execute/{slug}", "/v3/tools/execute/DEMO_ECHO", 0,
     "{\"arguments\":{\"message\":\"hello\"}," V3_ONCE "}", VENDOR},
    {"POST", "/v3/tools/execute/{slug}", "/v3/tools/execute/POSTGRESQL_INSERT_ROWS", 0, V3_DATABASE, VENDOR},
    {"POST", "/v3/tools/execute/{slug}", "/v3/tools/execute/PAYPAL_CREATE_ORDER", 0, V3_TOKEN, VENDOR},
    {"POST", "/v3/tools/execute/proxy", "/v3.1/tools/execute/proxy", 0,
     "{\"connected_account_id\":\"{c}\",\"endpoint\":\"/v1/"
     "echo\",\"method\":\"POST\",\"parameters\":[{\"name\":\"x-e\","
     "\"type\":\"header\",\"value\":\"1\"}],\"body\":{\"a\":1}}",
     VENDOR},
    /* connect links */
    {"POST", CA "/link", "/api/v3.1/connected_accounts/link", "Host: 127.0.0.1",
     "{\"auth_config_id\":\"{i}\",\"user_id\":\"user_2\",\"alias\":\"work\",\"callback_url\":\"https://"
     "a.example/x?y=1\"}",
     MAKES},
    {"POST", "/ks/links", "/ks/links", "Host: 127.0.0.1",
     "{\"connection_id\":\"{c}\",\"life_s\":60,\"return_url\":\"https://a.example/\",\"language\":\"de\","
     "\"allowed_origins\":[\"https://b.example\"]}",
     MAKES | LINK},
    {"GET", "/ks/links", "/ks/links?limit=2&page=1", 0, 0, LINK},
    {"DELETE", "/ks/links/{id}", "/ks/links/{l}", 0, 0, SPENDS | LINK},
    {"GET", "/connect/{token}", "/connect/{t}", 0, 0, TEXT | LINK},
    {"GET", "/connect/{token}", "/connect/{t}?lang=de", 0, 0, TEXT | LINK},
    {"POST", "/connect/{token}", "/connect/{t}", FORM, "csrf={f}&f.api_key=demo_0123456789abcdef",
     TEXT | LINK | VENDOR},
    {"POST", "/connect/{token}", "/connect/{t}?lang=ar", FORM "\nAccept: application/json",
     "csrf={f}&f.api_key=demo_bad", TEXT | LINK | VENDOR},
    {"GET", "/connect/done", "/connect/done?r={r}", 0, 0, TEXT | LINK | DONE},
    {"GET", "/a/{file}", "/a/{s}", 0, 0, TEXT},
    {"GET", "/element.js", "/element.js", 0, 0, TEXT},
    /* dashboard */
    {"POST", "/ks/admin/dash", "/ks/admin/dash", 0, "{\"project\":\"one\"}", LOCAL | MAKES},
    {"GET", "/dash/login", "/dash/login?next=/dash/apps", 0, 0, TEXT},
    {"POST", "/dash/login", "/dash/login", FORM, "key={x}&next=/dash", TEXT | SESSION | MAKES},
    {"GET", "/dash/in/{code}", "/dash/in/{o}", 0, 0, TEXT | SESSION},
    {"POST", "/dash/in/{code}", "/dash/in/{o}", FORM, "x=1", TEXT | SESSION},
    {"POST", "/dash/logout", "/dash/logout", FORM, "csrf={g}", TEXT | SESSION},
    {"GET", "/dash/project", "/dash/project", 0, 0, TEXT | SESSION},
    {"GET", "/dash", "/dash", 0, 0, TEXT | SESSION | MOVES},
    {"GET", "/dash/calls", "/dash/calls?entity=user_1&app=demo&result=failed", 0, 0, TEXT | SESSION | MOVES},
    {"GET", "/dash/calls", "/dash/calls?newer=1.1", 0, 0, TEXT | SESSION | MOVES},
    {"GET", "/dash/calls/{id}", "/dash/calls/1", 0, 0, TEXT | SESSION | MOVES},
    {"GET", "/dash/audit", "/dash/audit?newer=1.1&action=key.create", 0, 0, TEXT | SESSION | MOVES},
    {"POST", "/dash/audit/verify", "/dash/audit/verify", FORM, "csrf={g}", TEXT | SESSION | MOVES},
    {"GET", "/dash/connections", "/dash/connections?app=demo&status=ACTIVE&older=1.ca_x", 0, 0,
     TEXT | SESSION},
    {"GET", "/dash/connections", "/dash/connections", 0, 0, TEXT | SESSION},
    {"GET", "/dash/connections.csv", "/dash/connections.csv?entity=user_1", 0, 0, TEXT | SESSION},
    {"GET", "/dash/states", "/dash/states?ids={c}", 0, 0, SESSION},
    {"GET", "/dash/find", "/dash/find?q=demo", 0, 0, TEXT | SESSION},
    {"GET", "/dash/connections/{id}", "/dash/connections/{c}", 0, 0, TEXT | SESSION},
    {"POST", "/dash/connections/{id}/check", "/dash/connections/{c}/check", FORM, "csrf={g}",
     TEXT | SESSION | VENDOR},
    {"POST", "/dash/connections/{id}/replace", "/dash/connections/{c}/replace", FORM "\nHost: 127.0.0.1",
     "csrf={g}", TEXT | SESSION | MAKES | MOVES},
    {"POST", "/dash/connections/{id}/disable", "/dash/connections/{c}/disable", FORM, "csrf={g}",
     TEXT | SESSION},
    {"POST", "/dash/connections/{id}/enable", "/dash/connections/{c}/enable", FORM, "csrf={g}",
     TEXT | SESSION},
    {"GET", "/dash/connections/{id}/delete", "/dash/connections/{c}/delete", 0, 0, TEXT | SESSION},
    {"POST", "/dash/connections/{id}/delete", "/dash/connections/{c}/delete", FORM, "csrf={g}",
     TEXT | SESSION | SPENDS},
    {"GET", "/dash/links", "/dash/links", 0, 0, TEXT | SESSION | LINK},
    {"GET", "/dash/links/new", "/dash/links/new?entity=x", 0, 0, TEXT | SESSION},
    {"POST", "/dash/links/new", "/dash/links/new", FORM "\nHost: 127.0.0.1",
     "csrf={g}&integration={i}&entity=user_5&life=5&origins=https%3A%2F%2Fa.example&language=de",
     TEXT | SESSION | MAKES | MOVES},
    {"POST", "/dash/links/{id}/revoke", "/dash/links/{l}/revoke", FORM, "csrf={g}",
     TEXT | SESSION | SPENDS | LINK},
    {"GET", "/dash/keys", "/dash/keys", 0, 0, TEXT | SESSION | MOVES},
    {"GET", "/dash/keys/new", "/dash/keys/new", 0, 0, TEXT | SESSION},
    {"POST", "/dash/keys/new", "/dash/keys/new", FORM,
     "csrf={g}&name=trial&read=on&apps=demo&entities=ada%0D%0Ateam_a%3A*&expires_in_s=3",
     TEXT | SESSION | MAKES | WAITS | MOVES},
    {"GET", "/dash/keys/{id}/revoke", "/dash/keys/{k}/revoke", 0, 0, TEXT | SESSION},
    {"POST", "/dash/keys/{id}/unfreeze", "/dash/keys/{k}/unfreeze", FORM, "csrf={g}", TEXT | SESSION | WAITS},
    {"POST", "/dash/keys/{id}/revoke", "/dash/keys/{k}/revoke", FORM, "csrf={g}",
     TEXT | SESSION | SPENDS | WAITS},
    {"GET", "/dash/settings", "/dash/settings", 0, 0, TEXT | SESSION | MOVES},
    {"POST", "/dash/settings/project", "/dash/settings/project", FORM,
     "csrf={g}&verify=default&allowed_origins=https%3A%2F%2Fa.example&return_origins=", TEXT | SESSION},
    {"POST", "/dash/settings/end-sessions", "/dash/settings/end-sessions", FORM, "csrf={g}&end-sessions=one",
     TEXT | SESSION},
    {"POST", "/dash/settings/revoke-keys", "/dash/settings/revoke-keys", FORM, "csrf={g}&revoke-keys=one",
     TEXT | SESSION | MAKES},
    {"POST", "/dash/settings/disable-integrations", "/dash/settings/disable-integrations", FORM,
     "csrf={g}&disable-integrations=one", TEXT | SESSION | SPENDS},
    {"GET", "/dash/settings/look", "/dash/settings/look", 0, 0, TEXT | SESSION},
    {"POST", "/dash/settings/look", "/dash/settings/look", FORM,
     "csrf={g}&light.accent=%23006b5f&radius=4px&language=de&keep=on&logo=iVBORw0KGgoA", TEXT | SESSION},
    {"POST", "/dash/settings/look", "/dash/settings/look", FORM, "csrf={g}&keep=on", TEXT | SESSION},
    {"GET", "/dash/preview", "/dash/preview", 0, 0, TEXT | SESSION},
    {"POST", "/dash/settings/look/reset", "/dash/settings/look/reset", FORM, "csrf={g}", TEXT | SESSION},
    {"GET", "/dash/integrations", "/dash/integrations?app=demo&q=x&newer=1.ac_x", 0, 0, TEXT | SESSION},
    {"GET", "/dash/integrations", "/dash/integrations", 0, 0, TEXT | SESSION},
    {"GET", "/dash/integrations/{id}", "/dash/integrations/{i}", 0, 0, TEXT | SESSION},
    {"POST", "/dash/integrations/{id}/disable", "/dash/integrations/{i}/disable", FORM, "csrf={g}",
     TEXT | SESSION},
    {"POST", "/dash/integrations/{id}/enable", "/dash/integrations/{i}/enable", FORM, "csrf={g}",
     TEXT | SESSION},
    {"POST", "/dash/integrations/{id}/settings", "/dash/integrations/{i}/settings", FORM,
     "csrf={g}&verify=on&ambiguous=refuse&allowed_actions=DEMO_ECHO&allowed_requests=GET%20/v1/*",
     TEXT | SESSION},
    {"POST", "/dash/integrations/{id}/settings", "/dash/integrations/{i}/settings", FORM,
     "csrf={g}&verify=default&ambiguous=default&allowed_actions=&allowed_requests=", TEXT | SESSION},
    {"POST", "/dash/integrations/{id}/budget", "/dash/integrations/{i}/budget", FORM,
     "csrf={g}&calls.day=100000&each_connection.hour=90000", TEXT | SESSION},
    {"GET", "/dash/integrations/{id}/delete", "/dash/integrations/{i}/delete", 0, 0, TEXT | SESSION},
    {"POST", "/dash/integrations/{id}/delete", "/dash/integrations/{i}/delete", FORM, "csrf={g}&name=demo",
     TEXT | SESSION | SPENDS},
    {"GET", "/dash/apps", "/dash/apps?q=demo&page=1", 0, 0, TEXT | SESSION},
    {"GET", "/dash/apps", "/dash/apps?own=yes", 0, 0, TEXT | SESSION | OWN_APP},
    {"GET", "/dash/apps/{app}", "/dash/apps/demo?q=read", 0, 0, TEXT | SESSION},
    {"GET", "/dash/apps/{app}/integration", "/dash/apps/demo/integration?scheme=API_KEY", 0, 0,
     TEXT | SESSION},
    {"POST", "/dash/apps/{app}/integration", "/dash/apps/demo/integration", FORM,
     "csrf={g}&scheme=API_KEY&name=mine&f.api_key=demo_x", TEXT | SESSION | MAKES | MOVES},
    {"POST", "/dash/project", "/dash/project", FORM, "csrf={g}&project={y}", TEXT | SESSION},
    {"PUT", "/ks/theme", "/ks/theme", 0,
     "{\"light\":{\"accent\":\"#006b5f\"},\"radius\":\"4px\",\"logo\":\"iVBORw0KGgoA\",\"language\":\"de\"}",
     MOVES},
    {"PUT", "/ks/settings", "/ks/settings", 0,
     "{\"verify\":\"on\",\"allowed_origins\":[\"https://a.example\"],\"return_origins\":[\"https://"
     "a.example\"]}",
     MOVES},
    {"GET", "/ks/settings", "/ks/settings", 0, 0, 0},
    {"GET", "/ks/theme", "/ks/theme", 0, 0, 0},
    {"DELETE", "/ks/theme", "/ks/theme", 0, 0, 0},
    {"POST", "/v3/tools/execute/proxy", "/v3/tools/execute/proxy", 0,
     "{\"connected_account_id\":\"{c}\",\"endpoint\":\"/v1/echo\",\"method\":\"POST\",\"binary_body\":{"
     "\"base64\":\"eyJhIjoxfQ==\",\"content_type\":\"application/json\"}}",
     VENDOR},
    /* native */
    {"GET", "/ks/apps", "/ks/apps", 0, 0, 0},
    {"GET", "/ks/apps", "/ks/apps?own=true", 0, 0, OWN_APP},
    {"POST", "/ks/apps", "/ks/apps?replace=true", "Content-Type: application/yaml", APP_FILE("tidal"), MAKES},
    {"GET", "/ks/apps/{app}", "/ks/apps/spare", 0, 0, OWN_APP},
    {"GET", "/ks/apps/{app}/file", "/ks/apps/spare/file", 0, 0, OWN_APP | TEXT},
    {"DELETE", "/ks/apps/{app}", "/ks/apps/spare", 0, 0, OWN_APP | SPENDS},
    {"GET", "/ks/apps/{app}", "/ks/apps/github", 0, 0, 0},
    {"GET", "/ks/apps/{app}/fields", "/ks/apps/demo/fields?scheme=api_key", 0, 0, 0},
    {"POST", "/ks/apps/import", "/ks/apps/import?name=trial", "Content-Type: application/yaml", DOCUMENT,
     MAKES},
    {"GET", "/ks/audit", "/ks/audit?limit=3&before=9", 0, 0, 0},
    {"GET", "/ks/audit/head", "/ks/audit/head", 0, 0, 0},
    {"GET", "/ks/calls", "/ks/calls?limit=2&app=demo", 0, 0, 0},
    /* administration */
    {"GET", "/ks/admin/audit/verify", "/ks/admin/audit/verify", 0, 0, LOCAL},
    {"POST", "/ks/admin/keys", "/ks/admin/keys", 0,
     "{\"project\":\"one\",\"name\":\"trial\",\"scopes\":[\"read\"]}", LOCAL | MAKES | WAITS},
    {"POST", "/ks/admin/keys", "/ks/admin/keys", 0,
     "{\"project\":\"trial\",\"name\":\"trial\",\"expires_in_s\":60}", LOCAL | MAKES | WAITS},
    {"GET", "/ks/admin/keys", "/ks/admin/keys?project=one", 0, 0, LOCAL},
    {"DELETE", "/ks/admin/keys/{id}", "/ks/admin/keys/{k}", 0, 0, LOCAL | SPENDS | WAITS},
    {"POST", "/ks/admin/keys", "/ks/admin/keys", 0,
     "{\"project\":\"one\",\"name\":\"trial\",\"read_only\":true,\"apps\":[\"demo\"],\"entities\":[\"user_"
     "1\",\"team:*\"]}",
     LOCAL | MAKES | WAITS},
    {"POST", "/ks/admin/keys/{id}/unfreeze", "/ks/admin/keys/{k}/unfreeze", 0, 0, LOCAL | WAITS},
    {"POST", "/ks/admin/connections/{id}/canary", "/ks/admin/connections/{c}/canary", 0, 0, LOCAL | WAITS},
    {"DELETE", "/ks/admin/connections/{id}/canary", "/ks/admin/connections/{c}/canary", 0, 0, LOCAL | WAITS},
    {"GET", "/ks/admin/canaries", "/ks/admin/canaries", 0, 0, LOCAL},
    {"GET", "/ks/admin/projects", "/ks/admin/projects", 0, 0, LOCAL},
    /* ghosts */
    {"GET", "/{rest...}", "/v1/me", "ks-ghost: demo.API_KEY\nAuthorization: Bearer demo_1", 0, GHOST},
    {"POST", "/{rest...}", "/v1/echo", "ks-ghost: demo.API_KEY\nAuthorization: Bearer demo_1", "{\"a\":1}",
     GHOST},
    {"PUT", "/{rest...}", "/v1/echo", "ks-ghost: demo.API_KEY\nAuthorization: Bearer demo_1", "{\"a\":1}",
     GHOST},
    {"PATCH", "/{rest...}", "/v1/echo", "ks-ghost: demo.API_KEY\nAuthorization: Bearer demo_1", "x=1&y=2",
     GHOST},
    {"DELETE", "/{rest...}", "/v1/echo?a=b", "ks-ghost: demo.API_KEY\nAuthorization: Bearer demo_1", 0,
     GHOST},
    {"HEAD", "/{rest...}", "/v1/me", "ks-ghost: demo.API_KEY\nAuthorization: Bearer demo_1", 0, GHOST},
};
const size_t trials_n = sizeof trials / sizeof trials[0];
