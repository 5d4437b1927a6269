"""PostgreSQL as a connection: what the check says, what an answer holds, and that nothing gets out of a read-only
connection (rules N1, N4, S3, S6; promises DB-1 to DB-9)."""

import json
import threading
import unittest

from postgres import BOSS_PASSWORD, READER, READER_PASSWORD, SETUP, Postgres
from private import until
from stage import Connects, Stage
from world import check_error

PG = Postgres()
STAGE = Stage("postgresql", PG, {"database": "postgres", "username": READER, "password": READER_PASSWORD})
W, integration, values = STAGE.world, STAGE.integration, STAGE.values


def setUpModule():
    STAGE.begin(SETUP)


def tearDownModule():
    STAGE.end()


def ask(sql, *parameters, ca=None, action="POSTGRESQL_EXECUTE_QUERY", **input_):
    input_ = {"query": sql, "parameters": list(parameters), **input_} if sql else input_
    return W.execute(action, connectedAccountId=ca or W.ca, input=input_)


def rows(reply):
    body = reply.json()
    assert body["successful"], reply
    return body["data"]["rows"]


class Connecting(Connects, unittest.TestCase):
    stage = STAGE

    def test_a_login_is_verified_and_named(self):  # DB-1
        account = W.good("GET", "/ks/connections/" + W.ca)
        self.assertEqual(account["verdict"], "verified", account)
        self.assertEqual(account["account"]["name"], READER)
        self.assertEqual(account["account"]["account"], "postgres")
        self.assertNotIn(READER_PASSWORD, json.dumps(account))

    def test_a_wrong_password_is_refused_and_not_stored(self):  # DB-1 S5
        self.refused("did not let this user in", password="wrong-Pass-0123456789")

    def test_a_database_that_is_not_there_is_refused(self):
        self.refused("did not let this user in", database="nowhere")

    def test_each_step_is_named(self):  # DB-1
        closed = str(free())
        self.unreached("name", host="no-such-host.invalid")
        self.unreached("nothing answers|listed", host="localhost", port=closed)
        self.unreached("TLS", ca=PG.other_ca)
        self.unreached("TLS", ca=None)

    def test_the_certificate_must_be_made_out_to_the_host(self):  # DB-2 N3
        self.unreached("TLS", host="127.0.0.1")
        by_ca = W.try_connect(W.reading, values(host="127.0.0.1", ssl_mode="verify-ca"))
        self.assertEqual(by_ca.json().get("connectionStatus"), "ACTIVE", by_ca)

    def test_a_client_certificate_stands_for_a_password(self):  # DB-2
        pem, key = PG.client
        made = W.connect(
            W.reading, values(username="certified", password=None, client_certificate=pem, client_key=key), "certified"
        )
        self.assertEqual(rows(ask("SELECT current_user", ca=made)), [["certified"]])
        self.assertNotIn(key.split("\n")[2], W.get("/ks/connections/" + made).text)

    def test_an_account_that_may_do_anything_is_refused(self):  # DB-3
        self.refused("superuser", username="boss", password=BOSS_PASSWORD)
        self.refused("superuser", username="filer")
        forced = integration(allow_superuser="yes")
        made = W.connect(forced, values(username="boss", password=BOSS_PASSWORD), "boss")
        self.assertEqual(rows(ask("SELECT current_user", ca=made)), [["boss"]])

    def test_a_user_without_the_right_to_connect_is_refused(self):
        reply = W.try_connect(W.reading, values(username="barred"))
        self.assertIn(reply.status, (200, 400), reply)
        self.assertRegex(reply.text if reply.status == 400 else W.get("/ks/connections/" + reply.json()["connectedAccountId"]).text,
                         "may not use this database")  # fmt: skip


    def test_a_caller_cannot_give_himself_the_right_to_write(self):  # DB-3 N1
        made = W.connect(W.reading, values(access="write", allow_superuser="yes"), "sly")
        said = ask("INSERT INTO notes (text) VALUES ('sly')", ca=made).json()
        self.assertFalse(said["successful"], said)
        self.refused("superuser", username="boss", password=BOSS_PASSWORD, allow_superuser="yes")


def free():
    import server

    return server.free_port()


