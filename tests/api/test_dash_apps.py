"""The dashboard's pages of integrations and apps (docs/dashboard.md DASH-40 to DASH-49)."""

import re
import unittest

from dash import sign_in, text_of, value_of
from server import until
from world import World

W = World(apps={"clubs": """
app: clubs
name: Clubs
about: An app whose developer has a secret of its own.
categories: [testing]
home: https://clubs.example
docs: https://clubs.example/docs
schemes:
  - scheme: API_KEY
    fields:
      - name: partner_key
        label: Partner key
        help: From the partner page.
        secret: true
        developer: true
      - name: tier
        label: Tier
        help: Which one was booked.
        kind: choice
        values: [small, large]
        developer: true
        required: false
      - name: api_key
        label: Member key
        help: From the account page.
        secret: true
    base: https://api.clubs.example
    send:
      headers: {X-Partner: "{{partner_key}}", X-Tier: "{{tier}}", X-Key: "{{api_key}}"}
    check: none
    find:
      url: https://clubs.example/keys
      steps: [Open the link and sign in., Copy the key.]
"""})
SECRET = "pk_canary_5e1f0a9b7c"
GOOD = "vk_good_0123456789abcdef"


def setUpModule():
    W.start()
    W.dash = sign_in(W)


def tearDownModule():
    W.stop()


def native(id_):
    return W.good("GET", "/ks/integrations/" + id_)


class Pages(unittest.TestCase):
    def setUp(self):
        self.d = W.dash

    def ok(self, path, *says):
        page = self.d.get(path)
        self.assertEqual(page.status, 200, (path, page))
        for one in says:
            self.assertIn(one, text_of(page), path)
        return page

    def done(self, reply, path):
        """The answer to a form that did something; the page it leads to."""
        self.assertEqual(reply.status, 303, reply)
        self.assertRegex(reply.headers["location"], "^" + re.escape(path) + r"\?done=\d+$")
        return self.ok(reply.headers["location"])

    def refused(self, reply, field, says):
        """A form that came back: 400, the reason at its top and at the field."""
        self.assertEqual(reply.status, 400, reply)
        self.assertIn('role="alert"', reply.text)
        self.assertRegex(reply.text, rf'name="{re.escape(field)}"[^>]* aria-invalid="true"')
        self.assertIn(says, text_of(reply))
        return reply


