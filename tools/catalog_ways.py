"""tools/catalog_ways.py - facts about derived values, signatures and databases to `derive`, `sign` and `dsn`.

Source of the format: docs/formats.md, "Derived values". A way that the format has no words for raises Unsaid with the
reason; such an entry is left out and named.
"""
import re


class Unsaid(Exception):
    """The format cannot say this."""


STEP = re.compile(r"\$\{step(\d)\.([A-Za-z0-9_.]+)\}")
MOMENTS = {"iat", "nbf", "exp"}


def template(value):
    """${name} to {{name}}, through lists and objects."""
    if isinstance(value, dict):
        return {k: template(v) for k, v in value.items()}
    if isinstance(value, list):
        return [template(v) for v in value]
    if not isinstance(value, str):
        return value
    return re.sub(r"\$\{([a-z0-9_]+)\}", r"{{\1}}", value)


def pointer(path):
    """a.b to /a/b; nothing stays nothing: the whole answer."""
    return "/" + path.replace(".", "/") if path else ""


def jwt(name, facts):
    """A signed token; what is filled in at run time becomes a stamp."""
    if "${" not in facts["key"] or not facts["key"].startswith("${"):
        raise Unsaid("the key of its JWT is cut out of another value")
    out = {"name": name, "make": "jwt", "alg": facts["alg"], "key": template(facts["key"])}
    if facts.get("key_as"):
        out["key_as"] = facts["key_as"]
    stamps, claims, lasts = [], {}, None
    header = dict(facts.get("header") or {})
    if header.get("nonce") == "random":
        stamps.append("nonce")
        del header["nonce"]
    header.pop("typ", None)
    for claim, value in facts["claims"].items():
        text = str(value)
        if claim in MOMENTS and text.startswith("now"):
            stamps.append(claim)
            if claim == "exp":
                lasts = text[4:]
        elif claim == "jti" and "random" in text:
            stamps.append(claim)
        elif claim == "uri" and "{method}" in text:
            stamps.append(claim)
        elif text in ("token URL",) or "<" in text:
            raise Unsaid("a claim of its JWT is computed")
        else:
            claims[claim] = template(value)
    if header:
        out["header"] = template(header)
    return out | {"claims": claims, "stamps": stamps, "lasts": lasts or "300"}


def request(name, facts, path):
    """One request for a token; `path` names the token in the answer."""
    out = {"name": name, "make": "token", "method": facts["method"], "url": template(facts.get("url") or facts["path"])}
    if facts.get("headers"):
        out["headers"] = template(facts["headers"])
    if facts.get("basic"):
        basic = template(facts["basic"])
        out["basic"] = {"user": basic["username"], "password": basic["password"]}
    if facts.get("body") and facts.get("body_encoding") == "query":
        out["url"] += "?" + "&".join(f"{k}={v}" for k, v in template(facts["body"]).items())
    elif facts.get("body"):
        out["encoding"] = facts.get("body_encoding", "form")
        out["body"] = template(facts["body"])
    out["pointer"] = pointer(path)
    return out


def dated(facts):
    """A body that wants a day from now: (value that gives it, facts with its name)."""
    for key, text in (facts.get("body") or {}).items():
        found = re.fullmatch(r"\{now\+(\d+):days:YYYY-MM-DD\}", str(text))
        if found:
            day = {"name": "last_day", "make": "date", "lasts": str(int(found.group(1)) * 86400)}
            return [day], facts | {"body": facts["body"] | {key: "${last_day}"}}
    return [], facts


def lifetime(out, facts):
    if facts.get("expires_path"):
        out["lasts"] = pointer(facts["expires_path"])
    elif facts.get("expires_in"):
        out["lasts"] = str(facts["expires_in"])
    elif facts.get("expires_at_path"):
        out["until"] = pointer(facts["expires_at_path"])
    again = facts.get("refresh")
    if again:
        body = {k: re.sub(r"\$?\{refresh_token\}", "{{refresh_token}}", str(v)) for k, v in again["body"].items()}
        out["refresh"] = {"pointer": pointer(facts["refresh_path"]), "url": template(again["url"]), "body": body}
    return out


