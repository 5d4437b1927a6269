"""tests/conformance/tools_python.py: every tool of the catalogue as composio-openai hands it to a model, judged by OpenAI's own
types and rules and by the metaschemas of JSON Schema; then calls as a model makes them, carried out by the provider.
Environment: COMPOSIO_BASE_URL, COMPOSIO_API_KEY. Ends with "N passed, M failed"."""

import base64
import json
import re
import sys
import uuid
import warnings

warnings.simplefilter("ignore")
from composio import Composio  # noqa: E402
from composio.core.models.connected_accounts import auth_scheme  # noqa: E402
from composio_openai import OpenAIProvider, OpenAIResponsesProvider  # noqa: E402
from jsonschema import Draft7Validator, Draft202012Validator  # noqa: E402
from openai.types.chat import ChatCompletion, ChatCompletionToolParam  # noqa: E402
from openai.types.responses import FunctionToolParam  # noqa: E402
from pydantic import TypeAdapter  # noqa: E402

NAME = re.compile(r"^[a-zA-Z0-9_-]{1,64}$")
KEYWORDS = {"type", "title", "description", "properties", "required", "items", "enum", "default", "examples", "file_uploadable", "anyOf",
            "format", "pattern", "minLength", "maxLength", "minimum", "maximum", "multipleOf", "minItems", "maxItems", "uniqueItems"}
TYPES = {"string", "integer", "number", "boolean", "array", "object"}
FITS = {
    "string": str, "integer": int, "number": (int, float), "boolean": bool, "array": list, "object": dict,
}  # fmt: skip
count = {"passed": 0, "failed": 0}


def check(name, faults):
    count["failed" if faults else "passed"] += 1
    if faults:
        print(f"FAIL - {name}: {str(faults)[:600]}")


def walk(schema, path):
    """What OpenAI's rules for function parameters do not take, as texts."""
    kind = schema.get("type")
    for i, one in enumerate(schema.get("anyOf", [])):
        yield from walk(one, f"{path}|{i}")
    if kind is None and schema.get("anyOf"):
        return
    if kind not in TYPES:
        yield f"{path}: type {kind!r}"
        return
    for keyword in schema.keys() - KEYWORDS:
        yield f"{path}: keyword {keyword}"
    if kind == "array" and not isinstance(schema.get("items"), dict):
        yield f"{path}: an array without items"
    if "enum" in schema and (not schema["enum"] or len(set(map(repr, schema["enum"]))) != len(schema["enum"])):
        yield f"{path}: enum"
    for value in [*schema.get("enum", []), *([schema["default"]] if "default" in schema else [])]:
        fits = isinstance(value, FITS[kind]) and (kind == "boolean" or not isinstance(value, bool))
        if not fits:
            yield f"{path}: {value!r} is no {kind}"
    if not set(schema.get("required", [])) <= set(schema.get("properties", {})):
        yield f"{path}: required"
    if len(schema.get("description", "")) > 1024:
        yield f"{path}: description"
    for name, inner in schema.get("properties", {}).items():
        if not NAME.match(name):
            yield f"{path}.{name}: name"
        yield from walk(inner, f"{path}.{name}")
    if isinstance(schema.get("items"), dict):
        yield from walk(schema["items"], path + "[]")


def judge(function):
    parameters = function["parameters"]
    faults = list(walk(parameters, "parameters"))
    if not NAME.match(function["name"]):
        faults.append("name")
    if not 0 < len(function["description"]) <= 1024:
        faults.append("description")
    if parameters.get("type") != "object" or "properties" not in parameters:
        faults.append("the root is no object with properties")
    if function.get("strict"):
        faults.append("strict is claimed")
    for metaschema in (Draft7Validator, Draft202012Validator):
        faults += [e.message for e in metaschema(metaschema.META_SCHEMA).iter_errors(parameters)]
    return faults


def all_tools(sdk):
    """(toolkit, what the provider makes of its tools) of each app that has some."""
    cursor = None
    while True:
        page = sdk.toolkits.list(limit=100, cursor=cursor)
        for item in page.items:
            if item.meta.tools_count:
                yield item, sdk.tools.get("tools", toolkits=[item.slug], limit=1000)
        cursor = page.next_cursor
        if not cursor:
            return


