"""tests/canary/canary.py: drive canary secrets through every success and error path and search for them in the data
folder, the write-ahead log, the logs and all answers, raw and in every usual encoding: zero hits wanted (rules S3-S7).
As root the idle process is searched, too; what is found there is counted by region and reported, not judged."""

import base64
import json
import os
import pathlib
import re
import sys
import tempfile
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import count_and_exit, sanitized, until  # noqa: E402
from world import World, quoted  # noqa: E402

SPECIAL = "\"\\+/%=&'<>~"


def canary(name):
    """A value that stands out, with the characters that encodings change."""
    return f"vk_{name}_{SPECIAL}_{os.urandom(12).hex()}"


def base64_forms(data):
    """What is the same whatever stands before and behind, for the three alignments."""
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + data).rstrip(b"=")
        first, full = (0, 2, 3)[shift], (shift + len(data)) * 8 // 6
        cut = whole[first:full]
        yield cut
        yield cut.replace(b"+", b"-").replace(b"/", b"_")


def forms(text):
    """name -> bytes of a canary in every form it may hide in. The random tail alone counts as raw, too."""
    raw, tail = text.encode(), text.rsplit("_", 1)[1].encode()
    found = {"raw": raw, "raw, its tail": tail, "hex": raw.hex().encode(), "HEX": raw.hex().upper().encode()}
    found["url"] = urllib.parse.quote(text, safe="").encode()
    found["form"] = urllib.parse.quote_plus(text).encode()
    found["url, lower case"] = re.sub(rb"%..", lambda m: m.group().lower(), found["url"])
    found["json"] = json.dumps(text)[1:-1].encode()
    found["json, slash escaped"] = found["json"].replace(b"/", b"\\/")
    found["utf-16"] = text.encode("utf-16-le")
    for i, form in enumerate(dict.fromkeys(base64_forms(raw))):
        found[f"base64 {i}"] = form
    return found


class Hunt:
    """The canaries set out so far, and where one was met."""

    def __init__(self):
        self.out, self.passed, self.failed = {}, 0, 0

    def new(self, name):
        self.out[name] = canary(name)
        return self.out[name]

    def search(self, where, data):
        """Names and forms of canaries in data."""
        return [f"{name} ({form})" for name, text in self.out.items() for form, b in forms(text).items() if b in data]

    def check(self, title, pieces):
        hits = sorted({f"{hit} in {where}" for where, data in pieces for hit in self.search(where, data)})
        self.tell(title, not hits, "; ".join(hits[:8]))

    def tell(self, title, good, why=""):
        self.passed, self.failed = self.passed + bool(good), self.failed + (not good)
        print(f"{'ok  ' if good else 'FAIL'} - {title}{'' if good else ': ' + why}", flush=True)


