"""tests/support/dash.py: a browser of the dashboard without a browser: signs in, keeps its cookie, reads the forms' tag out of pages."""

import html
import re
import urllib.parse

FORM = "application/x-www-form-urlencoded"


class Dash:
    """One session. `get` reads, `post` sends a form of the page that was read last."""

    def __init__(self, world, cookie):
        self.world, self.cookie, self.csrf = world, cookie, None

    def get(self, path):
        reply = self.world.get(path, key=None, headers={"Cookie": self.cookie})
        tag = re.search(r'name="csrf" value="([0-9a-f]+)"', reply.text)
        self.csrf = tag[1] if tag else self.csrf
        return reply

    def post(self, path, csrf=..., **fields):
        """Underscores at the end of a name do not count, a double one stands for a dot: f__api_key."""
        body = {"csrf": self.csrf if csrf is ... else csrf, **{k.rstrip("_").replace("__", "."): v for k, v in fields.items()}}
        return self.world.call("POST", path, urllib.parse.urlencode(body).encode(), raw_type=FORM, key=None, headers={"Cookie": self.cookie})


def sign_in(world, scopes=None, project=None, key=None):
    """As an administrator of the machine; with `scopes` ("read,connect") by an API key that has them, or by this one."""
    project = ("--data", world.server.data, "--project", project or world.project)
    if scopes is None and key is None:
        url = world.server.cli("dash", *project, "--url", f"http://127.0.0.1:{world.server.port}").stdout.strip()
        reply = world.call("POST", urllib.parse.urlsplit(url).path, b"", raw_type=FORM, key=None)
    else:
        key = key or re.search(r"ks_\w+", world.server.cli("key", "create", *project, "--scopes", scopes + ",dashboard").stdout)[0]
        reply = world.call("POST", "/dash/login", urllib.parse.urlencode({"key": key}).encode(), raw_type=FORM, key=None)
    assert reply.status == 303, reply
    session = Dash(world, reply.headers["set-cookie"].split(";")[0])
    session.get("/dash/connections")
    return session


def text_of(page):
    """What a person reads on it, a blank between pieces."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


def value_of(page, name):
    """What stands in the input, area or choice of this name."""
    found = re.search(rf'<input[^>]* name="{re.escape(name)}" [^>]*?value="([^"]*)"', page.text) or re.search(
        rf'<textarea[^>]* name="{re.escape(name)}"[^>]*>\n([^<]*)</textarea>', page.text
    ) or re.search(rf'<select[^>]* name="{re.escape(name)}".*?<option value="([^"]*)" selected', page.text, re.S)
    return html.unescape(found[1]) if found else None
