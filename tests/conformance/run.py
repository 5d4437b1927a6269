"""tests/conformance/run.py: run both seed scripts against two servers (ghost vendors and checks on; no ghosts and
checks off) and the guide's programs of examples/; then the v3 scripts against one more pair of servers, all tools through
the providers for OpenAI, the quick starts of examples/, accounts of each SDK line in all others (cross.py), and files with each (files.py). Called by run.sh, which has
installed the SDKs. Nothing leaves the machine: the SDKs' telemetry is off, and what they send to https anyway ends at a closed loopback port."""

import argparse
import contextlib
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))
from cross import cross, quiet_home  # noqa: E402
from server import Server, count_and_exit, free_port, until  # noqa: E402

COUNT = re.compile(r"^(\d+) passed, (\d+) failed$", re.M)


def environment(server, home, upstream, node_modules):
    """What an SDK process gets to see. No variable of ours but PATH goes along."""
    nowhere = "http://127.0.0.1:9"
    return {
        "PATH": os.environ["PATH"],
        "HOME": home,
        "LANG": "C.UTF-8",
        "COMPOSIO_CACHE_DIR": quiet_home(home),
        "COMPOSIO_BASE_URL": f"http://127.0.0.1:{server.port}",
        "COMPOSIO_API_KEY": server.client.key,
        "COMPOSIO_DISABLE_SENTRY": "true",
        "COMPOSIO_DISABLE_VERSION_CHECK": "true",
        "COMPOSIO_LOGGING_LEVEL": "error",
        "TELEMETRY_DISABLED": "true",
        "HTTPS_PROXY": nowhere,
        "https_proxy": nowhere,
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
        "KEYSTEWARD_TEST_UPSTREAM": upstream,
        "CONF_NODE_MODULES": node_modules,
        "COMPOSIO_SDK_ROOT": node_modules,
        "PYTHONWARNINGS": "ignore",
    }


@contextlib.contextmanager
def served(node_modules, *flags, upstream=""):
    """A server with a key, and the environment of SDK processes that talk to it, at home in a folder of their own."""
    with Server(*flags) as server, tempfile.TemporaryDirectory(prefix="keysteward-conf-") as home:
        server.use_key("conf")
        yield server, environment(server, home, upstream, node_modules)


