"""GET /openapi.json: what a client gets, and what it need not fetch again."""

import gzip
import unittest

from world import World

W = World()


def setUpModule():
    W.start()


def tearDownModule():
    W.stop()


def fetch(**headers):
    return W.get("/openapi.json", key=None, headers=[(k.replace("_", "-"), v) for k, v in headers.items()])


class Document(unittest.TestCase):
    def test_everyone_may_read_it_below_any_number_of_api_segments(self):  # OPS-2
        for path in ("/openapi.json", "/api/openapi.json", "/api/api/openapi.json"):
            reply = W.get(path, key=None)
            self.assertEqual((reply.status, reply.headers["content-type"]), (200, "application/json"), path)
            self.assertEqual(reply.json()["openapi"], "3.1.0")

    def test_it_is_zipped_for_those_who_take_that_and_for_no_others(self):  # OPS-2
        plain = fetch()
        self.assertNotIn("content-encoding", plain.headers)
        for wish in ("gzip", "deflate, GZIP;q=0.5", "br;q=1.0, *;q=0.1", "x-gzip"):
            zipped = fetch(accept_encoding=wish)
            self.assertEqual(zipped.headers.get("content-encoding"), "gzip", wish)
            self.assertEqual(gzip.decompress(zipped.body), plain.body)
            self.assertLess(len(zipped.body), len(plain.body) / 5)
        for wish in ("identity", "gzip;q=0", "gzip; q=0.000, *", "*;q=0", "", "br", "gzipped"):
            self.assertEqual(fetch(accept_encoding=wish).body, plain.body, wish)

    def test_a_copy_that_is_up_to_date_is_not_sent_again(self):  # OPS-2
        first = fetch()
        tag = first.headers["etag"]
        self.assertRegex(tag, r'^"[0-9a-f]{32}"$')
        self.assertEqual((first.headers["cache-control"], first.headers["vary"]), ("no-cache", "accept-encoding"))
        for have in (tag, "W/" + tag, f'"other", {tag}', "*"):
            reply = fetch(if_none_match=have, accept_encoding="gzip")
            self.assertEqual((reply.status, reply.body, reply.headers["etag"]), (304, b"", tag), have)
            self.assertNotIn("content-encoding", reply.headers)
        for have in ('"other"', tag[1:-1], ""):
            self.assertEqual(fetch(if_none_match=have).status, 200, have)

    def test_both_prefixes_of_v3_are_described_alike(self):  # OPS-2 V3-1
        paths = W.get("/openapi.json", key=None).json()["paths"]
        old = {p[3:]: sorted(m) for p, m in paths.items() if p.startswith("/v3/")}
        new = {p[5:]: sorted(m) for p, m in paths.items() if p.startswith("/v3.1/")}
        self.assertEqual(old, new)
        self.assertGreater(len(old), 15)


if __name__ == "__main__":
    unittest.main()
