#!/usr/bin/env python3
"""tools/catalog_draft.py - facts about apps to app files (docs/formats.md "App files").

    tools/catalog_draft.py --facts FACTS.jsonl [--facts MORE.jsonl] [--actions ACTIONS.jsonl] --out DIR APP [APP...]
    tools/catalog_draft.py --facts FACTS.jsonl --out DIR --all [--skip LIST]

Without --out the files go to standard output. With --all every app gets a file that has none yet; nothing is ever
written over. Lines of a later --facts take the place of members in earlier ones of the same slug. --skip names a file
with slugs to leave out, one a line. The same facts give the same files.

The file is complete: fields with label and help, where the values travel, base and hosts, the check with its answers,
how values are derived and requests signed, where the person finds the credential. Texts come from catalog_words.py.
Only what an action does has to be written by a person: its texts are left empty, which the compiler refuses.

FACTS.jsonl holds one JSON object a line: slug, name, about, categories, homepage, docs_url, openapi_url, rate_limit
{after, at}, pagination and auth, a list of ways to authenticate with scheme, fields, inject {headers, query, basic,
dsn}, body_inject, base_url, hosts, verify, verify_body_check, identity, derived, signing, sources. Templates there are
written ${name}. ACTIONS.jsonl holds one action a line: name, app, tags, method, path, encoding, params, docs_url.

What the format cannot say is left out and named on standard error. Needs PyYAML.
"""
import argparse
import json
import re
import sys
from pathlib import Path

import catalog_links as links
import catalog_words as words
from catalog_ways import Unsaid, derive, dsn, sign, template
from catalog_yaml import dump

SECRET_WORDS = re.compile(r"(^|[_ ])(key|token|secret|password|passphrase)$")
NOT_SECRET = {"public_key", "project_key", "publishable_key"}
BLOBS = re.compile(r"private_key$|certificate$|^credentials_json$")
CONNECTORS = {"activepieces", "aci", "n8n", "nango", "open_connector", "pipedream", "trufflehog", "vendor_docs"}


def warn(slug, text):
    print(f"{slug}: {text}", file=sys.stderr)


def host_of(url):
    return re.sub(r"^https?://", "", url).split("/")[0].split("?")[0]


# --------------------------------------------------------------------------------------------------------- fields

def addresses(entry):
    """Every address that a credential may be sent to: the base, and those of token requests."""
    found = [entry["base_url"]]
    for one in (entry.get("derived") or {}).values():
        for request in [one] + one.get("steps", []):
            if request.get("url"):
                found.append(request["url"])
    return found


def field_kind(field, entry):
    """What a field is, from where it stands: a whole URL, a host, a label of one, one of a list, or text."""
    here = "${" + field["name"] + "}"
    urls = addresses(entry)
    if field.get("enum"):
        return "choice"
    if any(url.startswith(here) for url in urls):
        return "url"
    if any(host_of(url) == here for url in urls):
        return "host"
    if any(here in host_of(url) for url in urls):
        return "label"
    if entry["scheme"] == "DATABASE" and field["name"] == "host":
        return "host"
    return "blob" if BLOBS.search(field["name"]) and "api" not in field["label"].lower() else "text"


def posix(pattern):
    """A pattern as POSIX knows it, or None when it cannot be said or could take for ever."""
    if re.search(r"\(\?[^:]|\\[bB1-9]", pattern):
        return None
    text = pattern.replace("(?:", "(").replace(r"\/", "/").replace(r"\-", "-")
    text = re.sub(r"\[([^\]]*)\\w([^\]]*)\]", r"[\1A-Za-z0-9_\2]", text)
    text = re.sub(r"\[([^\]]*)\\d([^\]]*)\]", r"[\g<1>0-9\2]", text)
    text = re.sub(r"\[([^\]]*)\\s([^\]]*)\]", r"[\1[:space:]\2]", text)
    text = text.replace(r"\d", "[0-9]").replace(r"\w", "[A-Za-z0-9_]").replace(r"\S", "[^[:space:]]")
    text = text.replace(r"\s", "[[:space:]]")
    text = re.sub(r"\[(\^?)((?:\[:\w+:\]|[^\[\]])+)\]", dash_last, text)
    if re.search(r"\\[A-Za-z]", text) or nested(text):
        return None
    return text


