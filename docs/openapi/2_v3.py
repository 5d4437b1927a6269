"""docs/openapi/2_v3.py: /v3, the API of today's SDKs; tools/openapi.py makes /v3.1 from it. Promises: docs/api.md, "v3"."""

ERROR = schema("V3Error", obj({"error": obj({
    "message": text("What is wrong and what to do. Never a value that was sent.", "A value is missing: connection.state.val.api_key is required (API key)."),
    "code": number("A finer number, stable: 306, 600, 606, 612, 1810, 1811, 1812, 2301, 2404, 10401 ...", 612),
    "slug": text("The same as a word.", "ConnectedAccount_MissingRequiredFields"),
    "status": number("The HTTP status.", 400),
    "request_id": text(),
    "suggested_fix": text(None, "Pass the fields named in errors."),
    "errors?": many(text(None, "connection.state.val.api_key: is required (API key)"), "What is wrong with which field."),
})}))

# 409 would be sent again by these SDKs, and what they ask for beyond this API is simply not there
V3 = Line("V3", "/v3", ERROR, {401, 403, 429, 503}, {400, 408, 413, 415}, {405: 404, 409: 400})

# ---- shared shapes ----

FIELD = schema("V3Field", obj({
    "name": text("The name to send the value under.", "api_key"), "displayName": text(None, "API key"), "type": always("string"),
    "description": text(), "required": flag(), "is_secret": flag("To be typed into a hidden field."), "user_visible": always(True),
    "default?": text("Taken when nothing is given."),
}))
LOGO = text("A tiny empty picture as a data URL, so that nobody calls another host for it.")
VERSION = always("20260101_00", "The one version there is.")
META = {
    "created_at": time(), "updated_at": time(), "description": text(), "logo": LOGO, "app_url": maybe(text(None, "https://stripe.com")),
    "triggers_count": always(0), "tools_count": number(), "version": VERSION,
}
TOOLKIT_ITEM = schema("V3ToolkitItem", obj({
    "slug": text(None, "stripe"), "name": text(None, "Stripe"), "type": always("native"), "auth_schemes": many(ref("Scheme")),
    "composio_managed_auth_schemes": empty("Always empty: no credentials are lent."), "is_local_toolkit": always(False), "no_auth": flag(),
    "deprecated": obj({"toolkitId": uuid()}),
    "meta": obj({**META, "categories": many(obj({"id": text(None, "payments"), "name": text(None, "Payments")}))}),
}))
FIELDS = schema("V3Fields", obj({"required": many(FIELD), "optional": many(FIELD)}))
TOOLKIT = schema("V3Toolkit", obj({
    "slug": text(None, "stripe"), "name": text(None, "Stripe"), "type": always("native"), "enabled": always(True), "is_local_toolkit": always(False),
    "composio_managed_auth": empty(), "composio_managed_auth_schemes": empty(),
    "base_url?": text("Absent when it depends on the connection.", "https://api.stripe.com"),
    "deprecated": obj({"toolkitId": uuid(), "rawProxyInfoByAuthSchemes": empty()}),
    "meta": obj({**META, "categories": many(obj({"slug": text(None, "payments"), "name": text(None, "Payments")})), "available_versions": many(VERSION)}),
    "auth_config_details": many(obj({
        "name": ref("Scheme"), "mode": ref("Scheme"),
        "fields": obj({"auth_config_creation": FIELDS, "connected_account_initiation": FIELDS}),
        "proxy?": obj({"base_url": text()}), "required_scopes": empty(), "auth_hint_url?": text("Where a person finds the key.")})),
}))
TOOL = schema("V3Tool", obj({
    "slug": text("Also the function name given to models.", "STRIPE_LIST_CUSTOMERS", pattern="^[A-Za-z0-9_-]{1,64}$"), "name": text(), "description": text(),
    "human_description": text(), "toolkit": obj({"slug": text(None, "stripe"), "name": text(), "logo": LOGO}),
    "input_parameters": ref("JsonSchema"), "output_parameters": ref("JsonSchema"), "no_auth": flag(), "scopes": empty(),
    "tags": many(text(None, "readOnlyHint"), "`important`, `readOnlyHint` and `destructiveHint` have a meaning."),
    "version": VERSION, "available_versions": many(VERSION), "is_deprecated": always(False),
    "deprecated": obj({"displayName": text(), "version": VERSION, "available_versions": many(VERSION), "is_deprecated": always(False),
                       "toolkit": obj({"logo": LOGO})}),
}))
CONFIG = schema("V3AuthConfig", obj({
    "id": text(None, "ac_2k1ddvan1tr7c5b4eandn0452bza70"), "uuid": uuid(), "type": always("custom"), "toolkit": obj({"slug": text(None, "stripe"), "logo": LOGO}),
    "name": text(), "auth_scheme": ref("Scheme"), "is_composio_managed": always(False), "credentials": mapping(text(), "Values every account has, masked."),
    "status": word("ENABLED", "DISABLED"), "created_by": text(None, "project"), "created_at": time(), "last_updated_at": time(),
    "no_of_connections": number("Its accounts.", minimum=0), "expected_input_fields": many(FIELD, "What a user must give."),
    "restrict_to_following_tools": many(text(), "The only tools its accounts may run; empty: no limit."), "is_enabled_for_tool_router": always(True),
    "tool_access_config": obj({"tools_for_connected_account_creation": empty(), "tools_available_for_execution": many(text())}),
    "allowed_requests?": many(text(None, "GET /v1/customers/*"), "Ours: the only requests of one's own; absent: no list."),
    "ambiguous?": word("newest", "refuse", about="Ours: several accounts of a user and none named; absent: as the server is set."),
    "shared_credentials": mapping({}, "Always empty: shown under credentials.", maxProperties=0),
    "deprecated_params": obj({"default_connector_id": nothing()}),
}))
STATUS = schema("V3Status", word("INITIALIZING", "INITIATED", "ACTIVE", "FAILED", "EXPIRED", "INACTIVE", "REVOKED",
                                 about="Only ACTIVE accounts can be used; a disabled one is INACTIVE."))
