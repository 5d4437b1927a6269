"""docs/openapi/3_native.py: /ks and what needs no key. Read by tools/openapi.py. Promises: docs/api.md, "Native API"."""

ERROR = schema("Error", obj({"error": obj({
    "code": text("A stable word.", "invalid_request"), "message": text("What is wrong and what to do. Never a value that was sent."),
    "field?": text("The first field that is wrong.", "action"), "details": many(obj({"field": text(), "reason": text()})), "request_id": text()})}))

KS = Line("", "", ERROR, {401, 403, 429, 503}, {400, 408, 413, 415}, {})

# ---- what needs no key ----

KS.tag("health", "Is it alive, is it ready, how busy is it. No key, no details.")
KS.op("GET", "/health", "health", "The process is alive", "Always 200.", obj({"status": always("ok")}))
KS.op("GET", "/ready", "ready", "The server can work", "Root key loaded, store and audit writable, not stopping.", obj({"status": always("ready")}))
paths["/ready"]["get"]["responses"]["503"] = {"description": "It cannot.", "headers": X_REQUEST_ID,
                                              "content": {"application/json": {"schema": obj({"status": always("not_ready")})}}}
KS.op("GET", "/version", "version", "Versions", "Of the program and of the libraries it runs with.",
      obj({"name": always("keysteward"), "version": text(None, "0.1.0"), "libraries": mapping(text())}))
KS.op("GET", "/metrics", "metrics", "Counters", "In the Prometheus text format.", text(), kind="text/plain")
KS.op("GET", "/openapi.json", "openapi", "This document", "With an ETag; gzip when it is accepted.", of("object", additionalProperties=True),
      [header("If-None-Match", text(), "The ETag of a copy one has.")])
paths["/openapi.json"]["get"]["responses"]["304"] = {"description": "The copy is up to date.", "headers": X_REQUEST_ID}

# ---- apps ----

KS.tag("apps", "The catalogue as it is.")
FIELD = schema("Field", obj({
    "name": text("The name to send the value under.", "api_key"), "label": text(None, "API key"), "help": text(), "example?": text(),
    "kind": word("text", "utf8", "blob", "label", "url", "host", "choice"), "secret": flag("To be typed into a hidden field."),
    "required": flag("Must be given; false when there is a default."), "to_act": flag("Needed to act, not to connect."),
    "developer": flag("Asked of the developer, once."), "default?": text(), "pattern?": text("A regular expression that valid values match."),
    "prefix?": text("Put before what a person types."), "suffix?": text("Put behind it."), "values?": many(text(), "The choices."),
    "aliases?": many(text(), "Other names it is taken under.")}))
FIND = of(["object", "null"], "Where a person finds the key.", properties={"url": text(), "steps": many(text())}, required=["url", "steps"])
SUMMARY = {
    "key": text(None, "stripe"), "id": text(None, "app_stripe"), "name": text(None, "Stripe"), "about": maybe(text()), "categories": many(text()),
    "aliases": many(text()), "home": maybe(text()), "docs": maybe(text()), "no_auth": flag(), "available": flag("False: this version can make calls with none of its schemes."), "ghost_only": flag("There is no real vendor."),
    "actions_count": number()}
APP_PATH = [{"name": "app", "in": "path", "schema": text(minLength=1), "example": "stripe"}]
OWN = schema("OwnApp", obj({"version": number("+1 with each file.", minimum=1), "created_at": time(), "updated_at": time(),
                            "replaces": flag("The catalogue has an app of this key, too.")}, "The app is the project's own."))
SUMMARY["own?"] = OWN
KS.op("GET", "/ks/apps", "apps.list", "Apps in short", "All of them, the project's own included.",
      obj({"items": many(obj({**SUMMARY, "schemes": many(ref("Scheme"))}))}),
      [query("own", text(), "true: only the project's own.")], scope="read")
MADE = schema("OwnAppMade", obj({"key": text(None, "acme"), "version": number(minimum=1), "created_at": time(), "updated_at": time(), "replaces": flag(),
                                 "connections": number("Of the project, that used the app."), "integrations": number(), "deleted": flag("They were deleted.")}))
