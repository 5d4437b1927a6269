"""Integrations: found or made, changed, limited."""

import json
import unittest

from world import World, check_error

W = World()


def setUpModule():
    W.start()
    W.ac = W.integration()


def tearDownModule():
    W.stop()


class Making(unittest.TestCase):
    def make(self, **body):
        return W.good("POST", "/v1/integrations", {"appId": "vend", "authScheme": "API_KEY", **body})["id"]

    def test_without_force_and_values_the_newest_is_returned(self):  # INT-2
        newest = self.make(forceNewIntegration=True)
        self.assertEqual(self.make(), newest)
        self.assertNotEqual(self.make(forceNewIntegration=True), newest)

    def test_values_of_its_own_always_make_a_new_one_and_are_never_lent(self):  # INT-2
        plain = self.make(forceNewIntegration=True)
        own = self.make(authConfig={"api_key": "vk_own_0123456789abcdef"})
        self.assertNotEqual(own, plain)
        self.assertEqual(self.make(), plain, "one with own secrets must not be reused")
        self.assertEqual(self.make(authConfig={"api_key": None}), plain, "null is not given")

    def test_a_disabled_one_is_not_reused(self):  # INT-2 INT-5
        one = self.make(forceNewIntegration=True)
        W.good("PATCH", "/v1/integrations/" + one, {"enabled": False})
        self.assertNotEqual(self.make(), one)

    def test_create_always_makes_one_and_get_or_create_reuses(self):  # INT-3
        body = {"app": {"uniqueKey": "VEND"}, "config": {"name": "x", "authScheme": "API_KEY"}}
        first = W.good("POST", "/v2/integrations/create", body)["integrationId"]
        second = W.good("POST", "/v2/integrations/create", body)["integrationId"]
        self.assertNotEqual(first, second)
        found = W.good("POST", "/v2/integrations/get-or-create", body)
        self.assertEqual((found["integrationId"], found["isNewIntegration"]), (second, False))
        ids = W.good("POST", "/v2/integrations/search-by-filters", body)["matchedIntegrationIds"]
        self.assertIn(first, ids)
        self.assertIn(second, ids)

    def test_a_scheme_the_app_lacks_is_named(self):
        check_error(self, W.post("/v1/integrations", {"appId": "stripe", "authScheme": "OAUTH2"}), 400, "authScheme")
        check_error(self, W.post("/v1/integrations", {"appId": "hackernews"}), 400, "authScheme")
        check_error(self, W.post("/v1/integrations", {"appId": "nosuchapp"}), 404)


class Changing(unittest.TestCase):
    def test_enabled_can_be_switched_and_survives_other_changes(self):  # INT-5
        ac = W.integration()
        for on in (False, True):
            W.good("PATCH", "/v1/integrations/" + ac, {"enabled": on})
            self.assertIs(W.good("GET", "/v1/integrations/" + ac)["enabled"], on)

    def test_own_values_can_be_replaced_and_stay_readable_after_other_changes(self):  # INT-5 INT-8
        ac = W.integration(integrationSecrets={"api_key": "vk_first_0123456789abcdef"})
        W.good("PATCH", "/v1/integrations/" + ac, {"authConfig": {"api_key": "vk_second_0123456789abcdef"}})
        W.good("PATCH", "/v1/integrations/" + ac, {"enabled": True})  # the version, and so the seal, changes
        shown = json.dumps(W.good("GET", "/v1/integrations/" + ac))
        self.assertNotIn("vk_second", shown)
        ca = W.connect(ac, {"api_key": None}, "own-values")
        W.execute("VEND_LIST_THINGS", connectedAccountId=ca)
        self.assertEqual(W.last_seen()[2]["x-vend-key"], "vk_second_0123456789abcdef")

    def test_a_shared_password_goes_to_no_port_and_under_no_trust_that_a_user_names(self):  # CON-16 N1
        own = {"host": "db.example.com", "password": "shared-0123456789abcdef"}
        ac = W.integration("postgresql", "DATABASE", integrationSecrets=own)
        mine = {"database": "app", "username": "u"}
        for name, value in (("host", "mine.example.com"), ("port", "6543"), ("ssl_mode", "require"), ("ca", "-----BEGIN MINE")):
            with self.subTest(name):
                check_error(self, W.try_connect(ac, {**mine, name: value}), 400, name)
                self.assertEqual(W.try_connect(ac, {**mine, name: value, "password": "their-0123456789abcdef"}).status, 200)
        self.assertEqual(W.try_connect(ac, {**mine, "port": "5432", "ssl_mode": "verify-full"}).status, 200)

    def test_limited_actions_are_enforced_and_an_empty_list_limits_nothing(self):  # INT-5 ACT-5
        ac = W.integration()
        ca = W.connect(ac)
        W.good("PATCH", "/v1/integrations/" + ac, {"limitedActions": ["VEND_GET_THING"]})
        check_error(self, W.execute("VEND_LIST_THINGS", connectedAccountId=ca), 400, "limitedActions")
        self.assertEqual(
            W.post("/v2/actions/VEND_GET_THING/execute", {"connectedAccountId": ca, "input": {"thing_id": "1"}}).status, 200
        )
        W.good("PATCH", "/v1/integrations/" + ac, {"limitedActions": []})
        self.assertIsNone(W.good("GET", "/v1/integrations/" + ac)["limitedActions"])
        self.assertEqual(W.execute("VEND_LIST_THINGS", connectedAccountId=ca).status, 200)


if __name__ == "__main__":
    unittest.main()
