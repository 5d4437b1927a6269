"""Whatever is sent: an error of the contract that names the field and the remedy, never a 5xx, never an echo of the
value, nothing half stored. A canary stands in every bad value (rules S5, T1, T6)."""

import json
import re
import unittest

from shapes import check
from world import STATUSES, World, check_error

W = World()
CANARY = "CANARY7f3e91"
MIB = 1024 * 1024


def setUpModule():
    W.start()
    W.ac = W.integration()
    W.ca = W.connect(W.ac)


def tearDownModule():
    W.stop()


def initiate(**changes):
    body = {"integrationId": W.ac, "userUuid": "bad", "data": {"api_key": "vk_" + CANARY}}
    body.update(changes)
    return body


def initiate2(app=None, config=None, connection=None):
    return {
        "app": {"integrationId": W.ac} if app is None else app,
        "config": {} if config is None else config,
        "connection": {"entityId": "bad", "initiateData": {"api_key": "x"}} if connection is None else connection,
    }


def rows():
    """name, method, path, body, status, text that must be named (None: any)."""
    v1, v2 = "/v1/connectedAccounts", "/v2/connectedAccounts/initiateConnection"
    execute = "/v2/actions/VEND_GET_THING/execute"
    yield from (
        ("no integration id", "POST", v1, {"data": {"api_key": CANARY}}, 400, "integrationId"),
        ("integration id of a wrong type", "POST", v1, initiate(integrationId=[CANARY]), 400, "integrationId"),
        ("data is a text", "POST", v1, initiate(data=CANARY), 400, "data"),
        ("data is a list", "POST", v1, initiate(data=[CANARY]), 400, "data"),
        ("the value is a list", "POST", v1, initiate(data={"api_key": [CANARY]}), 400, "api_key"),
        ("the value is an object", "POST", v1, initiate(data={"api_key": {"a": CANARY}}), 400, "api_key"),
        ("the value is missing", "POST", v1, initiate(data={"other": CANARY}), 400, "api_key"),
        ("the value is null", "POST", v1, initiate(data={"api_key": None}), 400, "api_key"),
        ("the value is empty", "POST", v1, initiate(data={"api_key": ""}), 400, "api_key"),
        ("the value is blank", "POST", v1, initiate(data={"api_key": " \t "}), 400, "api_key"),
        ("a line break inside", "POST", v1, initiate(data={"api_key": f"a\r\nX: {CANARY}"}), 400, "api_key"),
        ("a line feed inside", "POST", v1, initiate(data={"api_key": f"a\n{CANARY}"}), 400, "api_key"),
        ("a control byte inside", "POST", v1, initiate(data={"api_key": f"a\x01{CANARY}"}), 400, "api_key"),
        ("DEL inside", "POST", v1, initiate(data={"api_key": f"a\x7f{CANARY}"}), 400, "api_key"),
        ("not ASCII", "POST", v1, initiate(data={"api_key": f"ключ{CANARY}"}), 400, "api_key"),
        ("too long", "POST", v1, initiate(data={"api_key": CANARY + "k" * 8192}), 400, "api_key"),
        ("a label with a dot", "POST", v1, initiate(data={"api_key": "x", "region": f"{CANARY}.evil"}), 400, "region"),
        ("a label with a slash", "POST", v1, initiate(data={"api_key": "x", "region": f"a/{CANARY}"}), 400, "region"),
        ("a label and a final LF", "POST", v1, initiate(data={"api_key": "x", "region": CANARY + "\n\n"}), 400, "region"),
        ("entity id is a number", "POST", v1, initiate(userUuid=7), 400, "userUuid"),
        ("entity id is too long", "POST", v1, initiate(userUuid=CANARY * 200), 400, "userUuid"),
        ("labels is a text", "POST", v1, initiate(labels=CANARY), 400, "labels"),
        ("labels holds a number", "POST", v1, initiate(labels=["a", 7]), 400, "labels"),
        ("too many labels", "POST", v1, initiate(labels=[f"{CANARY}{i}" for i in range(33)]), 400, "labels"),
        ("a label too long", "POST", v1, initiate(labels=[CANARY * 20]), 400, "labels"),
        ("no such integration", "POST", v1, initiate(integrationId="ac_" + CANARY), 404, None),
        ("v2: no app", "POST", v2, {"config": {}, "connection": {}}, 400, "app"),
        ("v2: an empty app", "POST", v2, initiate2(app={}), 400, "integrationId"),
        ("v2: app is a text", "POST", v2, initiate2(app=CANARY), 400, "app"),
        ("v2: unknown app", "POST", v2, initiate2(app={"uniqueKey": "no" + CANARY}), 404, None),
        ("v2: another scheme", "POST", v2, initiate2(config={"authScheme": "BASIC"}), 400, "authScheme"),
        ("v2: scheme unknown", "POST", v2, initiate2(config={"authScheme": CANARY}), 400, "authScheme"),
        ("v2: data is a list", "POST", v2, initiate2(connection={"initiateData": [CANARY]}), 400, "initiateData"),
        ("v2: config is a list", "POST", v2, initiate2(config=[CANARY]), 400, "config"),
        ("integration without app", "POST", "/v1/integrations", {"name": CANARY}, 400, "appId"),
        ("integration of no app", "POST", "/v1/integrations", {"appId": "no" + CANARY}, 404, None),
        ("integration, bad scheme", "POST", "/v1/integrations", {"appId": "vend", "authScheme": CANARY}, 400, "authScheme"),
        ("integration, config a text", "POST", "/v1/integrations", {"appId": "vend", "authConfig": CANARY}, 400, "authConfig"),
        (
            "integration, a secret with a line break", "POST", "/v1/integrations",
            {"appId": "vend", "authScheme": "API_KEY", "authConfig": {"api_key": f"a\n{CANARY}"}}, 400, "api_key",
        ),
        ("integration, flag a text", "POST", "/v1/integrations", {"appId": "vend", "forceNewIntegration": CANARY}, 400, "forceNew"),
        ("patch with a wrong type", "PATCH", "/v1/integrations/" + W.ac, {"enabled": CANARY}, 400, "enabled"),
        ("labels of the wrong type", "PATCH", f"/v1/connectedAccounts/{W.ca}/data", {"labels": {"a": CANARY}}, 400, "labels"),
        ("reinitiate without the value", "POST", f"/v1/connectedAccounts/{W.ca}/reinitiate", {"data": {}}, 400, "api_key"),
        ("reinitiate with a bad value", "POST", f"/v1/connectedAccounts/{W.ca}/reinitiate", {"data": {"api_key": f"\x02{CANARY}"}}, 400, "api_key"),
        ("page zero", "GET", "/v1/connectedAccounts?page=0", None, 400, "page"),
        ("page of letters", "GET", f"/v1/connectedAccounts?page={CANARY}", None, 400, "page"),
        ("negative page size", "GET", "/v1/integrations?pageSize=-3", None, 400, "pageSize"),
        ("limit of letters", "GET", f"/v2/actions?limit={CANARY}", None, 400, "limit"),
        ("required input missing", "POST", execute, {"connectedAccountId": W.ca, "input": {}}, 400, "thing_id"),
        ("input of a wrong type", "POST", execute, {"connectedAccountId": W.ca, "input": {"thing_id": {"a": CANARY}}}, 400, "thing_id"),
        ("input is a text", "POST", execute, {"connectedAccountId": W.ca, "input": CANARY}, 400, "input"),
        ("value not allowed", "POST", "/v2/actions/VEND_MAKE_THING/execute", {"connectedAccountId": W.ca, "input": {"title": "t", "color": CANARY}}, 400, "color"),
        ("unknown action", "POST", f"/v2/actions/NO_{CANARY}/execute", {"input": {}}, 404, None),
        ("unknown connection", "POST", execute, {"connectedAccountId": "ca_" + CANARY, "input": {"thing_id": "1"}}, 404, None),
        ("entity without connection", "POST", execute, {"entityId": CANARY, "input": {"thing_id": "1"}}, 404, None),
        ("proxy without endpoint", "POST", "/v2/actions/proxy", {"connectedAccountId": W.ca, "method": "GET"}, 400, "endpoint"),
        ("proxy method TRACE", "POST", "/v2/actions/proxy", {"connectedAccountId": W.ca, "endpoint": "/", "method": "TRACE"}, 400, "method"),
        ("proxy parameters a text", "POST", "/v2/actions/proxy", {"connectedAccountId": W.ca, "endpoint": "/", "method": "GET", "parameters": CANARY}, 400, "parameters"),
        ("proxy parameter nowhere", "POST", "/v2/actions/proxy", {"connectedAccountId": W.ca, "endpoint": "/", "method": "GET", "parameters": [{"in": CANARY, "name": "a", "value": "b"}]}, 400, "parameters"),
    )  # fmt: skip


