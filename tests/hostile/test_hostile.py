"""A vendor that breaks every rule of HTTP: each case ends in a documented outcome, in time, and the server serves on.
docs/limits.md, "Hostile vendors". Silence and slowness, which take half a minute for real, are tested with short times in
src/upstream/send_test.c, certificates in tls_test.c, streams in stream_test.c."""

import gzip
import pathlib
import socket
import struct
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import free_port  # noqa: E402
from world import World  # noqa: E402

OK = b"HTTP/1.1 200 OK\r\n"
IN_TIME = 20  # seconds: below the time a call may take (30)


def packed(n):
    """n zeros as a gzip answer with its length."""
    data = gzip.compress(b"\0" * n, 9)
    return OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(data) + data


def endless(start, piece):
    """A writer of `start` and then `piece` for ever, until the other side hangs up."""

    def write(sock):
        sock.sendall(start)
        while True:
            sock.sendall(piece)

    return write


def reset(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # close() sends RST


BLOCK = b"x" * 65536
CHUNK = b"10000\r\n" + BLOCK + b"\r\n"

# path: (what the vendor does, outcome). An outcome is a status of the vendor's that is handed on, or words of the reason.
CASES = {
    "reset": (reset, "the connection broke before an answer came"),
    "silent-close": (b"", "before an answer came"),
    "half-a-head": (OK + b"Content-Le", "ended without an answer"),
    "half-a-body": (OK + b"Content-Length: 10\r\n\r\nhalf", "ended early"),
    "endless-length": (endless(OK + b"Content-Length: 99999999999\r\n\r\n", BLOCK), "larger than allowed"),
    "endless-close": (endless(OK + b"\r\n", BLOCK), "larger than allowed"),
    "endless-chunks": (endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", CHUNK), "larger than allowed"),
    "endless-head": (endless(OK, b"X-Flood: " + b"y" * 900 + b"\r\n"), "64 kB or 200 lines"),
    "endless-line": (endless(OK + b"X-Long: ", BLOCK), "64 kB or 200 lines|ended early|malformed"),
    "endless-status-line": (endless(b"HTTP/1.1 200 ", BLOCK), "64 kB or 200 lines|malformed|before an answer"),
    "endless-interim": (endless(b"", b"HTTP/1.1 103 Early\r\nX-A: b\r\n\r\n"), "64 kB or 200 lines"),
    "endless-trailer": (
        endless(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Late: " + b"z" * 900 + b"\r\n"),
        "64 kB or 200 lines",
    ),
    "bomb": (packed(9 * 1024 * 1024), "suspiciously"),
    "bomb-in-bomb": (OK + b"Content-Encoding: gzip, gzip\r\nContent-Length: 0\r\n\r\n", "searched for secrets"),
    "cut-gzip": (packed(100000)[:-6], "ended early|malformed"),
    "no-gzip": (OK + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\njunk", "ended early|malformed"),
    "odd-coding": (OK + b"Content-Encoding: zstd\r\nContent-Length: 4\r\n\r\njunk", "searched for secrets"),
    "chunk-junk": (OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\njunk\r\n0\r\n\r\n", "ended early or is malformed"),
    "chunk-huge": (OK + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n", "ended early or is malformed"),
    "chunk-cut": (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab", "ended early"),
    "length-minus": (OK + b"Content-Length: -5\r\n\r\nhello", "ended early or is malformed|before an answer"),
    "length-words": (OK + b"Content-Length: many\r\n\r\nhello", "ended early or is malformed|before an answer"),
    "two-lengths": (OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", "malformed|two lengths"),
    "nul-in-head": (OK + b"X-Nul: a\0b\r\nContent-Length: 2\r\n\r\nok", "malformed|before an answer"),
    "http-0.9": (b"hello, I am older than headers\r\n", "malformed|before an answer"),
    "other-protocol": (b"SSH-2.0-OpenSSH_9.2\r\n", "malformed|before an answer"),
    "http-9": (b"HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\nok", "malformed|before an answer"),
    "status-999": (b"HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nok", 999),
    "status-text": (b"HTTP/1.1 abc Odd\r\nContent-Length: 2\r\n\r\nok", "malformed|before an answer"),
    "switches": (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nbytes",
        "malformed|before an answer|ended",
    ),
    "elsewhere": (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/x\r\nContent-Length: 0\r\n\r\n", 302),
    "more-than-said": (OK + b"Content-Length: 2\r\n\r\nok" + OK + b"X-Smuggled: 1\r\nContent-Length: 0\r\n\r\n", 200),
}


class Hostile:
    """One thread a connection; the last segment of the path is the case."""

    def __init__(self):
        self.port, self.seen = free_port(), []
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                sock = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        data = b""
        with sock:
            try:
                while b"\r\n\r\n" not in data:
                    part = sock.recv(65536)
                    if not part:
                        return
                    data += part
                case = data.split(b" ", 2)[1].decode().rsplit("/", 1)[-1].split("?")[0]
                self.seen.append(case)
                what = CASES[case][0] if case in CASES else OK + b"Content-Length: 2\r\n\r\n{}"
                if callable(what):
                    what(sock)
                else:
                    sock.sendall(what)
            except OSError:
                pass


H = Hostile()
W = World("--allow-private", f"127.0.0.1:{H.port}")


def setUpModule():
    W.start()
    address = f"http://127.0.0.1:{H.port}"
    W.ca = W.connect(W.integration(), {"api_key": "vk_hostile_0123456789", "base_url": address})


def tearDownModule():
    H.listener.close()
    W.stop()


class Cases(unittest.TestCase):
    def judge(self, case, outcome, method):
        began = time.monotonic()
        asked = {"connected_account_id": W.ca, "endpoint": "/" + case, "method": method}
        reply = W.post("/v3/tools/execute/proxy", asked)
        self.assertLess(time.monotonic() - began, IN_TIME, case)
        if isinstance(outcome, int):
            self.assertEqual((reply.status, reply.json().get("status")), (200, outcome), reply)
            self.assertNotIn("smuggled", reply.text.lower())
            return
        self.assertEqual(reply.status, 502, reply)
        self.assertRegex(reply.json()["error"]["message"], outcome)

    def test_every_case_ends_in_its_documented_outcome(self):  # N5 N7 S6 LIM-5
        for case, (_, outcome) in CASES.items():
            for method in ("GET", "POST"):
                with self.subTest(case, method=method):
                    self.judge(case, outcome, method)

    def test_a_streamed_call_passes_on_what_it_can_and_is_cut_where_it_ends(self):  # LIM-5
        for case in ("reset", "half-a-head", "endless-head", "chunk-junk", "half-a-body", "http-0.9", "two-lengths"):
            with self.subTest(case):
                try:
                    reply = W.get(f"/ks/call/{W.ca}/{case}")
                except OSError:
                    continue
                except Exception as error:  # a body cut short
                    self.assertEqual(type(error).__name__, "IncompleteRead")
                    continue
                self.assertEqual(reply.status, 502, reply)

    def test_a_write_is_sent_once_whatever_the_vendor_does(self):  # LIM-3
        for case in ("reset", "silent-close", "half-a-head", "half-a-body"):
            before = H.seen.count(case)
            self.judge(case, CASES[case][1], "POST")
            self.assertEqual(H.seen.count(case), before + 1, case)

    def test_the_vendor_is_not_shut_out_for_what_it_answers(self):
        self.judge("none-of-these", 200, "GET")
