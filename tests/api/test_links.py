"""Connect links: made by v3 and natively, opened and submitted as a browser does it, used once, and dead afterwards."""

import concurrent.futures
import json
import re
import unittest
import urllib.parse

from server import Server, until
from world import World, quoted

W = World()
GOOD = "vk_good_0123456789abcdef"
TYPE = "application/x-www-form-urlencoded"
OWN_SCRIPT = r'<script src="\.\./a/connect\.[0-9a-f]{12}\.js" integrity="sha256-[^"]+" defer>'
DEAD = "This link can no longer be used"


def setUpModule():
    W.start()
    W.ac = W.integration()


def tearDownModule():
    W.stop()


def page(path, **headers):
    return W.get(path, key=None, headers=headers)


def csrf_of(reply):
    return re.search(r'name="csrf" value="([0-9a-f]{32})"', reply.text).group(1)


def send(path, fields, headers=(), raw_type=TYPE):
    body = fields if isinstance(fields, bytes) else urllib.parse.urlencode(fields).encode()
    return W.call("POST", path, body, raw_type=raw_type, key=None, headers=headers)


def fill(path, key=GOOD, **more):
    """Open the page, type the key, submit."""
    return send(path, {"csrf": csrf_of(page(path)), "f.api_key": key, **more})


class Links(unittest.TestCase):
    def link(self, **wish):
        """(path of a new link, its object)"""
        wish = wish if "connection_id" in wish else {"integration_id": W.ac, "entity_id": "lena", **wish}
        reply = W.post("/ks/links", wish)
        self.assertEqual(reply.status, 201, reply)
        made = reply.json()
        return urllib.parse.urlsplit(made["url"]).path, made

    def v3(self, status=201, **wish):
        reply = W.post("/api/v3.1/connected_accounts/link", {"auth_config_id": W.ac, "user_id": "lena", **wish})
        self.assertEqual(reply.status, status, reply)
        return reply.json()

    def state(self, made):
        return next(i for i in W.good("GET", "/ks/links?limit=1000&page=1")["items"] if i["id"] == made["id"])["state"]

    def account(self, id_):
        return W.good("GET", "/api/v3.1/connected_accounts/" + id_)

    def dead(self, reply):
        self.assertEqual(reply.status, 404, reply)
        self.assertIn(DEAD, reply.text)
        self.assertNotIn("<form", reply.text)


