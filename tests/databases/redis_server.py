"""tests/databases/redis_server.py: a private Redis 7 on loopback with TLS and some users. The tests look into it with
redis-cli(1) over the socket in its folder."""

import subprocess

from private import Private, until

USER, PASSWORD = "worker", "worker-Pass-0123456789/+"


class Redis(Private):
    def __init__(self):
        super().__init__("nobody")
        self.socket = self.folder / "s"
        self.certify()
        (self.folder / "conf").write_text(
            f"bind 127.0.0.1\nport 0\ntls-port {self.port}\ntls-cert-file {self.folder}/server.pem\n"
            f"tls-key-file {self.folder}/server.key\ntls-ca-cert-file {self.folder}/ca.pem\ntls-auth-clients optional\n"
            f"unixsocket {self.socket}\nsave \"\"\nappendonly no\ndir {self.folder}\n"
            f"user default on nopass sanitize-payload ~* &* +@all\nuser {USER} on >{PASSWORD} ~* &* +@all\n"
            f"user narrow on >{PASSWORD} ~app:* &* -@all +get +set +ping +select\n"
        )
        self.give(self.folder / "conf")

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["redis-server", str(self.folder / "conf")], cwd=self.folder, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True, **self.as_user(),
            )  # fmt: skip
        until("Redis takes connections", lambda: self.tried("PING") == "PONG", 30)
        return self

    def tried(self, *words):
        done = subprocess.run(["redis-cli", "-s", str(self.socket), *words], capture_output=True, text=True, check=False)
        return done.stdout.rstrip("\n")

    def blocked(self):
        """Are clients waiting in a blocking command?"""
        return "blocked_clients:0" not in self.tried("INFO", "clients")
