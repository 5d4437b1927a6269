"""tests/support/world.py: a server with ghost vendors, one vendor of our own (app `vend`, a file of the operator) that the
tests can steer, and short words for the calls. One World a test module."""

import base64
import json
import os
import pathlib
import sys
import threading
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from server import Server, Upstream, until  # noqa: E402,F401 (until: for the tests)

STATUSES = {200, 400, 401, 404, 408, 429, 500, 502}  # what the old SDKs know (docs/api.md, "Errors")

VEND = """
app: vend
name: Vend
about: The vendor of the tests.
categories: [testing]
aliases: [vendor_of_tests]
home: https://vend.example
docs: none
schemes:
  - scheme: API_KEY
    fields:
      - name: api_key
        label: Vend key
        help: Any text; see the tests.
        example: vk_xxxx
        pattern: ^vk_[a-z0-9_]+$
        secret: true
        aliases: [generic_api_key]
      - name: region
        label: Region
        help: Where the account lives.
        kind: label
        required: false
        default: eu
      - name: base_url
        label: Address
        help: Where the vendor listens.
        kind: url
        required: false
        default: http://127.0.0.1:PORT
    base: "{{base_url}}"
    send:
      headers: {X-Vend-Key: "{{api_key}}"}
      query: {region: "{{region}}"}
    check:
      method: GET
      path: /me
      trusted: true
      good: [{status: 200}]
      limited: [{status: 403, cause: The key may not read the account.}]
      bad: [{status: 401, cause: The key is unknown there.}]
      identity: {id: /id, name: /name}
    find: none
  - scheme: BEARER_TOKEN
    fields:
      - name: token
        label: Token
        help: Any text.
        example: vt_xxxx
        secret: true
      - name: base_url
        label: Address
        help: Where the vendor listens.
        kind: url
        required: false
        default: http://127.0.0.1:PORT
    base: "{{base_url}}"
    send:
      headers: {Authorization: "Bearer {{token}}"}
    check: none
    find: none
  - scheme: BASIC
    fields:
      - name: username
        label: User name
        help: Any text without a colon.
        example: ada
      - name: password
        label: Password
        help: Any text.
        example: xxxx
        secret: true
      - name: base_url
        label: Address
        help: Where the vendor listens.
        kind: url
        required: false
        default: http://127.0.0.1:PORT
    base: "{{base_url}}"
    send:
      basic: {user: "{{username}}", password: "{{password}}"}
    check: none
    find: none
actions:
  - name: VEND_LIST_THINGS
    title: List things
    about: Lists things, newest first.
    method: GET
    path: /things
    encoding: none
    tags: [read, important]
    params:
      - name: limit
        in: query
        type: integer
        about: How many at most.
        default: 10
      - name: words
        in: query
        type: string
        about: Free text.
  - name: VEND_GET_THING
    title: Get a thing
    about: One thing by its id.
    method: GET
    path: /things/{thing_id}
    encoding: none
    tags: [read]
    params:
      - name: thing_id
        in: path
        type: string
        required: true
        about: Id of the thing.
  - name: VEND_MAKE_THING
    title: Make a thing
    about: Makes a thing.
    method: POST
    path: /things
    encoding: json
    tags: [write]
    params:
      - name: title
        in: body
        type: string
        required: true
        about: What it is called.
      - name: color
        in: body
        type: string
        about: Its color.
        values: [red, blue]
        target: look.color
      - name: sizes
        in: body
        type: array
        items: integer
        about: Its sizes.
  - name: VEND_SEND_FORM
    title: Send a form
    about: Sends a form.
    method: POST
    path: /form
    encoding: form
    tags: [write]
    params:
      - name: note
        in: form
        type: string
        required: true
        about: A note.
"""


def vendor(world):
    """How the vendor answers. It knows keys by what they hold: wrong, limited, slow, down."""

    def answer(method, path, headers, body):
        target = urllib.parse.urlsplit(path)
        key = headers.get("x-vend-key") or headers.get("authorization") or ""
        if target.path == "/me":
            for word, status in (("wrong", 401), ("limited", 403), ("down", 503)):
                if word in key or key in world.revoked:
                    return 401 if key in world.revoked else status, {}, b'{"error":"no"}'
            if "slow" in key:
                world.pause.wait(8)
            return 200, {}, b'{"id":"v_1","name":"Ada","key":"' + key.encode("latin-1") + b'"}'
        if target.path.startswith("/status/"):
            return int(target.path.split("/")[2]), {}, b'{"told":"status"}'
        if target.path == "/text":
            return 200, {"Content-Type": "text/plain"}, b"just text"
        if target.path == "/bytes":
            return 200, {"Content-Type": "image/png"}, b"\x89PNG\x00\xff"
        if target.path == "/list":
            return 200, {}, b'[1,2,{"a":9007199254740993}]'
        if target.path == "/leak":
            raw = key.encode("latin-1")
            forms = [raw, base64.b64encode(raw), urllib.parse.quote(key, safe="").encode()]
            return 200, {"X-Leak": key}, b'{"leak":"' + b" ".join(forms) + b'"}'
        if target.path == "/redirect":
            return 302, {"Location": f"http://127.0.0.1:{world.other.port}/stolen"}, b""
        if target.path == "/big":
            return 200, {"Content-Type": "text/plain"}, b"x" * (11 * 1024 * 1024)
        if target.path == "/busy":
            return 429, {"Retry-After": "77"}, b"{}"
        if key in world.revoked:
            return 401, {}, b'{"error":"revoked"}'
        return None

    return answer