VAL = schema("V3Val", of("object", "Values by field name, masked: at most their first 4 characters.", {"status": "ACTIVE", "api_key": "sk_l********"},
                         properties={"status": STATUS}, required=["status"], additionalProperties={"type": "string"}))
STATE = schema("V3State", obj({"authScheme": ref("Scheme"), "val": VAL}))
ACCOUNT_MEMBERS = {
    "id": text(None, "ca_2k1ddvap45syqt77586fewv0gvfhhn"), "user_id": text(None, "user_42"), "word_id": nothing(), "status": STATUS,
    "status_reason": maybe(text()), "is_disabled": flag(), "created_at": time(), "updated_at": time(), "toolkit": obj({"slug": text(None, "stripe")}),
    "auth_config": obj({"id": text(), "auth_scheme": ref("Scheme"), "is_composio_managed": always(False), "is_disabled": flag(), "deprecated": obj({"uuid": uuid()})}),
    "state": STATE, "data": VAL, "deprecated": obj({"labels": many(text()), "uuid": uuid()}),
    "alias": maybe(text("Unique for a user and toolkit.", "work")), "experimental": obj({"account_type": always("PRIVATE")}),
}
ACCOUNT = schema("V3Account", obj({**ACCOUNT_MEMBERS, "params": VAL}))
ACCOUNT_ITEM = schema("V3AccountItem", obj(ACCOUNT_MEMBERS))
DONE = schema("V3Done", obj({"success": always(True), "message": text(None, "Auth config updated")}))
SUCCESS = schema("V3Success", obj({"success": always(True)}))


def page_of(item):
    return obj({"items": many(item), "next_cursor": maybe(text("For the next page; null on the last.")), "total_pages": number(minimum=1),
                "current_page": number("From 1.", minimum=1), "total_items": number(minimum=0)})


LIMIT = query("limit", of("integer"), "Rows a page: 20 unless asked; numbers out of 1..1000 are moved into it.", example=20)
CURSOR = query("cursor", text(), "`next_cursor` of a page of this list, with the same filters, in this project.")


def listed(name, about, eg=None):
    return query(name, text(), about + " A comma list.", **({"example": eg} if eg else {}))


def whether(name, about):
    return query(name, text(), about + " Only `true` (any case) means yes.")


VERSIONS = query("toolkit_versions", text(), "`latest`, `20260101_00` or none; any other is a 404. Also as `toolkit_versions[SLUG]`.", example="latest")
USER = text("Whose it is: any text up to 1,024 bytes, compared exactly. Absent or empty: `default`.", "user_42", maxLength=1024)
VALUES = ref("Values")
SLUG = [{"name": "slug", "in": "path", "schema": text(minLength=1)}]

