"""The life of a connection: fields, verdicts, filters, pages, labels, masks, disable, delete, expiry, idempotency."""

import json
import threading
import time
import unittest

from world import World, check_error, quoted, until

W = World()


def setUpModule():
    W.start()
    W.ac = W.integration()


def tearDownModule():
    W.stop()


class Verdicts(unittest.TestCase):
    def verdict(self, ca):
        return W.good("GET", "/ks/connections/" + ca)

    def test_a_refused_key_is_a_400_with_the_vendors_cause_and_nothing_is_stored(self):  # CON-3
        reply = W.try_connect(W.ac, {"api_key": "vk_wrong_91c2"}, "refused")
        body = check_error(self, reply, 400, "api_key")
        self.assertIn("The key is unknown there", json.dumps(body))
        self.assertNotIn("vk_wrong_91c2", reply.text)
        self.assertEqual(W.list("user_uuid=refused&showDisabled=true"), [])

    def test_a_refused_key_of_a_ghost_vendor_too(self):  # CON-3
        for app, scheme, data in (
            ("stripe", "API_KEY", {"api_key": "sk_live_wrong_1"}),
            ("openai", "API_KEY", {"api_key": "sk-wrong-1"}),
            ("demo", "API_KEY", {"api_key": "wrong"}),
        ):
            with self.subTest(app):
                reply = W.try_connect(W.integration(app, scheme), data, "refused")
                check_error(self, reply, 400)
        self.assertEqual(W.list("user_uuid=refused"), [])

    def test_ghosts_know_the_words_limited_slow_and_down(self):  # CON-4
        ac = W.integration("stripe")
        for word, verdicts in (("good", {"verified"}), ("down", {"unreachable"}), ("slow", {"unreachable"}), ("limited", {"limited", "verified", "unreachable"})):  # fmt: skip
            with self.subTest(word):
                ca = W.connect(ac, {"api_key": f"sk_live_{word}_1"}, "ghost words")
                self.assertIn(W.account(ca)["meta"]["verdict"], verdicts)

    def test_verified_limited_unreachable_and_slow_keys_become_active(self):  # CON-4
        for value, verdict, reason in (
            ("vk_good_1", "verified", False), ("vk_limited_1", "limited", True), ("vk_down_1", "unreachable", False),
        ):  # fmt: skip
            with self.subTest(value):
                ca = W.connect(W.ac, {"api_key": value}, "verdicts")
                shown = self.verdict(ca)
                self.assertIn(verdict, json.dumps(shown))
                if reason:
                    self.assertIn("may not read the account", json.dumps(shown))

    def test_a_vendor_that_hangs_costs_at_most_three_seconds(self):
        began = time.monotonic()
        ca = W.connect(W.ac, {"api_key": "vk_slow_1"}, "verdicts")
        self.assertLess(time.monotonic() - began, 4.5)
        self.assertIn("unreachable", json.dumps(self.verdict(ca)))

    def test_the_identity_the_vendor_told_is_kept(self):  # CON-4
        ca = W.connect(W.ac, {"api_key": "vk_ident_1"}, "verdicts")
        self.assertIn("Ada", json.dumps(self.verdict(ca)))

    def test_an_app_without_a_check_is_uncheckable_and_active(self):  # CON-4
        ca = W.connect(W.integration(scheme="BEARER_TOKEN"), {"token": "vt_wrong_1"}, "verdicts")
        self.assertIn("uncheckable", json.dumps(self.verdict(ca)))

    def test_a_check_on_demand_tells_the_verdict(self):  # CRED-2 CON-14
        ca = W.connect(W.ac, {"api_key": "vk_later_1"}, "verdicts")
        self.assertIn("verified", W.post(f"/ks/connections/{ca}/verify", {}).text)
        W.revoked.add("vk_later_1")
        reply = W.post(f"/ks/connections/{ca}/verify", {})
        self.assertIn("rejected", reply.text)
        self.assertEqual(W.account(ca)["status"], "EXPIRED")
        W.revoked.discard("vk_later_1")
        W.good("POST", f"/ks/connections/{ca}/verify", {})
        self.assertEqual(W.account(ca)["status"], "ACTIVE")


