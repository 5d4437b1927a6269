"""Signed requests as vendors see them: what was received is signed once more by AWS's and OAuth's own libraries, or by RFC
7616 written out here; nothing may differ. A ghost judges the rest (src/features/ghosts). Promises SIG-1 to SIG-5."""

import base64
import hashlib
import hmac
import http.client
import json
import pathlib
import re
import sys
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from world import World, check_error  # noqa: E402

import botocore.auth  # noqa: E402
import botocore.awsrequest  # noqa: E402
import botocore.credentials  # noqa: E402
from oauthlib.oauth1.rfc5849 import signature as oauth  # noqa: E402

SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


def app(key, fields, sign, more="", base="http://127.0.0.1:PORT"):
    """An app file whose calls are signed; every field is secret."""
    lines = "".join(
        f"      - {{name: {name}, label: Value, help: Any text of the tests., secret: true, required: {required}}}\n"
        for name, required in fields.items()
    )
    return f"""
app: {key}
name: {key}
about: A vendor of the tests.
categories: [testing]
home: https://vend.example
docs: none
schemes:
  - scheme: CUSTOM
    fields:
{lines}    base: {base}
    sign: {sign}
    check:
      method: GET
      path: /me
      trusted: true
      good: [{{status: 200}}]
      bad: [{{status: 401, cause: The signature does not fit.}}]
    find: none
actions:
  - name: {key.upper()}_MAKE
    title: Make
    about: Makes something of a form.
    method: POST
    path: /things/{{id}}
    encoding: form
    tags: [write]
    params:
      - {{name: id, in: path, required: true, about: Which.}}
      - {{name: text, in: form, about: Any text.}}
"""


AWS = {"access_key": "true", "secret": "true", "token": "false"}
AWS_WITH = 'access_key: "{{access_key}}", secret: "{{secret}}", token: "{{token}}", region: eu-west-1'
PAIR = {"user": "true", "password": "true"}
OAUTH = {"ck": "true", "cs": "true", "tk": "true", "ts": "true"}
OAUTH_WITH = 'consumer_key: "{{ck}}", consumer_secret: "{{cs}}", token: "{{tk}}", token_secret: "{{ts}}"'
APPS = {
    "s3ish": app("s3ish", AWS, f"{{how: aws-sigv4, with: {{{AWS_WITH}, service: s3}}}}"),
    "lambdaish": app("lambdaish", AWS, f"{{how: aws-sigv4, with: {{{AWS_WITH}, service: lambda}}}}"),
    "digestish": app(
        "digestish", PAIR, '{how: http-digest, with: {user: "{{user}}", password: "{{password}}"}}'
    ),
    "wsseish": app("wsseish", PAIR, '{how: wsse, with: {header: X-WSSE, user: "{{user}}", secret: "{{password}}"}}'),
    "hmacish": app(
        "hmacish",
        PAIR,
        '{how: hmac, with: {algorithm: HMAC-SHA512, key: "{{password}}", header: X-Sign, value_as: base64,'
        ' message: "{{method}}|{{path}}|{{query}}|{{date}}|{{body}}", value: "{{user}}:{{signature}}"}}',
    ),
    "oauthish": app("oauthish", OAUTH, f"{{how: oauth1, with: {{{OAUTH_WITH}, realm: 1234567}}}}"),
    "oauth256": app("oauth256", OAUTH, f"{{how: oauth1, with: {{{OAUTH_WITH}, algorithm: HMAC-SHA256}}}}"),
}
W = World(apps=APPS)


def setUpModule():
    W.start()
    W.ids = {}


def tearDownModule():
    W.stop()


def connected(key, **data):
    if (key, str(data)) not in W.ids:
        W.ids[(key, str(data))] = W.connect(W.integration(key, "CUSTOM"), data, entity=key)
    return W.ids[(key, str(data))]


def through(id_, method, target, body=None, headers=()):
    """/ks/call as a client makes it: the path goes out as it stands."""
    asked = http.client.HTTPConnection("127.0.0.1", W.server.port, timeout=30)
    asked.request(method, f"/ks/call/{id_}{target}", body, {"x-api-key": W.key, **dict(headers)})
    got = asked.getresponse()
    status, data = got.status, got.read()
    asked.close()
    return status, data


