"""API keys: only from the x-api-key header, one of them, counted when wrong (rules K2, K3, H5)."""

import unittest

from shapes import check
from world import World

W = World()


def setUpModule():
    W.start()


def tearDownModule():
    W.stop()


class Keys(unittest.TestCase):
    def setUp(self):
        W.restart()  # each test has its own allowance of wrong keys

    def test_a_missing_empty_or_wrong_key_is_a_401_with_the_error_body(self):  # AUTH-2
        for key in (None, "", "nope", W.key[:-1], W.key + "x"):
            with self.subTest(repr(key)[:8]):
                reply = W.get("/v1/apps", key=key)
                self.assertEqual(reply.status, 401, reply)
                check(self, "error", reply.json())

    def test_the_key_is_read_from_the_header_alone(self):  # AUTH-1
        self.assertEqual(W.get(f"/v1/apps?x-api-key={W.key}&apiKey={W.key}", key=None).status, 401)
        for name in ("Authorization", "Cookie", "x-api-keys"):
            value = f"Bearer {W.key}" if name == "Authorization" else f"x-api-key={W.key}"
            self.assertEqual(W.get("/v1/apps", key=None, headers={name: value}).status, 401, name)
        self.assertEqual(W.get("/v1/apps", key=None, headers={"X-API-KEY": W.key}).status, 200)

    def test_blanks_around_the_key_are_not_of_it(self):  # AUTH-1
        self.assertEqual(W.get("/v1/apps/stripe", key=None, headers={"x-api-key": f"{W.key} \t"}).status, 200)

    def test_two_keys_are_refused_also_when_both_are_good(self):  # AUTH-1
        self.assertEqual(W.get("/v1/apps", headers=[("x-api-key", W.key)]).status, 401)
        self.assertEqual(W.get("/v1/apps", headers=[("X-Api-Key", "other")]).status, 401)

    def test_on_loopback_wrong_keys_are_not_counted(self):
        self.assertEqual({W.get("/v1/apps", key=f"guess-{i}").status for i in range(20)}, {401})

    def test_no_key_stands_in_the_log(self):  # AUTH-1
        self.assertEqual(W.get("/v1/apps", key="guess-of-the-log").status, 401)
        self.assertNotIn(W.key, W.server.log())
        self.assertNotIn("guess-of-the-log", W.server.log())

    def test_keys_made_while_the_server_runs_work_at_once(self):
        key = W.server.make_key("late")
        self.assertEqual(W.get("/v1/apps/stripe", key=key).status, 200)


class Guessing(unittest.TestCase):
    """Behind a proxy the forwarded address counts; on plain loopback none does."""

    def test_after_ten_wrong_keys_a_minute_429_while_a_good_key_is_served(self):  # AUTH-3
        world = World("--behind-proxy").start()
        try:
            self.guess(world)
            self.assertNotIn("guess-3", world.server.log())
        finally:
            world.stop()

    def guess(self, world):
        here, there = {"X-Forwarded-For": "198.51.100.7, 203.0.113.9"}, {"X-Forwarded-For": "203.0.113.10"}
        statuses = [world.get("/v1/apps", key=f"guess-{i}", headers=here).status for i in range(15)]
        self.assertEqual(statuses, [401] * 10 + [429] * 5)
        self.assertEqual(world.get("/v1/apps/stripe", headers=here).status, 200)
        self.assertEqual(world.get("/v1/apps", key="guess", headers=there).status, 401)
        reply = world.get("/v1/apps", key="guess", headers=here)
        self.assertEqual(reply.status, 429)
        self.assertTrue(reply.headers["retry-after"].isdigit())
        check(self, "error", reply.json())


class Public(unittest.TestCase):
    def test_health_ready_and_version_need_no_key(self):  # OPS-1
        for path in ("/health", "/ready", "/version"):
            self.assertEqual(W.get(path, key=None).status, 200, path)
        self.assertRegex(W.get("/version", key=None).text, r"\d+\.\d+\.\d+")

    def test_health_and_ready_tell_no_details(self):  # OPS-1
        for path in ("/health", "/ready"):
            text = W.get(path, key=None).text
            self.assertLess(len(text), 200)
            self.assertNotIn(W.server.data, text)

    def test_metrics_are_prometheus_text_without_anything_secret(self):  # OPS-1
        reply = W.get("/metrics")
        self.assertEqual(reply.status, 200, reply)
        self.assertIn("text/plain", reply.headers["content-type"])
        self.assertRegex(reply.text, r"(?m)^# TYPE keysteward_\w+ (counter|gauge|histogram)$")
        for line in reply.text.splitlines():
            self.assertRegex(line, r"^(#.*|[a-zA-Z_:][\w:]*(\{[^}]*\})? [-+0-9.eEInfNa]+|)$")
        self.assertNotIn(W.key, reply.text)


if __name__ == "__main__":
    unittest.main()
