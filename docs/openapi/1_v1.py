"""docs/openapi/1_v1.py: /v1 and /v2, the API of the early SDKs. Read by tools/openapi.py. Promises: docs/api.md, "The API of the guide's era"."""

ERROR = schema("V1Error", obj({
    "status": number("The HTTP status.", 400),
    "type": text("The kind of error by status.", "BadRequestError"),
    "name": text("A finer name, where there is one.", "BadRequestError"),
    "message": text("What is wrong and what to do. Never a value that was sent.", "A value is missing: data.api_key is required (API key)."),
    "requestId": text(),
    "details?": many(obj({"property": text("The field as the caller wrote it.", "data.api_key"),
                          "reason": text(None, "is required (API key)")}), "On every 400: what is wrong with which field."),
}, "An error. This line answers 400, 401, 404, 408, 429, 500 and 502 only, because its SDKs know no others."))

# 403 goes out as 401, and so on: docs/api.md ERR-1
V1 = Line("V1", "", ERROR, {400, 401, 404, 429, 500}, {408, 413, 415},
          {403: 401, 405: 404, 409: 400, 413: 400, 415: 400, 422: 400, 503: 500, 504: 502})

# ---- shared shapes ----

FIELD = schema("V1Field", obj({
    "name": text("The name to send the value under.", "api_key"),
    "display_name": text(None, "API key"),
    "displayName": text("The same.", "API key"),
    "description": text("What it is and where it is found.", "The secret key of the account. Example: sk_live_xxxx"),
    "type": always("string"),
    "required": flag("Must be given; false when there is a default, or when the integration has a value for it."),
    "expected_from_customer": flag("Asked of the user (true) or of the developer (false)."),
    "is_secret": flag("To be typed into a hidden field."),
    "default": maybe(text()),
    "get_current_user_endpoint": nothing(),
}, "One field of a credential."))

AUTH_SCHEME = schema("V1AuthScheme", obj({
    "scheme_name": text(None, "api_key"), "name": text(None, "api_key"),
    "auth_mode": ref("Scheme"), "mode": ref("Scheme"),
    "fields": many(FIELD),
    "proxy": obj({"base_url": text("May hold {{field}}.", "https://api.stripe.com"), "headers": mapping(text(), "Templates by name."),
                  "queryParams?": mapping(text())}, "Where the values go, as templates."),
    **{name: nothing() for name in ("authorization_url", "token_url", "default_scopes", "token_response_metadata", "client_id", "client_secret")},
}))

APP = schema("V1App", obj({
    "appId": text(None, "app_stripe"), "key": text(None, "stripe"), "name": text("The key once more: clients compare the two.", "stripe"),
    "displayName": text(None, "Stripe"), "description": maybe(text()), "logo": nothing("Always null: no picture of another host is fetched."),
    "categories": many(text()), "tags": many(text(), "The categories."), "docs": maybe(text()), "group": nothing(), "status": nothing(),
    "enabled": always(True), "no_auth": flag("Needs no credential."), "auth_schemes": many(AUTH_SCHEME),
    "testConnectors": empty("Always empty: no credentials are lent."),
    "meta": obj({"is_custom_app": always(False), "actionsCount": number(), "triggersCount": always(0)}),
    "documentation_doc_text": nothing(), "configuration_docs_text": nothing(), "createdAt": time(), "updatedAt": time(),
}))


def page_of(item):
    return obj({"items": many(item), "totalPages": number(minimum=1), "page": number("From 1.", minimum=1)})


ACTION = schema("V1Action", obj({
    "name": text("Name for models and for execute.", "STRIPE_LIST_CUSTOMERS", pattern="^[A-Z0-9_]{1,64}$"), "enum": text("The name."),
    "display_name": text(), "displayName": text(), "description": text(), "appKey": text(None, "stripe"), "appName": text(None, "stripe"),
    "appId": text(None, "app_stripe"), "logo": nothing(), "tags": many(text(None, "read")), "enabled": always(True), "no_auth": flag(),
    "deprecated": always(False), "version": always("1_0"), "available_versions": many(text()),
    "parameters": ref("JsonSchema"), "response": ref("JsonSchema"),
}))