class VerifyModes(unittest.TestCase):
    def matrix(self, flag, expected):
        world = World("--verify", flag).start()
        try:
            ac = world.integration()
            for value, status in expected:
                with self.subTest(f"--verify {flag}: {value}"):
                    got = world.try_connect(ac, {"api_key": value}, value).status
                    self.assertEqual(got, status)
                    self.assertEqual(len(world.list("user_uuid=" + value)), status == 200)
            return len([s for s in world.up.seen if s[1].startswith("/me")])
        finally:
            world.stop()

    def test_off_asks_nobody_and_stores_all(self):  # CON-4
        asked = self.matrix("off", [("vk_good", 200), ("vk_wrong", 200), ("vk_down", 200), ("vk_limited", 200)])
        self.assertEqual(asked, 0)

    def test_on_refuses_the_wrong_one(self):  # CON-4
        self.matrix("on", [("vk_good", 200), ("vk_wrong", 400), ("vk_down", 200), ("vk_limited", 200)])

    def test_required_refuses_what_could_not_be_checked_too(self):  # CON-4
        self.matrix("required", [("vk_good", 200), ("vk_wrong", 400), ("vk_down", 502), ("vk_limited", 200)])


class Expiry(unittest.TestCase):
    def use(self, ca, times, action="VEND_LIST_THINGS"):
        for _ in range(times):
            reply = W.execute(action, connectedAccountId=ca)
            self.assertEqual(reply.status, 200, reply)
            self.assertIs(reply.json()["successful"], False)

    def test_two_401s_in_real_use_that_the_check_confirms_expire_it_and_a_good_check_revives_it(self):  # CON-14
        ca = W.connect(W.ac, {"api_key": "vk_dies_1"}, "expiry")
        W.revoked.add("vk_dies_1")
        self.use(ca, 1)
        self.assertEqual(W.account(ca)["status"], "ACTIVE")
        self.use(ca, 1)
        until("EXPIRED", lambda: W.account(ca)["status"] == "EXPIRED", 10)
        check_error(self, W.execute("VEND_LIST_THINGS", connectedAccountId=ca), 400)
        W.revoked.discard("vk_dies_1")
        W.good("POST", f"/ks/connections/{ca}/verify", {})
        self.assertEqual(W.account(ca)["status"], "ACTIVE")

    def test_401s_of_a_path_alone_do_not_expire_it(self):  # CON-14
        ca = W.connect(W.ac, {"api_key": "vk_lives_1"}, "expiry")
        for _ in range(3):
            self.assertIs(W.proxy(ca, "/status/401").json()["successful"], False)
        asked = lambda: [s for s in W.up.seen if s[1].startswith("/me") and s[2].get("x-vend-key") == "vk_lives_1"]  # noqa: E731
        until("the check that the 401s start", lambda: len(asked()) >= 2, 10)
        self.assertEqual(W.account(ca)["status"], "ACTIVE")


