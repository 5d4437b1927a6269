"""Credentials that are made, not typed: tokens asked for, kept, renewed and dropped (docs/formats.md "Derived values"). Promises
DER-1 to DER-9 of docs/api.md, rules N1, S1, S3, S6. The vendor is a server of the tests with a token endpoint."""

import base64
import json
import re
import subprocess
import threading
import time
import unittest
import urllib.parse

from server import Upstream
from world import World, check_error

DESK = """
app: desk
name: Desk
about: The vendor of these tests.
categories: [testing]
home: https://desk.example
docs: none
schemes:
  - scheme: CUSTOM
    fields:
      - {name: client_id, label: Client id, help: Any text that names the client., example: ci_x}
      - {name: client_secret, label: Client secret, help: Any text that is kept., example: cs_xxxx, secret: true}
    base: http://127.0.0.1:DESK
    derive:
      - name: access_token
        make: token
        method: POST
        url: /token
        basic: {user: "{{client_id}}", password: "{{client_secret}}"}
        encoding: form
        body: {grant_type: client_credentials, scope: all things}
        pointer: /access_token
        lasts: /expires_in
        refresh: {pointer: /refresh_token, url: "http://127.0.0.1:DESK/renew", body: {refresh_token: "{{refresh_token}}"}}
      - name: account
        make: member
        from: access_token
        pointer: /account
    send:
      headers: {Authorization: "Bearer {{access_token}}", X-Account: "{{account}}"}
    check:
      method: GET
      path: /me
      trusted: true
      good: [{status: 200}]
      bad: [{status: 401, cause: The client is unknown there.}]
      identity: {id: /id}
    find: none
actions:
  - name: DESK_LIST
    title: List
    about: Lists what there is.
    method: GET
    path: /list
    encoding: none
    tags: [read]
  - name: DESK_MAKE
    title: Make
    about: Makes a thing.
    method: POST
    path: /make
    encoding: json
    tags: [write]
    params:
      - {name: title, in: body, type: string, required: true, about: What it is called.}
"""


class Desk:
    """Hands out tokens and takes those that it handed out and that were not revoked since."""

    def __init__(self):
        self.lock = threading.Lock()
        self.good, self.asked, self.renewed, self.calls = set(), [], [], []
        self.expires, self.refresh, self.odd = 3600, False, None
        self.deaf = False  # takes no token at all
        self.gate = None  # called before a token is handed out

    def grant(self):
        with self.lock:
            n = len(self.asked) + len(self.renewed)
            token = f"tok-{n}-abcdef0123456789"
            self.good.add(token)
        body = {"access_token": token, "expires_in": self.expires, "account": "acct-0123456789", "token_type": "Bearer"}
        if self.refresh:
            body["refresh_token"] = f"ref-{n}-abcdef0123456789"
        return 200, {}, json.dumps(body).encode()

    def token(self, headers, body):
        pair = base64.b64decode(headers.get("authorization", "Basic ").split(" ")[1]).decode()
        with self.lock:
            self.asked.append((pair, body.decode()))
        if self.gate:
            self.gate()
        if self.odd:
            return self.odd
        if "wrong" in pair:
            return 401, {}, json.dumps({"error": "invalid_client", "detail": pair}).encode()
        return (503, {}, b"{}") if "down" in pair else self.grant()

    def renew(self, body):
        sent = urllib.parse.parse_qs(body.decode())["refresh_token"][0]
        with self.lock:
            self.renewed.append(sent)
        return (400, {}, b'{"error":"invalid_grant"}') if self.refresh == "refused" else self.grant()

    def answer(self, method, path, headers, body):
        if path == "/token":
            return self.token(headers, body)
        if path == "/renew":
            return self.renew(body)
        token = headers.get("authorization", "")[len("Bearer ") :]
        with self.lock:
            self.calls.append((method, path, body))
            if self.deaf or token not in self.good or headers.get("x-account") != "acct-0123456789":
                return 401, {}, b'{"error":"invalid_token"}'
        leak = [token, base64.b64encode(token.encode()).decode()]
        return 200, {}, json.dumps({"id": "d_1", "leak": leak, "body": body.decode()}).encode()