INTEGRATION_MEMBERS = {
    "id": text(None, "ac_2k1ddvan1tr7c5b4eandn0452bza70"), "name": text(), "authScheme": ref("Scheme"), "createdAt": time(), "updatedAt": time(),
    "enabled": flag("A disabled one takes no connections."), "deleted": always(False), "appId": text(None, "app_stripe"),
    "appName": text(None, "stripe"), "logo": nothing(), "defaultConnectorId": nothing(), "useComposioAuth": always(False),
    "allowedRequests?": many(text(None, "GET /v1/customers/*"), "Ours: the only requests of one's own; absent: no list."),
    "limitedActions": maybe(many(text(), "The only actions its connections may run; null: no limit.")),
    "authConfig": mapping(text(), "Values of the developer, masked."),
    "expectedInputFields": many(FIELD, "What a user must give, in order."),
    "connections": nothing("Always null: see /v1/connectedAccounts?integrationId=."),
}
INTEGRATION = schema("V1Integration", obj(INTEGRATION_MEMBERS))
STATUS = schema("V1Status", word("INITIATED", "ACTIVE", "FAILED", "EXPIRED", "REVOKED", about="Only an ACTIVE, enabled connection can be used."))
VERDICT = schema("Verdict", word("verified", "limited", "rejected", "unreachable", "uncheckable", "unchecked",
                                 about="What the vendor said when it was asked about the credential."))
ACCOUNT = schema("VendorAccount", of(["object", "null"], "The account the vendor says the credential belongs to.", {"id": "acct_1", "name": "Ada"},
                                     additionalProperties=True))
CONNECTION = schema("V1Connection", obj({
    "id": text(None, "ca_2k1ddvap45syqt77586fewv0gvfhhn"), "status": STATUS, "statusReason": maybe(text()), "enabled": flag(), "isDisabled": flag(),
    "deleted": always(False), "createdAt": time(), "updatedAt": time(), "appUniqueId": text(None, "stripe"), "appName": text(None, "stripe"),
    "appId": text(None, "app_stripe"), "authScheme": ref("Scheme"), "integrationId": text(), "clientUniqueUserId": text("The entity."),
    "entityId": text(None, "user_42"), "labels": many(text()), "invocationCount": number("How often it was used."), "logo": nothing(),
    "meta": obj({"verdict": VERDICT, "account": ACCOUNT}),
    "connectionParams": of("object", "Where the values go, masked: headers, queryParams, base_url.", additionalProperties=True),
    "data": mapping({}, "Always empty: values are not given out.", maxProperties=0),
}))
MADE = schema("V1ConnectionMade", obj({
    "connectionStatus": STATUS, "connectedAccountId": text(None, "ca_2k1ddvap45syqt77586fewv0gvfhhn"),
    "redirectUrl": nothing("Always null: there is nobody to be sent to.")}))
DONE = schema("V1Done", obj({"status": always("success")}))
DELETED = schema("V1Deleted", obj({"status": always("success"), "count": always(1)}))
VALUES = schema("Values", of("object", "Values by field name. Unknown names are ignored, null is \"not given\", blanks and one line break around a pasted "
                             "value are cut.", {"api_key": "sk_live_51..."}, additionalProperties=True))
LABELS = schema("Labels", many(text(minLength=1, maxLength=128), "At most 32, each at most 128 bytes.", maxItems=32))
ENTITY = text("Whose it is: any text up to 1,024 bytes, compared exactly. Absent or empty: `default`.", "user_42", maxLength=1024)
NAME = text("At most 256 bytes.", "Stripe of the shop", maxLength=256)

PAGE = query("page", number(minimum=1, maximum=2147483647), "The page, from 1.")
PAGE_SIZE = query("pageSize", number(minimum=1, maximum=2147483647), "Rows a page. Without it there is one page.")


def whether(name, about):
    return query(name, text(), about + " Only `true` (any case) means yes.")


def listed(name, about, eg=None):
    return query(name, text(), about + " A comma list.", **({"example": eg} if eg else {}))


# ---- discover ----

V1.tag("v1 apps", "What can be connected, and which fields that takes.")
V1.op("GET", "/v1/apps", "v1.apps.list", "All apps", "The catalogue with the fields of every scheme.", page_of(APP),
      [query("category", text(), "Only apps of this category."), PAGE, PAGE_SIZE], scope="read")