class Results(unittest.TestCase):
    def test_values_keep_their_types(self):  # DB-4
        said = ask("SELECT * FROM orders ORDER BY id")
        self.assertEqual(
            rows(said),
            [
                [1, "12.50", ["a", "b c", None], "2026-01-02T02:04:05.5Z", {"x": [1, 2]}, "3q2+7w==", True, 0.1, "fine"],
                ["9007199254740993", "99999999999999999999.123456789", None, None, None, None, None, "NaN", None],
            ],
        )
        data = said.json()["data"]
        types = [c["type"] for c in data["columns"]]
        self.assertEqual(types[:4], ["bigint", "numeric", "array", "timestamp with time zone"])
        self.assertEqual((data["row_count"], data["truncated"]), (2, False))

    def test_parameters_are_bound_not_pasted(self):  # DB-4 T7
        evil = "'; DROP TABLE orders; --"
        self.assertEqual(rows(ask("SELECT $1::text, $2::int + 1, $3::bool, $4::text", evil, 41, True, None)), [[evil, 42, True, None]])
        self.assertEqual(rows(ask("SELECT count(*) FROM orders WHERE id = ANY($1)", [1, 2])), [[1]])
        self.assertEqual(rows(ask("SELECT $1::jsonb, $2::text[]", [1, {"a": "b"}], ['q"uo', "back\\slash", None])),
                         [[[1, {"a": "b"}], ['q"uo', "back\\slash", None]]])  # fmt: skip
        self.assertEqual(rows(ask("SELECT $1::jsonb->>'k'", {"k": "v"})), [["v"]])

    def test_rows_are_cut_at_the_limit_and_it_is_said(self):  # DB-5
        data = ask("SELECT g FROM generate_series(1, 50000) g").json()["data"]
        self.assertEqual((data["row_count"], data["truncated"], len(data["rows"])), (10000, True, 10000))

    def test_bytes_are_cut_before_the_row_that_does_not_fit(self):  # DB-5
        data = ask("SELECT repeat('x', 1000000) FROM generate_series(1, 50)").json()["data"]
        self.assertTrue(data["truncated"])
        self.assertEqual(data["row_count"], 10)

    def test_one_row_larger_than_the_limit_is_given_up(self):  # DB-5
        before = W.server.memory_kb()[0]
        said = ask("SELECT repeat('x', 200000000)").json()
        self.assertFalse(said["successful"])
        self.assertIn("larger than the limit", said["error"])
        self.assertLess(W.server.memory_kb()[0] - before, 150000)

    def test_errors_are_the_databases_own_words_and_code(self):  # DB-6
        said = ask("SELECT * FROM nowhere").json()
        self.assertFalse(said["successful"])
        self.assertIn("42P01", said["error"])
        self.assertIn("nowhere", said["error"])
        self.assertEqual(said["vendorStatus"], 400)
        for sql in ("", ";", "SELEC 1", "SELECT $1"):
            self.assertIn(ask(sql or " ").status, (200, 400))

    def test_a_password_in_a_table_does_not_come_back(self):  # S6
        PG.sql(f"INSERT INTO secrets VALUES ('{READER_PASSWORD}'); GRANT SELECT ON secrets TO {READER}")
        reply = ask("SELECT value FROM secrets")
        self.assertNotIn(READER_PASSWORD, reply.text)
        self.assertEqual(rows(reply), [["[redacted]"]])