# ---- toolkits ----

V3.tag("v3 toolkits", "What can be connected, and which fields that takes.")
V3.op("GET", "/toolkits", "v3.toolkits.list", "Toolkits", "All, or those asked for.", page_of(TOOLKIT_ITEM),
      [query("category", text(), "Of this category."), query("search", text(), "Whose slug, name or description holds this."),
       query("managed_by", text(), "`composio`: none, because no credentials are lent."), query("type", text(), "`custom`: none."),
       query("sort_by", text(), "`alphabetically`: by name; otherwise in the order of slugs."), LIMIT, CURSOR], errors={400}, scope="read")
V3.op("GET", "/toolkits/{slug}", "v3.toolkits.get", "One toolkit", "With the fields of its schemes, for the developer and for the user. Slugs in any case.",
      TOOLKIT, [{"name": "slug", "in": "path", "schema": text(minLength=1), "example": "stripe"}, query("version", text(), "As toolkit_versions."), VERSIONS],
      errors={404}, scope="read")
V3.op("GET", "/toolkits/categories", "v3.toolkits.categories", "Categories of toolkits", "Sorted.", page_of(obj({"id": text(None, "payments"), "name": text(None, "Payments")})),
      [LIMIT, CURSOR], errors={400}, scope="read")
V3.op("POST", "/toolkits/multi", "v3.toolkits.multi", "Several toolkits by slug", "Unknown slugs are missing in the answer.", page_of(TOOLKIT_ITEM),
      sends=body({"toolkits?": many(text(), "Slugs."), "limit?": of(["integer", "string"], "As in lists."), "cursor?": text()}),
      eg={"toolkits": ["stripe", "shopify"]}, needs_body=False, scope="read")

# ---- auth configs ----

V3.tag("v3 auth configs", "A toolkit and scheme as this project uses it: an integration of /v1.")
WHICH = word("default", "newest", "refuse", about="Ours: several accounts of a user and none named; what the server was started with, the newest, or a 400.")
TOOLS = maybe(many(text(None, "STRIPE_LIST_CUSTOMERS"), "The only tools its accounts may run; an empty list: no limit."))
ACCESS = maybe(of("object", properties={"tools_available_for_execution": TOOLS}, additionalProperties=True))
V3.op("POST", "/auth_configs", "v3.auth_configs.create", "Make an auth config", "There is no managed auth: `use_custom_auth` with one of the toolkit's schemes.",
      obj({"toolkit": obj({"slug": text()}), "auth_config": obj({"id": text(), "auth_scheme": ref("Scheme"), "is_composio_managed": always(False),
                                                              "restrict_to_following_tools": many(text())})}), [IDEMPOTENCY_KEY],
      sends=obj({"toolkit": obj({"slug": text(None, "stripe", minLength=1)}), "auth_config": body({
          "type": always("use_custom_auth"), "authScheme": text("One of the modes of the toolkit.", "API_KEY", minLength=1),
          "name?": text("At most 256 bytes.", maxLength=256), "credentials?": VALUES, "shared_credentials?": VALUES, "restrict_to_following_tools?": TOOLS,
          "ambiguous?": WHICH, "allowed_requests?": maybe(many(text(None, "GET /v1/customers/*"))), "tool_access_config?": ACCESS})}),
      eg={"toolkit": {"slug": "stripe"}, "auth_config": {"type": "use_custom_auth", "authScheme": "API_KEY", "credentials": {}}}, status=201,
      errors={404}, scope="connect")
V3.op("GET", "/auth_configs", "v3.auth_configs.list", "Auth configs", "Newest first.", page_of(CONFIG),
      [listed("toolkit_slug", "Of these toolkits.", "stripe"), query("search", text(), "Whose name holds this, or with this id."),
       whether("show_disabled", "Disabled ones, too."), whether("is_composio_managed", "Yes: none, because no credentials are lent."), LIMIT, CURSOR],
      errors={400}, scope="read")
