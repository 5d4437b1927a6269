"""Every endpoint of the guide's era answers with the members and types of its example body."""

import unittest

from shapes import check
from world import World

W = World()


def setUpModule():
    W.start()
    W.stripe = W.integration("stripe")
    W.ca = W.connect(W.stripe, {"api_key": "sk_live_shapes_0123456789"})
    W.vend = W.connect(entity="shapes")


def tearDownModule():
    W.stop()


def create(app="stripe", **config):
    return {"app": {"uniqueKey": app}, "config": {"name": "n", "authScheme": "API_KEY", **config}}


# method, path ({ac} {ca} are filled in), body, example
ROWS = [
    ("GET", "/v1/client/auth/client_info", None, "client_info"),
    ("GET", "/v1/apps", None, "apps"),
    ("GET", "/v1/apps?additionalFields=auth_schemes&includeLocal=true&sortBy=no_sort", None, "apps"),
    ("GET", "/v1/apps/stripe", None, "app"),
    ("GET", "/v1/apps/STRIPE", None, "app"),
    ("GET", "/v1/apps/vendor%20of-tests", None, "app"),
    ("GET", "/v2/actions", None, "actions"),
    ("GET", "/v2/actions?apps=STRIPE%2CSHOPIFY&limit=3&page=1", None, "actions"),
    ("GET", "/v2/actions/list/all", None, "actions"),
    ("GET", "/v2/actions/{action}", None, "action"),
    ("GET", "/v2/actions/{action}?version=latest%3Abase", None, "action"),
    ("GET", "/v2/actions/list/tags", None, "texts"),
    ("GET", "/v2/actions/search/advanced?useCase=list+things&limit=3", None, "search_advanced"),
    ("GET", "/v2/actions/search/advanced", {"useCase": "list things"}, "search_advanced"),
    ("GET", "/v1/apps/list/categories", None, "texts"),
    ("POST", "/v1/integrations", {"appId": "stripe", "authScheme": "API_KEY", "authConfig": {}}, "integration"),
    ("GET", "/v1/integrations", None, "integrations"),
    ("GET", "/v1/integrations/{ac}", None, "integration"),
    ("POST", "/v2/integrations/create", create(), "integration_created_v2"),
    ("POST", "/v2/integrations/get-or-create", create(), "integration_get_or_create"),
    ("POST", "/v2/integrations/search-by-filters", {"app": {"uniqueKey": "stripe"}}, "filter_matches"),
    ("PATCH", "/v1/integrations/{ac}", {"enabled": True}, "done"),
    (
        "POST", "/v1/connectedAccounts",
        {"integrationId": "{ac}", "userUuid": "s", "data": {"api_key": "sk_live_1"}, "labels": [], "redirectUri": None},
        "connection_made",
    ),
    (
        "POST", "/v2/connectedAccounts/initiateConnection",
        {"app": {"integrationId": "{ac}"}, "config": {"useComposioAuth": False, "authScheme": "API_KEY"},
         "connection": {"entityId": "s", "initiateData": {"api_key": "sk_live_1"}, "extra": {"labels": []}}},
        "connection_made_v2",
    ),
    (
        "POST", "/v2/connectedAccounts/initiateConnection",
        {"app": {"uniqueKey": "stripe"}, "config": {"authScheme": "API_KEY", "integrationSecrets": {}},
         "connection": {"entityId": "s", "initiateData": {"api_key": "sk_live_1"},
                        "extra": {"redirectURL": "", "labels": ["work"]}}},
        "connection_made_v2",
    ),
    ("GET", "/v1/connectedAccounts", None, "connections"),
    ("GET", "/v1/connectedAccounts/{ca}", None, "connection"),
    ("GET", "/v1/connectedAccounts/{ca}/info", None, "connection_info"),
    ("PATCH", "/v1/connectedAccounts/{ca}/data", {"labels": ["a"]}, "done"),
    ("POST", "/v1/connectedAccounts/{ca}/disable", None, "done"),
    ("POST", "/v1/connectedAccounts/{ca}/enable", None, "done"),
    ("POST", "/v1/connectedAccounts/{ca}/reinitiate", {"data": {"api_key": "sk_live_2"}}, "connection_made"),
    ("POST", "/v2/actions/VEND_LIST_THINGS/execute", {"connectedAccountId": "{vend}", "input": {}}, "executed"),
    (
        "POST", "/v2/actions/proxy",
        {"connectedAccountId": "{vend}", "endpoint": "/things", "method": "GET", "parameters": [], "body": None},
        "executed",
    ),
    ("POST", "/v1/logs", {"connectionId": "x", "providerName": "p", "actionName": "a"}, "log_taken"),
    ("POST", "/v1/logs/", {"connectionId": "x", "isError": False}, "log_taken"),
    ("GET", "/v1/logs/", None, "logs"),
    ("GET", "/v1/triggers/active_triggers", None, "active_triggers"),
    ("DELETE", "/v1/connectedAccounts/{ca}", None, "deleted"),
    ("DELETE", "/v1/integrations/{ac}", None, "deleted"),
]  # fmt: skip


