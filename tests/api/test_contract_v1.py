"""Each example body of the API of the guide's era, with values of our own: request bodies as the SDKs send them, unknown
members and nulls included, and answers compared member by member (match.py).

Beyond the contract's examples we answer vendorStatus and connectedAccountId (execute), statusReason, authScheme, meta.verdict and
meta.account (connections); of an integration `connections` is null and `_count` left out, both optional. `meta` of an app tells its counts. Files and trigger types are not spoken: 404, and an empty list."""

import unittest

from match import TEXT, TIME, WORDS, Count, Each, JsonSchema, Match, differences
from world import World

W = World("--behind-proxy", ghost=False)
KEY = "vk_contract_0123456789"
AC, CA = Match("ac_[0-9a-z]{30}"), Match("ca_[0-9a-z]{30}")
DONE, GONE = {"status": "success"}, {"status": "success", "count": 1}
CLIENT_TIME = "2025-01-01T00:00:00.000Z"
SENT_TOO = {"text": None, "version": "latest:base", "sessionInfo": {"sessionId": "0f3c9a1e5d7b4c28"}, "allowTracing": False}


def setUpModule():
    W.start()


def tearDownModule():
    W.stop()


def field(name, label, help_, required=True, secret=False, default=None):
    return {"name": name, "display_name": label, "displayName": label, "description": Match(help_ + ".*"), "type": "string", "required": required,
            "expected_from_customer": True, "is_secret": secret, "default": default, "get_current_user_endpoint": None}


def fields():
    return [field("api_key", "Vend key", "Any text", secret=True), field("region", "Region", "Where the account lives", False, default="eu"),
            field("base_url", "Address", "Where the vendor listens", False, default=W.up.url)]


def page(item, pages=1, number=1):
    return {"items": item, "totalPages": pages, "page": number}


def app():
    scheme = {"scheme_name": WORDS, "name": WORDS, "auth_mode": WORDS, "mode": WORDS, "fields": Each({**field("", "", ""), **{
        n: TEXT for n in ("name", "display_name", "displayName", "description")}, "required": Flag(), "is_secret": Flag(), "default": Maybe()}),
        "proxy": Proxy(), **{n: None for n in ("authorization_url", "token_url", "default_scopes", "token_response_metadata", "client_id", "client_secret")}}
    return {"appId": "app_vend", "key": "vend", "name": "vend", "displayName": "Vend", "description": "The vendor of the tests.", "logo": None,
            "categories": ["testing"], "tags": ["testing"], "docs": None, "group": None, "status": None, "enabled": True, "no_auth": False,
            "auth_schemes": Each(scheme, 3), "testConnectors": [], "meta": {"is_custom_app": False, "actionsCount": 4, "triggersCount": 0},
            "documentation_doc_text": None, "configuration_docs_text": None, "createdAt": CLIENT_TIME, "updatedAt": CLIENT_TIME}


class Flag:
    def wrong(self, value):
        return not isinstance(value, bool)


class Maybe:
    def wrong(self, value):
        return not (value is None or isinstance(value, str))


class Proxy:
    def wrong(self, value):
        return not (isinstance(value, dict) and {"base_url", "headers"} <= set(value) <= {"base_url", "headers", "queryParams"})


def action():
    return {"name": "VEND_LIST_THINGS", "enum": "VEND_LIST_THINGS", "display_name": "List things", "displayName": "List things",
            "description": "Lists things, newest first.", "appKey": "vend", "appName": "vend", "appId": "app_vend", "logo": None, "tags": ["read", "important"],
            "enabled": True, "no_auth": False, "deprecated": False, "version": "1_0", "available_versions": ["1_0"], "parameters": JsonSchema(),
            "response": JsonSchema()}


def integration(**more):
    return {"id": AC, "name": WORDS, "authScheme": "API_KEY", "createdAt": TIME, "updatedAt": TIME, "enabled": True, "deleted": False, "appId": "app_vend",
            "appName": "vend", "logo": None, "defaultConnectorId": None, "useComposioAuth": False, "limitedActions": None, "authConfig": {},
            "expectedInputFields": fields(), "connections": None, **more}


