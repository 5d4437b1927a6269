"""Whose account, which bytes, which address: ambiguous accounts, files, raw and binary bodies, addresses of a caller's own."""

import base64
import email
import email.policy
import json
import os
import re
import subprocess
import unittest

from server import binary
from world import World, check_error

PARTS = """
app: parts
name: Parts
about: An app of the tests that takes files.
categories: [testing]
home: https://vend.example/
docs: none
schemes:
  - scheme: API_KEY
    fields:
      - name: api_key
        label: API key
        help: Any text.
        example: vk_xxxx
        secret: true
        aliases: [generic_api_key]
      - name: site
        label: Site
        help: Where the vendor listens.
        kind: url
        required: false
        default: http://127.0.0.1:PORT
    base: "{{site}}"
    send:
      headers: {X-Vend-Key: "{{api_key}}"}
    check: none
    find: none
actions:
  - name: PARTS_UPLOAD
    title: Upload
    about: Sends a file with words.
    method: POST
    path: /upload
    encoding: multipart
    tags: [write]
    params:
      - {name: file, in: form, type: file, required: true, about: "The file."}
      - {name: words, in: form, type: array, about: "Words."}
      - {name: more, in: form, type: object, about: "More."}
      - {name: kind, in: form, type: string, fixed: note}
  - name: PARTS_LINES
    title: Lines
    about: Sends lines.
    method: POST
    path: /lines
    encoding: raw
    content_type: application/x-ndjson
    tags: [write]
    params:
      - {name: lines, in: body, type: string, about: "The lines."}
  - name: PARTS_RAW
    title: Raw
    about: Sends a file as it is.
    method: PUT
    path: /raw
    encoding: raw
    content_type: application/octet-stream
    tags: [write]
    params:
      - {name: file, in: body, type: file, required: true, about: "The file."}
"""
W = World(apps={"parts": PARTS.lstrip()})
BYTES = bytes(range(256))


def setUpModule():
    W.start()
    W.ac = W.integration()
    W.parts = W.connect(W.integration("parts"), {"api_key": "vk_parts_0123456789"}, "parts")


def tearDownModule():
    W.stop()


def v3(method, path, body=None, **more):
    return W.call(method, "/api/v3.1" + path, body, **more)


def b64(data):
    return base64.b64encode(data).decode()