def dash_last(found):
    """A '-' that means itself stands last in its set, as POSIX wants it."""
    rest, out, own = found.group(2), "", ""
    while rest:
        part = re.match(r"\[:\w+:\]|\w-\w|.", rest).group(0)
        rest = rest[len(part):]
        if part == "-":
            own = "-"
        else:
            out += part
    return f"[{found.group(1)}{out}{own}]"


def nested(text):
    """Does a repeated group hold a repetition?"""
    plain = re.sub(r"\[\^?\]?[^\]]*\]", "x", text.replace("[:space:]", "")).replace("\\(", "x").replace("\\)", "x")
    return re.search(r"\([^()]*([*+]|\{\d+,\})[^()]*\)([*+]|\{)", plain) is not None


def draft_field(field, entry, app):
    base = next((u for u in addresses(entry) if "${" + field["name"] + "}" in host_of(u)), entry["base_url"])
    kind = field_kind(field, entry)
    last = SECRET_WORDS.search(field["name"]) or SECRET_WORDS.search(field["label"].lower())
    in_host = "${" + field["name"] + "}" in host_of(base)
    secret = field.get("secret") or bool(last and field["name"] not in NOT_SECRET and not in_host and kind == "text"
                                         and "public" not in field["label"].lower() and "default" not in field)
    shown = words.label(field["label"], app)
    known = field | {"kind": kind, "secret": secret, "label": shown}
    out = {"name": field["name"], "label": shown}
    out["help"] = field.get("help") or words.field_help(known, template(base), app)
    example = words.example_of(known)
    if example and "*" not in example:
        out["example"] = example
    pattern = posix(field["pattern"]) if field.get("pattern") and kind in ("text", "label") else None
    if pattern:
        out["pattern"] = pattern
    if secret:
        out["secret"] = True
    if kind != "text":
        out["kind"] = kind
    if not field.get("required", True):
        out["required"] = False
        if "default" not in field and "${" + field["name"] + "}" in entry["base_url"]:
            out["to_act"] = True
    if "default" in field:
        out["default"] = field["default"]
    if field.get("enum"):
        out["values"] = field["enum"]
    if entry["scheme"] != "DATABASE":
        out |= around(field, kind, template(base))
    if field.get("aliases"):
        out["aliases"] = field["aliases"]
    return out


def around(field, kind, base):
    """What stands before and behind the input."""
    if kind == "host":
        return {"prefix": "https://"}
    here = "{{" + field["name"] + "}}"
    if kind == "label" and host_of(base).startswith(here):
        suffix = re.sub(r"\{\{.*", "", host_of(base)[len(here):])
        return {"prefix": "https://"} | ({"suffix": suffix} if suffix else {})
    return {}


# ------------------------------------------------------------------------------------------------- base and hosts

def host_rule(url, fields):
    """The hosts that one address can become; nothing where it is all a field's."""
    host = host_of(url)
    names = re.findall(r"\$\{([a-z0-9_]+)\}", host)
    if url.startswith("${") or (len(names) == 1 and host == "${" + names[0] + "}" and not fields[names[0]].get("enum")):
        return []
    if not names:
        return [host]
    if len(names) == 1 and fields[names[0]].get("enum"):
        return [host.replace("${" + names[0] + "}", v) for v in fields[names[0]]["enum"]]
    tail = host.rsplit("}", 1)[1]
    if not tail:
        raise Unsaid("its address ends in a free text")
    tail = tail[tail.index("."):] if "." in tail else tail
    if tail.count(".") < 2:
        raise Unsaid("its address would allow a whole top-level domain")
    return ["*" + tail]


def host_rules(entry):
    """`hosts`: None where the base alone says it."""
    if entry.get("hosts"):
        return entry["hosts"]
    fields = {f["name"]: f for f in entry["fields"]}
    base, *others = addresses(entry)
    own = host_rule(base, fields)
    more = [rule for url in others if "${" in host_of(url) for rule in host_rule(url, fields)]
    if more and not own:
        raise Unsaid("its token comes from an address that its base does not allow")
    return own + more if "${" in host_of(base) or more else None


