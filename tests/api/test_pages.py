"""The connect page beyond its plain form: languages, answers for its script, another key, frames, pastes, themes."""

import base64
import json
import re
import unittest
import urllib.parse

from test_links import GOOD, Links, W, csrf_of, fill, page, send, setUpModule, tearDownModule  # noqa: F401


def check_error(test, reply, status, says=""):
    """The native shape: a message of words, and nothing of what was sent."""
    test.assertEqual(reply.status, status, reply)
    test.assertIn(says, reply.json()["error"]["message"])


PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64
NATIVE = {"Accept": "application/json"}


class Languages(Links):
    def test_the_persons_choice_the_link_and_the_browser_decide(self):  # LNK-6
        path, _ = self.link()
        rows = [("", None, "en"), ("", "de-CH,en;q=0.5", "de"), ("?lang=ar", "de", "ar"), ("?lang=%3Cx", "fr", "fr"), ("", "tlh", "en")]
        for query, header, lang in rows:
            text = page(path + query, **({"Accept-Language": header} if header else {})).text
            self.assertIn(f'<html lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}">', text)
        path, made = self.link(language="zh-CN")
        self.assertEqual(made["language"], "zh-Hans")
        self.assertIn("将 <bdi>Vend</bdi> 连接到 <bdi>one</bdi>", page(path, **{"Accept-Language": "de"}).text)

    def test_what_was_chosen_is_kept_until_the_end(self):  # LNK-6
        path, _ = self.link()
        reply = send(path + "?lang=fr", {"csrf": csrf_of(page(path)), "f.api_key": "vk_wrong_1"})
        self.assertIn("n’a pas accepté cette clé", reply.text)
        reply = send(path + "?lang=fr", {"csrf": csrf_of(page(path)), "f.api_key": GOOD})
        self.assertTrue(reply.headers["location"].endswith("&lang=fr"), reply)
        self.assertIn("a accepté la clé pour <bdi>Ada</bdi>", page("/connect/" + reply.headers["location"]).text)

    def test_the_dead_page_speaks_too_and_is_still_one(self):  # LNK-6 K4
        self.assertIn("Dieser Link gilt nicht mehr", page("/connect/lk_x?lang=de").text)

    def test_a_language_that_is_not_spoken_is_refused(self):  # LNK-6
        check = W.post("/ks/links", {"integration_id": W.ac, "language": "tlh"})
        check_error(self, check, 400)


class Hints(Links):
    def hint(self, app, field, lang, scheme="API_KEY"):
        path, _ = self.link(integration_id=W.integration(app, scheme))
        return re.search(rf'<p class="hint" id="h-{field}">(.*?)</p>', page(f"{path}?lang={lang}").text, re.S).group(1)

    def test_hints_are_told_in_the_persons_language(self):  # LNK-12
        key = self.hint("openai", "api_key", "de")
        self.assertEqual(key, 'Beginnt mit <code dir="ltr">sk-</code>. <bdi lang="en">OpenAI</bdi> zeigt den Wert nur einmal, beim Erstellen.<br>'
                              'Beispiel: <code dir="ltr">sk-proj-xxxxxxxx</code>')  # fmt: skip
        self.assertIn('以 <code dir="ltr">sk-</code> 开头。', self.hint("openai", "api_key", "zh-CN"))
        self.assertIn("Begins with sk-. OpenAI shows it once", self.hint("openai", "api_key", "en"))

    def test_what_is_not_translated_follows_in_english_and_says_so(self):  # LNK-12
        key = self.hint("stripe", "api_key", "ar")
        self.assertTrue(key.startswith('يبدأ بـ <code dir="ltr">sk_</code> أو <code dir="ltr">rk_</code>.<br><span lang="en" dir="ltr">Test keys'), key)