class Ambiguous(unittest.TestCase):
    def both(self, user, **body):
        """Execute by user in both APIs; the v3 error, or the id that was taken."""
        old = W.execute("VEND_LIST_THINGS", entityId=user, **body)
        new = v3("POST", "/tools/execute/VEND_LIST_THINGS", {"user_id": user, "arguments": {}, **body})
        self.assertEqual(old.status, new.status if new.status != 422 else 400, (old, new))
        if new.status == 200:
            self.assertEqual(old.json()["connectedAccountId"], new.json()["connected_account_id"])
            return new.json()["connected_account_id"]
        return old, new.json()["error"]

    def test_an_integration_says_how_its_keys_are_checked(self):  # INT-12
        ac = W.integration()
        wrong = {"integrationId": ac, "userUuid": "checked", "data": {"api_key": "vk_wrong_0123456789"}}
        self.assertEqual(W.post("/v1/connectedAccounts", wrong).status, 400)
        self.assertEqual(W.good("PATCH", "/ks/integrations/" + ac, {"verify": "off"})["verify"], "off")
        self.assertEqual(W.post("/v1/connectedAccounts", wrong).status, 200)
        env = {"KEYSTEWARD_URL": f"http://127.0.0.1:{W.server.port}", "KEYSTEWARD_API_KEY": W.key}
        made = W.server.cli("integration", "set", ac, "--verify", "required", env=env)
        self.assertIn("required", made.stdout)
        self.assertEqual(W.good("GET", "/ks/integrations/" + ac)["verify"], "required")
        self.assertEqual(W.post("/v1/connectedAccounts", wrong).status, 400)
        for word in ("sometimes", "ON"):
            check = W.call("PATCH", "/ks/integrations/" + ac, {"verify": word})
            self.assertEqual((check.status, check.json()["error"]["field"]), (400, "verify"))

    def test_an_integration_can_refuse_to_guess(self):  # ACT-3 INT-10 V3-30
        ac, user = W.integration(), "guess"
        first, second = W.connect(ac, entity=user), W.connect(ac, entity=user)
        self.assertEqual(self.both(user), second)
        made = W.good("PATCH", "/ks/integrations/" + ac, {"ambiguous": "refuse"})
        self.assertEqual(made["ambiguous"], "refuse")
        self.assertEqual(W.good("GET", "/ks/integrations/" + ac)["ambiguous"], "refuse")
        seen = len(W.up.seen)
        old, error = self.both(user)
        self.assertEqual((error["slug"], error["code"]), ("ActionExecute_ConnectedAccountAmbiguous", 1813))
        for id_ in (first, second):
            self.assertIn(id_, old.text)
            self.assertIn("connected_account_id: " + id_, error["errors"])
        self.assertNotIn(user, old.text)
        proxied = W.post("/v2/actions/proxy", {"appName": "vend", "entityId": user, "endpoint": "/x", "method": "GET"})
        check_error(self, proxied, 400, first)
        self.assertEqual(len(W.up.seen), seen, "a call without a named account was sent")
        self.assertEqual(W.execute("VEND_LIST_THINGS", connectedAccountId=first).status, 200)
        W.good("POST", f"/v1/connectedAccounts/{second}/disable")
        self.assertEqual(self.both(user), first)
        W.good("POST", f"/v1/connectedAccounts/{second}/enable")
        W.good("PATCH", "/ks/integrations/" + ac, {"ambiguous": "default"})
        self.assertEqual(self.both(user), second)

    def test_v3_auth_configs_take_and_show_the_setting(self):  # V3-30
        config = {"type": "use_custom_auth", "authScheme": "API_KEY", "ambiguous": "refuse"}
        made = v3("POST", "/auth_configs", {"toolkit": {"slug": "vend"}, "auth_config": config})
        self.assertEqual(made.status, 201, made)
        one = made.json()["auth_config"]["id"]
        self.assertEqual(v3("GET", "/auth_configs/" + one).json()["ambiguous"], "refuse")
        for _ in range(2):
            W.connect(one, entity="wary")
        self.assertEqual(self.both("wary")[1]["code"], 1813)
        self.assertEqual(v3("PATCH", "/auth_configs/" + one, {"type": "custom", "ambiguous": "newest"}).status, 200)
        self.both("wary")
        self.assertEqual(v3("PATCH", "/auth_configs/" + one, {"type": "custom"}).status, 200)
        self.assertEqual(v3("GET", "/auth_configs/" + one).json()["ambiguous"], "newest")
        self.assertNotIn("ambiguous", v3("GET", "/auth_configs/" + W.ac).json())
        reply = v3("PATCH", "/auth_configs/" + one, {"type": "custom", "ambiguous": "sometimes"})
        self.assertEqual(reply.status, 400, reply)
        self.assertNotIn("sometimes", reply.text)

    def test_the_server_refuses_unless_an_integration_says_newest(self):  # ACT-3
        world = World("--ambiguous", "refuse").start()
        try:
            ac = world.integration()
            newest = [world.connect(ac, entity="two") for _ in range(2)][1]
            check_error(self, world.execute("VEND_LIST_THINGS", entityId="two"), 400, newest)
            world.good("PATCH", "/ks/integrations/" + ac, {"ambiguous": "newest"})
            taken = world.execute("VEND_LIST_THINGS", entityId="two").json()
            self.assertEqual(taken["connectedAccountId"], newest)
        finally:
            world.stop()

    def test_the_setting_belongs_to_its_project_and_needs_a_known_word(self):  # INT-10
        other = W.server.make_key("strangers")
        for method, body in (("GET", None), ("PATCH", {"ambiguous": "refuse"})):
            self.assertEqual(W.call(method, "/ks/integrations/" + W.ac, body, key=other).status, 404)
        for body in ({}, {"ambiguous": "never"}, {"ambiguous": 1}):
            reply = W.call("PATCH", "/ks/integrations/" + W.ac, body)
            self.assertEqual((reply.status, reply.json()["error"]["field"]), (400, "ambiguous"), reply)

    def test_the_command_line_sets_it(self):  # INT-10
        ac = W.integration()
        env = {"KEYSTEWARD_URL": f"http://127.0.0.1:{W.server.port}", "KEYSTEWARD_API_KEY": W.key}
        done = W.server.cli("integration", "set", ac, "--ambiguous", "refuse", env=env)
        self.assertEqual(done.stdout, "refuse\n")
        self.assertEqual(W.good("GET", "/ks/integrations/" + ac)["ambiguous"], "refuse")
        for words in (["--ambiguous", "maybe"], []):
            self.assertNotEqual(W.server.cli("integration", "set", ac, *words, env=env, check=False).returncode, 0)

    def test_accounts_of_disabled_integrations_are_passed_over_and_refused_by_name(self):  # ACT-3 INT-7
        off, on, user = W.integration(), W.integration(), "passed"
        usable = W.connect(on, entity=user)
        newer = W.connect(off, entity=user)
        self.assertEqual(self.both(user), newer)
        W.good("PATCH", "/v1/integrations/" + off, {"enabled": False})
        self.assertEqual(self.both(user), usable)
        seen = len(W.up.seen)
        check_error(self, W.execute("VEND_LIST_THINGS", connectedAccountId=newer), 400, "disabled")
        check_error(self, W.proxy(newer, "/x"), 400, "disabled")
        self.assertEqual(W.get(f"/ks/call/{newer}/x").status, 400)
        self.assertEqual(len(W.up.seen), seen)

    def test_without_an_account_the_answer_tells_what_was_searched_and_what_is_there(self):  # ACT-3 S5
        user, stranger = "who-is-searched", "who-is-not"
        off = W.integration()
        gone = W.connect(entity=user)
        W.good("POST", f"/v1/connectedAccounts/{gone}/disable")
        unused = W.connect(off, entity=user)
        W.good("PATCH", "/v1/integrations/" + off, {"enabled": False})
        stripe = W.connect(W.integration("stripe"), {"api_key": "sk_live_told_1"}, user)
        hidden = W.connect(entity=stranger)
        old, error = self.both(user)
        self.assertEqual((old.status, error["code"]), (404, 1810))
        for text in (old.json()["message"], error["message"]):
            self.assertIn("Vend in this project", text)
            self.assertIn(f"{gone} (vend, INACTIVE)", text)
            self.assertIn(f"{stripe} (stripe, ACTIVE)", text)
            self.assertRegex(text, re.escape(unused) + r" \(vend, (integration|auth config) disabled, ACTIVE\)")
            self.assertNotIn(hidden, text)
            self.assertNotIn(user, text)
        nobody, error = self.both("nobody-at-all")
        self.assertIn("has no connected account here", error["message"])
        self.assertNotIn("nobody-at-all", nobody.text)
        self.assertIn("`default` was searched", W.execute("PARTS_LINES", input={}).json()["message"])