V3.op("GET", "/auth_configs/{id}", "v3.auth_configs.get", "One auth config", "With the fields its users must give.", CONFIG, errors={404}, scope="read")
V3.op("PATCH", "/auth_configs/{id}", "v3.auth_configs.update", "Change an auth config", "Absent members stay; credentials are merged; `[]` clears a list.", DONE,
      [IDEMPOTENCY_KEY], sends=body({"type?": always("custom"), "credentials?": VALUES, "shared_credentials?": VALUES,
                                     "restrict_to_following_tools?": TOOLS, "ambiguous?": WHICH, "allowed_requests?": maybe(many(text(None, "GET /v1/customers/*"))), "tool_access_config?": ACCESS}),
      eg={"type": "custom", "credentials": {}, "tool_access_config": {"tools_available_for_execution": []}}, needs_body=False, errors={404}, scope="connect")
V3.op("PATCH", "/auth_configs/{id}/{status}", "v3.auth_configs.set_status", "Enable or disable an auth config",
      "A disabled one takes no accounts and executes nothing. A body is ignored.", DONE,
      [IDEMPOTENCY_KEY, {"name": "id", "in": "path", "schema": text(minLength=1)}, {"name": "status", "in": "path", "schema": word("ENABLED", "DISABLED")}],
      errors={400, 404}, scope="connect")
V3.op("DELETE", "/auth_configs/{id}", "v3.auth_configs.delete", "Delete an auth config", "Its accounts go with it, erased.", DONE, [IDEMPOTENCY_KEY],
      errors={400, 404}, scope="connect")

# ---- connected accounts ----

V3.tag("v3 connected accounts", "One user's credential for one auth config: a connection of /v1.")
SENT_STATE = body({"authScheme?": text("That of the auth config.", "API_KEY"), "val?": VALUES})
EXPERIMENTAL = of("object", "Accounts are not shared here: asking for that is a 400.", properties={
    "account_type": maybe(word("PRIVATE")), "acl_config_for_shared": nothing("Nobody else can be let in.")}, additionalProperties=True)
ALIAS = text("Unique for a user and toolkit; at most 122 bytes.", "work", maxLength=122)
V3.op("POST", "/connected_accounts", "v3.connected_accounts.create", "Connect an account",
      "Checks the fields, asks the vendor, and is ACTIVE at once; a key its vendor refuses is a 400, and nothing is stored. `val.status` is ignored.",
      obj({"id": text(), "connectionData": STATE, "status": STATUS, "redirect_url": nothing(), "redirect_uri": nothing(),
           "deprecated": obj({"uuid": uuid(), "authConfigUuid": uuid()})}), [IDEMPOTENCY_KEY],
      sends=body({"auth_config": obj({"id": text(None, "ac_2k1ddvan1tr7c5b4eandn0452bza70", minLength=1)}), "connection?": body({
          "user_id?": USER, "alias?": ALIAS, "state?": SENT_STATE, "data?": VALUES, "experimental?": EXPERIMENTAL})}),
      eg={"auth_config": {"id": "ac_2k1ddvan1tr7c5b4eandn0452bza70"}, "connection": {"user_id": "user_42", "state": {
          "authScheme": "API_KEY", "val": {"status": "ACTIVE", "generic_api_key": "sk_live_51..."}}}}, status=201, errors={404, 502}, scope="connect")
V3.op("GET", "/connected_accounts", "v3.connected_accounts.list", "Connected accounts", "Newest first; all filters must hold, exactly.", page_of(ACCOUNT_ITEM),
      [listed("user_ids", "Of these users; an id that holds commas is found, too.", "user_42"), listed("auth_config_ids", "Of these auth configs."),
       listed("toolkit_slugs", "Of these toolkits."),
       query("statuses", text(pattern="^((INITIALIZING|INITIATED|ACTIVE|FAILED|EXPIRED|INACTIVE|REVOKED)(,|$))*$"), "In these states. A comma list, in any case.",
             example="ACTIVE"), listed("connected_account_ids", "These."), query("order_by", word("created_at", "updated_at")),
       query("order_direction", word("asc", "desc"), "desc unless asked."), LIMIT, CURSOR], errors={400}, scope="read")
V3.op("GET", "/connected_accounts/{id}", "v3.connected_accounts.get", "One connected account", "Values are masked.", ACCOUNT, errors={404}, scope="read")
V3.op("PATCH", "/connected_accounts/{id}", "v3.connected_accounts.update", "Change an account", "Its alias (null removes it), and values: those named change, null removes; "
      "the vendor is asked before the swap.", obj({"id": text(), "status": STATUS, "success": always(True)}), [IDEMPOTENCY_KEY],
      sends=body({"alias?": ALIAS, "connection?": body({"state?": SENT_STATE}), "experimental?": EXPERIMENTAL}),
      eg={"alias": "work", "connection": {"state": {"authScheme": "API_KEY", "val": {"generic_api_key": "sk_live_52..."}}}}, needs_body=False,
      errors={404, 422, 502}, scope="connect")
