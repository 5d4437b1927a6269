"""The dashboard: signing in, sessions and their rights, forms, connections, links, the search."""

import csv
import io
import re
import unittest
import urllib.parse

from dash import sign_in
from test_links import GOOD
from world import World, until

W = World()
TYPE = "application/x-www-form-urlencoded"


def setUpModule():
    W.start()
    W.ac = W.integration()


def tearDownModule():
    W.stop()


def key(*scopes):
    return W.server.cli("key", "create", "--data", W.server.data, "--project", "one", "--scopes", ",".join(scopes)).stdout.strip()


def invite():
    return urllib.parse.urlsplit(W.server.cli("dash", "--data", W.server.data, "--project", "one").stdout.strip()).path


def post(path, cookie=None, headers=(), **fields):
    given = {**dict(headers), **({"Cookie": cookie} if cookie else {})}
    return W.call("POST", path, urllib.parse.urlencode(fields).encode(), raw_type=TYPE, key=None, headers=given)


class SigningIn(unittest.TestCase):
    def test_a_code_signs_in_once_and_looking_at_it_uses_nothing_up(self):  # DASH-1
        path = invite()
        for _ in range(3):
            self.assertEqual(W.get(path, key=None).status, 200)
        reply = post(path)
        self.assertEqual((reply.status, reply.headers["location"]), (303, "/dash"))
        self.assertRegex(reply.headers["set-cookie"], r"^keysteward=kd_[0-9a-z]{40}; Path=/; HttpOnly; SameSite=Strict; Max-Age=43200$")
        last = W.get("/ks/audit?limit=2").json()["items"]
        self.assertEqual([x["action"] for x in last], ["dashboard.sign_in", "dashboard.invite"])
        self.assertEqual(last[0]["actor"], last[1]["object"])
        for again in (W.get(path, key=None), post(path)):
            self.assertEqual(again.status, 404)
            self.assertNotIn("set-cookie", again.headers)

    def test_a_form_of_another_site_signs_nobody_in(self):  # DASH-1 H4
        for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            path = invite()
            self.assertEqual(post(path, headers=headers).status, 403, headers)
            self.assertEqual(post(path).status, 303, "the code was used up")

    def test_only_a_key_with_the_right_signs_in(self):  # DASH-2
        self.assertEqual(post("/dash/login", key=W.key).status, 403)
        refused = post("/dash/login", key="ks_wrong_one", next="/dash/keys")
        self.assertEqual(refused.status, 401)
        self.assertIn('name="next" value="/dash/keys"', refused.text)
        self.assertNotIn("ks_wrong_one", refused.text)
        good = key("read", "dashboard")
        for wanted, where in (("/dash/links?x=1", "/dash/links?x=1"), ("//evil.example", "/dash"), ("/dashx", "/dash"), ("/connect/x", "/dash")):
            self.assertEqual(post("/dash/login", key=good, next=wanted).headers["location"], where)

    def test_a_dashboard_key_that_is_limited_or_cannot_read_is_none(self):  # DASH-2
        for more in (["--scopes", "dashboard"], ["--scopes", "read,dashboard", "--apps", "demo"]):
            made = W.server.cli("key", "create", "--data", W.server.data, "--project", "one", *more, check=False)
            self.assertNotEqual(made.returncode, 0, made)
            self.assertIn("the dashboard shows the whole project", made.stderr)

    def test_a_session_has_the_rights_of_its_key_and_ends_with_it(self):  # DASH-2
        reader = key("read", "dashboard")
        b = sign_in(W, key=reader)
        ca = W.connect(W.ac, {"api_key": GOOD}, "seen")
        self.assertNotIn("Disable", b.get(f"/dash/connections/{ca}").text)
        for path in (f"/dash/connections/{ca}/disable", f"/dash/connections/{ca}/delete", "/dash/links/new", "/dash/project"):
            self.assertEqual(b.post(path).status, 403, path)
        keys = W.server.cli("key", "list", "--data", W.server.data, "--json").stdout
        mine = next(line for line in re.findall(r"\{[^{}]*\}", keys) if reader[:11] in line)
        W.server.cli("key", "revoke", re.search(r'"id":"([^"]+)"', mine)[1], "--data", W.server.data)
        self.assertEqual(b.get("/dash/connections").status, 303)

    def test_who_is_not_signed_in_is_asked_to_and_comes_back(self):  # DASH-3
        for cookie in (None, "keysteward=kd_" + "0" * 40, "keysteward=", "other=1"):
            reply = W.get("/dash/connections?app=demo", key=None, headers={"Cookie": cookie} if cookie else {})
            self.assertEqual((reply.status, reply.headers["location"]), (303, "/dash/login?next=%2Fdash%2Fconnections%3Fapp%3Ddemo"))
        self.assertEqual(W.get("/dash/connections").status, 303, "an API key in a header opens no page")

    def test_signing_out_ends_the_session(self):  # DASH-3
        b = sign_in(W)
        gone = b.post("/dash/logout")
        self.assertIn("Max-Age=0", gone.headers["set-cookie"])
        self.assertEqual(b.get("/dash/connections").status, 303)

    def test_a_posted_form_needs_the_tag_of_its_session(self):  # DASH-4
        a, b = sign_in(W), sign_in(W)
        ca = W.connect(W.ac, {"api_key": GOOD}, "formed")
        page = b.get(f"/dash/connections/{ca}").text
        theirs = re.search(r'name="csrf" value="([^"]+)"', page)[1]
        for fields, headers in (({}, {}), ({"csrf": theirs}, {}), ({"csrf": a.csrf}, {"Origin": "https://evil.example"})):
            self.assertEqual(post(f"/dash/connections/{ca}/disable", a.cookie, headers, **fields).status, 403)
        self.assertTrue(W.get("/ks/connections/" + ca).json()["enabled"])


