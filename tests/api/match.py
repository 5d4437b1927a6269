"""tests/api/match.py: is an answer exactly what a template says? Members that are missing or too many, another type, null
in place of a text: all are differences. A template is plain JSON with matchers in the places whose value is not known."""

import re


class Match:
    """A value that fits the pattern as a whole."""

    def __init__(self, pattern):
        self.pattern = re.compile(pattern, re.S)

    def wrong(self, value):
        return not (isinstance(value, str) and self.pattern.fullmatch(value))

    def __repr__(self):
        return f"a text like {self.pattern.pattern}"


class Each:
    """A list with at least one element, all of which fit; `n`: how many there are."""

    def __init__(self, template, n=None):
        self.template, self.n = template, n


class Count:
    """A whole number from `least` on."""

    def __init__(self, least=0):
        self.least = least

    def wrong(self, value):
        return not (isinstance(value, int) and not isinstance(value, bool) and value >= self.least)

    def __repr__(self):
        return f"a number from {self.least}"


class JsonSchema:
    """A schema of an object, as function calling takes it."""

    def wrong(self, value):
        if not isinstance(value, dict) or set(value) != {"type", "title", "properties", "required"} or value["type"] != "object":
            return True
        named = all(isinstance(p, dict) and {"type", "description"} <= set(p) for p in value["properties"].values())
        return not (named and value["title"] and set(value["required"]) <= set(value["properties"]))

    def __repr__(self):
        return "a JSON Schema of an object"


TEXT, WORDS = Match(".*"), Match(".+")
TIME = Match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
UUID = Match(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def differences(want, got, at="$"):
    """What is different, as texts; empty when the answer is as the template says."""
    if hasattr(want, "wrong"):
        return [f"{at}: {got!r}, wanted {want!r}"] if want.wrong(got) else []
    if isinstance(want, Each):
        if not isinstance(got, list) or not got or (want.n is not None and len(got) != want.n):
            return [f"{at}: {got!r}, wanted a list of {want.n or 'one or more'}"]
        return [d for i, item in enumerate(got) for d in differences(want.template, item, f"{at}[{i}]")]
    if type(want) is not type(got):
        return [f"{at}: {got!r}, wanted {want!r}"]
    if isinstance(want, dict):
        found = [f"{at}.{name}: missing" for name in want if name not in got]
        found += [f"{at}.{name}: not in the contract" for name in got if name not in want]
        return found + [d for name in want if name in got for d in differences(want[name], got[name], f"{at}.{name}")]
    if isinstance(want, list):
        if len(want) != len(got):
            return [f"{at}: {len(got)} elements, wanted {len(want)}"]
        return [d for i, (w, g) in enumerate(zip(want, got)) for d in differences(w, g, f"{at}[{i}]")]
    return [] if want == got else [f"{at}: {got!r}, wanted {want!r}"]
