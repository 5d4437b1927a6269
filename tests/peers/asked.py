"""tests/peers/asked.py: what is asked of a peer: apps made from a document, connections with made-up values, arguments made
from the schemas of actions."""

import subprocess

from server import binary
from values import arguments


def imported(name, base, document):
    """The app file of a document, as the command line makes it; its vendor at base."""
    argv = [binary(), "app", "import", "--name", name, "--base", base, str(document)]
    done = subprocess.run(argv, capture_output=True, text=True)
    assert done.returncode == 0, (name, done.stderr[-1000:])
    return done.stdout


def connect(server, app, **values):
    """The answer to a connection of `app`: each field that is required has its default, its example, or the value given."""
    about = server.http("GET", f"/v1/apps/{app}").json()
    scheme = about["auth_schemes"][0]
    data = {f["name"]: f.get("default") or f.get("example") or "x1" for f in scheme["fields"] if f.get("required")}
    wanted = {"appId": about["appId"], "name": app, "useComposioAuth": False, "authScheme": scheme["auth_mode"]}
    made = server.http("POST", "/v1/integrations", wanted).json()
    return server.http("POST", "/v1/connectedAccounts", {"integrationId": made["id"], "data": {**data, **values}, "userUuid": "u"})


def actions_of(server, app):
    return server.http("GET", f"/v2/actions?apps={app}&limit=1000").json()["items"]


def run(server, action, who):
    """The made-up arguments of an action, and the answer to it."""
    given = arguments(action["parameters"])
    return given, server.http("POST", f"/v2/actions/{action['name']}/execute", {**who, "input": given})
