"""stripe-mock, Stripe's own, judges requests: it knows every endpoint and parameter of their document and refuses what does not
fit. The connect path with its check, the catalogue's actions, those imported from their document, and proxied calls. A key it
takes is (sk|rk)_test_ and no further underscore; it answers 401 to every other, which to us is a rejected key."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from asked import actions_of, connect, imported, run
from server import ROOT, Http, Server, free_port, until
from vendors import moved

KEY = "sk_test_keysteward0123456789"

# Imported actions that it refuses with made-up arguments: a reason, and the actions it stands for.
REASONS = {
    "the app file does not tell what an object inside a list or a member holds, so the made-up one is empty, and a form leaves it out":
        """THEIR_STRIPE_POST_APPS_SECRETS THEIR_STRIPE_POST_APPS_SECRETS_DELETE THEIR_STRIPE_POST_BILLING_PORTAL_CONFIGURATIONS
        THEIR_STRIPE_POST_CUSTOMERS_CUSTOMER_FUNDING_INSTRUCTIONS THEIR_STRIPE_POST_FINANCIAL_CONNECTIONS_SESSIONS
        THEIR_STRIPE_POST_ISSUING_CARDHOLDERS THEIR_STRIPE_POST_LINK_ACCOUNT_SESSIONS THEIR_STRIPE_POST_PAYMENT_LINKS
        THEIR_STRIPE_POST_TAX_CALCULATIONS THEIR_STRIPE_POST_TERMINAL_LOCATIONS""",
    "the app file has no values for members of lists":
        """THEIR_STRIPE_POST_FINANCIAL_CONNECTIONS_ACCOUNTS_ACCOUNT_REFRESH THEIR_STRIPE_POST_LINKED_ACCOUNTS_ACCOUNT_REFRESH
        THEIR_STRIPE_POST_WEBHOOK_ENDPOINTS""",
}  # fmt: skip
KNOWN = {name for names in REASONS.values() for name in names.split()}


class StripeMock:
    """On two ports of loopback, because it listens for HTTPS on all addresses unless it is told where."""

    def __init__(self, folder):
        self.port, self.log = free_port(), pathlib.Path(folder) / "stripe-mock.log"
        argv = [os.environ["STRIPE_MOCK"], "-http-addr", f"127.0.0.1:{self.port}", "-https-addr", f"127.0.0.1:{free_port()}"]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until("stripe-mock", self.answers, 60)

    def answers(self):
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        try:
            with Http(self.port, timeout=20) as probe:
                return probe.request("GET", "/v1/balance").status == 401
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


class Stripe(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="keysteward-stripe-")
        cls.mock = StripeMock(cls.folder.name)
        url = f"http://127.0.0.1:{cls.mock.port}"
        apps = pathlib.Path(cls.folder.name) / "apps"
        apps.mkdir()
        ours = (ROOT / "catalog" / "stripe.yaml").read_text(encoding="utf-8")
        (apps / "stripe.yaml").write_text(moved(ours, url), encoding="utf-8")
        theirs = imported("their_stripe", url, os.environ["STRIPE_DOCUMENT"])
        (apps / "their_stripe.yaml").write_text(theirs, encoding="utf-8")
        cls.server = Server("--apps", str(apps), "--allow-private", f"127.0.0.1:{cls.mock.port}").start()
        cls.server.use_key()
        cls.ca = connect(cls.server, "stripe", api_key=KEY).json()["connectedAccountId"]

    @classmethod
    def tearDownClass(cls):
        cls.mock.stop()
        status = cls.server.stop()
        cls.server.remove()
        cls.folder.cleanup()
        assert status == 0, f"the server ended with {status}"

    def verdict(self, reply):
        self.assertEqual(reply.status, 200, reply)
        return self.server.http("GET", "/ks/connections/" + reply.json()["connectedAccountId"]).json()["verdict"]

    def call(self, method, path, body=None, **more):
        return self.server.http(method, f"/ks/call/{self.ca}{path}", body, **more)

    def test_keys_are_checked_with_the_vendor(self):
        for values in ({"api_key": KEY}, {"api_key": KEY, "stripe_account": "acct_1032D82eZvKYlo2C"}, {"api_key": "rk_test_1"}):
            self.assertEqual(self.verdict(connect(self.server, "stripe", **values)), "verified", values.keys())
        for key in ("sk_live_0123456789", "sk_test_0123_456789", "pk_test_0123456789"):
            reply = connect(self.server, "stripe", api_key=key)
            self.assertEqual(reply.status, 400, reply)
            self.assertIn("unknown to Stripe", reply.text)

    def test_every_action_of_the_catalogue_is_taken(self):
        actions = actions_of(self.server, "stripe")
        self.assertEqual(len(actions), 18)
        for action in actions:
            given, ran = run(self.server, action, {"connectedAccountId": self.ca})
            self.assertTrue(ran.status == 200 and ran.json()["successful"], (action["name"], given, ran))

    def test_imported_actions_are_taken(self):
        who = {"connectedAccountId": connect(self.server, "their_stripe", **{"username": KEY, "token": KEY}).json()["connectedAccountId"]}
        refused, count = {}, 0
        for action in actions_of(self.server, "their_stripe"):
            given, ran = run(self.server, action, who)
            count += 1
            if ran.status != 200 or not ran.json()["successful"]:
                refused[action["name"]] = (given, ran)
                if os.environ.get("PEERS_SHOW"):
                    print(action["name"], given, ran.text[:700], flush=True)
        print(f"{count} imported actions of Stripe's document, {len(refused)} refused")
        self.assertGreater(count, 400)
        self.assertEqual({n: f for n, f in refused.items() if n not in KNOWN}, {})
        self.assertEqual(KNOWN - refused.keys(), set(), "these are taken now: off the list")

    def test_proxied_calls_are_judged_as_they_were_written(self):
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        good = self.call("POST", "/v1/customers", b"name=Ada&metadata%5Border%5D=7&address%5Bcity%5D=Turin", headers=form)
        self.assertEqual((good.status, good.json()["object"]), (200, "customer"), good)
        wrong = self.call("POST", "/v1/customers", b"nonsense=1", headers=form)
        self.assertEqual(wrong.status, 400, wrong)
        self.assertIn("additional properties", wrong.text)
        self.assertEqual(self.call("GET", "/v1/nowhere").status, 404)
        asked = {"connected_account_id": self.ca, "endpoint": "/v1/charges?limit=3&expand%5B%5D=data.customer", "method": "GET"}
        listed = self.server.http("POST", "/v3/tools/execute/proxy", asked).json()
        self.assertEqual((listed["status"], listed["data"]["object"]), (200, "list"), listed)


if __name__ == "__main__":
    unittest.main()
