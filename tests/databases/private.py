"""tests/databases/private.py: what the private servers of these tests share: a folder, an unprivileged user, a port, and
certificates of a CA made on the spot. Standard library and openssl(1)."""

import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from certificates import certificate  # noqa: E402
from server import free_port, until  # noqa: E402,F401 (for the tests)


class Private:
    """A folder below /tmp that a server process of user `user` may use; made by root or by that user."""

    def __init__(self, user):
        self.user = pwd.getpwnam(user) if os.geteuid() == 0 else None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="keysteward-db-"))
        self.port = free_port()
        self.give(self.folder)

    def give(self, path):
        if self.user:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)
        return path

    def as_user(self):
        return {"user": self.user.pw_uid, "group": self.user.pw_gid} if self.user else {}

    def run(self, *argv, **more):
        done = subprocess.run(argv, capture_output=True, text=True, cwd=self.folder, timeout=120, **self.as_user(), **more)
        assert done.returncode == 0, f"{argv[0]}: {done.stdout[-500:]} {done.stderr[-1500:]}"
        return done.stdout

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)

    def certify(self):
        """What every server here has: a CA with its server and client, and another CA that signed nothing."""
        self.ca, _ = self.certificate("ca", "keysteward tests")
        self.certificate("server", "localhost", san="DNS:localhost", by="ca")
        self.client = self.certificate("client", "certified", by="ca")
        self.other_ca, _ = self.certificate("other", "another CA")

    def certificate(self, name, subject, **more):
        """As support/certificates.py, in this folder and by this user."""
        return certificate(self.folder, name, subject, run=lambda *argv: self.run("openssl", *argv), **more)