class Lists(unittest.TestCase):
    ODD = ["user 1", "a+b", "100%", "x&y=z", "q?#/", "Zoë", "用户", "👩‍🚀", "a%2Fb", "\\\"'<>", "tab\there", ".", "-"]

    def ids(self, query):
        return [c["id"] for c in W.list(query)]

    def test_entity_ids_are_any_text_and_compared_exactly(self):  # CON-11
        made = {}
        for entity in self.ODD:
            made[entity] = W.connect(W.ac, entity=entity)
            made[entity + "\u0301"] = W.connect(W.ac, entity=entity + "\u0301")
        for entity, ca in made.items():
            with self.subTest(repr(entity)):
                self.assertEqual(self.ids("user_uuid=" + quoted(entity)), [ca])
                self.assertEqual(self.ids("entityId=" + quoted(entity)), [ca])
                self.assertEqual(W.account(ca)["entityId"], entity)
                self.assertEqual(W.account(ca)["clientUniqueUserId"], entity)
        self.assertEqual(self.ids("user_uuid=" + quoted("USER 1")), [])
        self.assertEqual(self.ids("user_uuid=a+b"), [])

    def test_absent_null_and_empty_entities_are_default(self):  # CON-11
        for more in ({}, {"userUuid": None}, {"userUuid": ""}, {"entityId": ""}):
            body = {"integrationId": W.ac, "data": {"api_key": "vk_d"}, **more}
            ca = W.good("POST", "/v1/connectedAccounts", body)["connectedAccountId"]
            self.assertEqual(W.account(ca)["entityId"], "default")
        body = {"integrationId": W.ac, "data": {"api_key": "vk_d"}, "userUuid": "loses", "entityId": "wins"}
        ca = W.good("POST", "/v1/connectedAccounts", body)["connectedAccountId"]
        self.assertEqual(W.account(ca)["entityId"], "wins")

    def test_filters_narrow_and_combine(self):  # CON-5
        other = W.integration("stripe")
        one = W.connect(W.ac, entity="f1", labels=["work", "primary"])
        two = W.connect(W.ac, entity="f2", labels=["home"])
        three = W.connect(other, {"api_key": "sk_live_1"}, entity="f1")
        off = W.connect(W.ac, entity="f1", labels=["off"])
        W.good("POST", f"/v1/connectedAccounts/{off}/disable")
        for query, wanted in (
            ("user_uuid=f1", [three, one]), ("user_uuid=f1,f2", [three, two, one]), ("user_uuid=f1%2Cf2", [three, two, one]),
            ("user_uuid=f1&entityId=f2", [three, two, one]), ("user_uuid=f1&appNames=VEND", [one]),
            ("user_uuid=f1&appNames=stripe,vend", [three, one]), ("user_uuid=f1,f2&labels=home", [two]),
            ("user_uuid=f1,f2&labels=home,primary", [two, one]), ("integrationId=" + other, [three]),
            ("connectionId=" + two, [two]), ("user_uuid=f1&status=ACTIVE", [three, one]), ("user_uuid=f1&status=EXPIRED", []),
            ("user_uuid=f1&status=EXPIRED,ACTIVE", [three, one]), ("user_uuid=f1&showDisabled=true", [off, three, one]),
            ("user_uuid=f1&showActiveOnly=true", [three, one]), ("user_uuid=f1&showActiveOnly=true&showDisabled=true", [three, one]),
            ("user_uuid=nobody", []), ("user_uuid=f1&appNames=nosuch", []), ("user_uuid=f1&status=WHAT", []),
            ("user_uuid=f1&unknownParameter=1&appNames=vend", [one]),
            ("appUniqueKeys%5B%5D=vend&user_uuid=f1", [three, one]),
        ):  # fmt: skip
            with self.subTest(query):
                self.assertEqual(self.ids(query), wanted)

    def test_pages_add_up_newest_first(self):  # CON-5
        made = [W.connect(W.ac, entity="pages") for _ in range(23)]
        got = []
        for page in (1, 2, 3):
            body = W.good("GET", f"/v1/connectedAccounts?user_uuid=pages&pageSize=10&page={page}")
            self.assertEqual((body["totalPages"], body["page"]), (3, page))
            got += [c["id"] for c in body["items"]]
        self.assertEqual(got, made[::-1])
        past = W.good("GET", "/v1/connectedAccounts?user_uuid=pages&pageSize=10&page=9")
        self.assertEqual((past["items"], past["totalPages"]), ([], 3))

    def test_pages_under_inserts_lose_nothing_that_was_there(self):  # CON-5
        made = [W.connect(W.ac, entity="moving") for _ in range(20)]
        stop = threading.Event()

        def insert():
            with W.server.connection() as http:
                while not stop.is_set():
                    body = {"integrationId": W.ac, "userUuid": "moving", "data": {"api_key": "vk_m"}}
                    http.request("POST", "/v1/connectedAccounts", body)

        thread = threading.Thread(target=insert)
        thread.start()
        try:
            seen = []
            page = 1
            while page <= 60:
                body = W.good("GET", f"/v1/connectedAccounts?user_uuid=moving&pageSize=7&page={page}")
                if not body["items"]:
                    break
                seen += [c["id"] for c in body["items"]]
                page += 1
        finally:
            stop.set()
            thread.join()
        self.assertEqual(set(made) - set(seen), set())

    def test_integrations_list_by_app_and_hide_disabled_ones(self):  # INT-4 INT-7
        a, b = W.integration("linear"), W.integration("linear")
        names = lambda q: [i["id"] for i in W.good("GET", "/v1/integrations?" + q)["items"]]  # noqa: E731
        self.assertEqual(names("appName=LINEAR"), [b, a])
        W.good("PATCH", "/v1/integrations/" + a, {"enabled": False})
        self.assertEqual(names("appName=linear"), [b])
        self.assertEqual(names("appName=linear&showDisabled=true"), [b, a])
        self.assertIn(W.try_connect(a, {"api_key": "x"}).status, (400, 404))