def filled(value, names):
    """${step1.member} by the name that the member was given."""
    if isinstance(value, dict):
        return {key: filled(one, names) for key, one in value.items()}
    return STEP.sub(lambda found: "${" + names[int(found.group(1)), found.group(2)] + "}", value)


def stepped(name, facts):
    """Requests in order: what a later one uses of an earlier becomes a value with a name."""
    made, names = [], {}
    steps = [dict(s) for s in facts["steps"]]
    for number, step in enumerate(steps, 1):
        text = repr(steps[number:])
        used = sorted({m for n, m in STEP.findall(text) if int(n) == number})
        if number < len(steps) and len(used) != 1:
            raise Unsaid("it needs more than one member of an answer")
        step = filled(step, names)
        if number == len(steps):
            made.append(lifetime(request(name, step, facts["response_path"]), facts))
        else:
            own = f"step{number}_" + re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", used[0]).lower())
            names[number, used[0]] = own
            made.append(request(own, step, used[0]))
    return made


def member(name, facts, made):
    source = facts["from"]
    if facts.get("step"):
        source = next(m["name"] for m in made if m["name"].startswith(f"step{facts['step']}_"))
        if any(m["name"] == source and m["pointer"] == pointer(facts["response_path"]) for m in made):
            return {"name": name, "make": "label_of", "same": source}
    return {"name": name, "make": "member", "from": source, "pointer": pointer(facts["response_path"])}


def derive(facts):
    """The members of `derived`, in the order of making."""
    made, same = [], {}
    for name, one in (facts or {}).items():
        if "encode" in one:
            made.append({"name": name, "make": "base64", "text": template(one["value"])})
        elif "cut" in one:
            made.append({"name": name, "make": one["cut"], "text": template(one["value"]), "at": one["at"]})
        elif "make" in one:
            made.append({"name": name, "make": one["make"], "text": template(one["value"])})
        elif "alg" in one:
            made.append(jwt(name, one))
        elif "from" in one:
            found = member(name, one, made)
            if found["make"] == "member":
                made.append(found)
            else:
                same[name] = found["same"]
        elif "jwt" in one:
            raise Unsaid("its JWT is inside a token request")
        elif "steps" in one:
            made += stepped(name, one)
        else:
            before, one = dated(one)
            made += before + [lifetime(request(name, one, one["response_path"]), one)]
    return made, same


SIGN = {
    "aws-sigv4": {"access_key": "access_key", "secret": "secret", "region": "region", "service": "service",
                  "token": "token"},
    "http-digest": {"username": "user", "password": "password"},
    "wsse": {"header": "header", "username": "user", "secret": "secret"},
    "oauth1": {"consumer_key": "consumer_key", "consumer_secret": "consumer_secret", "token": "token",
               "token_secret": "token_secret", "realm": "realm"},
    "mtls": {"certificate": "certificate", "key": "key"},
}


def sign(facts):
    """`sign` of one entry."""
    how = facts["type"]
    if how == "hmac":
        value = re.fullmatch(r"base64\((.*)\)", facts["value"])
        with_ = {"algorithm": facts["algorithm"], "key": template(facts["key"]),
                 "message": re.sub(r"\{(\w+)\}", r"{{\1}}", facts["message"]), "header": facts["header"],
                 "value": template(value.group(1)).replace("{signature_hex}", "{{signature}}"), "value_as": "base64"}
    else:
        with_ = {ours: template(str(facts[theirs])) for theirs, ours in SIGN[how].items() if facts.get(theirs)}
    return {"how": how, "with": with_}


DRIVERS = {"database": "database", "service_name": "database", "db": "database", "username": "user",
           "password": "password", "ssl_mode": "tls", "auth_source": "auth_database"}


def dsn(entry):
    """`dsn` of a database from its URL and its fields."""
    out = {"driver": entry["base_url"].split(":")[0], "host": "{{host}}", "port": "{{port}}"}
    for field in entry["fields"]:
        if field["name"] in DRIVERS:
            out[DRIVERS[field["name"]]] = "{{" + field["name"] + "}}"
    return out
