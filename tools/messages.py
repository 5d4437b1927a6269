#!/usr/bin/env python3
"""Turn the message catalogues into C: messages.py OUT.c OUT.h en.yaml OTHER.yaml...

Each line of a catalogue is `key: "text"` (a subset of YAML). The first catalogue is the measure: the build fails when another
one lacks a key, has one more, has other places, or a button of more than 1.6 times the length. A place, {app}, becomes one
control byte, which the program fills in where the text is shown (features/links/say.h)."""

import json
import pathlib
import re
import sys
import unicodedata

PLACES = ["app", "client", "account", "label", "words", "begins", "time", "example", "title", "other", "part", "number", "term", "values"]
SHORT = 10  # columns: a button of one short word may be that long in any language
BYTES = [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 14, 15, 16, 17]  # no text holds these
LINE = re.compile(r'^([a-z][a-z_]*): ("(?:[^"\\]|\\.)*")$')
PLACE = re.compile(r"\{([a-z]+)\}")


def fail(path, what):
    sys.exit(f"{path}: {what}")


def read(path):
    out = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        hit = LINE.match(line)
        if not hit:
            fail(path, f'line {number} is not of the form key: "text"')
        key, text = hit.group(1), json.loads(hit.group(2))
        if key in out:
            fail(path, f"{key} stands there twice")
        if not text.strip() or text != text.strip() or any(unicodedata.category(c) in ("Cc", "Cf") for c in text):
            fail(path, f"{key} is empty, has blanks around it, or characters that nobody sees")
        if "<" in text or "&" in text:
            fail(path, f"{key} holds HTML; places and text only")
        out[key] = unicodedata.normalize("NFC", text)
    return out


def width(text):
    """In columns: what is written in full width counts twice."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def compare(path, base, other):
    for key in base.keys() - other.keys():
        fail(path, f"{key} is missing")
    for key in other.keys() - base.keys():
        fail(path, f"{key} is not in the first catalogue")
    for key, text in base.items():
        if sorted(PLACE.findall(text)) != sorted(PLACE.findall(other[key])):
            fail(path, f"{key} has other places than the first catalogue")
        if key.startswith("button_") and width(other[key]) > max(1.6 * width(text), SHORT):
            fail(path, f"{key} is longer than 1.6 times the English button")


def pseudo(base):
    """A language nobody speaks, longer than any: shows what is not translated and what does not fit."""
    letters = str.maketrans("aeiouAEIOUcnsy", "àéîöûÀÉÎÖÛçñšý")

    def dress(text):
        parts = re.split(r"(\{[a-z]+\})", text)
        return "[" + "".join(p if p.startswith("{") else p.translate(letters) for p in parts) + " ·" * (len(text) // 8) + "]"

    out = {key: dress(text) for key, text in base.items()}
    return out | {"language_name": "Pseudo", "direction": base["direction"]}


def c_text(text):
    """As an initialiser of ks_str."""

    def place(hit):
        if hit.group(1) not in PLACES:
            sys.exit(f"there is no place called {hit.group(1)}")
        return chr(BYTES[PLACES.index(hit.group(1))])

    data = PLACE.sub(place, text).encode()
    quoted = "".join(chr(b) if 32 <= b < 127 and chr(b) not in '"\\?' else f"\\{b:03o}" for b in data)
    return f'KS_S_INIT("{quoted}")'


def table(code, texts):
    lines = ["    {", f'        KS_S_INIT("{code}"), {c_text(texts["language_name"])}, {"true" if texts["direction"] == "rtl" else "false"},', "        {"]
    lines += [f"            {c_text(text)}," for key, text in texts.items() if key not in ("language_name", "direction")]
    return lines + ["        },", "    },"]


def main():
    out_c, out_h, *files = map(pathlib.Path, sys.argv[1:])
    base = read(files[0])
    keys = [key for key in base if key not in ("language_name", "direction")]
    head = ["/* Made by tools/messages.py. */", "#pragma once", "", "typedef enum ks_msg {"]
    head += [f"    KS_MSG_{key.upper()}," for key in keys] + ["    KS_MSGS", "} ks_msg;", "", "typedef enum ks_place_name {"]
    head += [f"    KS_AT_{name.upper()}," for name in PLACES] + ["    KS_PLACES", "} ks_place_name;"]
    out_h.write_text("\n".join(head) + "\n")
    body = ["/* Made by tools/messages.py. */", '#include "features/links/say.h"', ""]
    body += [f"const char ks_say_bytes[KS_PLACES] = {{{', '.join(map(str, BYTES))}}};", "", "const ks_lang ks_langs[] = {"]
    for path in files:
        texts = read(path)
        compare(path, base, texts)
        body += table(path.stem, {key: texts[key] for key in base})
    body += ["#ifdef KS_TEST_BUILD", *table("en-XA", pseudo(base)), "#endif", "};"]
    body += ["const size_t ks_langs_n = sizeof ks_langs / sizeof ks_langs[0];"]
    out_c.write_text("\n".join(body) + "\n")


main()