BAD_JSON = {
    "not JSON": b'{"integrationId": CANARY7f3e91}',
    "cut off": b'{"integrationId": "CANARY7f3e91',
    "a list": b'["CANARY7f3e91"]',
    "a text": b'"CANARY7f3e91"',
    "a number": b"7",
    "null": b"null",
    "a key twice": b'{"integrationId":"a","integrationId":"CANARY7f3e91"}',
    "a key twice below": b'{"data":{"api_key":"a","api_key":"CANARY7f3e91"}}',
    "text behind it": b'{} CANARY7f3e91',
    "bytes that are no UTF-8": b'{"integrationId":"\xff\xfeCANARY7f3e91"}',
    "a lone surrogate": b'{"integrationId":"\\ud800CANARY7f3e91"}',
    "NUL escaped": b'{"integrationId":"\\u0000CANARY7f3e91"}',
    "NUL raw": b'{"integrationId":"\x00CANARY7f3e91"}',
    "65 levels": b'{"data":' + b"[" * 65 + b"]" * 65 + b"}",
    "100,000 levels": b"[" * 100000,
    "a huge number": b'{"integrationId":"x","data":{"api_key":1e400}}',
    "an integer over 64 bit": b'{"integrationId":"x","data":{"api_key":99999999999999999999}}',
    "NaN": b'{"data":NaN}',
    "single quotes": b"{'data':'CANARY7f3e91'}",
}
JSON_ROUTES = [
    ("POST", "/v1/connectedAccounts"),
    ("POST", "/v2/connectedAccounts/initiateConnection"),
    ("POST", "/v1/integrations"),
    ("POST", "/v2/integrations/create"),
    ("POST", "/v2/actions/VEND_LIST_THINGS/execute"),
    ("POST", "/v2/actions/proxy"),
]


