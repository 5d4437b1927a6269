#!/usr/bin/env python3
"""tools/catalog_draft.py - facts of one app to the draft of its app file (docs/formats.md "App files").

    tools/catalog_draft.py --facts FACTS.jsonl [--actions ACTIONS.jsonl] APP [APP...] [--out DIR]

Without --out the drafts go to standard output.

Does the mechanical part: fields in order, where the values travel, base and host rules, the check with its
answers, rate headers, actions with their parameters. It writes no sentence: every text a person has to write
(about, help, cause, steps) is left as the empty string, which the compiler refuses, so no draft slips through.

FACTS.jsonl holds one JSON object a line: slug, name, categories, homepage, docs_url, openapi_url, rate_limit
{after, at} and auth, a list of ways to authenticate with scheme, fields, inject {headers, query, basic},
body_inject, base_url, verify, verify_body_check, identity, sources. Templates there are written ${name}.
ACTIONS.jsonl holds one action a line: name, app, tags, method, path, encoding, params, docs_url.

Left out: values derived by a request or a signature, database schemes. Such an app is named on standard error. So
is an action with a raw body that is more than one parameter.

Needs PyYAML. Source of the format: docs/formats.md. The YAML files are the truth afterwards; a draft is made
once and never merged into a file that exists.
"""
import argparse
import json
import re
import sys
from pathlib import Path

import yaml

# ----------------------------------------------------------------------------------------------- writing YAML

FLOW_SPECIAL = re.compile(r"[\[\]{},]")


def reads_back(text, value):
    try:
        return yaml.safe_load(text) == value
    except yaml.YAMLError:
        return False