FORCE = query("force", text(), "true: connections and integrations that cannot go on are deleted.")
KS.op("POST", "/ks/apps", "apps.add", "Add an app of the project's own",
      "The text of an app file, as a member or as the whole body (application/yaml; then `replace` and `force` stand in the query). The next text with the same "
      "key is the app's next version: 200 instead of 201. Faults name their line.", MADE,
      [query("replace", text(), "`true`: it may take the place of the catalogue's app of the same key, in this project."), FORCE],
      sends=body({"file": text("The app file, at most 512 KiB.", minLength=1), "replace?": flag(), "force?": flag()}),
      eg={"file": "app: acme\nname: Acme\nabout: Things.\ncategories: [tools]\nhome: https://acme.example\ndocs: none\nbase: https://api.acme.example\n"},
      errors={409}, scope="connect", status=201)
paths["/ks/apps"]["post"]["responses"]["200"] = {"description": "The next version.", "headers": X_REQUEST_ID,
                                                 "content": {"application/json": {"schema": MADE}}}
paths["/ks/apps"]["post"]["requestBody"]["content"]["application/yaml"] = {"schema": text("The app file.")}
KS.op("GET", "/ks/apps/{app}", "apps.get", "One app", "With schemes, fields and actions.", obj({
    **SUMMARY, "pages?": mapping(text(), "How lists are paged: type, names of parameters, pointers into the answer."),
    "schemes": many(obj({"scheme": ref("Scheme"), "fields": many(FIELD), "find": FIND, "base_url": maybe(text("May hold {{field}}.")),
                                    "hosts": many(text(), "Hosts it may be called at besides."),
                                    "check": word("trusted", "reports", "none", about="What a refusal of the vendor's check is worth."),
                                    "available": flag("False: values are stored, but this version can make no calls with them."), "unavailable_because?": text()})),
    "actions": many(obj({"name": text(None, "STRIPE_LIST_CUSTOMERS"), "title": text(), "about": text(), "tags": many(text()), "docs?": text(),
                         "parameters": ref("JsonSchema")}))}), APP_PATH, errors={404}, scope="read")
KS.op("GET", "/ks/apps/{app}/fields", "apps.fields", "What to ask a person for", "And where it is found.", obj({
    "app": text(), "scheme?": ref("Scheme"), "fields": many(FIELD), "find?": FIND}),
    [*APP_PATH, query("scheme", text(), "Absent: the app's first.")], errors={400, 404}, scope="read")

KS.op("GET", "/ks/apps/{app}/file", "apps.file", "The file of the project's own app", "As it was sent last.", of("object", "An app file, in YAML.", additionalProperties=True), APP_PATH, errors={404}, scope="read",
      kind="application/yaml")
KS.op("DELETE", "/ks/apps/{app}", "apps.remove", "Remove the project's own app", "Refused while something uses it, unless forced; then that is deleted, "
      "too.", obj({
          "status": always("removed"), "key": text(None, "acme"), "version": number(), "connections": number(), "integrations": number(),
          "deleted": flag("What used it was deleted."), "replaced": flag("The catalogue's app of this key is used again."), "note": text()}), [*APP_PATH, FORCE], errors={404, 409}, scope="connect")

KS.op("POST", "/ks/apps/import", "apps.import", "Make an app of an OpenAPI document",
      "OpenAPI 3.0 or 3.1 or Swagger 2.0, as the whole body (JSON or YAML, up to 8 MiB), or its address, which the server fetches without any credential. Faults name "
      "their line; what was left out is in `notes`. 201 for a new app, 200 for its next version and for a dry run.", obj({
          "key": text(None, "acme"), "name": text(None, "Acme API"), "version?": number(minimum=1), "added": flag("False: a dry run."), "schemes": number(),
          "operations": number("In the document."), "actions": number("In the app."),
          "notes": many(obj({"line?": number("Of the document."), "text": text()})), "more_notes": number("So many more were not told."),
          "file?": text("The app file, after a dry run.")}),
      [query("dry_run", flag(), "true: only show the app file."), query("name", text(), "Key of the app; absent: made of the title."),
       query("base", text(), "The address of the API, instead of the document's servers."),
       query("auth", text(), "How the credential is sent, instead of what the document says: bearer, basic, none, header:NAME, query:NAME."),
       query("only", text(), "Operations with this tag; or below this path, when it begins with '/'."),
       query("deprecated", flag(), "true: deprecated operations, too."), query("replace", flag(), "As for `POST /ks/apps`."), FORCE],
      sends=of("object", 'The document, or `{"url": "https://..."}`.', additionalProperties=True),
      eg={"openapi": "3.1.0", "info": {"title": "Harbour"}, "servers": [{"url": "https://api.harbour.example"}], "paths": {"/ships": {"get": {}}}},
      errors={409}, scope="connect")