def check_place(verify, entry):
    """(path of the check, host it needs beside those of the base)."""
    base, url = entry["base_url"].rstrip("/"), verify.get("url")
    if not url:
        return template(verify["path"]), None
    if url.startswith(base):
        return template(url[len(base):]) or "/", None
    if "${" in host_of(url):
        raise Unsaid("its check is at a host made of a field")
    return template(url), host_of(url)


def without_sent(path, sent):
    """The path without query members that `send` adds."""
    head, _, query = path.partition("?")
    rest = [p for p in query.split("&") if p and p.split("=")[0] not in sent]
    return head + ("?" + "&".join(rest) if rest else "")


# ---------------------------------------------------------------------------------------------------------- check

def is_trusted(verify):
    """Two sources for this very request, at least one of them a connector or the vendor's documentation; a list of
    names without the request counts for nothing. What many vendors answer without a key (/status, /models) has to be
    what two connectors try keys with; read such a draft with care."""
    sources = set(verify.get("sources", [])) - {"composio"}
    if links.may_be_open(verify.get("path") or verify.get("url") or ""):
        return len(sources & CONNECTORS - {"vendor_docs"}) >= 2
    return len(sources) >= 2 and bool(sources & CONNECTORS)


def good_answer(entry):
    good = {"status": entry["verify"].get("expect", 200)}
    wanted = entry.get("verify_body_check") or {}
    if isinstance(wanted, list):
        wanted = {name: "*" for name in wanted}
    for name, value in wanted.items():
        values = value if isinstance(value, list) else [value]
        value = {True: "true", False: "false"}.get(values[0], values[0])
        good |= {"pointer": "/" + name.replace(".", "/"), "value": value}
    return good


def bad_answers(entry, fields, app):
    bad = entry.get("identity", {}).get("bad") or {"status": 401}
    one = {k: str(bad[k]).lower() if isinstance(bad[k], bool) else bad[k]
           for k in ("status", "pointer", "value") if k in bad}
    if "pointer" in one and "value" not in one:
        one["value"] = "*"
    return [one | {"cause": words.bad_cause(fields, app)}]


def check_body(verify, entry):
    """(encoding, body): without the members that `send` adds."""
    body = verify.get("body")
    if isinstance(body, dict):
        rest = {k: v for k, v in body.items() if k not in (entry.get("body_inject") or {})}
        return None, json.dumps(template(rest)) if rest or not entry.get("body_inject") else None
    if body is None:
        return None, None
    pairs = [p for p in body.split("&") if p.split("=")[0] not in (entry.get("body_inject") or {})]
    return "form", template("&".join(pairs)) or None


def draft_check(entry, fields, facts):
    """(check, host beside those of the base)."""
    verify, app = entry.get("verify"), facts["name"]
    if not verify:
        return "none", None
    if verify["method"] == "QUERY":
        how = "SQL" if re.match(r"(?i)select", verify["query"]) else "COMMAND"
        return {"method": how, "body": verify["query"]}, None
    path, host = check_place(verify, entry)
    if not links.only_reads(verify["method"], path):
        warn(facts["slug"], f"left out the check: {verify['method']} {path} may cost money or start work")
        return "none", None
    path = without_sent(path, entry.get("inject", {}).get("query", {}))
    check = {"method": verify["method"], "path": path}
    headers = {k: template(v) for k, v in (verify.get("headers") or {}).items() if k.lower() != "content-type"}
    if headers:
        check["headers"] = headers
    encoding, body = check_body(verify, entry)
    if encoding:
        check["encoding"] = encoding
    if body:
        check["body"] = body
    bad, good = bad_answers(entry, fields, app), good_answer(entry)
    if "graphql" in (entry["base_url"] + path).lower() and "pointer" not in good:
        warn(facts["slug"], "its check is GraphQL, which answers 200 to errors; good needs a pointer into /data")
    if is_trusted(verify) and facts.get("confidence") != "low":
        check["trusted"] = True
    check["good"] = [good]
    if all(b["status"] != 403 for b in bad):
        check["limited"] = [{"status": 403, "cause": words.limited_cause(fields, verify["method"], path)}]
    check["bad"] = bad
    identity = entry.get("identity", {})
    who = {k: identity[k] for k in ("id", "name", "email", "account", "plan") if k in identity}
    if who and "request" not in identity:
        check["identity"] = who
    return check, host