def fill(value):
    if isinstance(value, str):
        action = W.good("GET", "/v2/actions?apps=stripe")["items"][0]["name"] if "{action}" in value else ""
        for name, id_ in (("{ac}", W.stripe), ("{ca}", W.ca), ("{vend}", W.vend), ("{action}", action)):
            value = value.replace(name, id_)
        return value
    return {k: fill(v) for k, v in value.items()} if isinstance(value, dict) else value


class Shapes(unittest.TestCase):
    def test_each_endpoint_answers_in_the_shape_of_its_example(self):  # APP-1 APP-2 ACT-1 INT-1..6 CON-1 CON-6 ACT-2 ACT-7 ACT-8
        for method, path, body, name in ROWS:
            with self.subTest(f"{method} {path}"):
                reply = W.call(method, fill(path), fill(body))
                self.assertEqual(reply.status, 200, reply)
                self.assertIn("application/json", reply.headers["content-type"])
                self.assertEqual(int(reply.headers["content-length"]), len(reply.body))
                check(self, name, reply.json())

    def test_triggers_and_names_are_arrays(self):  # ACT-1 ACT-8
        for path in ("/v1/triggers", "/v1/triggers?showEnabledOnly=false&appNames=stripe"):
            self.assertEqual(W.good("GET", path), [])
        for path in ("/v2/actions/list/enums", "/v1/actions/list/enums"):
            self.assertIn("VEND_LIST_THINGS", W.good("GET", path))
        self.assertIn("vend", W.good("GET", "/v1/apps/list/enums"))

    def test_unlisted_routes_are_a_404_with_the_error_body(self):  # ERR-1 ERR-3
        for method, path in (
            ("GET", "/v1/nothing"), ("GET", "/"), ("POST", "/v2/triggers/x"), ("DELETE", "/v1/apps/stripe"),
            ("PUT", "/v1/integrations"), ("GET", "/v9/apps"), ("GET", "/v1/apps/stripe/more"),
        ):  # fmt: skip
            with self.subTest(f"{method} {path}"):
                reply = W.call(method, path)
                self.assertEqual(reply.status, 404, reply)
                if path.startswith(("/v1", "/v2")):
                    check(self, "error", reply.json())


