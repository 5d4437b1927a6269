/* cli/commands.c — the table of commands. Help, man page and completion are made from it; to add a command,
 * add a row and its function. No code beside the table. */
#include "cli/cli.h"

#define SERVER (KS_USES_SERVER | KS_USES_JSON)

static const ks_flag key_create_flags[] = {
    {"project", "NAME", "Project the key speaks for; made when it is new."},
    {"name", "NAME", "What the key is for, shown in lists."},
    {"scopes", "LIST",
     "What it may do: read, connect, act, dashboard, with commas. Default: the first three."},
    {"expires", "DAYS", "Days until it ends. Default: never."},
    {"apps", "LIST", "Only these apps, by key, with commas. Default: all."},
    {"entity", "ID", "Only this entity; ID* is all that begin so. May be given several times. Default: all."},
    {"read-only", NULL,
     "Acts only with what reads (GET, HEAD, actions tagged read), and changes nothing here."},
    {0},
};
static const ks_flag dash_flags[] = {
    {"project", "NAME", "Project to look at first. Default: the only one, or `default`."},
    {"url", "URL",
     "Address of the server for the browser. Default: its public address, $KEYSTEWARD_URL, "
     "http://127.0.0.1:9899."},
    {0},
};
static const ks_flag key_list_flags[] = {{"project", "NAME", "Keys of this project only."}, {0}};
static const ks_flag app_list_flags[] = {
    {"search", "TEXT", "Apps whose key, name or description holds this."},
    {"own", NULL, "Only the project's own apps, with their versions."},
    {0}};
static const ks_flag app_add_flags[] = {
    {"replace", NULL, "Use it instead of the catalogue's app of the same key, in this project."},
    {"force", NULL, "Delete the connections and integrations that cannot go on with it."},
    {0}};
static const ks_flag app_remove_flags[] = {
    {"force", NULL, "Delete the connections and integrations that use it, too."}, {0}};
static const ks_flag app_import_flags[] = {
    {"name", "KEY", "Key of the app. Default: made of the document's title."},
    {"base", "URL", "Where the API is, instead of the document's servers."},
    {"auth", "WAY",
     "How the credential is sent, instead of what the document says: bearer, basic, none, header:NAME "
     "or query:NAME."},
    {"only", "WHAT",
     "Only operations with this tag, or whose path begins with this when it begins with '/'."},
    {"deprecated", NULL, "Deprecated operations, too."},
    {"add", NULL, "Add the app to the project instead of printing its file."},
    {"replace", NULL, "With --add: also instead of the catalogue's app of the same key."},
    {"dry-run", NULL, "Only tell what would come."},
    {0},
};
static const ks_flag scheme_flags[] = {{"scheme", "SCHEME", "One of the app's schemes. Default: its first."},
                                       {0}};
static const ks_flag integration_create_flags[] = {
    {"scheme", "SCHEME", "One of the app's schemes. Default: its first."},
    {"name", "NAME", "Name of the integration."},
    {0},
};
static const ks_flag integration_set_flags[] = {
    {"verify", "MODE",
     "Check keys with the vendor when a user connects: on, off, required (an answer is needed), or default "
     "(the "
     "project's, else the server's)."},
    {"ambiguous", "MODE",
     "A user has several connections and none is named: newest, refuse, or default (the server's)."},
    {"allow", "REQUEST",
     "Allow only such requests of one's own: a method and a path, * for a segment, e.g. \"GET "
     "/v1/customers/*\". May "
     "be given several times; `none` allows none, `all` takes the list away."},
    {0},
};
#define BUDGET_FLAGS                                                                                         \
    {"minute", "N", "Calls in a minute; 0: any number."}, {"hour", "N", "Calls in an hour."},                \
    {                                                                                                        \
        "day", "N", "Calls in a day."                                                                        \
    }
