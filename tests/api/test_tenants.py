"""Another project's ids are as unknown as ids that never were: the same 404, on every route (rule T7)."""

import http.client
import json
import os
import socket
import threading
import unittest

from world import World, until

W = World()


def setUpModule():
    W.start()
    W.theirs = W.server.make_key("two")
    W.ac = W.integration(key=W.theirs)
    W.ca = W.connect(W.ac, {"api_key": "vk_theirs_1"}, "shared", key=W.theirs)
    W.connect(entity="shared")


def tearDownModule():
    W.stop()


def rows(ac, ca):
    data = {"api_key": "vk_x"}
    one = "/v1/connectedAccounts/" + ca
    return [
        ("GET", "/v1/integrations/" + ac, None),
        ("PATCH", "/v1/integrations/" + ac, {"enabled": False}),
        ("DELETE", "/v1/integrations/" + ac, None),
        ("POST", "/v1/connectedAccounts", {"integrationId": ac, "data": data}),
        (
            "POST", "/v2/connectedAccounts/initiateConnection",
            {"app": {"integrationId": ac}, "config": {}, "connection": {"entityId": "e", "initiateData": data}},
        ),
        ("GET", one, None),
        ("GET", one + "/info", None),
        ("POST", one + "/enable", None),
        ("POST", one + "/disable", None),
        ("POST", one + "/reinitiate", {"data": data}),
        ("PATCH", one + "/data", {"labels": ["taken"]}),
        ("DELETE", one, None),
        ("POST", "/v2/actions/VEND_LIST_THINGS/execute", {"connectedAccountId": ca, "input": {}}),
        ("POST", "/v2/actions/proxy", {"connectedAccountId": ca, "endpoint": "/x", "method": "GET", "parameters": []}),
        ("GET", "/ks/connections/" + ca, None),
        ("POST", f"/ks/connections/{ca}/verify", {}),
        ("PUT", f"/ks/connections/{ca}/credential", data),
        ("POST", "/ks/explain", {"action": "VEND_LIST_THINGS", "connectedAccountId": ca, "input": {}}),
        ("GET", f"/ks/call/{ca}/things", None),
        ("POST", f"/ks/call/{ca}/things", {"a": 1}),
    ]  # fmt: skip


def outcome(reply):
    """Everything of an answer but what differs from request to request."""
    body = reply.json()
    body = body.get("error", body) if isinstance(body.get("error"), dict) else body
    for member in ("requestId", "request_id"):
        body.pop(member, None)
    return reply.status, body


def make_project(name):
    """A project with a key, over the control socket: faster than a command each."""
    conn = http.client.HTTPConnection("localhost")
    conn.sock = socket.socket(socket.AF_UNIX)
    conn.sock.connect(os.path.join(W.server.data, "control.sock"))
    conn.request("POST", "/ks/admin/keys", json.dumps({"project": name}), {"Content-Type": "application/json"})
    status = conn.getresponse().status
    conn.close()
    return status


class ManyTenants(unittest.TestCase):
    def test_a_vendor_takes_its_time_while_more_projects_come_than_keys_are_held_open(self):
        replies = []
        data = {"api_key": "vk_slow_0123456789abcdef"}
        asked = len(W.up.seen)
        ac = W.integration(key=W.theirs)

        def connect():
            with W.server.connection(W.theirs) as client:
                body = {"integrationId": ac, "userUuid": "late", "data": data}
                replies.append(client.request("POST", "/v1/connectedAccounts", body))

        slow = threading.Thread(target=connect)
        slow.start()
        until("the vendor is asked", lambda: len(W.up.seen) > asked)
        self.assertEqual({make_project(f"crowd_{i}") for i in range(260)}, {200})
        self.assertEqual(replies, [], "the projects came too late to show anything")
        slow.join()
        self.assertEqual(replies[0].status, 200, replies[0])


class Tenants(unittest.TestCase):
    def test_foreign_and_missing_ids_answer_alike(self):  # AUTH-4
        missing = rows("ac_" + "0" * len(W.ac[3:]), "ca_" + "0" * len(W.ca[3:]))
        for foreign, absent in zip(rows(W.ac, W.ca), missing):
            with self.subTest(f"{foreign[0]} {foreign[1]}"):
                a, b = W.call(*foreign), W.call(*absent)
                self.assertEqual(a.status, 404, a)
                self.assertEqual(outcome(a), outcome(b))

    def test_nothing_of_theirs_changed(self):
        got = W.account(W.ca, key=W.theirs)
        self.assertEqual((got["status"], got["enabled"], got["labels"]), ("ACTIVE", True, []))
        self.assertEqual(W.get("/v1/integrations/" + W.ac, key=W.theirs).json()["enabled"], True)
        W.good("POST", "/v2/actions/VEND_LIST_THINGS/execute", {"connectedAccountId": W.ca, "input": {}}, key=W.theirs)
        self.assertEqual(W.last_seen()[2]["x-vend-key"], "vk_theirs_1")

    def test_lists_and_filters_show_ones_own_only(self):  # AUTH-4
        for query in ("", "user_uuid=shared", "connectionId=" + W.ca, "integrationId=" + W.ac, "user_uuid=shared&labels="):
            self.assertNotIn(W.ca, [c["id"] for c in W.list(query)], query)
        self.assertNotIn(W.ac, W.get("/v1/integrations?showDisabled=true").text)
        for path in ("/ks/connections", "/ks/audit"):
            self.assertNotIn(W.ca, W.get(path).text, path)

    def test_an_entity_of_the_same_name_is_another_one(self):
        W.good("POST", "/v2/actions/VEND_LIST_THINGS/execute", {"entityId": "shared", "input": {}})
        self.assertNotEqual(W.last_seen()[2]["x-vend-key"], "vk_theirs_1")

    def test_get_or_create_does_not_find_theirs(self):
        body = {"app": {"uniqueKey": "vend"}, "config": {"name": "n", "authScheme": "API_KEY"}}
        self.assertNotEqual(W.good("POST", "/v2/integrations/get-or-create", body)["integrationId"], W.ac)

    def test_idempotency_keys_are_the_projects_own(self):  # CON-12 AUTH-4
        mine = W.integration()
        for key, ac in ((W.theirs, W.ac), (W.key, mine)):
            body = {"integrationId": ac, "userUuid": "idem", "data": {"api_key": "vk_x"}}
            reply = W.post("/v1/connectedAccounts", body, key=key, headers={"Idempotency-Key": "same"})
            self.assertEqual(reply.status, 200, reply)


if __name__ == "__main__":
    unittest.main()
