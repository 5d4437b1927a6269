#!/usr/bin/env python3
"""Join docs/openapi/*.py into one OpenAPI 3.1 document: openapi.py [--version V] [--json OUT.json] [--c OUT.c]

The sources are tables of `op(...)` in the words below, one file for each line of the API. This tool makes the paths of
/v3.1 from those of /v3, adds the errors every operation of a line can answer, checks that all references are met, and
writes the document as JSON, or as C bytes: plain, gzip (RFC 1952) and an entity tag. Same sources, same bytes.
Standard library only. That the paths are those the server serves is proved by src/features/openapi/openapi_test.c."""

import argparse
import copy
import gzip
import hashlib
import json
import pathlib
import re
import sys

SOURCES = pathlib.Path(__file__).resolve().parents[1] / "docs" / "openapi"

# ---- words for schemas ----


def of(kind, about=None, eg=None, **more):
    """A schema of one type. `about` is its description, `eg` an example."""
    made = {"type": kind, **more}
    if about:
        made["description"] = about
    if eg is not None:
        made["examples"] = [eg]
    return made


def text(about=None, eg=None, **more):
    return of("string", about, eg, **more)


def number(about=None, eg=None, **more):
    return of("integer", about, eg, **more)


def flag(about=None, eg=None, **more):
    return of("boolean", about, eg, **more)


def time(about=None):
    return text(about, "2026-01-01T00:00:00.000Z", format="date-time")


def uuid(about=None):
    return text(about or "Legacy; made from the id, good for nothing here.", format="uuid")


def word(*words, about=None):
    """One of these texts."""
    return text(about, enum=list(words))


def word_number(*numbers):
    return of("integer", enum=list(numbers))


def always(value, about=None):
    """A constant."""
    return {"const": value, **({"description": about} if about else {})}


def nothing(about="Always null."):
    return {"type": "null", "description": about}


def many(items, about=None, **more):
    return of("array", about, items=items, **more)


def empty(about="Always empty."):
    return of("array", about, maxItems=0)


def mapping(values, about=None, **more):
    """An object whose member names are not known beforehand."""
    return of("object", about, additionalProperties=values, **more)


def anything(about=None):
    return {"description": about} if about else {}


def maybe(schema):
    """The schema, or null."""
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    schema = dict(schema, type=types + ["null"])
    if "enum" in schema:
        schema["enum"] = schema["enum"] + [None]
    return schema


def obj(members, about=None):
    """An object; a name that ends in `?` may be left out."""
    made = {"type": "object", "properties": {n.rstrip("?"): s for n, s in members.items()}}
    required = [n for n in members if not n.endswith("?")]
    if required:
        made["required"] = required
    if about:
        made["description"] = about
    return made


def body(members, about=None):
    """An object that is sent: in an optional member null means the same as leaving it out."""
    return obj({n: maybe(s) if n.endswith("?") and ("$ref" in s or "type" in s) and "null" not in s.get("type", ())
                else s for n, s in members.items()}, about)


# ---- words for operations ----

components = {"schemas": {}, "responses": {}, "headers": {}, "securitySchemes": {}}
paths = {}
tags = []

X_REQUEST_ID = {"x-request-id": {"$ref": "#/components/headers/x-request-id"}}
FULL = {400: "BadRequest", 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 405: "MethodNotAllowed", 408: "RequestTimeout",
        409: "Conflict", 413: "BodyTooLarge", 414: "TargetTooLong", 415: "UnsupportedMediaType", 422: "Unprocessable", 429: "TooManyRequests",
        431: "HeadersTooLarge", 500: "InternalError", 502: "VendorFailed", 503: "Unavailable", 504: "VendorTimeout"}
