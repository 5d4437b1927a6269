"""`keysteward call`, used as curl is: words, bodies, files, both ways, exit codes (CLI-10)."""

import hashlib
import os
import socket
import subprocess
import tempfile
import threading
import unittest

from raw_vendor import BLOCK, RawVendor
from server import binary
from world import World

SECRET = "vk_cli_0123456789abcdef"
V = RawVendor()
SOCKET = os.path.join(tempfile.mkdtemp(prefix="keysteward-test-"), "s")
W = World("--allow-private", V.address, ghost=False)


def setUpModule():
    V.__enter__()
    W.start()
    W.ca = W.connect(W.integration(), {"api_key": SECRET, "base_url": V.url}, "caller")
    V.plays["/show"] = show


def tearDownModule():
    V.__exit__()
    W.stop()
    os.rmdir(os.path.dirname(SOCKET))


class Relay:
    """A unix socket in front of the server."""

    def __enter__(self):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(SOCKET)
        self.listener.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def __exit__(self, *_):
        self.listener.close()
        os.unlink(SOCKET)

    def accept(self):
        try:
            while True:
                one, _ = self.listener.accept()
                two = socket.create_connection(("127.0.0.1", W.server.port))
                for a, b in ((one, two), (two, one)):
                    threading.Thread(target=self.pump, args=(a, b), daemon=True).start()
        except OSError:
            pass  # closed

    def pump(self, a, b):
        while data := a.recv(65536):
            b.sendall(data)
        b.shutdown(socket.SHUT_WR)


BODIES = []


def show(v):
    """Keeps the body; echoes its size."""
    body = b"".join(v.chunks_in())
    BODIES.append(body)
    v.vendor.seen.append((v.method, v.target, v.headers, len(body), hashlib.sha256(body).hexdigest()))
    v.say(200, [("Content-Type", "text/plain"), ("Content-Length", 3)], b"" if v.method == "HEAD" else b"ok\n")


def keysteward(*words, input=b"", url=None, **more):
    env = dict(os.environ, KEYSTEWARD_URL=url or f"http://127.0.0.1:{W.server.port}", KEYSTEWARD_API_KEY=W.key)
    return subprocess.run([binary(), *words], input=input, capture_output=True, env=env, timeout=60, **more)