def run(title, argv, env):
    try:
        done = subprocess.run(argv, env=env, cwd=env["HOME"], capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired as late:
        text = (late.stdout or b"").decode("utf-8", "replace") + "\nstopped after 300 s"
        return subprocess.CompletedProcess(argv, 1, text, "")
    if done.returncode != 0:
        print(f"--- {title} ended with {done.returncode}\n{done.stderr[-3000:]}")
    return done


def seed(title, argv, env):
    """One script: its failures on the screen, its counts back."""
    done = run(title, argv, env)
    found = COUNT.findall(done.stdout)
    passed, failed = map(int, found[-1]) if found else (0, 1)
    if done.returncode != 0 and failed == 0:
        failed = 1
    for line in done.stdout.splitlines():
        if not line.startswith("ok ") and not COUNT.match(line):
            print(f"  {line}")
    print(f"  {title}: {passed} passed, {failed} failed", flush=True)
    return passed, failed


def both(what, env, python, node, stem):
    """The Python and the TypeScript script of this stem: two counts."""
    return [
        seed(f"python ({what})", [python, str(HERE / f"{stem}_python.py")], env),
        seed(f"typescript ({what})", [node, str(HERE / f"{stem}_typescript.mjs")], env),
    ]


def examples(server, env, node):
    """The guide's programs, and what each must print."""
    body = {"app": {"uniqueKey": "shopify"}, "config": {"name": "guide", "authScheme": "API_KEY"}}
    made = server.http("POST", "/api/v2/integrations/create", body)
    assert made.status == 200, made
    env = dict(env, INTEGRATION_ID=made.json()["integrationId"])
    here, root = ROOT / "examples", env["COMPOSIO_BASE_URL"]
    python = dict(env, COMPOSIO_BASE_URL=root + "/api", PYTHONPATH=str(ROOT / "clients" / "python" / "src"))
    rows = [
        ("python_guide.py", [sys.executable], python, "Error fetching required params: 'expectedInputFields'"),
        ("python_keysteward.py", [sys.executable], python, "Fields of shopify (API_KEY): ['api_key'"),
        ("typescript_guide.mjs", [node], env, "Fields of shopify (API_KEY): [ 'api_key'"),
    ]
    passed = failed = 0
    for name, command, its_env, wanted in rows:
        done = run(name, [*command, str(here / name)], its_env)
        good = done.returncode == 0 and wanted in done.stdout and "Status: ACTIVE" in done.stdout
        passed, failed = passed + good, failed + (not good)
        if not good:
            print(f"FAIL - examples/{name}: wanted {wanted!r} and an ACTIVE connection, got:\n{done.stdout}")
    print(f"  examples: {passed} passed, {failed} failed", flush=True)
    return passed, failed


@contextlib.contextmanager
def echo_upstream(port):
    """The upstream of the v3 scripts, listening."""
    script = str(HERE / "v3_echo_upstream.py")
    process = subprocess.Popen([sys.executable, script, str(port)])

    def listening():
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", port)) == 0

    try:
        until("the echo upstream listens", listening)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def old(given):
    """The seed scripts, ghosts and checks on, and the guide's programs; then no ghosts and checks off."""
    counts = []
    for what, flags in (("ghosts, verify on", ["--ghost"]), ("no ghosts, verify off", ["--verify", "off"])):
        at = f"127.0.0.1:{free_port()}"
        with served(given.node_modules, "--allow-private", at, *flags, upstream=f"http://{at}") as (server, env):
            now = both(what, env, sys.executable, given.node, "seed")
            if "--ghost" in flags:
                now.append(examples(server, env, given.node))
            if any(failed for _, failed in now):
                lines = [line for line in server.log().splitlines() if '"level":"info"' not in line]
                print("\n".join(["--- warnings and errors of the server", *lines[-20:]]))
            counts += now
    return counts


def v3(given):
    """Both v3 scripts, the accounts' base URL set to an echo server: checks on, checks off."""
    counts = []
    for what, flags in (("v3, verify on", []), ("v3, verify off", ["--verify", "off"])):
        port = free_port()
        flags = ["--allow-private", f"127.0.0.1:{port}", *flags]
        with echo_upstream(port) as upstream, served(given.node_modules_v3, *flags, upstream=upstream) as (_, env):
            counts += both(what, env, given.python_v3, given.node, "v3")
    return counts


def links(given):
    """Both SDKs of v3: a link, the form behind it, the account, an action."""
    with served(given.node_modules_v3, "--ghost") as (_, env):
        return both("links", env, given.python_v3, given.node, "links")


def quick_starts(env, given):
    """The quick starts of today's SDKs, twice: they must not mind that the user is connected already."""
    shown = {"api_key", "DEMO_ECHO", "hello", "Status: ACTIVE"}
    passed = failed = 0
    for name, command in (("python_quickstart.py", given.python_v3), ("typescript_quickstart.mjs", given.node)) * 2:
        done = run(name, [command, str(ROOT / "examples" / name)], env)
        good = done.returncode == 0 and all(text in done.stdout for text in shown) and "rue {" in done.stdout
        passed, failed = passed + good, failed + (not good)
        if not good:
            print(f"FAIL - examples/{name}: wanted {sorted(shown)}, got:\n{done.stdout}")
    print(f"  quick starts: {passed} passed, {failed} failed", flush=True)
    return passed, failed


def tools(given):
    """All tools of the catalogue as models get them, and the quick starts."""
    with served(given.node_modules_v3) as (_, env):
        return [*both("tools", env, given.python_v3, given.node, "tools"), quick_starts(env, given)]


def files(given):
    """Files of arguments and answers with each SDK line: files.py, in a network of its own."""
    ways = (["unshare", "-n"], ["unshare", "-rn"])  # as root, or as anybody where user namespaces are allowed
    alone = next((way for way in ways if subprocess.run([*way, "true"], capture_output=True).returncode == 0), None)
    if alone is None:
        print("skip - files: this system allows no network namespace")
        return 0, 0
    argv = [*alone, sys.executable, str(HERE / "files.py"), "--python", sys.executable]
    for name in ("node", "node_modules", "python_v3", "node_modules_v3"):
        argv += ["--" + name.replace("_", "-"), getattr(given, name)]
    return seed("files", argv, dict(os.environ, HOME=str(HERE)))


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--node", required=True)
    arguments.add_argument("--node-modules", required=True)
    arguments.add_argument("--python-v3", required=True)
    arguments.add_argument("--node-modules-v3", required=True)
    given = arguments.parse_args()
    counts = [*old(given), *v3(given), *links(given), *tools(given), cross(given), files(given)]
    count_and_exit(sum(c[0] for c in counts), sum(c[1] for c in counts), "conformance")


if __name__ == "__main__":
    main()