paths["/ks/apps/import"]["post"]["responses"]["201"] = {**paths["/ks/apps/import"]["post"]["responses"]["200"], "description": "The app was added."}
paths["/ks/apps/import"]["post"]["requestBody"]["content"]["application/yaml"] = {"schema": text("The document.")}
KS.op("POST", "/ks/recognise", "recognise", "Of which app is this key?", "The likely apps of a pasted key by its looks, the likeliest first, and what is odd about it. "
      "Nothing of the key is kept, logged or answered.", obj({
          "guesses": many(obj({"app": text(None, "stripe"), "in_catalogue": flag(), "name?": text(None, "Stripe"), "what": text("Which kind of key of that app."),
                               "kind": text(), "certainty": word("likely", "possible"), "complete": flag("False: it looks cut off.")})),
          "warnings": many(obj({"code": word("publishable", "restricted", "test", "truncated", "quoted", "blanks", "prefixed", "characters"), "text": text()}))}),
      sends=obj({"key": text("What was pasted.", "sk_live_51...", minLength=1)}), eg={"key": "sk_test_51..."}, scope="read")

# ---- integrations ----

KS.tag("integrations", "Settings that the APIs of the SDKs have no words for.")
AMBIGUOUS = word("default", "newest", "refuse", about="Several connections of a user and none named: what the server was started with, the newest, or a 400.")
VERIFY = word("default", "on", "off", "required", about="Keys are checked with the vendor when a user connects: as the project or the server says, yes, no, and only if it answers.")
REQUESTS = many(text(None, "GET /v1/customers/*"), "The only requests of one's own: method and path, `*` for one segment, `**` at the end for all that follows.")
INTEGRATION = schema("Integration", obj({
    "id": text(None, "ac_2k1ddvap45syqt77586fewv0gvfhhn"), "app": text(None, "stripe"), "scheme": ref("Scheme"), "name": text(), "enabled": flag(),
    "verify": VERIFY, "ambiguous": AMBIGUOUS, "allowed_actions": maybe(many(text())), "allowed_requests": maybe(REQUESTS), "created_at": time(), "updated_at": time()}))
KS.op("GET", "/ks/integrations/{id}", "integrations.get", "One integration", "With its settings.", INTEGRATION, errors={404}, scope="read")
KS.op("PATCH", "/ks/integrations/{id}", "integrations.patch", "Change its settings", "The same for all its connections.", INTEGRATION,
      sends=obj({"verify?": VERIFY, "ambiguous?": AMBIGUOUS, "allowed_requests?": maybe(REQUESTS)}), eg={"ambiguous": "refuse"}, errors={404, 409}, scope="connect")

# ---- budgets ----

KS.tag("budgets", "The most calls in a minute, an hour and a day.")
RATE = obj({k + "?": number("Calls; 0 or left out: any number.", minimum=0, maximum=1000000000) for k in ("minute", "hour", "day")})
RATE_SENT = body({k + "?": number("Calls; 0 or left out: any number.", minimum=0, maximum=1000000000) for k in ("minute", "hour", "day")})
USED = obj({k: number("Calls made in the one under way.", minimum=0) for k in ("minute", "hour", "day")})
KS.op("GET", "/ks/budget", "budget.get", "What the project may call", "And what it has used.", obj({"calls": RATE, "used": USED}), scope="read")
KS.op("GET", "/ks/integrations/{id}/budget", "integrations.budget", "What an integration may call", "All its connections together, and each of them.",
      obj({"calls": RATE, "each_connection": RATE, "used": USED}), errors={404}, scope="read")
KS.op("PUT", "/ks/integrations/{id}/budget", "integrations.put_budget", "Limit its calls", "A member that is left out stays; in one that is sent, a window that is left out has no limit.",
      obj({"calls": RATE, "each_connection": RATE, "used": USED}), sends=body({"calls?": RATE_SENT, "each_connection?": RATE_SENT}), eg={"calls": {"minute": 60}},
      errors={404}, scope="connect")