class Life(unittest.TestCase):
    SECRET = "vk_life_0123456789abcdefXYZ"

    def test_params_are_an_object_and_masked(self):  # CON-6
        ca = W.connect(W.ac, {"api_key": self.SECRET}, "life")
        shown = W.account(ca)["connectionParams"]
        self.assertIn("X-Vend-Key", shown["headers"])
        for path in (f"/v1/connectedAccounts/{ca}", f"/v1/connectedAccounts/{ca}/info", "/v1/connectedAccounts?user_uuid=life"):
            text = W.get(path).text
            self.assertNotIn(self.SECRET, text)
            for n in range(len(self.SECRET) - 5):
                self.assertNotIn(self.SECRET[n : n + 5], text, "more than four characters shown")
        info = W.good("GET", f"/v1/connectedAccounts/{ca}/info")
        self.assertIn("X-Vend-Key", [p["name"] for p in info["parameters"]])
        self.assertEqual(info["base_url"], W.up.url)

    def test_a_short_secret_shows_nothing_at_all(self):  # CON-6
        ca = W.connect(W.ac, {"api_key": "qzjx123"}, "life")
        text = W.get(f"/v1/connectedAccounts/{ca}/info").text
        for n in range(5):
            self.assertNotIn("qzjx123"[n : n + 3], text)

    def test_disable_keeps_the_status_and_refuses_to_act_until_enabled(self):  # CON-7
        ca = W.connect(W.ac, entity="toggle")
        W.good("POST", f"/v1/connectedAccounts/{ca}/disable")
        got = W.account(ca)
        self.assertEqual((got["enabled"], got["isDisabled"], got["status"]), (False, True, "ACTIVE"))
        check_error(self, W.execute("VEND_LIST_THINGS", connectedAccountId=ca), 400)
        W.good("POST", f"/v1/connectedAccounts/{ca}/enable")
        self.assertEqual(W.execute("VEND_LIST_THINGS", connectedAccountId=ca).status, 200)

    def test_delete_makes_everything_a_404(self):  # CON-8
        ca = W.connect(W.ac, entity="gone")
        self.assertEqual(W.good("DELETE", "/v1/connectedAccounts/" + ca)["count"], 1)
        for method, path, body in (
            ("GET", f"/v1/connectedAccounts/{ca}", None), ("DELETE", f"/v1/connectedAccounts/{ca}", None),
            ("GET", f"/v1/connectedAccounts/{ca}/info", None), ("POST", f"/v1/connectedAccounts/{ca}/enable", None),
            ("POST", f"/v1/connectedAccounts/{ca}/disable", None), ("PATCH", f"/v1/connectedAccounts/{ca}/data", {"labels": []}),
            ("POST", f"/v1/connectedAccounts/{ca}/reinitiate", {"data": {"api_key": "vk_x"}}),
            ("POST", "/v2/actions/VEND_LIST_THINGS/execute", {"connectedAccountId": ca, "input": {}}),
            ("GET", f"/ks/connections/{ca}", None), ("POST", f"/ks/connections/{ca}/verify", {}),
        ):  # fmt: skip
            with self.subTest(f"{method} {path}"):
                self.assertEqual(W.call(method, path, body).status, 404)
        self.assertEqual(W.list("user_uuid=gone&showDisabled=true"), [])

    def test_deleting_an_integration_deletes_its_connections(self):  # INT-6
        ac = W.integration()
        ca = W.connect(ac, entity="cascade")
        W.good("DELETE", "/v1/integrations/" + ac)
        for path in (f"/v1/integrations/{ac}", f"/v1/connectedAccounts/{ca}"):
            self.assertEqual(W.get(path).status, 404)
        self.assertEqual(W.try_connect(ac, {"api_key": "vk_x"}).status, 404)

    def test_a_connection_in_use_ends_with_its_integration(self):  # INT-6 CON-8: rows kept in memory go, too
        ac = W.integration()
        ca = W.connect(ac, entity="cascade_used")
        self.assertEqual((W.proxy(ca, "/list").status, W.get("/v1/connectedAccounts/" + ca).status), (200, 200))
        W.good("DELETE", "/v1/integrations/" + ac)
        asked = len(W.up.seen)
        self.assertEqual(W.get("/v1/connectedAccounts/" + ca).status, 404)
        self.assertEqual(W.proxy(ca, "/list").status, 404)
        self.assertEqual(W.get(f"/ks/call/{ca}/list").status, 404)
        self.assertEqual(len(W.up.seen), asked, "the vendor heard of a credential that was deleted")

    def test_reinitiate_and_replace_keep_the_id_and_are_checked_before_the_swap(self):  # CON-9 CRED-3
        ca = W.connect(W.ac, {"api_key": "vk_first_1"}, "swap")
        for number, swap in enumerate((
            lambda v: W.post(f"/v1/connectedAccounts/{ca}/reinitiate", {"data": {"api_key": v}}),
            lambda v: W.call("PUT", f"/ks/connections/{ca}/credential", {"api_key": v}),
        )):  # fmt: skip
            self.assertEqual(swap("vk_wrong_2").status, 400)
            W.execute("VEND_LIST_THINGS", connectedAccountId=ca)
            self.assertNotIn("wrong", W.last_seen()[2]["x-vend-key"])
            self.assertEqual(swap(f"vk_second_{number}").status, 200)
            W.execute("VEND_LIST_THINGS", connectedAccountId=ca)
            self.assertEqual(W.last_seen()[2]["x-vend-key"], f"vk_second_{number}")
        self.assertEqual(W.account(ca)["id"], ca)

    def test_labels_are_replaced_as_a_whole(self):  # CON-10
        ca = W.connect(W.ac, entity="labels", labels=["a", "b", "ünï 🏷"])
        self.assertEqual(sorted(W.account(ca)["labels"]), sorted(["a", "b", "ünï 🏷"]))
        W.good("PATCH", f"/v1/connectedAccounts/{ca}/data", {"labels": ["c"]})
        self.assertEqual(W.account(ca)["labels"], ["c"])
        self.assertEqual([c["id"] for c in W.list("labels=c&user_uuid=labels")], [ca])

    def test_everything_is_there_after_a_restart(self):  # CON-13
        ca = W.connect(W.ac, {"api_key": "vk_stays_1"}, "restart")
        before = W.account(ca)
        W.restart()
        self.assertEqual(W.account(ca), before)
        W.execute("VEND_LIST_THINGS", connectedAccountId=ca)
        self.assertEqual(W.last_seen()[2]["x-vend-key"], "vk_stays_1")