# ------------------------------------------------------------------------------------------------------- a scheme

def draft_send(entry):
    inject, send = entry.get("inject", {}), {}
    headers = {k: template(v) for k, v in inject.get("headers", {}).items()
               if k.lower() != "content-type" and not (k.lower() == "authorization" and "${" not in v)}
    if headers:
        send["headers"] = headers
    if inject.get("query"):
        send["query"] = template(inject["query"])
    if entry.get("body_inject"):
        send["body"] = {k: template(str(v)) for k, v in entry["body_inject"].items()}
    if inject.get("basic"):
        basic = template(inject["basic"])
        send["basic"] = {"user": basic["username"], "password": basic["password"]}
    return send


def chosen_base(entry):
    """A base that is one of a list of whole addresses becomes one of a list of hosts."""
    name = entry["base_url"][2:-1]
    for field in entry["fields"]:
        if field["name"] == name and all(v.startswith("https://") for v in field.get("enum") or [""]):
            hosts = [v[8:].rstrip("/") for v in field["enum"]]
            field |= {"enum": hosts} | ({"default": field["default"][8:]} if "default" in field else {})
            entry["base_url"] = "https://${" + name + "}"


def draft_scheme(entry, facts):
    chosen_base(entry)
    app, base = facts["name"], entry["base_url"]
    derived, same = derive(entry.get("derived"))
    for name, source in same.items():
        base = base.replace("${" + name + "}", "${" + source + "}")
    scheme = "CUSTOM" if entry["scheme"] == "SERVICE_ACCOUNT" else entry["scheme"]
    fields = [draft_field(f, entry, app) for f in entry["fields"]]
    out = {"scheme": scheme, "fields": fields}
    try:
        check, beside = draft_check(entry, fields, facts)
    except Unsaid as why:
        warn(facts["slug"], f"left out the check: {why}")
        check, beside = "none", None
    if scheme == "DATABASE":
        out["dsn"] = dsn(entry)
    else:
        out["base"] = template(base).rstrip("/")
        hosts = host_rules(entry)
        if beside and "${" not in host_of(base):
            hosts = [host_of(base), beside]
        elif beside:
            hosts = (hosts or []) + [beside]
        if hosts:
            out["hosts"] = list(dict.fromkeys(hosts))
        if derived:
            out["derive"] = derived
        send = draft_send(entry)
        if send:
            out["send"] = send
        if entry.get("signing"):
            out["sign"] = sign(entry["signing"])
    out["check"] = check
    for field in fields:
        if field.get("required", True) and not is_used(field["name"], out):
            field |= {"help": words.unused_help(field["label"], app), "required": False}
    out["find"] = words.find(out, app, docs_of(facts), home_of(facts))
    return out


def is_used(name, scheme):
    """Does anything but the question itself use a field?"""
    rest = json.dumps({key: value for key, value in scheme.items() if key != "fields"})
    return "{{" + name + "}}" in rest or any(d.get("from") == name for d in scheme.get("derive", []))


def draft_schemes(facts):
    usable, seen = [], set()
    for entry in facts["auth"]:
        try:
            if entry["scheme"] in seen:
                warn(facts["slug"], f"left out a further {entry['scheme']}")
                continue
            usable.append(draft_scheme(entry, facts))
            seen.add(entry["scheme"])
        except Unsaid as why:
            warn(facts["slug"], f"left out {entry['scheme']}: {why}")
    return usable


# --------------------------------------------------------------------------------------------- actions and the app

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
        warn(action["name"], f"left out: its body is {action['encoding']} and not one parameter")
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


PAGES = {"cursor": ("cursor_param",), "limit": ("limit_param", "limit_name_in_request"), "page": ("page_param",),
         "offset": ("offset_param", "offset_name_in_request"), "next": ("cursor_path",), "more": ("has_more",),
         "link": ("link_path", "link_path_in_response_body"), "items": ("response_path", "items_path")}