static const ks_flag budget_set_flags[] = {BUDGET_FLAGS, {0}};
static const ks_flag integration_budget_flags[] = {
    BUDGET_FLAGS,
    {"each", NULL, "Of each connection, not of all together."},
    {0},
};
static const ks_flag connect_flags[] = {
    {"entity", "ID", "Your name for the end user. Default: default."},
    {"integration", "ID", "Use this integration. Default: the app's newest, or a new one."},
    {"scheme", "SCHEME", "One of the app's schemes. Default: its first."},
    {"label", "TEXT", "Label of the connection; may be repeated."},
    {0},
};
static const ks_flag connection_list_flags[] = {
    {"entity", "ID", "Connections of this end user only."},
    {"app", "APP", "Connections to this app only."},
    {"status", "STATUS", "ACTIVE, INITIATED, FAILED or EXPIRED."},
    {0},
};
static const ks_flag link_create_flags[] = {
    {"entity", "ID", "Your name for the end user. Default: default."},
    {"integration", "ID", "Use this integration instead of the app's newest, or a new one."},
    {"scheme", "SCHEME", "One of the app's schemes. Default: its first."},
    {"connection", "ID", "Ask for a new credential of this connection; the id stays."},
    {"return", "URL", "Where the person goes afterwards."},
    {"life", "MINUTES", "How long it can be used, up to 1440. Default: 15."},
    {"lang", "CODE", "Language of the page. Default: as the browser asks."},
    {"origin", "URL", "A site that may show the form in a frame; several separated by commas."},
    {0},
};
static const ks_flag settings_set_flags[] = {
    {"verify", "MODE",
     "Whether keys are checked when a user connects: on, off, required, or default (the server's)."},
    {"origin", "URL",
     "Site that may show new links in a frame. May be given several times; `none` takes all away."},
    {"return-origin", "URL",
     "Site that return URLs of new links may lead to, and no other. May be given several times; `any` allows "
     "all."},
    {0},
};
static const ks_flag theme_set_flags[] = {
    {"logo", "FILE", "A PNG or WebP picture of at most 64 kB."},
    {0},
};
static const ks_flag action_list_flags[] = {
    {"app", "APP", "Actions of this app only."},
    {"tag", "TAG", "Actions with this tag only, e.g. important or read."},
    {0},
};
static const ks_flag action_search_flags[] = {
    {"app", "APP", "Search this app only."},
    {"limit", "N", "At most so many. Default: 10."},
    {0},
};
static const ks_flag act_flags[] = {
    {"entity", "ID", "The end user to act for. Default: default."},
    {"connection", "ID", "Use this connection. Default: the user's newest active one of the app."},
    {"input", "JSON", "Arguments: a JSON object, @FILE, or - for standard input. Default: {}."},
    {0},
};
static const ks_flag call_flags[] = {
    {"entity", "ID", "The end user to call for, when an app is named. Default: default."},
    {"connection", "ID", "Use this connection of the app."},
    {"request", "METHOD", "GET, POST, PUT, PATCH, DELETE or HEAD. Default: what the body asks for."},
    {"data", "TEXT", "A piece of a form: text, @FILE or - for standard input; several are joined by &."},
    {"data-raw", "TEXT", "The same, but text even if it begins with @."},
    {"data-binary", "TEXT", "The same, but @FILE goes as it is, of any size."},
    {"data-urlencode", "TEXT", "The same, percent-encoded: TEXT, NAME=TEXT, @FILE or NAME@FILE."},
    {"json", "TEXT", "A JSON body: text, @FILE or -."},
    {"form", "NAME=VALUE", "A part of a multipart form: text, @FILE (;type=T;filename=N) or <FILE."},
    {"upload-file", "FILE", "PUT this file, or - for standard input."},
    {"get", NULL, "Put the pieces of -d into the query."},
    {"header", "NAME: VALUE", "One more header. The credential's are the connection's, and refused here."},
    {"range", "RANGE", "Only these bytes, as 0-499."},
    {"continue-at", "OFFSET",
     "Go on with a download: an offset in bytes, or - for the size of the file of -o."},
    {"output", "FILE", "Write the answer's body to this file."},
    {"include", NULL, "Print the head of the answer, too."},
    {"head", NULL, "HEAD: print only the head of the answer."},
    {"fail", NULL, "Print no body of an answer of 400 and more."},
    {"silent", NULL, "No progress, and no words about the status."},
    {"verbose", NULL, "Show request and head of the answer on standard error; no secret is in them."},
    {"user", "NAME", "Refused: the connection brings its own credential."},
    {0},
};
static const ks_flag query_flags[] = {
    {"param", "VALUE", "A value for a placeholder, as text; several in their order."},
    {"params", "JSON", "The same as a JSON list: numbers, booleans, null and lists, too."},
    {"max-rows", "N", "No more rows than that."},
    {"seconds", "N", "The longest time; at most the server's --statement-seconds."},
    {"csv", NULL, "Print CSV."},
    {"json", NULL, "Print lines of JSON: columns, rows, how it ended."},
    {0},
};
const ks_letter      ks_letters[] = {{'X', "request"}, {'d', "data"},    {'F', "form"},  {'T', "upload-file"},
                                     {'G', "get"},     {'H', "header"},  {'r', "range"}, {'C', "continue-at"},
                                     {'o', "output"},  {'i', "include"}, {'I', "head"},  {'f', "fail"},
                                     {'s', "silent"},  {'v', "verbose"}, {'u', "user"},  {'p', "param"},
                                     {0, NULL}};
