"""Acting: execute, proxy, call and explain; where a stored credential may go and where not (rules N1-N7, T2, T4, S6)."""

import base64
import json
import unittest

from world import World, check_error, until

W = World()
SECRET = "vk_act_0123456789abcdef+/="


def setUpModule():
    W.start()
    W.ac = W.integration()
    W.ca = W.connect(W.ac, {"api_key": SECRET, "region": "us"}, "actor")


def tearDownModule():
    W.stop()


def parameter(where, name, value):
    return {"in": where, "name": name, "value": value}


class Limits(unittest.TestCase):
    def test_limited_actions_limit_requests_of_ones_own_too(self):  # ACT-5
        ac = W.integration()
        ca = W.connect(ac, entity="limited")
        W.good("PATCH", "/v1/integrations/" + ac, {"limitedActions": ["VEND_GET_THING"]})
        asked = len(W.up.seen)
        check_error(self, W.execute("VEND_LIST_THINGS", connectedAccountId=ca), 400, "limitedActions")
        check_error(self, W.proxy(ca, "/list"), 400, "limitedActions")
        self.assertEqual(W.get(f"/ks/call/{ca}/list").status, 400)
        explained = W.post("/ks/explain", {"connectedAccountId": ca, "method": "GET", "endpoint": "/list"})
        self.assertEqual(explained.status, 400)
        self.assertEqual(len(W.up.seen), asked, "a request that is not allowed was sent")
        self.assertEqual(W.execute("VEND_GET_THING", connectedAccountId=ca, input={"thing_id": "1"}).status, 200)

    def test_the_trail_tells_whose_credential_was_used(self):  # A2 AUD-1
        ca = W.connect(W.ac, entity="trail")
        self.assertEqual(W.execute("VEND_LIST_THINGS", connectedAccountId=ca).status, 200)
        self.assertEqual(W.proxy(ca, "/list").status, 200)
        self.assertEqual(W.get(f"/ks/call/{ca}/list").status, 200)
        wanted = {("action.execute", ca + " VEND_LIST_THINGS"), ("proxy", ca + " vend"), ("call", ca + " vend")}
        until(
            "the three uses in the trail",
            lambda: wanted <= {(r["action"], r["object"]) for r in W.good("GET", "/ks/audit?limit=20")["items"]},
        )


class Addresses(unittest.TestCase):
    """A stored secret stays with the address it was given for."""

    def moved(self, reply):
        self.assertEqual(reply.status, 400, reply)
        self.assertRegex(reply.text, "does not follow to another address|so the address must be")
        self.assertNotIn(SECRET, reply.text)

    def test_a_new_address_wants_the_secret_anew_N1(self):  # CON-16
        ca = W.connect(W.ac, {"api_key": SECRET, "base_url": W.up.url + "/mine"}, "mover")
        asked = len(W.up.seen)
        for val in ({"base_url": W.up.url + "/thief"}, {"base_url": None}):
            self.moved(W.call("PATCH", "/v3/connected_accounts/" + ca, {"connection": {"state": {"authScheme": "API_KEY", "val": val}}}))
        self.assertEqual(len(W.up.seen), asked, "the secret was sent to the new address")
        for val in ({"base_url": W.up.url + "/mine", "region": "us"}, {"base_url": W.up.url + "/yours", "api_key": SECRET}):
            done = W.call("PATCH", "/v3/connected_accounts/" + ca, {"connection": {"state": {"authScheme": "API_KEY", "val": val}}})
            self.assertEqual(done.status, 200, done)

    def test_the_secret_of_an_integration_goes_to_no_host_that_a_user_names_N1(self):  # CON-16
        wish = {"appName": "vend", "authScheme": "API_KEY", "forceNewIntegration": True, "authConfig": {"api_key": SECRET}}
        ac = W.good("POST", "/v1/integrations", wish)["id"]
        asked = len(W.up.seen)
        self.moved(W.try_connect(ac, {"base_url": W.up.url + "/thief"}, "thief"))
        self.assertEqual(len(W.up.seen), asked, "the secret was sent to the user's address")
        W.connect(ac, {"region": "us"}, "plain")
        W.connect(ac, {"base_url": W.up.url + "/own", "api_key": "vk_own_0123456789"}, "own")


