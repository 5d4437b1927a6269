"""Each example body of the v3 contract, with values of our own: every request body is sent as it stands and accepted, every
answer is compared member by member (match.py). The names of the rows are those of the contract's examples.

What the contract leaves open and we answer otherwise than its examples: optional members that would be null are left out
(session_info, auth_hint_url), execute tells connected_account_id as well, masks end in ******** and `name` of a scheme is its mode.
A base URL that depends on the connection is left out, and with it `proxy`; of the headers of a proxied answer, those that framed it.
Errors name their field in `errors` more often, and say what to do in `suggested_fix` always."""

import unittest

from match import TEXT, TIME, UUID, WORDS, Count, Each, JsonSchema, Match, differences
from world import World

ABOUT = "An app of the contract's tests."
ACTION = """
  - name: PARCEL_{name}
    title: {title}
    about: {title}, for the tests.
    method: {method}
    path: {path}
    encoding: {encoding}
    tags: [{tags}]
    params:
      - name: item_id
        in: path
        type: string
        required: true
        about: Identifier of the item.
"""
BASE_URL = """
      - name: base_url
        label: Base URL
        help: Another address of the API.
        kind: url
        required: false
        default: http://127.0.0.1:PORT
    base: "{{base_url}}"
    check: none
    find: none
"""
PARCEL = (
    f"""
app: parcel
name: Parcel
about: {ABOUT}
categories: [contract-tests]
home: https://parcel.example
docs: none
schemes:
  - scheme: API_KEY
    fields:
      - name: generic_api_key
        label: API Key
        help: Your API key.
        secret: true
"""
    + BASE_URL
    + """
    send:
      headers: {X-API-Key: "{{generic_api_key}}"}
  - scheme: BEARER_TOKEN
    fields:
      - name: token
        label: Token
        help: A bearer token.
        secret: true
"""
    + BASE_URL
    + """
    send:
      headers: {Authorization: "Bearer {{token}}"}
actions:
"""
    + ACTION.format(name="GET_ITEM", title="Get item", method="GET", path="/items/{item_id}", encoding="none", tags="read, important")
    + ACTION.format(name="GET_LOST", title="Get a lost item", method="GET", path="/status/{item_id}", encoding="none", tags="read")
    + ACTION.format(name="DROP_ITEM", title="Drop item", method="DELETE", path="/items/{item_id}", encoding="none", tags="write, destructive")
)
DESK = f"""
app: desk
name: Desk
about: {ABOUT}
categories: [contract-tests]
home: https://parcel.example
docs: none
schemes:
  - scheme: BASIC
    fields:
      - name: username
        label: Username
        help: User name.
      - name: password
        label: Password
        help: Password.
        secret: true
      - name: subdomain
        label: Subdomain
        help: The subdomain of the account.
        kind: label
    base: https://{{{{subdomain}}}}.desk.example
    hosts: ["*.desk.example"]
    send:
      basic: {{user: "{{{{username}}}}", password: "{{{{password}}}}"}}
    check: none
    find: none
actions:
  - name: DESK_WHOAMI
    title: Who am I
    about: Tells who asks.
    method: GET
    path: /me
    tags: [read]
"""
FREE = f"""
app: freebie
name: Freebie
about: {ABOUT}
categories: [contract-tests]
home: https://parcel.example
docs: none
base: http://127.0.0.1:PORT
actions:
  - name: FREEBIE_PING
    title: Ping
    about: Answers.
    method: GET
    path: /ping
    tags: [read]
"""
W = World(ghost=False, apps={"parcel": PARCEL, "desk": DESK, "freebie": FREE})
KEY = "pk_live_contract_0123456789"
MASKED = "pk_l********"
VERSION = "20260101_00"
PICTURE = Match("data:image/svg\\+xml,.*")
CATALOG_TIME = "2026-01-01T00:00:00.000Z"
AC, CA = Match("ac_[0-9a-z]{30}"), Match("ca_[0-9a-z]{30}")


def setUpModule():
    W.start()


def tearDownModule():
    W.stop()


# ---- parts of answers ----


def field(name, label, help_, required=True, secret=False, **more):
    return {"name": name, "displayName": label, "type": "string", "description": help_, "required": required, "is_secret": secret, "user_visible": True, **more}


def base_url():
    return field("base_url", "Base URL", "Another address of the API.", False, default=W.up.url)


