"""The log of calls: what a line says, which calls have one, who may read it (promises CALL-1 to CALL-4)."""

import json
import socket
import unittest

from world import World, check_error, until

W = World()
SECRET = "vk_calls_0123456789abcdef"


def setUpModule():
    W.start()
    W.ac = W.integration()
    W.ca = W.connect(W.ac, {"api_key": SECRET}, "caller")


def tearDownModule():
    W.stop()


def log(query="", **more):
    return W.good("GET", "/ks/calls" + ("?" + query if query else ""), **more)


def line_of(request_id, world=None):
    """The line of one request, once it is there."""
    found = []

    def there():
        found[:] = [x for x in (world or W).good("GET", "/ks/calls")["items"] if x["request_id"] == request_id]
        return bool(found)

    until("the line of the call", there)
    assert len(found) == 1, found
    return found[0]


class Lines(unittest.TestCase):
    def test_a_line_says_whose_call_it_was_and_what_became_of_it(self):  # CALL-1
        reply = W.execute("VEND_LIST_THINGS", connectedAccountId=W.ca)
        line = line_of(reply.headers["x-request-id"])
        self.assertEqual(line["request_id"], reply.json()["logId"])
        self.assertEqual((line["entity_id"], line["connection_id"], line["app"]), ("caller", W.ca, "vend"))
        self.assertEqual((line["what"], line["status"], line["result"]), ("VEND_LIST_THINGS", 200, "ok"))
        self.assertGreater(line["took_us"], 0)
        self.assertRegex(line["actor"], "^ak_")
        self.assertRegex(line["time"], r"^\d{4}-\d\d-\d\dT.*Z$")

    def test_a_path_stands_there_as_the_caller_wrote_it(self):  # CALL-2
        reply = W.proxy(W.ca, "/things/7?note=private", parameters=[{"in": "query", "name": "more", "value": "private"}])
        self.assertEqual(line_of(reply.headers["x-request-id"])["what"], "GET /things/7")
        self.assertIn("note=private", W.last_seen()[1])
        reply = W.post("/v3/tools/execute/proxy", {"connected_account_id": W.ca, "endpoint": "/a/" + "b" * 300, "method": "POST", "body": {"x": "private"}})
        self.assertEqual(line_of(reply.headers["x-request-id"])["what"], "POST /a/" + "b" * (200 - len("POST /a/")))
        self.assertNotIn("private", json.dumps(log()))
        self.assertNotIn(SECRET, json.dumps(log()))

    def test_failures_have_their_word(self):  # CALL-3
        for endpoint, status, result in (("/status/404", 404, "vendor_error"), ("/status/503", 503, "vendor_error"), ("/big", 200, "too_large"), ("/text", 200, "ok")):
            with self.subTest(endpoint):
                line = line_of(W.proxy(W.ca, endpoint).headers["x-request-id"])
                self.assertEqual((line["status"], line["result"]), (status, result))

    def test_a_call_with_credentials_of_its_own_names_no_connection(self):  # CALL-1
        for base, result in ((f"http://{W.other.address}", "ok"), ("https://vend.example", "unreachable")):  # no ghost plays that one
            with self.subTest(base):
                own = {"base_url": base, "parameters": [{"in": "header", "name": "x-a", "value": "value-of-mine"}]}
                reply = W.post("/v2/actions/VEND_LIST_THINGS/execute", {"input": {}, "authConfig": own})
                line = line_of(reply.headers["x-request-id"])
                self.assertEqual((line["connection_id"], line["entity_id"], line["app"]), (None, None, "vend"))
                self.assertEqual((line["result"], line["status"]), (result, 200 if result == "ok" else 0))

    def test_a_streamed_call_has_its_line_when_it_ends(self):  # CALL-3
        reply = W.get(f"/ks/call/{W.ca}/status/418?x=private")
        self.assertEqual(reply.status, 418)
        line = line_of(reply.headers["x-request-id"])
        self.assertEqual((line["what"], line["status"], line["result"]), ("GET /status/418", 418, "vendor_error"))
        reply = W.get(f"/ks/call/{W.ca}/big")
        self.assertEqual(len(reply.body), 11 * 1024 * 1024)
        line = line_of(reply.headers["x-request-id"])
        self.assertEqual((line["status"], line["result"], line["connection_id"]), (200, "ok", W.ca))

    def test_a_caller_that_leaves_a_stream_is_told(self):  # CALL-3
        with socket.create_connection(("127.0.0.1", W.server.port), timeout=30) as sock:
            sock.sendall(f"GET /ks/call/{W.ca}/big?left=1 HTTP/1.1\r\nHost: x\r\nx-api-key: {W.key}\r\n\r\n".encode())
            got = b""
            while b"\r\n\r\n" not in got:
                got += sock.recv(4096)
            head = got.decode("latin-1").lower()
            request = head.split("x-request-id: ")[1].split("\r\n")[0]
        line = line_of(request)
        self.assertEqual((line["status"], line["what"]), (200, "GET /big"))
        self.assertIn(line["result"], ("caller_left", "broken"))

    def test_what_is_refused_before_it_leaves_has_no_line(self):  # CALL-1
        before = log("limit=1")["items"][0]["id"]
        refused = [W.execute("VEND_GET_THING", connectedAccountId=W.ca), W.proxy(W.ca, "https://elsewhere.example/x"),
                   W.execute("VEND_LIST_THINGS", connectedAccountId="ca_" + "0" * 30)]  # fmt: skip
        self.assertEqual([x.status for x in refused], [400, 400, 404])
        line_of(W.execute("VEND_LIST_THINGS", connectedAccountId=W.ca).headers["x-request-id"])
        self.assertEqual(log("limit=2")["items"][1]["id"], before)


