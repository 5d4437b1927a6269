#!/usr/bin/env python3
"""Check who includes whom: tools/layers.py [--root DIR] [FILE...]

    server, cli -> features -> { http store upstream crypto } -> base

The four in braces do not include each other. A feature includes features named before it in FEATURES, and what
lies directly in features/. Reads #include "..." lines of src/; unit tests may look further down, not up."""

import argparse
import pathlib
import re
import sys

BELOW = {
    "base": set(),
    "crypto": {"base"},
    "store": {"base"},
    "upstream": {"base"},
    "http": {"base"},
    "features": {"base", "crypto", "store", "upstream", "http"},
    "cli": {"base", "crypto", "store", "upstream", "http", "features", "server"},
    "server": {"base", "crypto", "store", "upstream", "http", "features", "cli"},
}
FEATURES = ["audit", "tokens", "settings", "files", "apps", "integrations", "budgets", "calls", "connections", "actions", "databases", "import", "proxy", "links", "dash", "health", "openapi", "mcp", "ghosts"]
# A header that may be used against the order, and why.
AGAINST_THE_ORDER = {
    ("connections", "features/actions/build.h"): "the check of a credential is a request like any other",
    ("connections", "features/databases/database.h"): "the check of a database is a statement like any other",
    ("actions", "features/databases/database.h"): "acts end in features/actions/act.c, those of databases too",
    ("connections", "features/actions/ready.h"): "and needs its derived values like any other",
    ("connections", "features/actions/derive.h"): "likewise",
    ("integrations", "features/budgets/budget.h"): "a budget ends with the integration it limits",
    ("apps", "features/budgets/budget.h"): "likewise, with the integrations of an app that is removed",
    ("integrations", "features/connections/credential.h"): "what a developer gives once is a credential too",
}
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def layer(path):
    """The layer and, inside features/, the feature of a path below src/; None for what is in neither."""
    parts = path.split("/")
    return (parts[0] if parts[0] in BELOW else None, parts[1] if parts[0] == "features" and len(parts) > 2 else None)


def feature_fault(own, other):
    if other is None or own == other:
        return None
    if own is None:
        return None  # features/*.c binds the features together: route table, views
    for name in (own, other):
        if name not in FEATURES:
            return f"the feature {name} is not in the order of tools/layers.py"
    if FEATURES.index(other) > FEATURES.index(own):
        return f"{own} comes before {other} in the order of features"
    return None


def faults(root, file):
    name = file.relative_to(root / "src").as_posix()
    own, own_feature = layer(name)
    for include in INCLUDE.findall(file.read_text(errors="replace")):
        other, other_feature = layer(include)
        if own is None or other is None:
            continue
        fault = None
        if other == own == "features":
            if (own_feature, include) not in AGAINST_THE_ORDER:
                fault = feature_fault(own_feature, other_feature)
        elif other != own and other not in BELOW[own]:
            fault = f"{own}/ may not use {other}/"
        if fault:
            yield f"src/{name}: includes {include}: {fault}"


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[1])
    ask.add_argument("files", nargs="*")
    args = ask.parse_args()
    src = args.root / "src"
    files = [args.root / f for f in args.files if f.startswith("src/")] if args.files else sorted(src.rglob("*.[ch]"))
    found = [fault for file in files for fault in faults(args.root, file)]
    print("\n".join(found) if found else f"layers: {len(files)} files in order")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
