"""POST /ks/recognise: names likely apps of a key by its looks, and neither keeps nor repeats it."""

import pathlib
import unittest

from world import World

W = World()
KEY = "github_pat_" + "Canary7" * 11 + "Abcde"


def setUpModule():
    W.start()


def tearDownModule():
    W.stop()


class Recognise(unittest.TestCase):
    def test_a_key_is_named_and_not_repeated(self):  # REC-1
        reply = W.post("/ks/recognise", {"key": KEY})
        self.assertEqual(reply.status, 200, reply)
        first = reply.json()["guesses"][0]
        self.assertEqual((first["app"], first["certainty"], first["kind"]), ("github", "likely", "restricted"))
        self.assertTrue(first["in_catalogue"] and first["complete"])
        self.assertNotIn("Canary7", reply.text)

    def test_what_is_odd_is_told(self):  # REC-1
        for key, code in (
            ("pk_live_" + "a" * 24, "publishable"), ("sk_test_" + "a" * 24, "test"), (KEY[:40], "truncated"),
            (f'"{KEY}"', "quoted"), (f" {KEY}\n", "blanks"), (f"Bearer {KEY}", "prefixed"), (KEY + "\u00e9", "characters"),
        ):  # fmt: skip
            reply = W.good("POST", "/ks/recognise", {"key": key})
            self.assertIn(code, [w["code"] for w in reply["warnings"]], code)

    def test_nothing_of_it_is_kept_or_logged(self):  # REC-1, S3
        W.post("/ks/recognise", {"key": KEY}, headers={"Idempotency-Key": "recognise-once"})
        for file in pathlib.Path(W.server.data).rglob("*"):
            if file.is_file():
                self.assertNotIn(b"Canary7", file.read_bytes(), file.name)
        self.assertNotIn("Canary7", W.server.log())

    def test_a_bad_body_names_the_field(self):
        for body in ({}, {"key": ""}, {"key": 1}, {"key": "  "}):
            reply = W.post("/ks/recognise", body)
            self.assertEqual(reply.status, 400, reply)
            self.assertIn('"key"', reply.text)
        self.assertEqual(W.post("/ks/recognise", {"key": KEY}, key=None).status, 401)


if __name__ == "__main__":
    unittest.main()