def aws_again(seen, service, payload=None):
    """The Authorization header that botocore makes for the request that the vendor saw."""
    method, target, headers, body = seen
    claimed = dict(p.split("=", 1) for p in headers["authorization"].split(" ", 1)[1].split(", "))
    path, _, query = target.partition("?")
    pairs = urllib.parse.parse_qsl(query, keep_blank_values=True)
    request = botocore.awsrequest.AWSRequest(method=method, url="http://" + headers["host"] + path, data=body, params=pairs)
    signed = claimed["SignedHeaders"].split(";")
    for name in signed:
        if name not in ("host", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"):
            request.headers[name] = headers[name]
    keys = botocore.credentials.Credentials("AKIDEXAMPLE", SECRET, headers.get("x-amz-security-token"))
    kind = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
    auth = kind(keys, service, "eu-west-1")
    request.context["timestamp"] = headers["x-amz-date"]
    request.headers["X-Amz-Date"] = headers["x-amz-date"]
    if "x-amz-security-token" in headers:
        request.headers["X-Amz-Security-Token"] = headers["x-amz-security-token"]
    if service == "s3":
        sent = payload or hashlib.sha256(body).hexdigest()
        request.headers["X-Amz-Content-SHA256"] = sent
        auth.payload = lambda _: sent
    text = auth.string_to_sign(request, auth.canonical_request(request))
    assert sorted(signed) == signed and {"host", "x-amz-date"} <= set(signed)
    return claimed["Signature"], auth.signature(text, request), headers["authorization"]


class Aws(unittest.TestCase):  # SIG-1 SIG-2
    def check(self, service, id_, method, target, body=None, headers=(), payload=None):
        status, data = through(id_, method, target, body, headers)
        self.assertEqual(status, 200, data)
        ours, theirs, header = aws_again(W.last_seen(), service, payload)
        self.assertEqual(ours, theirs, (method, target, W.last_seen()))
        self.assertIn("Credential=AKIDEXAMPLE/", header)

    def test_paths_queries_and_bodies_are_signed_as_botocore_signs_them(self):
        for service in ("s3", "lambda"):
            id_ = connected(service + "ish", access_key="AKIDEXAMPLE", secret=SECRET)
            for target in (
                "/",
                "/bucket/a%20b/c~d.txt",
                "/bucket/%C3%A4%20(1)!'*.txt",
                "/bucket/100%25/x+y",
                "/b?list-type=2&prefix=a%2Fb&delimiter=%2F",
                "/b?acl",
                "/b?z=1&a=2&a=1&A=3&aa=%20%2B%7E",
                "/b?x=a%26b%3Dc&y=%C3%BC",
            ):
                with self.subTest(service=service, target=target):
                    self.check(service, id_, "GET", target)

    def test_a_session_token_and_amz_headers_are_signed_too(self):
        for service in ("s3", "lambda"):
            id_ = connected(service + "ish", access_key="AKIDEXAMPLE", secret=SECRET, token="a-token/+=0123456789")
            self.check(service, id_, "GET", "/x", headers={"X-Amz-Target": "A.B", "x-amz-meta-b": "two  words"})
            seen = W.last_seen()[2]
            self.assertIn("x-amz-meta-b;x-amz-security-token;x-amz-target", seen["authorization"])

    def test_a_body_is_hashed_in_actions_and_unsigned_in_a_stream_to_s3(self):  # SIG-3
        id_ = connected("s3ish", access_key="AKIDEXAMPLE", secret=SECRET)
        got = W.execute("S3ISH_MAKE", connectedAccountId=id_, input={"id": "a/b c", "text": "x y"})
        self.assertEqual(got.status, 200, got)
        method, target, headers, body = W.last_seen()
        self.assertEqual((method, target, body), ("POST", "/things/a/b%20c", b"text=x%20y"))
        ours, theirs, _ = aws_again(W.last_seen(), "s3")
        self.assertEqual(ours, theirs)
        self.check("s3", id_, "PUT", "/b/k", b"z" * 100000, {"Content-Type": "text/plain"}, "UNSIGNED-PAYLOAD")
        self.assertEqual(W.last_seen()[2]["x-amz-content-sha256"], "UNSIGNED-PAYLOAD")

    def test_elsewhere_a_stream_is_refused_and_nothing_is_sent(self):  # SIG-3
        for key, data in (
            ("lambdaish", {"access_key": "AKIDEXAMPLE", "secret": SECRET}),
            ("digestish", {"user": "Mufasa", "password": "Circle of Life"}),
            ("hmacish", {"user": "u", "password": SECRET}),
        ):
            with self.subTest(key):
                id_ = connected_any(key, data)
                asked = len(W.up.seen)
                status, answer = through(id_, "PUT", "/x", b"body", {"Content-Type": "text/plain"})
                self.assertEqual(status, 400, answer)
                self.assertIn("body_must_be_signed", answer.decode())
                self.assertEqual(len(W.up.seen), asked)

    def test_dots_of_an_objects_name_lead_nowhere_else(self):  # N1
        id_ = connected("s3ish", access_key="AKIDEXAMPLE", secret=SECRET)
        asked = len(W.up.seen)
        got = W.execute("S3ISH_MAKE", connectedAccountId=id_, input={"id": "../../other", "text": "x"})
        self.assertNotEqual(got.status, 200, got)
        self.assertEqual(len(W.up.seen), asked)


def connected_any(key, data):
    if key == "digestish":
        with Digest.playing():
            return connected(key, **data)
    return connected(key, **data)


class Explained(unittest.TestCase):
    def test_explain_names_the_way_and_its_parts_and_shows_no_secret(self):  # SIG-5 S6
        id_ = connected("s3ish", access_key="AKIDEXAMPLE", secret=SECRET)
        got = W.post("/ks/explain", {"connectedAccountId": id_, "method": "GET", "endpoint": "/b"})
        self.assertEqual(got.status, 200, got)
        sign = got.json()["request"]["sign"]
        self.assertEqual(sign["how"], "aws-sigv4")
        self.assertEqual(sign["with"]["secret"], "‹secret›")
        self.assertIn("Authorization", sign["headers"])
        self.assertNotIn(SECRET, got.text)

    def test_headers_of_the_signature_cannot_be_named_by_a_caller(self):  # SIG-4 T4
        id_ = connected("s3ish", access_key="AKIDEXAMPLE", secret=SECRET)
        for name in ("Authorization", "x-amz-date", "X-Amz-Content-Sha256", "X-Amz-Security-Token"):
            got = W.proxy(id_, "/b", parameters=[{"in": "header", "name": name, "value": "x"}])
            check_error(self, got, 400, "leave it out")
        id_ = connected("wsseish", user="ada", password=SECRET)
        check_error(self, W.proxy(id_, "/b", parameters=[{"in": "header", "name": "x-wsse", "value": "x"}]), 400)

    def test_no_secret_and_no_signature_is_logged(self):  # S3
        id_ = connected("oauthish", ck="ck-0123456789", cs="cs-0123456789", tk="tk-0123456789", ts="ts-0123456789")
        self.assertEqual(W.proxy(id_, "/me").status, 200)
        signature = re.search('oauth_signature="([^"]+)"', W.last_seen()[2]["authorization"])[1]
        for text in (signature, "cs-0123456789", "ts-0123456789", SECRET):
            self.assertNotIn(text, W.server.log())


class OAuth1(unittest.TestCase):  # SIG-1
    def check(self, kind):
        method, target, headers, body = W.last_seen()
        form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        params = oauth.collect_parameters(
            uri_query=urllib.parse.urlsplit(target).query,
            body=body.decode() if form else None,
            headers={"Authorization": headers["authorization"]},
        )
        uri = oauth.base_string_uri("http://" + headers["host"] + target)
        base = oauth.signature_base_string(method, uri, oauth.normalize_parameters(params))
        sent = re.search('oauth_signature="([^"]+)"', headers["authorization"])[1]
        made = hmac.new(b"cs%2F%2B1&ts-%26", base.encode(), kind).digest()
        self.assertEqual(urllib.parse.unquote(sent), base64.b64encode(made).decode(), base)

    def test_queries_and_forms_are_signed_as_oauthlib_normalises_them(self):
        for key, kind in (("oauthish", hashlib.sha1), ("oauth256", hashlib.sha256)):
            id_ = connected(key, ck="ck-1", cs="cs/+1", tk="tk-1", ts="ts-&")
            for target in ("/", "/a%20b/~c", "/r?b5=%3D%253D&a3=a&c%40=&a2=r%20b", "/r?a=2&a=1&z=%C3%BC&plus=a%2Bb"):
                with self.subTest(key=key, target=target):
                    self.assertEqual(through(id_, "GET", target)[0], 200)
                    self.check(kind)
            got = W.execute(key.upper() + "_MAKE", connectedAccountId=id_, input={"id": "1", "text": "c2 & a3=2 q"})
            self.assertEqual(got.status, 200, got)
            self.check(kind)
            self.assertEqual(W.proxy(id_, "/x?a=b", method="POST", body={"a": 1}).status, 200)
            self.check(kind)

    def test_each_request_has_a_nonce_of_its_own_and_the_realm(self):
        id_ = connected("oauthish", ck="ck-1", cs="cs/+1", tk="tk-1", ts="ts-&")
        nonces = set()
        for _ in range(5):
            self.assertEqual(through(id_, "GET", "/")[0], 200)
            header = W.last_seen()[2]["authorization"]
            self.assertTrue(header.startswith('OAuth realm="1234567", '), header)
            nonces.add(re.search('oauth_nonce="([^"]+)"', header)[1])
        self.assertEqual(len(nonces), 5)


class HmacAndWsse(unittest.TestCase):  # SIG-1
    def test_an_hmac_covers_method_path_query_date_and_body(self):
        id_ = connected("hmacish", user="ada", password=SECRET)
        got = W.proxy(id_, "/a%20b?c=d", method="POST", body={"e": 1})
        self.assertEqual(got.status, 200, got)
        method, target, headers, body = W.last_seen()
        path, _, query = target.partition("?")
        message = "|".join((method, path, query, headers["date"], body.decode()))
        made = base64.b64encode(hmac.new(SECRET.encode(), message.encode(), hashlib.sha512).digest()).decode()
        self.assertEqual(headers["x-sign"], "ada:" + made)
        self.assertRegex(headers["date"], r"^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$")

    def test_a_username_token_is_that_of_the_standard(self):
        id_ = connected("wsseish", user="ada", password=SECRET)
        self.assertEqual(through(id_, "GET", "/")[0], 200)
        token = W.last_seen()[2]["x-wsse"]
        parts = dict(re.findall(r'(\w+)="([^"]*)"', token))
        text = base64.b64decode(parts["Nonce"]) + parts["Created"].encode() + SECRET.encode()
        self.assertEqual(parts["PasswordDigest"], base64.b64encode(hashlib.sha1(text).digest()).decode())
        self.assertEqual(parts["Username"], "ada")


class Digest(unittest.TestCase):  # SIG-1
    """A server of RFC 7616: every nonce of its own is taken once with each count."""

    class playing:
        def __init__(self, algorithm="SHA-256", offer="Digest"):
            self.algorithm, self.offer = algorithm, offer

        def __enter__(self):
            self.nonces, self.seen, self.used = [], [], set()
            self.before = W.up.server.RequestHandlerClass.serve
            handler, outer = W.up.server.RequestHandlerClass, self

            def serve(request):
                body = request.body_of()
                header = request.headers.get("Authorization") or ""
                outer.seen.append((request.command, request.path, header, body, request.client_address))
                good = outer.good(request.command, request.path, header)
                request.send_response(200 if good else 401)
                if not good:
                    outer.nonces.append(f"nonce-{len(outer.nonces)}")
                    request.send_header("WWW-Authenticate", outer.challenge())
                data = b'{"ok":true}' if good else b'{"error":"no digest"}'
                request.send_header("Content-Length", str(len(data)))
                request.end_headers()
                request.wfile.write(data)

            for method in ("GET", "POST", "PUT"):
                setattr(handler, "do_" + method, serve)
            return self

        def __exit__(self, *_):
            for method in ("GET", "POST", "PUT"):
                setattr(W.up.server.RequestHandlerClass, "do_" + method, self.before)

        def challenge(self):
            if self.offer != "Digest":
                return f'{self.offer} realm="r"'
            return f'Digest realm="r", nonce="{self.nonces[-1]}", qop="auth", algorithm={self.algorithm}, opaque="o"'

        def good(self, method, path, header):
            if not header.startswith("Digest "):
                return False
            p = {k: a or b for k, a, b in re.findall(r'(\w+)=(?:"([^"]*)"|([^",\s]+))', header)}
            h = hashlib.md5 if self.algorithm == "MD5" else hashlib.sha256
            H = lambda text: h(text.encode()).hexdigest()  # noqa: E731
            a1, a2 = H("Mufasa:r:Circle of Life"), H(f"{method}:{path}")
            once = (p["nonce"], p["nc"])
            fits = p["response"] == H(f'{a1}:{p["nonce"]}:{p["nc"]}:{p["cnonce"]}:{p["qop"]}:{a2}')
            if not fits or p["nonce"] not in self.nonces or p["uri"] != path or once in self.used:
                return False
            self.used.add(once)
            return True

    GOOD = {"user": "Mufasa", "password": "Circle of Life"}

    def test_reads_and_writes_answer_the_challenge_with_md5_and_sha256(self):
        for algorithm in ("MD5", "SHA-256"):
            with self.subTest(algorithm), self.playing(algorithm) as vendor:
                id_ = connected("digestish", **self.GOOD)
                got = W.proxy(id_, "/a%20b?c=d")
                self.assertEqual((got.status, json.loads(got.text)["successfull"]), (200, True), got)
                got = W.execute("DIGESTISH_MAKE", connectedAccountId=id_, input={"id": "1", "text": "x"})
                self.assertTrue(got.json()["successfull"], got)
                first, second = vendor.seen[-2:]
                self.assertEqual((first[2], first[3]), ("", b""), "the body left before the vendor had agreed")
                self.assertEqual(second[3], b"text=x")

    def test_a_second_401_is_told_as_401_and_basic_is_never_sent(self):
        with self.playing() as vendor:
            id_ = connected("digestish", **self.GOOD)
            vendor.good = lambda *_: False
            status, data = through(id_, "GET", "/x")
            self.assertEqual((status, data), (401, b'{"error":"no digest"}'))
            self.assertEqual(len([s for s in vendor.seen if s[1] == "/x"]), 2)
        with self.playing(offer="Basic") as vendor:
            status, data = through(id_, "GET", "/y")
            self.assertEqual((status, data), (401, b'{"error":"no digest"}'))
            got = W.proxy(id_, "/y", method="POST", body={"a": 1})
            self.assertNotIn("Basic", str(vendor.seen))
            self.assertFalse(got.json()["successfull"], got)
            self.assertTrue(all(s[2] == "" for s in vendor.seen), vendor.seen)

    def test_a_wrong_password_is_refused_at_connect(self):
        with self.playing():
            ac = W.integration("digestish", "CUSTOM")
            reply = W.try_connect(ac, {"user": "Mufasa", "password": "Circle of Death"})
            check_error(self, reply, 400)
            self.assertIn("signature does not fit", reply.text)

    def test_nonces_are_of_one_call_each(self):  # N6
        with self.playing() as vendor:
            id_ = connected("digestish", **self.GOOD)
            for _ in range(3):
                self.assertEqual(W.proxy(id_, "/n").status, 200)
            used = re.findall('nonce="(nonce-[0-9]+)"', str([s[2] for s in vendor.seen if s[1] == "/n"]))
            self.assertEqual(len(used), len(set(used)))


class Ghosts(unittest.TestCase):  # SIG-1
    """The built-in apps over sockets: the ghost's listener sees what a vendor would."""

    APPS = {
        "aws": {"access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "KEY"},
        "cloudflare_r2": {"account_id": "0" * 32, "access_key_id": "0" * 32, "secret_access_key": "KEY"},
        "mongodb_atlas": {"public_key": "abcdefgh", "private_key": "KEY"},
        "emarsys": {"username": "acme", "password": "KEY"},
    }

    def data(self, app, key):
        return {name: key if value == "KEY" else value for name, value in self.APPS[app].items()}

    def test_each_app_that_signs_is_verified_acts_and_is_refused_with_a_wrong_key(self):
        for app in self.APPS:
            with self.subTest(app):
                ac = W.integration(app, "CUSTOM")
                id_ = W.connect(ac, self.data(app, "a-good-key-0123456789"), app)
                verdict = W.good("POST", f"/ks/connections/{id_}/verify")["verdict"]
                self.assertEqual(verdict, "verified")
                for method in ("GET", "POST"):
                    got = W.proxy(id_, "/some/thing?b=2&a=1", method=method, body={"a": 1} if method == "POST" else None)
                    self.assertEqual(got.status, 200, got)
                    self.assertTrue(got.json()["successfull"], got)
                bad = W.try_connect(ac, self.data(app, "a-wrong-key-0123456789"), app + "_bad")
                self.assertNotIn("verified", bad.text)


if __name__ == "__main__":
    unittest.main()