class BadInput(unittest.TestCase):
    def assert_stored_nothing(self):
        self.assertEqual(W.list("user_uuid=bad"), [])

    def test_each_bad_body_is_refused_by_name_without_an_echo(self):  # ERR-2 CON-2 ACT-4
        for name, method, path, body, status, named in rows():
            with self.subTest(name):
                reply = W.call(method, path, body)
                self.assertIn(reply.status, STATUSES)
                check_error(self, reply, status, named)
                self.assertNotIn(CANARY, reply.text + repr(reply.pairs))
                check(self, "error_400" if status == 400 else "error", reply.json())
        self.assert_stored_nothing()
        self.assertNotIn(CANARY, W.server.log())

    def test_each_kind_of_bad_json_is_a_400_on_each_route(self):  # ERR-4
        for method, path in JSON_ROUTES:
            for name, body in BAD_JSON.items():
                with self.subTest(f"{method} {path}: {name}"):
                    reply = W.call(method, path, body)
                    check_error(self, reply, 400)
                    self.assertNotIn(CANARY, reply.text)
        self.assert_stored_nothing()

    def test_a_body_of_1_mib_is_read_and_one_byte_more_is_a_400(self):  # ERR-1
        frame = b'{"integrationId":"ac_none","data":{"api_key":"' + b"%s" + b'"}}'
        room = MIB - (len(frame) - 2)
        check_error(self, W.post("/v1/connectedAccounts", frame % (b"k" * room)), 404)
        reply = W.post("/v1/connectedAccounts", frame % (b"k" * (room + 1)))
        check_error(self, reply, 400)

    def test_scalars_are_taken_as_text(self):  # CON-2
        for value in (12345678, 1.5, True):
            reply = W.try_connect(W.ac, {"api_key": value}, "scalar")
            self.assertEqual(reply.status, 200, reply)
        W.execute("VEND_LIST_THINGS", connectedAccountId=W.connect(W.ac, {"api_key": 12345678}, "scalar"))
        self.assertEqual(W.last_seen()[2]["x-vend-key"], "12345678")

    def test_pasted_values_are_trimmed_and_unknown_names_are_ignored(self):  # CON-2
        ca = W.connect(W.ac, {"api_key": " \tvk_trim_me\r\n", "nonsense": ["x"]}, "trim")
        W.execute("VEND_LIST_THINGS", connectedAccountId=ca)
        self.assertEqual(W.last_seen()[2]["x-vend-key"], "vk_trim_me")

    def test_a_pattern_that_does_not_match_only_warns(self):
        self.assertEqual(W.try_connect(W.ac, {"api_key": "NOT the pattern!"}, "pattern").status, 200)

    def test_malformed_ids_are_a_404_wherever_they_stand(self):  # ERR-3
        odd = ["x", "ca_", "%00", "a%00b", "%2F", "..%2F..", "%E2%82%AC", "ca_" + "a" * 3000, "%20", "ca_%0d%0aX"]
        for id_ in odd:
            for method, path in (
                ("GET", "/v1/connectedAccounts/{}"), ("DELETE", "/v1/connectedAccounts/{}"),
                ("GET", "/v1/connectedAccounts/{}/info"), ("POST", "/v1/connectedAccounts/{}/enable"),
                ("GET", "/v1/integrations/{}"), ("DELETE", "/v1/integrations/{}"), ("GET", "/v1/apps/{}"),
                ("GET", "/v2/actions/{}"), ("GET", "/ks/connections/{}"),
            ):  # fmt: skip
                with self.subTest(f"{method} {path.format(id_[:20])}"):
                    self.assertEqual(W.call(method, path.format(id_)).status, 404)

    def test_errors_of_one_request_do_not_leak_into_the_next(self):
        with W.server.connection() as http:
            for i in range(30):
                bad = http.request("POST", "/v1/connectedAccounts", {"integrationId": "no", "data": {"api_key": CANARY}})
                self.assertEqual(bad.status, 404)
                good = http.request("GET", "/v1/connectedAccounts/" + W.ca)
                self.assertEqual((good.status, good.json()["id"]), (200, W.ca))

    def test_native_routes_name_fields_too(self):
        for method, path, body, named in (
            ("POST", "/ks/explain", {"action": "VEND_GET_THING", "connectedAccountId": W.ca, "input": CANARY}, "input"),
            ("PUT", f"/ks/connections/{W.ca}/credential", {"api_key": [CANARY]}, "api_key"),
        ):
            with self.subTest(path):
                reply = W.call(method, path, body)
                self.assertTrue(400 <= reply.status < 500, reply)
                self.assertIn(named, json.dumps(reply.json()))
                self.assertNotIn(CANARY, reply.text)