class Actions(unittest.TestCase):
    def test_structure_is_listed(self):  # DB-7
        self.assertIn(["public"], rows(ask(None, action="POSTGRESQL_LIST_SCHEMAS")))
        self.assertIn(["orders", "table"], rows(ask(None, action="POSTGRESQL_LIST_TABLES")))
        described = rows(ask(None, action="POSTGRESQL_DESCRIBE_TABLE", table="notes"))
        self.assertEqual(described[0][:3], ["id", "integer", False])
        self.assertEqual(described[0][4:], [["PRIMARY KEY (id)"], ["notes_pkey"]])
        self.assertEqual(described[1][5], ["notes_text"])

    def test_rows_are_read_with_conditions(self):  # DB-7
        said = ask(None, action="POSTGRESQL_SELECT_ROWS", table="orders", columns=["id"], where="id = $1 -- hm", parameters=[1], limit=5)
        self.assertEqual(rows(said), [[1]])
        said = ask(None, action="POSTGRESQL_SELECT_ROWS", table='or"ders; DROP TABLE orders', limit=5).json()
        self.assertIn("42P01", said["error"])

    def test_rows_are_written_when_the_integration_allows_it(self):  # DB-3 DB-7
        write = {"ca": W.cw}
        made = rows(ask(None, action="POSTGRESQL_INSERT_ROWS", table="notes", rows=[{"text": "one"}, {}], returning=["id", "text"], **write))
        self.assertEqual([r[1] for r in made], ["one", "none"])
        said = ask(None, action="POSTGRESQL_UPDATE_ROWS", table="notes", values={"text": "two"}, where="id = $1", parameters=[made[0][0]], **write)
        self.assertEqual(said.json()["data"]["changed"], 1, said)
        said = ask(None, action="POSTGRESQL_DELETE_ROWS", table="notes", where="text = 'two'", **write)
        self.assertEqual(said.json()["data"]["changed"], 1, said)
        self.assertEqual(rows(ask("INSERT INTO notes (text) SELECT 'n' FROM generate_series(1, 20000) RETURNING 1", **write))[0], [1])
        self.assertEqual(PG.sql("SELECT count(*) FROM notes WHERE text = 'n'"), ["20000"], "a cut answer undid the change")
        PG.sql("DELETE FROM notes")

    def test_an_action_that_writes_says_at_once_that_it_may_not(self):  # DB-3
        check_error(self, ask(None, action="POSTGRESQL_DELETE_ROWS", table="notes", where="true"), 400, "read access only")

    def test_a_plan_is_shown_and_never_writes(self):  # DB-3 DB-7
        self.assertIn("Plan", json.dumps(rows(ask("SELECT * FROM orders", action="POSTGRESQL_EXPLAIN_QUERY", parameters=[]))))
        PG.sql("INSERT INTO notes (text) VALUES ('stays')")
        said = ask("DELETE FROM notes", action="POSTGRESQL_EXPLAIN_QUERY", analyze=True, ca=W.cw).json()
        self.assertFalse(said["successful"], said)
        self.assertNotEqual(PG.sql("SELECT count(*) FROM notes"), ["0"])

    def test_the_faces_agree(self):  # DB-8
        said = W.post("/v3/tools/execute/POSTGRESQL_EXECUTE_QUERY", {"connected_account_id": W.ca, "arguments": {"query": "SELECT 1 AS one"}})
        self.assertEqual(said.json()["data"]["rows"], [[1]], said)
        told = W.post("/ks/explain", {"action": "POSTGRESQL_EXECUTE_QUERY", "connectedAccountId": W.ca, "input": {"query": "SELECT 1"}})
        self.assertEqual(told.status, 200, told)
        self.assertEqual(told.json()["request"]["statement"], "SELECT 1")
        self.assertTrue(told.json()["request"]["read_only"])
        self.assertNotIn(READER_PASSWORD, told.text)
        self.assertNotIn("reader-Pass", told.text)

    def test_http_is_refused_in_words(self):  # DB-8
        check_error(self, W.proxy(W.ca, "/x"), 400, "database")
        self.assertEqual(W.get(f"/ks/call/{W.ca}/x").status, 400)

    def test_uses_are_in_the_trail(self):  # A2
        self.assertTrue(ask("SELECT 1").json()["successful"])
        wanted = ("action.execute", W.ca + " POSTGRESQL_EXECUTE_QUERY")
        until("the use in the trail", lambda: wanted in {(r["action"], r["object"]) for r in W.good("GET", "/ks/audit?limit=50")["items"]})