def meta(category_id, tools, **more):
    return {"created_at": CATALOG_TIME, "updated_at": CATALOG_TIME, "description": ABOUT, "logo": PICTURE, "app_url": "https://parcel.example",
            "categories": [{category_id: "contract-tests", "name": "Contract Tests"}], "triggers_count": 0, "tools_count": tools, "version": VERSION, **more}


def toolkit(slug, name, tools, details, **more):
    return {"slug": slug, "name": name, "type": "native", "composio_managed_auth_schemes": [], "is_local_toolkit": False,
            "deprecated": {"toolkitId": UUID, "rawProxyInfoByAuthSchemes": []}, "meta": meta("slug", tools, available_versions=[VERSION]),
            "enabled": True, "composio_managed_auth": [], "auth_config_details": details, **more}


def item(slug, name, schemes, tools, no_auth=False):
    return {"slug": slug, "name": name, "type": "native", "auth_schemes": schemes, "composio_managed_auth_schemes": [], "is_local_toolkit": False,
            "no_auth": no_auth, "deprecated": {"toolkitId": UUID}, "meta": meta("id", tools)}


def detail(scheme, required, optional, **more):
    return {"name": scheme, "mode": scheme, "fields": {"auth_config_creation": {"required": [], "optional": []},
                                                      "connected_account_initiation": {"required": required, "optional": optional}},
            "required_scopes": [], **more}


def page(items, cursor=None, pages=1, total=1):
    return {"items": items, "next_cursor": cursor, "total_pages": pages, "current_page": 1, "total_items": total}


def config(scheme, fields, name="parcel keys", status="ENABLED", uses=0, limited=()):
    return {"id": AC, "uuid": UUID, "type": "custom", "toolkit": {"slug": "parcel", "logo": PICTURE}, "name": name, "auth_scheme": scheme,
            "is_composio_managed": False, "credentials": {}, "status": status, "created_by": "project", "created_at": TIME, "last_updated_at": TIME,
            "no_of_connections": uses, "expected_input_fields": fields, "restrict_to_following_tools": list(limited), "is_enabled_for_tool_router": True,
            "tool_access_config": {"tools_for_connected_account_creation": [], "tools_available_for_execution": list(limited)}, "shared_credentials": {},
            "deprecated_params": {"default_connector_id": None}}


def created(scheme, val):
    return {"id": CA, "connectionData": {"authScheme": scheme, "val": {**val, "status": "ACTIVE"}}, "status": "ACTIVE", "redirect_url": None,
            "redirect_uri": None, "deprecated": {"uuid": UUID, "authConfigUuid": UUID}}


def account(scheme, val, toolkit_slug="parcel", user="user_42", alias=None, **more):
    val = {**val, "status": "ACTIVE"}
    return {"id": CA, "user_id": user, "alias": alias, "word_id": None, "status": "ACTIVE", "status_reason": None, "is_disabled": False, "created_at": TIME,
            "updated_at": TIME, "toolkit": {"slug": toolkit_slug},
            "auth_config": {"id": AC, "auth_scheme": scheme, "is_composio_managed": False, "is_disabled": False, "deprecated": {"uuid": UUID}},
            "state": {"authScheme": scheme, "val": val}, "data": val, "deprecated": {"labels": [], "uuid": UUID}, "experimental": {"account_type": "PRIVATE"}, **more}


def tool(slug="PARCEL_GET_ITEM", name="Get item", tags=("readOnlyHint", "important"), key="parcel", app="Parcel", no_auth=False):
    version = {"version": VERSION, "available_versions": [VERSION], "is_deprecated": False}
    return {"slug": slug, "name": name, "description": WORDS, "human_description": WORDS, "toolkit": {"slug": key, "name": app, "logo": PICTURE},
            "input_parameters": JsonSchema(), "output_parameters": JsonSchema(), "no_auth": no_auth, "scopes": [], "tags": list(tags), **version,
            "deprecated": {"displayName": name, **version, "toolkit": {"logo": PICTURE}}}


def executed(data, error=None, **more):
    return {"data": data, "error": error, "successful": error is None, "log_id": WORDS, **more}


def seen(method, path, *headers):
    """What the vendor of the tests answers with."""
    return {"method": method, "path": path, "headers": sorted(["accept", "accept-encoding", "host", "user-agent", *headers]), "body": TEXT}


def error(status, code, slug, errors=()):
    errors = {"errors": [Match(f".*{e}.*") for e in errors]} if errors else {}
    return {"error": {"message": WORDS, "code": code, "slug": slug, "status": status, "request_id": WORDS, "suggested_fix": WORDS, **errors}}


MASKED_VAL = {"generic_api_key": MASKED}


