#!/usr/bin/env python3
"""Write files that pages link to as C: embed_assets.py OUT.c FILE...

connect.css becomes ks_asset_connect_css (features/links/assets.h), its name with a hash of its content and its digest for
the attribute `integrity`."""

import base64
import hashlib
import pathlib
import sys

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


def main():
    out, *files = sys.argv[1:]
    lines = ["/* Made by tools/embed_assets.py. */", '#include "features/links/assets.h"', ""]
    for path in map(pathlib.Path, files):
        data = path.read_bytes()
        digest = hashlib.sha256(data).digest()
        name = f"{path.stem}.{digest.hex()[:12]}{path.suffix}"
        integrity = "sha256-" + base64.b64encode(digest).decode()
        variable = path.name.replace(".", "_")
        lines.append(f"static const char {variable}[] = {{")
        for at in range(0, len(data), 24):
            lines.append("    " + ", ".join(str(b) if b < 128 else f"(char){b}" for b in data[at : at + 24]) + ",")
        lines.append("};")
        members = [f'KS_S_INIT("{text}")' for text in (name, TYPES[path.suffix], integrity)]
        lines.append(f"const ks_asset ks_asset_{variable} = {{{', '.join(members)}, {{{variable}, sizeof {variable}}}}};")
    pathlib.Path(out).write_text("\n".join(lines) + "\n")


main()