class Environment(unittest.TestCase):
    def shell(self, text):
        env = {"PATH": "/usr/bin:/bin", "KEYSTEWARD_URL": "http://127.0.0.1:1234/", "KEYSTEWARD_API_KEY": "ks_env 'quoted' $HOME"}
        done = subprocess.run(["/bin/sh", "-c", text, "sh", os.path.abspath(binary())], env=env, capture_output=True, text=True, check=True)
        return done.stdout

    def test_the_lines_set_what_each_sdk_reads_and_show_no_key(self):  # ENV-1
        shown = 'echo "$COMPOSIO_BASE_URL|$COMPOSIO_API_KEY|$COMPOSIO_DISABLE_SENTRY|$TELEMETRY_DISABLED"'
        key = "ks_env 'quoted' $HOME"
        for which, wanted in (
            ("", f"http://127.0.0.1:1234|{key}|true|true"), ("--sdk python-old", f"http://127.0.0.1:1234/api|{key}|true|"),
            ("--sdk ts-old", f"http://127.0.0.1:1234|{key}||true"), ("--sdk python", f"http://127.0.0.1:1234|{key}||"),
            ("--sdk ts", f"http://127.0.0.1:1234|{key}||true"),
        ):  # fmt: skip
            with self.subTest(which):
                self.assertEqual(self.shell(f'eval "$("$1" env {which})"; {shown}'), wanted + "\n")
                self.assertEqual(self.shell(f'eval $("$1" env {which}); {shown}'), wanted + "\n")  # quotes forgotten
                self.assertNotIn("ks_env", self.shell(f'"$1" env {which}'))

    def test_remarks_name_what_a_variable_cannot_do(self):  # ENV-1
        self.assertIn("allow_tracking=False", self.shell('"$1" env --sdk python'))
        self.assertNotIn("allow_tracking", self.shell('"$1" env --sdk ts'))
        self.assertIn("disableVersionCheck", self.shell('"$1" env'))

    def test_an_unknown_line_is_a_mistake_of_the_call(self):  # ENV-1
        for words in (["--sdk", "perl"], ["--sdk", ""], ["--shell", "csh"]):
            self.assertEqual(W.server.cli("env", *words, check=False).returncode, 2)