# ---- connections ----

KS.tag("connections", "Credentials with what their vendors say of them.")
CONNECTION = schema("Connection", obj({
    "id": text(None, "ca_2k1ddvap45syqt77586fewv0gvfhhn"), "app": text(None, "stripe"), "scheme": ref("Scheme"), "integration_id": text(),
    "entity_id": text(None, "user_42"), "status": ref("V1Status"), "status_reason": maybe(text()), "enabled": flag(), "verdict": ref("Verdict"),
    "verified_at": maybe(time("When the vendor was asked last.")), "account": ref("VendorAccount"), "labels": many(text()),
    "version": number("+1 with each credential."), "uses": number(), "created_at": time(), "updated_at": time(),
    "shown": of("object", "Where the values go, masked: headers, queryParams, base_url.", additionalProperties=True)}))
KS.op("GET", "/ks/connections", "connections.list", "Connections", "Newest first.", obj({"items": many(CONNECTION), "total": number(minimum=0)}),
      [query("entity_id", text(), "Of exactly this entity."), query("app", text(), "Of these apps. A comma list."), query("status", text(), "In these states. A comma list."),
       query("page", number(minimum=1, maximum=2147483647)), query("limit", number(minimum=1, maximum=2147483647), "100 unless asked.")], errors={400}, scope="read")
KS.op("GET", "/ks/connections/{id}", "connections.get", "One connection", "With verdict and account.", CONNECTION, errors={404}, scope="read")
KS.op("POST", "/ks/connections/{id}/verify", "connections.verify", "Ask its vendor now", "Verdict, status and account follow the answer. A body is ignored.",
      CONNECTION, errors={400, 404, 409}, scope="connect")
KS.op("PUT", "/ks/connections/{id}/credential", "connections.put_credential", "Replace the credential", "Checked before the swap; the id stays.", CONNECTION,
      sends=of("object", "The values under `data`, or themselves.", properties={"data": maybe(ref("Values"))}, additionalProperties=True),
      eg={"data": {"api_key": "sk_live_52..."}}, errors={404, 409, 502}, scope="connect")

# ---- connect links ----

LANGUAGES = ("en", "de", "fr", "es", "pt-BR", "it", "pl", "ja", "zh-Hans", "ar")
KS.tag("links", "One-time links: a person types a credential into a page of this server.")
LINK = {"id": text(None, "li_2k1ddvap45syqt77586fewv0gvfhhn"), "integration_id": text(), "connection_id": text(), "entity_id": text(None, "user_42"),
        "replaces": flag("It asks for new values of a connection that was there."), "return_url": maybe(text()),
        "language": maybe(text(None, "de")), "allowed_origins": many(text(None, "https://app.example.com")),
        "state": word("open", "used", "expired", "spent", "revoked"), "tries": number("Submissions so far.", minimum=0), "created_at": time(), "expires_at": time()}
KS.op("POST", "/ks/links", "links.create", "Make a link", "For an integration and an entity, or for a connection that needs a new credential. Its `url` is shown this once: an "
      "Idempotency-Key is not looked at.", obj({**LINK, "url": text("Give it to the person.")}),
      sends=body({"integration_id?": text("This, or connection_id.", "ac_2k1ddvap45syqt77586fewv0gvfhhn"), "entity_id?": text(maxLength=1024),
                  "connection_id?": text("With it only return_url, language, allowed_origins and life_s."), "return_url?": text("http or https.", "https://app.example.com/done", maxLength=2048),
                  "language?": word(*LANGUAGES), "allowed_origins?": many(text(None, "https://app.example.com", maxLength=2048), maxItems=8),
                  "life_s?": number("Seconds; 900 unless given.", minimum=0, maximum=86400), "alias?": text(maxLength=122),
                  "data?": of("object", "Values that are no secrets, filled in beforehand.", additionalProperties=True),
                  "labels?": many(text(minLength=1, maxLength=128), maxItems=32)}),
      eg={"integration_id": "ac_2k1ddvap45syqt77586fewv0gvfhhn", "entity_id": "user_42"}, status=201, errors={404, 409}, scope="connect")