class Making(Links):
    def test_v3_gives_token_address_end_and_an_account_that_waits(self):  # V3-13
        for prefix in ("/v3", "/v3.1", "/api/v3", "/api/v3.1"):
            reply = W.post(prefix + "/connected_accounts/link", {"auth_config_id": W.ac, "user_id": "lena"})
            self.assertEqual(reply.status, 201, reply)
            made = reply.json()
            self.assertEqual(set(made), {"link_token", "redirect_url", "expires_at", "connected_account_id"})
            self.assertRegex(made["link_token"], r"^lk_[0-9a-hjkmnp-tv-z]{40}$")
            self.assertTrue(made["redirect_url"].endswith("/connect/" + made["link_token"]))
            self.assertEqual(self.account(made["connected_account_id"])["status"], "INITIATED")

    def test_what_cannot_be_is_refused_by_name(self):  # LNK-1
        rows = [
            ({"auth_config_id": "ac_" + "0" * 30}, 404), ({"auth_config_id": ""}, 400), ({"user_id": "x" * 1025}, 400),
            ({"connection_data": {"api_key": GOOD}}, 400), ({"connection_data": {"region": "a.b"}}, 400),
            ({"alias": "x" * 200}, 400),
        ]  # fmt: skip
        rows += [({"callback_url": url}, 400) for url in (
            "javascript:alert(1)", "//evil.example", "https://u:p@evil.example/", "https://a.example/\r\nX: y", "/done",
            "https://a.example/#x", "data:text/html,x", "https://a.example/;script-src *", "https://a b/", "x" * 3000,
            "https://a.example;script-src/",
        ) if url != "https://a.example/;script-src *"]  # fmt: skip
        for wish, status in rows:
            with self.subTest(str(wish)[:80]):
                reply = self.v3(status, **wish)
                self.assertNotIn(GOOD, str(reply))
        for wish in ({"life_s": 86401}, {"life_s": -1}, {"connection_id": "ca_" + "0" * 30}, {"integration_id": ""},
                     {"connection_id": W.connect(), "data": {"region": "eu"}}):  # fmt: skip
            reply = W.post("/ks/links", {"integration_id": W.ac, **wish} if "connection_id" not in wish else wish)
            self.assertIn(reply.status, (400, 404), reply)

    def test_an_alias_is_unique_from_the_start(self):  # V3-7 V3-13
        first = self.v3(alias="mine", user_id="alias")
        self.assertEqual(self.account(first["connected_account_id"])["alias"], "mine")
        self.v3(400, alias="mine", user_id="alias")

    def test_lists_never_show_a_token_and_know_the_project(self):  # K4 T7
        path, made = self.link()
        text = W.get("/ks/links?limit=1000&page=1").text
        self.assertIn(made["id"], text)
        self.assertNotIn(path.rsplit("/", 1)[1], text)
        other = W.server.make_key("links_two")
        self.assertEqual(W.get("/ks/links", key=other).json(), {"items": [], "total": 0})
        self.assertEqual(W.call("DELETE", "/ks/links/" + made["id"], key=other).status, 404)
        self.assertEqual(W.post("/ks/links", {"integration_id": W.ac}, key=other).status, 404)
        self.assertEqual(self.state(made), "open")

    def test_an_idempotency_key_keeps_no_token(self):  # K4
        wish = {"auth_config_id": W.ac, "user_id": "idem"}
        head = {"Idempotency-Key": "links-1"}
        two = [W.post("/v3/connected_accounts/link", wish, headers=head).json()["link_token"] for _ in range(2)]
        self.assertNotEqual(*two)