class Execute(unittest.TestCase):
    def result(self, action, **body):
        reply = W.execute(action, **body)
        self.assertEqual(reply.status, 200, reply)
        self.assertEqual(reply.json()["successful"], reply.json()["successfull"])
        return reply.json()

    def test_the_key_and_the_arguments_stand_where_the_app_file_says(self):  # ACT-2
        out = self.result("VEND_LIST_THINGS", connectedAccountId=W.ca, input={"limit": 3, "words": "a b&c=d/ü"})
        self.assertIs(out["successful"], True)
        method, path, headers, _ = W.last_seen()
        self.assertEqual(method, "GET")
        self.assertEqual(headers["x-vend-key"], SECRET)
        self.assertTrue(path.startswith("/things?"))
        for part in ("limit=3", "words=a%20b%26c%3Dd%2F%C3%BC", "region=us"):
            self.assertIn(part, path)
        self.assertEqual(out["data"]["path"], path)

    def test_the_status_of_the_vendor_is_told_and_null_without_an_answer(self):  # ACT-2
        self.assertEqual(self.result("VEND_LIST_THINGS", connectedAccountId=W.ca)["vendorStatus"], 200)
        self.assertEqual(W.proxy(W.ca, "/status/418").json()["vendorStatus"], 418)
        nowhere = {"base_url": "https://nowhere.example", "parameters": [parameter("header", "X-Vend-Key", SECRET)]}
        out = self.result("VEND_LIST_THINGS", authConfig=nowhere)
        self.assertEqual((out["successful"], out["vendorStatus"]), (False, None))

    def test_defaults_are_sent_when_nothing_is_given(self):
        self.result("VEND_LIST_THINGS", connectedAccountId=W.ca)
        self.assertIn("limit=10", W.last_seen()[1])

    def test_path_arguments_are_encoded_and_cannot_leave_their_segment(self):
        for value, wanted in (("7", "/things/7"), ("a/b", "/things/a%2Fb"), ("a?b#c", "/things/a%3Fb%23c"), ("é", "/things/%C3%A9")):
            self.result("VEND_GET_THING", connectedAccountId=W.ca, input={"thing_id": value})
            self.assertEqual(W.last_seen()[1].split("?")[0], wanted)
        for value in ("..", "."):
            before = len(W.up.seen)
            reply = W.execute("VEND_GET_THING", connectedAccountId=W.ca, input={"thing_id": value})
            if len(W.up.seen) > before:
                self.assertTrue(W.last_seen()[1].startswith("/things/%2"), W.last_seen()[1])
            else:
                self.assertEqual(reply.status, 400, reply)

    def test_bodies_are_json_or_forms_as_declared(self):
        self.result("VEND_MAKE_THING", connectedAccountId=W.ca, input={"title": 'q"\\ü', "color": "red", "sizes": [1, 2]})
        method, path, headers, body = W.last_seen()
        self.assertEqual(method, "POST")
        self.assertTrue(headers["content-type"].startswith("application/json"))
        self.assertEqual(json.loads(body), {"title": 'q"\\ü', "look": {"color": "red"}, "sizes": [1, 2]})
        self.result("VEND_SEND_FORM", connectedAccountId=W.ca, input={"note": "a b&c=d"})
        self.assertTrue(W.last_seen()[2]["content-type"].startswith("application/x-www-form-urlencoded"))
        self.assertIn(W.last_seen()[3], (b"note=a%20b%26c%3Dd", b"note=a+b%26c%3Dd"))

    def test_the_two_sdks_bodies_are_both_accepted(self):  # ACT-2
        python = {"connectedAccountId": W.ca, "entityId": "actor", "appName": "VEND", "input": {}, "text": None,
                  "version": "latest:base", "authConfig": None, "sessionInfo": {"sessionId": "x"}, "allowTracing": False}  # fmt: skip
        typescript = {"connectedAccountId": W.ca, "input": {}, "appName": "vend", "text": "", "sessionInfo": {},
                      "allowTracing": False}  # fmt: skip
        for body in (python, typescript):
            self.assertIs(self.result("VEND_LIST_THINGS", **body)["successful"], True)

    def test_other_basic_and_bearer_schemes_are_injected(self):
        bearer = W.connect(W.integration(scheme="BEARER_TOKEN"), {"token": "vt_123456"}, "bearer")
        self.result("VEND_LIST_THINGS", connectedAccountId=bearer)
        self.assertEqual(W.last_seen()[2]["authorization"], "Bearer vt_123456")
        basic = W.connect(W.integration(scheme="BASIC"), {"username": "ada", "password": "p:w ü".replace(" ü", "d")}, "basic")
        self.result("VEND_LIST_THINGS", connectedAccountId=basic)
        self.assertEqual(W.last_seen()[2]["authorization"], "Basic " + base64.b64encode(b"ada:p:wd").decode())

    def test_a_basic_user_with_a_colon_is_refused(self):
        check_error(self, W.try_connect(W.integration(scheme="BASIC"), {"username": "a:b", "password": "x"}), 400, "username")

    def test_values_are_never_expanded_a_second_time(self):
        ca = W.connect(W.ac, {"api_key": "vk_{{region}}_{{api_key}}"}, "templates")
        self.result("VEND_LIST_THINGS", connectedAccountId=ca, input={"words": "{{api_key}}"})
        self.assertEqual(W.last_seen()[2]["x-vend-key"], "vk_{{region}}_{{api_key}}")
        self.assertIn("words=%7B%7Bapi_key%7D%7D", W.last_seen()[1])

    def test_a_refusal_of_the_vendor_is_a_200_that_says_so(self):  # ACT-2
        gone = W.connect(W.ac, {"api_key": "vk_refused_later"}, "refusal")
        W.revoked.add("vk_refused_later")
        out = self.result("VEND_LIST_THINGS", connectedAccountId=gone)
        W.revoked.discard("vk_refused_later")
        self.assertIs(out["successful"], False)
        self.assertIn("401", out["error"])
        self.assertIsInstance(out["data"], dict)

    def test_by_entity_the_primary_label_wins_then_the_newest(self):  # ACT-3
        for i in range(3):
            W.connect(W.ac, {"api_key": f"vk_many_{i}"}, "many")
        self.result("VEND_LIST_THINGS", entityId="many")
        self.assertEqual(W.last_seen()[2]["x-vend-key"], "vk_many_2")
        W.connect(W.ac, {"api_key": "vk_primary"}, "many", labels=["primary"])
        W.connect(W.ac, {"api_key": "vk_newest"}, "many")
        self.result("VEND_LIST_THINGS", entityId="many")
        self.assertEqual(W.last_seen()[2]["x-vend-key"], "vk_primary")

    def test_a_connection_of_another_app_is_a_400(self):
        stripe = W.connect(W.integration("stripe"), {"api_key": "sk_live_1"}, "actor")
        check_error(self, W.execute("VEND_LIST_THINGS", connectedAccountId=stripe), 400)

    def test_ghost_vendors_answer_actions(self):
        ca = W.connect(W.integration("stripe"), {"api_key": "sk_live_ghost_1"}, "ghosts")
        action = next(
            a for a in W.good("GET", "/v2/actions?apps=stripe")["items"] if not a["parameters"].get("required")
        )
        out = self.result(action["name"], connectedAccountId=ca)
        self.assertIs(out["successful"], True, out)
        self.assertNotIn("sk_live_ghost_1", json.dumps(out))

    def test_unknown_arguments_are_refused_with_the_known_ones(self):  # ACT-4
        reply = W.execute("VEND_LIST_THINGS", connectedAccountId=W.ca, input={"limt": 3})
        check_error(self, reply, 400, "limit words")  # what it takes; the name that was sent is not repeated

    def test_limited_actions_are_enforced(self):  # ACT-5 INT-5
        ac = W.integration()
        ca = W.connect(ac, {"api_key": "vk_limited_actions_1"}, "limits")
        W.good("PATCH", "/v1/integrations/" + ac, {"limitedActions": ["VEND_GET_THING"]})
        before = len(W.up.seen)
        self.assertIn(W.execute("VEND_LIST_THINGS", connectedAccountId=ca).status, (400, 401, 404))
        self.assertEqual(len(W.up.seen), before)
        self.assertEqual(W.execute("VEND_GET_THING", connectedAccountId=ca, input={"thing_id": "1"}).status, 200)
        W.good("PATCH", "/v1/integrations/" + ac, {"limitedActions": []})
        self.assertEqual(W.execute("VEND_LIST_THINGS", connectedAccountId=ca).status, 200)

    def test_several_connections_can_be_refused_instead_of_guessed(self):  # ACT-3
        world = World("--ambiguous", "refuse").start()
        try:
            first, second = (world.connect(entity="two") for _ in range(2))
            body = check_error(self, world.execute("VEND_LIST_THINGS", entityId="two"), 400)
            self.assertIn(first, json.dumps(body))
            self.assertIn(second, json.dumps(body))
            self.assertEqual(world.execute("VEND_LIST_THINGS", connectedAccountId=first).status, 200)
        finally:
            world.stop()

    def test_shopify_connects_with_the_key_alone_and_says_what_acting_needs(self):
        ca = W.connect(W.integration("shopify"), {"api_key": "shpat_0123456789"}, "shop")
        action = next(
            a for a in W.good("GET", "/v2/actions?apps=shopify")["items"] if not a["parameters"].get("required")
        )
        check_error(self, W.execute(action["name"], connectedAccountId=ca), 400, "shop")