V1.op("GET", "/v1/apps/{app}", "v1.apps.get", "One app", "By key (any case; `-`, blank and `_` are one), alias or appId.", APP,
      [{"name": "app", "in": "path", "schema": text(minLength=1), "example": "stripe"}], scope="read")
V1.op("GET", "/v1/apps/list/enums", "v1.apps.keys", "Keys of all apps", "A plain array of keys.", many(text(None, "stripe")), scope="read")
V1.op("GET", "/v1/apps/list/categories", "v1.apps.categories", "Categories of apps", "Each once.", obj({"items": many(text())}), scope="read")
V1.op("GET", "/v1/client/auth/client_info", "v1.client_info", "Whose API key this is", "SDKs call it to try a key.", obj({
    "client": obj({"autoId": always(1), "id": text("The project."), "name": always("keysteward"), "email": text(), "createdAt": time(), "updatedAt": time(),
                   "triggersEnabled": always(False), "plan": always("SELF_HOSTED"), "isNewWebhook": always(False)}),
    "apiKey": obj({"id": text(None, "ak_2k1ddvagt6rme6rc1swfdpsfxxkve1"), "name": text()})}), scope="read")
V1.op("GET", "/v1/triggers", "v1.triggers.list", "Triggers", "There are none.", empty(), scope="read")
V1.op("GET", "/v1/triggers/active_triggers", "v1.triggers.active", "Active triggers", "There are none.", obj({
    "triggers": empty(), "pageInfo": obj({"currentPage": always(1), "perPage": always(10), "totalPages": always(1)})}), scope="read")

V1.tag("v1 actions", "What can be done with a connection.")
FILTERS = [listed("apps", "Actions of these apps.", "stripe"), listed("appNames", "The same, when `apps` is absent."),
           listed("actions", "These actions."), listed("tags", "Actions with one of these tags."),
           query("useCase", text(), "Words to look for; the best match first."), whether("filterImportantActions", "Only those flagged important."),
           query("limit", number(minimum=1, maximum=2147483647), "Rows a page. Without it there is one page."), PAGE,
           query("usecaseLimit", number(minimum=1, maximum=2147483647), "With useCase: how many at most.")]
V1.op("GET", "/v2/actions", "v1.actions.list", "Actions", "All, or those asked for; filters combine.", page_of(ACTION), FILTERS, scope="read")
V1.op("GET", "/v2/actions/list/all", "v1.actions.all", "Actions, by another name", "As /v2/actions.", page_of(ACTION), FILTERS, scope="read")
for path, id in (("/v2/actions/list/enums", "v1.actions.names"), ("/v1/actions/list/enums", "v1.actions.names_old")):
    V1.op("GET", path, id, "Names of all actions", "A plain array.", many(text(None, "STRIPE_LIST_CUSTOMERS")), scope="read")
V1.op("GET", "/v2/actions/list/tags", "v1.actions.tags", "Tags of all actions", "Each once.", obj({"items": many(text(None, "read"))}), scope="read")
V1.op("GET", "/v2/actions/search/advanced", "v1.actions.search", "Actions for a use case", "Grouped by app, the best first. The question may also stand in "
      "a JSON body of this GET, as one of the SDKs sends it.", obj({"items": many(obj({
          "app": text(None, "stripe"), "actions": many(text(None, "STRIPE_LIST_CUSTOMERS")), "description": text(), "order": number("From 0.")}))}),
      [query("useCase", text(), "Words to look for.", example="list customers"), listed("apps", "Only these apps."), listed("appNames", "The same."),
       listed("actions", "Only these actions."), listed("tags", "Only those with one of these tags."),
       whether("filterImportantActions", "Only those flagged important."),
       query("limit", number(minimum=1, maximum=2147483647), "How many apps, at most 20 unless asked."),
       query("maxActionsPerTask", number(minimum=1, maximum=2147483647), "How many actions of an app, 5 unless asked.")], scope="read")
V1.op("GET", "/v2/actions/{action}", "v1.actions.get", "One action", "With the schemas of its input and answer.", ACTION,
      [{"name": "action", "in": "path", "schema": text(minLength=1), "example": "STRIPE_LIST_CUSTOMERS"},
       query("version", text(), "`latest`, `latest:base`, `1_0` or none; any other is a 404.")], scope="read")

