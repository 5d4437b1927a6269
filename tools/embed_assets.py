#!/usr/bin/env python3
"""Write files that pages link to as C: embed_assets.py OUT.c FILE...

connect.css becomes ks_asset_connect_css (features/links/assets.h): its bytes plain and gzipped, its name with a hash of its
content, its digest for the attribute `integrity`. In a script, a line `//@NAME` stands for the file NAME beside it, and
`"@NAME@"` for the JSON of that file; comment lines and indentation are left out."""

import base64
import gzip
import hashlib
import json
import pathlib
import re
import sys

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


def script(path):
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"^//@(.+)$", lambda hit: script(path.parent / hit.group(1)), text, flags=re.M)
    text = re.sub(r'"@(.+?)@"', lambda hit: json.dumps(json.loads((path.parent / hit.group(1)).read_text(encoding="utf-8")), separators=(",", ":")), text)
    lines = [line.strip() for line in text.splitlines()]
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


def array(name, data):
    yield f"static const char {name}[] = {{"
    for at in range(0, len(data), 24):
        yield "    " + ", ".join(str(b) if b < 128 else f"(char){b}" for b in data[at : at + 24]) + ","
    yield "};"


def main():
    out, *files = sys.argv[1:]
    lines = ["/* Made by tools/embed_assets.py. */", '#include "features/links/assets.h"', ""]
    for path in map(pathlib.Path, files):
        data = script(path).encode() if path.suffix == ".js" else path.read_bytes()
        small = gzip.compress(data, 9, mtime=0)
        digest = hashlib.sha256(data).digest()
        name = f"{path.stem}.{digest.hex()[:12]}{path.suffix}"
        integrity = "sha256-" + base64.b64encode(digest).decode()
        variable = path.name.replace(".", "_")
        lines += [*array(variable, data), *array(variable + "_gz", small)]
        members = [f'KS_S_INIT("{text}")' for text in (name, TYPES[path.suffix], integrity)]
        members += [f"{{{v}, sizeof {v}}}" for v in (variable, variable + "_gz")]
        lines.append(f"const ks_asset ks_asset_{variable} = {{{', '.join(members)}}};")
    pathlib.Path(out).write_text("\n".join(lines) + "\n")


main()