def connect_paths(w, hunt):
    """Secrets that are stored, refused, malformed, replaced, deleted, or stand where none belongs."""
    ac = w.integration()
    keep = {}
    for name in ("stored", "limited", "down", "deleted", "disabled", "replaced", "reinitiated", "used", "expired"):
        value = hunt.new(name)
        keep[name] = (w.connect(ac, {"api_key": value}, "e_" + name), value)
    for name, value in (
        ("wrong", hunt.new("wrong")), ("line", "a\r\nX: " + hunt.new("line")), ("control", hunt.new("control") + "\x01"),
        ("long", hunt.new("long") + "k" * 9000), ("list", [hunt.new("list")]), ("object", {"a": hunt.new("object")}),
    ):  # fmt: skip
        assert w.try_connect(ac, {"api_key": value}, name).status == 400, name
    misplaced = [
        ("unknown name", "POST", "/v1/connectedAccounts", {"integrationId": ac, "data": {"x": hunt.new("unknown")}}),
        ("entity", "POST", "/v1/connectedAccounts", {"integrationId": "ac_x", "userUuid": hunt.new("entity"), "data": {}}),
        ("integration id", "POST", "/v1/connectedAccounts", {"integrationId": hunt.new("acid"), "data": {}}),
        ("label", "POST", "/v1/connectedAccounts", {"integrationId": ac, "labels": hunt.new("label"), "data": {}}),
        ("path", "GET", "/v1/connectedAccounts/" + urllib.parse.quote(hunt.new("path"), safe=""), None),
        ("query", "GET", "/v1/connectedAccounts?page=" + urllib.parse.quote(hunt.new("query")), None),
        ("app", "GET", "/v1/apps/" + urllib.parse.quote(hunt.new("app"), safe=""), None),
        ("action", "POST", "/v2/actions/" + urllib.parse.quote(hunt.new("action"), safe="") + "/execute", {"input": {}}),
        ("no route", "GET", "/nothing?key=" + urllib.parse.quote(hunt.new("route")), None),
        ("broken JSON", "POST", "/v1/connectedAccounts", b'{"data":{"api_key":"' + hunt.new("broken").encode() + b'"'),
        ("explain", "POST", "/ks/explain", {"action": hunt.new("explain"), "input": {}}),
        ("log", "POST", "/v1/logs", {"request": hunt.new("log"), "response": hunt.new("log2")}),
    ]  # fmt: skip
    for name, method, path, body in misplaced:
        assert w.call(method, path, body).status < 500, name
    w.call("GET", "/v1/apps", key=hunt.new("apikey"))
    w.call("GET", "/v1/apps", headers={"Authorization": "Bearer " + hunt.new("bearer"), "common": hunt.new("common")})
    w.server.raw(b"GET /health HTTP/1.1\r\nHost: a\r\nX-A: " + hunt.new("raw").encode() + b"\r\n b\r\n\r\n", timeout=5)
    own = w.integration(integrationSecrets={"api_key": hunt.new("own")})
    keep["own"] = (w.good("POST", "/v1/connectedAccounts", {"integrationId": own, "data": {}})["connectedAccountId"], None)
    w.post("/v1/integrations", {"appId": "vend", "authScheme": "API_KEY", "authConfig": {"api_key": "\n\n" + hunt.new("own2") + "\nx"}})
    for scheme, data in (
        ("BASIC", {"username": "ada", "password": hunt.new("basic")}), ("BEARER_TOKEN", {"token": hunt.new("token")}),
    ):  # fmt: skip
        keep[scheme] = (w.connect(w.integration(scheme=scheme), data, scheme), None)
    return keep


def use_paths(w, hunt, keep):
    """Acting in every way, with vendors that answer, refuse, leak, break and hang up."""
    for name in ("used", "own", "BASIC", "BEARER_TOKEN", "limited", "down"):
        ca = keep[name][0]
        assert w.execute("VEND_LIST_THINGS", connectedAccountId=ca).status == 200
        for endpoint in ("/leak", "/text", "/status/401", "/status/500", "/redirect", "/list", "/busy", "http://127.0.0.1:9/x"):
            w.proxy(ca, endpoint)
        w.call("GET", f"/ks/call/{ca}/leak")
        w.call("POST", f"/ks/call/{ca}/things", b"x" * 100000)
        w.post("/ks/explain", {"action": "VEND_LIST_THINGS", "connectedAccountId": ca, "input": {}})
        w.post(f"/ks/connections/{ca}/verify", {})
        for path in ("/v1/connectedAccounts/{}", "/v1/connectedAccounts/{}/info", "/ks/connections/{}"):
            w.get(path.format(ca))
    bring = {"body": {}, "parameters": [{"in": "header", "name": "X-Own", "value": hunt.new("brought")}]}
    for base in (w.up.url, w.other.url, "http://127.0.0.1:9", "https://nowhere.example"):
        w.execute("VEND_LIST_THINGS", authConfig=dict(bring, base_url=base))
    bring["parameters"] = [{"in": "query", "name": "k", "value": hunt.new("broughtquery")}]
    w.execute("VEND_LIST_THINGS", authConfig=bring)