# ---- integrations ----

V1.tag("v1 integrations", "An app and scheme as this project uses it.")
V1.op("POST", "/v1/integrations", "v1.integrations.create", "Make an integration, or find the one there is",
      "Without `forceNewIntegration` and without values the newest enabled one of app and scheme is returned.", INTEGRATION, [IDEMPOTENCY_KEY],
      sends=body({"appId?": text("Id or key of an app. This or appName.", "stripe"), "appName?": text("The same.", "stripe"),
                  "authScheme?": text("One of the app's; absent: its first.", "API_KEY"), "authConfig?": VALUES, "name?": NAME,
                  "forceNewIntegration?": flag("Make a new one in any case.")}),
      eg={"appId": "stripe", "authScheme": "API_KEY", "name": "Stripe of the shop"}, needs_body=True, scope="connect")
V1.op("GET", "/v1/integrations", "v1.integrations.list", "Integrations", "Newest first.", page_of(INTEGRATION),
      [query("appName", text(), "Of this app."), query("appId", text(), "Of this app."), whether("showDisabled", "Disabled ones, too."), PAGE, PAGE_SIZE],
      scope="read")
V1.op("GET", "/v1/integrations/{id}", "v1.integrations.get", "One integration", "With the fields its users must give.", INTEGRATION, scope="read")
V1.op("PATCH", "/v1/integrations/{id}", "v1.integrations.update", "Change an integration", "Members that are absent stay.", DONE, [IDEMPOTENCY_KEY],
      sends=obj({"enabled?": flag(), "authConfig?": maybe(VALUES), "limitedActions?": of(["array", "null"], "Names of actions; an empty list or null "
                 "limits nothing.", items=text()), "allowedRequests?": maybe(many(text(None, "GET /v1/customers/*"), "Ours: the only requests of one's own; null: no list."))}), eg={"enabled": True}, needs_body=False, scope="connect")
V1.op("DELETE", "/v1/integrations/{id}", "v1.integrations.delete", "Delete an integration", "Its connections go with it, erased.", DELETED,
      [IDEMPOTENCY_KEY], scope="connect")
V2_WISH = body({"app": obj({"uniqueKey": text("Key of the app.", "stripe", minLength=1)}),
                "config?": body({"name?": NAME, "authScheme?": text("One of the app's; absent: its first.", "API_KEY"),
                                 "integrationSecrets?": VALUES})})
WISH = schema("V2IntegrationWish", V2_WISH)
EG = {"app": {"uniqueKey": "stripe"}, "config": {"name": "Stripe of the shop", "authScheme": "API_KEY"}}
V1.op("POST", "/v2/integrations/create", "v1.integrations.create_v2", "Make an integration", "Always a new one.",
      obj({**INTEGRATION_MEMBERS, "integrationId": text("The id once more.")}), [IDEMPOTENCY_KEY], sends=WISH, eg=EG, scope="connect")
V1.op("POST", "/v2/integrations/get-or-create", "v1.integrations.get_or_create", "Find or make an integration",
      "The newest enabled one of app and scheme, unless values are given.", obj({"integrationId": text(), "isNewIntegration": flag()}), [IDEMPOTENCY_KEY],
      sends=WISH, eg=EG, scope="connect")
V1.op("POST", "/v2/integrations/search-by-filters", "v1.integrations.search", "Integrations of an app", "Their ids, newest first.", obj({
    "matchedIntegrationIds": many(text()), "appInfo": obj({"appId": text(), "key": text(), "name": text()})}), sends=WISH, eg=EG, scope="read")

# ---- connections ----

V1.tag("v1 connections", "One user's credential for one integration.")
V1.op("POST", "/v1/connectedAccounts", "v1.connections.create", "Connect an account",
      "Checks the fields, asks the vendor, and answers ACTIVE with the id. A key its vendor refuses is a 400, and nothing is stored.", MADE, [IDEMPOTENCY_KEY],
      sends=body({"integrationId": text(None, "ac_2k1ddvan1tr7c5b4eandn0452bza70", minLength=1), "userUuid?": ENTITY, "entityId?": ENTITY, "data?": VALUES, "labels?": LABELS}),
      eg={"integrationId": "ac_2k1ddvan1tr7c5b4eandn0452bza70", "userUuid": "user_42", "data": {"api_key": "sk_live_51..."}}, errors={502}, scope="connect")
