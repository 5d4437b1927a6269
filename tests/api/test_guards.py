"""What a limited API key reaches, and what it does not; which requests an integration allows; canaries; acts that are
repeated. docs/api.md KEY-1..6, INT-11, CAN-1..3, ACT-12."""

import http.client
import json
import os
import socket
import sqlite3
import threading
import unittest

from server import until
from world import World

W = World()
MARK = "mark_of_another_entity"


def setUpModule():
    W.start()
    W.ac = W.integration()
    W.mine = W.connect(W.ac, {"api_key": "vk_mine_1"}, "ada")
    W.theirs = W.connect(W.ac, {"api_key": "vk_theirs_1"}, MARK)


def tearDownModule():
    W.stop()


def key(*flags, project="one", world=None):
    server = (world or W).server
    return server.cli("key", "create", "--data", server.data, "--project", project, *flags).stdout.strip()


def key_row(**want):
    """The row of `key list` with these members."""
    rows = json.loads(W.server.cli("key", "list", "--data", W.server.data, "--json").stdout)["items"]
    return [r for r in rows if all(r[k] == v for k, v in want.items())]


class Local(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(os.path.join(W.server.data, "control.sock"))


def local(method, path, body=None):
    c = Local("localhost", timeout=30)
    c.request(method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
    answer = c.getresponse()
    return answer.status, json.loads(answer.read())


def run(action, ca, given, k, **more):
    return W.call("POST", f"/v2/actions/{action}/execute", {"connectedAccountId": ca, "input": given}, key=k, **more)


class Entities(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.k = key("--entity", "ada", "--entity", "team_a:*")

    def test_it_sees_the_connections_of_its_entities_alone(self):  # KEY-1
        for path in ("/v1/connectedAccounts?showDisabled=true", "/ks/connections", "/v3/connected_accounts"):
            reply = W.get(path, key=self.k)
            self.assertEqual(reply.status, 200, reply)
            self.assertIn(W.mine, reply.text)
            self.assertNotIn(W.theirs, reply.text)
            self.assertNotIn(MARK, reply.text)
        one = W.get("/v1/connectedAccounts?entityId=" + MARK, key=self.k).json()
        self.assertEqual(one["items"], [])
        total = W.get("/ks/connections", key=self.k).json()["total"]
        self.assertEqual(total, len(W.get("/ks/connections?limit=100", key=self.k).json()["items"]))

    def test_what_it_does_not_reach_is_a_404_like_an_id_that_never_was(self):  # KEY-1 S4
        never = "ca_" + "0" * 30
        for method, path, body in [
            ("GET", "/v1/connectedAccounts/{}", None),
            ("DELETE", "/v1/connectedAccounts/{}", None),
            ("POST", "/v1/connectedAccounts/{}/disable", None),
            ("PATCH", "/v1/connectedAccounts/{}/data", {"labels": ["x"]}),
            ("GET", "/ks/connections/{}", None),
            ("POST", "/ks/connections/{}/verify", None),
            ("PUT", "/ks/connections/{}/credential", {"data": {"api_key": "vk_x"}}),
            ("GET", "/ks/call/{}/things", None),
            ("POST", "/ks/query/{}", {"sql": "SELECT 1"}),
            ("GET", "/v3/connected_accounts/{}", None),
            ("POST", "/v3/connected_accounts/{}/revoke", None),
        ]:
            got = [W.call(method, path.format(ca), body, key=self.k) for ca in (W.theirs, never)]
            self.assertEqual([r.status for r in got], [404, 404], (path, got))
            words = [json.dumps(r.json()).replace(W.theirs, "").replace(never, "") for r in got]
            self.assertEqual(len(words[0]), len(words[1]), words)
        self.assertEqual(W.get("/v1/connectedAccounts/" + W.theirs).status, 200)

    def test_it_acts_for_its_entities_alone(self):  # KEY-1
        self.assertEqual(run("VEND_LIST_THINGS", W.mine, {}, self.k).status, 200)
        self.assertEqual(run("VEND_LIST_THINGS", W.theirs, {}, self.k).status, 404)
        reply = W.call("POST", "/v2/actions/VEND_LIST_THINGS/execute", {"entityId": MARK, "input": {}}, key=self.k)
        self.assertEqual(reply.status, 404)
        self.assertNotIn(W.theirs, reply.text)

    def test_it_connects_its_entities_alone(self):  # KEY-1
        made = W.connect(W.ac, {"api_key": "vk_team_1"}, "team_a:7", key=self.k)
        self.assertEqual(W.get("/v1/connectedAccounts/" + made, key=self.k).status, 200)
        body = {"integrationId": W.ac, "userUuid": MARK, "data": {"api_key": "vk_x_1"}}
        self.assertEqual(W.call("POST", "/v1/connectedAccounts", body, key=self.k).status, 401)  # 403 in v1
        link = {"integration_id": W.ac, "entity_id": MARK}
        self.assertEqual(W.call("POST", "/ks/links", link, key=self.k).status, 403)
        link["entity_id"] = "ada"
        self.assertEqual(W.call("POST", "/ks/links", link, key=self.k).status, 201)

    def test_links_of_others_are_neither_listed_nor_ended(self):  # KEY-1
        theirs = W.call("POST", "/ks/links", {"integration_id": W.ac, "entity_id": MARK}).json()
        self.assertNotIn(theirs["id"], W.get("/ks/links", key=self.k).text)
        self.assertEqual(W.call("DELETE", "/ks/links/" + theirs["id"], key=self.k).status, 404)
        self.assertIn('"open"', json.dumps([x["state"] for x in W.get("/ks/links").json()["items"] if x["id"] == theirs["id"]]))

    def test_integrations_are_everybodys_so_it_changes_none(self):  # KEY-2
        app = {"appId": "vend", "forceNewIntegration": True}
        self.assertEqual(W.call("POST", "/v1/integrations", app, key=self.k).status, 401)
        self.assertEqual(W.call("PATCH", "/v1/integrations/" + W.ac, {"enabled": False}, key=self.k).status, 401)
        self.assertEqual(W.call("DELETE", "/v1/integrations/" + W.ac, key=self.k).status, 401)
        self.assertEqual(W.call("PATCH", "/ks/integrations/" + W.ac, {"ambiguous": "newest"}, key=self.k).status, 403)
        self.assertEqual(W.call("DELETE", "/v3/auth_configs/" + W.ac, key=self.k).status, 403)
        self.assertEqual(W.get("/v1/integrations/" + W.ac).json()["enabled"], True)

    def test_it_counts_only_what_it_sees(self):  # KEY-1
        mine = W.get("/v3/auth_configs/" + W.ac, key=self.k).json()["no_of_connections"]
        self.assertLess(mine, W.get("/v3/auth_configs/" + W.ac).json()["no_of_connections"])

    def test_credentials_that_come_with_the_call_are_refused(self):  # KEY-2
        own = {"parameters": [{"in": "header", "name": "X-Vend-Key", "value": "vk_own"}]}
        body = {"entityId": "ada", "input": {}, "authConfig": own}
        self.assertEqual(W.call("POST", "/v2/actions/VEND_LIST_THINGS/execute", body, key=self.k).status, 401)


class Apps(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.k = key("--apps", "demo")

    def test_other_apps_are_not_there_for_it(self):  # KEY-1
        for path in ("/v1/connectedAccounts", "/v1/integrations?showDisabled=true"):
            self.assertLessEqual({x["appName"] for x in W.get(path, key=self.k).json()["items"]}, {"demo"})
        self.assertEqual(W.get("/v1/integrations/" + W.ac, key=self.k).status, 404)
        self.assertEqual(run("VEND_LIST_THINGS", W.mine, {}, self.k).status, 404)
        self.assertEqual(W.get("/v1/apps/vend", key=self.k).status, 404)
        self.assertEqual(W.call("POST", "/v1/integrations", {"appId": "vend"}, key=self.k).status, 404)

    # list -> the members that hold its elements, and of an element what says the app (absent: it is the name itself)
    CATALOGUE = [
        ("/v1/apps", "items", "key"),
        ("/v1/apps?pageSize=500", "items", "key"),
        ("/v1/apps/list/enums", None, None),
        ("/v2/actions", "items", "appKey"),
        ("/v2/actions?limit=3&page=1", "items", "appKey"),
        ("/v2/actions?apps=vend,demo", "items", "appKey"),
        ("/v2/actions?useCase=list%20things", "items", "appKey"),
        ("/v2/actions?tags=read", "items", "appKey"),
        ("/v2/actions/list/all", "items", "appKey"),
        ("/v2/actions/list/enums", None, None),
        ("/v1/actions/list/enums", None, None),
        ("/v2/actions/search/advanced?useCase=list%20things", "items", "app"),
        ("/ks/apps", "items", "key"),
        ("/v3/toolkits", "items", "slug"),
        ("/v3/toolkits?sort_by=alphabetically", "items", "slug"),
        ("/v3/toolkits?search=e", "items", "slug"),
        ("/v3/tools", "items", "toolkit.slug"),
        ("/v3/tools?search=list%20things", "items", "toolkit.slug"),
        ("/v3/tools?important=true", "items", "toolkit.slug"),
        ("/v3/tools?toolkit_slug=vend,demo", "items", "toolkit.slug"),
        ("/v3/tools/enum", None, None),
    ]

    def listed(self, path, items, of, k):
        """The apps in the list, and the answer."""
        whole = W.get(path, key=k).json()
        names = []
        for x in whole[items] if items else whole:
            for member in of.split(".") if of else []:
                x = x[member]
            names.append(x.split("_")[0].lower() if of is None else x)
        return names, whole

    def test_lists_and_searches_of_the_catalogue_hold_its_apps_alone(self):  # KEY-1
        both = key("--apps", "demo,vend")
        for path, items, of in self.CATALOGUE:
            with self.subTest(path=path):
                names, whole = self.listed(path, items, of, self.k)
                self.assertLessEqual(set(names), {"demo"})
                for member in ("totalItems", "total_items", "total"):
                    if isinstance(whole, dict) and member in whole and "limit=" not in path:
                        self.assertEqual(whole[member], len(names))
                self.assertLessEqual(set(self.listed(path, items, of, both)[0]), {"demo", "vend"})
                self.assertTrue(self.listed(path, items, of, both)[0])
                if "?" not in path:
                    self.assertTrue(names)
                    self.assertNotEqual(self.listed(path, items, of, W.key)[0], names)

    def test_pages_of_lists_are_of_what_it_reaches(self):  # KEY-1
        both = key("--apps", "demo,vend")
        first = W.get("/v3/toolkits?limit=1", key=both).json()
        self.assertEqual((first["total_items"], first["total_pages"], len(first["items"])), (2, 2, 1))
        second = W.get("/v3/toolkits?limit=1&cursor=" + first["next_cursor"], key=both).json()
        self.assertEqual([first["items"][0]["slug"], second["items"][0]["slug"]], ["demo", "vend"])
        self.assertIsNone(second.get("next_cursor"))
        self.assertEqual([x["key"] for x in W.get("/v1/apps?pageSize=1&page=2", key=both).json()["items"]], ["vend"])
        asked = W.call("POST", "/v3/toolkits/multi", {"toolkits": ["vend", "demo", "github"]}, key=both).json()
        self.assertEqual(([x["slug"] for x in asked["items"]], asked["total_items"]), (["vend", "demo"], 2))

    def test_categories_and_tags_are_those_of_what_it_reaches(self):  # KEY-1
        only = key("--apps", "vend")
        self.assertEqual(W.get("/v1/apps/list/categories", key=only).json()["items"], ["testing"])
        self.assertEqual([x["id"] for x in W.get("/v3/toolkits/categories", key=only).json()["items"]], ["testing"])
        self.assertEqual(W.get("/v2/actions/list/tags", key=only).json()["items"], ["read", "important", "write"])

    def test_a_pasted_key_is_not_told_to_be_of_an_app_beyond_it(self):  # KEY-1
        pasted = {"key": "ghp_" + "a1B2" * 9}
        known = W.call("POST", "/ks/recognise", pasted).json()["guesses"][0]
        self.assertEqual((known["app"], known["in_catalogue"]), ("github", True))
        guesses = W.call("POST", "/ks/recognise", pasted, key=self.k).json()["guesses"]
        self.assertEqual({x["in_catalogue"] for x in guesses}, {False})

    def test_its_own_apps_work_from_integration_to_act(self):  # KEY-1
        ac = W.call("POST", "/v1/integrations", {"appId": "demo"}, key=self.k).json()["id"]
        ca = W.connect(ac, {"api_key": "demo_0123456789abcdef"}, "ada", key=self.k)
        self.assertTrue(run("DEMO_ECHO", ca, {"message": "m"}, self.k).json()["successful"])

    def test_the_project_as_a_whole_is_not_its(self):  # KEY-2
        self.assertEqual(W.get("/ks/audit", key=self.k).status, 403)
        self.assertEqual(W.call("POST", "/ks/apps", {"file": "app: x"}, key=self.k).status, 403)


class ReadOnly(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.k = key("--read-only")

    def test_it_runs_what_reads_and_nothing_else(self):  # KEY-3
        self.assertEqual(run("VEND_LIST_THINGS", W.mine, {}, self.k).status, 200)
        before = len(W.up.seen)
        self.assertEqual(run("VEND_MAKE_THING", W.mine, {"title": "t"}, self.k).status, 401)
        v3 = {"connected_account_id": W.mine, "arguments": {"title": "t"}}
        self.assertEqual(W.call("POST", "/v3/tools/execute/VEND_MAKE_THING", v3, key=self.k).status, 403)
        self.assertEqual(len(W.up.seen), before)

    def test_its_own_requests_are_get_and_head(self):  # KEY-3
        def proxy(method, endpoint="/things", params=()):
            body = {"connectedAccountId": W.mine, "endpoint": endpoint, "method": method, "parameters": list(params)}
            return W.call("POST", "/v2/actions/proxy", body, key=self.k).status

        self.assertEqual(proxy("GET"), 200)
        self.assertEqual(W.get(f"/ks/call/{W.mine}/things", key=self.k).status, 200)
        before = len(W.up.seen)
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            self.assertEqual(proxy(method), 401, method)
            self.assertEqual(W.call(method, f"/ks/call/{W.mine}/things", b"", key=self.k).status, 403, method)
        override = {"in": "header", "name": "X-HTTP-Method-Override", "value": "DELETE"}
        self.assertEqual(proxy("GET", params=[override]), 400)
        self.assertEqual(proxy("GET", "/things?a=1&%5fmethod=DELETE"), 400)
        reply = W.get(f"/ks/call/{W.mine}/things", key=self.k, headers={"X-Method-Override": "PUT"})
        self.assertEqual(reply.status, 400)
        self.assertEqual(len(W.up.seen), before)

    def test_it_uploads_no_files(self):  # KEY-3
        wish = {"filename": "a.txt", "mimetype": "text/plain"}
        for path, status in (("/v2/actions/files/upload/request", 401), ("/v2/actions/files/upload/x", 401), ("/v3/files/upload/request", 403)):
            reply = W.call("POST", path, wish, key=self.k)
            self.assertEqual(reply.status, status, reply)
            self.assertIn("an upload is kept here", reply.text)
            self.assertEqual(W.call("POST", path, wish).status, 200)

    def test_it_changes_nothing_here(self):  # KEY-3
        self.assertEqual(W.call("POST", f"/v1/connectedAccounts/{W.mine}/disable", key=self.k).status, 401)
        done = W.server.cli("key", "create", "--data", W.server.data, "--project", "one", "--read-only", "--scopes", "connect", check=False)
        self.assertNotEqual(done.returncode, 0)


class Table(unittest.TestCase):
    """Every route is judged: with a key limited to one entity of one app, no route tells of another's things or
    changes them."""

    # route -> what such a key may expect of it when it names somebody else's things
    JUDGED = {
        "catalogue": {"/v1/apps", "/v1/apps/list/enums", "/v1/apps/list/categories", "/v1/apps/{app}", "/v1/triggers", "/v1/triggers/active_triggers",
                      "/v1/client/auth/client_info", "/v2/actions", "/v2/actions/list/all", "/v2/actions/list/enums", "/v1/actions/list/enums",
                      "/v2/actions/list/tags", "/v2/actions/search/advanced", "/v2/actions/{action}", "/v1/logs", "/v1/logs/", "/ks/apps", "/ks/apps/{app}",
                      "/ks/apps/{app}/fields", "/ks/recognise", "/v3/toolkits", "/v3/toolkits/categories", "/v3/toolkits/multi", "/v3/toolkits/{slug}",
                      "/v3/tools", "/v3/tools/enum", "/v3/tools/{slug}"},
        "whole": {"/ks/budget", "/ks/theme", "/ks/settings", "/ks/apps/import", "/ks/apps/{app}/file", "/ks/audit", "/ks/audit/head"},
        "shared": {"/v1/integrations", "/v1/integrations/{id}", "/v2/integrations/create", "/v2/integrations/get-or-create",
                   "/v2/integrations/search-by-filters", "/ks/integrations/{id}", "/ks/integrations/{id}/budget", "/v3/auth_configs", "/v3/auth_configs/{id}",
                   "/v3/auth_configs/{id}/{status}"},
        "entity": {"/v1/connectedAccounts", "/v1/connectedAccounts/{id}", "/v1/connectedAccounts/{id}/info", "/v1/connectedAccounts/{id}/enable",
                   "/v1/connectedAccounts/{id}/disable", "/v1/connectedAccounts/{id}/reinitiate", "/v1/connectedAccounts/{id}/data",
                   "/v2/connectedAccounts/initiateConnection", "/ks/calls", "/ks/connections", "/ks/connections/{id}", "/ks/connections/{id}/verify",
                   "/ks/connections/{id}/credential", "/ks/links", "/ks/links/{id}", "/v3/connected_accounts", "/v3/connected_accounts/link",
                   "/v3/connected_accounts/{id}", "/v3/connected_accounts/{id}/status", "/v3/connected_accounts/{id}/refresh",
                   "/v3/connected_accounts/{id}/revoke"},
        "act": {"/v2/actions/proxy", "/v2/actions/{action}/execute", "/ks/explain", "/ks/call/{connection}/{path}", "/ks/query/{connection}", "/v3/tools/execute/proxy",
                "/v3/tools/execute/{slug}"},
        "own": {"/v2/actions/files/upload/request", "/v2/actions/files/upload/{type}", "/v3/files/upload/request"},  # a file for itself
        "public": {"/health", "/ready", "/version", "/metrics", "/openapi.json", "/connect/{token}", "/connect/done", "/element.js", "/a/{file}", "/f/{pass}", "/f/{pass}/{name}"},
    }  # fmt: skip

    def routes(self):
        for path, item in W.get("/openapi.json", key=None).json()["paths"].items():
            for method, op in item.items():
                if method.upper() in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"):
                    yield method.upper(), path, op

    def body(self, ca, ac):
        """One body that names the other's things in every way a route may ask for."""
        return {
            "integrationId": ac, "integration_id": ac, "connectedAccountId": ca, "connected_account_id": ca, "entityId": MARK, "userUuid": MARK,
            "entity_id": MARK, "user_id": MARK, "auth_config_id": ac, "endpoint": "/things", "method": "GET", "parameters": [], "input": {}, "arguments": {},
            "action": "VEND_LIST_THINGS", "data": {"api_key": "vk_new"}, "appId": "vend", "appName": "vend", "forceNewIntegration": True,
            "app": {"integrationId": ac, "uniqueKey": "vend"}, "config": {"name": "n", "authScheme": "API_KEY"}, "labels": ["stolen"], "enabled": False,
            "connection": {"entityId": MARK, "user_id": MARK, "initiateData": {"api_key": "vk_new"}, "state": {"authScheme": "API_KEY", "val": {"api_key": "vk_new"}}},
            "toolkit": {"slug": "vend"}, "auth_config": {"id": ac, "type": "use_custom_auth", "authScheme": "API_KEY"}, "ambiguous": "refuse", "key": "vk_x",
            "toolkits": ["vend"], "alias": "stolen", "sql": "SELECT 1",
        }  # fmt: skip

    def test_no_route_tells_or_changes_what_the_key_does_not_reach(self):  # KEY-4
        k = key("--apps", "demo", "--entity", "ada")
        state = [W.get(p).json() for p in ("/ks/connections/" + W.theirs, "/ks/integrations/" + W.ac)]
        link = W.call("POST", "/ks/links", {"integration_id": W.ac, "entity_id": MARK}).json()["id"]
        secrets, before = (MARK, W.theirs, W.ac, link), len(W.up.seen)
        judged = set().union(*self.JUDGED.values())
        for method, path, op in self.routes():
            plain = path.replace("/v3.1/", "/v3/")
            if op.get("x-control-socket"):
                self.assertEqual(W.call(method, path, None, key=k).status, 404, path)
                continue
            self.assertIn(plain, judged, f"{method} {path}: judge this route here, and in the code")
            if plain in self.JUDGED["public"]:
                continue
            for one in (W.theirs, W.ac, link) if "{id}" in path else (W.theirs,):
                target = path.replace("{id}", one).replace("{connection}", W.theirs).replace("{path}", "things").replace("{app}", "vend")
                target = target.replace("{slug}", "VEND_LIST_THINGS").replace("{action}", "VEND_LIST_THINGS").replace("{status}", "DISABLED")
                body = self.body(W.theirs, W.ac) if method in ("POST", "PUT", "PATCH") else None
                reply = W.call(method, target, body, key=k)
                for secret in secrets:
                    self.assertNotIn(secret, reply.text, (method, path, reply))
                if plain in self.JUDGED["whole"]:
                    self.assertEqual(reply.status, 403, (method, path, reply))
                if plain in self.JUDGED["act"] or "{id}" in path:
                    self.assertIn(reply.status, (400, 401, 403, 404, 422), (method, path, reply))
        self.assertEqual(len(W.up.seen), before, W.up.seen[before:])
        self.assertEqual([W.get(p).json() for p in ("/ks/connections/" + W.theirs, "/ks/integrations/" + W.ac)], state)
        self.assertEqual([x["state"] for x in W.get("/ks/links?limit=100").json()["items"] if x["id"] == link], ["open"])


class Keys(unittest.TestCase):
    def test_the_limits_are_shown_and_outlive_a_restart(self):  # KEY-5
        k = key("--apps", "vend,demo", "--entity", "zoe", "--entity", "team_z:*", "--read-only", "--name", "agent")
        row = key_row(name="agent")[0]
        self.assertEqual((row["apps"], row["entities"], row["read_only"], row["scopes"]), (["vend", "demo"], ["zoe", "team_z:*"], True, ["read", "act"]))
        self.assertEqual(row["limits"], "read-only apps:vend,demo entities:zoe,team_z:*")
        for _ in range(2):  # from the store, then from memory
            self.assertEqual(W.get("/v1/connectedAccounts", key=k).json()["items"], [])
        W.restart()
        self.assertEqual(W.get("/v1/connectedAccounts/" + W.mine, key=k).status, 404)

    def test_limits_that_cannot_be_meant_are_refused(self):  # KEY-5
        for member, value in (("apps", ["Ven d"]), ("entities", ["*"]), ("entities", ["a*", "b*"]), ("entities", [""]), ("apps", ["x"] * 65)):
            status, answer = local("POST", "/ks/admin/keys", {"project": "one", member: value})
            self.assertEqual((status, answer["error"]["field"]), (400, member))

    def test_a_stored_answer_of_a_key_is_not_replayed_to_a_more_limited_one(self):  # KEY-1 D3
        body = {"integrationId": W.ac, "userUuid": MARK, "data": {"api_key": "vk_theirs_2"}}
        mine = {"Idempotency-Key": "same-for-both"}
        self.assertEqual(W.call("POST", "/v1/connectedAccounts", body, headers=mine).status, 200)
        reply = W.call("POST", "/v1/connectedAccounts", body, headers=mine, key=key("--entity", "ada"))
        self.assertEqual(reply.status, 400, reply)


class Requests(unittest.TestCase):
    def setUp(self):
        self.ac = W.integration()
        self.ca = W.connect(self.ac, {"api_key": "vk_listed"}, "listed")

    def allow(self, *list_):
        reply = W.call("PATCH", "/ks/integrations/" + self.ac, {"allowed_requests": list(list_)})
        self.assertEqual(reply.status, 200, reply)
        return reply.json()

    def call(self, method, path, **more):
        return W.call(method, f"/ks/call/{self.ca}{path}", b"" if method == "POST" else None, **more).status

    def test_only_listed_requests_of_ones_own_are_sent(self):  # INT-11
        self.assertEqual(self.allow("GET /things/*", "POST /form")["allowed_requests"], ["GET /things/*", "POST /form"])
        self.assertEqual(self.call("GET", "/things/1?a=b"), 200)
        self.assertEqual(self.call("POST", "/form"), 200)
        before = len(W.up.seen)
        for method, path in (("POST", "/things/1"), ("GET", "/things"), ("GET", "/things/1/2"), ("DELETE", "/things/1"), ("GET", "/form"),
                             ("GET", "/things/..%2fform"), ("GET", "/things/%2e%2e/x"), ("GET", "/things//1"), ("GET", "/things/a;b"),
                             ("GET", "/THINGS/1"), ("GET", "/things/%252f")):  # fmt: skip
            self.assertEqual(self.call(method, path), 400, (method, path))
        self.assertEqual(self.call("POST", "/form", headers={"X-HTTP-Method-Override": "DELETE"}), 400)
        self.assertEqual(len(W.up.seen), before)

    def test_the_proxies_and_explain_obey_it_and_actions_have_their_own_list(self):  # INT-11 ACT-5
        self.allow("GET /things/*")
        v1 = {"connectedAccountId": self.ca, "endpoint": "/things", "method": "GET", "parameters": []}
        reply = W.call("POST", "/v2/actions/proxy", v1)
        self.assertEqual((reply.status, reply.json()["details"][0]["property"]), (400, "endpoint"))
        absolute = dict(v1, endpoint=f"http://127.0.0.1:{W.up.port}/form")
        self.assertEqual(W.call("POST", "/v2/actions/proxy", absolute).status, 400)
        v3 = {"connected_account_id": self.ca, "endpoint": "/things", "method": "GET", "parameters": []}
        self.assertEqual(W.call("POST", "/v3/tools/execute/proxy", v3).status, 400)
        self.assertEqual(W.call("POST", "/ks/explain", {"connectedAccountId": self.ca, "endpoint": "/form"}).status, 400)
        self.assertEqual(W.call("POST", "/v3/tools/execute/proxy", dict(v3, endpoint="/things/7")).json()["status"], 200)
        self.assertEqual(run("VEND_LIST_THINGS", self.ca, {}, W.key).status, 200)
        W.call("PATCH", "/v1/integrations/" + self.ac, {"limitedActions": ["VEND_GET_THING"]})
        self.assertEqual(run("VEND_LIST_THINGS", self.ca, {}, W.key).status, 400)
        self.assertEqual(self.call("GET", "/things/1"), 200)  # a list of its own, so limitedActions do not close it

    def test_each_api_and_the_command_line_set_it(self):  # INT-11
        one = "/v1/integrations/" + self.ac
        self.assertEqual(W.call("PATCH", one, {"allowedRequests": []}).status, 200)
        self.assertEqual(W.get(one).json()["allowedRequests"], [])
        self.assertEqual(self.call("GET", "/things/1"), 400)
        self.assertEqual(W.call("PATCH", "/v3/auth_configs/" + self.ac, {"type": "custom", "allowed_requests": ["GET /things/*"]}).status, 200)
        self.assertEqual(W.get("/v3/auth_configs/" + self.ac).json()["allowed_requests"], ["GET /things/*"])
        env = {"KEYSTEWARD_URL": f"http://127.0.0.1:{W.server.port}", "KEYSTEWARD_API_KEY": W.key}
        W.server.cli("integration", "set", self.ac, "--allow", "GET /list", "--allow", "* /things/**", env=env)
        self.assertEqual(W.get("/ks/integrations/" + self.ac).json()["allowed_requests"], ["GET /list", "* /things/**"])
        W.server.cli("integration", "set", self.ac, "--allow", "all", env=env)
        self.assertIsNone(W.get("/ks/integrations/" + self.ac).json()["allowed_requests"])
        for wrong in (["GET"], ["GET /a?b"], "GET /a", [1], ["GET /a/../b"]):
            self.assertEqual(W.call("PATCH", one, {"allowedRequests": wrong}).status, 400, wrong)


class Canary(unittest.TestCase):
    def setUp(self):
        self.entity = "c_" + self.id().rsplit(".", 1)[1]
        self.ca = W.connect(W.ac, {"api_key": "vk_bird_1"}, self.entity)
        self.before = [W.get(p + self.ca).json() for p in ("/v1/connectedAccounts/", "/ks/connections/", "/v3/connected_accounts/")]
        W.server.cli("canary", "set", self.ca, "--data", W.server.data)

    def frozen(self, k):
        self.assertEqual(W.get("/v1/apps/vend", key=k).status, 401)

    def test_it_looks_like_all_others_to_api_keys(self):  # CAN-1 S4
        after = [W.get(p + self.ca).json() for p in ("/v1/connectedAccounts/", "/ks/connections/", "/v3/connected_accounts/")]
        self.assertEqual(after, self.before)
        self.assertNotIn("canary", W.get("/ks/connections?entity_id=" + self.entity).text)
        for method, path in (("POST", f"/ks/admin/connections/{self.ca}/canary"), ("GET", "/ks/admin/canaries")):
            self.assertEqual(W.call(method, path).status, 404)
        status, answer = local("GET", "/ks/admin/canaries")
        self.assertIn(self.ca, [x["id"] for x in answer["items"]])

    def test_every_use_freezes_the_key_raises_the_alarm_and_sends_nothing(self):  # CAN-2 A2
        uses = [
            ("POST", "/v2/actions/VEND_LIST_THINGS/execute", {"connectedAccountId": self.ca, "input": {}}),
            ("POST", "/v2/actions/VEND_LIST_THINGS/execute", {"entityId": self.entity, "input": {}}),
            ("POST", "/v2/actions/VEND_GET_THING/execute", {"connectedAccountId": self.ca, "input": {}}),
            ("POST", "/v2/actions/proxy", {"connectedAccountId": self.ca, "endpoint": "/x", "method": "GET", "parameters": []}),
            ("POST", "/v3/tools/execute/VEND_LIST_THINGS", {"connected_account_id": self.ca, "user_id": "wrong", "arguments": {}}),
            ("POST", "/v3/tools/execute/proxy", {"connected_account_id": self.ca, "endpoint": "/x", "method": "GET"}),
            ("POST", "/ks/explain", {"connectedAccountId": self.ca, "endpoint": "/x"}),
            ("GET", f"/ks/call/{self.ca}/x", None),
            ("POST", f"/ks/call/{self.ca}/x", {"a": 1}),
            ("POST", f"/ks/query/{self.ca}", {"sql": "SELECT 1"}),
            ("POST", f"/ks/connections/{self.ca}/verify", None),
            ("PUT", f"/ks/connections/{self.ca}/credential", {"data": {"api_key": "vk_other"}}),
            ("POST", f"/v1/connectedAccounts/{self.ca}/reinitiate", {"data": {"api_key": "vk_other"}}),
        ]
        for method, path, body in uses:
            with self.subTest(path=path):
                k, sent = W.server.make_key("one"), len(W.up.seen)
                reply = W.call(method, path, body, key=k, headers={"Idempotency-Key": k[-8:]})
                self.assertIn(reply.status, (500, 503), reply)  # as a busy server says it
                self.assertIn("Too many calls are under way", reply.text)
                self.assertNotIn("canary_used", reply.text)
                self.frozen(k)
                self.assertEqual(len(W.up.seen), sent)
        alarms = [x for x in W.get("/ks/audit?limit=1000").json()["items"] if x["action"] == "canary.used" and x["object"].startswith(self.ca)]
        self.assertEqual(len(alarms), len(uses))
        self.assertIn('"event":"canary_used"', W.server.log())
        self.assertGreaterEqual(int(W.get("/metrics", key=None).text.split("\nkeysteward_canary_uses_total ")[1].split()[0]), len(uses))
        self.assertEqual(W.get("/ks/connections/" + self.ca).json()["uses"], 0)

    def test_only_an_administrator_unfreezes(self):  # CAN-3
        k = key("--name", "thief")
        self.assertIn(W.get(f"/ks/call/{self.ca}/x", key=k).status, (500, 503))
        self.frozen(k)
        W.restart()
        self.frozen(k)
        row = [r for r in key_row(name="thief") if r["frozen_at"]][-1]
        self.assertEqual(row["frozen_why"], "canary " + self.ca)
        W.server.cli("key", "unfreeze", row["id"], "--data", W.server.data)
        self.assertEqual(W.get("/v1/apps/vend", key=k).status, 200)
        self.assertEqual(local("POST", "/ks/admin/keys/ak_nope/unfreeze")[0], 404)

    def test_who_names_none_gets_the_real_one_beside_it(self):  # CAN-1
        real = W.connect(W.ac, {"api_key": "vk_real"}, "both")
        decoy = W.connect(W.ac, {"api_key": "vk_decoy"}, "both")
        W.server.cli("canary", "set", decoy, "--data", W.server.data)
        reply = W.call("POST", "/v2/actions/VEND_LIST_THINGS/execute", {"entityId": "both", "input": {}})
        self.assertEqual(reply.json()["connectedAccountId"], real)

    def test_cleared_it_is_a_connection_again(self):  # CAN-3
        W.server.cli("canary", "clear", self.ca, "--data", W.server.data)
        self.assertEqual(W.get(f"/ks/call/{self.ca}/things").status, 200)
        self.assertNotIn(self.ca, W.server.cli("canary", "list", "--data", W.server.data).stdout)


class Repeats(unittest.TestCase):
    def act(self, name, title="t", **more):
        body = {"connectedAccountId": W.mine, "input": {"title": title}}
        return W.call("POST", "/v2/actions/VEND_MAKE_THING/execute", body, headers={"Idempotency-Key": name}, **more)

    def test_an_act_is_carried_out_once_and_answered_as_before(self):  # ACT-12 D3
        before = len(W.up.seen)
        first, second = self.act("once-1"), self.act("once-1")
        self.assertEqual((first.status, second.status, len(W.up.seen)), (200, 200, before + 1))
        self.assertEqual(first.body, second.body)
        self.assertEqual(second.headers.get("idempotency-replayed"), "true")
        self.assertEqual(self.act("once-1", "other").status, 400)  # 409 in v1
        proxied = {"connected_account_id": W.mine, "endpoint": "/form", "method": "POST", "body": {"a": 1}}
        got = [W.call("POST", "/v3/tools/execute/proxy", proxied, headers={"Idempotency-Key": "once-2"}) for _ in range(2)]
        self.assertEqual((got[0].body, len(W.up.seen)), (got[1].body, before + 2))
        W.restart()
        self.assertEqual(self.act("once-1").body, first.body)

    def test_the_answer_lies_sealed_in_the_store(self):  # ACT-12 C3
        self.act("sealed-1", "very_telling_title")
        held = b"".join(open(os.path.join(W.server.data, f), "rb").read() for f in os.listdir(W.server.data) if f.startswith("keysteward.db"))
        self.assertIn(b"sealed-1", held)
        self.assertNotIn(b"very_telling_title", held)

    def test_of_two_at_once_one_is_sent(self):  # ACT-12
        before, got = len(W.up.seen), []

        def one():
            with W.server.connection() as c:
                body = {"connectedAccountId": W.mine, "input": {"title": "x"}}
                got.append(c.request("POST", "/v2/actions/VEND_MAKE_THING/execute", body, {"Idempotency-Key": "race"}).status)

        threads = [threading.Thread(target=one) for _ in range(8)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        self.assertEqual(len(W.up.seen), before + 1, got)
        self.assertLessEqual(set(got), {200, 400})

    def test_a_row_that_was_changed_is_not_answered(self):  # ACT-12 C3
        world = World().start()
        try:
            ca = world.connect(world.integration(), {"api_key": "vk_a"}, "a")
            body = {"connectedAccountId": ca, "input": {"title": "t"}}
            ask = lambda name: world.call("POST", "/v2/actions/VEND_MAKE_THING/execute", body, headers={"Idempotency-Key": name})  # noqa: E731
            self.assertEqual([ask("a").status, ask("b").status], [200, 200])
            world.server.stop()
            db = sqlite3.connect(os.path.join(world.server.data, "keysteward.db"))
            db.execute("UPDATE idempotency SET (nonce, ct) = (SELECT nonce, ct FROM idempotency WHERE key = 'b') WHERE key = 'a'")
            db.execute("UPDATE idempotency SET begun = 1, ct = NULL, created_at = created_at - 200000000 WHERE key = 'b'")
            db.commit()
            db.close()
            world.server.start()
            world.server.client.key = world.key
            moved, cut = ask("a"), ask("b")
            self.assertEqual(moved.status, 500, moved)
            self.assertEqual(cut.status, 400)
            self.assertIn("may have been carried out", cut.text)
        finally:
            world.stop()

    def test_a_key_whose_server_was_killed_is_known_as_begun(self):  # ACT-12 D4
        world = World().start()
        try:
            ca = world.connect(world.integration(), {"api_key": "vk_slow"}, "a")  # its vendor takes its time at /me
            body = {"connectedAccountId": ca, "endpoint": "/me", "method": "POST", "parameters": []}
            seen = len(world.up.seen)

            def ask():
                return world.call("POST", "/v2/actions/proxy", body, headers={"Idempotency-Key": "killed"})

            def lost():
                try:
                    ask()
                except OSError:
                    pass
                except http.client.HTTPException:
                    pass

            thread = threading.Thread(target=lost)
            thread.start()
            until("the call has reached the vendor", lambda: len(world.up.seen) > seen)
            world.server.kill()
            thread.join()
            world.pause.set()
            world.server.start()
            world.server.client.key = world.key
            reply = ask()
            self.assertEqual(reply.status, 400, reply)
            self.assertIn("may have been carried out", reply.text)
            self.assertEqual(len(world.up.seen), seen + 1)
        finally:
            world.stop()


class Strict(unittest.TestCase):
    def test_401s_count_with_strict_uses_too(self):  # CON-14 A2
        world = World("--audit-uses", "strict").start()
        try:
            ca = world.connect(world.integration(), {"api_key": "vk_soon_gone"}, "a")
            world.revoked.add("vk_soon_gone")
            for _ in range(2):
                self.assertEqual(world.call("POST", "/v2/actions/VEND_LIST_THINGS/execute", {"connectedAccountId": ca, "input": {}}).status, 200)
            until("the connection is EXPIRED", lambda: world.get("/v1/connectedAccounts/" + ca).json()["status"] == "EXPIRED")
        finally:
            world.stop()


if __name__ == "__main__":
    unittest.main()