class OwnCredentials(unittest.TestCase):
    def run_with(self, base_url=None, **more):
        config = {"body": {}, "parameters": [parameter("header", "X-Mine", "mine-123456789")], **more}
        if base_url:
            config["base_url"] = base_url
        return W.execute("VEND_LIST_THINGS", entityId="actor", authConfig=config)

    def test_nothing_stored_goes_along_with_credentials_of_the_call(self):  # ACT-6
        reply = self.run_with()
        self.assertIs(reply.json()["successful"], True, reply)
        self.assertEqual(W.last_seen()[2]["x-mine"], "mine-123456789")
        self.assertNotIn("x-vend-key", W.last_seen()[2])

    def test_a_base_url_of_the_callers_own_is_judged_by_address(self):  # ACT-6
        self.run_with(W.other.url)
        self.assertEqual(W.other.seen[-1][2]["x-mine"], "mine-123456789")
        self.assertNotIn(SECRET, json.dumps(W.other.seen[-1][2]))
        for url in (
            "http://127.0.0.1:1", "http://127.0.0.1:22", "https://127.0.0.1", "http://169.254.169.254", "file:///etc/passwd",
            "http://[::1]:80", "http://0x7f000001:80", "http://localhost:80", "gopher://127.0.0.1", "http://u:p@127.0.0.1:80",
            "http://[::ffff:127.0.0.1]:80", "http://2130706433/", "https://a.example/#x", "https://",
        ):  # fmt: skip
            with self.subTest(url):
                reply = self.run_with(url)
                self.assertIn(reply.status, (200, 400), reply)
                if reply.status == 200:
                    self.assertIs(reply.json()["successful"], False)

    def test_parameters_go_into_header_query_and_path(self):  # ACT-6
        reply = W.execute(
            "VEND_LIST_THINGS",
            authConfig={"body": {}, "parameters": [parameter("query", "token", "q r"), parameter("header", "X-A", "b")]},
        )
        self.assertIs(reply.json()["successful"], True, reply)
        self.assertIn("token=q%20r", W.last_seen()[1])


