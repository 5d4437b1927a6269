"""PostgreSQL behind PgBouncer that pools by transaction: a session of ours is served by whichever connection is free, and nothing
of ours may rely on the last one. docs/databases.md "Poolers"; promises DB-1, DB-3, DB-4, DB-9."""

import http.client
import json
import threading
import unittest

from pgbouncer import PgBouncer
from postgres import READER, READER_PASSWORD, SETUP, Postgres
from private import until
from world import World

SERVERS = 2
PATH = "/v2/actions/POSTGRESQL_EXECUTE_QUERY/execute"
PG = Postgres()
PB = PgBouncer(PG, SERVERS)
W = World("--allow-private", f"127.0.0.1:{PB.port}")


def setUpModule():
    PG.start()
    PG.sql(SETUP)
    PB.start()
    W.start()
    values = {"host": "localhost", "port": str(PB.port), "database": "postgres", "username": READER,
              "password": READER_PASSWORD, "ca": PB.ca}  # fmt: skip
    W.ca = W.connect(W.integration("postgresql", "DATABASE"), values, "reader")
    writing = W.integration("postgresql", "DATABASE", integrationSecrets={"access": "write"})
    W.cw = [W.connect(writing, values, f"writer_{i}") for i in range(2)]


def tearDownModule():
    try:
        W.stop()
    finally:
        PB.stop()
        PG.stop()


def body(sql, *parameters, ca=None):
    return {"connectedAccountId": ca or W.ca, "input": {"query": sql, "parameters": list(parameters)}}


def ask(sql, *parameters, ca=None, call=None):
    return (call or W.server.http)("POST", PATH, body(sql, *parameters, ca=ca)).json()


class Pooled(unittest.TestCase):
    def test_a_login_is_verified(self):  # DB-1
        self.assertEqual(W.good("GET", "/ks/connections/" + W.ca)["verdict"], "verified")

    def test_many_at_once_get_their_own_answers(self):  # DB-4 DB-9
        got = {}

        def work(n):
            with W.server.connection() as link:
                for i in range(8):
                    # the list is described by the server first: three round trips that must meet the same one
                    got[n, i] = ask("SELECT $1::int, $2::text[]", n, [str(i), "x"], ca=(W.ca, *W.cw)[n % 3], call=link.request)

        callers = [threading.Thread(target=work, args=(n,)) for n in range(6)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        for (n, i), answer in got.items():
            self.assertEqual(answer.get("data", {}).get("rows"), [[n, [str(i), "x"]]], answer)
        self.assertEqual(len(got), 48)
        self.assertLessEqual(len(PG.sql(f"SELECT 1 FROM pg_stat_activity WHERE usename = '{READER}'")), SERVERS)

    def test_reading_connections_only_read(self):  # DB-3
        before = PG.sql("SELECT count(*) FROM notes")
        for sql in ("DELETE FROM notes", "SELECT sneak()", "SELECT nextval('notes_id_seq')", "CREATE TABLE t (a int)"):
            answer = ask(sql)
            self.assertEqual((answer["successful"], answer["data"]["error"]["code"]), (False, "25006"), (sql, answer))
        for sql in ("SET TRANSACTION READ WRITE", "SELECT set_config('transaction_read_only', 'off', false)"):
            self.assertFalse(ask(sql)["successful"], sql)
        self.assertEqual(PG.sql("SELECT count(*) FROM notes"), before)

    def test_what_a_writer_sets_does_not_change_how_statements_of_ours_run(self):
        for set_ in ("SET default_transaction_read_only = off", "SET datestyle = 'German'", "SET timezone = 'Asia/Tokyo'"):
            self.assertTrue(ask(set_, ca=W.cw[0])["successful"], set_)
        for _ in range(SERVERS * 2):
            answer = ask("SELECT timestamptz '2026-01-02 03:04:05+00', date '2026-01-02'")
            self.assertEqual(answer["data"]["rows"], [["2026-01-02T03:04:05Z", "2026-01-02"]], answer)
            self.assertEqual(ask("DELETE FROM notes")["data"]["error"]["code"], "25006")

    def test_writes_are_committed(self):
        answer = ask("INSERT INTO notes (text) VALUES ($1) RETURNING text", "pooled", ca=W.cw[0])
        self.assertEqual(answer["data"]["rows"], [["pooled"]], answer)
        self.assertEqual(PG.sql("SELECT text FROM notes WHERE text = 'pooled'"), ["pooled"])

    def test_a_caller_who_leaves_has_the_statement_cancelled(self):  # DB-9
        link = http.client.HTTPConnection("127.0.0.1", W.server.port, timeout=30)
        headers = {"x-api-key": W.key, "Content-Type": "application/json"}
        link.request("POST", PATH, json.dumps(body("SELECT pg_sleep(25), 'left behind'")), headers)
        until("the statement to run", lambda: PG.running("left behind"))
        link.close()
        until("it to be cancelled", lambda: not PG.running("left behind"))


if __name__ == "__main__":
    unittest.main()