DESKS = Desk()
UP = Upstream(DESKS.answer)
DESK = re.sub(r"1:DESK\b", f"1:{UP.port}", DESK)
LAX = re.sub(r"    check:.*?(?=    find:)", "    check: none\n", DESK, flags=re.S).replace("app: desk", "app: lax").replace("DESK_", "LAX_")
VAGUE = DESK.replace("trusted: true", "trusted: false").replace("app: desk", "app: vague").replace("DESK_", "VAGUE_")
W = World("--allow-private", UP.address, apps={"desk": DESK, "lax": LAX, "vague": VAGUE})


def setUpModule():
    UP.__enter__()
    W.start()
    W.ac = W.integration("desk", "CUSTOM")
    W.lax = W.integration("lax", "CUSTOM")  # the same without a check
    W.vague = W.integration("vague", "CUSTOM")  # with one that nobody has seen working


def tearDownModule():
    try:
        W.stop()
    finally:
        UP.__exit__()


def await_that(what, seconds=20):
    """Until what() is true: the passing of a token's life cannot be told otherwise."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)


class Base(unittest.TestCase):
    def setUp(self):
        DESKS.__init__()

    def connect(self, secret="cs_good_0123456789", integration=None):
        reply = W.try_connect(integration or W.lax, {"client_id": "ci_1", "client_secret": secret})
        self.assertEqual(reply.status, 200, reply)
        return reply.json()["connectedAccountId"]

    def act(self, id_, action=None, **body):
        action = action or W.account(id_)["appName"].upper() + "_LIST"
        reply = W.execute(action, connectedAccountId=id_, **body)
        self.assertEqual(reply.status, 200, reply)
        return reply.json()


class Tokens(Base):
    def test_one_is_asked_for_as_declared_and_then_kept(self):  # DER-1
        id_ = self.connect()
        for _ in range(3):
            self.assertTrue(self.act(id_)["successful"])
        self.assertEqual(DESKS.asked, [("ci_1:cs_good_0123456789", "grant_type=client_credentials&scope=all%20things")])
        self.assertEqual(len(DESKS.calls), 3)

    def at_once(self, id_, n):
        """So many calls, each on a connection of its own; no token is handed out before all have begun."""
        ready, results = threading.Barrier(n + 1), []
        DESKS.gate = lambda: None if ready.broken else ready.wait(30)

        def one(go_ahead):
            with W.server.connection() as http:
                if not go_ahead:
                    ready.wait(30)
                results.append(http.request("POST", "/v2/actions/LAX_LIST/execute", {"input": {}, "connectedAccountId": id_}))

        threads = [threading.Thread(target=one, args=(i == n,)) for i in range(n + 1)]
        for t in threads:
            t.start()
        for t in threads:
            t.join(60)
        return [r.json()["successful"] for r in results]

    def test_fifty_calls_at_once_ask_once(self):  # DER-2
        self.assertEqual(self.at_once(self.connect(), 50), [True] * 51)
        self.assertEqual(len(DESKS.asked), 1)

    def test_all_who_wait_hear_of_a_refusal(self):  # DER-2
        id_, started, results = self.connect("cs_wrong_0123456789"), threading.Event(), []
        DESKS.gate = lambda: started.wait(30)

        def one():
            with W.server.connection() as http:
                results.append(http.request("POST", "/v2/actions/LAX_LIST/execute", {"input": {}, "connectedAccountId": id_}))

        threads = [threading.Thread(target=one) for _ in range(8)]
        for t in threads:
            t.start()
        started.set()
        for t in threads:
            t.join(60)
        self.assertEqual([r.json()["successful"] for r in results], [False] * 8)

    def test_what_lasts_no_time_is_not_kept(self):  # DER-3
        DESKS.expires = 0
        id_ = self.connect()
        for n in (1, 2, 3):
            self.act(id_)
            self.assertEqual(len(DESKS.asked), n)

    def test_one_that_ended_is_asked_for_again(self):  # DER-3
        DESKS.expires = 1
        id_ = self.connect()
        await_that(lambda: self.act(id_)["successful"] and len(DESKS.asked) > 1)
        self.assertEqual(DESKS.renewed, [])

    def test_new_values_and_a_new_process_ask_anew(self):  # DER-4
        id_ = self.connect()
        self.act(id_)
        data = {"client_id": "ci_1", "client_secret": "cs_other_0123456789"}
        self.assertEqual(W.post(f"/v1/connectedAccounts/{id_}/reinitiate", {"data": data}).status, 200)
        self.act(id_)
        self.assertEqual(DESKS.asked[-1][0], "ci_1:cs_other_0123456789")
        n = len(DESKS.asked)
        W.restart()
        self.act(id_)
        self.assertEqual(len(DESKS.asked), n + 1)


class Renewing(Base):
    def test_a_refresh_token_is_used_and_turns_over(self):  # DER-5
        DESKS.expires, DESKS.refresh = 1, True
        id_ = self.connect()
        await_that(lambda: self.act(id_)["successful"] and len(DESKS.renewed) > 1)
        self.assertEqual(len(DESKS.asked), 1)
        self.assertEqual(DESKS.renewed[:2], ["ref-1-abcdef0123456789", "ref-2-abcdef0123456789"])

    def test_a_refused_one_leads_back_to_the_beginning(self):  # DER-5
        DESKS.expires, DESKS.refresh = 1, "refused"
        id_ = self.connect()
        await_that(lambda: self.act(id_)["successful"] and len(DESKS.asked) > 1)
        self.assertEqual(len(DESKS.renewed), 1)


class Refused(Base):
    def test_a_kept_token_that_is_refused_is_replaced_and_the_call_repeated_once(self):  # DER-6
        id_ = self.connect()
        self.act(id_)
        DESKS.good.clear()
        told = self.act(id_, "LAX_MAKE", input={"title": "x"})
        self.assertTrue(told["successful"], told)
        self.assertEqual((len(DESKS.asked), [c[:2] for c in DESKS.calls[1:]]), (2, [("POST", "/make")] * 2))
        self.assertEqual(DESKS.calls[1][2], DESKS.calls[2][2])

    def test_a_fresh_token_that_is_refused_is_not_tried_again(self):  # DER-6
        DESKS.deaf = True
        id_ = self.connect()
        self.assertEqual(self.act(id_)["vendorStatus"], 401)
        self.assertEqual((len(DESKS.asked), len(DESKS.calls)), (1, 1))

    def test_a_token_endpoint_that_refuses_is_named_and_not_quoted(self):  # DER-7 S5
        id_ = self.connect("cs_wrong_0123456789")
        told = self.act(id_)
        self.assertFalse(told["successful"])
        self.assertIn("token endpoint answered 401", told["error"])
        self.assertNotIn("invalid_client", json.dumps(told))
        self.assertEqual(DESKS.calls, [])
        self.assertIn("token endpoint answered 401", W.proxy(id_, "/list").text)
        self.assertIn("token endpoint answered 401", W.get(f"/ks/call/{id_}/list").text)

    def test_a_refusal_is_remembered_for_a_short_time(self):  # DER-11
        id_ = self.connect("cs_wrong_0123456789")
        self.act(id_)
        for said in (self.act(id_)["error"], W.proxy(id_, "/list").text, W.get(f"/ks/call/{id_}/list").text):
            self.assertIn("token endpoint answered 401 a moment ago", said)
            self.assertRegex(said, r"asked again in ([1-9]|[12]\d|30) s, or when the connected account is checked")
        self.assertEqual((len(DESKS.asked), DESKS.calls), (1, []))
        self.act(self.connect("cs_wrong_0123456789"))  # another connected account asks for itself
        self.assertEqual(len(DESKS.asked), 2)

    def test_new_values_and_a_check_ask_at_once(self):  # DER-11
        id_ = self.connect(integration=W.ac)
        DESKS.good.clear()
        DESKS.odd = (401, {}, b"{}")
        self.assertTrue(self.act(id_)["error"])  # the kept token is refused, and then the log-in
        n = len(DESKS.asked)
        self.act(id_)  # counts, and starts the check, which asks
        self.assertEqual((len(DESKS.asked), W.account(id_)["status"]), (n + 1, "EXPIRED"))
        DESKS.odd = None
        self.assertEqual(W.post(f"/ks/connections/{id_}/verify").json()["verdict"], "verified")
        self.assertTrue(self.act(id_)["successful"])

        lax = self.connect("cs_wrong_0123456789")
        self.act(lax)
        data = {"client_id": "ci_1", "client_secret": "cs_good_0123456789"}
        W.good("POST", f"/v1/connectedAccounts/{lax}/reinitiate", {"data": data})
        self.assertTrue(self.act(lax)["successful"])

    def test_refusals_that_are_only_remembered_start_no_further_checks(self):  # DER-11
        id_ = self.connect(integration=W.vague)  # its check is not trusted: it expires nothing
        DESKS.good.clear()
        DESKS.odd = (401, {}, b"{}")
        self.act(id_)
        self.act(id_)
        n = len(DESKS.asked)
        for _ in range(5):
            self.act(id_)
        self.assertEqual(len(DESKS.asked), n)
        self.assertEqual(W.account(id_)["status"], "ACTIVE")

    def test_two_refusals_in_a_row_and_a_refused_check_expire_a_connection(self):  # DER-7
        DESKS.expires = 0
        id_ = self.connect(integration=W.ac)
        DESKS.odd = (401, {}, b"{}")
        self.act(id_)
        self.assertEqual(W.account(id_)["status"], "ACTIVE")
        self.act(id_)
        self.assertEqual(W.account(id_)["status"], "EXPIRED")

    def test_one_that_does_not_answer_says_nothing_of_the_credential(self):  # DER-7
        id_ = self.connect("cs_down_0123456789")
        for _ in range(3):
            self.assertIn("token endpoint answered 503", self.act(id_)["error"])
        self.assertEqual(W.account(id_)["status"], "ACTIVE")

    def test_an_answer_without_a_token_is_told(self):  # DER-7
        for body in (b"{}", b"no json", b'{"access_token":{"a":1}}', b'{"access_token":"","account":"x"}', b'{"access_token":"t0123456789"}'):
            DESKS.odd = (200, {}, body)
            self.assertIn("holds no token", self.act(self.connect())["error"], body)

    def test_a_token_with_a_line_break_goes_nowhere(self):  # T1
        DESKS.odd = (200, {}, b'{"access_token":"abc\\r\\nX-Evil: 1","account":"acct-0123456789"}')
        W.execute("LAX_LIST", connectedAccountId=self.connect())
        self.assertEqual(DESKS.calls, [])


class Connecting(Base):
    def test_the_check_asks_for_a_token_first(self):  # DER-8
        id_ = self.connect(integration=W.ac)
        self.assertEqual((len(DESKS.asked), [c[1] for c in DESKS.calls]), (1, ["/me"]))
        self.assertTrue(self.act(id_)["successful"])
        self.assertEqual(len(DESKS.asked), 1, "the token of the check is kept for the first call")

    def test_a_refused_one_is_refused_and_nothing_is_stored(self):  # DER-8
        had = len(W.list())
        refused = W.try_connect(W.ac, {"client_id": "ci_1", "client_secret": "cs_wrong_0123456789"})
        body = check_error(self, refused, 400, "token endpoint answered 401")
        self.assertNotIn("cs_wrong", json.dumps(body))
        self.assertEqual(len(W.list()), had)

    def test_one_that_is_down_is_stored(self):  # DER-8
        id_ = self.connect("cs_down_0123456789", W.ac)
        self.assertEqual(W.account(id_)["status"], "ACTIVE")

    def test_a_token_of_values_that_were_refused_is_never_used_with_others(self):  # DER-4 N1
        id_ = self.connect(integration=W.ac)
        DESKS.deaf = True  # the token is handed out, and the check with it refused: nothing is stored
        reply = W.post(f"/v1/connectedAccounts/{id_}/reinitiate", {"data": {"client_id": "ci_1", "client_secret": "cs_first_0123456789"}})
        check_error(self, reply, 400)
        DESKS.deaf, DESKS.expires = False, 0
        W.good("POST", f"/v1/connectedAccounts/{id_}/reinitiate", {"data": {"client_id": "ci_1", "client_secret": "cs_other_0123456789"}})
        n = len(DESKS.asked)
        self.assertTrue(self.act(id_)["successful"])
        self.assertEqual([pair for pair, _ in DESKS.asked[n:]], ["ci_1:cs_other_0123456789"])

    def test_a_check_does_not_trust_a_kept_token(self):  # DER-8
        id_ = self.connect(integration=W.ac)
        self.assertEqual(W.post(f"/ks/connections/{id_}/verify").status, 200)
        self.assertEqual(len(DESKS.asked), 2)


class Hidden(Base):
    def test_tokens_are_found_in_answers_and_stand_in_no_log(self):  # DER-9 S3 S6
        DESKS.refresh = True
        id_ = self.connect()
        told = json.dumps(self.act(id_))
        self.assertEqual(told.count("[redacted]"), 2, told)
        log = W.server.log()
        for secret in ("tok-", "ref-", "acct-0123456789", "cs_good"):
            self.assertNotIn(secret, told)
            self.assertNotIn(secret, log)

    def test_explain_asks_nobody_and_shows_names(self):  # DER-9
        id_ = self.connect()
        told = W.good("POST", "/ks/explain", {"action": "LAX_LIST", "connectedAccountId": id_})
        self.assertEqual((DESKS.asked, DESKS.calls), ([], []))
        self.assertIn("Bearer \u2039access_token\u203a", json.dumps(told["request"], ensure_ascii=False))
        token = json.dumps(told["tokens"], ensure_ascii=False)
        self.assertIn("/token", token)
        self.assertIn("\u2039client_secret\u203a", token)
        self.assertNotIn("cs_good", token)

    def test_streamed_calls_get_a_token_and_drop_a_refused_one(self):  # DER-6
        id_ = self.connect()
        for body in (None, b"x" * 300000):
            reply = W.call("POST" if body else "GET", f"/ks/call/{id_}/list", body, raw_type="application/octet-stream")
            self.assertEqual(reply.status, 200, reply)
        DESKS.good.clear()
        self.assertEqual(W.get(f"/ks/call/{id_}/list").status, 401)
        self.assertEqual(W.get(f"/ks/call/{id_}/list").status, 200)
        self.assertEqual(len(DESKS.asked), 2)

    def test_credentials_of_one_call_are_asked_with_and_kept_nowhere(self):  # DER-4
        once = {"custom_connection_data": {"authScheme": "API_KEY", "toolkitSlug": "lax",
                                           "val": {"client_id": "ci_2", "client_secret": "cs_once_0123456789"}}}
        for n in (1, 2):
            reply = W.post("/api/v3.1/tools/execute/LAX_LIST", {"arguments": {}, "user_id": "u", **once})
            self.assertEqual(reply.status, 200, reply)
            self.assertTrue(reply.json()["successful"], reply)
            self.assertEqual(len(DESKS.asked), n)


class Ghosts(Base):
    """The whole way with real keys, against the built-in catalogue's ghosts, which verify signatures."""

    @classmethod
    def setUpClass(cls):
        cls.rsa = subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-quiet"], capture_output=True, check=True, text=True).stdout
        cls.small = subprocess.run(
            ["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-quiet"], capture_output=True, check=True, text=True
        ).stdout

    def account(self, app, scheme, data):
        reply = W.try_connect(W.integration(app, scheme), data)
        self.assertEqual(reply.status, 200, reply)
        return reply.json()["connectedAccountId"]

    def google(self, key):
        file = json.dumps({"type": "service_account", "client_email": "a@b.example", "private_key": key})
        return self.account("google_service_account", "GOOGLE_SERVICE_ACCOUNT", {"credentials_json": file, "scopes": "https://x.example/a"})

    def test_a_service_account_signs_and_gets_a_token(self):  # DER-10
        told = W.proxy(self.google(self.rsa), "/storage/v1/b")
        self.assertEqual(told.json()["vendorStatus"], 200, told)

    def test_a_key_pair_signs_each_call(self):  # DER-10
        id_ = self.account("snowflake", "CUSTOM", {"account_url": "https://acme.snowflakecomputing.com", "account": "acme-x",
                                                   "username": "ada", "private_key": self.rsa})
        self.assertEqual(W.account(id_)["meta"]["verdict"], "verified")
        self.assertEqual(W.proxy(id_, "/api/v2/statements").json()["vendorStatus"], 200)

    def test_keys_that_cannot_sign_are_told_at_connect_and_when_acting(self):  # DER-8 DER-10
        for key, why in (("nonsense", "no private key in PEM"), (self.small, "less than 2048 bits")):
            id_ = self.google(key)
            self.assertIn(why, W.account(id_)["statusReason"])
            self.assertIn(why, W.proxy(id_, "/x").json()["error"])
