"""tests/databases/pgbouncer.py: PgBouncer before a PostgreSQL of these tests, pooling by transaction, with TLS."""

import subprocess

from postgres import READER, READER_PASSWORD
from private import Private, until

CONFIG = """
[databases]
postgres = host=127.0.0.1 port={port} dbname=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
unix_socket_dir = {folder}
pidfile = {folder}/pid
pool_mode = transaction
default_pool_size = {servers}
max_client_conn = 100
auth_type = scram-sha-256
auth_file = {folder}/users
client_tls_sslmode = require
client_tls_cert_file = {folder}/server.pem
client_tls_key_file = {folder}/server.key
server_tls_sslmode = require
"""


class PgBouncer(Private):
    def __init__(self, postgres, servers):
        """`servers`: how many connections to the server all clients share."""
        super().__init__("postgres")
        self.process = None
        self.certify()
        self.give(self.folder / "server.key")
        (self.folder / "users").write_text(f'"{READER}" "{READER_PASSWORD}"\n')
        config = CONFIG.format(port=postgres.port, own=self.port, folder=self.folder, servers=servers)
        (self.folder / "bouncer.ini").write_text(config)

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                ["/usr/sbin/pgbouncer", "bouncer.ini"], cwd=self.folder, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                **self.as_user(),
            )  # fmt: skip
        until("PgBouncer to listen", lambda: b"process up" in (self.folder / "log").read_bytes())
        return self

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)
        self.remove()
