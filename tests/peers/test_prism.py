"""Vendors' own OpenAPI documents judge our requests: Prism refuses what does not fit. First actions imported from the
document, then those of the catalogue."""

import json
import os
import pathlib
import tempfile
import unittest

from asked import actions_of, connect, has_credentials, imported, run
from prism import Prism
from server import ROOT, Server
from vendors import VENDORS, Vendor, moved

MODULES = pathlib.Path(os.environ["PEERS_MODULES"])
EVERYTHING = bool(os.environ.get("PEERS_ALL"))
AHEAD = 2  # Prisms that start while another one judges

# What a made-up value may miss, since no app file says it: the vendor does, by refusing.
OF_VALUES = {"pattern", "format", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems", "exclusiveMinimum",
             "multipleOf", "uniqueItems"}  # fmt: skip

# Other refusals: a reason, and the actions it stands for. One that is taken after all fails the test, too.
REASONS = {
    "the app file does not tell what an object inside a list or a member holds, so the made-up one is empty":
        """THEIR_OPENAI_CREATE_CHAT_COMPLETION OPENAI_CREATE_CHAT_COMPLETION THEIR_SENDGRID_POST_MAIL_SEND
        THEIR_SENDGRID_POST_MARKETING_SENDERS THEIR_SENDGRID_PUT_MC_CONTACTS SENDGRID_ADD_OR_UPDATE_A_CONTACT
        SENDGRID_SEND_EMAIL_WITH_TWILIO_SEND_GRID""",
    "one of several alternatives is needed, and the importer requires none of them":
        "THEIR_GITHUB_CODE_SCANNING_UPDATE_ALERT THEIR_VERCEL_CREATE_PROJECT_ENV",
    "Prism judges members of nested forms that were not sent, and reads a[0][b] of a form as JSON":
        """THEIR_STRIPE_POST_PAYMENT_INTENTS THEIR_STRIPE_POST_PRICES THEIR_STRIPE_POST_PRODUCTS THEIR_STRIPE_POST_SUBSCRIPTIONS
        STRIPE_CREATE_INVOICE STRIPE_CREATE_PAYMENT_INTENT STRIPE_CREATE_PRICE STRIPE_CREATE_PRODUCT STRIPE_CREATE_SUBSCRIPTION""",
    "the document's own values are broken (mport(...)), or the app file has none for members of lists":
        "THEIR_VERCEL_CREATE_WEBHOOK VERCEL_ADD_ENVIRONMENT_VARIABLE",
    "the document knows forms and a token in the query only; the catalogue sends JSON and a bearer token":
        """SLACK_CREATE_CHANNEL SLACK_INVITE_USER_TO_CHANNEL SLACK_LIST_USER_REACTIONS SLACK_SEARCH_MESSAGES SLACK_SEND_MESSAGE""",
    "the document demands a body, and a parameter of a search, where the catalogue sends members of the query: not settled":
        """TRELLO_ADD_BOARDS TRELLO_ADD_CARDS TRELLO_ADD_CARDS_ACTIONS_COMMENTS_BY_ID_CARD TRELLO_ADD_CARDS_ID_MEMBERS_BY_ID_CARD
        TRELLO_ADD_CHECKLISTS TRELLO_ADD_LISTS TRELLO_GET_SEARCH TRELLO_UPDATE_CARDS_BY_ID_CARD""",
    "the document demands a member `type` of every object, which the catalogue does not send: not settled":
        "BITBUCKET_CREATE_OR_UPDATE_REPOSITORY",
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
        counts = {"their": 0, "ours": 0, "values": 0}
        names = list(VENDORS)
        for at, name in enumerate(names):
            for ahead in names[at : at + 1 + AHEAD]:
                if self.prisms[ahead].process is None:
                    self.prisms[ahead].start()
            self.prisms[name].ready()
            for app, only in ((f"their_{name}", None), (name, self.vendors[name].judged())):
                self.act(app, only, counts)
            self.prisms[name].stop()
        print(f"{counts['their']} imported actions and {counts['ours']} of the catalogue were judged; "
              f"{counts['values']} made-up values were not liked")  # fmt: skip
        self.assertGreater(counts["their"], 150)
        self.assertGreater(counts["ours"], 60)
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
            self.judge(action["name"], given, ran, counts)

    def judge(self, name, given, ran, counts):
        """Taken, or refused for a made-up value alone."""
        if ran.status == 200 and ran.json().get("successful"):
            return
        faults = faults_of(ran)
        if faults and all(code in OF_VALUES for code, _ in faults):
            counts["values"] += 1
        elif name in KNOWN:
            self.met.add(name)
        else:
            self.refused.append(f"{name}: {faults or ran.text[:500]}")
            if os.environ.get("PEERS_SHOW"):
                print(name, json.dumps(given)[:300], faults or ran.text[:900], flush=True)

    def connect(self, app):
        if not has_credentials(self.server, app):
            return {"appName": app}
        done = connect(self.server, app)
        self.assertIn(done.status, (200, 201), (app, done))
        return {"connectedAccountId": done.json()["connectedAccountId"]}


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
