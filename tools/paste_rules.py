#!/usr/bin/env python3
"""Write the rules for pasted keys as C: paste_rules.py OUT.c paste.json. connect.js gets the same file (embed_assets.py)."""

import json
import pathlib
import sys


def row(text):
    return 'KS_S_INIT("' + "".join(f"\\{b:03o}" for b in text.encode()) + '")'


def main():
    out, path = map(pathlib.Path, sys.argv[1:])
    rules = json.loads(path.read_text(encoding="utf-8"))
    lists = {name: [chr(int(code, 16)) for code in rules[name]] for name in ("invisible", "blanks")}
    lists |= {"pairs": [text for pair in rules["pairs"] for text in pair], "heads": rules["heads"], "drivers": rules["drivers"]}
    lines = ["/* Made by tools/paste_rules.py. */", '#include "features/links/paste.h"', ""]
    for name, texts in lists.items():
        lines.append(f"static const ks_str {name}[] = {{{', '.join(map(row, texts))}}};")
    members = [f".{name} = {name}, .{name}_n = {len(texts)}" for name, texts in lists.items()]
    lines.append(f"const ks_paste_rules ks_paste = {{{', '.join(members)}, .name_leaves = {rules['name_leaves']}}};")
    out.write_text("\n".join(lines) + "\n")


main()