V1.op("POST", "/v2/connectedAccounts/initiateConnection", "v1.connections.initiate", "Connect an account by integration or app",
      "By app, the newest integration of that scheme is used, or one is made in the same commit.", obj({
          "integration": obj({"id": text(), "isNewIntegration": flag()}), "connectionResponse": MADE}), [IDEMPOTENCY_KEY],
      sends=body({"app": body({"integrationId?": text("This, or uniqueKey."), "uniqueKey?": text("Key of an app.", "stripe")}),
                  "config?": body({"name?": NAME, "authScheme?": text(None, "API_KEY"), "integrationSecrets?": VALUES}),
                  "connection?": body({"entityId?": ENTITY, "initiateData?": VALUES, "extra?": body({"labels?": LABELS})})}),
      eg={"app": {"uniqueKey": "stripe"}, "config": {"authScheme": "API_KEY"},
          "connection": {"entityId": "user_42", "initiateData": {"api_key": "sk_live_51..."}}}, errors={502}, scope="connect")
V1.op("GET", "/v1/connectedAccounts", "v1.connections.list", "Connected accounts", "Newest first; all filters must hold.", page_of(CONNECTION),
      [listed("user_uuid", "Of these entities.", "user_42"), listed("entityId", "Of these, too."), listed("appNames", "Of these apps."),
       listed("labels", "With one of these labels."), listed("status", "In one of these states."), query("integrationId", text(), "Of this integration."),
       query("connectionId", text(), "This one."), whether("showActiveOnly", "Only ACTIVE ones."), whether("showDisabled", "Disabled ones, too."),
       PAGE, PAGE_SIZE], scope="read")
V1.op("GET", "/v1/connectedAccounts/{id}", "v1.connections.get", "One connected account", "Values are masked.", CONNECTION, scope="read")
V1.op("GET", "/v1/connectedAccounts/{id}/info", "v1.connections.info", "Where its credential goes", "Names are shown, values masked: at most 4 characters, none of "
      "values shorter than 16.", obj({"base_url": text(), "parameters": many(obj({"in": word("header", "query"), "name": text(), "value": text()})),
                                      "body": mapping({}, "Always empty.", maxProperties=0)}), scope="read")
V1.op("POST", "/v1/connectedAccounts/{id}/reinitiate", "v1.connections.reinitiate", "Replace its values", "Checked before the swap; the id stays.", MADE,
      [IDEMPOTENCY_KEY], sends=body({"data?": VALUES}), eg={"data": {"api_key": "sk_live_52..."}}, errors={502}, scope="connect")
TOGGLED = schema("V1Toggled", obj({"status": always("success"), "connectedAccountId": text()}))
V1.op("POST", "/v1/connectedAccounts/{id}/enable", "v1.connections.enable", "Allow its use", "A body is ignored.", TOGGLED, [IDEMPOTENCY_KEY], scope="connect")
V1.op("POST", "/v1/connectedAccounts/{id}/disable", "v1.connections.disable", "Refuse its use", "Its status stays. A body is ignored.", TOGGLED,
      [IDEMPOTENCY_KEY], scope="connect")
V1.op("PATCH", "/v1/connectedAccounts/{id}/data", "v1.connections.labels", "Replace its labels", "The list replaces those it had.", DONE, [IDEMPOTENCY_KEY],
      sends=obj({"labels": maybe(LABELS)}), eg={"labels": ["primary"]}, scope="connect")
V1.op("DELETE", "/v1/connectedAccounts/{id}", "v1.connections.delete", "Delete a connected account", "Its values are erased; afterwards it is a 404 everywhere.",
      DELETED, [IDEMPOTENCY_KEY], scope="connect")

# ---- acting ----

V1.tag("v1 acting", "Actions and proxied calls with a stored credential.")
EXECUTED = schema("V1Executed", obj({
    "data": of("object", "What the vendor answered: lists under `items`, text under `text`, bytes under `base64`.", additionalProperties=True),
    "error": maybe(text("Why it did not succeed.")), "successfull": flag("Both spellings are read by SDKs."), "successful": flag(),
    "vendorStatus": maybe(number("The vendor's HTTP status; null when it gave no answer.")), "logId": text("The request id."),
    "connectedAccountId?": text("Which one it was; absent when no stored credential was used.")}))
