"""tests/spec/hooks.py: loaded by schemathesis. Puts objects and words that exist where the document says "any text", and
writes down what was answered, for run.py to judge. Calls of our own are not counted."""

import json
import os
import re

import requests
import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import negative_data_rejection

URL, KEY, SEEN = os.environ["KEYSTEWARD_URL"], os.environ["KEYSTEWARD_API_KEY"], os.environ["KEYSTEWARD_SEEN"]
FIXED = json.loads(os.environ["KEYSTEWARD_OBJECTS"])  # ac, ca, spare: ids that stay
VALUES = {"api_key": "vk_good_0123456789abcdef"}
# What random texts would never hit, by the name of a member or parameter.
WORDS = {
    "uniqueKey": "vend", "appId": "vend", "app": "vend", "appName": "vend", "toolkitSlug": "vend", "authScheme": "API_KEY", "scheme": "API_KEY", "version": "latest",
    "toolkit_versions": "latest", "action": "VEND_LIST_THINGS", "endpoint": "/things", "cursor": "", "integrationId": FIXED["ac"],
    "connectedAccountId": FIXED["ca"], "connected_account_id": FIXED["ca"], "connection": FIXED["ca"], "text": "", "entityId": "user_42", "user_id": "user_42",
    "entity_id": "user_42", "userUuid": "user_42", "method": "GET", "auth_config_id": FIXED["ac"], "integration_id": FIXED["ac"], "connection_id": "",
    "return_url": "https://app.example.com/done", "callback_url": "https://app.example.com/done",
}
CREDENTIALS = {"data", "initiateData", "val", "authConfig", "integrationSecrets", "credentials", "shared_credentials", "connection_data"}
OPEN = {"arguments": {}, "input": {}, "custom_auth_params": {}, "parameters": []}  # what an action or the door out would refuse
session = requests.Session()
session.headers["x-api-key"] = KEY


def integration():
    body = {"app": {"uniqueKey": "vend"}, "config": {"name": "spent", "authScheme": "API_KEY"}}
    return session.post(URL + "/v2/integrations/create", json=body).json()["integrationId"]


def connection():
    body = {"integrationId": FIXED["ac"], "userUuid": "spent", "data": VALUES}
    return session.post(URL + "/v1/connectedAccounts", json=body).json()["connectedAccountId"]


def link():
    """A fresh connect link, the tag of its form, and the name of the style sheet."""
    made = session.post(URL + "/ks/links", json={"integration_id": FIXED["ac"], "entity_id": "spent"}).json()
    token = made["url"].rsplit("/", 1)[1]
    page = requests.get(f"{URL}/connect/{token}", timeout=30).text
    tag, file = re.search('name="csrf" value="(.+?)"', page)[1], re.search(r'href="\.\./a/(.+?)"', page)[1]
    return {"id": made["id"], "token": token, "form": {"csrf": tag, "f.api_key": VALUES["api_key"]}, "file": file}


def own_app():
    """An app of the project's own that nothing uses."""
    file = "app: specs_own\nname: Own\nabout: Things.\ncategories: [tools]\nhome: https://own.example\ndocs: none\nbase: https://api.own.example\n"
    file += "actions:\n  - {name: SPECS_OWN_PING, title: Ping, about: Answers., method: GET, path: /ping, tags: [read]}\n"
    return session.post(URL + "/ks/apps", json={"file": file}).json().get("key", "specs_own")


def receipt():
    one = link()
    reply = requests.post(f"{URL}/connect/{one['token']}", data=one["form"], timeout=30, allow_redirects=False)
    return reply.headers["location"].split("r=")[1]


def object_for(method, path):
    """The {id} of a path: one that may be changed or deleted when the call does that."""
    if "links" in path:
        return link()["id"]
    spends = method in ("PATCH", "PUT", "DELETE") or path.endswith(("/revoke", "/disable"))
    if "integrations" in path or "auth_configs" in path:
        return integration() if spends else FIXED["ac"]
    return connection() if spends else FIXED["spare"]


def filled(name, value, around):
    """The value, with texts of known names replaced by what exists."""
    if isinstance(value, dict):
        if name in CREDENTIALS and not (name == "authConfig" and "input" in around):
            return {**value, **VALUES}
        if name in OPEN:
            return OPEN[name]
        if name in ("auth_config", "toolkit") and around.keys() & {"auth_config", "toolkit"}:
            value = {**value, **{k: v for k, v in (("id", FIXED["ac"]), ("slug", "vend")) if k in value}}
        return {k: filled(k, v, value) for k, v in value.items()}
    if isinstance(value, list):
        return OPEN.get(name, value)
    return WORDS.get(name, value) if isinstance(value, str) else value


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None:
        return

    def good(where):
        return not case.meta.is_negative_at(where)

    path = case.operation.path
    if case.path_parameters and good(ParameterLocation.PATH):
        if "id" in case.path_parameters:
            case.path_parameters["id"] = object_for(case.method, path)
        if "token" in case.path_parameters:
            one = link()
            case.path_parameters["token"] = one["token"]
            if case.method == "POST" and good(ParameterLocation.BODY):
                case.body = one["form"]
                return
        if path == "/ks/apps/{app}/file" or (path == "/ks/apps/{app}" and case.method == "DELETE"):
            case.path_parameters["app"] = own_app()
            return
        if "file" in case.path_parameters:
            case.path_parameters["file"] = link()["file"]
        for name, value in list(case.path_parameters.items()):
            slug = "vend" if "toolkits" in path else "VEND_LIST_THINGS"
            case.path_parameters[name] = slug if name == "slug" else "things" if name == "path" else WORDS.get(name, value)
    if path == "/connect/done" and case.query and "r" in case.query and good(ParameterLocation.QUERY):
        case.query["r"] = receipt()
    if case.query and good(ParameterLocation.QUERY):
        for name, value in list(case.query.items()):
            case.query[name] = WORDS.get(name, value) if isinstance(value, str) else value
    if isinstance(case.body, dict) and good(ParameterLocation.BODY):
        case.body = filled("", case.body, {})


@schemathesis.hook
def after_call(context, case, response):
    with open(SEEN, "a", encoding="utf-8") as out:
        mode = case.meta.generation.mode.value if case.meta else "?"
        out.write(f"{mode} {response.status_code} {case.method} {case.operation.path}\n")


@schemathesis.check
def refuses_what_does_not_fit(ctx, response, case):
    """As negative_data_rejection, but for what docs/api.md lets through: /ks/call hands everything on, and an empty query
    parameter counts as absent; a page tells people of dead links whatever they ask."""
    if case.operation.path.startswith(("/ks/call/", "/connect/")) or any(v in ("", [""]) for v in (case.query or {}).values()):
        return None
    return negative_data_rejection(ctx, response, case)