def catalogue():
    chat, flat = Composio(provider=OpenAIProvider(), allow_tracking=False), TypeAdapter(ChatCompletionToolParam)
    names, toolkits, wanted = [], 0, 0
    for item, tools in all_tools(chat):
        toolkits, wanted = toolkits + 1, wanted + item.meta.tools_count
        for tool in tools:
            names.append(tool["function"]["name"])
            check(names[-1], judge(json.loads(json.dumps(tool["function"]))) + typed(flat, tool))
    check("each name once", len(names) - len(set(names)))
    check("all tools were seen", [] if len(names) == wanted and toolkits > 50 else (len(names), wanted, toolkits))
    responses = Composio(provider=OpenAIResponsesProvider(), allow_tracking=False)
    for tool in responses.tools.get("tools", toolkits=["demo", "shopify", "stripe"], limit=1000):
        check("responses: " + tool["name"], judge(dict(tool)) + typed(TypeAdapter(FunctionToolParam), tool))


def typed(adapter, tool):
    try:
        adapter.validate_python(tool)
        return []
    except ValueError as error:
        return [str(error)]


def completion(*calls):
    """What a model answers: one message with these calls."""
    made = [
        {"id": f"call_{i}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        for i, (name, arguments) in enumerate(calls)
    ]
    message = {"role": "assistant", "content": None, "refusal": None, "tool_calls": made}
    choice = {"index": 0, "finish_reason": "tool_calls", "logprobs": None, "message": message}
    whole = {"id": "c_1", "object": "chat.completion", "created": 1, "model": "none", "choices": [choice]}
    return ChatCompletion.model_validate(whole)


def calls():
    sdk, user, word = Composio(provider=OpenAIProvider(), allow_tracking=False), "tools-" + uuid.uuid4().hex[:8], uuid.uuid4().hex
    config = sdk.auth_configs.create("demo", {"type": "use_custom_auth", "auth_scheme": "API_KEY", "credentials": {}})
    sdk.connected_accounts.initiate(user, config.id, config=auth_scheme.api_key({"api_key": "demo_0123456789abcdef"}))
    sdk.tools.get(user, toolkits=["demo"])
    answer = completion(("DEMO_ECHO", {"message": word}), ("DEMO_GET_ITEM", {"item_id": "7"}))
    done = sdk.provider.handle_tool_calls(user_id=user, response=answer)
    good = len(done) == 2 and all(d["successful"] for d in done) and word in json.dumps(done[0]["data"])
    check("calls of a model are carried out", [] if good else done)
    done = sdk.provider.handle_tool_calls(user_id=user, response=completion(("DEMO_ECHO", {"message": "x"})))
    check("a call has one answer", [] if len(done) == 1 and done[0]["error"] is None else done)
    try:
        wrong = sdk.provider.handle_tool_calls(user_id=user, response=completion(("DEMO_ECHO", {"massage": word})))
        check("an argument that is none is refused", [] if not wrong[0]["successful"] else wrong)
    except Exception as error:  # noqa: BLE001
        check("an argument that is none is refused", [] if "message" in str(error) else str(error))


def bytes_by_proxy():
    """binary_body as the SDK's own client sends it; the demo app gives back the JSON it got."""
    sdk, user = Composio(allow_tracking=False), "bytes-" + uuid.uuid4().hex[:8]
    config = sdk.auth_configs.create("demo", {"type": "use_custom_auth", "auth_scheme": "API_KEY", "credentials": {}})
    made = sdk.connected_accounts.initiate(user, config.id, config=auth_scheme.api_key({"api_key": "demo_0123456789abcdef"}))
    body = {"base64": base64.b64encode(b'{"message":"as bytes"}').decode(), "content_type": "application/json"}
    whose = {"connected_account_id": made.id, "endpoint": "/v1/echo"}
    done = sdk.client.tools.proxy(**whose, method="POST", binary_body=body)
    check("a binary body of the SDK arrives", [] if done.status == 200 and "as bytes" in str(done.data) else done)


catalogue()  # V3-33
bytes_by_proxy()  # V3-31
calls()  # V3-9 V3-33
print("{passed} passed, {failed} failed".format(**count))
sys.exit(count["failed"] > 0)
