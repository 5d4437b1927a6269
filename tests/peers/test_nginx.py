"""nginx as a vendor over TLS: connections kept and lost, certificates that change, bodies of 200 MB, packed answers, parts of
files. docs/limits.md, "What is sent again"; promises LIM-3, STR-2 to STR-4; rules N3, N6, N7."""

import hashlib
import http.client
import json
import os
import pathlib
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from certificates import certificate  # noqa: E402
from nginx import Nginx  # noqa: E402
from server import sanitized  # noqa: E402
from world import World  # noqa: E402

APP = """
app: site
name: Site
about: nginx, as vendors run it.
categories: [testing]
home: https://site.example
docs: none
idempotency: Idempotency-Key
schemes:
  - scheme: API_KEY
    fields:
      - {name: api_key, label: Key, help: Any text., secret: true}
      - {name: base_url, label: Address, help: Where it listens., kind: url, required: false, default: "https://127.0.0.1:TLS"}
    base: "{{base_url}}"
    send:
      headers: {X-Site-Key: "{{api_key}}"}
    check: none
    find: none
actions:
  - {name: SITE_READ, title: Read, about: Reads., method: GET, path: /echo, encoding: none, tags: [read]}
  - {name: SITE_WRITE, title: Write, about: Writes., method: POST, path: /echo, encoding: none, tags: [write]}
  - {name: SITE_WRITE_LOST, title: Lose, about: Is never answered., method: POST, path: /drop, encoding: none, tags: [write]}
"""

SERVER = """
    server {
        listen 127.0.0.1:PORT0 ssl MORE;
        ssl_certificate FOLDER/CERTIFICATE.pem; ssl_certificate_key FOLDER/CERTIFICATE.key;
        ssl_protocols PROTOCOLS; ssl_ciphers DEFAULT:@SECLEVEL=0;
        keepalive_requests REQUESTS; client_max_body_size 0;
        location = /echo { return 200 '{"method":"$request_method"}'; }
        location = /drop { return 444; }
        location = /keep { client_body_in_file_only on; proxy_pass http://unix:FOLDER/sink; proxy_pass_request_body off;
                           proxy_set_header Content-Length ""; proxy_set_header X-Length $content_length; }
        location /packed/ { alias FOLDER/files/; gzip on; gzip_types *; gzip_min_length 1; gzip_http_version 1.0; }
        location /files/ { root FOLDER; }
    }
    server { listen unix:FOLDER/sink; access_log off; location / { return 200 '$http_x_length'; } }
    server { listen 127.0.0.1:PORT1 http2; return 200 '{}'; }
"""

SECRET = "sk_site_0123456789abcdef"
BIG = 200_000_000  # bytes
WORDS = b"".join(b"line %d of a text that packs well\n" % i for i in range(20000))
V = Nginx(ports=2)
W = World(
    "--ca-file", f"{V.folder}/ca.pem", "--threads", "1", *(x for p in V.ports for x in ("--allow-private", f"127.0.0.1:{p}")),
    ghost=False, apps={"site": APP.replace("TLS", str(V.port))},
)  # fmt: skip


def servers(certificate="server", protocols="TLSv1.2 TLSv1.3", requests=1000, more=""):
    text = SERVER.replace("MORE", more).replace("PROTOCOLS", protocols).replace("REQUESTS", str(requests))
    return text.replace("CERTIFICATE", certificate)


def setUpModule():
    certificate(V.folder, "ca", "tests")
    certificate(V.folder, "server", "server", san="IP:127.0.0.1", by="ca")
    certificate(V.folder, "renewed", "server", san="IP:127.0.0.1", by="ca")
    certificate(V.folder, "elsewhere", "elsewhere", san="DNS:elsewhere.example", by="ca")
    certificate(V.folder, "expired", "server", san="IP:127.0.0.1", by="ca", days=-1)
    certificate(V.folder, "unknown", "server", san="IP:127.0.0.1")
    (V.folder / "files").mkdir()
    (V.folder / "files" / "words.txt").write_bytes(WORDS)
    V.configure(servers())
    V.start()
    W.start()
    W.ac = W.integration("site")
    W.ca = W.connect(W.ac, {"api_key": SECRET})


