"""tests/databases/private.py: what the private servers of these tests share: a folder, an unprivileged user, a port, and
certificates of a CA made on the spot. Standard library and openssl(1)."""

import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from certificates import certificate  # noqa: E402
from server import free_port, until  # noqa: E402,F401 (for the tests)


class Narrow:
    """A way to a port of 127.0.0.1 that takes little at a time: who sends much has to wait until it can go on."""

    def __init__(self, port):
        self.to, self.listener = port, socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)  # else loopback buffers megabytes
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(8)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:  # closed
                return
            far = socket.create_connection(("127.0.0.1", self.to))
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self.pass_on, args=(one, other), daemon=True).start()

    @staticmethod
    def pass_on(one, other):
        try:
            while data := one.recv(2048):
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.listener.close()


class Private:
    """A folder below /tmp that a server process of user `user` may use; made by root or by that user."""

    def __init__(self, user):
        self.user = pwd.getpwnam(user) if os.geteuid() == 0 else None
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="keysteward-db-"))
        self.port = free_port()
        self.process = None  # the server; `start` makes it
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

    def kill(self):
        self.process.kill()
        self.process.wait(20)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)
        self.remove()

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