def change_paths(w, hunt, keep):
    ca, value = keep["replaced"]
    assert w.call("PUT", f"/ks/connections/{ca}/credential", {"api_key": hunt.new("replacement")}).status == 200
    w.call("PUT", f"/ks/connections/{ca}/credential", {"api_key": hunt.new("wrong_replacement")})
    ca = keep["reinitiated"][0]
    assert w.post(f"/v1/connectedAccounts/{ca}/reinitiate", {"data": {"api_key": hunt.new("again")}}).status == 200
    w.good("DELETE", "/v1/connectedAccounts/" + keep["deleted"][0])
    w.good("POST", f"/v1/connectedAccounts/{keep['disabled'][0]}/disable")
    w.execute("VEND_LIST_THINGS", connectedAccountId=keep["disabled"][0])
    ca, value = keep["expired"]
    w.revoked.add(value)
    for _ in range(2):
        w.execute("VEND_LIST_THINGS", connectedAccountId=ca)
    until("EXPIRED", lambda: w.account(ca)["status"] == "EXPIRED", 10)
    body = {"integrationId": w.integration(), "userUuid": "idem", "data": {"api_key": hunt.new("idem")}}
    for _ in range(2):
        w.post("/v1/connectedAccounts", body, headers={"Idempotency-Key": "canary"})
    for path in ("/v1/connectedAccounts?showDisabled=true", "/v1/integrations", "/ks/connections", "/ks/audit", "/metrics"):
        w.get(path)


def link_paths(w, hunt):
    """What is typed into the page of a link, the links' own tokens, and pages that are shown again."""
    ac = w.integration()

    def link():
        made = w.post("/ks/links", {"integration_id": ac, "entity_id": "link"})
        assert made.status == 201, made
        w.server.answers.pop()  # the one place where the token is meant to be
        path = urllib.parse.urlsplit(made.json()["url"]).path
        hunt.out["token of a link " + made.json()["id"]] = path.rsplit("/", 1)[1]
        return path

    def submit(path, fields, csrf=None):
        page = w.get(path, key=None).text
        csrf = csrf or re.search('name="csrf" value="([0-9a-f]+)"', page).group(1)
        body = urllib.parse.urlencode({"csrf": csrf, **fields}).encode()
        return w.call("POST", path, body, raw_type="application/x-www-form-urlencoded", key=None).status

    path = link()
    rows = [
        ({"f.api_key": "wrong" + hunt.new("link_wrong")}, None, 400), ({"f.api_key": hunt.new("link_line") + "\n."}, None, 400),
        ({"f.api_key": hunt.new("link_forged")}, "0" * 32, 403), ({"f.api_key": hunt.new("link_long") + "k" * 9000}, None, 400),
        ({"f.api_key": hunt.new("link_beside"), "f.region": "a.b"}, None, 400), ({"f.api_key": hunt.new("link_good")}, None, 303),
    ]  # fmt: skip
    for fields, csrf, status in rows:
        got = submit(path, fields, csrf)
        assert got == status, (got, status)
    form = "application/x-www-form-urlencoded"
    for body in (b"f.api_key=" + quoted(hunt.new("link_used")).encode(), b"f.api_key=%zz" + hunt.new("link_broken").encode()):
        assert w.call("POST", path, body, raw_type=form, key=None).status in (400, 404)
    large = b"f.api_key=" + quoted(hunt.new("link_large")).encode() + b"k" * 30000  # read by a worker
    assert w.call("POST", link(), large, raw_type=form, key=None).status == 403


def cli_paths(w, hunt):
    """The command line reads secrets from files and standard input."""
    env = {"KEYSTEWARD_URL": f"http://127.0.0.1:{w.server.port}", "KEYSTEWARD_API_KEY": w.key}
    said = []
    for name, more in (("cli", ()), ("cli_wrong", ()), ("cli_json", ("--json",))):
        with tempfile.NamedTemporaryFile("w", prefix="keysteward-") as fh:
            fh.write(hunt.new(name) + "\n")
            fh.flush()
            done = w.server.cli("connect", "vend", "--entity", name, "--no-input", *more, f"api_key=@{fh.name}", env=env, check=False)
        said.append((f"what `connect` said ({name})", (done.stdout + done.stderr).encode()))
    done = w.server.cli("connect", "vend", "--entity", "stdin", "api_key=-", stdin=hunt.new("cli_stdin"), env=env, check=False)
    said.append(("what `connect` said (stdin)", (done.stdout + done.stderr).encode()))
    return said


