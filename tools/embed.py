#!/usr/bin/env python3
"""Write the SQL files of one engine as a C table: embed.py ENGINE OUT.c FILE...

Files are named ENGINE_NNNN.sql; NNNN is the schema version a file leads to, counted from 1 without a gap.
Bytes, not string literals: C promises only 4095 characters of those.
"""
import os
import re
import sys


def main():
    engine, out, *files = sys.argv[1:]
    files.sort()
    lines = [f"/* Made by tools/embed.py from {len(files)} file(s) of src/store/migrations. */", '#include "store/migrations.h"', ""]
    for number, path in enumerate(files, 1):
        name = os.path.basename(path)
        if not re.fullmatch(rf"{engine}_{number:04d}\.sql", name):
            sys.exit(f"{name}: expected {engine}_{number:04d}.sql; versions have no gaps")
        with open(path, "rb") as f:
            data = f.read()
        if b"\0" in data:
            sys.exit(f"{name}: holds a NUL")
        lines.append(f"static const char v{number}[] = {{")
        data += b"\0"
        for at in range(0, len(data), 24):
            lines.append("    " + ", ".join(str(b) if b < 128 else f"(char){b}" for b in data[at : at + 24]) + ",")
        lines.append("};")
    lines.append(f"const char *const ks_{engine}_migrations[] = {{{', '.join(f'v{n}' for n in range(1, len(files) + 1))}}};")
    lines.append(f"const int ks_{engine}_schema = {len(files)};")
    with open(out, "w") as f:
        f.write("\n".join(lines) + "\n")


main()