KS.op("GET", "/ks/links", "links.list", "Links", "Newest first; never their addresses. Kept for 30 days after their end.", obj({"items": many(obj(LINK)), "total": number(minimum=0)}),
      [query("page", number(minimum=1, maximum=2147483647)), query("limit", number(minimum=1, maximum=2147483647), "100 unless asked.")], errors={400}, scope="read")
KS.op("DELETE", "/ks/links/{id}", "links.revoke", "End a link now", "A connection that waits for it becomes EXPIRED.", obj({"status": always("revoked")}), errors={404},
      scope="connect")


def page(*known):
    """Answers that are pages: (status, what it says)."""
    return {str(status): {"description": about, "headers": X_REQUEST_ID, "content": {"text/html": {"schema": text()}}} for status, about in known}


DEAD = (404, "The link is wrong, used, expired, spent or revoked; the page does not tell which.")
LATER = (503, "Nothing was stored; the same may be tried again.")
KS.op("GET", "/connect/{token}", "connect.form", "The form of a link", "For people. Looking changes nothing.", None, responses=page((200, "The form."), DEAD, LATER))
KS.op("POST", "/connect/{token}", "connect.submit", "Check what was entered and store it", "What the form sends.", None,
      responses={**page((400, "The form again, with what was wrong."), (403, "It was not sent from its own page."), DEAD, (409, "The connection was changed meanwhile."),
                        (413, "Too large."), (415, "No form."), (429, "Too many submissions."), (502, "The vendor did not answer, and checked keys only are taken."), LATER),
                 "303": {"description": "Done: to the return URL or the page that says how it went.", "headers": X_REQUEST_ID}},
      requestBody={"required": True, "content": {"application/x-www-form-urlencoded": {"schema": of(
          "object", properties={"csrf": text("From the form.")}, required=["csrf"], additionalProperties=text("`f.NAME`: the value of a field."))}}})
KS.op("GET", "/connect/done", "connect.done", "How it went", "For ten minutes.", None, [query("r", text(), "From the redirect.")], responses=page((200, "How it went."), DEAD, LATER))
KS.op("GET", "/a/{file}", "connect.asset", "A file that pages link to", "Its name holds a hash of its content.", None,
      responses={"200": {"description": "The file.", "headers": X_REQUEST_ID, "content": {"text/css": {"schema": text()}, "text/javascript": {"schema": text()}, "image/png": {"schema": {}}, "image/webp": {"schema": {}}}}}, errors={404})
KS.op("GET", "/element.js", "connect.element", "The element for other sites", "`<ks-connect>`: the form of a link in a frame.", None,
      responses={"200": {"description": "The script.", "headers": X_REQUEST_ID, "content": {"text/javascript": {"schema": text()}}}})
COLOUR = text("#rgb or #rrggbb.", "#1f5fbf", pattern="^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$")
COLOURS = of("object", "Of one mode; what is not named stays as built in.", properties={n: COLOUR for n in (
    "accent", "accent-text", "bg", "surface", "text", "muted", "border", "ok", "warn", "bad", "info")}, additionalProperties=False)
LENGTH = text("8px or 0.5rem.", "8px", pattern="^[0-9]{1,3}(\\.[0-9]{1,3})?(px|rem)$")
THEME = obj({"theme": maybe(of("object", "As it was set; of the logo its type.", additionalProperties=True)), "stylesheet": maybe(text()), "logo": maybe(text()),
             "updated_at": maybe(time())})
KS.op("GET", "/ks/theme", "theme.get", "What the project's pages look like", "Null where nothing was set.", THEME, scope="read")
KS.op("PUT", "/ks/theme", "theme.set", "Set the look of the project's pages", "All of it at once. Text under a contrast of 4.5:1 and edges under 3:1 are refused (`contrast_low`).", THEME,
      sends={**body({"light?": COLOURS, "dark?": COLOURS, "radius?": LENGTH, "gap?": LENGTH, "width?": LENGTH,
                  "font?": text("Names of fonts.", "Inter, sans-serif", maxLength=200, pattern="^[A-Za-z0-9 ,-]+$"), "language?": word(*LANGUAGES),
                  "logo?": text("PNG or WebP in base64, at most 64 kB.", maxLength=87392)}), "additionalProperties": False},
      eg={"light": {"accent": "#006b5f"}, "radius": "4px"}, needs_body=False, errors={400, 409}, scope="connect")
