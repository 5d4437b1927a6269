"""POST /ks/query/{connection}: results of databases as lines while they come, with PostgreSQL and MariaDB (promises QRY-1 to
QRY-5; rules N1, S6, A2)."""

import http.client
import json
import os
import re
import subprocess
import threading
import unittest

import maria
import postgres
from private import until
from server import binary, sanitized
from world import World

PG, MY = postgres.Postgres(), maria.Maria()
ROOM_KB = 700000 if sanitized() else 60000  # the sanitizer keeps what was freed for a while
W = World("--allow-private", f"127.0.0.1:{PG.port}", "--allow-private", f"127.0.0.1:{MY.port}", "--statement-seconds", "120")


def setUpModule():
    PG.start()
    PG.sql(postgres.SETUP)
    MY.start()
    MY.sql(maria.SETUP)
    W.start()
    for engine in (Postgres, Maria):
        engine.reading = integration(engine)
        engine.ca = W.connect(engine.reading, engine.values(), "reader")
        engine.cw = W.connect(integration(engine, access="write"), engine.values(), "writer")


def tearDownModule():
    try:
        W.stop()
    finally:
        PG.stop()
        MY.stop()


def integration(engine, **settings):
    return W.integration(engine.app, "DATABASE", integrationSecrets=settings)


class Stream:
    """A query whose answer is read line by line, as slowly as the test likes."""

    def __init__(self, connection, sql, *params, key=..., **more):
        self.conn = http.client.HTTPConnection("127.0.0.1", W.server.port, timeout=120)
        body = json.dumps({"sql": sql, "params": list(params), **more})
        self.conn.request("POST", "/ks/query/" + connection, body, {"x-api-key": W.key, "Content-Type": "application/json"})
        self.answer = self.conn.getresponse()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.answer.close()
        self.conn.close()

    def line(self):
        return json.loads(self.answer.readline())

    def rest(self):
        """How many rows still come, and the last line."""
        rows, last = 0, None
        for line in self.answer:
            rows, last = rows + 1, line
        return rows - 1, json.loads(last)


def query(connection, sql, *params, key=..., **more):
    return W.post("/ks/query/" + connection, {"sql": sql, "params": list(params), **more}, key=key)


def lines(reply):
    assert reply.status == 200, reply
    assert reply.headers["content-type"] == "application/x-ndjson", reply.pairs
    assert reply.body.endswith(b"\n"), reply
    return [json.loads(line) for line in reply.body.split(b"\n")[:-1]]


def peak_kb():
    """The most memory the server ever had."""
    with open(f"/proc/{W.server.process.pid}/status", encoding="ascii") as status:
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read()).group(1))