V3.op("DELETE", "/connected_accounts/{id}", "v3.connected_accounts.delete", "Delete an account", "Its values are erased; afterwards it is a 404 everywhere.", SUCCESS,
      [IDEMPOTENCY_KEY], errors={400, 404}, scope="connect")
V3.op("PATCH", "/connected_accounts/{id}/status", "v3.connected_accounts.set_status", "Enable or disable an account", "A disabled one is INACTIVE and is not used.",
      SUCCESS, [IDEMPOTENCY_KEY], sends=obj({"enabled": flag()}), eg={"enabled": True}, errors={404}, scope="connect")
V3.op("POST", "/connected_accounts/{id}/refresh", "v3.connected_accounts.refresh", "Its status; on request asked anew",
      "A key needs no refreshing. With `validate_credentials` its vendor is asked about it now.", obj({"id": text(), "status": STATUS, "redirect_url": nothing()}),
      [IDEMPOTENCY_KEY], sends=body({"validate_credentials?": flag()}), eg={}, needs_body=False, errors={404, 422}, scope="connect")
V3.op("POST", "/connected_accounts/{id}/revoke", "v3.connected_accounts.revoke", "Erase its values, keep it", "It stays as REVOKED; new values make it ACTIVE again.",
      obj({"revoked_tokens": empty(), "connected_account": obj({"id": text(), "status": always("REVOKED")})}), [IDEMPOTENCY_KEY], errors={400, 404},
      scope="connect")

V3.op("POST", "/connected_accounts/link", "v3.connected_accounts.link", "A link by which the user connects",
      "The account is INITIATED until the form behind `redirect_url` was accepted, EXPIRED when the link was not used in its 15 minutes. The address is shown this once: "
      "an Idempotency-Key is not looked at.", obj({
          "link_token": text(None, "lk_vnp0cwzkp7m0z2s2m3k4c1k7w5a2gqv8d6t9h1je"), "redirect_url": text("Give it to the user."), "expires_at": time(),
          "connected_account_id": text(None, "ca_2k1ddvan1tr7c5b4eandn0452bza70")}),
      sends=body({"auth_config_id": text(None, "ac_2k1ddvan1tr7c5b4eandn0452bza70", minLength=1), "user_id?": USER,
                  "callback_url?": text("http or https. Gets `status` and `connected_account_id`.", "https://app.example.com/done", maxLength=2048), "alias?": ALIAS,
                  "connection_data?": of("object", "Values that are no secrets, filled in beforehand.", additionalProperties=True)}),
      eg={"auth_config_id": "ac_2k1ddvan1tr7c5b4eandn0452bza70", "user_id": "user_42", "callback_url": "https://app.example.com/done"}, status=201, errors={404},
      scope="connect")

# ---- tools ----

V3.tag("v3 tools", "What can be done with an account, and doing it.")
V3.op("GET", "/tools", "v3.tools.list", "Tools", "All, or those asked for.", page_of(TOOL),
      [listed("toolkit_slug", "Of these toolkits.", "stripe"), listed("tool_slugs", "These; wins over the rest."), query("query", text(), "Words to look for; the best match first."),
       query("search", text(), "The same."), listed("tags", "With one of these tags.", "readOnlyHint"),
       whether("important", "Those flagged important, and all of a toolkit that has none."), query("version", text(), "As toolkit_versions."), VERSIONS, LIMIT,
       CURSOR], errors={400, 404}, scope="read")
V3.op("GET", "/tools/enum", "v3.tools.enum", "Slugs of all tools", "A plain array.", many(text(None, "STRIPE_LIST_CUSTOMERS")), scope="read")
V3.op("GET", "/tools/{slug}", "v3.tools.get", "One tool", "With the schemas of its input and answer.", TOOL,
      [{"name": "slug", "in": "path", "schema": text(minLength=1), "example": "STRIPE_LIST_CUSTOMERS"}, query("version", text(), "As toolkit_versions."), VERSIONS],
      errors={404}, scope="read")