class Integrations(Pages):
    def settings(self, id_, **changed):
        self.d.get("/dash/integrations/" + id_)
        form = {"verify": "default", "ambiguous": "default", "allowed_actions": "", "allowed_requests": "", **changed}
        return self.d.post(f"/dash/integrations/{id_}/settings", **form)

    def test_the_list_is_filtered_and_paged_both_ways(self):  # DASH-40
        made = [W.integration(name=f"paged {i:02}") for i in range(101)]
        seen, query = [], "q=paged"
        for _ in range(3):
            page = self.ok("/dash/integrations?" + query)
            seen.append(re.findall(r"/dash/integrations/(ac_\w+)\"><bdi>", page.text))
            older = re.search(r'href="\?([^"]*older=[^"]*)">Older', page.text)
            query = older[1].replace("&amp;", "&") if older else None
        self.assertIsNone(query)
        self.assertEqual([len(p) for p in seen], [50, 50, 1])
        self.assertEqual([i for p in seen for i in p], made[::-1])
        newer = re.search(r'href="\?([^"]*newer=[^"]*)">Newer', page.text)[1].replace("&amp;", "&")
        page = self.ok("/dash/integrations?" + newer)
        self.assertEqual(re.findall(r"/dash/integrations/(ac_\w+)\"><bdi>", page.text), seen[1])
        newer = re.search(r'href="\?([^"]*newer=[^"]*)">Newer', page.text)[1].replace("&amp;", "&")
        page = self.ok("/dash/integrations?" + newer)
        self.assertEqual(re.findall(r"/dash/integrations/(ac_\w+)\"><bdi>", page.text), seen[0])
        self.assertNotIn(">Newer<", page.text)
        self.ok("/dash/integrations?app=demo&q=paged", "No integration is like that")
        self.ok("/dash/integrations?q=" + made[7], "paged 07")
        self.assertEqual(self.d.get("/dash/integrations?older=nonsense").status, 400)

    def test_a_project_without_any_is_told_the_command(self):  # DASH-40
        W.server.make_key("empty")
        other = sign_in(W, project="empty")
        self.assertIn("keysteward integration create demo", text_of(other.get("/dash/integrations")))

    def test_one_shows_its_settings_and_connections(self):  # DASH-41
        id_ = W.integration(name="shown <b>")
        W.connect(id_)
        page = self.ok("/dash/integrations/" + id_, "shown <b>", "Vend", "API_KEY", "Enabled", "each connection", id_)
        self.assertNotIn("<b>", page.text)
        for link in ("/dash/connections?integration=" + id_, "/dash/links/new?integration=" + id_, "/dash/apps/vend"):
            self.assertIn(f'href="{link}"', page.text)
        row = re.search(rf"{id_}\"><bdi>.*?</tr>", self.ok("/dash/integrations?q=shown").text)[0]
        self.assertIn('class="num"><a href="/dash/connections?integration=%s">1</a>' % id_, row)
        self.assertEqual(self.d.get("/dash/integrations/ac_" + "0" * 30).status, 404)

    def test_settings_are_those_of_the_apis(self):  # DASH-42
        id_ = W.integration()
        page = self.done(
            self.settings(id_, verify="off", ambiguous="refuse", allowed_actions="vend_get_thing\r\n\r\n VEND_LIST_THINGS ",
                          allowed_requests="GET /things/*\r\nPOST /things"), "/dash/integrations/" + id_)  # fmt: skip
        now = native(id_)
        self.assertEqual(now["ambiguous"], "refuse")
        self.assertEqual(now["allowed_actions"], ["VEND_GET_THING", "VEND_LIST_THINGS"])
        self.assertEqual(now["allowed_requests"], ["GET /things/*", "POST /things"])
        self.assertEqual(value_of(page, "allowed_actions"), "VEND_GET_THING\nVEND_LIST_THINGS")
        self.assertEqual(value_of(page, "allowed_requests"), "GET /things/*\nPOST /things")
        self.assertEqual((value_of(page, "verify"), value_of(page, "ambiguous")), ("off", "refuse"))
        asked = len(W.up.seen)
        reply = W.try_connect(id_, {"api_key": "vk_wrong_one"})  # nobody is asked: checks are off
        self.assertEqual((reply.json()["connectionStatus"], len(W.up.seen)), ("ACTIVE", asked))
        page = self.done(self.settings(id_, allowed_requests="none"), "/dash/integrations/" + id_)
        self.assertEqual((native(id_)["allowed_actions"], native(id_)["allowed_requests"]), (None, []))
        self.assertEqual(value_of(page, "allowed_requests"), "none")
        self.done(self.settings(id_), "/dash/integrations/" + id_)
        self.assertIsNone(native(id_)["allowed_requests"])
        self.assertNotEqual(W.try_connect(id_, {"api_key": "vk_wrong_two"}).status, 200)

    def test_a_refused_form_comes_back_as_it_was_filled_in(self):  # DASH-42
        id_ = W.integration()
        before = native(id_)
        typed = {"verify": "required", "ambiguous": "newest", "allowed_actions": "VEND_GET_THING", "allowed_requests": "GET /ok\r\nFETCH <things>"}
        page = self.refused(self.settings(id_, **typed), "allowed_requests", "allowed_requests: entry 2 must be a method")
        self.assertEqual({name: value_of(page, name).replace("\n", "\r\n") for name in typed}, typed)
        self.refused(self.settings(id_, allowed_actions="VEND_GET_THING\nDEMO_ECHO"), "allowed_actions", "entry 2 is no action of this app")
        self.refused(self.settings(id_, verify="often"), "verify", "verify is default, on, off or required")
        self.refused(self.settings(id_, ambiguous="any"), "ambiguous", "ambiguous must be default, newest or refuse")
        self.refused(self.settings(id_, allowed_requests="\n".join(f"GET /{i}" for i in range(129))), "allowed_requests", "at most 128")
        self.assertEqual(native(id_), before)

    def test_the_budget_is_set_and_what_is_used_is_shown(self):  # DASH-42
        id_ = W.integration()
        ca, path = W.connect(id_), f"/ks/integrations/{id_}/budget"
        self.d.get("/dash/integrations/" + id_)
        page = self.done(self.d.post(f"/dash/integrations/{id_}/budget", calls__day="5000", calls__hour="", each_connection__minute="60"),
                         "/dash/integrations/" + id_)  # fmt: skip
        self.assertEqual((W.good("GET", path)["calls"], W.good("GET", path)["each_connection"]), ({"day": 5000}, {"minute": 60}))
        self.assertEqual((value_of(page, "calls.day"), value_of(page, "calls.hour")), ("5000", ""))
        self.assertEqual(W.proxy(ca, "/things").status, 200)
        self.assertIn('<th scope="row">Day</th><td class="num">1</td>', self.ok("/dash/integrations/" + id_).text)
        for bad in ("-1", "1000000001", "many", "1.5"):
            page = self.refused(self.d.post(f"/dash/integrations/{id_}/budget", calls__day="7", each_connection__hour=bad),
                                "each_connection.hour", "from 0 (no limit) to 1000000000")  # fmt: skip
            self.assertEqual((value_of(page, "calls.day"), value_of(page, "each_connection.hour")), ("7", bad))
        self.assertEqual(W.good("GET", path)["calls"], {"day": 5000})

    def test_disabling_and_enabling(self):  # DASH-42
        id_ = W.integration()
        page = self.d.get("/dash/integrations/" + id_)
        for verb, on in (("disable", False), ("enable", True)):
            page = self.done(self.d.post(f"/dash/integrations/{id_}/{verb}"), "/dash/integrations/" + id_)
            self.assertEqual(native(id_)["enabled"], on)
            self.assertIn("Enabled" if on else "Disabled", text_of(page))
        actions = [r["action"] for r in W.good("GET", "/ks/audit?object=" + id_)["items"]]
        self.assertEqual(actions.count("integration.update"), 2, actions)

    def test_deleting_tells_its_effect_and_asks_for_the_name(self):  # DASH-43
        id_ = W.integration(name="Goes away")
        ca = W.connect(id_)
        self.assertEqual(W.proxy(ca, "/things").status, 200)
        until("the use is written", lambda: "Last used: never" not in text_of(self.d.get(f"/dash/integrations/{id_}/delete")))
        self.ok(f"/dash/integrations/{id_}/delete", "Its connections (1) go with it", "Type the name, Goes away")
        reply = self.d.post(f"/dash/integrations/{id_}/delete", name="goes")
        self.assertEqual(reply.status, 400, reply)
        self.assertEqual(W.account(ca)["status"], "ACTIVE")
        self.done(self.d.post(f"/dash/integrations/{id_}/delete", name=" Goes away "), "/dash/integrations")
        self.assertEqual((W.get("/ks/integrations/" + id_).status, W.get("/v1/connectedAccounts/" + ca).status), (404, 404))
        unused = W.integration(name="Unused")
        self.assertNotIn("Type the name", self.ok(f"/dash/integrations/{unused}/delete", "No connection uses it").text)
        self.done(self.d.post(f"/dash/integrations/{unused}/delete"), "/dash/integrations")

    def test_forms_are_taken_from_pages_of_the_session_alone(self):  # DASH-4
        id_ = W.integration()
        before = native(id_)
        for path in (f"/dash/integrations/{id_}/{v}" for v in ("disable", "settings", "budget", "delete")):
            for csrf in ("", "0" * 32):
                self.assertEqual(self.d.post(path, csrf=csrf, verify="off", name="tests").status, 403, path)
        self.assertEqual(self.d.post("/dash/apps/vend/integration", csrf="0" * 32).status, 403)
        self.assertEqual(native(id_), before)

    def test_a_session_without_the_right_sees_no_forms_and_changes_nothing(self):  # DASH-48
        id_ = W.integration()
        before, reader = native(id_), sign_in(W, "read")
        page = reader.get("/dash/integrations/" + id_)
        self.assertEqual(page.status, 200)
        self.assertEqual(page.text.count("<td>any number</td>"), 6)
        for text in ("New link", "Save", "Delete", "Disable"):
            self.assertNotIn(text, text_of(page))
        self.assertNotIn("New integration", text_of(reader.get("/dash/apps/vend")))
        for path in (f"/dash/integrations/{id_}/disable", f"/dash/integrations/{id_}/settings", f"/dash/integrations/{id_}/budget",
                     f"/dash/integrations/{id_}/delete", "/dash/apps/vend/integration"):  # fmt: skip
            self.assertEqual(reader.post(path, name="tests").status, 403, path)
        self.assertEqual(reader.get("/dash/apps/vend/integration").status, 403)
        self.assertEqual(native(id_), before)


