"""tools/catalog_yaml.py - a mapping to the text of an app file in the house style. Knows nothing of apps.

Short lists and answers stand in one line, sentences in a line each, and every scalar is written so that a YAML 1.1
reader gets the same value back. Needs PyYAML.
"""
import json
import re

import yaml

FLOW_SPECIAL = re.compile(r"[\[\]{},]")
FLOW_KEYS = {"rate", "pages", "categories", "aliases", "hosts", "basic", "identity", "tags", "values", "stamps", "body",
             "refresh", "dsn", "with", "claims", "header"}


def reads_back(text, value):
    try:
        return yaml.safe_load(text) == value
    except yaml.YAMLError:
        return False


def scalar(value, in_flow=False):
    """One YAML 1.1 scalar: plain where a reader gets the same value back, else in quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    special = FLOW_SPECIAL.search(value) if in_flow else False
    if not special and reads_back(f"- {value}", [value]) and reads_back(f"k: {value}", {"k": value}):
        return value
    if '"' in value and "\n" not in value:
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value, ensure_ascii=False)


def flow(value):
    """A value in one line."""
    if isinstance(value, list):
        return "[" + ", ".join(flow(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k, True)}: {flow(v)}" for k, v in value.items()) + "}"
    return scalar(value, True)


def block(value, depth=0):
    """Lines of a mapping."""
    pad = "  " * depth
    for key, item in value.items():
        if isinstance(item, str) and "\n" in item:
            yield f"{pad}{key}: |"
            yield from (f"{pad}  {line}" for line in item.rstrip("\n").split("\n"))
        elif not isinstance(item, (list, dict)):
            yield f"{pad}{key}: {scalar(item)}"
        elif not item or key in FLOW_KEYS:
            yield f"{pad}{key}: {flow(item)}"
        elif isinstance(item, dict):
            yield f"{pad}{key}:"
            yield from block(item, depth + 1)
        else:
            yield f"{pad}{key}:"
            for entry in item:
                yield from list_item(entry, key, depth + 1)


def list_item(entry, key, depth):
    pad = "  " * depth
    if not isinstance(entry, dict) or key in ("good", "bad", "limited"):
        yield f"{pad}- {flow(entry) if isinstance(entry, dict) else scalar(entry)}"
        return
    lines = list(block(entry, depth + 1))
    yield f"{pad}- {lines[0].lstrip()}"
    yield from lines[1:]


def dump(app):
    """The whole file; a blank line before each action but the first."""
    text = "\n".join(block(app)) + "\n"
    return re.sub(r"\n(?=  - name: [A-Z])", "\n\n", text).replace("actions:\n\n", "actions:\n")
