"""tests/api/shapes.py: does an answer have the members and types of an example body? Examples lie in examples/; an
empty object or list stands for any, null for "may be null"."""

import json
import pathlib

EXAMPLES = pathlib.Path(__file__).resolve().parent / "examples"
NULLABLE = {"default", "logo", "error", "redirectUrl", "redirectUri", "docs", "group", "status_reason"}


def kind(value):
    for type_, name in ((bool, "boolean"), ((int, float), "number"), (str, "text"), (list, "list"), (dict, "object")):
        if isinstance(value, type_):
            return name
    return "null"


def faults(example, value, at="$"):
    """What is different, as texts; empty when the shapes agree. Further members are allowed."""
    if example is None:
        return []
    if kind(example) != kind(value):
        return [f"{at}: {kind(value)}, wanted {kind(example)}"]
    found = []
    if isinstance(example, dict):
        for name, inner in example.items():
            if name not in value:
                found.append(f"{at}.{name}: missing")
            elif not (value[name] is None and name in NULLABLE):
                found += faults(inner, value[name], f"{at}.{name}")
    if isinstance(example, list) and example:
        for i, item in enumerate(value):
            found += faults(example[0], item, f"{at}[{i}]")
    return found[:12]


def example(name):
    return json.loads((EXAMPLES / (name + ".json")).read_text(encoding="utf-8"))


def check(test, name, value):
    test.assertEqual(faults(example(name), value), [], f"shape of {name}")