OWN_AUTH = schema("V1OwnAuth", of("object", "Replaces the stored credential altogether, for this call: nothing stored goes along.", properties={
    "base_url": maybe(text(None, "https://api.example.com")),
    "parameters": of(["array", "null"], "At most 32.", maxItems=32, items=obj({"in": word("header", "query", "path", "subdomain", about="Where it goes; any case."),
                                                            "name": text(minLength=1), "value": of(["string", "number", "boolean"])})),
    "body": of(["object", "null"], "Members that are put into the body.", additionalProperties=True)}, additionalProperties=True))
V1.op("POST", "/v2/actions/{action}/execute", "v1.actions.execute", "Run an action",
      "With the named connection, or the entity's: the one labelled `primary`, else the newest ACTIVE. 200 also when the vendor refused; then `successful` is false.",
      EXECUTED, [IDEMPOTENCY_KEY, {"name": "action", "in": "path", "schema": text(minLength=1), "example": "STRIPE_LIST_CUSTOMERS"}],
      sends=body({"connectedAccountId?": text(None, "ca_2k1ddvap45syqt77586fewv0gvfhhn"), "entityId?": ENTITY,
                  "input?": of("object", "Arguments by name; what is missing, mistyped or unknown is named.", additionalProperties=True), "authConfig?": OWN_AUTH}),
      eg={"entityId": "user_42", "input": {"limit": 3}}, needs_body=False, errors={502}, scope="act")
PARAMETERS_V1 = of(["array", "null"], items=obj({"in": word("header", "query"), "name": text(minLength=1), "value": of(["string", "number", "boolean"])}))
V1.op("POST", "/v2/actions/proxy", "v1.actions.proxy", "A request of one's own", "To the connection's own origin. The body is passed on byte for byte.", EXECUTED, [IDEMPOTENCY_KEY],
      sends=body({"connectedAccountId?": text("This, or appName with entityId."), "entityId?": ENTITY, "appName?": text(),
                  "endpoint": text("A path, or an absolute URL on the connection's own origin.", "/v1/customers?limit=3", minLength=1),
                  "method": word("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"), "parameters?": PARAMETERS_V1, "body?": anything("Any JSON.")}),
      eg={"connectedAccountId": "ca_2k1ddvap45syqt77586fewv0gvfhhn", "endpoint": "/v1/customers?limit=3", "method": "GET", "parameters": []},
      errors={502}, scope="act")
ANNOUNCED = obj({"id": text(), "url": text("PUT the bytes there, without an API key; once, within an hour."), "key": text("The `s3key` of arguments of type file."),
                 "exists": always(False)})
for path, id in (("/v2/actions/files/upload/request", "v1.files.request"), ("/v2/actions/files/upload/{type}", "v1.files.request_type")):
    V1.op("POST", path, id, "Announce a file", "For an argument of type file. It is kept sealed for a day.", ANNOUNCED,
          sends=body({"filename": text(minLength=1, maxLength=255), "mimetype?": text(None, "application/pdf"), "md5?": text("Of the bytes, in hex: they are compared with it.", "d41d8cd98f00b204e9800998ecf8427e", pattern="^([0-9A-Fa-f]{32})?$"), "app?": anything("The same."), "action?": anything("The same.")}),
          eg={"filename": "report.pdf", "mimetype": "application/pdf"}, errors={409}, scope="act")
TAKEN = obj({"isIngested": always(True), "traceLogs": mapping({}, maxProperties=0)})
for path, id in (("/v1/logs", "v1.logs.post"), ("/v1/logs/", "v1.logs.post_slash")):
    V1.op("POST", path, id, "Take a log of an SDK", "It is not kept, because it may hold what a user typed.", TAKEN,
          sends=of("object", additionalProperties=True), needs_body=False, scope="act")
V1.op("GET", "/v1/logs/", "v1.logs.list", "Logs", "There are none.", obj({"data": empty(), "nextCursor": nothing()}), scope="read")
