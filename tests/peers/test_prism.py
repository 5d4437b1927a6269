"""Vendors' own OpenAPI documents judge our requests: Prism refuses what does not fit. First actions imported from the
document, then those of the catalogue."""

import json
import os
import pathlib
import re
import tempfile
import unittest

from asked import actions_of, imported, run
from prism import Prism
from server import ROOT, Server
from values import matching
from vendors import VENDORS, Vendor, moved

MODULES = pathlib.Path(os.environ["PEERS_MODULES"])
EVERYTHING = bool(os.environ.get("PEERS_ALL"))
AHEAD = 2  # Prisms that start while another one judges

# Refusals: a reason that lies outside, and the actions it stands for. One that is taken after all fails the test, too.
REASONS = {
    "one of several members is needed, and none of them alone; a tool's schema has no word for it":
        "THEIR_GITHUB_CODE_SCANNING_UPDATE_ALERT",
    "Prism judges members of nested forms that were not sent, and reads a[0][b] of a form as JSON":
        """THEIR_STRIPE_POST_PAYMENT_INTENTS THEIR_STRIPE_POST_PRICES THEIR_STRIPE_POST_PRODUCTS THEIR_STRIPE_POST_SUBSCRIPTIONS
        STRIPE_CREATE_INVOICE STRIPE_CREATE_PAYMENT_INTENT STRIPE_CREATE_PRICE STRIPE_CREATE_PRODUCT STRIPE_CREATE_SUBSCRIPTION""",
    "the document's own values are broken (mport(...))":
        "THEIR_VERCEL_CREATE_WEBHOOK VERCEL_ADD_ENVIRONMENT_VARIABLE",
    "the document knows forms and a token in the query only; the vendor takes JSON and a bearer token, which the catalogue sends":
        """SLACK_CREATE_CHANNEL SLACK_INVITE_USER_TO_CHANNEL SLACK_LIST_USER_REACTIONS SLACK_SEARCH_MESSAGES SLACK_SEND_MESSAGE""",
    "the document was made from an older reference and demands a body beside the query, and of a search where to look; the vendor's "
    "own reference has all of it in the query, and of a search only the words":
        """TRELLO_ADD_BOARDS TRELLO_ADD_CARDS TRELLO_ADD_CARDS_ACTIONS_COMMENTS_BY_ID_CARD TRELLO_ADD_CARDS_ID_MEMBERS_BY_ID_CARD
        TRELLO_ADD_CHECKLISTS TRELLO_ADD_LISTS TRELLO_GET_SEARCH TRELLO_UPDATE_CARDS_BY_ID_CARD""",
    "the document demands a member `type` of every object, even of what is sent; the vendor's own examples send none":
        "BITBUCKET_CREATE_OR_UPDATE_REPOSITORY",
    "the document, made from another form, gives the type of an uploaded file to what is a JSON object":
        """THEIR_GOOGLEDRIVE_DRIVE_FILES_CREATE THEIR_GOOGLEDRIVE_DRIVE_FILES_UPDATE GOOGLEDRIVE_CREATE_FOLDER GOOGLEDRIVE_UPDATE_FILE
        THEIR_GMAIL_GMAIL_USERS_DRAFTS_CREATE THEIR_GMAIL_GMAIL_USERS_DRAFTS_SEND THEIR_GMAIL_GMAIL_USERS_MESSAGES_IMPORT
        GMAIL_SEND_DRAFT""",
    "the document demands both names of a template, where the vendor takes either":
        "POSTMARK_SEND_EMAIL_WITH_TEMPLATE",
    "the document demands a list that may be null, which is what leaving it out says":
        "PLAID_SEARCH_INSTITUTIONS",
    "the document demands a content, which the vendor does not where a template is named":
        "SENDGRID_SEND_EMAIL_WITH_TWILIO_SEND_GRID",
}  # fmt: skip
KNOWN = {name for names in REASONS.values() for name in names.split()}