ORIGINS = many(text("Scheme, host and port alone.", "https://app.example.com", maxLength=2048), maxItems=8)
SETTINGS = obj({"verify": maybe(word("on", "off", "required")), "allowed_origins": ORIGINS, "return_origins": ORIGINS, "updated_at": maybe(time())})
KS.op("GET", "/ks/settings", "settings.get", "What the project has decided", "Null and empty lists where it has decided nothing.", SETTINGS, scope="read")
KS.op("PUT", "/ks/settings", "settings.set", "Decide for what the project makes", "Members that are named; the others stay, and null takes one back.", SETTINGS,
      sends={**body({"verify?": maybe(word("on", "off", "required")), "allowed_origins?": maybe(ORIGINS), "return_origins?": maybe(ORIGINS)}), "additionalProperties": False},
      eg={"verify": "required", "return_origins": ["https://app.example.com"]}, errors={400, 409}, scope="connect")
KS.op("DELETE", "/ks/theme", "theme.reset", "Back to the built-in look", "", THEME, scope="connect")

# ---- acting ----

KS.tag("acting", "Calls with a stored credential.")
EXPLAINED = obj({
    "method": text(), "url": text(), "host_rule?": text(), "query_rule?": text(), "headers": many(obj({"name": text(), "value": text(), "rule?": text()})),
    "sign?": obj({"how": text(), "rule": text(), "with": of("object", additionalProperties=text()), "headers": many(text())}),
    "content_type?": text(), "body?": text()})
KS.op("POST", "/ks/explain", "explain", "Show a call without sending it", "Every secret as `‹name›`, which declaration put it there, and why the host is allowed.", obj({
    "connectedAccountId": maybe(text()), "app": text(), "request": EXPLAINED, "tokens?": many(obj({"name": text(), "request": EXPLAINED}))}),
    sends=body({"action?": text("This, or app or connectedAccountId with endpoint.", "STRIPE_LIST_CUSTOMERS"), "app?": text(None, "stripe"), "connectedAccountId?": text(), "entityId?": text(maxLength=1024),
                "method?": text("GET unless given. Any case."), "endpoint?": text(None, "/v1/customers"), "input?": of("object", additionalProperties=True)}),
    eg={"action": "STRIPE_LIST_CUSTOMERS", "entityId": "user_42", "input": {"limit": 3}}, needs_body=False, errors={404}, scope="act")
for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"):
    KS.op(method, "/ks/call/{connection}/{path}", f"call.{method.lower()}", f"Pass a {method} through",
          "Method, headers, query and bytes straight to the vendor with the stored credential, streamed both ways, of any size. `path` is the raw rest "
          "of the target, slashes included. The answer is the vendor's own, whatever its status; errors of ours have the body of `Error`.", None,
          [{"name": "connection", "in": "path", "schema": text(minLength=1)},
           {"name": "path", "in": "path", "schema": text(minLength=1), "description": "May hold slashes.", "example": "v1/customers"}],
          responses={"default": {"description": "The vendor's answer."}}, errors={400, 404, 502, 504}, scope="act",
          **({"requestBody": {"required": False, "content": {"*/*": {"schema": {}}}}} if method in ("POST", "PUT", "PATCH") else {}))

LINE = {"oneOf": [
    obj({"columns": many(obj({"name": text(None, "id"), "type": text("As the database calls it.", "bigint")}))}, "The first line."),
    many({}, "A row: a value for each column."),
    obj({"row_count": number(minimum=0), "changed?": number("Rows that the statement changed.", minimum=0), "truncated": flag("There were more than `max_rows`."),
         "took_ms": number(minimum=0)}, "The last line, when all went well."),
    obj({"error": obj({"step": text(None, "run"), "code": maybe(text("SQLSTATE, or the number of MySQL's error.", "22012")), "message": text(),
                       "may_have_happened?": flag("A change may be made all the same.")})}, "The last line, when it failed after the first.")]}
