"""A project's own apps, added while the server runs: all APIs see them, no other project does (rule T7). Promises NAT-20, NAT-21,
NAT-22, NAT-23, NAT-24 and NAT-25 of docs/api.md."""

import gzip
import json
import threading
import unittest

from world import World

W = World()

TIDE = """app: tide
name: Tide
about: Water levels.
categories: [weather]
aliases: [tide_tables]
home: https://tide.example
docs: none
schemes:
  - scheme: API_KEY
    fields:
      - name: api_key
        label: Tide key
        help: From the account page.
        example: td_xxxx
        secret: true
      - name: region
        label: Region
        help: Which coast.
        kind: label
        required: false
        default: north
    base: https://api.tide.example/{{region}}
    send:
      headers: {X-Tide-Key: "{{api_key}}"}
    check:
      method: GET
      path: /me
      trusted: true
      good: [{status: 200}]
      bad: [{status: 401, cause: The key is unknown there.}]
      identity: {id: /id}
    find: none
actions:
  - name: TIDE_GET_LEVEL
    title: Get a level
    about: The water level at a place.
    method: GET
    path: /levels/{place}
    encoding: none
    tags: [read]
    params:
      - name: place
        in: path
        type: string
        required: true
        about: Name of the place.
"""

# A token that is asked for elsewhere, with the key.
TOKEN = """    derive:
      - name: access
        make: token
        method: POST
        url: https://elsewhere.example/token
        encoding: form
        body: {key: "{{api_key}}"}
        pointer: /access_token
        lasts: "60"
"""


def setUpModule():
    W.start()
    W.theirs = W.server.make_key("two")


def tearDownModule():
    W.stop()


def add(text, query="", **more):
    return W.server.http("POST", "/ks/apps" + query, text.encode(), raw_type="application/yaml", **more)


def remove(app, query="", **more):
    return W.server.http("DELETE", f"/ks/apps/{app}{query}", **more)


def keys(path, member="key", **more):
    reply = W.server.http("GET", path, **more)
    assert reply.status == 200, reply
    body = reply.json()
    items = body["items"] if isinstance(body, dict) else body
    return [i[member] if isinstance(i, dict) else i for i in items]


def sees(**more):
    """In which lists the app and its action stand."""
    return {
        "v1 apps": "tide" in keys("/api/v1/apps", **more),
        "v1 keys": "tide" in keys("/v1/apps/list/enums", **more),
        "v1 one": W.server.http("GET", "/v1/apps/Tide-Tables", **more).status == 200,
        "v2 actions": "TIDE_GET_LEVEL" in keys("/v2/actions", "name", **more),
        "v2 search": "TIDE_GET_LEVEL" in keys("/v2/actions?useCase=water+level", "name", **more),
        "v3 toolkits": "tide" in keys("/v3/toolkits?search=tide", "slug", **more),
        "v3 tools": "TIDE_GET_LEVEL" in keys("/v3/tools?toolkit_slug=tide", "slug", **more),
        "v3 tool": W.server.http("GET", "/v3.1/tools/TIDE_GET_LEVEL", **more).status == 200,
        "ks": "tide" in keys("/ks/apps", **more),
        "ks one": W.server.http("GET", "/ks/apps/tide/fields", **more).status == 200,
    }


