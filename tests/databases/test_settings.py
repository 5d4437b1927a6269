"""What stands around the server changes nothing of what it does with databases: environment and files that the libraries of
PostgreSQL and MySQL would read (rule N4, S7); and --statement-seconds ends what takes longer (DB-5)."""

import contextlib
import os
import pathlib
import tempfile
import unittest

import maria
import postgres
from private import until
from world import World

PG, MY = postgres.Postgres(), maria.Maria()
LISTED = ("--allow-private", f"127.0.0.1:{PG.port}", "--allow-private", f"127.0.0.1:{MY.port}")
HOME = tempfile.TemporaryDirectory(prefix="keysteward-home-")


def setUpModule():
    PG.start()
    PG.sql(postgres.SETUP)
    MY.start()
    MY.sql(maria.SETUP)


def tearDownModule():
    PG.stop()
    MY.stop()
    HOME.cleanup()


def values(app, **more):
    pg = app == "postgresql"
    given = {
        "host": "localhost", "port": str(PG.port if pg else MY.port), "database": "postgres" if pg else "shop",
        "username": postgres.READER if pg else maria.USER, "password": postgres.READER_PASSWORD if pg else maria.PASSWORD,
        "ca": PG.ca if pg else MY.ca, **more,
    }  # fmt: skip
    return {name: value for name, value in given.items() if value is not None}


def hostile():
    """An environment in which the right passwords and wrong everything else lie about."""
    home = pathlib.Path(HOME.name)
    service = f"[evil]\nhost=192.0.2.1\nport=1\nuser=boss\npassword={postgres.BOSS_PASSWORD}\nsslmode=disable\n"
    (home / ".pg_service.conf").write_text(service)
    (home / ".pgpass").write_text(f"*:*:*:*:{postgres.READER_PASSWORD}\n")
    (home / ".pgpass").chmod(0o600)
    options = f"[client]\nuser=boss\npassword={maria.PASSWORD}\nhost=192.0.2.1\nport=1\nssl-verify-server-cert=0\n"
    for name in (".my.cnf", "my.cnf"):
        (home / name).write_text(options + "plugin-dir=/nonexistent\ndefault-auth=mysql_clear_password\n")
    return {
        "HOME": HOME.name, "PGSYSCONFDIR": HOME.name, "MYSQL_HOME": HOME.name, "MARIADB_HOME": HOME.name,
        "PGSERVICE": "evil", "PGSERVICEFILE": str(home / ".pg_service.conf"), "PGPASSFILE": str(home / ".pgpass"),
        "PGHOST": "192.0.2.1", "PGHOSTADDR": "192.0.2.1", "PGPORT": "1", "PGUSER": "boss", "PGPASSWORD": postgres.READER_PASSWORD,
        "PGDATABASE": "nowhere", "PGOPTIONS": "-c default_transaction_read_only=off -c search_path=pg_temp", "PGAPPNAME": "evil",
        "PGSSLMODE": "disable", "PGSSLROOTCERT": "/nonexistent", "PGSSLCERT": "/nonexistent", "PGSSLKEY": "/nonexistent",
        "PGCLIENTENCODING": "LATIN1", "PGDATESTYLE": "German", "PGTZ": "Asia/Tokyo", "PGCHANNELBINDING": "require", "PGGSSENCMODE": "require",
        "PGTARGETSESSIONATTRS": "standby", "PGREQUIREPEER": "nobody", "PGCONNECT_TIMEOUT": "1", "PGLOADBALANCEHOSTS": "random",
        "MYSQL_PWD": maria.PASSWORD, "MYSQL_HOST": "192.0.2.1", "MYSQL_TCP_PORT": "1", "MYSQL_UNIX_PORT": str(MY.socket),
        "LIBMYSQL_PLUGINS": "evil;dialog", "LIBMYSQL_PLUGIN_DIR": "/nonexistent", "LIBMYSQL_ENABLE_CLEARTEXT_PLUGIN": "1",
        "MARIADB_PLUGIN_DIR": "/nonexistent", "MARIADB_TLS_DISABLE_PEER_VERIFICATION": "1",
    }  # fmt: skip


