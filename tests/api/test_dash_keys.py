"""The dashboard's pages of API keys and settings, and the settings of a project. docs/dashboard.md DASH-30..39, docs/api.md SET-1..4."""

import json
import re
import unittest

from dash import sign_in
from world import World

W = World()


def setUpModule():
    W.start()
    W.admin = sign_in(W)
    limited = W.server.cli("key", "create", "--data", W.server.data, "--project", "one", "--name", "looker", "--scopes", "read,connect,dashboard").stdout.strip()
    W.looker = sign_in(W, key=limited)


def tearDownModule():
    W.stop()


def keys(**want):
    rows = json.loads(W.server.cli("key", "list", "--data", W.server.data, "--json").stdout)["items"]
    return [r for r in rows if all(r[k] == v for k, v in want.items())]


def records(action):
    return [x for x in W.get("/ks/audit?limit=1000").json()["items"] if x["action"] == action]


def shown_key(reply):
    return re.search(r"<code>(ks_[a-z0-9_]+)</code>", reply.text)[1]


def made(**fields):
    """A key made with the form: what the page shows, and its row."""
    reply = W.admin.post("/dash/keys/new", **{"read": "on", "connect": "on", **fields})
    assert reply.status == 200, reply
    return shown_key(reply), keys(name=fields["name"])[-1]