class Opening(Links):
    def test_looking_changes_nothing(self):  # K4
        path, made = self.link()
        for _ in range(12):
            self.assertEqual(page(path).status, 200)
            self.assertEqual(W.call("HEAD", path, key=None).status, 200)
        self.assertEqual(self.state(made), "open")
        self.assertEqual(fill(path).status, 303)

    def test_headers_are_those_of_a_page_with_secrets(self):  # H4
        path, _ = self.link(return_url="https://app.example.com:8443/done")
        for reply in (page(path), page("/connect/lk_nothing"), page("/connect/done?r=x"), send(path, {})):
            want = {
                "referrer-policy": "no-referrer", "x-content-type-options": "nosniff", "cache-control": "no-store",
                "cross-origin-opener-policy": "same-origin", "cross-origin-resource-policy": "same-origin",
                "content-type": "text/html; charset=utf-8", "x-frame-options": "DENY",
            }  # fmt: skip
            for name, value in want.items():
                self.assertEqual(reply.headers[name], value, name)
            policy = dict(p.split(" ", 1) for p in reply.headers["content-security-policy"].split("; "))
            self.assertEqual((policy["default-src"], policy["frame-ancestors"], policy["base-uri"]), ("'none'",) * 3)
            self.assertEqual((policy["style-src"], policy["script-src"]), ("'self'",) * 2)
            self.assertEqual(policy["require-trusted-types-for"], "'script'")
            self.assertEqual(re.findall(r"<script[^>]*>", reply.text), re.findall(OWN_SCRIPT, reply.text))
            self.assertIsNone(re.search(r"\s(style|on\w+)=", reply.text))
        form = page(path).headers["content-security-policy"]
        self.assertIn("form-action 'self' https://app.example.com:8443;", form)

    def test_the_style_sheet_is_there_by_its_hash_alone(self):  # H4
        path, _ = self.link()
        href = re.search(r'href="\.\.(/a/[^"]+)" integrity="sha256-', page(path).text).group(1)
        css = page(href)
        self.assertEqual((css.status, css.headers["content-type"]), (200, "text/css; charset=utf-8"))
        self.assertIn("immutable", css.headers["cache-control"])
        self.assertEqual(page("/a/connect.css").status, 404)

    def test_names_are_shown_as_text_whatever_they_hold(self):  # H4
        evil = W.server.make_key('<script>alert("p")</script>')
        ac = W.integration(key=evil)
        made = W.post("/ks/links", {"integration_id": ac, "entity_id": "<img src=x onerror=alert(1)>"}, key=evil).json()
        text = page(urllib.parse.urlsplit(made["url"]).path).text
        self.assertIn("&lt;script&gt;alert(&quot;p&quot;)&lt;/script&gt;", text)
        self.assertEqual(text.count("<script"), 1)  # our own
        self.assertNotIn("<img", text)

    def test_dead_links_look_alike(self):  # K4
        used, _ = self.link()
        fill(used)
        revoked, made = self.link()
        W.good("DELETE", "/ks/links/" + made["id"])
        expired, made = self.link(life_s=1)
        until("expired", lambda: self.state(made) == "expired", 10)
        gone, made = self.link()
        W.good("DELETE", "/v1/connectedAccounts/" + made["connection_id"])
        seen = set()
        for path in (used, revoked, expired, gone, "/connect/lk_x", "/connect/" + quoted("<b>\u00e4"), "/connect/lk_" + "0" * 40):
            for reply in (page(path), send(path, {"csrf": "0" * 32, "f.api_key": GOOD}) if path != used else page(path)):
                self.dead(reply)
                seen.add(reply.text)
        self.assertEqual(len(seen), 1)

    def test_a_link_that_was_not_used_leaves_an_account_that_is_expired(self):  # V3-13
        made = self.v3(user_id="late")
        link = next(i for i in W.good("GET", "/ks/links?limit=1000&page=1")["items"] if i["connection_id"] == made["connected_account_id"])
        W.good("DELETE", "/ks/links/" + link["id"])
        self.assertEqual(self.account(made["connected_account_id"])["status"], "EXPIRED")
        _, made = self.link(life_s=1)
        until("EXPIRED", lambda: self.account(made["connection_id"])["status"] == "EXPIRED", 30)