class World:
    """start() and stop() it in setUpModule and tearDownModule."""

    def __init__(self, *flags, ghost=True, project="one", limits=None, data=None, apps=None):
        """`apps`: further app files of the operator, {name: text}; PORT in them is the vendor's."""
        self.more_apps = apps or {}
        self.flags, self.ghost, self.project, self.limits, self.data = flags, ghost, project, limits, data
        self.revoked, self.pause = set(), threading.Event()

    def start(self):
        self.up = Upstream(vendor(self)).__enter__()
        self.other = Upstream().__enter__()  # listed, too, but belongs to no app: nothing stored may ever get there
        flags = ["--allow-private", self.up.address, "--allow-private", self.other.address, *self.flags]
        self.server = Server(*(["--ghost"] if self.ghost else []), *flags, limits=self.limits)
        self.server.data = self.data or self.server.data
        self.apps = os.path.join(self.server.folder, "apps")
        os.mkdir(self.apps)
        for name, text in {"vend": VEND, **self.more_apps}.items():
            with open(os.path.join(self.apps, name + ".yaml"), "w", encoding="utf-8") as fh:
                fh.write(text.lstrip().replace("PORT", str(self.up.port)))
        self.server.flags += ["--apps", self.apps]
        self.server.start()
        self.key = self.server.use_key(self.project)
        return self

    def faults(self):
        """End all; what was wrong with that as a text, or an empty one."""
        try:
            self.stop()
        except AssertionError as error:
            return str(error)
        return ""

    def stop(self):
        """End all. A sanitizer's report, or an exit status other than 0, is a failure of the module."""
        self.pause.set()
        try:
            status, log = self.server.stop(), self.server.log()
        finally:
            self.up.__exit__()
            self.other.__exit__()
        for mark in ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:", "WARNING: ThreadSanitizer"):
            assert mark not in log, log[max(0, log.find(mark) - 200) :][:4000]
        assert status == 0, f"the server ended with {status}:\n{log[-1500:]}"
        self.server.remove()

    def restart(self):
        """The same data in a new process: fresh counters, cold caches."""
        self.server.stop()
        self.server.start()
        self.server.client.key = self.key

    def call(self, method, path, body=None, **more):
        return self.server.http(method, path, body, **more)

    def get(self, path, **more):
        return self.call("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.call("POST", path, body, **more)

    def good(self, method, path, body=None, **more):
        """The body of a 200."""
        reply = self.call(method, path, body, **more)
        assert reply.status == 200, f"{method} {path}: {reply}"
        return reply.json()

    def integration(self, app="vend", scheme="API_KEY", key=..., **config):
        body = {"app": {"uniqueKey": app}, "config": {"name": "tests", "authScheme": scheme, **config}}
        return self.good("POST", "/v2/integrations/create", body, key=key)["integrationId"]

    def try_connect(self, integration, data, entity="user_1", key=..., **more):
        return self.post(
            "/v1/connectedAccounts", {"integrationId": integration, "userUuid": entity, "data": data, **more}, key=key
        )

    def connect(self, integration=None, data=None, entity="user_1", key=..., **more):
        """Id of a new connection; with no integration one of `vend` is made."""
        integration = integration or self.integration(key=key)
        reply = self.try_connect(integration, data or {"api_key": "vk_good_0123456789abcdef"}, entity, key, **more)
        assert reply.status == 200, reply
        assert reply.json()["connectionStatus"] == "ACTIVE", reply
        return reply.json()["connectedAccountId"]

    def account(self, id_, **more):
        return self.good("GET", "/v1/connectedAccounts/" + id_, **more)

    def list(self, query="", **more):
        return self.good("GET", "/v1/connectedAccounts" + ("?" + query if query else ""), **more)["items"]

    def execute(self, action, **body):
        return self.post(f"/v2/actions/{action}/execute", {"input": {}, **body})

    def proxy(self, id_, endpoint, method="GET", parameters=(), body=None, **more):
        asked = {"connectedAccountId": id_, "endpoint": endpoint, "method": method, "parameters": list(parameters)}
        return self.post("/v2/actions/proxy", {**asked, "body": body, **more})

    def last_seen(self):
        """(method, path, headers, body) of the vendor's last request."""
        assert self.up.seen, "the vendor was never asked"
        return self.up.seen[-1]


def quoted(text):
    return urllib.parse.quote(text, safe="")


def check_error(test, reply, status, says=None):
    """The five members of an error, the status, no 5xx by accident; `says`: a text the answer must hold."""
    test.assertEqual(reply.status, status, reply)
    body = reply.json()
    for member in ("type", "name", "message", "requestId"):
        test.assertIsInstance(body.get(member), str, reply)
        test.assertTrue(body[member], reply)
    test.assertEqual(body["status"], status, reply)
    if status == 400:
        test.assertTrue(body.get("details"), reply)
    if says:
        test.assertIn(says, json.dumps(body), reply)
    return body