class Keys(unittest.TestCase):
    def test_a_key_is_made_as_wished_and_shown_once(self):  # DASH-31
        reply = W.admin.post("/dash/keys/new", name="agent", read="on", act="on", read_only="on", apps="vend, demo", entities="ada\r\nteam_a:*\r\n", expires_in_s="3")
        self.assertEqual(reply.status, 200, reply)
        key = shown_key(reply)
        self.assertIn("export KEYSTEWARD_API_KEY=" + key, reply.text)
        self.assertEqual(reply.headers["cache-control"], "no-store")
        self.assertEqual(W.get("/v1/connectedAccounts", key=key).status, 200)
        row = keys(name="agent")[0]
        self.assertEqual((row["scopes"], row["read_only"], row["apps"], row["entities"]), (["read", "act"], True, ["vend", "demo"], ["ada", "team_a:*"]))
        self.assertIsNotNone(row["expires_at"])
        page = W.admin.get("/dash/keys").text
        self.assertIn("agent", page)
        self.assertIn("read-only apps:vend,demo", page)
        self.assertNotIn(key, page)
        self.assertEqual(len([x for x in records("key.create") if x["object"] == row["id"]]), 1)
        self.assertNotIn(key, W.server.log())

    def test_a_form_that_cannot_be_meant_comes_again_with_what_was_typed(self):  # DASH-31
        before = len(keys())
        for field, sent in (("scopes", {"name": "n"}), ("expires_in_s", {"name": "n", "read": "on", "expires_in_s": "soon"}),
                            ("entities", {"name": "n", "read": "on", "entities": "a*\nb*"}), ("name", {"name": "x" * 300, "read": "on"}),
                            ("scopes", {"name": "n", "read": "on", "connect": "on", "read_only": "on"}), ("apps", {"name": "n", "read": "on", "apps": "Ven d"})):  # fmt: skip
            reply = W.admin.post("/dash/keys/new", **sent)
            self.assertEqual(reply.status, 400, reply)
            self.assertIn(f'id="e-{field}"', reply.text, sent)
            self.assertIn(f'value="{sent["name"]}"', reply.text)
        self.assertEqual(len(keys()), before)

    def test_the_list_tells_when_a_key_was_used(self):  # DASH-30
        key, row = made(name="worker")
        self.assertIsNone(row["used_at"])
        W.get("/v1/connectedAccounts", key=key)
        W.admin.post("/dash/keys/new", name="later", read="on")  # notes go with the next change
        used = keys(name="worker")[0]["used_at"]
        self.assertIsNotNone(used)
        self.assertIn(f'datetime="{used}"', W.admin.get("/dash/keys").text)
        W.get("/v1/connectedAccounts", key=key)
        W.admin.post("/dash/keys/new", name="later", read="on")
        self.assertEqual(keys(name="worker")[0]["used_at"], used)

    def test_a_revoked_key_works_no_more_and_stays_listed(self):  # DASH-32
        key, row = made(name="leaver")
        W.get("/v1/connectedAccounts", key=key)
        W.admin.post("/dash/keys/new", name="later", read="on")
        page = W.admin.get(f"/dash/keys/{row['id']}/revoke")
        self.assertIn("It was used <time", page.text)
        self.assertEqual(W.admin.post(f"/dash/keys/{row['id']}/revoke").status, 303)
        self.assertEqual(W.get("/v1/connectedAccounts", key=key).status, 401)
        self.assertIn("Revoked", W.admin.get("/dash/keys").text)
        self.assertNotIn(f"/dash/keys/{row['id']}/revoke", W.admin.get("/dash/keys").text)
        self.assertEqual(len([x for x in records("key.revoke") if x["object"] == row["id"]]), 1)

    def test_a_frozen_key_is_told_with_its_reason_and_unfrozen(self):  # DASH-33
        key, row = made(name="thief", act="on")
        ca = W.connect(None, {"api_key": "vk_decoy"}, "decoy")
        W.server.cli("canary", "set", ca, "--data", W.server.data)
        W.get(f"/ks/call/{ca}/x", key=key)
        self.assertEqual(W.get("/v1/connectedAccounts", key=key).status, 401)
        page = W.admin.get("/dash/keys").text
        self.assertIn("Frozen: canary " + ca, page)
        self.assertEqual(W.admin.post(f"/dash/keys/{row['id']}/unfreeze").status, 303)
        self.assertEqual(W.get("/v1/connectedAccounts", key=key).status, 200)
        self.assertNotIn("Frozen: canary " + ca, W.admin.get("/dash/keys").text)

    def test_a_session_of_a_key_sees_the_list_and_changes_nothing(self):  # DASH-30 DASH-2
        row = keys(name="looker")[0]
        page = W.looker.get("/dash/keys")
        self.assertEqual(page.status, 200)
        self.assertIn("looker", page.text)
        self.assertIn("an API key never makes", page.text)
        self.assertNotIn("/dash/keys/new", page.text)
        before = keys()
        for method, path in (("GET", "/dash/keys/new"), ("POST", "/dash/keys/new"), ("GET", f"/dash/keys/{row['id']}/revoke"),
                             ("POST", f"/dash/keys/{row['id']}/revoke"), ("POST", f"/dash/keys/{row['id']}/unfreeze")):  # fmt: skip
            reply = W.looker.get(path) if method == "GET" else W.looker.post(path, name="x", read="on")
            self.assertEqual(reply.status, 403, (path, reply))
        self.assertEqual([(r["id"], r["revoked_at"]) for r in keys()], [(r["id"], r["revoked_at"]) for r in before])

    def test_a_key_of_another_project_is_not_there(self):  # DASH-32 T7
        W.server.make_key("other")
        theirs = [r for r in keys() if r["project_id"] != keys(name="looker")[0]["project_id"]][0]
        for path in (f"/dash/keys/{theirs['id']}/revoke", f"/dash/keys/{theirs['id']}/unfreeze"):
            self.assertEqual(W.admin.post(path).status, 404)
        self.assertEqual(W.admin.get(f"/dash/keys/{theirs['id']}/revoke").status, 404)
        self.assertNotIn(theirs["prefix"], W.admin.get("/dash/keys").text)
        self.assertIsNone(keys(id=theirs["id"])[0]["revoked_at"])

    def test_a_form_from_elsewhere_makes_nothing(self):  # DASH-4
        before = len(keys())
        tag, W.admin.csrf = W.admin.csrf, "0" * 32
        try:
            self.assertEqual(W.admin.post("/dash/keys/new", name="x", read="on").status, 403)
        finally:
            W.admin.csrf = tag
        self.assertEqual(len(keys()), before)