class Proxy(unittest.TestCase):
    def test_a_relative_endpoint_goes_to_the_connections_origin_with_its_key(self):  # ACT-7
        out = W.proxy(W.ca, "/any/where?x=1", "GET", [parameter("query", "y", "a b"), parameter("header", "X-Extra", "e")])
        self.assertIs(out.json()["successful"], True, out)
        method, path, headers, _ = W.last_seen()
        self.assertTrue(path.startswith("/any/where?"))
        self.assertIn("x=1", path)
        self.assertRegex(path, r"y=a(%20|\+)b")
        self.assertEqual((headers["x-vend-key"], headers["x-extra"]), (SECRET, "e"))

    def test_each_method_and_a_body(self):  # ACT-7
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            body = {"n": 9007199254740993, "t": "ü"} if method in ("POST", "PUT", "PATCH") else None
            out = W.proxy(W.ca, "/things", method, body=body)
            self.assertEqual((out.status, W.last_seen()[0]), (200, method), out)
            if body:
                self.assertEqual(json.loads(W.last_seen()[3]), body)

    def test_arrays_and_text_are_wrapped_and_numbers_survive(self):  # ACT-2
        out = W.proxy(W.ca, "/list")
        self.assertIsInstance(out.json()["data"], dict)
        self.assertIn("9007199254740993", out.text)
        self.assertIsInstance(W.proxy(W.ca, "/text").json()["data"], dict)
        self.assertIn("just text", W.proxy(W.ca, "/text").text)

    def test_an_absolute_endpoint_passes_on_the_same_origin_only(self):  # ACT-7
        self.assertIs(W.proxy(W.ca, W.up.url + "/same").json()["successful"], True)
        self.assertEqual(W.last_seen()[1].split("?")[0], "/same")
        seen, other = len(W.up.seen), len(W.other.seen)
        host = f"127.0.0.1:{W.up.port}"
        for endpoint in (
            W.other.url + "/x", f"https://{host}/x", f"http://localhost:{W.up.port}/x", f"http://{host}@127.0.0.1:{W.other.port}/x",
            f"http://127.0.0.1:{W.other.port}#@{host}/x", f"//127.0.0.1:{W.other.port}/x", f"\\\\127.0.0.1:{W.other.port}/x",
            f"http:\\\\127.0.0.1:{W.other.port}/x", f"http://u:p@{host}/x", f"http://{host}.evil.example/x",
            f"http://127.0.0.1:{W.up.port}1/x", " http://127.0.0.1/x", f"http://{host}%2f@evil.example/", "file:///etc/passwd",
            f"HTTP://127.0.0.1:{W.other.port}/x", f"http://{host}/x\r\nX: y",
        ):  # fmt: skip
            with self.subTest(endpoint):
                check_error(self, W.proxy(W.ca, endpoint), 400)
        self.assertEqual((len(W.up.seen), len(W.other.seen)), (seen, other), "something was sent")

    def test_redirects_are_not_followed(self):
        before = len(W.other.seen)
        out = W.proxy(W.ca, "/redirect")
        self.assertEqual(out.status, 200, out)
        self.assertEqual(len(W.other.seen), before)

    def test_callers_headers_that_would_break_the_frame_are_refused(self):  # ACT-7
        for name in (
            "Host", "host", "Content-Length", "Transfer-Encoding", "Connection", "Cookie", "Forwarded", "X-Forwarded-For",
            "Upgrade", "TE", "Trailer", "Proxy-Authorization", "X-Vend-Key", "x-vend-key", "bad name", "bad:name", "bad\r\nX", "",
        ):  # fmt: skip
            with self.subTest(repr(name)):
                before = len(W.up.seen)
                check_error(self, W.proxy(W.ca, "/h", parameters=[parameter("header", name, "v")]), 400)
                self.assertEqual(len(W.up.seen), before)
        for value in ("a\r\nX-Injected: 1", "a\nb", "a\x00b"):
            check_error(self, W.proxy(W.ca, "/h", parameters=[parameter("header", "X-A", value)]), 400)

    def test_the_injected_secret_does_not_come_back(self):
        reply = W.proxy(W.ca, "/leak")
        for form in (SECRET, base64.b64encode(SECRET.encode()).decode(), "vk_act_0123456789abcdef%2B%2F%3D"):
            self.assertNotIn(form, reply.text)
        self.assertNotIn("vk_act_0123456789abcdef", reply.text)

    def test_an_answer_over_10_mib_is_an_error_and_not_a_crash(self):
        reply = W.proxy(W.ca, "/big")
        self.assertIn(reply.status, (200, 400, 502))
        if reply.status == 200:
            self.assertIs(reply.json()["successful"], False)
        self.assertEqual(W.get("/health").status, 200)

    def test_a_busy_vendor_is_told_with_its_time(self):
        reply = W.proxy(W.connect(entity="busy"), "/busy")  # which from then on waits
        self.assertIn(reply.status, (200, 429))
        self.assertIn("77", reply.text + repr(reply.pairs))