class Scripted(Links):
    def post(self, path, **fields):
        return send(path, {"csrf": csrf_of(page(path)), **fields}, NATIVE)

    def test_a_refusal_is_told_in_words_and_without_the_value(self):  # LNK-7 S5
        path, _ = self.link()
        reply = self.post(path, **{"f.api_key": "vk_wrong_1"})
        told = reply.json()
        self.assertEqual((reply.status, told["code"], told["title"]), (400, "credential_rejected", "Vend did not accept this key"))
        self.assertEqual([f["name"] for f in told["fields"]], ["api_key"])
        self.assertNotIn("vk_wrong", reply.text)
        self.assertEqual(self.post(path).json()["fields"][0]["text"], "Enter the Vend key.")

    def test_success_says_where_to_go(self):  # LNK-7
        path, _ = self.link(return_url="https://app.example.com/x?y=1")
        told = self.post(path, **{"f.api_key": GOOD}).json()
        self.assertTrue(told["go"].startswith("https://app.example.com/x?y=1&status=success&connected_account_id=ca_"), told)
        self.assertIn("<h1>Connected</h1>", page("/connect/" + told["done"]).text)

    def test_a_page_elsewhere_learns_nothing_by_asking_for_json(self):  # LNK-7 H4
        path, made = self.link()
        form = {"csrf": csrf_of(page(path)), "f.api_key": GOOD}
        reply = send(path, form, {**NATIVE, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"})
        self.assertEqual((reply.status, reply.json()["code"]), (403, "form_stale"))
        self.assertNotIn("access-control-allow-origin", reply.headers)
        self.assertEqual(self.account(made["connection_id"])["status"], "INITIATED")


class Again(Links):
    def again(self, text):
        return urllib.parse.urljoin("/connect/", re.search(r'href="\.\.(/connect/lk_[0-9a-z]{40})"', text).group(1))

    def test_another_key_for_the_same_connection_by_a_fresh_link(self):  # LNK-8
        path, made = self.link(entity_id="again", language="de", return_url="https://app.example.com/b")
        where = "/connect/" + fill(path, key="vk_limited_1").headers["location"]
        text = page(where).text
        self.assertEqual(self.again(text), self.again(page(where).text))  # the same link each time it is shown
        fresh = self.again(text)
        self.assertIn('lang="de"', page(fresh).text)
        reply = fill(fresh)
        self.assertTrue(reply.headers["location"].startswith("https://app.example.com/b?"), reply)
        got = W.good("GET", "/ks/connections/" + made["connection_id"])
        self.assertEqual((got["verdict"], got["version"]), ("verified", 3))
        self.dead(page(fresh))

    def test_a_chain_of_further_links_comes_to_an_end(self):  # LNK-8
        path, made = self.link(entity_id="chain")
        for n in range(5):
            where = "/connect/" + fill(path, key=f"vk_limited_{n}").headers["location"]
            if n < 4:
                path = self.again(page(where).text)
        text = page(where).text
        self.assertIn("limited", W.good("GET", "/ks/connections/" + made["connection_id"])["verdict"])
        self.assertNotIn("/connect/lk_", text)
        links = [x for x in W.good("GET", "/ks/links?limit=100")["items"] if x["connection_id"] == made["connection_id"]]
        self.assertEqual([x["state"] for x in links], ["used"] * 5)

    def test_a_verified_key_and_a_foreign_receipt_open_no_further_link(self):  # LNK-8 K4
        path, _ = self.link()
        where = "/connect/" + fill(path).headers["location"]
        self.assertNotIn("/connect/lk_", page(where).text)
        path, _ = self.link()
        where = "/connect/" + fill(path, key="vk_limited_2").headers["location"]
        forged = where[:-1] + ("0" if where[-1] != "0" else "1")
        self.dead(page(forged))


class Frames(Links):
    def test_only_the_origins_named_may_frame_it(self):  # LNK-9 H4
        path, made = self.link(allowed_origins=["https://App.Example.com:443/", "http://localhost:3000"])
        self.assertEqual(made["allowed_origins"], ["https://app.example.com", "http://localhost:3000"])
        reply = page(path)
        self.assertTrue(reply.headers["content-security-policy"].endswith("frame-ancestors https://app.example.com http://localhost:3000"))
        self.assertNotIn("x-frame-options", reply.headers)
        done = page("/connect/" + fill(path).headers["location"])
        self.assertIn("frame-ancestors https://app.example.com", done.headers["content-security-policy"])
        self.assertIn(f'data-connection="{made["connection_id"]}" data-verdict="verified"', done.text)

    def test_what_is_no_origin_is_refused_and_nothing_stored(self):  # LNK-9
        before = W.good("GET", "/ks/links?limit=1")["total"]
        rows = [["*"], ["https://*.example.com"], ["https://a.example/path"], ["https://a.example?x"], ["javascript:x"], ["https://u@a.example"],
                ["null"], [""], [7], "https://a.example", ["https://a.example; script-src *"], ["https://a.example/ 'unsafe-inline'"],
                [f"https://a{i}.example" for i in range(9)]]  # fmt: skip
        for origins in rows:
            with self.subTest(str(origins)[:60]):
                check_error(self, W.post("/ks/links", {"integration_id": W.ac, "allowed_origins": origins}), 400)
        self.assertEqual(W.good("GET", "/ks/links?limit=1")["total"], before)

    def test_the_element_may_be_loaded_by_other_sites_and_nothing_else_may(self):  # LNK-9
        reply = W.get("/element.js", key=None)
        self.assertEqual((reply.status, reply.headers["cross-origin-resource-policy"]), (200, "cross-origin"))
        script = re.search(r'src="\.\.(/a/connect[^"]+)"', page(self.link()[0]).text).group(1)
        self.assertEqual(W.get(script, key=None).headers["cross-origin-resource-policy"], "same-origin")
        small = W.get("/element.js", key=None, headers={"Accept-Encoding": "gzip"})
        self.assertEqual(small.headers["content-encoding"], "gzip")
        self.assertLess(int(small.headers["content-length"]), 4096)


class Pastes(Links):
    def test_what_came_along_with_the_key_is_taken_off_without_scripts_too(self):  # LNK-10 T1
        for pasted in ('"vk_good_1"', "Authorization: Bearer vk_good_1", "VEND_KEY=vk_good_123\n", "vk_\u200bgood_1", "vk_good\r\n_1"):
            path, made = self.link()
            self.assertEqual(fill(path, key=pasted).status, 303, pasted)
            W.good("POST", f"/ks/connections/{made['connection_id']}/verify")
            self.assertRegex(W.last_seen()[2]["x-vend-key"], r"^vk_good_1(23)?$")

    def test_line_breaks_that_are_not_explained_are_refused(self):  # LNK-10 T1
        path, _ = self.link()
        self.assertIn("contains a line break", fill(path, key="vk_good\nX!").text)


class Kinds(Links):
    """Flutterwave has no check, New Relic one that may not refuse, Stripe one that may."""

    PUBLISHABLE = "FLWPUBK-" + "0123456789abcdef" * 2 + "-X"

    def ask(self, app="flutterwave", **wish):
        return self.link(integration_id=W.integration(app), **wish)

    def test_a_key_of_another_kind_comes_back_once_before_anything_is_stored(self):  # LNK-11 S4
        path, made = self.ask()
        reply = fill(path, key=f'"{self.PUBLISHABLE}"')
        self.assertEqual(reply.status, 400, reply)
        self.assertIn("<h2>Is this the right key?</h2>", reply.text)
        self.assertIn("This looks like a publishable key. The secret key is needed; it begins with FLWSECK", reply.text)
        self.assertNotIn(self.PUBLISHABLE, reply.text)
        self.assertEqual((self.account(made["connection_id"])["status"], self.state(made)), ("INITIATED", "open"))
        self.assertRegex(reply.text, r'<button type="submit" class="plain" name="anyway" value="1">Use it anyway</button>')
        reply = send(path, {"csrf": csrf_of(reply), "f.api_key": self.PUBLISHABLE, "anyway": "1"})
        self.assertEqual(reply.status, 303, reply)
        self.assertEqual(self.account(made["connection_id"])["status"], "ACTIVE")

    def test_the_way_on_is_kept_when_something_else_is_wrong(self):  # LNK-11
        path, _ = self.ask()
        reply = send(path, {"csrf": csrf_of(page(path)), "f.api_key": "", "anyway": "1"})
        self.assertIn('<input type="hidden" name="anyway" value="1">', reply.text)
        self.assertNotIn('name="anyway"', page(path).text)

    def test_scripts_are_given_the_word_for_the_button(self):  # LNK-11 LNK-7
        path, _ = self.ask("new_relic", language="de")
        told = send(path, {"csrf": csrf_of(page(path)), "f.api_key": "NRII-" + "a1" * 16}, NATIVE).json()
        self.assertEqual((told["code"], told["anyway"], told["fields"][0]["name"]), ("key_kind", "Trotzdem verwenden", "api_key"))
        self.assertTrue(told["text"][2].startswith("Das sieht nach einem Schlüssel für einen anderen Zweck aus: "), told)
        path, _ = self.link()
        self.assertIsNone(send(path, {"csrf": csrf_of(page(path))}, NATIVE).json()["anyway"])

    def test_keys_that_will_do_and_those_a_check_can_refuse_are_no_case_for_it(self):  # LNK-11
        for app, key in (("flutterwave", "FLWSECK-" + "a1" * 16 + "-X"), ("flutterwave", "FLWPUBK-cut"), ("stripe", "pk_live_0123456789abcdef")):
            path, _ = self.ask(app)
            self.assertNotIn("Is this the right key?", fill(path, key=key).text, key)
        path, _ = self.link(integration_id=W.integration("bitbucket", "BEARER_TOKEN"))  # asks for what elsewhere is a key of less
        self.assertEqual(send(path, {"csrf": csrf_of(page(path)), "f.token": "ATCTT3" + "a" * 60}).status, 303)


class Themes(Links):
    def put(self, theme, status=200):
        reply = W.call("PUT", "/ks/theme", theme)
        self.assertEqual(reply.status, status, reply)
        return reply.json()

    def tearDown(self):
        W.good("DELETE", "/ks/theme")

    def test_a_theme_is_a_sheet_of_its_own_and_the_page_links_it(self):  # THM-1
        made = self.put({"light": {"accent": "#006b5f"}, "dark": {"accent": "#5fd9c8"}, "radius": "2px", "font": "Inter, sans-serif", "language": "pl",
                         "logo": base64.b64encode(PNG).decode()})  # fmt: skip
        text = page(self.link()[0]).text
        self.assertIn(f'href="../a/{made["stylesheet"]}"', text)
        self.assertIn('<html lang="pl"', text)
        css = page("/a/" + made["stylesheet"])
        self.assertEqual((css.headers["content-type"], "immutable" in css.headers["cache-control"]), ("text/css; charset=utf-8", True))
        self.assertIn("--ks-accent:#006b5f;", css.text)
        logo = page("/a/" + made["logo"])
        self.assertEqual((logo.body, logo.headers["content-type"]), (PNG, "image/png"))
        self.assertEqual(W.good("GET", "/ks/theme")["theme"]["light"], {"accent": "#006b5f"})
        W.good("DELETE", "/ks/theme")
        self.assertEqual(page("/a/" + made["stylesheet"]).status, 404)
        self.assertNotIn("../a/t.", page(self.link()[0]).text)

    def test_what_cannot_be_read_is_refused_with_the_ratio(self):  # THM-2
        reply = W.call("PUT", "/ks/theme", {"light": {"accent-text": "#3070c0"}})
        check_error(self, reply, 400, ":1 and needs 4.5:1")
        self.assertIsNone(W.good("GET", "/ks/theme")["theme"])

    def test_hostile_values_and_pictures_store_nothing(self):  # THM-1
        rows = [{"light": {"accent": "#000;}</style><script>"}}, {"font": "x;} @import url(//evil.example)"}, {"radius": "expression(1)"},
                {"logo": base64.b64encode(b"<svg onload=alert(1)>").decode()}, {"logo": base64.b64encode(PNG + b"\0" * 65536).decode()}, {"logo": 7},
                {"background": "#fff"}, {"light": "dark"}]  # fmt: skip
        for theme in rows:
            with self.subTest(str(theme)[:60]):
                check_error(self, W.call("PUT", "/ks/theme", theme), 400)
        self.assertIsNone(W.good("GET", "/ks/theme")["theme"])

    def test_a_theme_is_the_projects_own(self):  # THM-1 T7
        made = self.put({"light": {"accent": "#006b5f"}})
        other = W.server.make_key("links_three")
        self.assertIsNone(W.get("/ks/theme", key=other).json()["theme"])
        same = W.call("PUT", "/ks/theme", {"light": {"accent": "#006b5f"}}, key=other).json()
        self.assertNotEqual(same["stylesheet"], made["stylesheet"])
        W.call("DELETE", "/ks/theme", key=other)

    def test_the_command_line_sets_shows_and_resets(self):  # THM-1
        env = {"KEYSTEWARD_URL": f"http://127.0.0.1:{W.server.port}", "KEYSTEWARD_API_KEY": W.key}
        theme = json.dumps({"light": {"accent": "#006b5f"}, "radius": "3px"})
        self.assertIn("#006b5f", W.server.cli("theme", "set", "-", env=env, stdin=theme).stdout)
        self.assertIn("3px", W.server.cli("theme", "show", env=env).stdout)
        bad = W.server.cli("theme", "set", "-", env=env, stdin='{"light":{"muted":"#ccc"}}', check=False)
        self.assertIn("4.5:1", bad.stderr)
        self.assertEqual(W.server.cli("theme", "reset", env=env).stdout, "the built-in look\n")


if __name__ == "__main__":
    unittest.main()