class Project(unittest.TestCase):
    """The settings of a project, over the API and in a terminal."""

    def setUp(self):
        self.put({"verify": None, "allowed_origins": None, "return_origins": None})

    tearDown = setUp

    def put(self, body, status=200, **more):
        reply = W.call("PUT", "/ks/settings", body, **more)
        self.assertEqual(reply.status, status, reply)
        return reply.json()

    def link(self, status=201, **more):
        reply = W.call("POST", "/ks/links", {"integration_id": W.integration(), "entity_id": "ada", **more})
        self.assertEqual(reply.status, status, reply)
        return reply.json()

    def test_members_that_are_not_named_stay(self):  # SET-4
        self.assertEqual(self.put({"verify": "off", "allowed_origins": ["HTTPS://App.example.com/"]})["allowed_origins"], ["https://app.example.com"])
        self.assertEqual(self.put({"return_origins": ["http://localhost:3000"]})["verify"], "off")
        now = W.good("GET", "/ks/settings")
        self.assertEqual((now["verify"], now["allowed_origins"], now["return_origins"]), ("off", ["https://app.example.com"], ["http://localhost:3000"]))
        self.assertIsNone(self.put({"verify": None})["verify"])
        self.assertEqual(W.good("GET", "/ks/settings")["allowed_origins"], ["https://app.example.com"])
        self.assertTrue(records("settings.set"))

    def test_what_cannot_be_used_is_refused_with_its_member(self):  # SET-4
        for field, value in (("verify", "maybe"), ("verify", 1), ("allowed_origins", "https://a.example"), ("allowed_origins", ["https://a.example/x"]),
                             ("allowed_origins", ["https://a.example"] * 9), ("return_origins", ["*"]), ("return_origins", [7])):  # fmt: skip
            error = self.put({field: value}, 400)["error"]
            self.assertEqual(error["field"], field, (value, error))
        self.put({"days": 3}, 400)
        self.put([], 400)
        self.assertEqual(W.good("GET", "/ks/settings")["allowed_origins"], [])

    def test_keys_are_checked_as_the_project_says(self):  # SET-1
        ac = W.integration()
        self.assertEqual(W.try_connect(ac, {"api_key": "vk_wrong"}, "a").status, 400)
        self.put({"verify": "off"})
        self.assertEqual(W.try_connect(ac, {"api_key": "vk_wrong"}, "a").status, 200)
        page = W.get("/connect/" + self.link()["url"].split("/")[-1], key=None).text
        self.assertNotIn("Check and connect", page)
        self.assertEqual(W.try_connect(ac, {"api_key": "vk_down"}, "a").status, 200)
        self.put({"verify": "required"})
        self.assertIn("Check and connect", W.get("/connect/" + self.link()["url"].split("/")[-1], key=None).text)
        self.assertNotEqual(W.try_connect(ac, {"api_key": "vk_down"}, "a").status, 200)

    def test_new_links_may_be_shown_where_the_project_says(self):  # SET-2
        self.put({"allowed_origins": ["https://app.example.com"]})
        self.assertEqual(self.link()["allowed_origins"], ["https://app.example.com"])
        self.assertEqual(self.link(allowed_origins=["https://b.example"])["allowed_origins"], ["https://b.example"])
        self.assertEqual(self.link(allowed_origins=[])["allowed_origins"], [])

    def test_return_urls_lead_where_the_project_says(self):  # SET-3
        self.link(return_url="https://anywhere.example/x")
        self.put({"return_origins": ["https://app.example.com", "https://b.example:8443"]})
        self.link(return_url="https://b.example:8443/back?x=1")
        self.link()
        for url in ("https://app.example.com.evil.example/", "http://app.example.com/", "https://b.example/"):
            error = self.link(400, return_url=url)["error"]
            self.assertEqual((error["code"], error["field"]), ("return_origin", "return_url"))
        v3 = {"auth_config_id": W.integration(), "user_id": "ada", "callback_url": "https://evil.example/"}
        self.assertEqual(W.call("POST", "/v3/connected_accounts/link", v3).status, 400)

    def test_settings_are_the_projects_own_and_not_for_limited_keys(self):  # SET-4 T7
        self.put({"verify": "off"})
        other = W.server.make_key("third")
        self.assertIsNone(W.get("/ks/settings", key=other).json()["verify"])
        part = W.server.cli("key", "create", "--data", W.server.data, "--project", "one", "--entity", "ada").stdout.strip()
        self.assertEqual(W.get("/ks/settings", key=part).status, 403)
        self.put({"verify": "on"}, 403, key=part)
        looks = W.server.cli("key", "create", "--data", W.server.data, "--project", "one", "--scopes", "read").stdout.strip()
        self.put({"verify": "on"}, 403, key=looks)

    def test_the_terminal_does_the_same(self):  # SET-4
        env = {"KEYSTEWARD_API_KEY": W.key, "KEYSTEWARD_URL": f"http://127.0.0.1:{W.server.port}"}
        cli = lambda *argv, **more: W.server.cli("settings", *argv, env=env, **more)  # noqa: E731
        self.assertIn("required", cli("set", "--verify", "required", "--origin", "https://a.example", "--origin", "https://b.example").stdout)
        self.assertEqual(json.loads(cli("show", "--json").stdout)["allowed_origins"], ["https://a.example", "https://b.example"])
        cli("set", "--origin", "none", "--verify", "default", "--return-origin", "https://c.example")
        now = json.loads(cli("show", "--json").stdout)
        self.assertEqual((now["verify"], now["allowed_origins"], now["return_origins"]), (None, [], ["https://c.example"]))
        self.assertEqual(json.loads(cli("set", "--return-origin", "any", "--json").stdout)["return_origins"], [])
        self.assertEqual(cli("set", check=False).returncode, 2)
        self.assertIn("https://app.example.com", cli("set", "--origin", "example.com", check=False).stderr)


PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class Settings(unittest.TestCase):
    """Pages of settings."""

    def tearDown(self):
        W.call("PUT", "/ks/settings", {"verify": None, "allowed_origins": None, "return_origins": None})
        W.call("DELETE", "/ks/theme")

    def test_the_server_is_told_with_the_flags_that_set_it(self):  # DASH-34
        page = W.admin.get("/dash/settings").text
        for flag in ("--listen", "--public-url", "--verify", "--audit-uses", "--ambiguous", "--calls-keep", "--ghost", "--data"):
            self.assertIn(f"<code>{flag}</code>", page)
        self.assertIn(f"127.0.0.1:{W.server.port}", page)
        self.assertIn("<bdi>simulated</bdi>", page)
        self.assertIn("<bdi>kept for 30 days</bdi>", page)
        self.assertRegex(page, r"<bdi>[0-9]+ [kM]B</bdi>")
        self.assertRegex(page, "Started</th><td><time ")
        self.assertNotIn(W.server.data, page)

    def test_what_the_project_decides_is_saved_with_the_form(self):  # DASH-35
        sent = {"verify": "required", "allowed_origins": "https://a.example  https://b.example", "return_origins": ""}
        self.assertEqual(W.admin.post("/dash/settings/project", **sent).status, 303)
        now = W.good("GET", "/ks/settings")
        self.assertEqual((now["verify"], now["allowed_origins"], now["return_origins"]), ("required", ["https://a.example", "https://b.example"], []))
        page = W.admin.get("/dash/settings").text
        self.assertIn('<option value="required" selected>', page)
        self.assertIn('value="https://a.example https://b.example"', page)
        reply = W.admin.post("/dash/settings/project", **{**sent, "return_origins": "not an origin"})
        self.assertEqual(reply.status, 400)
        self.assertIn('id="e-return_origins"', reply.text)
        self.assertIn('value="not an origin"', reply.text)
        self.assertEqual(W.admin.post("/dash/settings/project", verify="default").status, 303)
        self.assertIsNone(W.good("GET", "/ks/settings")["verify"])

    def test_the_look_is_saved_shown_and_reset(self):  # DASH-36
        reply = W.admin.post("/dash/settings/look", **{"light.accent": "#006b5f", "radius": "3px", "language": "de", "logo": PNG})
        self.assertEqual(reply.status, 303, reply)
        theme = W.good("GET", "/ks/theme")
        self.assertEqual((theme["theme"]["light"], theme["theme"]["radius"], theme["theme"]["language"]), ({"accent": "#006b5f"}, "3px", "de"))
        self.assertTrue(theme["logo"].endswith(".png"))
        page = W.admin.get("/dash/settings/look").text
        self.assertIn('value="#006b5f"', page)
        self.assertIn("/a/" + theme["logo"], page)
        preview = W.admin.get("/dash/preview").text
        self.assertIn("../a/" + theme["stylesheet"], preview)
        self.assertIn("../a/" + theme["logo"], preview)
        self.assertEqual(W.admin.post("/dash/settings/look", **{"light.accent": "#006b5f", "keep": "on"}).status, 303)
        self.assertEqual(W.good("GET", "/ks/theme")["logo"], theme["logo"])
        self.assertEqual(W.admin.post("/dash/settings/look", **{"light.accent": "#006b5f"}).status, 303)
        self.assertIsNone(W.good("GET", "/ks/theme")["logo"])
        self.assertEqual(W.admin.post("/dash/settings/look/reset").status, 303)
        self.assertIsNone(W.good("GET", "/ks/theme")["theme"])

    def test_a_look_that_cannot_be_read_is_refused_at_its_field(self):  # DASH-37
        reply = W.admin.post("/dash/settings/look", **{"light.muted": "#cccccc", "dark.accent": "#7fb2ff"})
        self.assertEqual(reply.status, 400)
        self.assertRegex(reply.text, r'id="e-light.muted">[^<]*contrast of 1\.[0-9]+:1 and needs 4\.5:1')
        self.assertIn('value="#7fb2ff"', reply.text)
        for field, value in (("dark.bg", "red"), ("radius", "big"), ("font", "x;}"), ("logo", "data:image/gif;base64,R0lGODlh")):
            reply = W.admin.post("/dash/settings/look", **{field: value})
            self.assertEqual(reply.status, 400, field)
            self.assertIn(f'id="e-{field}"', reply.text)
        self.assertEqual(W.admin.post("/dash/settings/look", logo="A" * 200000).status, 400)
        self.assertIsNone(W.good("GET", "/ks/theme")["theme"])

    def test_a_session_without_the_right_reads_only(self):  # DASH-35 DASH-38
        read = W.server.cli("key", "create", "--data", W.server.data, "--project", "one", "--scopes", "read,dashboard").stdout.strip()
        reader = sign_in(W, key=read)
        self.assertIn("this is for reading", reader.get("/dash/settings").text)
        for path in ("/project", "/look", "/look/reset", "/end-sessions", "/revoke-keys", "/disable-integrations"):
            self.assertEqual(reader.post("/dash/settings" + path, verify="off").status, 403, path)
        page = W.looker.get("/dash/settings").text
        self.assertNotIn("Danger zone", page)
        for path in ("end-sessions", "revoke-keys", "disable-integrations"):
            self.assertEqual(W.looker.post("/dash/settings/" + path, **{path: "one"}).status, 403, path)