WHY = {400: "The request does not fit; the body names each field and what is wanted.",
       401: "No valid API key. Unknown, revoked, expired, malformed and missing keys are answered alike.",
       403: "The API key lacks the scope of this call.",
       404: "There is no such object in this project, or no such path.",
       405: "The path has no such method.",
       408: "The request did not arrive in time.",
       409: "The object was changed meanwhile, or the Idempotency-Key was used for another request.",
       413: "The body is larger than 1 MiB.",
       414: "The request target is longer than 8 kB.",
       415: "The body is not JSON.",
       422: "The connected account cannot be used in its present state.",
       429: "Too many wrong API keys from this address. Retry-After says how long to wait.",
       431: "The headers are larger than 16 kB, or more than 100.",
       500: "A fault of the server. The request id finds it in the log.",
       502: "The vendor gave no answer.",
       503: "The server cannot do this now: it is stopping, full, or its store is not writable.",
       504: "The vendor did not answer in time."}


def schema(name, made):
    """Name a schema; the reference to it."""
    if name in components["schemas"]:
        sys.exit(f"the schema {name} is there twice")
    components["schemas"][name] = made
    return {"$ref": "#/components/schemas/" + name}


def ref(name):
    return {"$ref": "#/components/schemas/" + name}


def query(name, made, about=None, **more):
    """A query parameter. `about` here, not in the schema."""
    return {"name": name, "in": "query", "schema": made, **({"description": about} if about else {}), **more}


def header(name, made, about):
    return {"name": name, "in": "header", "schema": made, "description": about}


IDEMPOTENCY_KEY = header("Idempotency-Key", text(maxLength=256),
                         "The same request with the same key gives the same answer for 24 hours (`Idempotency-Replayed: true`); another "
                         "request with it is a conflict.")


class Line:
    """One line of the API: how its paths begin, how its errors look, which of them every operation can answer."""

    def __init__(self, name, prefix, error, every, with_body, rename):
        """`rename`: numbers this line answers instead (docs/api.md ERR-1)."""
        self.name, self.prefix, self.every, self.with_body, self.rename = name, prefix, every, with_body, rename
        for status in {**WHY, **rename}:
            if status in rename and rename[status] is not None:
                continue
            made = {"description": WHY[status], "headers": dict(X_REQUEST_ID), "content": {"application/json": {"schema": error}}}
            if status == 429:
                made["headers"]["retry-after"] = {"$ref": "#/components/headers/retry-after"}
            components["responses"][name + FULL[status]] = made

    def tag(self, name, about):
        tags.append({"name": name, "description": about})
        self.current = name

    def op(self, method, path, id, title, about, answer, params=(), sends=None, eg=None, needs_body=True, errors=(), scope=None, tag=None,
           status=200, kind="application/json", **more):
        """One operation. `answer`: the schema of its success; `sends`: of its body, with `eg` as example; `errors`: numbers beside
        those of the line; `scope`: what the API key must be allowed, None where no key is wanted."""
        found = {"operationId": id, "tags": [tag or self.current], "summary": title, "description": about, **more}
        listed = [dict(p) for p in params]
        for name in re.findall(r"\{(\w+)\}", path):
            if not any(p["name"] == name and p["in"] == "path" for p in listed):
                listed.insert(0, {"name": name, "in": "path", "schema": text(minLength=1)})
        for p in listed:
            if p["in"] == "path":
                p["required"] = True
        if listed:
            found["parameters"] = listed
        if sends is not None:
            content = {"schema": sends}
            if eg is not None:
                content["example"] = eg
            found["requestBody"] = {"required": needs_body, "content": {"application/json": content}}
        if answer is not None:
            made = {"description": "Done." if answer else "", "headers": X_REQUEST_ID, "content": {kind: {"schema": answer}}}
            found["responses"] = {str(status): dict(made, description=title + ".")}
        else:
            found["responses"] = dict(more.get("responses", {}))
        numbers = set(errors) | set(self.every if scope else ()) | set(self.with_body if sends is not None else ()) | {414, 431}
        for number_ in sorted({self.rename.get(n, n) for n in numbers} - {None}):
            found["responses"].setdefault(str(number_), {"$ref": f"#/components/responses/{self.name}{FULL[number_]}"})
        if scope is None:
            found["security"] = []
        else:
            found["x-scope"] = scope
        at = paths.setdefault(self.prefix + path, {})
        if method.lower() in at:
            sys.exit(f"{method} {self.prefix}{path} is there twice")
        at[method.lower()] = found