class Submitting(Links):
    def test_a_good_key_makes_one_active_connection(self):  # LNK-2
        path, made = self.link(entity_id="one", data={"region": "us"})
        self.assertIn('value="us"', page(path).text)
        reply = fill(path, **{"f.region": "ap"})
        self.assertEqual(reply.status, 303, reply)
        where = "/connect/" + reply.headers["location"]
        self.assertIn("/connect/done?r=li_", where)
        text = page(where).text
        self.assertIn("<h1>Connected</h1>", text)
        self.assertNotIn(GOOD, text)
        got = W.account(made["connection_id"])
        self.assertEqual((got["status"], len(W.list("user_uuid=one&showDisabled=true"))), ("ACTIVE", 1))
        self.assertEqual(W.execute("VEND_LIST_THINGS", entityId="one").json()["successful"], True)
        self.assertIn("region=ap", W.last_seen()[1])
        self.assertEqual(self.state(made), "used")

    def test_a_refused_key_leaves_the_form_and_nothing_else(self):  # LNK-3 S4
        path, made = self.link(entity_id="refused")
        reply = fill(path, key="vk_wrong_0123456789", **{"f.region": "kept"})
        self.assertEqual(reply.status, 400)
        self.assertIn("Vend did not accept this key", reply.text)
        self.assertIn("The key is unknown there.</p>\n<p>Nothing was stored. Copy the whole key and try again.", reply.text)
        self.assertIn('value="kept"', reply.text)
        self.assertIn('aria-describedby="e-api_key h-api_key" aria-invalid="true"', reply.text)
        self.assertNotIn("vk_wrong", reply.text)
        self.assertEqual(self.account(made["connection_id"])["status"], "INITIATED")
        self.assertEqual((self.state(made), fill(path).status), ("open", 303))

    def test_missing_and_unusable_values_are_told_at_their_fields(self):  # LNK-3 T1
        path, _ = self.link()
        rows = [("", "Enter the Vend key."), ("vk_a\nB!", "Vend key contains a line break"), ("vk_\x01", "Vend key contains")]
        for key, says in rows:
            reply = fill(path, key=key)
            self.assertEqual(reply.status, 400)
            self.assertIn(says, reply.text)
        reply = fill(path, **{"f.region": 'a"><script>'})
        self.assertIn('value="a&quot;&gt;&lt;script&gt;"', reply.text)
        self.assertEqual(reply.text.count("<script"), 1)

    def test_the_same_twice_is_one_connection_and_one_answer(self):  # D3
        path, made = self.link(entity_id="twice")
        form = {"csrf": csrf_of(page(path)), "f.api_key": GOOD}
        first, second = send(path, form), send(path, form)
        self.assertEqual((first.status, second.status), (303, 303))
        self.assertEqual(first.headers["location"], second.headers["location"])
        third = send(path, {**form, "f.api_key": "vk_wrong_another"})
        self.assertEqual(third.headers["location"], first.headers["location"])
        self.assertEqual(len(W.list("user_uuid=twice&showDisabled=true")), 1)
        self.dead(send(path, {"csrf": "0" * 32, "f.api_key": GOOD}))

    def test_two_at_the_same_moment_are_one(self):  # K4 D3
        for _ in range(4):
            path, made = self.link(entity_id="race")
            form = urllib.parse.urlencode({"csrf": csrf_of(page(path)), "f.api_key": GOOD}).encode()

            def one(_):
                with W.server.connection(key="none") as c:
                    return c.request("POST", path, form, key=None, raw_type=TYPE)

            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                replies = list(pool.map(one, range(4)))
            self.assertEqual({r.status for r in replies}, {303})
            self.assertEqual(len({r.headers["location"] for r in replies}), 1)
            self.assertEqual(W.good("GET", "/ks/connections/" + made["connection_id"])["version"], 2)

    def test_five_a_minute_then_wait(self):  # K4
        path, made = self.link()
        for _ in range(5):
            self.assertEqual(fill(path, key="vk_wrong_1").status, 400)
        asked = len(W.up.seen)
        reply = fill(path)
        self.assertEqual((reply.status, reply.headers["retry-after"]), (429, "60"))
        self.assertIn("Too many tries", reply.text)
        self.assertEqual(len(W.up.seen), asked)
        self.assertEqual(self.state(made), "open")

    def test_a_form_from_elsewhere_is_not_taken(self):  # H4
        path, made = self.link()
        token = csrf_of(page(path))
        form, own = {"csrf": token, "f.api_key": GOOD}, f"http://127.0.0.1:{W.server.port}"
        other = csrf_of(page(self.link()[0]))
        refused = [
            ({"csrf": other, "f.api_key": GOOD}, {}), ({"f.api_key": GOOD}, {}), (form, {"Origin": "https://evil.example"}),
            (form, {"Origin": "null"}), (form, {"Origin": "null", "Sec-Fetch-Site": "cross-site"}),
            (form, {"Origin": own, "Sec-Fetch-Site": "cross-site"}), (form, {"Sec-Fetch-Site": "same-site"}),
            (form, {"Origin": own + ".evil.example"}),
        ]  # fmt: skip
        for fields, headers in refused:
            reply = send(path, {**fields, "f.region": "theirs"}, headers)
            self.assertEqual(reply.status, 403, (fields, headers))
            self.assertNotIn("theirs", reply.text)
        self.assertEqual(self.account(made["connection_id"])["status"], "INITIATED")
        self.assertEqual(send(path, form, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}).status, 303)
        path, _ = self.link()
        self.assertEqual(send(path, {**form, "csrf": csrf_of(page(path))}, {"Origin": own}).status, 303)

    def test_only_whole_forms_are_read(self):  # LNK-3
        path, made = self.link()
        token = csrf_of(page(path)).encode()
        for body in (b"csrf=%zz", b"csrf=" + token + b"&csrf=" + token, b"csrf=" + token + b"&f.api_key=%00", b"\xff" * 9):
            self.assertIn(send(path, body).status, (400, 403), body)
        self.assertEqual(send(path, b"{}", raw_type="application/json").status, 415)
        self.assertEqual(send(path, b"csrf=" + b"x" * 600000).status, 413)
        self.assertEqual(self.state(made), "open")

    def test_fields_that_are_not_asked_cannot_be_set(self):  # LNK-2
        own = W.integration(integrationSecrets={"region": "mine"})
        path, _ = self.link(integration_id=own, entity_id="fixed")
        self.assertNotIn("f.region", page(path).text)
        self.assertEqual(fill(path, **{"f.region": "theirs", "f.other": "x"}).status, 303)
        W.execute("VEND_LIST_THINGS", entityId="fixed")
        self.assertIn("region=mine", W.last_seen()[1])