class Call(unittest.TestCase):
    def test_method_path_query_headers_and_bytes_pass_through(self):  # NAT-2
        body = bytes(range(256)) * 40
        reply = W.call("POST", f"/ks/call/{W.ca}/a%2Fb/c?x=1&y=%20", body, headers={"Content-Type": "application/x-thing", "X-Own": "o"})
        self.assertEqual(reply.status, 200, reply)
        method, path, headers, got = W.last_seen()
        self.assertEqual(method, "POST")
        self.assertTrue(path.startswith("/a%2Fb/c?"), path)
        self.assertEqual(sorted(path.split("?")[1].split("&")), ["region=us", "x=1", "y=%20"])
        self.assertEqual(got, body)
        self.assertEqual((headers["x-vend-key"], headers["x-own"]), (SECRET, "o"))
        self.assertEqual(headers["content-type"], "application/x-thing")

    def test_our_own_key_does_not_travel(self):
        W.call("GET", f"/ks/call/{W.ca}/things")
        self.assertNotIn("x-api-key", W.last_seen()[2])
        self.assertNotIn(W.key, json.dumps(W.last_seen()[2]))

    def test_the_vendors_status_comes_back_as_it_is(self):
        for status in (201, 302, 404, 418, 500):
            self.assertEqual(W.call("GET", f"/ks/call/{W.ca}/status/{status}").status, status)

    def test_an_answer_to_head_ends_with_its_headers(self):  # NAT-2
        for path in ("things", "text", "big", "status/204", "status/404"):
            head = f"HEAD /ks/call/{W.ca}/{path} HTTP/1.1\r\nHost: x\r\nx-api-key: {W.key}\r\n"
            with self.subTest(path):
                raw = W.server.raw((head + "Connection: close\r\n\r\n").encode())
                self.assertTrue(raw.startswith(b"HTTP/1.1 "), raw)
                self.assertEqual(raw.partition(b"\r\n\r\n")[2], b"")
                self.assertNotIn(b"chunked", raw)

    def test_more_than_10_mib_streams(self):  # NAT-2
        self.assertEqual(len(W.call("GET", f"/ks/call/{W.ca}/big").body), 11 * 1024 * 1024)

    def test_the_path_cannot_name_another_host(self):
        before = len(W.other.seen)
        for path in (f"/127.0.0.1:{W.other.port}/x", f"http://127.0.0.1:{W.other.port}/x", "../../x", "%2e%2e/x"):
            W.call("GET", f"/ks/call/{W.ca}/{path}")
        self.assertEqual(len(W.other.seen), before)

    def test_the_injected_header_cannot_be_overridden(self):
        before = len(W.up.seen)
        reply = W.call("GET", f"/ks/call/{W.ca}/things", headers={"X-Vend-Key": "mine"})
        if len(W.up.seen) > before:
            self.assertEqual(W.last_seen()[2]["x-vend-key"], SECRET)
        else:
            self.assertEqual(reply.status, 400)

    def test_unknown_connections_are_a_404(self):
        self.assertEqual(W.call("GET", "/ks/call/ca_none/things").status, 404)