class RawBytes(unittest.TestCase):
    """Requests no client library would send (rule T5). The answer is a refusal, or the connection just closes; never
    a second answer to one request, never a hang."""

    CASES = {
        "length and chunked": b"POST /v1/apps HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /health HTTP/1.1\r\nHost: a\r\n\r\n",
        "length twice": b"POST /v1/apps HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
        "length with a plus": b"POST /v1/apps HTTP/1.1\r\nHost: a\r\nContent-Length: +2\r\n\r\n{}",
        "chunked body": b"POST /v1/connectedAccounts HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "folded header": b"GET /health HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\n\r\n",
        "blank before colon": b"GET /health HTTP/1.1\r\nHost : a\r\n\r\n",
        "host twice": b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "no host": b"GET /health HTTP/1.1\r\n\r\n",
        "NUL in a value": b"GET /health HTTP/1.1\r\nHost: a\r\nX-A: b\x00c\r\n\r\n",
        "NUL in the target": b"GET /hea\x00lth HTTP/1.1\r\nHost: a\r\n\r\n",
        "bare LF": b"GET /health HTTP/1.1\nHost: a\n\n",
        "bare CR in a value": b"GET /health HTTP/1.1\r\nHost: a\r\nX-A: b\rc\r\n\r\n",
        "empty header name": b"GET /health HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n",
        "odd version": b"GET /health HTTP/9.9\r\nHost: a\r\n\r\n",
        "not HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\r\n\r\n",
        "long target": b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        "large header": b"GET /health HTTP/1.1\r\nHost: a\r\nX-A: " + b"b" * 17000 + b"\r\n\r\n",
        "many headers": b"GET /health HTTP/1.1\r\nHost: a\r\n" + b"".join(b"X-%d: b\r\n" % i for i in range(150)) + b"\r\n",
        "method TRACE": b"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n",
        "method CONNECT": b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
        "huge length": b"POST /v1/apps HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
    }  # fmt: skip

    def test_each_is_refused_and_the_connection_closes(self):
        for name, data in self.CASES.items():
            with self.subTest(name):
                got = W.server.raw(data, timeout=12)
                if got:
                    self.assertRegex(got[:15], rb"^HTTP/1\.1 [45]\d\d")
                    self.assertEqual(len(re.findall(rb"(?m)^HTTP/1\.1 \d", got)), 1, got[:400])
                    self.assertNotIn(b"HTTP/1.1 200", got)

    def test_the_server_is_well_after_them(self):
        self.assertEqual(W.get("/health").status, 200)


if __name__ == "__main__":
    unittest.main()