def connection(labels):
    return {"id": CA, "status": "ACTIVE", "statusReason": None, "enabled": True, "isDisabled": False, "deleted": False, "createdAt": TIME, "updatedAt": TIME,
            "appUniqueId": "vend", "appName": "vend", "appId": "app_vend", "authScheme": "API_KEY", "integrationId": AC, "clientUniqueUserId": "user_42",
            "entityId": "user_42", "labels": labels, "invocationCount": Count(), "logo": None, "meta": {"verdict": "verified", "account": {"id": "v_1", "name": "Ada"}},
            "connectionParams": {"headers": {"X-Vend-Key": "vk_c********"}, "queryParams": {"region": "eu"}, "base_url": W.up.url}, "data": {}}


MADE = {"connectionStatus": "ACTIVE", "connectedAccountId": CA, "redirectUrl": None}


def executed(data, error=None, status=200, **more):
    return {"data": data, "error": error, "successfull": error is None, "successful": error is None, "vendorStatus": status, "logId": WORDS, **more}


def seen(path, header="x-vend-key"):
    return {"method": "GET", "path": path, "headers": sorted(["accept", "accept-encoding", "host", "user-agent", header]), "body": ""}


def error(status, type_, name, **more):
    return {"status": status, "type": type_, "name": name, "message": WORDS, "requestId": WORDS, **more}


