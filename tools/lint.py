#!/usr/bin/env python3
"""Check what the compiler does not: tools/lint.py [--root DIR] [FILE...]

Calls that are banned everywhere or belong to one place, sizes of files and functions, TODO without an issue number,
prototypes without a comment. Works on the text with comments and strings blanked out. One line a fault: FILE:LINE: what."""

import argparse
import pathlib
import re
import sys

# name: the pattern of a call, where it may stand (a pattern of paths below the root, None: nowhere), and why
CALLS = [
    (r"(?:strcpy|strcat|sprintf|vsprintf|gets|strtok|alloca|tmpnam|mktemp)", None, "has no bound"),
    (r"(?:system|popen)", None, "starts a shell"),
    (r"v?printf|puts|putchar", r"src/cli/|tools/|tests/", "use base/log.h, or write in cli/"),
    (r"curl_(?:easy|multi|share|slist|mime)_\w+|curl_url\w*", r"src/upstream/|tests/", "only upstream/ calls out"),
    (r"sqlite3_\w+", r"src/store/sqlite\w*\.[ch]|tests/", "only the driver store/sqlite*.c"),
    (r"(?:sodium|crypto|randombytes)_\w+", r"src/crypto/|tests/", "only crypto/"),
    (r"ks_secret_reveal", r"src/crypto/|src/upstream/|src/base/secret|tests/", "only crypto/ and upstream/ see a secret"),
    (r"MHD_\w+", r"src/http/(?:listener|serve|wire)\w*\.[ch]|tests/", "only http/listener.c, http/serve.c and http/wire*.c"),
    (r"json_(?:load|dump|object|array|string|integer|real|incref|decref|pack|unpack)\w*", r"src/base/json_\w+\.c|src/base/alloc\.c",
     "use base/json.h"),
    (r"yaml_\w+", r"src/features/apps/|src/features/import/doc_yaml|src/server/config_\w+\.c|src/cli/|tools/|tests/", "only where files are read"),
]
CALLS = [(re.compile(r"(?<![\w.>])(" + p + r")\s*\("), where and re.compile(where), why) for p, where, why in CALLS]
MAX_FILE, MAX_FUNCTION = 800, 100  # lines
TEXT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
TODO = re.compile(r"\b(?:TODO|FIXME|XXX)\b(?!\(#\d+\))")
PROTOTYPE = re.compile(r"^(?:KS_[A-Z]+\s+)*[a-z][\w \*]*\bks_\w+\(")


def code_of(raw):
    """The text with comments, strings and characters blanked; line breaks stay."""
    return TEXT.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), raw)


def calls(name, code):
    for pattern, where, why in CALLS:
        if where and where.match(name):
            continue
        for m in pattern.finditer(code):
            if "version" in m.group(1):
                continue  # what a library says of itself
            # a test may look at what it has made itself
            if name.endswith("_test.c") and not why.startswith(("has", "starts")):
                continue
            yield code.count("\n", 0, m.start()) + 1, f"{m.group(1)}(): {why}"


def functions(lines):
    """(first line, number of lines) of each body: opens with '{' in column 0 and closes with '}' there."""
    begin = None
    for i, line in enumerate(lines):
        if begin is None and line.rstrip() == "{":
            begin = i
        elif begin is not None and line.startswith("}"):
            yield begin + 1, i - begin + 1
            begin = None


def ends_comment(line):
    """Of a line or of several; not one behind code, which is about that alone."""
    return line.rstrip().endswith("*/") and (line.lstrip().startswith("/*") or "/*" not in line)


def prototypes(raw):
    """Prototypes without a comment: behind it, right above, or above the group of lines they stand in."""
    lines = raw.split("\n")
    for i, line in enumerate(lines):
        if not PROTOTYPE.match(line) or line.startswith("static"):
            continue
        end = next((n for n in range(i, len(lines)) if ";" in lines[n]), i)
        k = i - 1
        while k >= 0 and lines[k].strip() and not lines[k].startswith(("}", "#")) and not ends_comment(lines[k]):
            k -= 1
        if "/*" not in lines[end] and (k < 0 or not ends_comment(lines[k])):
            yield i + 1, "a prototype without a comment above it"


def faults(root, file):
    name = file.relative_to(root).as_posix()
    raw = file.read_text(errors="replace")
    code = code_of(raw)
    lines = code.split("\n")
    yield from calls(name, code)
    for m in TODO.finditer(raw):
        yield raw.count("\n", 0, m.start()) + 1, "a TODO names its issue: TODO(#12)"
    if len(lines) > MAX_FILE and not name.endswith("_test.c"):
        yield len(lines), f"more than {MAX_FILE} lines; split it by job"
    for at, size in functions(lines):
        if size > MAX_FUNCTION:
            yield at, f"a function of {size} lines; {MAX_FUNCTION} is the most"
    if name.startswith("src/") and name.endswith(".h"):
        yield from prototypes(raw)


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parents[1])
    ask.add_argument("files", nargs="*")
    args = ask.parse_args()
    folders = ("src", "tests", "tools", "include")
    files = [args.root / f for f in args.files] or sorted(
        f for d in folders for f in (args.root / d).rglob("*.[ch]") if "node_modules" not in f.parts)
    found = [f"{f.relative_to(args.root)}:{line}: {what}" for f in files for line, what in faults(args.root, f)]
    print("\n".join(found) if found else f"lint: {len(files)} files clean")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