static const ks_flag audit_list_flags[] = {
    {"before", "SEQ", "Records before this one."},
    {"limit", "N", "At most so many. Default: 100."},
    {0},
};
static const ks_flag calls_flags[] = {
    {"entity", "ID", "Calls for this end user only."},
    {"app", "APP", "Calls of this app only."},
    {"connection", "ID", "Calls with this connection only."},
    {"failed", NULL, "Only calls that failed."},
    {"before", "ID", "Calls before this one."},
    {"limit", "N", "At most so many. Default: 100."},
    {0},
};
static const ks_flag env_flags[] = {
    {"sdk", "LINE",
     "python-old, ts-old (composio-core), python (composio) or ts (@composio/core). Default: all at once."},
    {"shell", "SHELL", "sh (default) or fish."},
    {"url", "URL", "Address of the server."},
    {0}};

const ks_command ks_commands[] = {
    {"serve", "", "Run the server.",
     "Makes the data folder and the root key at the first start. Every option can also be given in the "
     "environment "
     "or in a file; a flag wins over the environment, the environment over the file.",
     NULL, KS_USES_RAW, 0, -1, ks_cmd_serve},
    {"dash", "", "Print an address that signs a browser in to the dashboard, once.",
     "For whoever may read the data folder of the running server. An API key with the right `dashboard` "
     "signs in "
     "at /dash/login by itself.",
     dash_flags, KS_USES_DATA | KS_USES_JSON, 0, 0, ks_cmd_dash},
    {"key create", "", "Make an API key; prints it, this once.",
     "Works whether or not the server runs, for whoever may read the data folder.", key_create_flags,
     KS_USES_DATA | KS_USES_JSON, 0, 0, ks_cmd_key_create},
    {"key list", "", "List API keys; never the keys themselves.", NULL, key_list_flags,
     KS_USES_DATA | KS_USES_JSON, 0, 0, ks_cmd_key_list},
    {"key unfreeze", "KEY_ID", "Let a key work again that was frozen, because it used a canary.", NULL, NULL,
     KS_USES_DATA | KS_USES_JSON, 1, 1, ks_cmd_key_unfreeze},
    {"key revoke", "KEY_ID", "End an API key at once.", NULL, NULL, KS_USES_DATA | KS_USES_JSON, 1, 1,
     ks_cmd_key_revoke},
    {"canary set", "CONNECTION_ID",
     "Raise an alarm when this connection is used, and freeze the key that does.",
     "Nobody has a reason to use a canary: who does has found a key. It looks like all others to API keys. "
     "Works "
     "whether or not the server runs, for whoever may read the data folder.",
     NULL, KS_USES_DATA | KS_USES_JSON, 1, 1, ks_cmd_canary_set},
    {"canary clear", "CONNECTION_ID", "Make it a connection like all others.", NULL, NULL,
     KS_USES_DATA | KS_USES_JSON, 1, 1, ks_cmd_canary_clear},
    {"canary list", "", "List canaries of all projects.", NULL, NULL, KS_USES_DATA | KS_USES_JSON, 0, 0,
     ks_cmd_canary_list},
    {"budget show", "PROJECT", "Show the most calls a project may make, and what it has made.",
     "Works whether or not the server runs, for whoever may read the data folder; only a running one has "
     "counted.",
     NULL, KS_USES_DATA | KS_USES_JSON, 1, 1, ks_cmd_budget_show},
    {"budget set", "PROJECT", "Limit the calls of a project. What is not named has no limit.",
     "Works whether or not the server runs. An integration has a budget of its own: integration budget.",
     budget_set_flags, KS_USES_DATA | KS_USES_JSON, 1, 1, ks_cmd_budget_set},
    {"budget clear", "PROJECT", "Let a project make any number of calls.", NULL, NULL,
     KS_USES_DATA | KS_USES_JSON, 1, 1, ks_cmd_budget_clear},
    {"app list", "", "List the apps of the catalogue.", NULL, app_list_flags, SERVER, 0, 0, ks_cmd_app_list},
    {"app show", "APP", "Show an app: its schemes and what they ask for.", NULL, NULL, SERVER, 1, 1,
     ks_cmd_app_show},
    {"app fields", "APP", "List the fields an app asks for.", NULL, scheme_flags, SERVER, 1, 1,
     ks_cmd_app_fields},
    {"app add", "FILE", "Add an app of your own to the project, or its next version, while the server runs.",
     "FILE is an app file, or - for standard input. Faults are told with their lines, as app lint does.",
     app_add_flags, SERVER, 1, 1, ks_cmd_app_add},
    {"app remove", "APP", "Remove an app of the project's own.", NULL, app_remove_flags, SERVER, 1, 1,
     ks_cmd_app_remove},
    {"app lint", "FILE...", "Check app files; needs no server.", NULL, NULL, 0, 1, -1, ks_cmd_app_lint},
    {"app import", "FILE|URL", "Make an app file of an OpenAPI document, or add it right away.",
     "The document is OpenAPI 3.0 or 3.1 or Swagger 2.0, in JSON or YAML; - is standard input. The app file "
     "goes to "
     "standard output, what was left out of the document to standard error. A FILE needs no server; a URL is "
     "fetched by "
     "it.",
     app_import_flags, SERVER, 1, 1, ks_cmd_app_import},
    {"app stats", "", "Count what the built-in catalogue holds; needs no server.", NULL, NULL, KS_USES_JSON,
     0, 0, ks_cmd_app_stats},
    {"recognise", "", "Name the likely apps of a pasted key by its looks; needs no server.",
     "The key is asked for and not shown, or read from standard input. Nothing of it is kept, sent or "
     "printed.",
     NULL, KS_USES_JSON, 0, 0, ks_cmd_recognise},
    {"integration list", "", "List integrations.", NULL, NULL, SERVER, 0, 0, ks_cmd_integration_list},
    {"integration create", "APP [FIELD=VALUE...]", "Set up an app for your users.",
     "Fields are those the app asks of the developer. VALUE is @FILE, or - for standard input, or text where "
     "the "
     "field is no secret.",
     integration_create_flags, SERVER | KS_USES_INPUT, 1, -1, ks_cmd_integration_create},
    {"integration show", "ID", "Show an integration.", NULL, NULL, SERVER, 1, 1, ks_cmd_integration_show},
    {"integration set", "ID", "Change a setting of an integration.", NULL, integration_set_flags, SERVER, 1,
     1, ks_cmd_integration_set},
    {"integration budget", "ID",
     "Show or limit the calls of an integration. What is not named has no limit; without --minute, --hour "
     "and "
     "--day nothing is changed.",
     NULL, integration_budget_flags, SERVER, 1, 1, ks_cmd_integration_budget},
    {"integration delete", "ID", "Delete an integration and its connections.", NULL, NULL,
     SERVER | KS_USES_YES, 1, 1, ks_cmd_integration_delete},
    {"connect", "APP [FIELD=VALUE...]",
     "Connect an end user to an app: check the credential and keep it sealed.",
     "VALUE is @FILE, or - for standard input, or text where the field is no secret. Missing fields are "
     "asked for; "
     "secrets are not shown while typed. A secret as a plain word is refused, because other users of the "
     "machine "
     "can read command lines; only the demo app takes it.",
     connect_flags, SERVER | KS_USES_INPUT, 1, -1, ks_cmd_connect},
    {"connection list", "", "List connections.", NULL, connection_list_flags, SERVER, 0, 0,
     ks_cmd_connection_list},
    {"connection show", "ID", "Show a connection; its secrets masked.", NULL, NULL, SERVER, 1, 1,
     ks_cmd_connection_show},
    {"connection enable", "ID", "Let a connection be used again.", NULL, NULL, SERVER, 1, 1,
     ks_cmd_connection_enable},
    {"connection disable", "ID", "Keep a connection, but let nobody use it.", NULL, NULL, SERVER, 1, 1,
     ks_cmd_connection_disable},
    {"connection delete", "ID", "Delete a connection; its credential is erased at once.", NULL, NULL,
     SERVER | KS_USES_YES, 1, 1, ks_cmd_connection_delete},
    {"connection verify", "ID", "Ask the vendor whether the credential still works.", NULL, NULL, SERVER, 1,
     1, ks_cmd_connection_verify},
    {"connection replace", "ID [FIELD=VALUE...]", "Give a connection a new credential; the id stays.",
     "VALUE as for connect. The new credential is checked before it takes the old one's place.", NULL,
     SERVER | KS_USES_INPUT, 1, -1, ks_cmd_connection_replace},
    {"link create", "[APP]", "Make a one-time link; prints its address, this once.",
     "Whoever opens it types the credential into a page of the server, which checks and stores it: the key "
     "passes through no chat and no mail. Needs an app, an integration, or a connection to renew.",
     link_create_flags, SERVER, 0, 1, ks_cmd_link_create},
    {"link list", "", "List links and what became of them; never their addresses.", NULL, NULL, SERVER, 0, 0,
     ks_cmd_link_list},
    {"link revoke", "ID", "End a link that was not used yet.", NULL, NULL, SERVER, 1, 1, ks_cmd_link_revoke},
    {"theme show", "", "Show what the project's connect pages look like.", NULL, NULL, SERVER, 0, 0,
     ks_cmd_theme_show},
    {"theme set", "FILE", "Set colours, lengths, font, language and logo of the connect pages.",
     "FILE is JSON as for PUT /ks/theme (docs/pages.md), - is standard input. Text that cannot be read "
     "against "
     "its ground is refused with the ratio it has.",
     theme_set_flags, SERVER, 1, 1, ks_cmd_theme_set},
    {"theme reset", "", "Back to the built-in look.", NULL, NULL, SERVER, 0, 0, ks_cmd_theme_reset},
    {"settings show", "", "Show what the project has decided for what it makes.", NULL, NULL, SERVER, 0, 0,
     ks_cmd_settings_show},
    {"settings set", "", "Set what the project decides for what it makes; what is not named stays.", NULL,
     settings_set_flags, SERVER, 0, 0, ks_cmd_settings_set},
    {"action list", "", "List actions.", NULL, action_list_flags, SERVER, 0, 0, ks_cmd_action_list},
    {"action show", "NAME", "Show an action and its parameters.", NULL, NULL, SERVER, 1, 1,
     ks_cmd_action_show},
    {"action search", "TEXT...", "Find actions by what they do.", NULL, action_search_flags, SERVER, 1, -1,
     ks_cmd_action_search},
    {"action run", "NAME", "Execute an action with an end user's connection; prints its data.", NULL,
     act_flags, SERVER, 1, 1, ks_cmd_action_run},
    {"call", "APP|CONNECTION [METHOD] PATH",
     "Send a request of your own with a connection; prints the answer's body as it comes.",
     "Used like curl, but the credential is the connection's. PATH is below the app's base address and "
     "begins "
     "with /. For an app, the user's connection is chosen as for actions. An answer of 404 is exit code 4, "
     "another of 400 and more is 1; 502 and 504 are 6.",
     call_flags, KS_USES_SERVER | KS_USES_LETTERS, 2, 3, ks_cmd_call},
    {"query", "CONNECTION SQL",
     "Run one SQL statement with a connection to a database; prints its rows as they come.",
     "SQL is the statement, @FILE, or - for standard input. Values belong into -p, for $1, $2 (PostgreSQL) "
     "or ? "
     "(MySQL). What the database refuses is exit code 1; one that cannot be reached or takes too long is 6.",
     query_flags, KS_USES_SERVER | KS_USES_LETTERS, 2, 2, ks_cmd_query},
    {"explain", "NAME", "Show the request an action would send, with every secret masked.", NULL, act_flags,
     SERVER, 1, 1, ks_cmd_explain},
    {"calls", "", "List the latest calls and what became of them, newest first.", NULL, calls_flags, SERVER,
     0, 0, ks_cmd_calls},
    {"audit list", "", "List the project's audit records, newest first.", NULL, audit_list_flags, SERVER, 0,
     0, ks_cmd_audit_list},
    {"audit verify", "", "Check the whole audit chain for changed, dropped or cut records.", NULL, NULL,
     KS_USES_DATA | KS_USES_JSON, 0, 0, ks_cmd_audit_verify},
    {"env", "", "Print the lines that point Composio's SDKs at this server.",
     "Their telemetry is switched off where they allow it. The key is taken from KEYSTEWARD_API_KEY when the "
     "lines "
     "are run; it is not printed.",
     env_flags, 0, 0, 0, ks_cmd_env},
    {"doctor", "", "Check server, key, data folder and limits, with remedies.", NULL, NULL,
     SERVER | KS_USES_DATA, 0, 0, ks_cmd_doctor},
    {"version", "", "Print the versions of the program and its libraries.", NULL, NULL, KS_USES_JSON, 0, 0,
     ks_cmd_version},
    {"help", "[COMMAND...]", "Show this list, or a command's help.", NULL, NULL, 0, 0, 2, ks_cmd_help},
    {"completion", "SHELL", "Print completion for bash or zsh.", NULL, NULL, 0, 1, 1, ks_cmd_completion},
    {"man", "", "Print the man page (roff).", NULL, NULL, 0, 0, 0, ks_cmd_man},
    {0},
};