class Contract(unittest.TestCase):
    def call(self, name, method, path, want, body=None, status=200, key=...):
        with self.subTest(name):
            reply = W.call(method, "/api" + path, body, key=key)
            self.assertEqual(reply.status, status, f"{name}: {reply}")
            self.assertEqual(differences(want, reply.json()), [], name)
        return reply.json()

    def test_every_example_of_the_contract_is_kept(self):  # APP-1 ACT-1 INT-1 INT-2 INT-3 CON-1 CON-6 ACT-2 ACT-6 ACT-7 ACT-8 ERR-1
        self.discover()
        self.integrations()
        self.connections()
        self.acting()
        self.ends()

    def discover(self):
        self.call("app_get", "GET", "/v1/apps/VEND", app())
        self.call("apps_list", "GET", "/v1/apps?category=testing", page([app()]))
        self.call("action_get", "GET", "/v2/actions/VEND_LIST_THINGS?version=latest%3Abase", action())
        self.call("actions_list", "GET", "/v2/actions?actions=VEND_LIST_THINGS&apps=vend", page([action()]))
        self.call("actions_search_advanced", "GET", "/v2/actions/search/advanced?useCase=list+things&apps=vend", {"items": [
            {"app": "vend", "actions": Each(WORDS), "description": WORDS, "order": 0}]})
        self.call("active_triggers", "GET", "/v1/triggers/active_triggers", {"triggers": [], "pageInfo": {"currentPage": 1, "perPage": 10, "totalPages": 1}})
        self.call("triggers_list", "GET", "/v1/triggers", [])
        self.call("client_info", "GET", "/v1/client/auth/client_info", {
            "client": {"autoId": 1, "id": WORDS, "name": "keysteward", "email": WORDS, "createdAt": CLIENT_TIME, "updatedAt": CLIENT_TIME, "triggersEnabled": False,
                       "plan": "SELF_HOSTED", "isNewWebhook": False}, "apiKey": {"id": WORDS, "name": "default"}})

    def integrations(self):
        self.ac = self.call("integration_create_v1", "POST", "/v1/integrations", integration(name="VEND_20260101"), {
            "appId": "app_vend", "useComposioAuth": False, "name": "VEND_20260101", "authScheme": "API_KEY", "authConfig": {}, "forceNewIntegration": True})["id"]
        wish = {"app": {"uniqueKey": "vend"}, "config": {"useComposioAuth": False, "name": "vend keys", "authScheme": "API_KEY"}}
        self.spare = self.call("integration_create_v2", "POST", "/v2/integrations/create", integration(name="vend keys", integrationId=AC), wish)["id"]
        self.call("integration_get_or_create_v2", "POST", "/v2/integrations/get-or-create", {"integrationId": self.spare, "isNewIntegration": False}, wish)
        self.call("integration_get", "GET", "/v1/integrations/" + self.ac, integration(name="VEND_20260101"))
        self.call("integrations_list", "GET", "/v1/integrations?appName=VEND&pageSize=99999999", page([integration(), integration()]))

    def connections(self):
        self.ca = self.call("connection_initiate_v1", "POST", "/v1/connectedAccounts", MADE, {
            "integrationId": self.ac, "userUuid": "user_42", "data": {"api_key": KEY}, "labels": [], "redirectUri": None})["connectedAccountId"]
        v2 = {"integration": {"id": AC, "isNewIntegration": False}, "connectionResponse": MADE}
        self.call("connection_initiate_v2", "POST", "/v2/connectedAccounts/initiateConnection", v2, {
            "app": {"integrationId": self.ac}, "config": {"useComposioAuth": False, "authScheme": "API_KEY"},
            "connection": {"entityId": "user_43", "initiateData": {"api_key": KEY}, "extra": {"labels": []}}})
        self.call("connection_initiate_v2_by_app", "POST", "/v2/connectedAccounts/initiateConnection", v2, {
            "app": {"uniqueKey": "vend"}, "config": {"name": "vend", "useComposioAuth": False, "authScheme": "API_KEY"},
            "connection": {"entityId": "user_44", "initiateData": {"api_key": KEY}, "extra": {"redirectURL": "", "labels": ["work"]}}})
        self.call("connection_get", "GET", "/v1/connectedAccounts/" + self.ca, connection([]))
        self.call("connections_list", "GET", "/v1/connectedAccounts?user_uuid=user_42&pageSize=99999999", page([connection([])]))
        self.call("connection_info", "GET", f"/v1/connectedAccounts/{self.ca}/info", {"base_url": W.up.url, "parameters": [
            {"in": "header", "name": "X-Vend-Key", "value": "vk_c********"}, {"in": "query", "name": "region", "value": "eu"}], "body": {}})
        for word in ("disable", "enable"):
            self.call("connection_toggle", "POST", f"/v1/connectedAccounts/{self.ca}/{word}", {"status": "success", "connectedAccountId": self.ca})

    def acting(self):
        run, mine = "/v2/actions/VEND_LIST_THINGS/execute", {"connectedAccountId": self.ca}
        self.call("action_execute_python", "POST", run, executed(seen("/things?region=eu&limit=2"), **mine), {
            **mine, "entityId": "user_42", "appName": "VEND", "input": {"limit": 2}, "authConfig": None, **SENT_TOO})
        self.call("action_execute_typescript", "POST", run, executed(seen("/things?region=eu&limit=2"), **mine), {
            **mine, "input": {"limit": 2}, "appName": "vend", "text": "", "sessionInfo": {}, "allowTracing": False})
        self.call("action_execute_custom_auth", "POST", run, executed(seen("/things?limit=10", "x-access-token")), {
            "connectedAccountId": None, "entityId": "default", "appName": "VEND", "input": {}, **SENT_TOO,
            "authConfig": {"body": {}, "base_url": W.up.url, "parameters": [{"in": "header", "name": "X-Access-Token", "value": "vk_once"}]}})
        self.assertEqual(W.last_seen()[2]["x-access-token"], "vk_once")
        self.call("proxy", "POST", "/v2/actions/proxy", executed(seen("/anything?region=eu&limit=2"), **mine), {
            **mine, "endpoint": "/anything", "method": "GET", "parameters": [{"in": "query", "name": "limit", "value": "2"}], "body": None})
        self.call("action_execute_failed", "POST", "/v2/actions/proxy", executed({"told": "status"}, Match(".*418.*"), 418, **mine), {
            **mine, "endpoint": "/status/418", "method": "GET", "parameters": [], "body": None})

    def ends(self):
        details = Each({"property": "data.api_key", "reason": WORDS}, 1)
        self.call("error_400", "POST", "/v1/connectedAccounts", error(400, "BadRequestError", "BadRequestError", details=details), {
            "integrationId": self.ac, "userUuid": "u", "data": {}}, 400)
        self.call("error_401", "GET", "/v1/apps", error(401, "UnauthorizedError", "UnauthorizedError"), status=401, key="ks_wrong")
        self.call("connection_delete", "DELETE", "/v1/connectedAccounts/" + self.ca, GONE)
        self.call("error_404", "GET", "/v1/connectedAccounts/" + self.ca, error(404, "NotFoundError", "ConnectedAccountNotFoundError"), status=404)
        self.call("file_upload", "POST", "/v1/files/upload/request", error(404, "NotFoundError", "NotFoundError"), {"md5": "5d41402abc4b2a76b9719d911017c592"}, 404)
        self.call("integration_delete", "DELETE", "/v1/integrations/" + self.spare, GONE)
        for _ in range(12):
            reply = W.get("/api/v1/apps", key="ks_wrong", headers={"X-Forwarded-For": "203.0.113.9"})
        self.assertEqual(differences(error(429, "RateLimitError", "RateLimitError"), reply.json()), [])


if __name__ == "__main__":
    unittest.main()
