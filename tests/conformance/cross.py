"""tests/conformance/cross.py: what one SDK line connects every other one uses; each is set up by `keysteward env` alone, and
while they work no host but this machine is asked for anything. Called by run.py."""

import json
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "tests" / "support"))
from server import Server, binary  # noqa: E402

# The word of `keysteward env --sdk`, and the program of the line.
LINES = {
    "python-old": "cross_python_old.py",
    "ts-old": "cross_typescript_old.mjs",
    "python": "cross_python.py",
    "ts": "cross_typescript.mjs",
}


def quiet_home(home):
    """The folder where the SDKs keep their things, told to report to nobody."""
    cache = os.path.join(home, ".composio")
    os.makedirs(cache, exist_ok=True)
    with open(os.path.join(cache, "user_data.json"), "w", encoding="utf-8") as fh:
        fh.write('{"sentry":{"dsn":"off"}}')
    return cache


class Cross:
    def __init__(self, given, server, home):
        self.given, self.server, self.home = given, server, home
        self.calls = os.path.join(home, "calls")
        self.passed = self.failed = 0
        quiet_home(home)  # as `keysteward env --sdk python-old` says

    def check(self, name, good, detail=""):
        self.passed, self.failed = self.passed + bool(good), self.failed + (not good)
        if not good:
            print(f"FAIL - {name}: {str(detail)[-1500:]}")

    def command(self, line):
        program = str(HERE / LINES[line])
        if line.startswith("python"):
            return [sys.executable if line == "python-old" else self.given.python_v3, program]
        return [self.given.node, program]

    def environment(self):
        """No variable of an SDK is here: those are for `keysteward env` to set."""
        return {
            "PATH": os.environ["PATH"], "HOME": self.home, "LANG": "C.UTF-8",
            "KEYSTEWARD_URL": f"http://127.0.0.1:{self.server.port}", "KEYSTEWARD_API_KEY": self.server.client.key,
            "PYTHONPATH": str(HERE / "recorder"), "NODE_OPTIONS": f"--import={HERE / 'recorder' / 'recorder.mjs'}",
            "KEYSTEWARD_TEST_CALLS": self.calls, "CONF_NODE_MODULES": self.given.node_modules,
            "COMPOSIO_SDK_ROOT": self.given.node_modules_v3,
        }  # fmt: skip

    def run(self, line, *words, which="", then=""):
        """The RESULT of a program in the environment that `keysteward env` makes, and the hosts it asked for."""
        open(self.calls, "w", encoding="utf-8").close()
        setup = f'eval "$({shlex.quote(binary())} env {which})"; {then}'
        argv = ["/bin/sh", "-c", setup + ' exec "$@"', "sh", *self.command(line), *words]
        done = subprocess.run(argv, env=self.environment(), cwd=self.home, capture_output=True, text=True, timeout=180)
        with open(self.calls, encoding="utf-8") as fh:
            hosts = set(fh.read().split())
        found = [text[7:] for text in done.stdout.splitlines() if text.startswith("RESULT ")]
        return (json.loads(found[0]) if found else done.stdout + done.stderr), hosts

    def quiet(self, line, hosts):
        """The oldest TypeScript line looks up its newest version, and has no switch for that."""
        if line == "ts-old":
            self.check(f"{line} reports to nobody", not any("composio" in h for h in hosts) and len(hosts) < 2, hosts)
        else:
            self.check(f"{line} asks no other host", not hosts, hosts)

    def pairs(self):
        for maker in LINES:
            user = f"cross {maker}"
            made, hosts = self.run(maker, "make", user)
            self.quiet(maker, hosts)
            good = isinstance(made, dict) and made["status"] == "ACTIVE" and made["id"].startswith("ca_")
            self.check(f"{maker} connects", good, made)
            for line in LINES if good else ():
                word = f"from {maker} to {line}"
                used, hosts = self.run(line, "use", user, made["id"], word, which="--sdk " + line)
                self.quiet(line, hosts)
                wanted = {"status": "ACTIVE", "user": user, "app": "demo"}
                fits = isinstance(used, dict) and {k: used[k] for k in wanted} == wanted
                fits = fits and word in json.dumps(used["by_id"]) and word in json.dumps(used["by_user"])
                self.check(f"what {maker} connects {line} uses", fits, used)

    def controls(self):
        """The recorder sees what there is to see: with a switch left out, or not thrown, somebody is asked."""
        _, hosts = self.run("ts", "make", "control", then="unset TELEMETRY_DISABLED;")
        self.check("without its switch the recorder sees ts report", any("composio" in h for h in hosts), hosts)
        made, _ = self.run("python", "make", "control")
        _, hosts = self.run("python", "use", "control", made["id"], "word", "--tracking")
        self.check("without its switch the recorder sees python report", any("composio" in h for h in hosts), hosts)


def cross(given):
    """Counts, for run.py."""
    with Server() as server, tempfile.TemporaryDirectory(prefix="keysteward-cross-") as home:
        server.use_key("cross")
        it = Cross(given, server, home)
        it.pairs()  # V3-1 ENV-1
        it.controls()
    print(f"  across SDK lines: {it.passed} passed, {it.failed} failed", flush=True)
    return it.passed, it.failed