class Contract(unittest.TestCase):
    """One story from the first look at a toolkit to the deletion of its auth config."""

    def call(self, name, method, path, want, body=None, status=200, key=...):
        """One row: the request of example `name`, when it has one, and its answer."""
        self.done.add(name)
        with self.subTest(name):
            reply = W.call(method, "/api/v3.1" + path, body, key=key)
            self.assertEqual(reply.status, status, f"{name}: {reply}")
            self.assertEqual(reply.headers["content-type"], "application/json")
            self.assertEqual(differences(want, reply.json()), [], name)
        return reply.json()

    def test_every_example_of_the_contract_is_kept(self):  # V3-1 V3-5 V3-9 V3-12
        self.done = set()
        self.toolkits()
        self.auth_configs()
        self.accounts()
        self.tools()
        self.acting()
        self.links()
        self.changes()
        self.ends()
        self.errors()
        self.assertEqual(len(self.done), 41, sorted(self.done))  # 14 of which have a request body: the 55 examples

    def toolkits(self):
        key = field("generic_api_key", "API Key", "Your API key.", secret=True)
        token = field("token", "Token", "A bearer token.", secret=True)
        parcel = item("parcel", "Parcel", ["API_KEY", "BEARER_TOKEN"], 3)
        self.call("toolkits.get", "GET", "/toolkits/PARCEL", toolkit("parcel", "Parcel", 3, [
            detail("API_KEY", [key], [base_url()]), detail("BEARER_TOKEN", [token], [base_url()])]))
        self.call("toolkits.get.basic", "GET", "/toolkits/desk", toolkit("desk", "Desk", 1, [detail("BASIC", [
            field("username", "Username", "User name."), field("password", "Password", "Password.", secret=True),
            field("subdomain", "Subdomain", "The subdomain of the account.")], [])]))
        desk, free = item("desk", "Desk", ["BASIC"], 1), item("freebie", "Freebie", ["NO_AUTH"], 1, no_auth=True)
        self.call("toolkits.list", "GET", "/toolkits?category=contract-tests&sort_by=alphabetically", page([desk, free, parcel], total=3))
        self.call("toolkits.multi", "POST", "/toolkits/multi", page([parcel]), {"toolkits": ["parcel"]})
        categories = self.call("toolkits.categories", "GET", "/toolkits/categories?limit=1000", page(
            Each({"id": WORDS, "name": WORDS}), pages=Count(1), total=Count(1)))
        self.assertIn({"id": "contract-tests", "name": "Contract Tests"}, categories["items"])

    def auth_configs(self):
        def wish(slug, scheme):
            return {"toolkit": {"slug": slug}, "auth_config": {"type": "use_custom_auth", "name": "parcel keys", "authScheme": scheme, "credentials": {}}}

        def made(slug, scheme):
            return {"toolkit": {"slug": slug}, "auth_config": {"id": AC, "auth_scheme": scheme, "is_composio_managed": False, "restrict_to_following_tools": []}}

        def make(slug, scheme):
            return self.call("auth_configs.create", "POST", "/auth_configs", made(slug, scheme), wish(slug, scheme), 201)["auth_config"]["id"]

        self.key, self.basic, self.spare, self.bearer = make("parcel", "API_KEY"), make("desk", "BASIC"), make("parcel", "API_KEY"), make("parcel", "BEARER_TOKEN")
        key, token = field("generic_api_key", "API Key", "Your API key.", secret=True), field("token", "Token", "A bearer token.", secret=True)
        self.call("auth_configs.get", "GET", "/auth_configs/" + self.key, config("API_KEY", [key, base_url()]))
        self.call("auth_configs.list", "GET", "/auth_configs?toolkit_slug=parcel&limit=1", page(
            [config("BEARER_TOKEN", [token, base_url()])], WORDS, 3, 3))
        done = {"success": True, "message": "Auth config updated"}
        self.call("auth_configs.update", "PATCH", "/auth_configs/" + self.spare, done, {
            "type": "custom", "credentials": {"note": "x"}, "tool_access_config": {"tools_available_for_execution": ["PARCEL_GET_ITEM"]}})
        self.call("auth_configs.get", "GET", "/auth_configs/" + self.spare, config("API_KEY", [key, base_url()], limited=["PARCEL_GET_ITEM"]))
        self.call("auth_configs.status", "PATCH", f"/auth_configs/{self.spare}/DISABLED", {"success": True, "message": "Auth config disabled"})

    def accounts(self):
        def wish(config_id, user, scheme, val, **more):
            return {"auth_config": {"id": config_id}, "connection": {"user_id": user, "state": {"authScheme": scheme, "val": {"status": "ACTIVE", **val}}, **more}}

        self.val = {**MASKED_VAL, "base_url": W.up.url}
        self.ca = self.call("connected_accounts.create.api_key", "POST", "/connected_accounts", created("API_KEY", self.val), wish(
            self.key, "user_42", "API_KEY", {"generic_api_key": KEY, "base_url": W.up.url}, alias="work"), 201)["id"]
        desk = {"username": "ada", "password": "corr********", "subdomain": "acme"}
        self.desk = self.call("connected_accounts.create.basic", "POST", "/connected_accounts", created("BASIC", desk), wish(
            self.basic, "user_42", "BASIC", {"username": "ada", "password": "correct horse battery", "subdomain": "acme"}), 201)["id"]
        token = {"token": "tok_********", "base_url": W.up.url}
        self.token = self.call("connected_accounts.create.bearer", "POST", "/connected_accounts", created("BEARER_TOKEN", token), wish(
            self.bearer, "user_43", "BEARER_TOKEN", {"token": "tok_contract_0123456789", "base_url": W.up.url}), 201)["id"]
        whole = {**self.val, "status": "ACTIVE"}
        self.call("connected_accounts.get", "GET", "/connected_accounts/" + self.ca, account("API_KEY", self.val, alias="work", params=whole))
        self.call("connected_accounts.list", "GET", "/connected_accounts", page([
            account("BEARER_TOKEN", token, user="user_43"), account("BASIC", desk, "desk"), account("API_KEY", self.val, alias="work")], total=3))

    def tools(self):
        self.call("tools.list", "GET", "/tools?toolkit_slug=parcel,freebie", page([
            tool("FREEBIE_PING", "Ping", ["readOnlyHint"], "freebie", "Freebie", True), tool("PARCEL_DROP_ITEM", "Drop item", ["write", "destructiveHint"]), tool(),
            tool("PARCEL_GET_LOST", "Get a lost item", ["readOnlyHint"])], total=4))
        self.call("tools.get", "GET", "/tools/parcel_get_item?toolkit_versions=latest", tool())
        slugs = self.call("tools.enum", "GET", "/tools/enum", Each(Match("[A-Z0-9_]{1,64}")))
        self.assertLessEqual({"PARCEL_GET_ITEM", "DESK_WHOAMI", "FREEBIE_PING"}, set(slugs))

    def acting(self):
        run, data = "/tools/execute/PARCEL_GET_ITEM", seen("GET", "/items/42", "x-api-key")
        self.call("tools.execute", "POST", run, executed(data, connected_account_id=self.ca), {
            "connected_account_id": self.ca, "user_id": "user_42", "arguments": {"item_id": "42"}, "version": "latest"})
        self.assertEqual(W.last_seen()[2]["x-api-key"], KEY)
        self.call("tools.execute.custom_auth_params", "POST", run, executed(data), {
            "user_id": "user_42", "arguments": {"item_id": "42"},
            "custom_auth_params": {"base_url": W.up.url, "parameters": [{"in": "header", "name": "X-API-Key", "value": "pk_once_params"}]}})
        self.assertEqual(W.last_seen()[2]["x-api-key"], "pk_once_params")
        self.call("tools.execute.custom_connection_data", "POST", run, executed(data), {
            "user_id": "user_42", "arguments": {"item_id": "42"},
            "custom_connection_data": {"authScheme": "API_KEY", "toolkitSlug": "parcel", "val": {"generic_api_key": "pk_once_data", "base_url": W.up.url}}})
        self.assertEqual(W.last_seen()[2]["x-api-key"], "pk_once_data")
        self.call("tools.execute.failed", "POST", "/tools/execute/PARCEL_GET_LOST", executed({"told": "status"}, Match(".*404.*"), connected_account_id=self.ca), {
            "user_id": "user_42", "arguments": {"item_id": "404"}, "version": VERSION})
        self.call("tools.proxy", "POST", "/tools/execute/proxy", {
            "status": 200, "data": {**seen("POST", "/anything?q=2", "x-api-key", "x-extra", "content-type", "content-length"), "body": '{"a": 1}'},
            "headers": {"server": WORDS, "date": WORDS, "content-type": "application/json"}}, {
            "endpoint": "/anything", "method": "POST", "body": {"a": 1}, "connected_account_id": self.ca,
            "parameters": [{"name": "x-extra", "type": "header", "value": "1"}, {"name": "q", "type": "query", "value": "2"}]})

    def links(self):
        """The page a user types the key into: example and answer, as soon as there is one; until then a 404 that says so."""
        body = {"auth_config_id": self.key, "user_id": "user_44", "callback_url": "https://app.example.com/done"}
        served = "/v3.1/connected_accounts/link" in W.get("/openapi.json", key=None).json()["paths"]
        if not served:
            self.call("connected_accounts.link", "POST", "/connected_accounts/link", error(404, 10404, "HTTP_NotFound"), body, 404)
            return
        self.call("connected_accounts.link", "POST", "/connected_accounts/link", {
            "link_token": WORDS, "redirect_url": Match("https?://.*"), "expires_at": TIME, "connected_account_id": CA}, body, 201)

    def changes(self):
        one = "/connected_accounts/" + self.ca
        self.call("connected_accounts.status", "PATCH", one + "/status", {"success": True}, {"enabled": False})
        self.call("error.422.execute_inactive", "POST", "/tools/execute/PARCEL_GET_ITEM", error(
            422, 1811, "ActionExecute_ConnectedAccountNotActive", ["connected_account_id"]), {"connected_account_id": self.ca, "arguments": {"item_id": "1"}}, 422)
        self.call("connected_accounts.patch", "PATCH", one, {"id": self.ca, "status": "INACTIVE", "success": True}, {
            "alias": "work", "connection": {"state": {"authScheme": "API_KEY", "val": {"generic_api_key": "pk_rotated_0123456789"}}}})
        self.call("connected_accounts.refresh", "POST", one + "/refresh", {"id": self.ca, "status": "INACTIVE", "redirect_url": None}, {})
        self.call("connected_accounts.status", "PATCH", one + "/status", {"success": True}, {"enabled": True})
        self.call("connected_accounts.revoke", "POST", f"/connected_accounts/{self.token}/revoke", {
            "revoked_tokens": [], "connected_account": {"id": self.token, "status": "REVOKED"}})

    def ends(self):
        self.call("connected_accounts.delete", "DELETE", "/connected_accounts/" + self.desk, {"success": True})
        self.call("error.404.connected_account", "GET", "/connected_accounts/" + self.desk, error(404, 606, "ConnectedAccount_ResourceNotFound", ["id"]), status=404)
        self.call("auth_configs.delete", "DELETE", "/auth_configs/" + self.spare, {"success": True, "message": "Auth config deleted"})
        self.call("error.404.auth_config", "GET", "/auth_configs/" + self.spare, error(404, 306, "AuthConfig_ResourceNotFound", ["id"]), status=404)

    def errors(self):
        run = "/tools/execute/PARCEL_GET_ITEM"
        self.call("error.400.execute_user_mismatch", "POST", run, error(400, 1812, "ActionExecute_ConnectedAccountEntityIdMismatch", ["user_id"]), {
            "connected_account_id": self.ca, "user_id": "user_43", "arguments": {"item_id": "1"}}, 400)
        self.call("error.400.invalid_auth_scheme", "POST", "/auth_configs", error(400, 10400, "HTTP_BadRequest", ["authScheme"]), {
            "toolkit": {"slug": "parcel"}, "auth_config": {"type": "use_custom_auth", "authScheme": "NOPE"}}, 400)
        self.call("error.400.missing_fields", "POST", "/connected_accounts", error(
            400, 612, "ConnectedAccount_MissingRequiredFields", ["generic_api_key"]), {
            "auth_config": {"id": self.key}, "connection": {"user_id": "u", "state": {"authScheme": "API_KEY", "val": {"status": "ACTIVE"}}}}, 400)
        self.call("error.400.no_managed_auth", "POST", "/auth_configs", error(400, 302, "AuthConfig_DefaultAuthConfigNotFound", ["type"]), {
            "toolkit": {"slug": "parcel"}}, 400)
        self.call("error.401.invalid_key", "GET", "/toolkits", error(401, 10401, "HTTP_Unauthorized"), status=401, key="bad_key")
        self.call("error.404.execute_no_account", "POST", run, error(404, 1810, "ActionExecute_ConnectedAccountNotFound", ["user_id"]), {
            "user_id": "nobody", "arguments": {"item_id": "1"}}, 404)
        self.call("error.404.tool", "GET", "/tools/NOPE", error(404, 2301, "Tool_ToolNotFound"), status=404)
        self.call("error.404.toolkit", "GET", "/toolkits/nope", error(404, 2404, "Toolkit_NotFound"), status=404)


if __name__ == "__main__":
    unittest.main()
