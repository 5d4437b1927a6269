"""tests/peers/asked.py: what is asked of a peer: apps made from a document, connections with made-up values, arguments made
from the schemas of actions."""

import subprocess

from server import binary


def imported(name, base, document):
    """The app file of a document, as the command line makes it; its vendor at base."""
    argv = [binary(), "app", "import", "--name", name, "--base", base, str(document)]
    done = subprocess.run(argv, capture_output=True, text=True)
    assert done.returncode == 0, (name, done.stderr[-1000:])
    return done.stdout


def value_of(schema):
    """A value for a member of a tool's schema."""
    if "default" in schema:
        return schema["default"]
    for key in ("enum", "examples"):
        if schema.get(key):
            return schema[key][0]
    kind = schema.get("type")
    if kind == "object":
        if "mimetype" in schema.get("properties", {}):
            return {"name": "x1", "mimetype": "application/octet-stream", "content": "QQ=="}
        return arguments(schema)
    if kind == "array":
        return [value_of(schema.get("items", {}))]
    words = (schema.get("format") or "text") if kind == "string" else kind
    return {"integer": 1, "number": 1, "boolean": True, "date-time": "2026-01-02T03:04:05Z", "date": "2026-01-02",
            "uri": "https://a.example/x", "email": "ada@a.example"}.get(words, "x1")  # fmt: skip


def arguments(schema):
    """What the schema demands, and nothing else."""
    return {n: value_of(schema["properties"][n]) for n in schema.get("required", []) if n in schema.get("properties", {})}


def connect(server, app, **values):
    """The answer to a connection of `app`: each field that is required has its default, its example, or the value given."""
    about = server.http("GET", f"/v1/apps/{app}").json()
    scheme = about["auth_schemes"][0]
    data = {f["name"]: f.get("default") or f.get("example") or "x1" for f in scheme["fields"] if f.get("required")}
    wanted = {"appId": about["appId"], "name": app, "useComposioAuth": False, "authScheme": scheme["auth_mode"]}
    made = server.http("POST", "/v1/integrations", wanted).json()
    return server.http("POST", "/v1/connectedAccounts", {"integrationId": made["id"], "data": {**data, **values}, "userUuid": "u"})


def has_credentials(server, app):
    """False: the document it was made from tells of none."""
    return bool(server.http("GET", f"/v1/apps/{app}").json().get("auth_schemes"))


def actions_of(server, app):
    return server.http("GET", f"/v2/actions?apps={app}&limit=1000").json()["items"]


def run(server, action, who):
    """The made-up arguments of an action, and the answer to it."""
    given = arguments(action["parameters"])
    return given, server.http("POST", f"/v2/actions/{action['name']}/execute", {**who, "input": given})