# ---- joining ----


def twin(found):
    """An operation of /v3 as it is called below /v3.1."""
    found = copy.deepcopy(found)
    found["operationId"] = found["operationId"].replace("v3.", "v3_1.", 1)
    found["tags"] = [t.replace("v3 ", "v3.1 ", 1) for t in found["tags"]]
    return found


def add_twins():
    for path in [p for p in paths if p.startswith("/v3/")]:
        paths["/v3.1" + path[3:]] = {method: twin(found) for method, found in paths[path].items()}
    for tag in [t for t in tags if t["name"].startswith("v3 ")]:
        tags.append({"name": tag["name"].replace("v3 ", "v3.1 ", 1), "description": f"The same as {tag['name']}."})


def references(value):
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def check(document):
    """References are met, ids are there once, and nothing is declared that nobody uses."""
    used = set(references(document))
    for target in used:
        at = document
        for part in target[2:].split("/"):
            at = at.get(part, {})
        if not at:
            sys.exit(f"nothing is called {target}")
    ids = [found["operationId"] for path in document["paths"].values() for found in path.values()]
    twice = {i for i in ids if ids.count(i) > 1}
    if twice:
        sys.exit(f"operationId is there twice: {', '.join(sorted(twice))}")
    for kind in ("schemas", "responses"):
        idle = [n for n in document["components"][kind] if f"#/components/{kind}/{n}" not in used]
        for name in idle:
            if kind == "responses":
                del document["components"][kind][name]  # a line lists all errors it could answer
            else:
                sys.exit(f"nobody uses the schema {name}")


def document_of(version):
    """The whole document, of all sources in the order of their names."""
    found = {}
    for source in sorted(SOURCES.glob("*.py")):
        words = dict(globals(), __name__=source.stem)
        exec(compile(source.read_text(encoding="utf-8"), str(source), "exec"), words)  # our own tables, as trusted as this file
        found.update(words.get("document", {}))
    add_twins()
    found["info"]["version"] = version
    found.update(tags=tags, paths=paths, components=components)
    check(found)
    return found


def c_bytes(name, data):
    rows = [", ".join(map(str, data[at:at + 32])) + "," for at in range(0, len(data), 32)]
    return [f"static const unsigned char {name}[] = {{", *("    " + r for r in rows), "};"]


def c_source(plain):
    zipped = gzip.compress(plain, 9, mtime=0)
    tag = hashlib.sha256(plain).hexdigest()[:32]
    return "\n".join([
        "/* Made by tools/openapi.py from docs/openapi. */", '#include "features/openapi/openapi.h"', "",
        *c_bytes("plain", plain), *c_bytes("zipped", zipped), "",
        "const ks_openapi ks_openapi_document = {", "    .plain = {(const char *)plain, sizeof plain},",
        "    .zipped = {(const char *)zipped, sizeof zipped},", f"    .tag = KS_S_INIT(\"\\\"{tag}\\\"\"),", "};", ""])


def main():
    ask = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ask.add_argument("--version", default="0")
    ask.add_argument("--json", type=pathlib.Path)
    ask.add_argument("--c", type=pathlib.Path)
    ask.add_argument("--depfile", type=pathlib.Path, help="name the sources and their folder, for ninja")
    args = ask.parse_args()
    made = document_of(args.version)
    plain = json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()
    if args.json:
        args.json.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if args.c:
        args.c.write_text(c_source(plain), encoding="utf-8")
    if args.depfile:
        args.depfile.write_text(f"{args.c}: {SOURCES} {' '.join(map(str, sorted(SOURCES.glob('*.py'))))}\n")
    if not args.c and not args.json:
        print(f"{len(made['paths'])} paths, {sum(map(len, made['paths'].values()))} operations, "
              f"{len(components['schemas'])} schemas, {len(plain)} bytes, {len(gzip.compress(plain, 9))} zipped")


if __name__ == "__main__":
    main()
