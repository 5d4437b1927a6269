"""Client certificates in a real TLS handshake: nginx demands one and says whose it was. Rule N6: a connection of one
credential never serves another. Promise SIG-6."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import free_port, until  # noqa: E402
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

NGINX = """
daemon off; worker_processes 1; pid {0}/pid; error_log {0}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off; client_body_temp_path {0}/a; proxy_temp_path {0}/b; fastcgi_temp_path {0}/c; uwsgi_temp_path {0}/d;
    scgi_temp_path {0}/e;
    server {{
        listen 127.0.0.1:{1} ssl;
        ssl_certificate {0}/server.pem; ssl_certificate_key {0}/server.key;
        ssl_client_certificate {0}/clients.pem; ssl_verify_client on;
        default_type application/json;
        location / {{ return 200 '{{"who":"$ssl_client_s_dn","connection":"$connection"}}'; }}
    }}
}}
"""


def setUpModule():
    global W, NGINX_PROCESS, FOLDER
    FOLDER = tempfile.mkdtemp(prefix="keysteward-tls-")
    os.chmod(FOLDER, 0o755)
    for name, more in (("server", ["-addext", "subjectAltName=IP:127.0.0.1"]), ("one", []), ("two", []), ("alien", [])):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-keyout", f"{FOLDER}/{name}.key", "-out", f"{FOLDER}/{name}.pem", "-subj", f"/CN={name}", *more],
            check=True, capture_output=True,
        )  # fmt: skip
    with open(f"{FOLDER}/clients.pem", "w", encoding="ascii") as fh:
        fh.write(pem("one.pem") + pem("two.pem"))
    port = free_port()
    with open(f"{FOLDER}/nginx.conf", "w", encoding="ascii") as fh:
        fh.write(NGINX.format(FOLDER, port))
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    NGINX_PROCESS = subprocess.Popen([nginx, "-p", FOLDER, "-e", f"{FOLDER}/error.log", "-c", f"{FOLDER}/nginx.conf"])
    until("nginx to listen", lambda: os.path.exists(f"{FOLDER}/pid"))
    W = World(
        "--ca-file", f"{FOLDER}/server.pem", "--allow-private", f"127.0.0.1:{port}",
        ghost=False, apps={"certish": APP.replace("TLS", str(port))},
    ).start()  # fmt: skip
    W.ac = W.integration("certish", "CUSTOM")


def tearDownModule():
    try:
        W.stop()
    finally:
        NGINX_PROCESS.terminate()
        NGINX_PROCESS.wait(10)
        shutil.rmtree(FOLDER, ignore_errors=True)


def pem(name):
    return pathlib.Path(FOLDER, name).read_text(encoding="ascii")


def pair(certificate, key=None):
    return {"certificate": pem(certificate + ".pem"), "private_key": pem((key or certificate) + ".key")}


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