def tearDownModule():
    try:
        W.stop()
    finally:
        V.remove()


def path(rest):
    return f"/ks/call/{W.ca}{rest}"


def proxied(method, endpoint, parameters=()):
    asked = {"connected_account_id": W.ca, "endpoint": endpoint, "method": method, "parameters": list(parameters)}
    return W.post("/v3/tools/execute/proxy", asked)


def digest(blocks):
    return hashlib.sha256(b"".join(blocks)).hexdigest()


class Site(unittest.TestCase):
    """Each test begins with nginx as it is at first."""

    def setUp(self):
        V.reload(servers())
        self.since = V.mark()

    def requests(self, n):
        return V.requests_since(self.since, n)

    def refused(self, reply, words):
        self.assertEqual(reply.status, 502, reply)
        self.assertIn(words, reply.text)


class Connections(Site):
    def test_many_calls_of_all_kinds_share_one_connection(self):  # N6
        for _ in range(15):
            for reply in (W.execute("SITE_READ", connectedAccountId=W.ca), W.execute("SITE_WRITE", connectedAccountId=W.ca)):
                self.assertTrue(reply.json()["successful"], reply)
            self.assertEqual(proxied("GET", "/echo").json()["status"], 200)
            self.assertEqual(W.get(path("/echo")).status, 200)
        self.assertEqual(len({r["connection"] for r in self.requests(60)}), 1)

    def test_callers_at_once_need_no_more_connections_than_they_are(self):  # N6
        def work():
            with W.server.connection() as link:
                for _ in range(20):
                    self.assertEqual(link.request("GET", path("/echo")).status, 200)

        callers = [threading.Thread(target=work) for _ in range(8)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        self.assertLessEqual(len({r["connection"] for r in self.requests(160)}), 8)

    def test_a_new_connection_takes_up_the_session_of_the_old_one(self):
        V.reload(servers(requests=5))
        for _ in range(20):
            self.assertEqual(W.get(path("/echo")).status, 200)
        seen = self.requests(20)
        first = seen[0]["connection"]
        self.assertEqual(len({r["connection"] for r in seen}), 4)
        self.assertEqual({r["reused"] for r in seen if r["connection"] != first}, {"r"})

    def test_no_project_uses_the_connection_of_another(self):  # N6
        other = W.server.make_key("other")
        theirs = W.connect(W.integration("site", key=other), {"api_key": SECRET}, key=other)
        for _ in range(3):
            self.assertEqual(W.get(path("/echo")).status, 200)
            self.assertEqual(W.get(f"/ks/call/{theirs}/echo", key=other).status, 200)
        seen = [r["connection"] for r in self.requests(6)]
        self.assertFalse(set(seen[::2]) & set(seen[1::2]))

    def test_a_restart_between_calls_is_nobodys_failure(self):  # LIM-3
        W.get(path("/echo"))
        for call in (lambda: W.get(path("/echo")), lambda: W.execute("SITE_WRITE", connectedAccountId=W.ca),
                     lambda: proxied("POST", "/echo"), lambda: W.post(path("/echo"), b"x")):  # fmt: skip
            V.stop()
            V.start()
            since = V.mark()
            self.assertEqual(call().status, 200)
            self.assertEqual(len(V.requests_since(since, 1)), 1)

    def test_a_vendor_that_is_gone_is_named_and_is_back_with_the_next_call(self):
        V.stop()
        self.refused(proxied("GET", "/echo"), "no connection to the host could be made")
        V.start()
        self.assertEqual(proxied("GET", "/echo").json()["status"], 200)

    def test_what_is_never_answered_goes_again_only_where_that_is_safe(self):  # LIM-3
        keyed = [{"name": "Idempotency-Key", "value": "k1", "type": "header"}]
        once, often = "it is not repeated", "the connection broke before an answer came"
        for times, words, call in ((3, often, lambda: proxied("GET", "/drop")), (1, once, lambda: proxied("POST", "/drop")),
                                   (3, often, lambda: proxied("POST", "/drop", keyed)), (1, once, lambda: proxied("DELETE", "/drop")),
                                   (1, often, lambda: W.post(path("/drop"), b"x"))):  # fmt: skip
            since = V.mark()
            W.get(path("/echo"))  # a warm connection, which libcurl takes for dead when nothing comes back
            self.refused(call(), words)
            W.get(path("/echo"))
            seen = V.requests_since(since, times + 2)
            self.assertEqual([r["uri"] for r in seen], ["/echo"] + ["/drop"] * times + ["/echo"])

    def test_an_action_has_a_key_of_its_own_and_goes_again(self):  # LIM-3
        reply = W.execute("SITE_WRITE_LOST", connectedAccountId=W.ca)
        self.assertFalse(reply.json().get("successful"), reply)
        W.get(path("/echo"))
        self.assertEqual([r["uri"] for r in self.requests(4)], ["/drop"] * 3 + ["/echo"])


class Handshakes(Site):
    def test_a_renewed_certificate_is_taken(self):  # N3
        self.assertEqual(W.get(path("/echo")).status, 200)
        V.reload(servers("renewed"))
        self.assertEqual(W.get(path("/echo")).status, 200)

    def test_what_cannot_be_trusted_is_refused_although_it_was_trusted_before(self):  # N3
        for change in ({"certificate": "elsewhere"}, {"certificate": "expired"}, {"certificate": "unknown"}):
            with self.subTest(change):
                V.reload(servers())
                self.assertEqual(proxied("GET", "/echo").json()["status"], 200)
                V.reload(servers(**change))
                since = V.mark()
                self.refused(proxied("GET", "/echo"), "the certificate of the host is not trusted")
                V.reload(servers())
                self.assertEqual(proxied("GET", "/echo").json()["status"], 200)
                self.assertEqual(len(V.requests_since(since, 1)), 1, "something was sent")

    def test_below_tls_1_2_nothing_is_sent(self):  # N3
        V.reload(servers(protocols="TLSv1 TLSv1.1"))
        self.refused(proxied("GET", "/echo"), "no secure connection to the host could be made")
        V.reload(servers(protocols="TLSv1.2"))
        self.assertEqual(proxied("GET", "/echo").json()["status"], 200)
        self.assertEqual(len(self.requests(1)), 1)

    def test_where_http_2_is_offered_1_1_is_spoken(self):
        V.reload(servers(more="http2"))
        self.assertEqual(proxied("GET", "/echo").json()["status"], 200)
        self.assertEqual(self.requests(1)[0]["protocol"], "HTTP/1.1")

    def test_a_vendor_of_http_2_alone_is_told_as_broken(self):  # LIM-5
        ca = W.connect(W.ac, {"api_key": SECRET, "base_url": f"http://127.0.0.1:{V.ports[1]}"}, "h2")
        asked = {"connected_account_id": ca, "endpoint": "/", "method": "GET"}
        self.refused(W.post("/v3/tools/execute/proxy", asked), "the connection broke before an answer came")


class Bodies(Site):
    def big(self):
        for i in range(BIG // 1_000_000):
            yield i.to_bytes(8, "big") * 125_000

    @unittest.skipIf(sanitized(), "sanitizers keep what is freed")
    def test_200_mb_go_both_ways_in_flat_memory(self):  # STR-2 D11
        wanted = hashlib.sha256()
        for block in self.big():
            wanted.update(block)
        for size in (1_000_000, BIG):  # the first fills buffers and pools
            blocks = self.big() if size == BIG else [b"x" * size]
            answer, grown = W.server.grown_by(lambda: self.put(blocks, size))  # noqa: B023
            self.assertEqual(answer, str(size))
        kept = pathlib.Path(self.requests(2)[1]["file"])
        self.assertLess(grown, 8192, f"sending grew memory by {grown} KiB")
        os.replace(kept, V.folder / "files" / "big")
        (V.folder / "files" / "big").chmod(0o644)
        self.fetch("/files/words.txt")
        (size, got), grown = W.server.grown_by(lambda: self.fetch("/files/big"))
        self.assertEqual((size, got), (BIG, wanted.hexdigest()))
        self.assertLess(grown, 8192, f"fetching grew memory by {grown} KiB")

    def put(self, blocks, size):
        link = http.client.HTTPConnection("127.0.0.1", W.server.port, timeout=60)
        link.request("PUT", path("/keep"), blocks, {"x-api-key": W.key, "Content-Length": str(size)})
        answer = link.getresponse().read().decode()
        link.close()
        return answer

    def fetch(self, rest):
        link = http.client.HTTPConnection("127.0.0.1", W.server.port, timeout=60)
        link.request("GET", path(rest), headers={"x-api-key": W.key})
        answer, size, seen = link.getresponse(), 0, hashlib.sha256()
        while part := answer.read(1 << 20):
            size += len(part)
            seen.update(part)
        link.close()
        return size, seen.hexdigest()

    def test_packed_answers_are_unpacked_on_every_way(self):  # STR-3 S6
        reply = W.get(path("/packed/words.txt"), headers={"Accept-Encoding": "gzip"})
        self.assertEqual((reply.status, reply.body), (200, WORDS))
        self.assertNotIn("content-encoding", reply.headers)
        self.assertEqual(json.loads(proxied("GET", "/packed/words.txt").body)["data"], WORDS.decode())
        plain = W.get(path("/packed/words.txt"))  # the caller takes no gzip, so none is asked for
        self.assertEqual(plain.body, WORDS)
        self.assertEqual([r["coding"] for r in self.requests(3)], ["gzip", "gzip", ""])

    def test_parts_of_a_file_and_conditions_pass(self):  # STR-4
        whole = W.get(path("/files/words.txt"))
        tag = whole.headers["etag"]
        size = len(WORDS)
        cases = (
            ({"Range": "bytes=10-19"}, 206, WORDS[10:20], f"bytes 10-19/{size}"),
            ({"Range": "bytes=-5"}, 206, WORDS[-5:], f"bytes {size - 5}-{size - 1}/{size}"),
            ({"Range": "bytes=10-19", "If-Range": tag}, 206, WORDS[10:20], f"bytes 10-19/{size}"),
            ({"Range": "bytes=10-19", "If-Range": '"another"'}, 200, WORDS, None),
            ({"Range": f"bytes={size}-"}, 416, None, f"bytes */{size}"),
            ({"If-None-Match": tag}, 304, b"", None),
            ({"If-Match": '"another"'}, 412, None, None),
        )
        for headers, status, body, place in cases:
            with self.subTest(headers=headers):
                reply = W.get(path("/files/words.txt"), headers=headers)
                self.assertEqual((reply.status, reply.headers.get("content-range")), (status, place))
                self.assertIn(body, (None, reply.body))
        several = W.get(path("/files/words.txt"), headers={"Range": "bytes=0-3,10-13"})
        self.assertEqual(several.status, 206)
        self.assertTrue(several.headers["content-type"].startswith("multipart/byteranges"), several.headers)

    def test_head_has_the_length_and_no_body(self):  # STR-4
        reply = W.call("HEAD", path("/files/words.txt"))
        self.assertEqual((reply.status, reply.headers["content-length"], reply.body), (200, str(len(WORDS)), b""))
        self.assertEqual(W.get(path("/echo")).status, 200)  # and the connection goes on
        self.assertEqual(len({r["connection"] for r in self.requests(2)}), 1)


if __name__ == "__main__":
    unittest.main()