class Connections(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.b = sign_in(W)

    def names(self, text):
        return re.findall(r'/dash/connections/ca_[0-9a-z]+"><bdi>([^<]*)</bdi>', text)

    def test_pages_go_on_behind_a_row_and_back(self):  # DASH-5
        made = [f"row_{i:03}" for i in range(120)]
        for name in made:
            W.connect(W.ac, {"api_key": GOOD}, name)
        want = list(reversed(made))
        first = self.b.get("/dash/connections").text
        self.assertEqual(self.names(first), want[:50])
        older = re.search(r'href="(\?[^"]*older=[^"]+)"', first)[1].replace("&amp;", "&")
        W.connect(W.ac, {"api_key": GOOD}, "between")
        second = self.b.get("/dash/connections" + older).text
        self.assertEqual(self.names(second), want[50:100])
        newer = re.search(r'href="(\?[^"]*newer=[^"]+)"', second)[1].replace("&amp;", "&")
        self.assertEqual(self.names(self.b.get("/dash/connections" + newer).text), want[:50])
        self.assertEqual(self.b.get("/dash/connections?older=nonsense").status, 400)

    def test_filters_find_exactly_and_say_when_there_is_nothing(self):  # DASH-5
        W.connect(W.ac, {"api_key": GOOD}, "a&b=\"<i>")
        found = self.b.get("/dash/connections?" + urllib.parse.urlencode({"entity": "a&b=\"<i>", "app": "VEND", "status": "ACTIVE"})).text
        self.assertEqual(self.names(found), ["a&amp;b=&quot;&lt;i&gt;"])
        for query in ("entity=nobody", "app=nosuch", "status=REVOKED", "status=%27"):
            self.assertIn("No connection is like that", self.b.get("/dash/connections?" + query).text, query)

    def test_another_projects_connections_are_not_there(self):  # DASH-5 T7
        ca = W.connect(W.ac, {"api_key": GOOD}, "ours_alone")
        W.server.make_key("elsewhere")
        other = sign_in(W, project="elsewhere")
        self.assertNotIn("ours_alone", other.get("/dash/connections").text)
        for path in ("", "/delete"):
            self.assertEqual(other.get(f"/dash/connections/{ca}{path}").status, 404)
        self.assertEqual(other.get("/dash/states?ids=" + ca).json(), {})

    def test_the_file_is_csv_and_no_formula(self):  # DASH-6
        W.connect(W.ac, {"api_key": GOOD}, '=1+1,"x"')
        reply = self.b.get("/dash/connections.csv?" + urllib.parse.urlencode({"entity": '=1+1,"x"'}))
        rows = list(csv.DictReader(io.StringIO(reply.text)))
        self.assertEqual([(r["entity"], r["app"], r["status"]) for r in rows], [("'=1+1,\"x\"", "vend", "ACTIVE")])

    def test_the_search_leads_to_what_the_words_mean(self):  # DASH-7
        ca = W.connect(W.ac, {"api_key": GOOD}, "sought")
        rows = [(ca, f"/dash/connections/{ca}"), (W.ac, f"/dash/integrations/{W.ac}"), ("Vend", "/dash/apps/vend"),
                ("rq_" + "0" * 30, "/dash/calls?request=rq_" + "0" * 30), ("a b/c", "/dash/connections?entity=a%20b%2Fc"), ("", "/dash/connections")]  # fmt: skip
        for words, where in rows:
            self.assertEqual(self.b.get("/dash/find?" + urllib.parse.urlencode({"q": words})).headers["location"], where)

    def test_one_connection_is_shown_without_its_secret(self):  # DASH-8
        ca = W.connect(W.ac, {"api_key": GOOD}, "shown")
        text = self.b.get("/dash/connections/" + ca).text
        self.assertNotIn(GOOD, text)
        for words in ("vk_g********", "Active, verified", "Ada", "eu"):
            self.assertIn(words, text)

    def test_it_is_checked_disabled_enabled_and_given_another_key(self):  # DASH-9
        ca = W.connect(W.ac, {"api_key": GOOD}, "handled")
        path = "/dash/connections/" + ca
        self.b.get(path)
        checks = len(W.up.seen)
        self.assertRegex(self.b.post(path + "/check").headers["location"], f"^{path}\\?done=\\d$")
        self.assertEqual(len(W.up.seen), checks + 1)
        self.b.post(path + "/disable")
        self.assertIn("Disabled", self.b.get(path).text)
        self.assertEqual(self.b.get("/dash/states?ids=" + ca).json()[ca]["word"], "Disabled")
        self.b.post(path + "/enable")
        self.assertTrue(W.get("/ks/connections/" + ca).json()["enabled"])
        made = self.b.post(path + "/replace")
        link = re.search(r"<code>(http[^<]+/connect/lk_[0-9a-z]{40})</code>", made.text)[1]
        self.assertEqual((made.status, W.get(urllib.parse.urlsplit(link).path, key=None).status), (200, 200))
        self.assertNotIn(link[-40:], self.b.get("/dash/links").text, "the address is shown once")

    def test_deletion_tells_its_effect_and_asks_for_the_name_of_what_is_in_use(self):  # DASH-10
        ca = W.connect(W.ac, {"api_key": GOOD}, "in use")
        path = f"/dash/connections/{ca}/delete"
        self.assertIn("It was never used.", self.b.get(path).text)
        self.assertEqual(W.get(f"/ks/call/{ca}/things").status, 200)
        until("the use is written down", lambda: "Uses in all: 1." in self.b.get(path).text)
        for name in ("", "another"):
            self.assertEqual(self.b.post(path, name=name).status, 400)
        self.assertEqual(W.get("/ks/connections/" + ca).status, 200)
        self.assertEqual(self.b.post(path, name="in use").status, 303)
        self.assertEqual(W.get("/ks/connections/" + ca).status, 404)


class Links(unittest.TestCase):
    def test_a_link_is_made_shown_once_listed_and_revoked(self):  # DASH-11
        b = sign_in(W)
        self.assertIn(W.ac, b.get("/dash/links/new").text)
        wish = {"integration": W.ac, "entity": "linked", "life": "5", "return_url": "https://app.example/back", "origins": "https://app.example  https://b.example", "language": "de"}
        made = b.post("/dash/links/new", **wish)
        self.assertEqual(made.status, 200, made)
        kept = next(x for x in W.get("/ks/links?limit=100").json()["items"] if x["entity_id"] == "linked")
        self.assertEqual((kept["allowed_origins"], kept["language"], kept["return_url"]), (["https://app.example", "https://b.example"], "de", "https://app.example/back"))
        self.assertIn("linked", b.get("/dash/links").text)
        self.assertEqual(b.post(f"/dash/links/{kept['id']}/revoke").status, 303)
        self.assertIn("revoked", b.get("/dash/links").text)

    def test_a_wrong_wish_is_refused_and_nothing_is_made(self):  # DASH-11
        b = sign_in(W)
        b.get("/dash/links/new")
        before = W.get("/ks/links").json()["total"]
        for field, value in (("life", "0"), ("life", "soon"), ("origins", "evil"), ("return_url", "javascript:1"), ("integration", "ac_none"), ("language", "tlh")):
            reply = b.post("/dash/links/new", **{"integration": W.ac, "entity": "x", field: value})
            self.assertIn(reply.status, (400, 404), (field, value))
            self.assertNotIn("javascript:1", reply.text)
        self.assertEqual(W.get("/ks/links").json()["total"], before)
