"""tests/spec/run.py: does the server do what /openapi.json says, and nothing else? schemathesis makes requests from the
document, good and bad ones, against a server with ghost vendors; each answer must have a documented status, its content
type and its schema, with no member that the schema does not name. Called by run.sh, which has installed schemathesis.

Beyond that: every operation must have been answered with success at least once, what does not fit the document must be
refused, and three lies told about the server on purpose must be found. Arguments go to schemathesis (--max-examples 100)."""

import copy
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import openapi_spec_validator  # noqa: E402
from server import count_and_exit  # noqa: E402
from world import World  # noqa: E402

CHECKS = ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance", "response_schema_conformance",
          "refuses_what_does_not_fit", "missing_required_header", "ignored_auth"]


# These succeed with what only a page that was loaded before can tell (tests/api/test_links.py goes that way), or with a
# database (tests/databases/test_query.py).
BY_HAND = {"POST /connect/{token}", "GET /connect/done", "PUT /f/{pass}", "GET /f/{pass}/{name}", "POST /ks/query/{connection}"}


def operations(document):
    for path, item in document["paths"].items():
        for method, found in item.items():
            yield path, method, found


def resolve(document, schema):
    return document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema


def walk(document, schema, seen, visit):
    """Every object schema that can be reached from `schema`, each once."""
    schema = resolve(document, schema)
    if id(schema) in seen:
        return
    seen.add(id(schema))
    visit(schema)
    for inner in schema.get("properties", {}).values():
        walk(document, inner, seen, visit)
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            walk(document, schema[name], seen, visit)
    for inner in schema.get("anyOf", []):
        walk(document, inner, seen, visit)


def close(schema):
    """A member that is not described is a fault."""
    if "properties" in schema:
        schema.setdefault("additionalProperties", False)


def answers(document):
    found = [a for _, _, op in operations(document) for a in op["responses"].values()]
    for one in [*found, *document["components"]["responses"].values()]:
        for content in one.get("content", {}).values():
            yield content["schema"]


def working_copy(document):
    """Without what the control socket alone answers, and with answers closed."""
    made = copy.deepcopy(document)
    for path in [p for p, method, op in operations(made) if op.get("x-control-socket")]:
        made["paths"].pop(path, None)
    seen = set()
    for schema in list(answers(made)):
        walk(made, schema, seen, close)
    return made


def never_good(document, seen):
    """Operations that were never answered with success."""
    good = {tuple(line.split(" ", 3)[2:]) for line in seen if line.split(" ", 2)[1].startswith(("2", "303"))}
    return [f"{method.upper()} {path}" for path, method, _ in operations(document) if (method.upper(), path) not in good]


def schemathesis(folder, document, world, known, *more):
    """Run it on this document; (exit status, what it said, lines of hooks.py)."""
    file, seen = pathlib.Path(folder, "openapi.json"), pathlib.Path(folder, "seen")
    file.write_text(json.dumps(document))
    seen.write_text("")
    url = f"http://127.0.0.1:{world.server.port}"
    env = dict(os.environ, SCHEMATHESIS_HOOKS="hooks", PYTHONPATH=str(HERE), KEYSTEWARD_URL=url, KEYSTEWARD_API_KEY=world.key, KEYSTEWARD_SEEN=str(seen),
               KEYSTEWARD_OBJECTS=json.dumps(known), NO_PROXY="127.0.0.1", no_proxy="127.0.0.1")
    argv = [str(pathlib.Path(sys.executable).parent / "schemathesis"), "--config-file", str(HERE / "schemathesis.toml"), "run", str(file), "--url", url,
            "--header", f"x-api-key:{world.key}", "--checks", ",".join(CHECKS), "--no-color", *more]
    done = subprocess.run(argv, env=env, cwd=folder, text=True, capture_output=True, timeout=900)
    return done.returncode, done.stdout + done.stderr, seen.read_text().splitlines()


def spoiled(document):
    """The document with three lies, to see that they are found: a member too few, another type, a status too few."""
    made = copy.deepcopy(document)
    schemas = made["components"]["schemas"]
    del schemas["V3ToolkitItem"]["properties"]["name"]
    schemas["V3ToolkitItem"]["required"].remove("name")
    schemas["V1Executed"]["properties"]["logId"]["type"] = "integer"
    del made["paths"]["/v2/actions/{action}"]["get"]["responses"]["404"]
    lies = ["GET /v3/toolkits", "POST /v2/actions/{action}/execute", "GET /v2/actions/{action}"]
    return made, lies


def run(world):
    """(operations as described, faults as texts)"""
    ac = world.integration()
    known = {"ac": ac, "ca": world.connect(ac, entity="user_42", labels=["primary"]), "spare": world.connect(ac, entity="spare")}
    document = world.get("/openapi.json", key=None).json()
    openapi_spec_validator.validate(document)
    made = working_copy(document)
    total = len(list(operations(made)))
    with tempfile.TemporaryDirectory(prefix="keysteward-spec-") as folder:
        status, said, seen = schemathesis(folder, made, world, known, *sys.argv[1:])
        faults = re.findall(r"^_+ ([A-Z]+ /\S+) _+$", said, re.M)
        if status != 0 or not seen:
            print(said)
            faults = faults or ["schemathesis"]
        faults += [f"{op}: never answered with success" for op in ([] if sys.argv[1:] else never_good(made, seen)) if op not in BY_HAND]
        wrong, lies = spoiled(made)
        _, said, _ = schemathesis(folder, wrong, world, known, *[w for lie in lies for w in ("--include-name", lie)])
        faults += [f"{lie}: a lie in its description was not found" for lie in lies if f"_ {lie} _" not in said]
    print(f"{len(seen)} requests to {total} operations")
    return total + len(lies), sorted(set(faults))


def main():
    world = World().start()
    try:
        total, faults = run(world)
    finally:
        end = world.faults()
    faults += [end] if end else []
    for fault in faults:
        print("FAIL", fault)
    count_and_exit(total - min(len(faults), total), len(faults), "spec")


main()