class ReadOnly(unittest.TestCase):
    """Every way out of a read-only connection that we know of."""

    def setUp(self):
        PG.sql("DELETE FROM notes; INSERT INTO notes (text) VALUES ('kept')")

    def tearDown(self):
        self.assertEqual(PG.sql("SELECT text FROM notes"), ["kept"])
        self.assertEqual(PG.sql("SELECT gid FROM pg_prepared_xacts"), [])
        self.assertEqual(PG.sql("SELECT count(*) FROM pg_largeobject_metadata"), ["0"])

    def test_changes_are_refused_by_the_database(self):  # DB-3
        for sql in (
            "INSERT INTO notes (text) VALUES ('x')",
            "WITH gone AS (DELETE FROM notes RETURNING 1) SELECT * FROM gone",
            "UPDATE notes SET text = 'x'",
            "TRUNCATE notes",
            "DROP TABLE notes",
            "CREATE TABLE t (a int)",
            "SELECT sneak()",
            "SELECT nextval('notes_id_seq')",
            "CALL leave()",
            "DO $$ BEGIN SET TRANSACTION READ WRITE; DELETE FROM notes; END $$",
            "DO $$ BEGIN PERFORM set_config('transaction_read_only', 'off', false); DELETE FROM notes; END $$",
            "SELECT set_config('transaction_read_only', 'off', false)",
            "SET TRANSACTION READ WRITE",
            "SET transaction_read_only = off",
            "SELECT 1; DELETE FROM notes",
            "COMMIT; DELETE FROM notes",
            "COPY notes TO PROGRAM 'cat'",
            "COPY notes TO STDOUT",
            "COPY notes FROM STDIN",
            "SELECT pg_read_file('/etc/passwd')",
            "SELECT lo_export(1, '/tmp/x')",
            "COMMIT",
            "ROLLBACK",
            "BEGIN",
            "PREPARE TRANSACTION 'stay'",
            " -- a comment\n /* one /* within */ another */ ; prepare transaction 'stay'",
            "/* x */commit prepared 'none'",
        ):
            with self.subTest(sql):
                said = ask(sql).json()
                if sql not in ("BEGIN",):  # a warning of the server, and nothing happens
                    self.assertFalse(said.get("successful"), said)
            self.assertEqual(PG.sql("SELECT count(*) FROM notes"), ["1"], sql)

    def test_what_one_caller_sets_the_next_does_not_find(self):  # DB-9
        for sql in (
            "SELECT set_config('default_transaction_read_only', 'off', false), set_config('search_path', 'pg_temp', false)",
            "SELECT lo_create(0)",
            "SELECT pg_advisory_lock(42)",
            "CREATE TEMP TABLE mine (a int)",
            "PREPARE p AS SELECT 1",
            "LISTEN noise",
            "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
        ):
            ask(sql)
        self.assertEqual(PG.sql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"), ["0"])
        self.assertEqual(rows(ask("SELECT count(*) FROM pg_prepared_statements WHERE name = 'p'")), [[0]])
        self.assertEqual(rows(ask("SELECT current_setting('default_transaction_read_only'), current_setting('transaction_read_only')"))[0][1], "on")
        self.assertIn("public", rows(ask("SELECT current_setting('search_path')"))[0][0])
        self.assertFalse(ask("DELETE FROM notes").json()["successful"])


class Turns(unittest.TestCase):
    RUNS, EACH, WAIT, SPARE = 16, 8, 16, 4  # src/base/limits.h

    def setUp(self):
        self.threads, self.said = [], []
        self.holder = PG.hold("pg_advisory_lock(4711)")
        self.addCleanup(self.let_go)

    def let_go(self):
        self.holder.kill()
        PG.sql("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ExclusiveLock' AND granted")
        for thread in self.threads:
            thread.join(60)

    def project(self, name):
        key = W.server.make_key(name)
        return key, W.connect(W.integration("postgresql", "DATABASE", key=key), values(), name, key=key)

    def ask(self, project, sql):
        key, ca = project
        body = {"connectedAccountId": ca, "input": {"query": sql}}
        return W.call("POST", "/v2/actions/POSTGRESQL_EXECUTE_QUERY/execute", body, key=key)

    def slow(self, project, n):
        """So many statements aside, which end when the lock is given back."""
        key, ca = project

        def run():
            from server import Http

            with Http(W.server.port, key=key) as http:
                body = {"connectedAccountId": ca, "input": {"query": "SELECT pg_advisory_xact_lock_shared(4711)"}}
                self.said.append(http.request("POST", "/v2/actions/POSTGRESQL_EXECUTE_QUERY/execute", body))

        for _ in range(n):
            self.threads.append(threading.Thread(target=run))
            self.threads[-1].start()

    def held(self):
        return len(PG.running("xact_lock_shared(4711"))

    def test_a_third_project_gets_its_turn_while_two_run_slow_statements(self):  # DB-10
        one, two, three = (self.project(name) for name in ("turns_1", "turns_2", "turns_3"))
        self.slow(one, self.EACH)
        until("one project runs what it may", lambda: self.held() == self.EACH, 30)
        self.slow(two, self.EACH)
        until("the two hold what they may", lambda: self.held() == self.RUNS - self.SPARE, 30)
        for _ in range(3):
            self.assertEqual(rows(self.ask(three, "SELECT 42")), [[42]])
        self.assertEqual(self.held(), self.RUNS - self.SPARE)
        self.let_go()
        self.assertEqual([r.json()["successful"] for r in self.said], [True] * 2 * self.EACH)

    def test_a_full_waiting_room_is_told_at_once(self):  # DB-10
        one, two = self.project("room_1"), self.project("room_2")
        self.slow(one, self.EACH + self.WAIT + 1)
        answer = until("the one too many is turned away", lambda: self.said, 30)[0]
        until("the project runs what it may", lambda: self.held() == self.EACH, 30)
        self.assertEqual(answer.status, 500, answer)  # 503 in v1
        self.assertIn("Too many calls are under way", answer.text)
        self.assertEqual(answer.headers["retry-after"], "1")
        self.assertEqual(rows(self.ask(two, "SELECT 42")), [[42]])
        self.let_go()
        self.assertEqual(sum(r.status == 200 for r in self.said), self.EACH + self.WAIT)


class Life(unittest.TestCase):
    def test_connections_are_used_again_and_by_their_owner_only(self):  # DB-9
        ask("SELECT 1")
        first = rows(ask("SELECT pg_backend_pid()"))
        self.assertEqual(rows(ask("SELECT pg_backend_pid()")), first)
        other = W.connect(W.reading, values(), "other")
        self.assertNotEqual(rows(ask("SELECT pg_backend_pid()", ca=other)), first)

    def test_a_connection_that_the_server_ended_is_replaced(self):  # DB-9
        pid = rows(ask("SELECT pg_backend_pid()"))[0][0]
        PG.sql(f"SELECT pg_terminate_backend({pid})")
        until("the session is gone", lambda: str(pid) not in PG.sessions())
        self.assertNotEqual(rows(ask("SELECT pg_backend_pid()"))[0][0], pid)

    def long(self, sql):
        """Run it aside; (thread, box): the answer will be in the box."""
        box, key = [], W.key

        def run():
            from server import Http

            with Http(W.server.port, key=key) as http:
                body = {"connectedAccountId": W.ca, "input": {"query": sql}}
                box.append(http.request("POST", "/v2/actions/POSTGRESQL_EXECUTE_QUERY/execute", body))

        thread = threading.Thread(target=run)
        thread.start()
        until("the statement runs", lambda: PG.running("pg_sleep(25"))
        return thread, box

    def test_a_statement_whose_session_is_ended_is_told_so(self):  # DB-6
        thread, box = self.long("SELECT pg_sleep(25)")
        PG.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(25%' AND pid <> pg_backend_pid()")
        thread.join(20)
        self.assertFalse(box[0].json()["successful"], box)
        self.assertIn("ended", box[0].json()["error"])

    def test_a_caller_who_leaves_cancels_his_statement(self):  # DB-9
        import socket

        body = json.dumps({"connectedAccountId": W.ca, "input": {"query": "SELECT pg_sleep(26)"}})
        with socket.create_connection(("127.0.0.1", W.server.port)) as s:
            s.sendall(
                f"POST /api/v2/actions/POSTGRESQL_EXECUTE_QUERY/execute HTTP/1.1\r\nHost: x\r\nx-api-key: {W.key}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
            )
            until("the statement runs", lambda: PG.running("pg_sleep(26"))
        until("the statement is cancelled", lambda: not PG.running("pg_sleep(26"), 10)

    def test_the_password_is_in_no_log(self):  # S3
        ask("SELECT 1 FROM nowhere WHERE x = 'needle-in-sql'")
        log = W.server.log()
        self.assertNotIn(READER_PASSWORD, log)
        self.assertNotIn("needle-in-sql", log)

    def test_zz_a_server_killed_under_a_statement_and_back(self):  # DB-6 DB-9
        thread, box = self.long("SELECT pg_sleep(25)")
        PG.kill()
        thread.join(20)
        self.assertFalse(box[0].json()["successful"], box)
        said = ask("SELECT 1").json()
        self.assertFalse(said["successful"], said)
        self.assertIn("nothing answers", said["error"])
        PG.start()
        self.assertEqual(rows(ask("SELECT 1")), [[1]])


if __name__ == "__main__":
    unittest.main()
