"""tests/support/dash.py: a browser that has signed in to the dashboard, without scripts."""

import re
import urllib.parse

FORM = "application/x-www-form-urlencoded"


class Browser:
    """Pages and forms of one session; what it posts has the tag of its last page."""

    def __init__(self, world, cookie):
        self.world, self.cookie, self.csrf = world, cookie, ""

    def get(self, path):
        reply = self.world.call("GET", path, key=None, headers={"Cookie": self.cookie})
        tag = re.search(r'name="csrf" value="([^"]+)"', reply.text)
        self.csrf = tag[1] if tag else self.csrf
        return reply

    def post(self, path, **fields):
        body = urllib.parse.urlencode({"csrf": self.csrf, **fields}).encode()
        return self.world.call("POST", path, body, key=None, headers={"Cookie": self.cookie, "Content-Type": FORM})


def sign_in(world, project=None, key=None):
    """A Browser, signed in with a one-time address for `project`, or with an API key."""
    if key is not None:
        reply = world.call("POST", "/dash/login", urllib.parse.urlencode({"key": key}).encode(), key=None, headers={"Content-Type": FORM})
    else:
        url = world.server.cli("dash", "--data", world.server.data, "--project", project or world.project).stdout.strip()
        reply = world.call("POST", urllib.parse.urlsplit(url).path, b"x=1", key=None, headers={"Content-Type": FORM})
    assert reply.status == 303, reply
    browser = Browser(world, reply.headers["set-cookie"].split(";")[0])
    browser.get("/dash/connections")
    return browser