class Words(unittest.TestCase):
    def test_arguments_in_words_are_refused_and_nothing_is_sent(self):  # ACT-9 V3-12
        seen = len(W.up.seen)
        check_error(self, W.execute("PARTS_LINES", connectedAccountId=W.parts, text="send two lines"), 400, "input")
        for more in ({}, {"arguments": {}}, {"arguments": {"lines": "x"}}):
            body = {"connected_account_id": W.parts, "text": "send two lines", **more}
            reply = v3("POST", "/tools/execute/PARTS_LINES", body)
            self.assertEqual(reply.status, 400, reply)
            self.assertIn("arguments", reply.json()["error"]["message"])
        self.assertEqual(len(W.up.seen), seen)
        beside = W.execute("PARTS_LINES", connectedAccountId=W.parts, input={"lines": "x"}, text="a remark")
        self.assertIs(beside.json()["successful"], True)


class Bodies(unittest.TestCase):
    def run_v3(self, tool, **arguments):
        reply = v3("POST", "/tools/execute/" + tool, {"connected_account_id": W.parts, "arguments": arguments})
        return reply

    def test_a_multipart_body_is_what_other_parsers_read(self):  # ACT-10
        file = {"name": 'a "b" ü.bin', "mimetype": "application/x-thing", "content": b64(BYTES)}
        out = self.run_v3("PARTS_UPLOAD", file=file, words=["x", "y\r\nz"], more={"k": 1})
        self.assertIs(out.json()["successful"], True, out)
        method, path, headers, body = W.last_seen()
        self.assertEqual((method, path, headers["x-vend-key"]), ("POST", "/upload", "vk_parts_0123456789"))
        head = b"Content-Type: " + headers["content-type"].encode() + b"\r\n\r\n"
        message = email.message_from_bytes(head + body, policy=email.policy.HTTP)
        parts = [(p.get_param("name", header="content-disposition"), p) for p in message.iter_parts()]
        self.assertEqual([name for name, _ in parts], ["file", "words", "words", "more[k]", "kind"])
        sent = parts[0][1]
        self.assertEqual((sent.get_content_type(), sent.get_payload(decode=True)), ("application/x-thing", BYTES))
        self.assertIn("filename=\"a %22b%22 ü.bin\"".encode(), body)
        self.assertEqual([p.get_payload(decode=True) for _, p in parts[1:]], [b"x", b"y\r\nz", b"1", b"note"])

    def test_each_call_has_a_boundary_of_its_own(self):  # ACT-10
        seen = set()
        for _ in range(2):
            self.run_v3("PARTS_UPLOAD", file={"name": "a", "content": ""})
            seen.add(W.last_seen()[2]["content-type"])
        self.assertEqual(len(seen), 2)

    def test_raw_bodies_go_as_they_are(self):  # ACT-10
        lines = '{"a":1}\n{"b":"ü"}\n'
        self.assertIs(self.run_v3("PARTS_LINES", lines=lines).json()["successful"], True)
        _, _, headers, body = W.last_seen()
        self.assertEqual((headers["content-type"], body), ("application/x-ndjson", lines.encode()))
        file = {"name": "x.pdf", "mimetype": "application/pdf", "content": b64(BYTES)}
        out = W.execute("PARTS_RAW", connectedAccountId=W.parts, input={"file": file})
        self.assertIs(out.json()["successful"], True, out)
        method, _, headers, body = W.last_seen()
        self.assertEqual((method, headers["content-type"], body), ("PUT", "application/pdf", BYTES))

    def test_what_is_no_file_is_named_and_not_repeated(self):  # ACT-10 S5
        seen = len(W.up.seen)
        for file in (
            "text", {}, {"name": "a"}, {"name": "a", "content": "not base64!"}, {"name": "evil\r\nX: y", "content": ""},
            {"name": "a", "content": "", "mimetype": "evil"}, {"name": "a", "content": "", "mimetype": "a/b\r\nX-Evil: y"},
        ):  # fmt: skip
            with self.subTest(file):
                reply = self.run_v3("PARTS_UPLOAD", file=file)
                self.assertEqual(reply.status, 400, reply)
                self.assertIn("input.file", reply.text)
                self.assertNotIn("evil", reply.text.lower())
        reply = self.run_v3("PARTS_UPLOAD", file={"name": "a", "content": ""}, more={"a\r\nX: y": "1"})
        self.assertEqual(reply.status, 400, reply)
        self.assertEqual(len(W.up.seen), seen)

    def test_files_up_to_5_mib_pass_and_no_larger_ones(self):  # ACT-10 T5
        most = 5 * 1024 * 1024
        out = self.run_v3("PARTS_RAW", file={"name": "big", "content": b64(b"x" * most)})
        self.assertIs(out.json()["successful"], True, out.text[:300])
        self.assertEqual(len(W.last_seen()[3]), most)
        reply = self.run_v3("PARTS_RAW", file={"name": "big", "content": b64(b"x" * (most + 1))})
        self.assertEqual(reply.status, 400, reply.text[:300])
        self.assertIn("larger than 5 MiB", reply.text)
        reply = self.run_v3("PARTS_RAW", file={"name": "big", "content": "x" * (8 * 1024 * 1024)})
        self.assertEqual(reply.status, 413, reply.text[:300])

    def test_only_a_caller_with_a_key_may_send_more_than_1_mib(self):  # T5 H5
        body = {"arguments": {}, "user_id": "x" * (2 * 1024 * 1024)}
        self.assertEqual(v3("POST", "/tools/execute/PARTS_RAW", body, key="ks_wrong").status, 401)
        self.assertEqual(v3("POST", "/auth_configs", body).status, 413)

    def test_explain_tells_the_size_of_what_is_no_text(self):  # NAT-1
        file = {"name": "x", "content": b64(BYTES)}
        shown = W.good("POST", "/ks/explain", {"action": "PARTS_RAW", "connectedAccountId": W.parts, "input": {"file": file}})
        self.assertIn("256 bytes", json.dumps(shown))
        self.assertNotIn("vk_parts", json.dumps(shown))