def draft_pages(facts):
    """How lists are paged; places in the answer are pointers."""
    known = facts.get("pagination") or {}
    if known.get("type") not in ("cursor", "offset", "page", "link", "graphql-relay"):
        return None
    out = {"type": known["type"].replace("-relay", "")}
    for ours, theirs in PAGES.items():
        value = next((known[t] for t in theirs if isinstance(known.get(t), str) and known[t]), None)
        if value and ours in ("next", "more", "link", "items") and not value.startswith("/"):
            value = "/" + value.replace(".", "/")
        if value:
            out[ours] = value
    return out if len(out) > 1 else None


def docs_of(facts):
    """The vendor's page. The bare address of an account or of the API is none."""
    url = https(facts.get("docs_url"))
    url = url and links.page(url)
    bare = url and not re.sub(r"^https://[^/#?]+/?", "", url)
    own = re.sub(r"^(https://)?(www\.)?", "", facts.get("homepage") or "").strip("/")
    hosts = [h.lstrip("*.") for e in facts["auth"] for h in [re.sub(r".*\}", "", host_of(e["base_url"])).lstrip(".-")]]
    if bare and host_of(url).removeprefix("www.") != own and any(h and host_of(url).endswith(h) for h in hosts):
        return None
    return url


# Domains that carry an API or the addresses of customers; there is nothing to see at their front.
NO_HOME = re.compile(r"//(www\.)?(googleapis|myconnectwise|bubbleapps|myclickfunnels|myfreshworks|descriptapi|omniapp|raia2"
                     r"|baidu|facebook|nasa)\.[a-z]+/?$")


def home_of(facts):
    home = https((facts.get("homepage") or "").replace("http://", "https://"))
    return None if home and NO_HOME.search(home) else home


def https(url):
    return url if url and url.startswith("https://") and "${" not in url else None


def draft_app(facts, actions):
    """The app file of one line of facts as a mapping, in the order of docs/formats.md. None when no way is left."""
    out = {"app": facts["slug"], "name": facts["name"], "about": words.about(facts),
           "categories": words.categories(facts["categories"])}
    if facts.get("aliases"):
        out["aliases"] = facts["aliases"]
    out["home"] = https((facts.get("homepage") or "").replace("http://", "https://")) or "none"
    out["docs"] = docs_of(facts) or "none"
    if https(facts.get("openapi_url")):
        out["openapi"] = facts["openapi_url"]
    rate = {k: facts["rate_limit"][k] for k in ("after", "at") if facts.get("rate_limit", {}).get(k)}
    if rate:
        out["rate"] = rate
    pages = draft_pages(facts)
    if pages:
        out["pages"] = pages
    out["schemes"] = draft_schemes(facts)
    if not out["schemes"]:
        return None
    if actions:
        out["actions"] = [a for a in map(draft_action, actions) if a]
    return out


def read_lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def read_facts(paths):
    facts = {}
    for path in paths:
        for line in read_lines(path):
            facts[line["slug"]] = facts.get(line["slug"], {}) | line
    return facts


def write(path, text):
    if path.exists():
        sys.exit(f"{path}: exists; drafts are never merged. Move it away first.")
    path.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--facts", required=True, action="append")
    parser.add_argument("--actions")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--skip", action="append", default=[])
    parser.add_argument("apps", nargs="*")
    args = parser.parse_args()
    facts = read_facts(args.facts)
    actions = read_lines(args.actions) if args.actions else []
    skipped = {slug for name in args.skip for slug in Path(name).read_text(encoding="utf-8").split()}
    wanted = args.apps
    if args.all:
        wanted = [s for s in sorted(facts) if s not in skipped and not (args.out / f"{s}.yaml").exists()]
    for slug in wanted:
        if slug not in facts:
            sys.exit(f"{slug}: no line of the facts has this slug.")
        app = draft_app(facts[slug], [a for a in actions if a["app"] == slug])
        if app is None:
            warn(slug, "left out: no way to authenticate that the format can say")
        elif args.out:
            write(args.out / f"{slug}.yaml", dump(app))
        else:
            sys.stdout.write(dump(app))


if __name__ == "__main__":
    main()