def files(folder, leave_out):
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file() and not any(part in path.parts for part in leave_out):
            yield str(path.relative_to(folder)), path.read_bytes()


def process_surface(pid):
    for name in ("cmdline", "environ", "comm", "status"):
        try:
            yield f"/proc/PID/{name}", pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
        except OSError:
            pass


def memory(pid, hunt, control):
    """region -> canaries in it with their forms; bytes read; how often `control`, which is no secret, was met. Root."""
    found, size, met, unread = {}, 0, 0, []
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in maps:
            parts = line.split(maxsplit=5)
            start, end = (int(x, 16) for x in parts[0].split("-"))
            name = parts[5].strip() if len(parts) > 5 else "anonymous"
            if "r" not in parts[1] or name in ("[vvar]", "[vsyscall]", "[vdso]"):
                continue
            try:
                mem.seek(start)
                data = mem.read(end - start)
            except (OSError, ValueError, OverflowError):
                unread.append(name)
                continue
            size, met = size + len(data), met + data.count(control)
            for hit in hunt.search(name, data):
                found.setdefault(os.path.basename(name), []).append(hit)
    return found, size, met, unread


def main():
    hunt, w = Hunt(), World()
    w.start()
    try:
        w.server.answers = []
        said, keep = [], {}
        for title, path in (
            ("connecting", lambda: keep.update(connect_paths(w, hunt))), ("acting", lambda: use_paths(w, hunt, keep)),
            ("changing", lambda: change_paths(w, hunt, keep)), ("links", lambda: link_paths(w, hunt)), ("the command line", lambda: said.extend(cli_paths(w, hunt))),
        ):  # fmt: skip
            try:
                path()
                hunt.tell(f"all paths of {title} were gone", True)
            except Exception as error:  # a path that breaks must not hide what the others left
                hunt.tell(f"all paths of {title} were gone", False, f"{type(error).__name__}: {error}"[:600])
        seen = json.dumps([s[2] for s in w.up.seen])
        hunt.tell("the vendor did get the secrets (the search can find something)", hunt.out["used"].replace("\\", "\\\\").replace('"', '\\"') in seen)
        hunt.check(f"none of {len(w.server.answers)} answers holds one", ((f"answer {i}", a) for i, a in enumerate(w.server.answers)))
        hunt.check("the command line shows none", said)
        hunt.check("the log holds none", [("log", w.server.log().encode("utf-8", "replace"))])
        hunt.check("no file of the running server holds one", files(w.server.folder, ("apps",)))
        hunt.check("the process shows none", process_surface(w.server.process.pid))
        report(w, hunt)
        w.server.stop()
        hunt.check("no file of the stopped server holds one", files(w.server.folder, ("apps",)))
    finally:
        why = w.faults()
        hunt.tell("the server ended well", not why, why)
    count_and_exit(hunt.passed, hunt.failed, "canary")


def report(w, hunt):
    if os.geteuid() != 0:
        print("memory: not searched (needs root)")
        return
    if sanitized():
        print("memory: not searched (a sanitizer keeps what was freed)")
        return
    entity = "control_" + os.urandom(8).hex()
    w.connect(entity=entity)
    w.list("user_uuid=" + entity)
    w.get("/health")
    try:
        found, size, met, unread = memory(w.server.process.pid, hunt, entity.encode())
    except OSError as error:
        print(f"memory: cannot be read here ({error})")
        return
    print(f"memory of the idle process: {size >> 20} MB read, {len(hunt.out)} canaries, found in {len(found)} regions")
    print(f"  (an entity id, no secret, stands there {met} times; not readable: {', '.join(unread) or 'nothing'})")
    for name, hits in sorted(found.items()):
        kinds = sorted({h.split(" ")[0] for h in hits})
        print(f"  {name}: {len(hits)} forms of {len(kinds)} canaries: {', '.join(kinds[:20])}")


if __name__ == "__main__":
    main()