class Binary(unittest.TestCase):
    def proxy(self, endpoint="/up", method="POST", **more):
        body = {"connected_account_id": W.parts, "endpoint": endpoint, "method": method, **more}
        return v3("POST", "/tools/execute/proxy", body)

    def test_a_binary_body_goes_as_bytes_with_its_type(self):  # V3-31
        out = self.proxy(binary_body={"base64": b64(BYTES), "content_type": "image/png"})
        self.assertEqual(out.json()["status"], 200, out)
        _, _, headers, body = W.last_seen()
        self.assertEqual((headers["content-type"], body), ("image/png", BYTES))
        self.proxy(binary_body={"base64": b64(BYTES)})
        self.assertEqual(W.last_seen()[2]["content-type"], "application/octet-stream")

    def test_a_url_is_fetched_without_any_credential_and_passed_on(self):  # V3-31 N1
        out = self.proxy(binary_body={"url": W.up.url + "/bytes?x=1"})
        self.assertEqual(out.json()["status"], 200, out)
        fetched, sent = W.up.seen[-2:]
        self.assertEqual((fetched[0], fetched[1]), ("GET", "/bytes?x=1"))
        self.assertNotIn("vk_parts", json.dumps(fetched[2]))
        self.assertEqual((sent[1], sent[2]["content-type"], sent[3]), ("/up", "image/png", b"\x89PNG\x00\xff"))
        self.assertEqual(sent[2]["x-vend-key"], "vk_parts_0123456789")

    def test_a_url_is_judged_as_any_address_is(self):  # V3-31 N2
        for url in ("http://127.0.0.1:1/x", "http://169.254.169.254/latest", "file:///etc/passwd", "ftp://a.example/x",
                    W.up.url + "/redirect", W.up.url + "/status/404", W.up.url + "/big", "not a url"):  # fmt: skip
            with self.subTest(url):
                sent = len([1 for s in W.up.seen if s[1] == "/up"])
                reply = self.proxy(binary_body={"url": url})
                self.assertEqual(reply.status, 400, reply)
                self.assertIn("binary_body.url", reply.text)
                self.assertEqual(len([1 for s in W.up.seen if s[1] == "/up"]), sent)
        self.assertFalse([s for s in W.other.seen if s[1] == "/stolen"])

    def test_a_binary_body_is_one_thing(self):  # V3-31
        seen = len(W.up.seen)
        for more in (
            {"binary_body": {}}, {"binary_body": {"base64": "AA==", "url": W.up.url}}, {"binary_body": "AA=="},
            {"binary_body": {"base64": "A"}}, {"binary_body": {"base64": "AA=="}, "body": {"a": 1}},
            {"binary_body": {"base64": "AA==", "content_type": "a/b\r\nX: y"}},
        ):  # fmt: skip
            with self.subTest(more):
                reply = self.proxy(**more)
                self.assertEqual(reply.status, 400, reply)
                self.assertIn("binary_body", reply.text)
        self.assertEqual(len(W.up.seen), seen)

    def test_bytes_come_back_as_a_url_that_holds_them(self):  # V3-31
        out = self.proxy("/bytes", "GET").json()
        self.assertNotIn("data", out)
        self.assertEqual((out["status"], out["binary_data"]["content_type"], out["binary_data"]["size"]), (200, "image/png", 6))
        kind, _, data = out["binary_data"]["url"].partition(",")
        self.assertEqual((kind, base64.b64decode(data)), ("data:image/png;base64", b"\x89PNG\x00\xff"))

    def test_a_proxied_call_of_nobody_is_refused(self):  # V3-11
        reply = v3("POST", "/tools/execute/proxy", {"endpoint": "/x", "method": "GET", "user_id": "parts"})
        self.assertEqual(reply.status, 400, reply)
        self.assertIn("connected_account_id", reply.text)


