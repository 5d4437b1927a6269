"""Streams through /ks/call: as they come, both ways, of any size, with the vendor's habits on the wire (NAT-2, STR-1 to STR-5;
rules S6, T4, N7). The vendor is tests/support/raw_vendor.py."""

import hashlib
import http.client
import json
import os
import socket
import threading
import unittest

from raw_vendor import BLOCK, RawVendor
from server import sanitized
from world import World

SECRET = "vk_stream_0123456789abcdef"
V = RawVendor()
W = World("--allow-private", V.address, "--threads", "1", ghost=False)
GB = int(os.environ.get("KEYSTEWARD_STREAM_BYTES", str(256 << 20)))  # 1 GB by hand, and in ./dev bench


def setUpModule():
    V.__enter__()
    W.start()
    W.ca = W.connect(W.integration(), {"api_key": SECRET, "base_url": V.url}, "streamer")


def tearDownModule():
    V.__exit__()
    W.stop()


def path(rest):
    return f"/ks/call/{W.ca}/{rest}"


def call(method, rest, body=None, **more):
    return W.call(method, path(rest), body, **more)


class Link:
    """A raw connection: bytes as they arrive."""

    def __init__(self, method, rest, headers=(), body=b""):
        self.sock = socket.create_connection(("127.0.0.1", W.server.port), timeout=30)
        lines = [f"{method} {path(rest)} HTTP/1.1", "Host: x", f"x-api-key: {W.key}", *headers]
        self.sock.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        self.got = b""

    def until(self, text):
        """All bytes so far, once they hold `text`."""
        while text not in self.got:
            part = self.sock.recv(65536)
            assert part, f"the connection ended before {text!r}: {self.got[-300:]!r}"
            self.got += part
        return self.got

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()


class AsTheyCome(unittest.TestCase):
    def test_an_event_arrives_before_the_next_one_is_sent(self):  # STR-1
        # the tails are beginnings of the secret in several spellings: they must not hold the end of an event back
        for tail in ("", SECRET[:-1], "v", "vk_"):
            with self.subTest(tail), Link("GET", f"events?n=3&tail={tail}") as link:
                for i in range(3):
                    link.until(f"data: event {i} {tail}\n\n".encode())
                    V.go.release()
                link.until(b"\r\n0\r\n\r\n")

    def test_what_the_caller_sends_arrives_before_it_sends_more(self):  # STR-1
        heard = threading.Semaphore(0)

        def listen(v):
            for _ in v.chunks_in():
                heard.release()
            v.say(200, [("Content-Length", 2)], b"ok")

        V.plays["/listen"] = listen
        with Link("POST", "listen", ["Transfer-Encoding: chunked", "Content-Type: text/plain"]) as link:
            for _ in range(3):
                link.sock.sendall(b"5\r\nhello\r\n")
                self.assertTrue(heard.acquire(timeout=20), "a chunk was held back")
            link.sock.sendall(b"0\r\n\r\n")
            link.until(b"ok")

    def test_a_secret_sent_byte_by_byte_is_found_S6(self):
        reply = call("GET", "leak")
        self.assertEqual((reply.text, reply.headers["x-leak"]), ("<[redacted]>", "[redacted]"))

    def test_a_caller_that_leaves_ends_the_vendors_answer(self):  # STR-1
        with Link("GET", "endless") as link:
            link.until(b"\r\n\r\n")
        while V.told.get(timeout=30)[0] != "gone":
            pass

    def test_an_early_refusal_reaches_a_caller_that_is_still_sending(self):
        with Link("POST", "early", ["Content-Length: 3000000", "Content-Type: text/plain"], b"x" * 1000) as link:
            link.sock.sendall(b"x" * 2999000)
            self.assertTrue(link.until(b"\r\n\r\n").startswith(b"HTTP/1.1 413"))


