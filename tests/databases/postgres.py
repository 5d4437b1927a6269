"""tests/databases/postgres.py: a private PostgreSQL 15 on loopback with TLS and some roles. The tests look into it with psql as
its superuser, over the socket in its folder."""

import glob
import os
import signal
import subprocess

from private import Private, until

READER, READER_PASSWORD = "reader", "reader-Pass-0123456789/+"
BOSS_PASSWORD = "boss-Pass-0123456789/+"

SETUP = f"""
CREATE ROLE {READER} LOGIN PASSWORD '{READER_PASSWORD}';
CREATE ROLE filer LOGIN PASSWORD '{READER_PASSWORD}' IN ROLE pg_read_server_files;
CREATE ROLE certified LOGIN;
CREATE ROLE barred LOGIN PASSWORD '{READER_PASSWORD}';
CREATE TYPE mood AS ENUM ('fine', 'poor');
CREATE TABLE orders (id bigint PRIMARY KEY, total numeric, tags text[], made timestamptz, doc jsonb, raw bytea,
    paid boolean, weight double precision, feeling mood);
INSERT INTO orders VALUES
    (1, 12.50, '{{a,"b c",NULL}}', '2026-01-02 03:04:05.5+01', '{{"x": [1, 2]}}', '\\xdeadbeef', true, 0.1, 'fine'),
    (9007199254740993, 99999999999999999999.123456789, NULL, NULL, NULL, NULL, NULL, 'NaN', NULL);
CREATE TABLE notes (id serial PRIMARY KEY, text text NOT NULL DEFAULT 'none');
CREATE INDEX notes_text ON notes (text);
GRANT SELECT, INSERT, UPDATE, DELETE ON orders, notes TO {READER};
GRANT USAGE ON notes_id_seq TO {READER};
CREATE FUNCTION sneak() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DELETE FROM notes; RETURN 1; END $$;
CREATE PROCEDURE leave() LANGUAGE plpgsql AS $$ BEGIN COMMIT; INSERT INTO notes (text) VALUES ('out'); END $$;
CREATE TABLE secrets (value text);
REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;
GRANT CONNECT ON DATABASE postgres TO {READER}, filer, certified;
"""


class Postgres(Private):
    def __init__(self):
        super().__init__("postgres")
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.certify()
        self.certificate("elsewhere", "db.example", san="DNS:db.example", by="ca")
        (self.folder / "pw").write_text(BOSS_PASSWORD)
        self.run(
            f"{self.bin}/initdb", "-D", "data", "-A", "scram-sha-256", "--pwfile=pw", "-U", "boss", "--no-sync",
            "-E", "UTF8", "--locale=C",
        )  # fmt: skip
        self.give(self.folder / "pw")
        with open(self.folder / "data" / "postgresql.conf", "a", encoding="utf-8") as conf:
            conf.write(
                f"listen_addresses='127.0.0.1'\nport={self.port}\nunix_socket_directories='{self.folder}'\nssl=on\n"
                f"ssl_cert_file='{self.folder}/server.pem'\nssl_key_file='{self.folder}/server.key'\n"
                f"ssl_ca_file='{self.folder}/ca.pem'\nfsync=off\nmax_connections=40\nshared_buffers=16MB\n"
                "log_statement=none\nlog_min_error_statement=panic\nmax_prepared_transactions=2\n"
            )
        (self.folder / "data" / "pg_hba.conf").write_text(
            "local all boss trust\nhostssl all certified 127.0.0.1/32 cert\nhost all certified 0.0.0.0/0 reject\n"
            "host all all 127.0.0.1/32 scram-sha-256\n"
        )

    def start(self):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [f"{self.bin}/postgres", "-D", "data"], cwd=self.folder, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True, **self.as_user(),
            )  # fmt: skip
        until("PostgreSQL takes connections", self.ready, 60)
        return self

    def ready(self):
        return subprocess.run(
            [f"{self.bin}/pg_isready", "-q", "-h", str(self.folder), "-p", str(self.port)], check=False
        ).returncode == 0  # fmt: skip

    def sql(self, text):
        """Lines of the answer, as the superuser."""
        return self.run(
            f"{self.bin}/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder), "-p", str(self.port),
            "-U", "boss", "postgres", "-c", text,
        ).split("\n")[:-1]  # fmt: skip

    def hold(self, what):
        """A session of the superuser that has called `what` and stays; a process."""
        holder = subprocess.Popen(
            [f"{self.bin}/psql", "-XAtq", "-h", str(self.folder), "-p", str(self.port), "-U", "boss", "postgres",
             "-c", f"SELECT {what}", "-c", "SELECT pg_sleep(600)"],
            cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.as_user(),
        )  # fmt: skip
        until("the session holds it", lambda: self.running("pg_sleep(600)"))
        return holder

    def running(self, part):
        """Statements under way that hold `part`."""
        found = f"SELECT pid FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%{part}%' AND pid <> pg_backend_pid()"
        return self.sql(found)

    def sessions(self):
        """Connections of ours, at rest or not."""
        return self.sql("SELECT pid FROM pg_stat_activity WHERE application_name = 'keysteward' ORDER BY backend_start")

    def kill(self):
        """kill -9 of all its processes, as a crash of the machine would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(20)
        for line in open(self.folder / "data" / "postmaster.pid", encoding="utf-8").read().split("\n")[:1]:
            assert line == str(self.process.pid)
        os.unlink(self.folder / "data" / "postmaster.pid")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)
        self.remove()