class Call(unittest.TestCase):
    def good(self, *words, **more):
        done = keysteward("call", *words, **more)
        self.assertEqual(done.returncode, 0, done)
        self.assertNotIn(SECRET.encode(), done.stdout + done.stderr)
        return done.stdout

    def sent(self, *words, **more):
        """(method, target without the app's own query, headers, body) of what the vendor was sent."""
        self.assertEqual(self.good("vend", *words, "--entity", "caller", **more), b"ok\n")
        method, target, headers, *_ = V.seen[-1]
        self.assertEqual(headers["x-vend-key"], SECRET)
        return method, target, headers, BODIES[-1]

    def file(self, content):
        f = tempfile.NamedTemporaryFile(dir=W.server.folder, delete=False)
        f.write(content)
        f.close()
        return f.name

    def test_data_makes_a_form_and_the_method(self):  # CLI-10
        method, _, headers, body = self.sent("/show", "-d", "email=x", "-d", "b=@1", "--data-raw", "@c", "--data-urlencode", "d=a b&ü")
        self.assertEqual((method, body), ("POST", "email=x&b=@1&@c&d=a%20b%26%C3%BC".encode()))
        self.assertEqual(headers["content-type"], "application/x-www-form-urlencoded")
        name = self.file(b"x=1\r\ny\n")
        self.assertEqual(self.sent("/show", "-d@" + name, "--data-urlencode", "z@" + name, "-XPUT")[3], b"x=1y&z=x%3D1%0D%0Ay%0A")
        self.assertEqual(self.sent("/show", "-d", "-", input=b"from=stdin\n")[3], b"from=stdin")
        self.assertEqual(self.sent("/show", "--data-binary", "@" + name)[3], b"x=1\r\ny\n")

    def test_get_puts_the_data_into_the_query(self):  # CLI-10
        method, target, _, body = self.sent("/show?a=1", "-G", "-d", "b=2", "--data-urlencode", "c=3 4")
        self.assertEqual((method, body), ("GET", b""))
        self.assertIn("a=1&b=2&c=3%204", target)

    def test_json_and_headers(self):  # CLI-10
        method, _, headers, body = self.sent("/show", "--json", '{"a":', "--json", "1}", "-H", "X-Own: o", "-HX-Two:t")
        self.assertEqual((method, body), ("POST", b'{"a":1}'))
        self.assertEqual([headers[k] for k in ("content-type", "accept", "x-own", "x-two")], ["application/json", "application/json", "o", "t"])
        self.assertEqual(self.sent("/show", "-d", "{}", "-H", "Content-Type: text/x")[2]["content-type"], "text/x")

    def test_forms_of_parts_with_files(self):  # CLI-10
        name = self.file(b"bytes\x00\xff")
        _, _, headers, body = self.sent("/show", "-F", 'na"me=text', "-F", f"f=@{name};type=image/png;filename=a.png", "-F", f"g=<{name}")
        edge = headers["content-type"].split("boundary=")[1].encode()
        self.assertEqual(
            body,
            b'--' + edge + b'\r\nContent-Disposition: form-data; name="na%22me"\r\n\r\ntext'
            b'\r\n--' + edge + b'\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\nContent-Type: image/png\r\n\r\nbytes\x00\xff'
            b'\r\n--' + edge + b'\r\nContent-Disposition: form-data; name="g"\r\n\r\nbytes\x00\xff\r\n--' + edge + b'--\r\n',
        )  # fmt: skip
        self.assertEqual(int(headers["content-length"]), len(body))

    def test_large_files_and_standard_input_are_streamed(self):  # CLI-10
        big = BLOCK * 64 + b"end"
        wanted = f" {len(big)} {hashlib.sha256(big).hexdigest()}".encode()
        self.assertTrue(self.good(W.ca, "/up", "-T", self.file(big)).endswith(wanted))
        self.assertEqual(V.seen[-1][0], "PUT")
        self.assertTrue(self.good(W.ca, "POST", "/up", "--data-binary", "-", input=big).endswith(wanted))
        out = self.file(b"")
        self.good(W.ca, "/blob?n=5000000", "-o", out)
        with open(out, "rb") as f:
            self.assertEqual(f.read(), (BLOCK * 80)[:5000000])

    def test_events_arrive_as_they_come_and_input_travels_as_it_comes(self):  # CLI-10
        env = dict(os.environ, KEYSTEWARD_URL=f"http://127.0.0.1:{W.server.port}", KEYSTEWARD_API_KEY=W.key)
        with subprocess.Popen([binary(), "call", W.ca, "/events?n=2"], stdout=subprocess.PIPE, env=env) as run:
            for i in range(2):
                self.assertEqual(run.stdout.readline().strip(), f"data: event {i}".encode())
                run.stdout.readline()
                V.go.release()
            self.assertEqual(run.stdout.read(), b"")
        self.assertEqual(run.returncode, 0)

    def test_parts_and_going_on(self):  # CLI-10
        self.assertEqual(self.good(W.ca, "/ranged", "-r", "65-67"), b"ABC")
        out = self.file(BLOCK[:1000])
        self.good(W.ca, "/ranged", "-C", "-", "-o", out)
        with open(out, "rb") as f:
            self.assertEqual(f.read(), BLOCK)
        done = keysteward("call", W.ca, "/show", "-C", "5", "-o", out)
        self.assertEqual(done.returncode, 1, done)
        self.assertEqual(os.path.getsize(out), len(BLOCK), "the whole was added behind the part")

    def test_heads_are_shown_when_asked_for_and_no_secret_is_in_them(self):  # CLI-10
        self.assertIn(b"content-length: 12345\n", self.good(W.ca, "/blob?n=12345", "-I"))
        self.assertTrue(self.good(W.ca, "/show", "-i").startswith(b"HTTP/1.1 200\n"))
        done = keysteward("call", W.ca, "/leak", "-v")
        self.assertIn(b"> GET /leak", done.stderr)
        self.assertIn(b"< x-leak: [redacted]", done.stderr)
        self.assertNotIn(W.key.encode(), done.stdout + done.stderr)

    def test_exit_codes_and_bodies_of_errors(self):  # CLI-10
        for status, code in ((404, 4), (500, 1), (401, 1), (502, 6)):
            V.plays["/is"] = lambda v, status=status: v.say(status, [("Content-Length", 2)], b"no")
            done = keysteward("call", W.ca, "/is")
            self.assertEqual((done.returncode, done.stdout), (code, b"no"))
            self.assertIn(f"answered {status}".encode(), done.stderr)
            done = keysteward("call", W.ca, "/is", "-fs")
            self.assertEqual((done.returncode, done.stdout, done.stderr), (code, b"", b""))
        self.assertEqual(keysteward("call", "nosuchapp", "/x").returncode, 4)
        self.assertEqual(keysteward("call", "vend", "/x", "--entity", "nobody").returncode, 4)
        self.assertEqual(keysteward("call", W.ca, "/x", url="http://127.0.0.1:9").returncode, 5)

    def test_words_that_make_no_sense_are_said_and_nothing_is_sent(self):  # CLI-10
        asked = len(V.seen)
        for words in (
            ["-u", "me:pw", "/x"], ["/x", "-H", "Authorization: Bearer x"], ["/x", "-H", "X-Api-Key: k"], ["/x", "-H", "nonsense"],
            ["/x", "-d", "a", "-F", "b=c"], ["/x", "-T", "/dev/null", "-d", "a"], ["x"], ["https://elsewhere.example/x"],
            ["/x", "-X", "TRACE"], ["/x", "-z"], ["/x", "-X"], ["/x", "-I", "-d", "a"], ["/x", "-C", "soon"], ["/x", "-F", "nothing"],
            ["/x", "-d", "@/nonexistent"], ["FETCH", "/x"],
        ):  # fmt: skip
            with self.subTest(words):
                done = keysteward("call", W.ca, *words)
                self.assertEqual((done.returncode, done.stdout), (2, b""), done)
                self.assertTrue(done.stderr)
        self.assertEqual(len(V.seen), asked)

    def test_a_server_on_a_unix_socket_is_reached(self):  # CLI-11
        with Relay():
            self.through_the_socket()

    def through_the_socket(self):
        done = keysteward("call", W.ca, "/show", url="unix:" + SOCKET)
        self.assertEqual((done.returncode, done.stdout), (0, b"ok\n"), done)
        self.assertEqual(keysteward("connection", "list", url="unix:" + SOCKET).returncode, 0)
        self.assertEqual(keysteward("call", W.ca, "/show", url="unix:/nonexistent/s").returncode, 5)


if __name__ == "__main__":
    unittest.main()