class Both:
    """What holds for either server; their words for it below."""

    def test_columns_rows_and_the_end_are_a_line_each(self):  # QRY-1
        first, *rows, last = lines(query(self.ca, self.TYPED))
        self.assertEqual(first, {"columns": self.COLUMNS})
        self.assertEqual(rows, self.ROWS)
        self.assertEqual({**last, "took_ms": 0}, {"row_count": len(self.ROWS), "truncated": False, "took_ms": 0})

    def test_values_are_bound(self):  # QRY-1 T7
        evil = "'; DROP TABLE notes; --"
        self.assertEqual(lines(query(self.ca, self.BOUND, evil, None))[1], [evil, None])

    def test_no_rows_are_a_result_too(self):  # QRY-1
        first, last = lines(query(self.ca, "SELECT text FROM notes WHERE 1 = 0"))
        self.assertEqual([c["name"] for c in first["columns"]], ["text"])
        self.assertEqual(last["row_count"], 0)

    def test_max_rows_ends_it_and_says_so(self):  # QRY-1
        *_, row, last = lines(query(self.ca, self.count_to(5000), max_rows=7))
        self.assertEqual((row, last["row_count"], last["truncated"]), ([7], 7, True))
        self.assertEqual(lines(query(self.ca, self.count_to(7), max_rows=7))[-1]["truncated"], False)

    def test_a_million_rows_pass_with_little_memory(self):  # QRY-2
        lines(query(self.ca, self.count_to(10)))
        before = peak_kb()
        with Stream(self.ca, self.count_to(1000000, wide=True)) as s:
            self.assertEqual(s.answer.status, 200)
            s.line()
            rows, last = s.rest()
        self.assertEqual((rows, last["row_count"], last["truncated"]), (1000000, 1000000, False))
        self.assertLess(peak_kb() - before, ROOM_KB)

    def test_the_database_waits_for_a_slow_reader_and_nothing_is_lost(self):  # QRY-2
        before = peak_kb()
        with Stream(self.ca, self.count_to(400000, wide=True, mark="slow")) as s:
            s.line()
            until("the database waits for the reader", lambda: self.waiting("slow"))
            self.assertLess(peak_kb() - before, ROOM_KB)
            for n in range(1, 1001):
                self.assertEqual(s.line()[0], n)
            rows, last = s.rest()
        self.assertEqual((rows + 1000, last["row_count"]), (400000, 400000))

    def test_a_reader_who_leaves_ends_the_statement(self):  # QRY-3 DB-9
        with Stream(self.ca, self.count_to(30000000, mark="leaver")) as s:
            s.line()
            until("the statement runs", lambda: self.server.running("leaver"))
        until("the statement is gone", lambda: not self.server.running("leaver"))

    def test_one_who_leaves_while_nothing_comes_ends_it_too(self):  # QRY-3
        with Stream(self.ca, self.PAUSING) as s:
            s.line()
            until("the statement runs", lambda: self.server.running("pausing"))
        until("the statement is gone", lambda: not self.server.running("pausing"))

    def test_an_error_before_the_first_row_is_an_error_of_http(self):  # QRY-4
        reply = query(self.ca, "SELECT nothing FROM nowhere")
        self.assertEqual((reply.status, reply.json()["error"]["code"]), (400, "statement_failed"), reply)
        self.assertIn(self.NO_TABLE, reply.json()["error"]["message"])
        self.assertIn("nowhere", reply.json()["error"]["message"])

    def test_an_error_later_is_the_last_line(self):  # QRY-4
        first, *rows, last = lines(query(self.ca, self.FAILS_LATE))
        self.assertEqual([r[0] for r in rows], list(range(1, len(rows) + 1)))
        self.assertGreater(len(rows), 1000)
        self.assertEqual((last["error"]["step"], last["error"]["code"]), ("run", self.LATE_CODE), last)

    def test_a_statement_out_of_time_is_told(self):  # QRY-4
        reply = query(self.ca, self.sleep(60), seconds=1)
        self.assertEqual((reply.status, reply.json()["error"]["code"]), (504, "statement_timeout"), reply)
        self.assertEqual(self.server.running("60"), [])
        first, *rows, last = lines(query(self.ca, self.LATE_SLEEP, seconds=2))
        self.assertGreater(len(rows), 1000)
        self.assertEqual(last["error"]["step"], "run", last)
        until("the statement is gone", lambda: not self.server.running("late"))

    def test_a_reader_too_slow_for_its_time_gets_what_came_and_is_told(self):  # QRY-2 QRY-4
        with Stream(self.ca, self.count_to(3000000, wide=True, mark="tardy"), seconds=2) as s:
            s.line()
            until("the statement is gone", lambda: not self.server.running("tardy"), 30)
            rows, last = s.rest()
        self.assertLess(rows, 3000000)
        self.assertIn(last["error"]["code"], ("timeout", "57014"), last)

    def test_a_session_that_is_ended_under_it_is_the_last_line(self):  # QRY-4 DB-6
        with Stream(self.ca, self.count_to(30000000, wide=True, mark="killed")) as s:
            s.line()
            self.end_session("killed")
            rows, last = s.rest()
        self.assertIn("error", last)
        self.assertNotIn(self.password, json.dumps(last))
        self.assertEqual(lines(query(self.ca, self.count_to(1)))[1], [1])

    def test_a_password_among_the_rows_does_not_come_back(self):  # S6
        reply = query(self.ca, self.SECRETS, self.password)
        self.assertNotIn(self.password.encode(), reply.body)
        found = [row for row in lines(reply)[1:-1] if row[1].endswith("[redacted]")]
        self.assertEqual(len(found), 20000)
        self.assertGreater(len({len(row[1]) for row in found}), 60)

    def test_a_reading_connection_changes_nothing(self):  # QRY-5 DB-3
        reply = query(self.ca, "INSERT INTO notes (text) VALUES ('x')")
        self.assertEqual((reply.status, reply.json()["error"]["code"]), (403, "rights_missing"), reply)
        self.assertEqual(self.look("SELECT count(*) FROM notes WHERE text = 'x'"), ["0"])

    def test_a_writing_one_says_how_many(self):  # QRY-5
        *_, last = lines(query(self.cw, "INSERT INTO notes (text) VALUES ('w'), ('w')"))
        self.assertEqual((last["row_count"], last["changed"]), (0, 2))
        self.assertEqual(self.look("SELECT count(*) FROM notes WHERE text = 'w'"), ["2"])
        *_, last = lines(query(self.cw, "DELETE FROM notes WHERE text = 'w'"))
        self.assertEqual(last["changed"], 2)

    def test_what_limits_the_action_limits_it(self):  # QRY-5 KEY-1 ACT-5
        reads = self.limited("--read-only")
        self.assertEqual(query(self.ca, self.count_to(1), key=reads).json()["error"]["code"], "key_limited")
        other = self.limited("--entity", "nobody")
        self.assertEqual(query(self.ca, self.count_to(1), key=other).status, 404)
        app = self.limited("--apps", "vend")
        self.assertEqual(query(self.ca, self.count_to(1), key=app).status, 404)
        mine = self.limited("--entity", "reader", "--apps", self.app)
        self.assertEqual(lines(query(self.ca, self.count_to(1), key=mine))[1], [1])
        narrow = integration(self)
        ca = W.connect(narrow, self.values(), "narrow")
        W.good("PATCH", "/v1/integrations/" + narrow, {"limitedActions": [self.LISTS]})
        self.assertEqual(query(ca, self.count_to(1)).json()["error"]["code"], "action_not_allowed")

    def limited(self, *flags):
        made = W.server.cli("key", "create", "--data", W.server.data, "--project", "one", *flags)
        return made.stdout.strip()

    def test_budgets_count_it(self):  # QRY-5 BUD-1
        ac = integration(self)
        ca = W.connect(ac, self.values(), "thrifty")
        W.good("PUT", f"/ks/integrations/{ac}/budget", {"calls": {"day": 1}})
        self.assertEqual(query(ca, self.count_to(1)).status, 200)
        self.assertEqual(query(ca, self.count_to(1)).status, 429)

    def test_it_is_on_record(self):  # QRY-5 A2
        query(self.ca, self.count_to(1))
        wanted = ("query", f"{self.ca} {self.ACTION}", "ok")
        until("the use in the trail", lambda: wanted in {
            (r["action"], r["object"], r["result"]) for r in W.good("GET", "/ks/audit?limit=50")["items"]})  # fmt: skip

    def test_wrong_words_are_named(self):  # QRY-1
        for body, field in (
            ({}, "sql"),
            ({"sql": "SELECT 1", "params": {"a": 1}}, "params"),
            ({"sql": "SELECT 1", "max_rows": 0}, "max_rows"),
            ({"sql": "SELECT 1", "max_rows": "7"}, "max_rows"),
            ({"sql": "SELECT 1", "seconds": 121}, "seconds"),
            ({"sql": "SELECT 1", "seconds": -1}, "seconds"),
        ):
            reply = W.post("/ks/query/" + self.ca, body)
            self.assertEqual((reply.status, reply.json()["error"]["field"]), (400, field), reply)

    def test_a_key_for_repeats_is_refused(self):  # QRY-5
        reply = W.post("/ks/query/" + self.ca, {"sql": "SELECT 1"}, headers={"Idempotency-Key": "k1"})
        self.assertEqual((reply.status, reply.json()["error"]["field"]), (400, "idempotency-key"), reply)

    def test_many_at_once_are_all_whole(self):  # QRY-2
        said = []

        def one(n):
            with Stream(self.ca, self.count_to(20000 + n)) as s:
                s.line()
                said.append(s.rest()[0] == 20000 + n)

        threads = [threading.Thread(target=one, args=(n,)) for n in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        self.assertEqual(said, [True] * 8)


class CommandLine(unittest.TestCase):
    """keysteward query (CLI-12)."""

    def run_it(self, *words, stdin=None):
        env = {"KEYSTEWARD_URL": f"http://127.0.0.1:{W.server.port}", "KEYSTEWARD_API_KEY": W.key}
        return W.server.cli("query", *words, stdin=stdin, check=False, env=env)

    def test_rows_are_a_table(self):  # CLI-12
        done = self.run_it(Postgres.ca, "SELECT g AS n, repeat('x', g) AS word, NULL AS none FROM generate_series(1, 3) g")
        self.assertEqual((done.returncode, done.stdout), (0, "n  word  none\n1  x     \n2  xx    \n3  xxx   \n"), done)

    def test_csv_is_quoted_where_it_must_be(self):  # CLI-12
        done = self.run_it(Postgres.ca, "SELECT 'a,b' AS \"x y\", 'say \"hi\"', E'two\nlines', 1.5::float, true, NULL, ARRAY[1,2]", "--csv")
        self.assertEqual(done.returncode, 0, done)
        self.assertEqual(done.stdout.split("\n", 1)[1], '"a,b","say ""hi""","two\nlines",1.5,true,,"[1,2]"\n')

    def test_a_terminal_gets_no_control_characters(self):  # CLI-12
        sql = "SELECT E'a\\x1b]0;evil\\x07,\"b\"' AS x, 1 AS y"
        for how, wanted in (((), 'a]0;evil,"b"  1'), (("--csv",), '"a]0;evil,""b""",1'), (("--json",), '["a\\u001b]0;evil\\u0007,\\"b\\"",1]')):
            with self.subTest(how):
                master, slave = os.openpty()
                env = dict(os.environ, KEYSTEWARD_URL=f"http://127.0.0.1:{W.server.port}", KEYSTEWARD_API_KEY=W.key)
                subprocess.run([binary(), "query", Postgres.ca, sql, *how], stdout=slave, env=env, timeout=60, check=True)
                os.close(slave)
                said = os.read(master, 4096).decode().split("\r\n")
                os.close(master)
                self.assertEqual(said[1], wanted)

    def test_json_is_what_came(self):  # CLI-12
        done = self.run_it(Maria.ca, "SELECT ? + 1 AS n, ? AS t", "--params", "[41, null]", "--json")
        first, row, last = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(([c["name"] for c in first["columns"]], row, last["row_count"]), (["n", "t"], [42, None], 1))

    def test_values_are_bound_and_sql_comes_from_where_it_is_asked_for(self):  # CLI-12
        done = self.run_it(Postgres.ca, "-", "-p", "7", "-p", "it's", "--csv", stdin="SELECT $1::int + 1, $2::text")
        self.assertEqual(done.stdout.splitlines()[1], "8,it's", done)

    def test_a_million_rows_pass(self):  # CLI-12 QRY-2
        done = self.run_it(Postgres.ca, Postgres.count_to(300000), "--csv")
        self.assertEqual((done.returncode, done.stdout.count("\n"), done.stdout[-7:]), (0, 300001, "300000\n"))
        done = self.run_it(Postgres.ca, Postgres.count_to(1000), "--max-rows", "250")
        self.assertEqual(done.stdout.count("\n"), 251)
        self.assertIn("Only the first 250", done.stderr)

    def test_what_fails_is_said_with_its_exit_code(self):  # CLI-12
        for words, code, says in (
            ((Postgres.ca, "SELECT nothing FROM nowhere"), 1, "42P01"),
            ((Postgres.ca, "DELETE FROM notes"), 1, "25006"),
            ((Postgres.ca, "SELECT pg_sleep(60)", "--seconds", "1"), 6, "took too long|statement timeout"),
            (("ca_" + "0" * 30, "SELECT 1"), 4, "."),
            ((Postgres.ca, "SELECT 1", "-p", "1", "--params", "[1]"), 2, "--params"),
            ((Postgres.ca, "SELECT 1", "--params", "{}"), 2, "list"),
            ((Postgres.ca, "SELECT 1", "--csv", "--json"), 2, "--csv"),
            ((Postgres.ca, "SELECT 1", "--max-rows", "0"), 2, "--max-rows"),
            ((Postgres.ca,), 2, "SQL"),
        ):
            with self.subTest(words):
                done = self.run_it(*words)
                self.assertEqual((done.returncode, done.stdout), (code, ""), done)
                self.assertRegex(done.stderr, says)

    def test_an_error_after_rows_leaves_the_rows_and_is_said(self):  # CLI-12 QRY-4
        for how in ((), ("--csv",), ("--json",)):
            done = self.run_it(Postgres.ca, Postgres.FAILS_LATE, *how)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertGreater(done.stdout.count("\n"), 1000)
            self.assertIn("22012", done.stderr)

    def test_changes_are_counted(self):  # CLI-12
        done = self.run_it(Postgres.cw, "INSERT INTO notes (text) VALUES ('c'), ('c')")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", "2 changed.\n"))
        self.run_it(Postgres.cw, "DELETE FROM notes WHERE text = 'c'")


class Postgres(Both, unittest.TestCase):
    app, server, password = "postgresql", PG, postgres.READER_PASSWORD
    ACTION, LISTS = "POSTGRESQL_EXECUTE_QUERY", "POSTGRESQL_LIST_TABLES"
    TYPED = "SELECT id, total, tags, made, '{\"a\":\n[1,\r\n2]}'::json AS doc, raw, paid, weight FROM orders ORDER BY id"
    COLUMNS = [
        {"name": n, "type": t}
        for n, t in (("id", "bigint"), ("total", "numeric"), ("tags", "array"), ("made", "timestamp with time zone"), ("doc", "json"),
                     ("raw", "bytea"), ("paid", "boolean"), ("weight", "double precision"))
    ]  # fmt: skip
    ROWS = [
        [1, "12.50", ["a", "b c", None], "2026-01-02T02:04:05.5Z", {"a": [1, 2]}, "3q2+7w==", True, 0.1],
        ["9007199254740993", "99999999999999999999.123456789", None, None, {"a": [1, 2]}, None, None, "NaN"],
    ]
    BOUND = "SELECT $1::text, $2::text"
    NO_TABLE, LATE_CODE = "42P01", "22012"
    FAILS_LATE = "SELECT g, 1 / (50000 - g) FROM generate_series(1, 60000) g"
    LATE_SLEEP = "SELECT g, CASE WHEN g > 50000 THEN pg_sleep(50)::text END AS late FROM generate_series(1, 60000) g"
    PAUSING = "SELECT g, CASE WHEN g > 50000 THEN pg_sleep(50)::text END AS pausing FROM generate_series(1, 60000) g"
    SECRETS = "SELECT g, repeat('y', g * 37 % 101) || $1::text FROM generate_series(1, 20000) g"

    @staticmethod
    def values(**more):
        return {"host": "localhost", "port": str(PG.port), "database": "postgres", "username": postgres.READER,
                "password": postgres.READER_PASSWORD, "ca": PG.ca, **more}  # fmt: skip

    @staticmethod
    def count_to(n, wide=False, mark="all"):
        return f"SELECT g{', repeat($$x$$, 200)' if wide else ''} FROM generate_series(1, {n}) g /* {mark} */"

    @staticmethod
    def sleep(seconds):
        return f"SELECT pg_sleep({seconds})"

    def waiting(self, mark):
        return PG.sql(f"SELECT 1 FROM pg_stat_activity WHERE wait_event = 'ClientWrite' AND query LIKE '%{mark}%'")

    def end_session(self, mark):
        PG.sql(f"SELECT pg_terminate_backend({PG.running(mark)[0]})")

    def look(self, sql):
        return PG.sql(sql)

    def test_a_row_larger_than_a_line_ends_it(self):  # QRY-2
        reply = query(self.ca, "SELECT repeat('x', 200000000)")
        self.assertEqual((reply.status, reply.json()["error"]["code"]), (400, "statement_failed"), reply)
        *_, last = lines(query(self.ca, "SELECT repeat('\"', 500 + 9000000 * (g / 2000)) FROM generate_series(1, 2000) g"))
        self.assertEqual(last["error"]["code"], "row_too_large", last)

    def test_a_change_whose_reader_leaves_is_undone(self):  # QRY-3
        sql = "INSERT INTO notes (text) SELECT repeat('u', 300) || g FROM generate_series(1, 2000000) g RETURNING id, text /* undone */"
        with Stream(self.cw, sql) as s:
            s.line()
            until("the statement runs", lambda: PG.running("undone"))
        until("the statement is gone", lambda: not PG.running("undone"), 60)
        until("the session is at rest or gone", lambda: not PG.sql(
            "SELECT 1 FROM pg_stat_activity WHERE state <> 'idle' AND application_name = 'keysteward'"), 60)  # fmt: skip
        self.assertEqual(PG.sql("SELECT count(*) FROM notes WHERE text LIKE 'u%'"), ["0"])

    def test_what_is_no_database_of_sql_is_refused(self):  # QRY-1
        reply = query(W.connect(), "SELECT 1")
        self.assertEqual((reply.status, reply.json()["error"]["code"]), (400, "no_sql"), reply)
        self.assertEqual(query("ca_" + "0" * 30, "SELECT 1").status, 404)

    def test_a_refused_login_is_told_and_counts(self):  # QRY-4 CON-14
        PG.sql("CREATE ROLE leaver LOGIN PASSWORD 'leaver-Pass-0123456789'; GRANT CONNECT ON DATABASE postgres TO leaver")
        ca = W.connect(self.reading, self.values(username="leaver", password="leaver-Pass-0123456789"), "leaver")
        PG.sql("ALTER ROLE leaver PASSWORD 'another-Pass-0123456789'")
        PG.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'leaver'")
        for _ in range(2):
            reply = query(ca, "SELECT 1")
            self.assertEqual((reply.status, reply.json()["error"]["code"]), (502, "login_refused"), reply)
        self.assertEqual(W.account(ca)["status"], "EXPIRED")

    def test_zz_a_server_killed_under_it_is_the_last_line(self):  # QRY-4 DB-6
        with Stream(self.ca, self.count_to(30000000, wide=True)) as s:
            s.line()
            PG.kill()
            rows, last = s.rest()
        self.assertIn("ended", last["error"]["message"])
        reply = query(self.ca, "SELECT 1")
        self.assertEqual((reply.status, reply.json()["error"]["code"]), (502, "database_unreachable"), reply)
        PG.start()
        self.assertEqual(lines(query(self.ca, self.count_to(1)))[1], [1])


class Maria(Both, unittest.TestCase):
    app, server, password = "mysql", MY, maria.PASSWORD
    ACTION, LISTS = "MYSQL_EXECUTE_QUERY", "MYSQL_LIST_TABLES"
    TYPED = "SELECT id, total, made, seen, doc, raw, paid, weight FROM orders ORDER BY id"
    COLUMNS = [
        {"name": n, "type": t}
        for n, t in (("id", "bigint"), ("total", "decimal"), ("made", "datetime"), ("seen", "timestamp"), ("doc", "json"), ("raw", "blob"),
                     ("paid", "tinyint"), ("weight", "double"))
    ]  # fmt: skip
    ROWS = [
        [1, "12.500000000", "2026-01-02T03:04:05.500000", "2026-01-02T03:04:05Z", {"x": [1, 2]}, "3q2+7w==", 1, 0.1],
        ["18446744073709551615", "99999999999999999999.123456789"] + [None] * 6,
    ]
    BOUND = "SELECT ?, ?"
    NO_TABLE, LATE_CODE = "1146", "1242"
    FAILS_LATE = "SELECT seq, (SELECT m.n FROM many m WHERE s.seq = 50000 LIMIT 2) FROM seq_1_to_60000 s"
    LATE_SLEEP = "SELECT seq, IF(seq > 50000, SLEEP(50), 0) AS late FROM seq_1_to_60000"
    PAUSING = "SELECT seq, IF(seq > 50000, SLEEP(50), 0) AS pausing FROM seq_1_to_60000"
    SECRETS = "SELECT seq, CONCAT(REPEAT('y', seq * 37 % 101), ?) FROM seq_1_to_20000"

    @staticmethod
    def values(**more):
        return {"host": "localhost", "port": str(MY.port), "database": "shop", "username": maria.USER, "password": maria.PASSWORD,
                "ca": MY.ca, **more}  # fmt: skip

    @staticmethod
    def count_to(n, wide=False, mark="none"):
        more = ", REPEAT('x', 200)" if wide else ""
        return f"SELECT seq{more} FROM seq_1_to_{n} WHERE '{mark}' <> ''"

    @staticmethod
    def sleep(seconds):
        return f"SELECT SLEEP({seconds})"

    def waiting(self, mark):
        return MY.sql(f"SELECT 1 FROM information_schema.processlist WHERE state = 'Writing to net' AND info LIKE '%{mark}%'")

    def end_session(self, mark):
        MY.sql("KILL " + MY.running(mark)[0])

    def look(self, sql):
        return MY.sql("USE shop; " + sql)


if __name__ == "__main__":
    unittest.main()
