"""tests/web/run.py NODE MODULES [--all] [--sheet FILE] [dash] [NAME]: a server, a vendor that obeys the tests, a site of another
origin that embeds the form, a PostgreSQL; then web.mjs, dash.mjs and calls.mjs in the browser, with `dash` the latter two alone. Afterwards
the canary key is looked for wherever it must not be."""

import http.server
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE.parent / "databases")]
from postgres import READER, READER_PASSWORD, SETUP, Postgres  # noqa: E402
from world import World, quoted  # noqa: E402

CANARY = "vk_canary_7f3a9c1e5b2d"
HOST = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A site</title><link rel="stylesheet" href="/host.css">
<script src="KEYS/element.js" async></script><script src="/host.js" defer></script></head>
<body><main><h1>A site</h1><ks-connect ATTRS><a href="LINK">Connect Vend</a></ks-connect></main></body></html>"""
HOST_CSS = "ks-connect { --ks-accent: #7a1fa2; --ks-accent-text: #ffffff; --ks-radius: 2px; --ks-bg: url(https://evil.example/x); }"
HOST_JS = """const log = (window.heard = []);
for (const name of ["ready", "connected", "rejected", "cancel", "error"])
  addEventListener("ks-" + name, (e) => log.push([name, e.detail]));"""


class Site(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        from urllib.parse import parse_qs, urlsplit

        target = urlsplit(self.path)
        asked = {k: v[0] for k, v in parse_qs(target.query).items()}
        body, kind = b"", "text/html; charset=utf-8"
        if target.path == "/seen":
            body, kind = json.dumps(self.server.seen()).encode(), "application/json"
        elif target.path == "/invite":
            body, kind = self.server.invite().encode(), "text/plain"
        elif target.path == "/host.css":
            body, kind = HOST_CSS.encode(), "text/css"
        elif target.path == "/host.js":
            body, kind = HOST_JS.encode(), "text/javascript"
        elif target.path == "/host":
            attrs = f'link="{asked["link"]}" mode="{asked.get("mode", "inline")}" lang="{asked.get("lang", "en")}"'
            body = HOST.replace("KEYS", self.server.keys).replace("ATTRS", attrs).replace("LINK", asked["link"]).encode()
        elif target.path == "/frame":
            body = f'<!doctype html><title>x</title><iframe src="{asked["link"]}"></iframe>'.encode()
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", kind)
        policy = f"default-src 'none'; script-src 'self' {self.server.keys}; style-src 'self'; frame-src {self.server.keys}; require-trusted-types-for 'script'"
        self.send_header("Content-Security-Policy", policy)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def holding(folder):
    """Files below `folder` that hold the canary."""
    found = []
    for path in pathlib.Path(folder).rglob("*"):
        if path.is_file() and not path.is_symlink() and CANARY.encode() in path.read_bytes():
            found.append(str(path.relative_to(folder)))
    return found


def main():
    node, modules, *rest = sys.argv[1:]
    dash = ["dash.mjs"] if "--sheet" in rest else ["dash.mjs", "calls.mjs"]
    scripts = dash if "dash" in rest else ["web.mjs"] if "--sheet" in rest else ["web.mjs", *dash]
    rest = [word for word in rest if word != "dash"]
    database = Postgres().start()
    database.sql(SETUP)
    world = World("--allow-private", f"127.0.0.1:{database.port}", apps={"kinds": (HERE / "kinds.yaml").read_text()}).start()
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    site.keys = f"http://127.0.0.1:{world.server.port}"
    site.seen = lambda: [path for _, path, *_ in world.up.seen]
    site.invite = lambda: world.server.cli("dash", "--data", world.server.data, "--project", "one", "--url", site.keys).stdout.strip()
    threading.Thread(target=site.serve_forever, daemon=True).start()
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "KS_BASE": site.keys, "KS_KEY": world.key, "KS_HOST": f"http://localhost:{site.server_port}", "KS_MODULES": modules,
               "KS_DATABASE": f"postgresql://{READER}:{quoted(READER_PASSWORD)}@localhost:{database.port}/postgres", "KS_DATABASE_CA": database.ca,
               "KS_PROFILE": folder, "KS_CANARY": CANARY, "KS_OTHER_KEY": world.server.make_key("Northwind")}  # fmt: skip
        for script in scripts:
            run = subprocess.run([node, str(HERE / script), *rest], env=env, stdout=subprocess.PIPE, text=True)
            counted = False
            for line in run.stdout.splitlines():
                count = re.fullmatch(r"(\d+) passed, (\d+) failed", line)
                if count:
                    counted, passed, failed = True, passed + int(count[1]), failed + int(count[2])
                else:
                    print(line)
            if not counted and "--sheet" not in rest:
                print(f"FAIL - {script} ended with {run.returncode}")
                failed += 1
        for what, where in (("the browser's profile", holding(folder)), ("the server's folder", holding(world.server.data))):
            if where:
                print(f"FAIL - the canary key lies in {what}: {where}")
            failed, passed = failed + bool(where), passed + (not where)
        leaked = CANARY in world.server.log()
    fault = world.faults()
    for bad, what in ((leaked, "the canary key stands in the log"), (fault, fault[:2000])):
        if bad:
            print("FAIL - " + what)
        failed, passed = failed + bool(bad), passed + (not bad)
    site.shutdown()
    database.stop()
    print(f"web: {passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