KS.op("POST", "/ks/query/{connection}", "query", "Run one SQL statement, rows streamed",
      "Of a database that takes SQL. The answer has a line of JSON for the columns, for each row, and for the end; without that last line it was cut. What fails before "
      "the first line has a status of its own.", LINE, [{"name": "connection", "in": "path", "schema": text(minLength=1)}],
      sends=body({"sql": text("One statement. Values belong into params.", "SELECT * FROM orders WHERE id = $1", minLength=1), "params?": maybe(many({}, "Values for the placeholders, in their order.")),
                  "max_rows?": maybe(number("No more rows than that.", minimum=1, maximum=9007199254740991)),
                  "seconds?": maybe(number("The longest time; at most --statement-seconds.", minimum=1, maximum=300))}),
      eg={"sql": "SELECT * FROM orders WHERE id = $1", "params": [7]}, errors={404, 502, 504}, scope="act", kind="application/x-ndjson")

# ---- audit ----

KS.tag("audit", "Who did what, in a chain that shows tampering.")
COUNT = number(minimum=1, maximum=9223372036854775807)
KS.op("GET", "/ks/audit", "audit.list", "Audit records", "Of the project, newest first.", obj({
    "items": many(obj({"seq": number(minimum=1), "time": time(), "actor": text("An API key's id, or `cli`."), "action": text(None, "connection.create"),
                       "object": text(), "result": text(None, "ok"), "request_id": text()})),
    "before": maybe(number("Ask with this for the next page; null when there is none."))}),
    [query("before", COUNT, "Only records before this number."), query("limit", COUNT, "100 unless asked, at most 1,000.")], errors={400}, scope="read")
HEX = text(pattern="^[0-9a-f]*$")
KS.op("GET", "/ks/audit/head", "audit.head", "The newest signed head", "And the public key to check it with.", obj({
    "seq": number(minimum=0), "time": maybe(time()), "mac": maybe(HEX), "signature": maybe(HEX), "public_key": HEX}), scope="read")

# ---- calls ----

KS.tag("calls", "What was called, for whom, and what became of it.")
KS.op("GET", "/ks/calls", "calls.list", "The log of calls", "Of the project, newest first. No value, body or query of a call is in it.", obj({
    "items": many(obj({"id": number(minimum=1), "time": time(), "entity_id": maybe(text()),
                       "connection_id": maybe(text("None: credentials came with the call, or none are needed.")), "app": text(None, "stripe"),
                       "what": text("An action, or method and path as the caller wrote them.", "STRIPE_LIST_CUSTOMERS"),
                       "status": number("The vendor's; 0: there was no answer."),
                       "result": word("ok", "vendor_error", "unreachable", "too_large", "broken", "caller_left"),
                       "took_us": number("Microseconds."), "request_id": text(), "actor": text("An API key's id.")})),
    "before": maybe(number("Ask with this for the next page; null when there is none."))}),
    [query("entity_id", text(), "Of this entity."), query("connection_id", text(), "With this connection."), query("app", text(), "Of this app, by any of its names."),
     query("failed", flag(), "`true`: only those that failed."), query("before", COUNT, "Only lines before this id."), query("limit", COUNT, "100 unless asked, at most 1,000.")],
    errors={400}, scope="read")

# ---- files ----

KS.tag("files", "Files that an SDK uploads for the arguments of an action.")
KS.op("PUT", "/f/{pass}", "files.put", "Send the bytes of an announced file", "Once, within an hour, to the address that announcing it gave; no API key.", obj({}),
      sends=of("object", "The bytes, at most 5 MiB.", additionalProperties=True), needs_body=False, errors={400, 404, 409, 413})
KS.op("GET", "/f/{pass}/{name}", "files.get", "The bytes of a file that an action gave", "From the `s3url` of the action's answer, for a day; no API key. The name is for those who read addresses.",
      None, responses={"200": {"description": "The bytes, as an attachment.", "headers": X_REQUEST_ID, "content": {"application/octet-stream": {"schema": {}}}}}, errors={404})

# ---- by the control socket only ----

KS.tag("administration", "By the control socket of the data folder only (`DIR/control.sock`, the user who runs the server), without an API key; "
                         "everywhere else these are a 404.")
SCOPES = many(word("read", "connect", "act", "dashboard"))
KEY = {"id": text(None, "ak_2k1ddvagt6rme6rc1swfdpsfxxkve1"), "project_id": text(), "name": maybe(text()), "prefix": text("How the key begins."), "scopes": SCOPES,
       "created_at": time(), "used_at": maybe(time()), "expires_at": maybe(time()), "revoked_at": maybe(time()), "frozen_at": maybe(time()), "frozen_why": maybe(text(None, "canary ca_2k1ddvagt6rme6rc1swfdpsfxxkve1")),
       "limits": text("The limits below in one line; empty for none.", "read-only apps:stripe"), "read_only": flag("Acts only with what reads, and changes nothing here."),
       "apps": maybe(many(text())), "entities": maybe(many(text("An entity, or with * at its end all that begin so.")))}