class Idempotency(unittest.TestCase):
    def make(self, key, value="vk_idem_1", entity="idem"):
        body = {"integrationId": W.ac, "userUuid": entity, "data": {"api_key": value}}
        return W.post("/v1/connectedAccounts", body, headers={"Idempotency-Key": key})

    def test_the_same_key_and_body_give_the_same_answer_and_one_connection(self):  # CON-12
        first, again = self.make("k-1"), self.make("k-1")
        self.assertEqual(first.json(), again.json())
        self.assertEqual(again.headers.get("idempotency-replayed"), "true")
        self.assertEqual(len(W.list("user_uuid=idem")), 1)

    def test_the_same_key_with_another_body_is_refused(self):  # CON-12
        self.make("k-2", entity="idem2")
        check_error(self, self.make("k-2", "vk_other", "idem2"), 400)  # 409, as this API may say it
        self.assertEqual(len(W.list("user_uuid=idem2")), 1)

    def test_it_holds_on_every_route_that_changes_something(self):  # CON-12 D3
        ca = W.connect(W.ac, {"api_key": "vk_idem_4"}, "idem4")
        steps = (
            ("POST", f"/v1/connectedAccounts/{ca}/disable", None),
            ("POST", f"/v1/connectedAccounts/{ca}/enable", None),
            ("PATCH", f"/v1/connectedAccounts/{ca}/data", {"labels": ["l"]}),
            ("POST", f"/v1/connectedAccounts/{ca}/reinitiate", {"data": {"api_key": "vk_idem_5"}}),
            ("PUT", f"/ks/connections/{ca}/credential", {"data": {"api_key": "vk_idem_6"}}),
            ("POST", f"/ks/connections/{ca}/verify", None),
            ("DELETE", f"/v1/connectedAccounts/{ca}", None),
        )
        for i, (method, path, body) in enumerate(steps):
            key = {"Idempotency-Key": f"k-4-{i}"}
            first, again = (W.call(method, path, body, headers=key) for _ in range(2))
            self.assertEqual((first.status, first.body), (200, again.body), path)
            self.assertEqual(again.headers.get("idempotency-replayed"), "true", path)
            reused = W.post("/v1/integrations", {"appName": "vend"}, headers=key)
            check_error(self, reused, 400, "used with another request")

    def test_streamed_calls_hand_the_key_on_and_are_not_replayed(self):  # ACT-12
        ca = W.connect(W.ac, {"api_key": "vk_idem_7"}, "idem7")
        for _ in range(2):
            sent = len(W.up.seen)
            out = W.call("POST", f"/ks/call/{ca}/things", b"{}", headers={"Idempotency-Key": "k-7"})
            self.assertEqual((out.status, W.last_seen()[2].get("idempotency-key")), (200, "k-7"))
            self.assertEqual((out.headers.get("idempotency-replayed"), len(W.up.seen)), (None, sent + 1))

    def test_many_at_once_make_one(self):  # CON-12
        replies = []

        def one():
            with W.server.connection() as http:
                body = {"integrationId": W.ac, "userUuid": "idem3", "data": {"api_key": "vk_i"}}
                replies.append(http.request("POST", "/v1/connectedAccounts", body, {"Idempotency-Key": "k-3"}))

        threads = [threading.Thread(target=one) for _ in range(8)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        self.assertEqual(len(W.list("user_uuid=idem3")), 1)
        self.assertEqual(len({r.json()["connectedAccountId"] for r in replies if r.status == 200}), 1)


if __name__ == "__main__":
    unittest.main()
