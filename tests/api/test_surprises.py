"""What the two old SDKs do that nobody expects; a server that ignores one of these fails their users."""

import json
import unittest

from world import World, check_error

W = World()


def setUpModule():
    W.start()
    W.ac = W.integration("stripe")


def tearDownModule():
    W.stop()


class Surprises(unittest.TestCase):
    def test_any_number_of_api_segments_may_lead(self):  # APP-1
        for prefix in ("", "/api", "/api/api", "/api/api/api"):
            reply = W.get(prefix + "/v1/apps/stripe")
            self.assertEqual((reply.status, reply.json()["key"]), (200, "stripe"), prefix)
        self.assertEqual(W.get("/apix/v1/apps").status, 404)

    def test_every_success_is_a_200(self):
        self.assertEqual(W.post("/v1/integrations", {"appId": "stripe", "authScheme": "API_KEY"}).status, 200)
        self.assertEqual(W.try_connect(W.ac, {"api_key": "sk_live_x"}).status, 200)

    def test_only_seven_error_statuses_leave(self):  # ERR-1
        ca = W.connect(W.ac, {"api_key": "sk_live_x"})
        rows = [
            ("PUT", "/v1/apps", None, 404), ("TRACE", "/v1/apps", None, None), ("POST", "/v1/apps", {}, 404),
            ("POST", "/v1/integrations", b"<xml/>", 400), ("POST", "/v1/integrations", b"x" * (1024 * 1024 + 1), 400),
            ("GET", "/v1/connectedAccounts/ca_x/../..", None, 404), ("DELETE", "/v1/connectedAccounts/" + ca, None, 200),
        ]  # fmt: skip
        for method, path, body, wanted in rows:
            with self.subTest(f"{method} {path}"):
                status = W.call(method, path, body).status
                self.assertIn(status, {200, 400, 401, 404, 408, 429, 500, 502})
                if wanted:
                    self.assertEqual(status, wanted)
        reply = W.call("POST", "/v1/integrations", b"{}", headers={"Content-Type": "text/xml"})
        self.assertEqual(reply.status, 400, reply)

    def test_the_header_named_common_holds_json_and_does_not_disturb(self):
        common = json.dumps({"X-API-KEY": W.key, "X-SOURCE": "js_sdk", "x": [1, {"y": "\u00e9"}]})
        self.assertEqual(W.get("/v1/apps/stripe", headers={"common": common}).status, 200)
        self.assertEqual(W.get("/v1/apps/stripe", key=None, headers={"common": common}).status, 401)
        self.assertNotIn(W.key, W.server.log())

    def test_each_field_and_scheme_has_both_spellings(self):
        for scheme in W.good("GET", "/v1/apps/stripe")["auth_schemes"]:
            self.assertEqual(scheme["auth_mode"], scheme["mode"])
            self.assertTrue(scheme["scheme_name"])

    def test_app_names_in_any_case_and_with_any_blank(self):  # APP-1
        for name in ("VEND", "vend", "Vend", "VENDOR_OF_TESTS", "vendor-of-tests", "Vendor%20Of%20Tests"):
            self.assertEqual(W.good("GET", "/v1/apps/" + name)["key"], "vend", name)
        app_id = W.good("GET", "/v1/apps/vend")["appId"]
        self.assertEqual(W.good("GET", "/v1/apps/" + app_id)["key"], "vend")
        self.assertTrue(W.good("GET", "/v1/integrations?appName=STRIPE")["items"])
        self.assertEqual(W.good("POST", "/v1/integrations", {"appId": "STRIPE"})["appName"], "stripe")

    def test_a_404_for_an_app_has_a_message_and_a_found_app_has_none(self):
        self.assertTrue(W.get("/v1/apps/nosuchapp").json()["message"])
        self.assertNotIn("message", W.good("GET", "/v1/apps/stripe"))

    def test_secrets_of_the_integration_flow_into_its_connections(self):  # INT-1 INT-8 INT-9
        made = W.good(
            "POST", "/v1/integrations",
            {"appId": "vend", "name": "VEND_1", "authScheme": "API_KEY", "useComposioAuth": False,
             "forceNewIntegration": True, "authConfig": {"api_key": "vk_own_0123456789abcdef", "region": None}},
        )  # fmt: skip
        self.assertNotIn("vk_own_0123456789abcdef", json.dumps(made))
        field = next(f for f in made["expectedInputFields"] if f["name"] == "api_key")
        self.assertIs(field["required"], False)
        reply = W.try_connect(made["id"], {}, "cli-user")
        self.assertEqual(reply.json()["connectionStatus"], "ACTIVE", reply)
        W.execute("VEND_LIST_THINGS", connectedAccountId=reply.json()["connectedAccountId"])
        self.assertEqual(W.last_seen()[2]["x-vend-key"], "vk_own_0123456789abcdef")

    def test_limited_actions_are_null_when_nothing_is_limited(self):
        self.assertIsNone(W.good("GET", "/v1/integrations/" + W.ac).get("limitedActions"))

    def test_a_get_with_a_body_and_a_post_with_none_are_accepted(self):  # ACT-1 CON-7
        found = W.good("GET", "/v2/actions/search/advanced", {"useCase": "make a thing", "apps": ["vend"]})
        self.assertEqual(found["items"][0]["app"], "vend")
        ca = W.connect(W.ac, {"api_key": "sk_live_x"})
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        self.assertEqual(W.post(f"/v1/connectedAccounts/{ca}/disable", headers=form).status, 200)
        self.assertEqual(W.post(f"/v1/connectedAccounts/{ca}/enable", headers=form).status, 200)
        self.assertEqual(W.post(f"/v1/connectedAccounts/{ca}/disable", {}).status, 200)

    def test_the_request_id_comes_back(self):
        given = "5e0f3f0c-3f8e-4c11-9d5e-0d2ec0d7b0aa"
        self.assertEqual(W.get("/v1/apps/stripe", headers={"x-request-id": given}).headers["x-request-id"], given)
        body = check_error(self, W.get("/v1/apps/none", headers={"x-request-id": given}), 404)
        self.assertEqual(body["requestId"], given)
        odd = W.get("/v1/apps/stripe", headers={"x-request-id": "a b<script>"}).headers["x-request-id"]
        self.assertNotEqual(odd, "a b<script>")

    def test_lists_without_a_page_size_are_whole_and_a_huge_one_is_fine(self):  # CON-5
        for i in range(25):
            W.connect(W.ac, {"api_key": "sk_live_x"}, entity="many")
        for query in ("", "&pageSize=99999999", "&pageSize=99999999&showActiveOnly=true"):
            self.assertEqual(len(W.list("user_uuid=many" + query)), 25, query)

    def test_created_at_is_in_milliseconds_and_strictly_increases(self):  # CON-5
        with W.server.connection() as http:
            for i in range(20):
                body = {"integrationId": W.ac, "userUuid": "quick", "data": {"api_key": "sk_live_x"}}
                http.request("POST", "/v1/connectedAccounts", body)
        times = [c["createdAt"] for c in W.list("user_uuid=quick")]
        self.assertEqual(len(set(times)), 20)
        self.assertEqual(times, sorted(times, reverse=True))
        for t in times:
            self.assertRegex(t, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")


if __name__ == "__main__":
    unittest.main()