class Lists(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.other = W.connect(W.ac, {"api_key": SECRET}, "lister")
        for i in range(3):
            last = W.proxy(cls.other, f"/status/{200 + 100 * i}")
        line_of(last.headers["x-request-id"])

    def test_filters_agree_with_what_they_say(self):  # CALL-1
        def whats(query):
            return [x["what"] for x in log(query)["items"]]

        three = ["GET /status/400", "GET /status/300", "GET /status/200"]
        self.assertEqual(whats("entity_id=lister"), three)
        self.assertEqual(whats(f"connection_id={self.other}"), three)
        self.assertEqual(whats("entity_id=lister&failed=true"), three[:1])
        self.assertEqual(whats("entity_id=lister&app=Vend"), three)
        self.assertEqual(whats("entity_id=lister&app=github"), [])
        self.assertEqual(whats("app=nobody_knows_it"), [])
        self.assertEqual(whats("connection_id=ca_unknown"), [])
        self.assertTrue(all(x["result"] != "ok" for x in log("failed=true")["items"]))

    def test_pages_follow_each_other_whatever_is_written_meanwhile(self):  # CALL-1
        first = log("entity_id=lister&limit=2")
        line_of(W.proxy(self.other, "/text").headers["x-request-id"])
        rest = log(f"entity_id=lister&limit=2&before={first['before']}")
        self.assertEqual([x["what"] for x in first["items"] + rest["items"]], ["GET /status/400", "GET /status/300", "GET /status/200"])
        self.assertIsNone(rest["before"])

    def test_a_page_that_is_no_number_is_named(self):  # CALL-1
        for query in ("before=x", "limit=0", "limit=-1"):
            reply = W.get("/ks/calls?" + query)
            self.assertEqual((reply.status, reply.json()["error"]["details"][0]["field"]), (400, query.split("=")[0]))

    def test_a_project_and_a_limited_key_see_their_own_alone(self):  # CALL-1 KEY-1 AUTH-4
        self.assertEqual(log(key=W.server.make_key("another"))["items"], [])
        limited = W.server.cli("key", "create", "--data", W.server.data, "--project", "one", "--entity", "lister", "--apps", "vend").stdout.strip()
        seen = log("limit=1000", key=limited)["items"]
        self.assertTrue(seen)
        self.assertEqual({x["entity_id"] for x in seen}, {"lister"})
        elsewhere = W.server.cli("key", "create", "--data", W.server.data, "--project", "one", "--apps", "github").stdout.strip()
        self.assertEqual(log("limit=1000", key=elsewhere)["items"], [])

    def test_the_command_line_shows_it(self):  # CALL-4
        env = {"KEYSTEWARD_API_KEY": W.key, "KEYSTEWARD_URL": f"http://127.0.0.1:{W.server.port}"}
        table = W.server.cli("calls", "--entity", "lister", "--failed", env=env).stdout.splitlines()
        self.assertRegex(table[0], "^TIME +ENTITY +CONNECTION +APP +WHAT +STATUS +RESULT")
        self.assertEqual(len(table), 2)
        self.assertRegex(table[1], "lister .* vend +GET /status/400 +400 +vendor_error")
        shown = json.loads(W.server.cli("calls", "--connection", self.other, "--limit", "1", "--json", env=env).stdout)
        again = json.loads(W.server.cli("calls", "--connection", self.other, "--app", "vend", "--before", str(shown["before"]), "--json", env=env).stdout)
        self.assertLess(again["items"][0]["id"], shown["items"][0]["id"])


class Settings(unittest.TestCase):
    def test_no_log_is_kept_with_calls_keep_0(self):  # CALL-4
        world = World("--calls-keep", "0").start()
        try:
            ca = world.connect()
            self.assertEqual(world.execute("VEND_LIST_THINGS", connectedAccountId=ca).status, 200)
            self.assertEqual(world.get(f"/ks/call/{ca}/text").status, 200)
            uses = lambda: [x for x in world.good("GET", "/ks/audit")["items"] if x["action"] in ("action.execute", "call")]
            until("both uses are on record", lambda: len(uses()) == 2)
            self.assertEqual(world.good("GET", "/ks/calls")["items"], [])
        finally:
            world.stop()

    def test_a_line_is_there_with_the_answer_when_uses_are_strict(self):  # CALL-3 A2
        world = World("--audit-uses", "strict").start()
        try:
            ca = world.connect()
            request = world.execute("VEND_LIST_THINGS", connectedAccountId=ca).headers["x-request-id"]
            self.assertEqual([x["request_id"] for x in world.good("GET", "/ks/calls")["items"]], [request])
        finally:
            world.stop()


if __name__ == "__main__":
    unittest.main()