class OwnApps(unittest.TestCase):
    def setUp(self):
        remove("tide", "?force=true")

    def code(self, reply, status, code):
        self.assertEqual(reply.status, status, reply)
        self.assertEqual(reply.json()["error"]["code"], code)
        return reply.json()["error"]

    def test_an_app_is_there_at_once_in_every_api_and_gone_at_once_NAT_20(self):
        self.assertFalse(any(sees().values()))
        made = add(TIDE)
        self.assertEqual(made.status, 201, made)
        self.assertEqual({k: made.json()[k] for k in ("key", "version", "replaces")}, {"key": "tide", "version": 1, "replaces": False})
        self.assertTrue(all(sees().values()), sees())
        own = W.server.http("GET", "/ks/apps?own=true").json()["items"]
        self.assertEqual([(a["key"], a["own"]["version"]) for a in own], [("tide", 1)])
        self.assertEqual(W.server.http("GET", "/ks/apps/tide/file").text, TIDE)
        self.assertEqual(remove("tide").status, 200)
        self.assertFalse(any(sees().values()), sees())
        self.code(remove("tide"), 404, "app_not_found")

    def test_no_other_project_sees_or_uses_it_T7(self):
        self.assertEqual(add(TIDE).status, 201)
        self.assertFalse(any(sees(key=W.theirs).values()), sees(key=W.theirs))
        body = {"appName": "tide", "authScheme": "API_KEY"}
        self.assertEqual(W.server.http("POST", "/v1/integrations", body, key=W.theirs).status, 404)
        self.code(remove("tide", key=W.theirs), 404, "app_not_found")
        self.assertEqual(W.server.http("GET", "/ks/apps/tide/file", key=W.theirs).status, 404)
        self.assertEqual(add(TIDE.replace("Water levels.", "Theirs."), key=W.theirs).status, 201)
        self.assertEqual(W.server.http("GET", "/ks/apps/tide").json()["about"], "Water levels.")
        self.assertEqual(W.server.http("GET", "/ks/apps/tide", key=W.theirs).json()["about"], "Theirs.")
        self.assertEqual(remove("tide", key=W.theirs).status, 200)
        self.assertTrue(all(sees().values()))

    def test_it_connects_and_acts_like_any_other_NAT_21(self):
        self.assertEqual(add(TIDE).status, 201)
        ac = W.server.http("POST", "/v1/integrations", {"appName": "tide", "forceNewIntegration": True}).json()["id"]
        made = W.server.http("POST", "/v1/connectedAccounts", {"integrationId": ac, "userUuid": "u", "data": {"api_key": "td_0123456789abcdef"}})
        self.assertEqual(made.json().get("connectionStatus"), "ACTIVE", made)
        ca = made.json()["connectedAccountId"]
        bad = W.server.http("POST", "/v1/connectedAccounts", {"integrationId": ac, "userUuid": "u", "data": {"api_key": "a-wrong-key-0123456789"}})
        self.assertEqual(bad.status, 400, bad)
        said = W.server.http("POST", "/v2/actions/TIDE_GET_LEVEL/execute", {"connectedAccountId": ca, "input": {"place": "Cuxhaven"}})
        self.assertTrue(said.json()["successful"], said)
        self.assertIn("Cuxhaven", said.text)
        self.assertNotIn("ks-ghost", said.text)
        said = W.server.http("POST", "/v3/tools/execute/TIDE_GET_LEVEL", {"connected_account_id": ca, "user_id": "u", "arguments": {"place": "Husum"}})
        self.assertTrue(said.json()["successful"], said)

        self.in_use(ac, ca)

    def in_use(self, ac, ca):
        """What uses an app stands against its removal, and against losing a field."""
        told = self.code(remove("tide"), 409, "app_in_use")
        self.assertIn("1 connections and 1 integrations", told["message"])
        without = TIDE.replace("api_key", "token")
        told = self.code(add(without), 409, "app_in_use")
        self.assertEqual([d["field"] for d in told["details"]], ["API_KEY.api_key"])
        second = add(TIDE.replace("Water levels.", "Levels."))
        self.assertEqual((second.status, second.json()["version"], second.json()["connections"]), (200, 2, 1), second)
        act = {"connectedAccountId": ca, "input": {"place": "Husum"}}
        self.assertTrue(W.server.http("POST", "/v2/actions/TIDE_GET_LEVEL/execute", act).json()["successful"])
        forced = add(without, "?force=true").json()
        self.assertEqual((forced["version"], forced["connections"], forced["deleted"]), (3, 1, True))
        self.assertEqual(W.server.http("GET", "/v1/connectedAccounts/" + ca).status, 404)
        self.assertEqual(W.server.http("GET", "/v1/integrations/" + ac).status, 404)
        self.assertFalse(remove("tide").json()["deleted"])

    def test_credentials_do_not_follow_an_app_to_other_hosts_N1(self):
        """Whoever may change apps must not learn by it what is stored for them."""
        self.assertEqual(add(TIDE).status, 201)
        ac = W.server.http("POST", "/v1/integrations", {"appName": "tide", "forceNewIntegration": True}).json()["id"]
        data = {"integrationId": ac, "userUuid": "u", "data": {"api_key": "td_0123456789abcdef"}}
        ca = W.server.http("POST", "/v1/connectedAccounts", data).json()["connectedAccountId"]
        for what, field in (
            (TIDE.replace("https://api.tide.example", "https://api.elsewhere.example"), "API_KEY.base"),
            (TIDE.replace("    base: https", "    hosts: [api.tide.example, elsewhere.example]\n    base: https"), "API_KEY.base"),
            (TIDE.replace("default: north", "default: elsewhere"), "API_KEY.region"),
            (TIDE.replace("secret: true", "secret: false"), "API_KEY.api_key"),
            (TIDE.replace("scheme: API_KEY", "scheme: BEARER_TOKEN"), "API_KEY.scheme"),
            (TIDE.replace("    send:", TOKEN + "    send:"), "API_KEY.base"),
            (TIDE.replace("    send:\n", '    send:\n      query: {note: "{{api_key}}"}\n'), "API_KEY.send"),
            (TIDE.replace("X-Tide-Key:", "X-Tide-Note:"), "API_KEY.send"),
            (TIDE.replace("path: /me", 'path: "/notes?text={{api_key}}"'), "API_KEY.send"),
        ):
            told = self.code(add(what), 409, "app_in_use")
            self.assertIn(field, [d["field"] for d in told["details"]], what)
        github = TIDE.replace("app: tide", "app: github").replace("TIDE_", "GITHUB_").replace("tide_tables", "tt")
        theirs = W.server.http("POST", "/v1/integrations", {"appName": "github", "forceNewIntegration": True}).json()["id"]
        self.code(add(github, "?replace=true"), 409, "app_in_use")
        self.assertEqual(W.server.http("DELETE", "/v1/integrations/" + theirs).status, 200)
        self.assertEqual(add(github, "?replace=true").status, 201)
        self.assertFalse(remove("github").json()["deleted"])
        gone = remove("tide", "?force=true").json()
        self.assertEqual((gone["connections"], gone["integrations"], gone["deleted"]), (1, 1, True))
        self.assertEqual(W.server.http("GET", "/v1/connectedAccounts/" + ca).status, 404)

    def test_faults_are_told_by_line_and_nothing_is_kept_NAT_22(self):
        bad = TIDE.replace("method: GET\n    path: /levels", "method: FETCH\n    path: /levels").replace("about: Water levels.", "abuot: Water")
        told = self.code(add(bad), 400, "app_file_invalid")
        self.assertRegex(told["message"], r"^tide\.yaml:\d+: ")
        self.assertTrue(all(d["field"].startswith("tide.yaml:") for d in told["details"]), told)
        self.code(add(": not yaml ["), 400, "app_file_invalid")
        self.code(add(""), 400, "invalid_request")
        self.code(add(TIDE + "# " + "x" * (512 * 1024)), 413, "too_large")
        reply = W.server.http("POST", "/ks/apps", TIDE.encode(), raw_type="text/plain")
        self.assertEqual(reply.status, 415)
        self.assertNotIn("tide", keys("/ks/apps"))

    def test_json_carries_the_file_too_NAT_20(self):
        made = W.server.http("POST", "/ks/apps", {"file": TIDE})
        self.assertEqual(made.status, 201, made)
        self.assertEqual(W.server.http("POST", "/ks/apps", {"file": TIDE}).json()["version"], 2)

    def test_what_the_catalogue_has_is_replaced_only_on_demand_NAT_23(self):
        github = TIDE.replace("app: tide", "app: github").replace("TIDE_", "GITHUB_").replace("tide_tables", "tt")
        self.code(add(github), 409, "app_taken")
        self.code(add(TIDE.replace("tide_tables", "GitHub"), "?replace=true"), 409, "app_taken")
        before = W.server.http("GET", "/ks/apps/github").json()
        self.assertTrue(add(github, "?replace=true").json()["replaces"])
        self.assertEqual(W.server.http("GET", "/ks/apps/github").json()["about"], "Water levels.")
        self.assertEqual(keys("/v2/actions?apps=github", "name"), ["GITHUB_GET_LEVEL"])
        self.assertEqual(W.server.http("GET", "/ks/apps/github", key=W.theirs).json(), before)
        self.assertEqual(add(github).json()["version"], 2)
        gone = remove("github").json()
        self.assertTrue(gone["replaced"])
        self.assertEqual(W.server.http("GET", "/ks/apps/github").json(), before)

    def test_two_own_apps_do_not_share_a_name(self):
        self.assertEqual(add(TIDE).status, 201)
        other = TIDE.replace("app: tide", "app: flood").replace("TIDE_", "FLOOD_")
        self.code(add(other), 409, "app_taken")
        self.assertEqual(add(other.replace("tide_tables", "floods")).status, 201)
        self.assertEqual(remove("flood").status, 200)

    def test_a_key_needs_the_right_to_change_things(self):
        reader = W.server.cli("key", "create", "--data", W.server.data, "--project", "test", "--scopes", "read").stdout.strip()
        self.assertEqual(add(TIDE, key=reader).status, 403)
        self.assertEqual(remove("tide", key=reader).status, 403)

    def test_who_added_and_removed_is_in_the_audit_trail_NAT_24(self):
        self.assertEqual(add(TIDE).status, 201)
        self.assertEqual(remove("tide").status, 200)
        records = W.server.http("GET", "/ks/audit?limit=2").json()["items"]
        self.assertEqual([(r["action"], r["object"]) for r in records], [("app.remove", "tide"), ("app.add", "tide")])

    def test_at_most_200_apps_NAT_25(self):
        key = W.server.make_key("many")
        for i in range(200):
            text = TIDE.replace("app: tide", f"app: tide{i}").replace("TIDE_", f"TIDE{i}_").replace("tide_tables", f"t_{i}")
            reply = add(text, key=key)
            self.assertEqual(reply.status, 201, reply)
        self.code(add(TIDE, key=key), 409, "too_many_apps")
        self.assertEqual(len(keys("/ks/apps?own=true", key=key)), 200)
        self.assertEqual(add(TIDE.replace("app: tide", "app: tide7").replace("TIDE_", "TIDE7_").replace("tide_tables", "t_7"), key=key).json()["version"], 2)

    def test_a_whole_catalogue_survives_many_who_change_and_read_it(self):
        key, stop, wrong = W.server.make_key("busy"), threading.Event(), []

        def read():
            with W.server.connection(key) as client:
                while not stop.is_set():
                    reply = client.request("GET", "/ks/apps/tide")
                    if reply.status != 404 and not (reply.status == 200 and reply.json().get("own", {}).get("version", 0) >= 1):
                        wrong.append(reply)

        readers = [threading.Thread(target=read) for _ in range(4)]
        for r in readers:
            r.start()
        with W.server.connection(key) as client:
            for i in range(40):
                reply = client.request("POST", "/ks/apps", TIDE.encode(), raw_type="application/yaml")
                version = reply.json()["version"]
                seen = [client.request("GET", "/ks/apps/tide").json()["own"]["version"] for _ in range(2)]
                if seen != [version, version]:
                    wrong.append(seen)
                if i % 5 == 4:
                    client.request("DELETE", "/ks/apps/tide")
        stop.set()
        for r in readers:
            r.join()
        self.assertEqual(wrong, [])

    def test_it_is_there_after_a_restart(self):
        self.assertEqual(add(TIDE).status, 201)
        key = W.server.client.key
        W.server.kill()
        W.server.start()
        W.server.client.key = key
        self.assertTrue(all(sees().values()))


class Lists(unittest.TestCase):
    def test_whole_lists_are_sent_compressed_to_who_asks_for_it(self):
        for path in ("/api/v1/apps", "/api/v2/actions"):
            plain = W.server.http("GET", path)
            self.assertIn("accept-encoding", plain.headers.get("vary", "").lower())
            packed = W.server.http("GET", path, headers={"Accept-Encoding": "gzip, deflate"})
            self.assertEqual(packed.headers["content-encoding"], "gzip")
            self.assertEqual(json.loads(gzip.decompress(packed.body)), plain.json())