class Afterwards(Links):
    def test_verified_goes_back_at_once_with_the_id(self):  # LNK-4
        for back, joint in (("https://app.example.com/done", "?"), ("https://app.example.com/done?a=1&b=%20", "&")):
            made = self.v3(callback_url=back, user_id="back")
            reply = fill("/connect/" + made["link_token"])
            want = f"{back}{joint}status=success&connected_account_id={made['connected_account_id']}"
            self.assertEqual((reply.status, reply.headers["location"]), (303, want))

    def test_other_verdicts_are_shown_first(self):  # LNK-4 CON-4
        for key, says in (("vk_limited_1", "Connected, with limits"), ("vk_down_1", "Saved, not checked yet")):
            path, _ = self.link(return_url="https://app.example.com/done")
            text = page("/connect/" + fill(path, key=key).headers["location"]).text
            self.assertIn(f"<h1>{says}</h1>", text)
            self.assertIn('href="https://app.example.com/done?status=success&amp;connected_account_id=ca_', text)
        path, _ = self.link(integration_id=W.integration(scheme="BEARER_TOKEN"))
        reply = send(path, {"csrf": csrf_of(page(path)), "f.token": "vt_1"})
        self.assertIn("<h1>Saved</h1>", page("/connect/" + reply.headers["location"]).text)

    def test_receipts_open_their_own_page_alone(self):  # LNK-4
        path, made = self.link()
        receipt = fill(path).headers["location"].split("r=")[1]
        self.assertEqual(page("/connect/done?r=" + receipt).status, 200)
        for wrong in ("", "x", receipt[:-1] + ("0" if receipt[-1] != "0" else "1"), made["id"], made["id"] + "."):
            self.dead(page("/connect/done?r=" + wrong))
        self.dead(page("/connect/done"))

    def test_an_account_that_waits_is_not_used(self):  # V3-13
        made = self.v3(user_id="waits")
        id_ = made["connected_account_id"]
        call = {"user_id": "waits", "arguments": {}}
        self.assertEqual(W.post("/v3.1/tools/execute/VEND_LIST_THINGS", call).status, 404)
        reply = W.post("/v3.1/tools/execute/VEND_LIST_THINGS", {**call, "connected_account_id": id_})
        self.assertEqual((reply.status, reply.json()["error"]["code"]), (422, 1811))
        self.assertIn("has not used the link yet", reply.text)
        for path in ("/things", "/me"):
            self.assertIn(W.call("GET", f"/ks/call/{id_}{path}").status, (400, 409, 422))
        self.assertEqual(W.post(f"/ks/connections/{id_}/verify", {}).status, 400)

    def test_a_link_can_replace_a_credential(self):  # LNK-5
        id_ = W.connect(entity="renew", data={"api_key": "vk_old_0123456789abcdef", "region": "us"})
        path, made = self.link(connection_id=id_)
        self.assertEqual((made["connection_id"], made["replaces"], made["entity_id"]), (id_, True, "renew"))
        self.assertIn('value="us"', page(path).text)
        self.assertNotIn("vk_old", page(path).text)
        self.assertEqual(fill(path, key="").status, 400)
        self.assertEqual(fill(path, key="vk_wrong_2", **{"f.region": "us"}).status, 400)
        W.execute("VEND_LIST_THINGS", connectedAccountId=id_)
        self.assertEqual(W.last_seen()[2]["x-vend-key"], "vk_old_0123456789abcdef")
        self.assertEqual(fill(path, key="vk_new_0123456789abcdef").status, 303)
        W.execute("VEND_LIST_THINGS", connectedAccountId=id_)
        self.assertEqual(W.last_seen()[2]["x-vend-key"], "vk_new_0123456789abcdef")

    def test_what_happened_is_in_the_audit_trail(self):  # A2
        path, made = self.link()
        fill(path)
        rows = [(r["action"], r["object"]) for r in W.good("GET", "/ks/audit?limit=20")["items"]]
        for want in (("link.create", made["id"]), ("link.use", made["id"]), ("connection.create", made["connection_id"])):
            self.assertIn(want, rows)
        self.assertNotIn(path.rsplit("/", 1)[1], W.server.log())
        self.assertIn('"route":"/connect/{token}"', W.server.log())