class Apps(unittest.TestCase):
    def apps(self):
        return W.good("GET", "/v1/apps")["items"]

    def test_the_apps_of_the_guide_are_there_with_their_schemes(self):  # APP-1
        by_key = {a["key"]: a for a in self.apps()}
        for key in ("shopify", "openai", "stripe", "twilio", "github", "sendgrid", "notion", "airtable", "linear"):
            self.assertIn(key, by_key)
        modes = {k: [s["auth_mode"] for s in by_key[k]["auth_schemes"]] for k in by_key}
        for key in ("shopify", "openai", "stripe"):
            self.assertIn("API_KEY", modes[key])
        self.assertTrue({"BASIC", "API_KEY"} & set(modes["twilio"]))
        self.assertTrue(any("BEARER_TOKEN" in m for m in modes.values()))
        self.assertGreaterEqual(len(by_key), 60)

    def test_shopify_wants_api_key_alone(self):  # APP-1
        app = W.good("GET", "/v1/apps/shopify")
        scheme = next(s for s in app["auth_schemes"] if s["mode"] == "API_KEY")
        self.assertEqual([f["name"] for f in scheme["fields"] if f["required"]], ["api_key"])
        self.assertIn("shop", [f["name"] for f in scheme["fields"]])

    def test_every_app_and_every_action_is_one_the_old_sdks_can_read(self):  # APP-1 ACT-1
        modes = "OAUTH2 OAUTH1 API_KEY BASIC BEARER_TOKEN BASIC_WITH_JWT GOOGLE_SERVICE_ACCOUNT GOOGLEADS_AUTH NO_AUTH "
        allowed = set((modes + "CALCOM_AUTH").split())
        keys = {}
        for app in self.apps():
            keys[app["key"]] = app
            self.assertRegex(app["key"], r"^[a-z0-9_-]+$")
            self.assertFalse(app["name"].endswith("beta"))
            for scheme in app["auth_schemes"] or []:
                self.assertIn(scheme["auth_mode"], allowed)
                self.assertEqual(scheme["auth_mode"], scheme["mode"])
                for field in scheme["fields"]:
                    self.assertEqual(field["displayName"], field["display_name"])
                    self.assertTrue(field["description"] and field["type"])
                    self.assertIsInstance(field["default"], (str, type(None)))
        self.assertEqual(len({k.upper().replace("-", "_") for k in keys}), len(keys))
        actions = W.good("GET", "/v2/actions")["items"]
        self.assertGreaterEqual(len(actions), 300)
        self.assertEqual(len({a["name"] for a in actions}), len(actions))
        for action in actions:
            app = action["appName"]
            self.assertIn(app, keys)
            self.assertEqual(app, action["appKey"])
            self.assertRegex(action["name"], "^" + app.upper().replace("-", "_") + "_[A-Z0-9_]*$")
            self.assertLessEqual(len(action["name"]), 64)
            for schema in (action["parameters"], action["response"]):
                self.assertEqual(schema["type"], "object")
                self.assertTrue(schema["title"])
                for name, prop in schema["properties"].items():
                    self.assertTrue("type" in prop or "anyOf" in prop, (action["name"], name))
            for name in action["parameters"].get("required") or []:
                self.assertIn(name, action["parameters"]["properties"])

    def test_action_filters_narrow_and_combine(self):  # ACT-1
        def names(query):
            return [a["name"] for a in W.good("GET", "/v2/actions?" + query)["items"]]

        vend = {"VEND_LIST_THINGS", "VEND_GET_THING", "VEND_MAKE_THING", "VEND_SEND_FORM"}
        self.assertEqual(set(names("apps=vend")), vend)
        self.assertEqual(set(names("appNames=VEND")), vend)
        self.assertEqual(names("apps=vend&actions=vend_get_thing"), ["VEND_GET_THING"])
        self.assertEqual(set(names("apps=vend&actions=")), vend)
        self.assertEqual(names("apps=nosuchapp"), [])
        self.assertEqual(names("apps=vend&tags=important"), ["VEND_LIST_THINGS"])
        self.assertEqual(len(names("apps=vend,stripe&limit=2")), 2)
        self.assertEqual(names("apps=vend&useCase=make+a+thing")[0], "VEND_MAKE_THING")
        self.assertEqual(W.get("/v2/actions/VEND_GET_THING?version=9_9").status, 404)
        self.assertEqual(W.get("/v2/actions/VEND_NO_SUCH").status, 404)
        self.assertEqual(W.good("GET", "/v2/actions/vend_get_thing")["name"], "VEND_GET_THING")

    def test_action_pages_add_up(self):  # ACT-1
        want = [a["name"] for a in W.good("GET", "/v2/actions?apps=stripe,vend")["items"]]
        first = W.good("GET", "/v2/actions?apps=stripe,vend&limit=3&page=1")
        got = []
        for page in range(1, first["totalPages"] + 1):
            got += [a["name"] for a in W.good("GET", f"/v2/actions?apps=stripe,vend&limit=3&page={page}")["items"]]
        self.assertEqual(got, want)


if __name__ == "__main__":
    unittest.main()