class Danger(unittest.TestCase):
    """Each ends things for the whole project, and for no other."""

    @classmethod
    def setUpClass(cls):
        cls.world = World().start()
        cls.other = cls.world.server.make_key("other")
        cls.ac = [cls.world.integration(), cls.world.integration()]
        cls.theirs = cls.world.integration(key=cls.other)
        cls.ca = cls.world.connect(cls.ac[0], {"api_key": "vk_one"}, "ada")

    @classmethod
    def tearDownClass(cls):
        cls.world.stop()

    def test_each_asks_for_the_name_and_does_all_of_it(self):  # DASH-38 DASH-39
        w = self.world
        admin, second, elsewhere = sign_in(w), sign_in(w), sign_in(w, project="other")
        page = admin.get("/dash/settings").text
        self.assertIn("Browsers that are signed in: 2", page)
        self.assertIn("Integrations that are enabled: 2", page)
        for path in ("end-sessions", "revoke-keys", "disable-integrations"):
            for name in ("", "other", "On"):
                reply = admin.post("/dash/settings/" + path, **{path: name})
                self.assertEqual(reply.status, 400)
                self.assertIn(f'id="e-{path}"', reply.text)
        self.assertEqual(w.get("/v1/connectedAccounts").status, 200)

        self.assertEqual(admin.post("/dash/settings/disable-integrations", **{"disable-integrations": "one"}).status, 303)
        for ac in self.ac:
            self.assertIs(w.good("GET", "/v1/integrations/" + ac)["enabled"], False)
        self.assertIs(w.good("GET", "/v1/integrations/" + self.theirs, key=self.other)["enabled"], True)
        self.assertNotEqual(w.try_connect(self.ac[1], {"api_key": "vk_two"}).status, 200)
        self.assertIn("Integrations that are enabled: 0", admin.get("/dash/settings").text)

        audit = [x["action"] for x in w.get("/ks/audit?limit=1000").json()["items"]]
        self.assertEqual(audit.count("integration.disable_all"), 1)

        again = w.server.make_key("one")
        self.assertEqual(admin.post("/dash/settings/revoke-keys", **{"revoke-keys": "one"}).status, 303)
        for key in (w.key, again):
            self.assertEqual(w.get("/v1/connectedAccounts", key=key).status, 401)
        self.assertEqual(w.get("/v1/connectedAccounts", key=self.other).status, 200)

        look = w.server.cli("audit", "verify", "--data", w.server.data)
        self.assertEqual(look.returncode, 0, look.stderr)
        unused = w.server.cli("dash", "--data", w.server.data, "--project", "one").stdout.strip().split("/dash/in/")[1]
        reply = admin.post("/dash/settings/end-sessions", **{"end-sessions": "one"})
        self.assertEqual((reply.status, reply.headers["location"]), (303, "/dash/login"))
        for browser in (admin, second):
            reply = browser.get("/dash/settings")
            self.assertEqual(reply.status, 303)
            self.assertIn("/dash/login", reply.headers["location"])
        self.assertEqual(w.get("/dash/in/" + unused, key=None).status, 404)
        self.assertEqual(elsewhere.get("/dash/settings").status, 200)


if __name__ == "__main__":
    unittest.main()