class Explain(unittest.TestCase):
    def test_it_shows_the_request_with_the_key_masked_and_sends_nothing(self):  # NAT-1
        before = len(W.up.seen)
        body = {"action": "VEND_LIST_THINGS", "connectedAccountId": W.ca, "input": {"limit": 2}}
        text = W.post("/ks/explain", body)
        self.assertEqual(text.status, 200, text)
        self.assertIn("‹api_key›", text.text)
        self.assertIn("/things", text.text)
        self.assertIn("X-Vend-Key", text.text)
        self.assertNotIn(SECRET, text.text)
        self.assertEqual(len(W.up.seen), before)

    def test_by_entity_too(self):  # NAT-1
        reply = W.post("/ks/explain", {"action": "VEND_LIST_THINGS", "entityId": "actor", "input": {}})
        self.assertEqual(reply.status, 200, reply)


class Native(unittest.TestCase):
    def test_fields_of_an_app_by_scheme(self):  # NAT-3
        reply = W.get("/ks/apps/vend/fields?scheme=BASIC")
        self.assertEqual(reply.status, 200, reply)
        self.assertIn("username", reply.text)
        self.assertEqual(W.get("/ks/apps/nosuch/fields").status, 404)

    def test_uses_and_changes_are_in_the_audit(self):  # AUD-1
        W.execute("VEND_LIST_THINGS", connectedAccountId=W.ca)
        reply = W.get("/ks/audit")
        self.assertEqual(reply.status, 200, reply)
        self.assertIn(W.ca, reply.text)
        self.assertNotIn(SECRET, reply.text)

    def test_the_head_of_the_audit_is_told(self):  # AUD-1
        reply = W.get("/ks/audit/head")
        self.assertEqual(reply.status, 200, reply)

    def test_apps_are_listed_and_shown(self):  # NAT-3
        self.assertIn("vend", W.get("/ks/apps").text)
        self.assertIn("base_url", W.get("/ks/apps/vend").text)

    def test_connections_are_listed_without_secrets(self):  # CRED-1
        reply = W.get("/ks/connections")
        self.assertEqual(reply.status, 200, reply)
        self.assertIn(W.ca, reply.text)
        self.assertNotIn(SECRET, reply.text)


if __name__ == "__main__":
    unittest.main()