class Apps(Pages):
    def test_apps_are_searched_by_words_and_category(self):  # DASH-44
        page = self.ok("/dash/apps", "1 to 50 of", "Next")
        second = self.ok("/dash/apps?page=2", "51 to 100 of", "Previous")
        keys = [re.findall(r'"/dash/apps/([a-z0-9_]+)"', p.text) for p in (page, second)]
        self.assertEqual([len(k) for k in keys], [50, 50])
        self.assertEqual(keys[0] + keys[1], W.good("GET", "/v1/apps/list/enums")[:100])
        found = self.ok("/dash/apps?q=VENDOR+tests&category=testing")
        self.assertEqual(re.findall(r'"/dash/apps/([a-z0-9_]+)"', found.text), ["vend"])
        called = re.findall(r'"/dash/apps/([a-z0-9_]+)"', self.ok("/dash/apps?q=mail", "Next").text)
        self.assertLess(called.index("gmail"), called.index("a_leads"), "an app that is called so comes first")
        in_category = [a["key"] for a in W.good("GET", "/v1/apps?category=testing")["items"]]
        page = self.ok("/dash/apps?category=testing")
        self.assertEqual(re.findall(r'"/dash/apps/([a-z0-9_]+)"', page.text), in_category[:50])
        self.ok("/dash/apps?q=nosuchthinganywhere", "keysteward app import FILE --add")
        for bad in ("0", "x", "99999999"):
            self.assertEqual(self.d.get("/dash/apps?page=" + bad).status, 400, bad)

    def test_own_apps_are_marked(self):  # DASH-44
        self.ok("/dash/apps?own=yes", "No app is like that")
        tide = "app: tide\nname: Tide\nabout: Water levels.\ncategories: [weather]\nhome: https://tide.example\ndocs: none\nbase: https://api.tide.example\n"
        self.assertEqual(W.post("/ks/apps", {"file": tide}).status, 201)
        page = self.ok("/dash/apps?own=yes", "Own, version 1")
        self.assertEqual(re.findall(r'"/dash/apps/([a-z0-9_]+)"', page.text), ["tide"])
        self.ok("/dash/apps/tide", "Own, version 1", "none needed")
        self.assertEqual(self.d.get("/dash/apps/tide/integration").status, 400)
        self.assertEqual(W.call("DELETE", "/ks/apps/tide").status, 200)
        self.assertEqual(self.d.get("/dash/apps/tide").status, 404)

    def test_one_tells_what_it_asks_for_and_where_it_goes(self):  # DASH-45
        page = self.ok("/dash/apps/clubs", "An app whose developer", "Partner key", "the integration", "the user", "Copy the key.", "api.clubs.example", "none: the first call")
        for url in ("https://clubs.example/keys", "https://clubs.example/docs"):
            self.assertIn(f'<a href="{url}" target="_blank" rel="noopener noreferrer">', page.text)
        self.ok("/dash/apps/vend", "GET {{base_url}}/me", "a key that is refused there is not taken", "Also called vendor_of_tests")
        self.assertEqual(self.d.get("/dash/apps/nosuchapp").status, 404)
        id_ = W.integration(app="clubs", integrationSecrets={"partner_key": SECRET})
        page = self.ok("/dash/apps/clubs")
        self.assertIn(f'href="/dash/integrations/{id_}"', page.text)
        self.assertIn(f'href="/dash/links/new?integration={id_}"', page.text)

    def test_its_actions_are_searched(self):  # DASH-46
        page = self.ok("/dash/apps/vend", "VEND_LIST_THINGS", "GET /things/{thing_id}", "read, important")
        page = self.ok("/dash/apps/vend?q=make+write", "1 to 1 of 1")
        self.assertEqual(re.findall(r"<code>(VEND_\w+)</code>", page.text), ["VEND_MAKE_THING"])
        self.ok("/dash/apps/vend?q=nosuchthing", "No action of this app is like that")

    def test_a_new_integration_is_made_and_its_secret_shown_by_no_page(self):  # DASH-47
        self.ok("/dash/apps/clubs/integration", "Partner key", "Values that all its connections share")
        form = {"scheme": "API_KEY", "name": "Our club", "f__partner_key": SECRET, "f__tier": "large", "f__api_key": ""}
        reply = self.d.post("/dash/apps/clubs/integration", **form)
        path = reply.headers["location"].split("?")[0]
        page = self.done(reply, path)
        self.assertIn("Our club", text_of(page))
        self.assertEqual(native(path.rsplit("/", 1)[1])["scheme"], "API_KEY")
        shown = [page, self.ok("/dash/integrations?q=club"), self.ok("/dash/apps/clubs")]
        bad = self.refused(self.d.post("/dash/apps/clubs/integration", **{**form, "f__tier": "huge"}), "f.tier", "Nothing was changed")
        self.assertEqual(value_of(bad, "name"), "Our club")
        for one in [*shown, bad]:
            self.assertNotIn(SECRET, one.text)
            self.assertNotIn(SECRET[8:], one.text)
        self.assertRegex(page.text, r"Partner key</th>.*?the integration</td><td><code[^>]*>pk_[^<]*\*{4}")
        self.assertIn("large", text_of(page))
        lacking = self.d.post("/dash/apps/clubs/integration", scheme="API_KEY", name="x")
        self.refused(lacking, "f.partner_key", "is required")
        self.assertNotIn(SECRET, W.server.log())

    def test_the_scheme_is_chosen(self):  # DASH-47
        page = self.ok("/dash/apps/vend/integration?scheme=basic", "User name")
        self.assertNotIn("Vend key", text_of(page))
        reply = self.d.post("/dash/apps/vend/integration", scheme="BASIC", f__base_url=f"http://127.0.0.1:{W.up.port}")
        id_ = reply.headers["location"].split("?")[0].rsplit("/", 1)[1]
        self.assertEqual((native(id_)["scheme"], native(id_)["name"]), ("BASIC", "vend"))
        self.assertEqual(self.d.get("/dash/apps/vend/integration?scheme=OAUTH2").status, 400)
        self.assertEqual(self.d.post("/dash/apps/vend/integration", scheme="OAUTH2").status, 400)

    def test_every_page_says_the_command(self):  # DASH-49
        id_ = W.integration()
        for path, command in (("/dash/integrations", "keysteward integration list"), (f"/dash/integrations/{id_}", f"keysteward integration show {id_}"),
                              (f"/dash/integrations/{id_}/delete", f"keysteward integration delete {id_}"), ("/dash/apps", "keysteward app list"),
                              ("/dash/apps/vend", "keysteward app show vend"), ("/dash/apps/vend/integration", "keysteward integration create vend")):  # fmt: skip
            self.ok(path, "Same in the terminal", command)


if __name__ == "__main__":
    unittest.main()
