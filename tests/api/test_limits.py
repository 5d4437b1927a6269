"""Vendors' limits, budgets, and callers that leave (docs/limits.md)."""

import http.client
import json
import socket
import sqlite3
import unittest

from world import World, check_error, until

W = World()

OWN_APP = """app: ebb
name: Ebb
about: An app of the project.
categories: [testing]
home: https://ebb.example
docs: none
schemes:
  - scheme: API_KEY
    fields:
      - {name: api_key, label: Key, help: Any text., example: eb_x, secret: true}
    base: https://api.ebb.example
    send: {headers: {X-Key: "{{api_key}}"}}
    check: none
    find: none
"""


def setUpModule():
    W.start()
    W.slow_ac = W.integration()
    W.slow = W.connect(W.slow_ac, {"api_key": "vk_slow_0123456789abcdef"}, "slow")  # its check takes 3 s, once


def tearDownModule():
    W.stop()


def metric(name):
    for line in W.get("/metrics", key=None).text.splitlines():
        if line.startswith(name + " "):
            return int(float(line.split()[1]))
    raise AssertionError("no metric " + name)


class ControlSocket(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(W.server.data + "/control.sock")


def control(method, path, body):
    """The status of a request by the control socket."""
    conn = ControlSocket("localhost")
    conn.request(method, path, json.dumps(body), {"Content-Type": "application/json"})
    status = conn.getresponse().status
    conn.close()
    return status


class VendorsThatAskToWait(unittest.TestCase):
    def test_a_connection_told_to_wait_is_answered_at_once_with_the_vendors_time(self):  # LIM-1
        ca, other = W.connect(entity="waits"), W.connect(entity="waits_not")
        told = W.proxy(ca, "/busy")
        self.assertEqual((told.status, told.json()["vendorStatus"]), (200, 429), told)
        self.assertIn("wait 77 s", told.json()["error"])
        asked = len(W.up.seen)
        for reply in (W.proxy(ca, "/list"), W.execute("VEND_LIST_THINGS", connectedAccountId=ca)):
            check_error(self, reply, 429, "has asked this connected account to wait")
            self.assertTrue(1 <= int(reply.headers["retry-after"]) <= 77, reply.headers)
        native = W.get(f"/ks/call/{ca}/list")
        self.assertEqual((native.status, native.json()["error"]["code"]), (429, "vendor_rate_limited"), native)
        v3 = W.post("/v3/tools/execute/proxy", {"connected_account_id": ca, "endpoint": "/list", "method": "GET"})
        self.assertEqual(v3.status, 429, v3)
        self.assertEqual(len(W.up.seen), asked, "a call went out although its vendor asked to wait")
        self.assertEqual(W.proxy(other, "/list").status, 200)

    def test_a_header_says_how_long_a_call_would_wait_and_stays_here(self):  # LIM-2
        ca = W.connect(entity="patient")
        self.assertEqual(W.get(f"/ks/call/{ca}/list", headers={"ks-max-wait": "1"}).status, 200)
        self.assertNotIn("ks-max-wait", W.last_seen()[2])
        W.proxy(ca, "/busy")
        self.assertEqual(W.get(f"/ks/call/{ca}/list", headers={"ks-max-wait": "60"}).status, 429)

    def test_401_and_403_are_asked_once_and_a_read_goes_again_after_503(self):  # LIM-3
        ca = W.connect(entity="again")
        for status, requests in ((401, 1), (403, 1), (500, 1), (503, 3)):
            before = len(W.up.seen)
            self.assertEqual(W.proxy(ca, f"/status/{status}").json()["vendorStatus"], status)
            self.assertEqual(len(W.up.seen) - before, requests, status)
        before = len(W.up.seen)
        W.proxy(ca, "/status/503", "POST")
        self.assertEqual(len(W.up.seen) - before, 1, "a write was sent again")


class CallersThatLeave(unittest.TestCase):
    def leave(self, method, path, body):
        """Send a request that its vendor lets hang, and go; the number of calls that ended by that."""
        asked, left = len(W.up.seen), metric("keysteward_upstream_left_total")
        conn = http.client.HTTPConnection("127.0.0.1", W.server.port)
        conn.request(method, path, body, {"x-api-key": W.key, "Content-Type": "application/json"})
        until("the vendor has the request", lambda: len(W.up.seen) > asked)
        conn.sock.shutdown(socket.SHUT_RDWR)
        conn.close()
        until("the call has ended", lambda: metric("keysteward_upstream_left_total") == left + 1, 5)

    def test_a_call_ends_with_its_caller_and_the_trail_says_what_was_sent(self):  # LIM-4 A2
        proxied = {"connectedAccountId": W.slow, "endpoint": "/me", "method": "POST", "parameters": []}
        self.leave("POST", "/v2/actions/proxy", json.dumps(proxied))
        until(
            "the record of use",
            lambda: ("proxy", "sent, answer not awaited")
            in {(r["action"], r["result"]) for r in W.good("GET", "/ks/audit?limit=5")["items"]},
        )

    def test_a_streamed_call_ends_with_its_caller(self):  # LIM-4
        self.leave("GET", f"/ks/call/{W.slow}/me", None)


class Budgets(unittest.TestCase):
    def put(self, ac, **budget):
        return W.good("PUT", f"/ks/integrations/{ac}/budget", budget)

    def test_a_budget_admits_its_number_of_calls_and_says_when_it_begins_anew(self):  # BUD-1
        ac = W.integration()
        ca = W.connect(ac, entity="budget")
        self.assertEqual(W.good("GET", f"/ks/integrations/{ac}/budget")["calls"], {})
        self.assertEqual(self.put(ac, calls={"day": 3})["calls"], {"day": 3})
        self.assertEqual(W.proxy(ca, "/list").status, 200)
        self.assertEqual(W.execute("VEND_LIST_THINGS", connectedAccountId=ca).status, 200)
        self.assertEqual(W.get(f"/ks/call/{ca}/list").status, 200)
        asked = len(W.up.seen)
        refused = W.proxy(ca, "/list")
        check_error(self, refused, 429, "The budget of this integration, 3 calls a day, is used up")
        self.assertTrue(1 <= int(refused.headers["retry-after"]) <= 86400)
        native = W.get(f"/ks/call/{ca}/list")
        self.assertEqual((native.status, native.json()["error"]["code"]), (429, "budget_exceeded"))
        self.assertEqual(len(W.up.seen), asked)
        self.assertEqual(W.good("GET", f"/ks/integrations/{ac}/budget")["used"]["day"], 3)
        self.put(ac, calls={"day": 4})  # in force at once
        self.assertEqual(W.proxy(ca, "/list").status, 200)
        self.put(ac, calls={})
        self.assertEqual(W.proxy(ca, "/list").status, 200)

    def test_each_connection_may_have_a_budget_of_its_own(self):  # BUD-2
        ac = W.integration()
        one, two = W.connect(ac, entity="each_1"), W.connect(ac, entity="each_2")
        self.put(ac, each_connection={"day": 1})
        self.assertEqual(W.proxy(one, "/list").status, 200)
        check_error(self, W.proxy(one, "/list"), 429, "of this connected account")
        self.assertEqual(W.proxy(two, "/list").status, 200)

    def test_what_makes_no_sense_is_named(self):  # BUD-1
        ac = W.integration()
        for body, field in (
            ({}, "calls"),
            ({"calls": {"day": -1}}, "calls.day"),
            ({"each_connection": {"minute": 1000000001}}, "each_connection.minute"),
            ({"calls": {"hour": "many"}}, "calls.hour"),
        ):
            reply = W.call("PUT", f"/ks/integrations/{ac}/budget", body)
            self.assertEqual((reply.status, reply.json()["error"]["field"]), (400, field), reply)
        self.assertEqual(W.call("PUT", "/ks/integrations/ac_none/budget", {"calls": {}}).status, 404)

    def test_a_projects_budget_is_set_by_the_operator_alone(self):  # BUD-3
        key = W.server.make_key("frugal")
        path = "/ks/admin/projects/frugal/budget"
        self.assertEqual(W.call("PUT", path, {"calls": {"day": 1}}, key=key).status, 404)
        self.assertEqual(control("PUT", path, {"calls": {"day": 1}}), 200)
        self.assertEqual(control("PUT", "/ks/admin/projects/nobody/budget", {"calls": {"day": 1}}), 404)
        ca = W.connect(W.integration(key=key), key=key)
        asked = {"connectedAccountId": ca, "endpoint": "/list", "method": "GET", "parameters": []}
        self.assertEqual(W.post("/v2/actions/proxy", asked, key=key).status, 200)
        check_error(self, W.post("/v2/actions/proxy", asked, key=key), 429, "of this project")
        self.assertEqual(W.good("GET", "/ks/budget", key=key)["calls"], {"day": 1})
        self.assertEqual(W.proxy(W.connect(entity="other_project"), "/list").status, 200)

    def test_the_command_line_shows_sets_and_clears_a_projects_budget(self):  # BUD-3
        def budget(verb, *more, check=True):
            done = W.server.cli("budget", verb, *more, "--data", W.server.data, "--json", check=check)
            return json.loads(done.stdout) if check else done

        key = W.server.make_key("thrifty")
        self.assertEqual(budget("show", "thrifty")["calls"], {})
        self.assertEqual(budget("set", "thrifty", "--day", "1", "--hour", "5")["calls"], {"day": 1, "hour": 5})
        self.assertEqual(W.good("GET", "/ks/budget", key=key)["calls"], {"day": 1, "hour": 5})
        ca = W.connect(W.integration(key=key), key=key)
        asked = {"connectedAccountId": ca, "endpoint": "/list", "method": "GET", "parameters": []}
        self.assertEqual([W.post("/v2/actions/proxy", asked, key=key).status for _ in range(2)], [200, 429])
        self.assertEqual(budget("show", "thrifty")["used"]["day"], 1)
        self.assertEqual(budget("clear", "thrifty")["calls"], {})
        self.assertEqual(W.post("/v2/actions/proxy", asked, key=key).status, 200)

        W.server.stop()  # then it is done in the data folder
        self.assertEqual(budget("set", "thrifty", "--minute", "7")["calls"], {"minute": 7})
        self.assertEqual(budget("show", "thrifty")["calls"], {"minute": 7})
        wrong = [budget("set", "thrifty", "--day", "many", check=False), budget("set", "thrifty", check=False), budget("show", "nobody", check=False)]
        W.server.start()
        W.server.client.key = W.key
        wrong += [budget("set", "thrifty", "--day", "many", check=False), budget("show", "nobody", check=False)]
        self.assertEqual([x.returncode for x in wrong], [2, 2, 4, 1, 4], wrong)
        for at, words in ((0, "Give a number of calls"), (2, "no project of this name"), (3, "Give a number of calls"), (4, "no project of this name")):
            self.assertIn(words, wrong[at].stderr)
        self.assertEqual(budget("clear", "thrifty")["calls"], {})

    def test_a_budget_ends_with_its_integration(self):  # BUD-1
        ac, kept = W.integration(), W.integration()
        own = W.call("POST", "/ks/apps", {"file": OWN_APP}).json()["key"]
        of_app = W.good("POST", "/v1/integrations", {"appId": own})["id"]
        for one in (ac, kept, of_app):
            self.put(one, calls={"day": 3})
        self.assertEqual(self.owners({ac, kept, of_app}), {ac, kept, of_app})
        W.good("DELETE", "/v1/integrations/" + ac)
        W.good("DELETE", "/ks/apps/" + own + "?force=true")
        self.assertEqual(self.owners({ac, kept, of_app}), {kept})

    def owners(self, among):
        """Those of them that have a row; the store is read while no server holds it."""
        W.server.stop()
        db = sqlite3.connect(f"file:{W.server.data}/keysteward.db?mode=ro", uri=True)
        rows = db.execute("SELECT owner FROM budgets").fetchall()
        db.close()
        W.server.start()
        W.server.client.key = W.key
        return {r[0] for r in rows} & among
