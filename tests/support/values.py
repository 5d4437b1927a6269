"""tests/support/values.py: made-up arguments that fit the schema of a tool: what it demands, and nothing else."""

import math
import re
from re import _constants as sre, _parser as parser

FORMATS = {
    "date-time": "2026-01-02T03:04:05Z", "date": "2026-01-02", "time": "03:04:05Z", "duration": "P1D", "uri": "https://a.example/x",
    "uri-reference": "https://a.example/x", "email": "ada@a.example", "uuid": "123e4567-e89b-42d3-a456-426614174000", "hostname": "a.example",
    "ipv4": "192.0.2.1", "ipv6": "2001:db8::1", "byte": "QUJD",
}  # fmt: skip
IN_CLASS = {"category_digit": "0", "category_word": "a", "category_space": " ", "category_not_space": "a", "category_not_digit": "a",
            "category_not_word": "-"}  # fmt: skip


def arguments(schema):
    """What the schema demands of an object."""
    known = schema.get("properties", {})
    return {n: value_of(known[n]) for n in schema.get("required", []) if n in known}


def value_of(schema):
    """A value that the schema takes."""
    if "default" in schema:
        return schema["default"]
    for key in ("enum", "examples"):
        if schema.get(key):
            return schema[key][0]
    if schema.get("anyOf"):
        own = {k: v for k, v in schema.items() if k != "anyOf"}
        one = schema["anyOf"][0]
        merged = {**own, **one, "properties": {**own.get("properties", {}), **one.get("properties", {})},
                  "required": [*own.get("required", []), *one.get("required", [])]}  # fmt: skip
        return value_of(merged)
    make = {"object": of_object, "array": of_array, "integer": of_number, "number": of_number, "boolean": lambda s: True}
    return make.get(schema.get("type"), of_text)(schema)


def of_object(schema):
    if schema.get("file_uploadable"):
        return {"name": "x1", "mimetype": "application/octet-stream", "content": "QQ=="}
    return arguments(schema)


def of_array(schema):
    return [value_of(schema.get("items", {})) for _ in range(max(1, schema.get("minItems", 1)))]


def of_number(schema):
    step = schema.get("multipleOf", 1)
    low, high = schema.get("minimum", 1), schema.get("maximum", math.inf)
    value = math.ceil(max(low, min(1, high)) / step) * step
    return value if value <= high else high


def of_text(schema):
    if schema.get("format") in FORMATS:
        return FORMATS[schema["format"]]
    if schema.get("pattern"):
        return matching(schema["pattern"], schema.get("minLength", 0))
    return "x1".ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength")]


def matching(pattern, least=0):
    """A short text that the pattern finds."""
    tree = parser.parse(pattern)
    for more in range(0, least + 1):
        text = "".join(piece(op, of, more) for op, of in tree)
        if len(text) >= least:
            break
    assert re.search(pattern, text), (pattern, text)
    return text


def piece(op, of, more):
    """The text for one node of a parsed pattern; repetitions are `more` longer than they need to be."""
    if op is sre.LITERAL:
        return chr(of)
    if op is sre.ANY:
        return "a"
    if op is sre.NOT_LITERAL:
        return "a" if of != ord("a") else "b"
    if op is sre.IN:
        return member(of)
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
        low, high, inner = of
        return "".join("".join(piece(*p, more) for p in inner) for _ in range(min(low + more, high)))
    if op is sre.SUBPATTERN:
        return "".join(piece(*p, more) for p in of[3])
    if op is sre.BRANCH:
        return "".join(piece(*p, more) for p in of[1][0])
    return ""  # places in the text: ^ $ \b


def member(of):
    """A character of a class."""
    if of[0][0] is sre.NEGATE:
        return next(c for c in "axA0-_. " if re.match(f"[{c}]", c) and not any(holds(p, c) for p in of[1:]))
    op, what = of[0]
    if op is sre.CATEGORY:
        return IN_CLASS[str(what).lower()]
    return chr(what if op is sre.LITERAL else what[0])


def holds(part, c):
    op, what = part
    if op is sre.CATEGORY:
        return bool(re.match({"digit": r"\d", "word": r"\w", "space": r"\s"}[str(what).lower().split("_")[-1]], c)) != ("not" in str(what).lower())
    return ord(c) == what if op is sre.LITERAL else what[0] <= ord(c) <= what[1]
