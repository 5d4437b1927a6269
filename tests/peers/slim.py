"""tests/peers/slim.py: a vendor's OpenAPI document cut down to what judges a request. Its requests (paths, parameters, bodies,
security) stand as they were written; its answers and servers do not, and neither does what only those referred to. Such a
document is loaded in a fraction of the time, and a 4xx from Prism is always Prism's own."""

import json
import re
import urllib.parse

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def prefix(document):
    """The path of the first server, its variables at their defaults; paths of the document begin behind it."""
    server = (document.get("servers") or [{"url": "/"}])[0]
    url = server["url"]
    for name, variable in (server.get("variables") or {}).items():
        url = url.replace("{" + name + "}", str(variable.get("default", "")))
    return urllib.parse.urlsplit(url).path.rstrip("/")


def refs(node):
    """Every $ref below node."""
    stack = [node]
    while stack:
        at = stack.pop()
        if isinstance(at, dict):
            if isinstance(at.get("$ref"), str):
                yield at["$ref"]
            stack.extend(at.values())
        elif isinstance(at, list):
            stack.extend(at)


def used(components, paths):
    """The components that paths need, and those that these need."""
    kept, todo = {}, list(refs(paths))
    while todo:
        parts = todo.pop().split("/")
        if len(parts) < 4 or parts[1] != "components":
            continue
        kind, name = parts[2], parts[3].replace("~1", "/").replace("~0", "~")
        if name not in kept.setdefault(kind, {}) and name in components.get(kind, {}):
            kept[kind][name] = components[kind][name]
            todo.extend(refs(kept[kind][name]))
    return {**kept, "securitySchemes": components.get("securitySchemes", {})}


def operations(item):
    return {m: item[m] for m in METHODS if m in item}


def shape(method, path):
    """What two spellings of one operation have in common."""
    return method.upper(), re.sub(r"\{[^}]*\}", "{}", path)


def slim(text, wanted=None):
    """The document as a dict. `wanted(method, path)` chooses operations, paths being whole; None takes all."""
    document = json.loads(text)
    front, paths = prefix(document), {}
    for path, item in document["paths"].items():
        kept = {"parameters": item["parameters"]} if item.get("parameters") else {}
        if any(r.startswith("#/paths/") for r in refs(kept)):
            continue
        for method, operation in operations(item).items():
            if any(r.startswith("#/paths/") for r in refs(operation)):
                continue  # borrows from an operation that may have been left out
            if wanted is None or wanted(method, front + path):
                operation = {k: v for k, v in operation.items() if k not in ("servers", "callbacks", "description")}
                kept[method] = {**operation, "responses": {"200": {"description": "Taken."}}}
        if operations(kept):
            paths[front + path] = kept
    document["paths"], document["components"] = paths, used(document.get("components", {}), paths)
    for gone in ("servers", "webhooks", "x-webhooks", "tags"):
        document.pop(gone, None)
    return document