def scalar(value, in_flow=False):
    """One YAML 1.1 scalar: plain where a reader gets the same value back, else in quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    special = FLOW_SPECIAL.search(value) if in_flow else False
    if not special and reads_back(f"- {value}", [value]) and reads_back(f"k: {value}", {"k": value}):
        return value
    if '"' in value and "\n" not in value:
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value, ensure_ascii=False)


def flow(value):
    """A value in one line."""
    if isinstance(value, list):
        return "[" + ", ".join(flow(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k, True)}: {flow(v)}" for k, v in value.items()) + "}"
    return scalar(value, True)


FLOW_KEYS = {"rate", "categories", "aliases", "hosts", "basic", "identity", "tags", "values"}


def block(value, depth=0):
    """Lines of a mapping in the house style: short lists and answers in one line, sentences a line each."""
    pad = "  " * depth
    for key, item in value.items():
        if isinstance(item, str) and "\n" in item:
            yield f"{pad}{key}: |"
            yield from (f"{pad}  {line}" for line in item.rstrip("\n").split("\n"))
        elif not isinstance(item, (list, dict)):
            yield f"{pad}{key}: {scalar(item)}"
        elif not item or key in FLOW_KEYS:
            yield f"{pad}{key}: {flow(item)}"
        elif isinstance(item, dict):
            yield f"{pad}{key}:"
            yield from block(item, depth + 1)
        else:
            yield f"{pad}{key}:"
            for entry in item:
                yield from list_item(entry, key, depth + 1)


def list_item(entry, key, depth):
    pad = "  " * depth
    if not isinstance(entry, dict) or key in ("good", "bad", "limited"):
        yield f"{pad}- {flow(entry) if isinstance(entry, dict) else scalar(entry)}"
        return
    lines = list(block(entry, depth + 1))
    yield f"{pad}- {lines[0].lstrip()}"
    yield from lines[1:]


def dump(app):
    """The whole file; a blank line before each action."""
    text = "\n".join(block(app)) + "\n"
    return re.sub(r"\n(?=  - name: [A-Z])", "\n\n", text).replace("actions:\n\n", "actions:\n")


# ------------------------------------------------------------------------------------------- facts to members


def template(text):
    return re.sub(r"\$\{([a-z0-9_]+)\}", r"{{\1}}", text)


def field_kind(field, base):
    """What a field is, from where it stands: a whole URL, a host, a label of one, one of a list, or text."""
    here = "${" + field["name"] + "}"
    if field.get("enum"):
        return "choice"
    if base.startswith(here):
        return "url"
    host = re.sub(r"^https?://", "", base).split("/")[0]
    if host == here:
        return "host"
    return "label" if here in host else "text"


def draft_field(field, base):
    out = {"name": field["name"], "label": field["label"], "help": ""}
    if field.get("example_format"):
        out["example"] = field["example_format"]
    if field.get("pattern"):
        out["pattern"] = field["pattern"].replace("\\d", "[0-9]")  # POSIX knows no \d
    if field.get("secret"):
        out["secret"] = True
    kind = field_kind(field, base)
    if kind != "text":
        out["kind"] = kind
    if not field.get("required", True):
        out["required"] = False
    if "default" in field:
        out["default"] = field["default"]
    if field.get("enum"):
        out["values"] = field["enum"]
    for name in ("prefix", "suffix"):
        if field.get(name):
            out[name] = field[name]
    if field.get("aliases"):
        out["aliases"] = field["aliases"]
    return out


def host_rules(entry):
    """Every host the base can become; None where the base alone says it."""
    base = entry["base_url"]
    host = re.sub(r"^https?://", "", base).split("/")[0]
    names = re.findall(r"\$\{([a-z0-9_]+)\}", host)
    fields = {f["name"]: f for f in entry["fields"]}
    if base.startswith("${") or "${" not in base:
        return None
    if not names:
        return [host]
    if len(names) == 1 and fields[names[0]].get("enum"):
        return [host.replace("${" + names[0] + "}", v) for v in fields[names[0]]["enum"]]
    if host == "${" + names[0] + "}":
        return None
    return ["*." + host.rsplit("}", 1)[1].lstrip(".-")]


def is_trusted(entry):
    """Two sources for this very request; a list of names without the request counts for nothing."""
    return len(set(entry["verify"].get("sources", [])) - {"composio"}) >= 2


def draft_check(entry):
    verify = entry.get("verify")
    if not verify:
        return "none"
    check = {"method": verify["method"], "path": template(verify.get("path") or verify["url"])}
    if verify.get("headers"):
        check["headers"] = {k: template(v) for k, v in verify["headers"].items()}
    if verify.get("body"):
        check["body"] = json.dumps(verify["body"])
    if is_trusted(entry):
        check["trusted"] = True
    good = {"status": verify.get("expect", 200)}
    for name, value in (entry.get("verify_body_check") or {}).items():
        good |= {"pointer": "/" + name.replace(".", "/"), "value": value}
    check["good"] = [good]
    identity = entry.get("identity", {})
    bad = identity.get("bad")
    if bad:
        check["bad"] = [{k: bad[k] for k in ("status", "pointer", "value") if k in bad} | {"cause": ""}]
    who = {k: identity[k] for k in ("id", "name", "email", "account", "plan") if k in identity}
    if who and "request" not in identity:
        check["identity"] = who
    return check


def draft_scheme(entry, docs):
    base = entry["base_url"]
    out = {"scheme": entry["scheme"], "fields": [draft_field(f, base) for f in entry["fields"]]}
    out["base"] = template(base).rstrip("/")
    hosts = host_rules(entry)
    if hosts:
        out["hosts"] = hosts
    inject, send = entry.get("inject", {}), {}
    for part in ("headers", "query"):
        if inject.get(part):
            send[part] = {k: template(v) for k, v in inject[part].items()}
    if entry.get("body_inject"):
        send["body"] = {k: template(str(v)) for k, v in entry["body_inject"].items()}
    if inject.get("basic"):
        basic = inject["basic"]
        send["basic"] = {"user": template(basic["username"]), "password": template(basic["password"])}
    if send:
        out["send"] = send
    out["check"] = draft_check(entry)
    out["find"] = {"url": docs, "steps": [""]} if docs else "none"
    return out


def draft_param(param):
    out = {"name": param["name"], "in": param["in"]}
    if param["type"] != "string":
        out["type"] = param["type"]
    if param.get("required"):
        out["required"] = True
    out["about"] = ""
    if param.get("enum"):
        out["values"] = param["enum"]
    if "const" in param:
        out["fixed"] = param["const"]
    return out


# A raw body is one parameter; what its type is called.
RAW_TYPES = {"raw": "application/octet-stream", "ndjson": "application/x-ndjson"}


def draft_action(action):
    raw_type = RAW_TYPES.get(action["encoding"])
    if raw_type and sum(p["in"] == "body" for p in action.get("params", [])) != 1:
        print(f"{action['name']}: left out, its body is {action['encoding']} and not one parameter", file=sys.stderr)
        return None
    out = {"name": action["name"], "title": "", "about": "", "method": action["method"], "path": action["path"]}
    if raw_type:
        out |= {"encoding": "raw", "content_type": raw_type}
    elif action["encoding"] != "none":
        out["encoding"] = action["encoding"]
    out["tags"] = action["tags"]
    if action.get("docs_url"):
        out["docs"] = action["docs_url"]
    params = [draft_param(p) for p in action.get("params", [])]
    if params:
        out["params"] = params
    return out


def draft_app(facts, actions):
    """The app file of one line of facts as a mapping, in the order of docs/formats.md."""
    out = {"app": facts["slug"], "name": facts["name"], "about": "", "categories": facts["categories"]}
    if facts.get("homepage"):
        out["home"] = facts["homepage"]
    out["docs"] = facts.get("docs_url") or "none"
    if facts.get("openapi_url"):
        out["openapi"] = facts["openapi_url"]
    rate = {k: facts["rate_limit"][k] for k in ("after", "at") if facts.get("rate_limit", {}).get(k)}
    if rate:
        out["rate"] = rate
    usable, seen = [], set()
    for entry in facts["auth"]:
        if entry.get("derived") or entry.get("signing") or entry["scheme"] in seen | {"DATABASE", "CUSTOM"}:
            print(f"{facts['slug']}: left out one entry ({entry['scheme']})", file=sys.stderr)
            continue
        seen.add(entry["scheme"])
        usable.append(draft_scheme(entry, facts.get("docs_url")))
    out["schemes"] = usable
    out["actions"] = [a for a in map(draft_action, actions) if a]
    return out


def read_lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--facts", required=True)
    parser.add_argument("--actions")
    parser.add_argument("--out", type=Path)
    parser.add_argument("apps", nargs="+")
    args = parser.parse_args()
    facts = {f["slug"]: f for f in read_lines(args.facts)}
    actions = read_lines(args.actions) if args.actions else []
    for slug in args.apps:
        if slug not in facts:
            sys.exit(f"{slug}: no line in {args.facts} has this slug.")
        text = dump(draft_app(facts[slug], [a for a in actions if a["app"] == slug]))
        if not args.out:
            sys.stdout.write(text)
            continue
        path = args.out / f"{slug}.yaml"
        if path.exists():
            sys.exit(f"{path}: exists; drafts are never merged. Move it away first.")
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
