#!/usr/bin/env python3
"""Which promises and rules does no test name? Ids are **CRED-2** (promises, docs/api.md and docs/dashboard.md) and
**S4** (rules, docs/threats.md) in bold; a test names one in its text or at the end of its name (..._S4). Fails when a
promise is untested; rules without a test are only listed."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
ID = re.compile(r"\*\*([A-Z][A-Z0-9]+-\d+|[A-Z]\d{1,2})\*\*")


def declared(name):
    """The ids a page declares in bold; one of them twice ends the run."""
    ids = ID.findall((ROOT / "docs" / name).read_text())
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice and name != "threats.md":
        sys.exit(f"docs/{name}: declared twice: {' '.join(twice)}")
    return list(dict.fromkeys(ids))


def tested():
    text = []
    for pattern in ("src/**/*_test.c", "tests/**/*.py", "tests/**/*.c", "tests/**/*.sh", "tests/**/*.mjs", "clients/**/tests/*.py"):
        text += [f.read_text(errors="replace") for f in ROOT.glob(pattern) if "node_modules" not in f.parts]
    return "\n".join(text)


def main():
    text, missing = tested(), {}
    for name in ("api.md", "dashboard.md", "threats.md"):
        ids = declared(name)
        missing[name] = [i for i in ids if not re.search(rf"(?<![A-Za-z0-9]){re.escape(i)}(?![0-9])", text)]
        print(f"docs/{name}: {len(ids)} ids, {len(missing[name])} that no test names {' '.join(missing[name])}".rstrip())
    sys.exit(1 if missing["api.md"] or missing["dashboard.md"] else 0)


if __name__ == "__main__":
    main()