class AnySize(unittest.TestCase):
    @unittest.skipIf(sanitized(), "sanitizers keep what is freed")
    def test_memory_stays_flat_both_ways(self):  # STR-2 D11
        call("GET", "blob?n=8000000"), call("POST", "x", BLOCK)

        def down():
            link = http.client.HTTPConnection("127.0.0.1", W.server.port, timeout=60)
            link.request("GET", path(f"blob?n={GB}"), headers={"x-api-key": W.key})
            answer, got = link.getresponse(), 0
            while part := answer.read(1 << 20):
                got += len(part)
            link.close()
            return got

        def up():
            link = http.client.HTTPConnection("127.0.0.1", W.server.port, timeout=60)
            blocks = (BLOCK for _ in range(GB // len(BLOCK)))
            link.request("PUT", path("x"), blocks, {"x-api-key": W.key, "Content-Length": str(GB)})
            answer = link.getresponse().read()
            link.close()
            return int(answer.split()[2])

        for work in (down, up):
            size, grown = W.server.grown_by(work)
            self.assertEqual(size, GB)
            self.assertLess(grown, 8192, f"{work.__name__}: memory grew by {grown} KiB")

    def test_bytes_of_every_value_come_through_unchanged(self):
        size = 3 * len(BLOCK) + 17
        reply = call("GET", f"blob?n={size}")
        self.assertEqual(reply.body, (BLOCK * 4)[:size])
        sent = BLOCK * 20 + b"end"
        told = call("POST", "x", sent).text.split()
        self.assertEqual(told[2:], [str(len(sent)), hashlib.sha256(sent).hexdigest()])


class Habits(unittest.TestCase):
    """Vendors' habits on the wire."""

    def test_packed_answers_are_unpacked_and_searched_S6(self):  # STR-3
        for rest, accepts, asked in (("packed", "gzip, br", "gzip"), ("packed", "br", "identity"), ("packed?always=1", "br", "identity")):
            with self.subTest(rest=rest, accepts=accepts):
                reply = call("GET", rest, headers={"Accept-Encoding": accepts})
                self.assertEqual(reply.text, "[redacted] packed " * 20)
                self.assertNotIn("content-encoding", reply.headers)
                self.assertEqual(V.seen[-1][2]["accept-encoding"], asked)

    def test_what_cannot_be_unpacked_is_refused_S6(self):  # STR-3
        for rest in ("packed?always=1&as=br", "packed?always=1&part=1"):
            reply = call("GET", rest)
            self.assertEqual((reply.status, reply.json()["error"]["code"]), (502, "vendor_unreachable"))
            self.assertNotIn("packed", reply.text)

    def test_parts_pass_with_their_place(self):  # STR-4
        reply = call("GET", "ranged", headers={"Range": "bytes=65-70", "If-Range": '"v1"', "Accept-Encoding": "gzip"})
        self.assertEqual((reply.status, reply.body), (206, b"ABCDEF"))
        self.assertEqual(reply.headers["content-range"], f"bytes 65-70/{len(BLOCK)}")
        self.assertEqual(reply.headers["etag"], '"v1"')
        self.assertEqual(V.seen[-1][2]["accept-encoding"], "identity")
        self.assertEqual(call("GET", "ranged", headers={"Range": "bytes=0-1", "If-Range": '"v0"'}).body, BLOCK)
        beyond = call("GET", "ranged", headers={"Range": "bytes=999999-"})
        self.assertEqual((beyond.status, beyond.headers["content-range"]), (416, f"bytes */{len(BLOCK)}"))

    def test_head_tells_the_length_that_get_would_have(self):  # STR-4
        reply = call("HEAD", "blob?n=12345")
        self.assertEqual((reply.status, reply.headers["content-length"], reply.body), (200, "12345", b""))
        packed = call("HEAD", "packed", headers={"Accept-Encoding": "gzip"})
        self.assertFalse({"content-length", "content-encoding"} & set(packed.headers), "GET would be answered unpacked")

    def test_answers_without_a_body_leave_the_connection_usable(self):  # STR-4
        head = f"Host: x\r\nx-api-key: {W.key}\r\n"
        tries = [("GET", f"empty?status={n}") for n in ("204", "304", "304&length=77")] + [("HEAD", "blob?n=99")]
        asked = "".join(f"{m} {path(rest)} HTTP/1.1\r\n{head}\r\n" for m, rest in tries)
        raw = W.server.raw((asked + f"GET {path('last')} HTTP/1.1\r\n{head}Connection: close\r\n\r\n").encode())
        statuses = [part.split()[0] for part in raw.decode("latin-1").split("HTTP/1.1 ")[1:]]
        self.assertEqual(statuses, ["204", "304", "304", "200", "200"], raw)
        self.assertIn(b"GET /last", raw)
        for part in raw.split(b"HTTP/1.1 ")[1:4]:
            self.assertTrue(part.endswith(b"\r\n\r\n"), part)

    def test_trailers_are_dropped(self):  # STR-4
        raw = W.server.raw(f"GET {path('trailers')} HTTP/1.1\r\nHost: x\r\nx-api-key: {W.key}\r\nConnection: close\r\n\r\n".encode())
        self.assertIn(b"body", raw)
        self.assertNotIn(b"x-sum", raw.lower())

    def test_a_caller_may_wait_for_100_continue(self):
        with Link("POST", "x", ["Content-Length: 5", "Expect: 100-continue", "Content-Type: text/plain"]) as link:
            link.until(b"HTTP/1.1 100 Continue\r\n\r\n")
            link.sock.sendall(b"hello")
            link.until(b" 5 " + hashlib.sha256(b"hello").hexdigest().encode())
        self.assertNotIn("expect", V.seen[-1][2])

    def test_every_header_of_the_vendor_comes_along(self):  # STR-5
        many = [(f"X-Many-{i}", f"value {i}") for i in range(60)]
        V.plays["/many"] = lambda v: v.say(200, [*many, ("Content-Length", 2)], b"ok")
        V.plays["/huge"] = lambda v: v.say(200, [("X-Huge", "h" * 20000), ("Content-Length", 2)], b"ok")
        V.plays["/full"] = lambda v: v.say(200, [("X-Full", "f" * 12000), ("Content-Length", 2)], b"ok")
        reply = call("GET", "many")
        self.assertEqual([v for k, v in reply.pairs if k.lower().startswith("x-many-")], [v for _, v in many])
        full = call("GET", "full", headers={"X-Mine": "m" * 15000})
        self.assertEqual((full.status, len(full.headers["x-full"])), (200, 12000))
        huge = call("GET", "huge")
        self.assertEqual((huge.status, huge.json()["error"]["code"]), (502, "vendor_unreachable"))


class Headers(unittest.TestCase):
    def test_a_clients_own_authorization_does_not_travel_T4(self):  # STR-5
        asked = len(V.seen)
        reply = call("GET", "x", headers={"Authorization": "Bearer my_own_0123456789"})
        self.assertEqual((reply.status, reply.json()["error"]["field"]), (400, "authorization"))
        self.assertNotIn("my_own", reply.text)
        self.assertEqual(len(V.seen), asked)

    def test_refusals_of_malformed_requests_have_the_shape_of_their_path(self):  # ERR-5
        for base, member in (("/api/v1", "requestId"), ("/v2", "requestId"), ("/api/v3", "error"), ("/ks", "error"), ("", "error")):
            for fault in ("X-Bad: a\nb\r\n", " folded\r\n", "X-Bad : a\r\n"):
                raw = W.server.raw(f"GET {base}/x HTTP/1.1\r\nHost: x\r\n{fault}\r\n".encode())
                body = json.loads(raw.partition(b"\r\n\r\n")[2])
                self.assertIn(member, body, raw)
                self.assertEqual("suggested_fix" in json.dumps(body), "v3" in base, raw)

    def test_slow_and_split_heads_too(self):
        with socket.create_connection(("127.0.0.1", W.server.port), timeout=20) as s:
            for part in (b"POST /api/v", b"1/connectedAccounts HTTP/1.1\r\nHo", b"st: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"):
                s.sendall(part)
            data = b""
            while part := s.recv(65536):
                data += part
        self.assertIn("requestId", json.loads(data.partition(b"\r\n\r\n")[2]))


if __name__ == "__main__":
    unittest.main()