class Judged(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="keysteward-peers-")
        apps = pathlib.Path(cls.folder.name) / "apps"
        apps.mkdir()
        cls.vendors, cls.prisms, allow, cls.refused, cls.met = {}, {}, [], [], set()
        for name in VENDORS:
            vendor = cls.vendors[name] = Vendor(name, MODULES, ROOT / "catalog", EVERYTHING)
            prism = cls.prisms[name] = Prism(cls.folder.name, name, vendor.document, MODULES)
            allow += ["--allow-private", f"127.0.0.1:{prism.port}"]
            (apps / f"{name}.yaml").write_text(moved(vendor.file, prism.url), encoding="utf-8")
            (apps / f"their_{name}.yaml").write_text(imported(f"their_{name}", prism.url, prism.document), encoding="utf-8")
        cls.server = Server("--apps", str(apps), *allow).start()
        cls.server.use_key()

    @classmethod
    def tearDownClass(cls):
        for prism in cls.prisms.values():
            prism.stop()
        status = cls.server.stop()
        cls.server.remove()
        cls.folder.cleanup()
        assert status == 0, f"the server ended with {status}"

    def test_every_request_fits_the_vendors_document(self):
        counts = {"their": 0, "ours": 0}
        names = list(VENDORS)
        for at, name in enumerate(names):
            for ahead in names[at : at + 1 + AHEAD]:
                if self.prisms[ahead].process is None:
                    self.prisms[ahead].start()
            self.prisms[name].ready()
            for app, only in ((f"their_{name}", None), (name, self.vendors[name].judged())):
                self.act(app, only, counts)
            self.prisms[name].stop()
        print(f"{counts['their']} imported actions and {counts['ours']} of the catalogue were judged; {len(self.met)} are "
              "refused for reasons outside")  # fmt: skip
        self.assertGreater(counts["their"], 400)
        self.assertGreater(counts["ours"], 200)
        self.assertEqual(self.refused, [])
        if not EVERYTHING:
            self.assertEqual(KNOWN - self.met, set(), "these are taken now: off the list")

    def act(self, app, only, counts):
        who = self.connect(app)
        for action in actions_of(self.server, app):
            if only is not None and action["name"] not in only:
                continue
            given, ran = run(self.server, action, who)
            counts["their" if only is None else "ours"] += 1
            self.judge(action["name"], given, ran)

    def judge(self, name, given, ran):
        """Taken, or refused for a reason that is known."""
        if ran.status == 200 and ran.json().get("successful"):
            return
        if name in KNOWN:
            self.met.add(name)
        else:
            self.refused.append(f"{name}: {faults_of(ran) or ran.text[:500]}")
            if os.environ.get("PEERS_SHOW"):
                print(name, json.dumps(given)[:300], faults_of(ran) or ran.text[:900], flush=True)

    def connect(self, app):
        about = self.server.http("GET", f"/v1/apps/{app}").json()
        if not about.get("auth_schemes"):
            return {"appName": app}  # the document tells of no credential
        scheme = about["auth_schemes"][0]
        patterns = self.vendors[app.removeprefix("their_")].patterns() if app in self.vendors else {}
        used = self.vendors[app].used() if app in self.vendors else ()
        data = {f["name"]: field(f, patterns.get(f["name"])) for f in scheme["fields"] if f.get("required") or f["name"] in used}
        wanted = {"appId": about["appId"], "name": app, "useComposioAuth": False, "authScheme": scheme["auth_mode"]}
        made = self.server.http("POST", "/v1/integrations", wanted).json()
        done = self.server.http("POST", "/v1/connectedAccounts", {"integrationId": made["id"], "data": data, "userUuid": "u"})
        self.assertIn(done.status, (200, 201), (app, done))
        return {"connectedAccountId": done.json()["connectedAccountId"]}


def field(about, pattern):
    """A value for a field of a connection; examples are often too short for the pattern."""
    value = about.get("default") or about.get("example") or "x1"
    return value if pattern is None or re.search(pattern, value) else matching(pattern)


def faults_of(ran):
    """[(code, words)] of Prism's answer, or nothing."""
    try:
        body = ran.json()
    except ValueError:
        return []
    stack = [body]
    while stack:
        at = stack.pop()
        if isinstance(at, dict):
            if isinstance(at.get("validation"), list):
                return [(v.get("code"), v.get("message")) for v in at["validation"]]
            stack.extend(at.values())
        elif isinstance(at, list):
            stack.extend(at)
        elif isinstance(at, str) and '"validation"' in at:
            try:
                stack.append(json.loads(at))
            except ValueError:
                pass
    return []


if __name__ == "__main__":
    unittest.main()