LOCAL = {"x-control-socket": True}
KS.op("POST", "/ks/admin/keys", "admin.keys.create", "Make an API key", "And its project when that is new. The key is in the answer, this once.",
      obj({**KEY, "key": text("The API key. It is not stored and cannot be shown again.")}),
      sends=body({"project": text(minLength=1, maxLength=256), "name?": text(maxLength=256), "scopes?": SCOPES,
                  "expires_in_s?": number("Seconds; 0: never."), "read_only?": flag("Acts only with what reads, and changes nothing here."),
                  "apps?": many(text("Key of an app."), "Only these; none: all."),
                  "entities?": many(text("An entity; one of them may end in *."), "Only these; none: all.")}), eg={"project": "default"}, errors={404, 503}, **LOCAL)
KS.op("GET", "/ks/admin/keys", "admin.keys.list", "API keys", "Never the keys themselves.", obj({"items": many(obj(KEY))}),
      [query("project", text(), "Of this project.")], errors={404, 503}, **LOCAL)
KS.op("DELETE", "/ks/admin/keys/{id}", "admin.keys.revoke", "Revoke an API key", "It works no longer when this answers.", obj({"status": always("revoked")}),
      errors={404, 503}, **LOCAL)
KS.op("POST", "/ks/admin/keys/{id}/unfreeze", "admin.keys.unfreeze", "Let a frozen API key work again", "A key is frozen when it used a canary.", obj({"status": always("unfrozen")}),
      errors={404, 503}, **LOCAL)
KS.op("POST", "/ks/admin/connections/{id}/canary", "admin.canaries.set", "Make a connection a canary", "Any use of it raises an alarm and freezes the API key that did it.", obj({"canary": always(True)}),
      errors={404, 503}, **LOCAL)
KS.op("DELETE", "/ks/admin/connections/{id}/canary", "admin.canaries.clear", "Make it a connection like all others", "Keys that were frozen stay so.", obj({"canary": always(False)}),
      errors={404, 503}, **LOCAL)
KS.op("GET", "/ks/admin/canaries", "admin.canaries.list", "Canaries", "Of all projects.", obj({"items": many(obj({"id": text(), "project_id": text(), "app": text(), "entity_id": text()}))}),
      errors={404, 503}, **LOCAL)
KS.op("GET", "/ks/admin/projects", "admin.projects", "Projects", "All of them.", obj({"items": many(obj({"id": text(), "name": text(), "created_at": time()}))}),
      errors={404, 503}, **LOCAL)
KS.op("POST", "/ks/admin/dash", "admin.dash", "Sign a browser in to the dashboard", "A one-time address, good for ten minutes. It is in the answer, this once.",
      obj({"path": text("On this server."), "base": maybe(text("The setting public-url.")), "expires_at": time()}),
      sends=body({"project?": text("By its name; without: the only one, or `default`.")}), eg={"project": "default"}, errors={404, 503}, **LOCAL)
KS.op("GET", "/ks/admin/projects/{project}/budget", "admin.projects.budget", "What a project may call", "By its name.", obj({"calls": RATE, "used": USED}),
      errors={404, 503}, **LOCAL)
KS.op("PUT", "/ks/admin/projects/{project}/budget", "admin.projects.put_budget", "Limit its calls", "All of its connections together.",
      obj({"calls": RATE, "used": USED}), sends=body({"calls": RATE_SENT}), eg={"calls": {"day": 100000}}, errors={404, 503}, **LOCAL)
KS.op("GET", "/ks/admin/audit/verify", "admin.audit.verify", "Check the audit chain", "Of all projects.", obj({"records": number(), "sound": always(True)}),
      errors={404, 503}, **LOCAL)
KS.op("POST", "/ks/admin/recheck", "admin.recheck", "Check what is due", "The connection whose planned check is due first.", obj({"checked": word_number(0, 1)}),
      errors={404, 503}, **LOCAL)
