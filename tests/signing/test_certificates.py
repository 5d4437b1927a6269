"""Client certificates in a real TLS handshake: nginx demands one and says whose it was. Rule N6: a connection of one
credential never serves another. Promise SIG-6."""

import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from certificates import certificate  # noqa: E402
from nginx import Nginx  # noqa: E402
from world import World, check_error  # noqa: E402

APP = """
app: certish
name: Certish
about: A vendor of the tests that wants a client certificate.
categories: [testing]
home: https://vend.example
docs: none
schemes:
  - scheme: CUSTOM
    fields:
      - {name: certificate, label: Certificate, help: In PEM form., kind: blob, secret: true}
      - {name: private_key, label: Key, help: In PEM form., kind: blob, secret: true}
    base: "https://127.0.0.1:TLS"
    hosts: [127.0.0.1]
    sign: {how: mtls, with: {certificate: "{{certificate}}", key: "{{private_key}}"}}
    check:
      method: GET
      path: /me
      good: [{status: 200}]
      bad: [{status: 400, cause: The certificate is not known there.}]
    find: none
"""

SERVER = """
    server {
        listen 127.0.0.1:PORT0 ssl;
        ssl_certificate FOLDER/server.pem; ssl_certificate_key FOLDER/server.key;
        ssl_client_certificate FOLDER/clients.pem; ssl_verify_client on;
        location / { return 200 '{"who":"$ssl_client_s_dn","connection":"$connection"}'; }
    }
"""
V = Nginx()
W = World(
    "--ca-file", f"{V.folder}/ca.pem", "--allow-private", f"127.0.0.1:{V.port}",
    ghost=False, apps={"certish": APP.replace("TLS", str(V.port))},
)  # fmt: skip


def setUpModule():
    certificate(V.folder, "ca", "tests")
    certificate(V.folder, "server", "server", san="IP:127.0.0.1", by="ca")
    for name in ("one", "two", "alien"):
        certificate(V.folder, name, name)
    (V.folder / "clients.pem").write_text(pem("one.pem") + pem("two.pem"), encoding="ascii")
    V.configure(SERVER)
    V.start()
    W.start()
    W.ac = W.integration("certish", "CUSTOM")


def tearDownModule():
    try:
        W.stop()
    finally:
        V.remove()


def pem(name):
    return (V.folder / name).read_text(encoding="ascii")


def pair(name, key=None):
    return {"certificate": pem(name + ".pem"), "private_key": pem((key or name) + ".key")}


class Certificates(unittest.TestCase):  # SIG-6
    def test_each_connection_shows_its_own_certificate_on_connections_of_its_own(self):  # N6
        ids = {name: W.connect(W.ac, pair(name), name) for name in ("one", "two")}
        seen = []
        for name in ("one", "two", "one", "one", "two"):
            got = W.get(f"/ks/call/{ids[name]}/x")
            self.assertEqual(got.status, 200, got)
            self.assertEqual(got.json()["who"], "CN=" + name)
            seen.append(got.json()["connection"])
        self.assertEqual(len(set(seen)), len(seen), "a connection was used twice")

    def test_a_certificate_the_vendor_does_not_know_is_told(self):
        reply = W.try_connect(W.ac, pair("alien"))
        self.assertEqual(reply.status, 200, reply)  # the check is not trusted: it reports
        account = W.account(reply.json()["connectedAccountId"])
        self.assertIn("not known there", json.dumps(account))

    def test_a_key_of_another_certificate_is_refused_by_field(self):
        body = check_error(self, W.try_connect(W.ac, pair("one", "two")), 400, "another certificate")
        self.assertIn("data.private_key", json.dumps(body["details"]))
        body = check_error(self, W.try_connect(W.ac, {**pair("one"), "certificate": "made-up"}), 400, "PEM")
        self.assertIn("data.certificate", json.dumps(body["details"]))
        body = check_error(self, W.try_connect(W.ac, {**pair("one"), "private_key": pem("one.pem")}), 400, "passphrase")
        self.assertIn("data.private_key", json.dumps(body["details"]))

    def test_neither_half_is_logged_or_explained(self):  # S3 S6
        id_ = W.connect(W.ac, pair("one"), "quiet")
        shown = W.post("/ks/explain", {"connectedAccountId": id_, "method": "GET", "endpoint": "/"})
        self.assertEqual(shown.json()["request"]["sign"]["how"], "mtls")
        line = pem("one.key").splitlines()[1]
        self.assertNotIn(line, shown.text)
        self.assertNotIn(line, W.server.log())


if __name__ == "__main__":
    unittest.main()