class Addresses(unittest.TestCase):
    def wish(self, config, **val):
        state = {"authScheme": "API_KEY", "val": {"status": "ACTIVE", **val}}
        return v3("POST", "/connected_accounts", {"auth_config": {"id": config}, "connection": {"user_id": "at", "state": state}})

    def test_an_address_stands_for_the_one_field_that_is_one(self):  # CON-15
        config = W.integration("parts")
        for name in ("base_url", "full", "api_url"):
            made = self.wish(config, generic_api_key="vk_at_0123456789", **{name: W.other.url + "/own"})
            self.assertEqual(made.status, 201, made)
            v3("POST", "/tools/execute/PARTS_LINES", {"connected_account_id": made.json()["id"], "arguments": {"lines": "x"}})
            self.assertEqual(W.other.seen[-1][1], "/own/lines")
        made = self.wish(config, api_key="vk_at_0123456789", base_url=W.other.url, site=W.up.url)
        v3("POST", "/tools/execute/PARTS_LINES", {"connected_account_id": made.json()["id"], "arguments": {"lines": "x"}})
        self.assertEqual(W.last_seen()[1], "/lines")  # the field's own name wins

    def test_an_app_with_an_address_of_its_own_refuses_another(self):  # CON-15 N1
        config = W.integration("stripe")
        before = len(W.list("user_uuid=at&appNames=stripe"))
        for name in ("base_url", "full", "api_url"):
            reply = self.wish(config, api_key="sk_live_at_1", **{name: W.other.url})
            self.assertEqual(reply.status, 400, reply)
            self.assertIn(f"connection.state.val.{name}: names an address", reply.json()["error"]["errors"][0])
            self.assertNotIn(W.other.url, reply.text)
        old = W.try_connect(config, {"api_key": "sk_live_at_1", "base_url": W.other.url}, "at")
        check_error(self, old, 400, "data.base_url")
        self.assertEqual(len(W.list("user_uuid=at&appNames=stripe")), before)
        for fine in (None, "", "https://api.stripe.com/"):
            self.assertEqual(self.wish(config, api_key="sk_live_at_1", base_url=fine).status, 201)
        shop = W.try_connect(W.integration("shopify"), {"api_key": "shpat_1", "base_url": "https://evil.example"}, "at")
        check_error(self, shop, 400, "made from: shop")
        self.assertNotIn("evil", shop.text)

    def test_credentials_of_one_call_may_bring_an_address(self):  # V3-32 N1 N6
        once = {"authScheme": "API_KEY", "toolkitSlug": "openai", "val": {"generic_api_key": "sk-once-0123456789", "base_url": W.other.url}}
        body = {"endpoint": "/v1/models", "method": "GET", "custom_connection_data": once}
        world = World(ghost=False).start()
        try:
            once["val"]["base_url"] = world.other.url
            out = world.post("/v3.1/tools/execute/proxy", body)
            self.assertEqual(out.json()["status"], 200, out)
            self.assertEqual(world.other.seen[-1][2]["authorization"], "Bearer sk-once-0123456789")
            once["val"]["base_url"] = "http://169.254.169.254"
            self.assertEqual(world.post("/v3.1/tools/execute/proxy", body).status, 400)
        finally:
            world.stop()


if __name__ == "__main__":
    unittest.main()