class Elsewhere(Links):
    def test_the_public_address_is_the_links_and_an_origin_of_ours(self):  # LNK-1 H4
        with Server("--ghost", "--public-url", "https://keys.example/ks/") as server:
            server.use_key("links")
            ac = server.http("POST", "/v1/integrations", {"appName": "demo"}).json()["id"]
            url = server.http("POST", "/ks/links", {"integration_id": ac}).json()["url"]
            self.assertTrue(url.startswith("https://keys.example/ks/connect/lk_"), url)
            path = url[len("https://keys.example/ks"):]
            form = {"csrf": csrf_of(server.http("GET", path, key=None)), "f.api_key": "demo_0123456789abcdef"}
            body = urllib.parse.urlencode(form).encode()
            for origin, status in (("https://keys.example.evil", 403), ("https://keys.example", 303)):
                reply = server.http("POST", path, body, {"Origin": origin}, key=None, raw_type=TYPE)
                self.assertEqual(reply.status, status, reply)

    def test_links_live_through_a_restart_of_the_server_and_used_ones_stay_dead(self):  # D4 K4
        with Server("--ghost") as server:
            server.use_key("links")
            ac = server.http("POST", "/v1/integrations", {"appName": "demo"}).json()["id"]
            paths = []
            for _ in range(2):
                made = server.http("POST", "/ks/links", {"integration_id": ac}).json()
                paths.append(urllib.parse.urlsplit(made["url"]).path)
            form = {"csrf": csrf_of(server.http("GET", paths[0], key=None)), "f.api_key": "demo_0123456789abcdef"}
            server.http("POST", paths[0], urllib.parse.urlencode(form).encode(), key=None, raw_type=TYPE)
            server.kill()
            server.start()
            self.assertEqual([server.http("GET", p, key=None).status for p in paths], [404, 200])

    def test_the_command_line_makes_lists_and_revokes(self):  # LNK-1
        env = {"KEYSTEWARD_URL": f"http://127.0.0.1:{W.server.port}", "KEYSTEWARD_API_KEY": W.key}
        done = W.server.cli("link", "create", "vend", "--entity", "cli", "--life", "5", env=env)
        path = urllib.parse.urlsplit(done.stdout.strip()).path
        self.assertIn("<time datetime=", page(path).text)
        made = json.loads(W.server.cli("link", "create", "--connection", W.connect(), "--json", env=env).stdout)
        self.assertTrue(made["replaces"])
        self.assertIn(made["id"], W.server.cli("link", "list", env=env).stdout)
        self.assertEqual(W.server.cli("link", "revoke", made["id"], env=env).stdout, "revoked\n")
        self.assertEqual(self.state(made), "revoked")
        self.assertEqual(W.server.cli("link", "create", env=env, check=False).returncode, 2)
        self.assertEqual(W.server.cli("link", "create", "vend", "--life", "0", env=env, check=False).returncode, 2)


if __name__ == "__main__":
    unittest.main()