@contextlib.contextmanager
def environment(more):
    before = dict(os.environ)
    os.environ.update(more)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


class Environment(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(*LISTED)
        with environment(hostile()):
            cls.world.start()
        cls.integrations = {app: cls.world.integration(app, "DATABASE") for app in ("postgresql", "mysql")}

    @classmethod
    def tearDownClass(cls):
        cls.world.stop()

    def connect(self, app, **more):
        return self.world.connect(self.integrations[app], values(app, **more), "user_" + app)

    def refused(self, app, **more):
        """Refused, or unreachable: in no case let in."""
        reply = self.world.try_connect(self.integrations[app], values(app, **more))
        if reply.status == 200:
            made = self.world.good("GET", "/ks/connections/" + reply.json()["connectedAccountId"])
            self.assertEqual(made["verdict"], "unreachable", made)
        else:
            self.assertEqual(reply.status, 400, reply)

    def rows(self, action, connection, query):
        reply = self.world.execute(action, connectedAccountId=connection, input={"query": query})
        self.assertTrue(reply.json()["successful"], reply)
        return reply.json()["data"]["rows"]

    def test_a_session_of_postgresql_is_as_the_connection_says(self):  # N4 DB-2
        said = self.rows(
            "POSTGRESQL_EXECUTE_QUERY", self.connect("postgresql"),
            "SELECT current_user, current_database(), current_setting('application_name'), current_setting('client_encoding'), "
            "current_setting('search_path'), (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), timestamptz '2026-01-02 03:04Z'",
        )  # fmt: skip
        self.assertEqual(said, [[postgres.READER, "postgres", "keysteward", "UTF8", '"$user", public', True, "2026-01-02T03:04:00Z"]])

    def test_a_session_of_mysql_is_as_the_connection_says(self):  # N4 DB-2
        ca = self.connect("mysql")
        self.assertEqual(self.rows("MYSQL_EXECUTE_QUERY", ca, "SELECT CURRENT_USER(), DATABASE()"), [[maria.USER + "@%", "shop"]])
        self.assertNotEqual(self.rows("MYSQL_EXECUTE_QUERY", ca, "SHOW STATUS LIKE 'Ssl_cipher'"), [["Ssl_cipher", ""]])

    def test_a_password_that_lies_about_is_nobodys(self):  # N4
        for app in ("postgresql", "mysql"):
            with self.subTest(app):
                self.refused(app, password=None)

    def test_certificates_are_checked_all_the_same(self):  # N3 DB-2
        self.refused("postgresql", ca=PG.other_ca)
        self.refused("mysql", ca=MY.other_ca)
        self.refused("mysql", host="127.0.0.1")


class Seconds(unittest.TestCase):
    SLEEPS = (
        ("postgresql", "POSTGRESQL_EXECUTE_QUERY", "SELECT pg_sleep(60)", PG, r"\((57014|timeout)\)"),
        ("mysql", "MYSQL_EXECUTE_QUERY", "SELECT SLEEP(60)", MY, "in time|took too long"),
    )

    @classmethod
    def setUpClass(cls):
        cls.world = World(*LISTED, "--statement-seconds", "1").start()

    @classmethod
    def tearDownClass(cls):
        cls.world.stop()

    def test_a_statement_ends_at_the_limit_here_and_there(self):  # DB-5
        for app, action, sql, server, says in self.SLEEPS:
            with self.subTest(app):
                ca = self.world.connect(self.world.integration(app, "DATABASE"), values(app), "user_" + app)
                said = self.world.execute(action, connectedAccountId=ca, input={"query": sql}).json()
                self.assertEqual((said["successful"], said["vendorStatus"]), (False, 504), said)
                self.assertRegex(said["error"], says)
                until("the statement is gone", lambda server=server: not server.running("60"), 30)

    def test_a_caller_may_not_ask_for_more(self):  # QRY-1
        ca = self.world.connect(self.world.integration("postgresql", "DATABASE"), values("postgresql"), "user_more")
        reply = self.world.post("/ks/query/" + ca, {"sql": "SELECT 1", "seconds": 2})
        self.assertEqual((reply.status, reply.json()["error"]["field"]), (400, "seconds"), reply)


if __name__ == "__main__":
    unittest.main()