ONCE = schema("V3Once", body({"authScheme": text(None, "API_KEY", minLength=1), "toolkitSlug?": text(), "val?": VALUES},
                             "Values for this one call; never stored, and nothing stored goes along."))
OWN = schema("V3OwnAuth", of("object", "Replaces the stored credential altogether, for this call: nothing stored goes along.", properties={
    "base_url": maybe(text(None, "https://api.example.com")),
    "parameters": of(["array", "null"], "At most 32.", maxItems=32, items=obj({"in": word("header", "query", "path", "subdomain", about="Where it goes; any case."),
                                                                              "name": text(minLength=1), "value": of(["string", "number", "boolean"])})),
    "body": of(["object", "null"], "Members that are put into the body.", additionalProperties=True)}, additionalProperties=True))
V3.op("POST", "/tools/execute/{slug}", "v3.tools.execute", "Run a tool",
      "With the named account, or the user's: the one labelled `primary`, else the newest ACTIVE. 200 also when the vendor refused; then `successful` is false.", obj({
          "data": of("object", "What the vendor answered: lists under `items`, text under `text`, bytes under `base64`.", additionalProperties=True),
          "error": maybe(text("Why it did not succeed.")), "successful": flag(), "log_id": text("The request id."),
          "connected_account_id?": text("Which one it was; absent when no stored credential was used.")}),
      [{"name": "slug", "in": "path", "schema": text(minLength=1), "example": "STRIPE_LIST_CUSTOMERS"}],
      sends=body({"user_id?": USER, "entity_id?": text("The old name of user_id; counts when that is absent."), "connected_account_id?": text(), "version?": text(None, "latest"),
                  "arguments?": of("object", "By name; what is missing, mistyped or unknown is named.", additionalProperties=True),
                  "custom_auth_params?": OWN, "custom_connection_data?": ONCE, "text?": text("Not understood here: a 400 unless empty.", maxLength=0)}),
      eg={"user_id": "user_42", "version": "latest", "arguments": {"limit": 3}}, needs_body=False, errors={404, 422, 502}, scope="act")
V3.op("POST", "/tools/execute/proxy", "v3.tools.proxy", "A request of one's own", "To the account's own origin. The body is passed on byte for byte.", obj({
    "status": number("The vendor's HTTP status.", 200), "data?": anything("The vendor's body, JSON or text; absent when it is neither."),
    "binary_data?": obj({"content_type": text(), "size": number(minimum=0), "url": text("The bytes, as a data URL.")}),
    "headers": mapping(text(), "The vendor's headers; of one that came twice the values are joined.")}),
    sends=body({"connected_account_id?": text("This, or custom_connection_data."), "user_id?": USER,
                "endpoint": text("A path, or an absolute URL on the account's own origin.", "/v1/customers?limit=3", minLength=1),
                "method": word("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", about="Any case."),
                "parameters?": many(obj({"name": text(minLength=1), "type": word("header", "query"), "value": of(["string", "number", "boolean"])})),
                "body?": anything("Any JSON."), "custom_connection_data?": ONCE, "binary_body?": body({
                    "base64?": text("At most 5 MiB of bytes; or `url`."), "url?": text("A public address, fetched without credentials."), "content_type?": text(None, "image/png")})}),
    eg={"connected_account_id": "ca_2k1ddvap45syqt77586fewv0gvfhhn", "endpoint": "/v1/customers?limit=3", "method": "GET", "parameters": []},
    errors={404, 422, 502}, scope="act")
V3.op("POST", "/files/upload/request", "v3.files.request", "Announce a file", "For an argument of type file. It is kept sealed for a day.", obj({
    "id": text(), "key": text("The `s3key` of arguments of type file."), "type": always("new"), "new_presigned_url": text("PUT the bytes there, without an API key; once, within an hour."),
    "newPresignedUrl": text("The same."), "metadata": obj({"storage_backend": always("s3")})}),
    sends=body({"filename": text(minLength=1, maxLength=255), "mimetype?": text(None, "application/pdf"), "md5?": text("Of the bytes, in hex: they are compared with it.", "d41d8cd98f00b204e9800998ecf8427e", pattern="^([0-9A-Fa-f]{32})?$"), "toolkit_slug?": anything("The same."), "tool_slug?": anything("The same.")}),
    eg={"filename": "report.pdf", "mimetype": "application/pdf"}, errors={409}, scope="act")
