"""MySQL and MariaDB as a connection: what the check says, what an answer holds, and that nothing gets out of a read-only
connection (rules N1, N3, N4, S3, S5; promises DB-1 to DB-9 where they speak of every database)."""

import json
import socket
import threading
import unittest

from maria import BOSS_PASSWORD, PASSWORD, SETUP, USER, Maria
from private import Narrow, free_port, until
from stage import Connects, Stage

DB = Maria()
NARROW = Narrow(DB.port)
STAGE = Stage("mysql", DB, {"database": "shop", "username": USER, "password": PASSWORD}, NARROW.port)
W, integration, values = STAGE.world, STAGE.integration, STAGE.values


def setUpModule():
    STAGE.begin(SETUP)


def tearDownModule():
    NARROW.close()
    STAGE.end()


def ask(sql, *parameters, ca=None, action="MYSQL_EXECUTE_QUERY", **input_):
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
        self.assertEqual(account["account"]["name"], USER + "@%")
        self.assertNotIn(PASSWORD, json.dumps(account))

    def test_a_wrong_password_is_refused_and_not_stored(self):  # DB-1 S5
        self.refused("did not let this user in", password="wrong-Pass-0123456789")

    def test_a_database_that_is_not_there_is_refused(self):
        self.refused("did not let this user in", database="nowhere")

    def test_each_step_is_named(self):  # DB-1
        self.unreached("name", host="no-such-host.invalid")
        self.unreached("nothing|listed", port=str(free_port()))
        self.unreached("TLS", ca=DB.other_ca)
        self.unreached("TLS", ca=None)

    def test_the_certificate_must_be_made_out_to_the_host(self):  # DB-2 N3
        self.unreached("TLS", host="127.0.0.1")
        by_ca = W.try_connect(W.reading, values(host="127.0.0.1", ssl_mode="verify-ca"))
        self.assertEqual(by_ca.json().get("connectionStatus"), "ACTIVE", by_ca)
        made = W.good("GET", "/ks/connections/" + by_ca.json()["connectedAccountId"])
        self.assertEqual(made["verdict"], "verified", made)

    def test_plain_text_goes_to_a_listed_address(self):  # DB-2
        made = W.connect(W.reading, values(ssl_mode="disable", ca=None), "plain")
        self.assertEqual(rows(ask("SHOW STATUS LIKE 'Ssl_cipher'", ca=made)), [["Ssl_cipher", ""]])
        self.assertNotEqual(rows(ask("SHOW STATUS LIKE 'Ssl_cipher'")), [["Ssl_cipher", ""]])

    def test_a_client_certificate_is_shown(self):  # DB-2
        pem, key = DB.client
        self.refused("did not let this user in", username="certified")
        made = W.connect(W.reading, values(username="certified", client_certificate=pem, client_key=key), "certified")
        self.assertEqual(rows(ask("SELECT CURRENT_USER()", ca=made)), [["certified@%"]])

    def test_an_account_that_may_do_anything_is_refused(self):  # DB-3
        self.refused("do anything", username="boss", password=BOSS_PASSWORD)
        self.refused("do anything", username="filer")
        made = W.connect(integration(allow_superuser="yes"), values(username="boss", password=BOSS_PASSWORD), "boss")
        self.assertEqual(rows(ask("SELECT CURRENT_USER()", ca=made)), [["boss@%"]])



class Results(unittest.TestCase):
    def test_values_keep_their_types(self):  # DB-4
        reply = ask("SELECT * FROM orders ORDER BY id")
        self.assertTrue(reply.json()["successful"], reply)
        data = reply.json()["data"]
        self.assertEqual(
            data["rows"][0],
            [1, "12.500000000", "2026-01-02T03:04:05.500000", "2026-01-02T03:04:05Z", {"x": [1, 2]}, "3q2+7w==", 1, 0.1, 0.1,
             "fine", "-12:30:00", "2026-01-02", 5],
        )  # fmt: skip
        self.assertEqual(data["rows"][1], ["18446744073709551615", "99999999999999999999.123456789"] + [None] * 11)
        self.assertEqual([c["type"] for c in data["columns"]][:6], ["bigint", "decimal", "datetime", "timestamp", "json", "blob"])

    def test_parameters_are_values_and_never_sql(self):
        odd = "x'; DROP TABLE notes; -- \\ \" \u20ac"
        self.assertEqual(rows(ask("SELECT ?, ?, ?, ? + 1", odd, 7, None, 1.5)), [[odd, 7, None, "2.5"]])
        self.assertIn("values", ask("SELECT ?").text)

    def test_one_statement_at_a_time(self):
        self.assertFalse(ask("SELECT 1; SELECT 2").json()["successful"])
        self.assertFalse(ask("SELECT 1; DELETE FROM notes", ca=W.cw).json()["successful"])

    def test_rows_are_cut_at_the_limit_and_the_connection_is_fine_afterwards(self):  # DB-5
        data = ask("SELECT n FROM many").json()["data"]
        self.assertEqual((data["row_count"], data["truncated"]), (10000, True))
        self.assertEqual(rows(ask("SELECT 1")), [[1]])

    def test_a_row_larger_than_an_answer_is_left_out(self):  # DB-5
        reply = ask("SELECT REPEAT('x', 12000000) AS big")
        self.assertLess(len(reply.body), 20000, reply.text[:200])
        self.assertEqual(rows(ask("SELECT 1")), [[1]])

    def test_structure(self):
        tables = [r[0] for r in rows(ask(None, action="MYSQL_LIST_TABLES"))]
        self.assertIn("orders", tables)
        self.assertIn(["shop"], rows(ask(None, action="MYSQL_LIST_DATABASES")))
        self.assertEqual(rows(ask(None, action="MYSQL_DESCRIBE_TABLE", table="notes"))[0][:2], ["id", "int(11)"])
        self.assertTrue(rows(ask(None, action="MYSQL_EXPLAIN_QUERY", query="SELECT * FROM notes")))
        self.assertEqual(rows(ask(None, action="MYSQL_SELECT_ROWS", table="notes", columns=["text"], where="id = 1")), [["kept"]])

    def test_the_error_of_a_statement_is_told(self):
        body = ask("SELECT nothing FROM nowhere").json()
        self.assertIn("nowhere", json.dumps(body))
        self.assertIn("1146", json.dumps(body))


class Reading(unittest.TestCase):
    """Every way out that we know of, each on a fresh use of the connection (DB-3)."""

    OUT = [
        "INSERT INTO notes (text) VALUES ('a')", "UPDATE notes SET text = 'a'", "DELETE FROM notes", "REPLACE INTO notes VALUES (1,'a')",
        "TRUNCATE notes", "DROP TABLE notes", "CREATE TABLE t (a INT)", "ALTER TABLE notes ADD b INT", "INSERT INTO old_notes VALUES ('a')",
        "SET SESSION TRANSACTION READ WRITE", "START TRANSACTION READ WRITE", "COMMIT", "SET GLOBAL read_only = 0",
        "BEGIN NOT ATOMIC COMMIT; START TRANSACTION READ WRITE; DELETE FROM notes; COMMIT; END",
        "/*!50000 BEGIN NOT ATOMIC COMMIT; DELETE FROM notes; END */", "/*M! DELETE FROM notes */", "CALL leave_it()", "SELECT sneak()",
        "EXECUTE IMMEDIATE 'DELETE FROM notes'", "ANALYZE UPDATE notes SET text = 'a'", "SELECT NEXT VALUE FOR counter",
        "SELECT * FROM notes INTO OUTFILE '/tmp/keysteward-never'", "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE notes",
        "SET STATEMENT max_statement_time=1 FOR DELETE FROM notes", "HANDLER notes OPEN", "LOCK TABLES notes WRITE", "DO sneak()",
        "WITH x AS (SELECT 1) DELETE FROM notes", "-- x\nDELETE FROM notes", "# x\n/* y */ DELETE FROM notes", "EXPLAIN DELETE FROM notes",
    ]  # fmt: skip

    def test_nothing_gets_out(self):  # DB-3
        for sql in self.OUT:
            said = ask(sql).json()
            if not sql.startswith("EXPLAIN"):
                self.assertFalse(said["successful"], (sql, said))
            self.assertEqual(DB.sql("SELECT text FROM shop.notes WHERE id = 1"), ["kept"], sql)
            self.assertEqual(DB.sql("SELECT COUNT(*) FROM shop.notes WHERE text IN ('a', 'out')"), ["0"], sql)
        self.assertEqual(DB.sql("SELECT COUNT(*) FROM shop.old_notes"), ["0"])
        self.assertEqual(rows(ask("SELECT text FROM notes WHERE id = 1")), [["kept"]])

    def test_writing_is_the_integrations_to_allow(self):  # DB-3
        self.assertTrue(ask("INSERT INTO notes (text) VALUES (?)", "written", ca=W.cw).json()["successful"])
        data = ask("DELETE FROM notes WHERE text = ?", "written", ca=W.cw).json()["data"]
        self.assertEqual(data["changed"], 1)
        sly = W.connect(W.reading, values(access="write", allow_superuser="yes"), "sly")
        self.assertFalse(ask("DELETE FROM notes", ca=sly).json()["successful"])

    def test_nothing_of_one_call_is_left_for_the_next(self):
        self.assertTrue(ask("SET @left = 1", ca=W.cw).json()["successful"])
        self.assertEqual(rows(ask("SELECT @left", ca=W.cw)), [[None]])
        self.assertTrue(ask("USE information_schema", ca=W.cw).json()["successful"])
        self.assertEqual(rows(ask("SELECT DATABASE()", ca=W.cw)), [["shop"]])
        self.assertTrue(rows(ask("SELECT GET_LOCK('mine', 0)")))
        self.assertEqual(rows(ask("SELECT IS_FREE_LOCK('mine')")), [[1]])


class Ending(unittest.TestCase):
    def test_a_long_statement_goes_through_a_narrow_way(self):  # DB-4
        made = W.connect(W.reading, values(port=str(NARROW.port)), "narrow")
        self.assertEqual(rows(ask("SELECT LENGTH(?)", "x" * 900_000, ca=made)), [[900_000]])

    def test_what_went_wrong_with_one_connection_ends_no_other(self):  # DB-9
        first = rows(ask("SELECT CONNECTION_ID()"))
        for more in ({"ca": DB.other_ca}, {"host": "127.0.0.1"}, {"ca": "no certificate"}):
            self.assertIn(W.try_connect(W.reading, values(**more)).status, (200, 400))
            self.assertEqual(rows(ask("SELECT CONNECTION_ID()")), first, more)

    def test_a_caller_who_leaves_ends_the_statement(self):  # DB-6
        body = {"connectedAccountId": W.ca, "input": {"query": "SELECT SLEEP(60) /* gone */"}}
        body = json.dumps(body)
        with socket.create_connection(("127.0.0.1", W.server.port)) as s:
            s.sendall(
                f"POST /api/v2/actions/MYSQL_EXECUTE_QUERY/execute HTTP/1.1\r\nHost: x\r\nx-api-key: {W.key}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
            )
            until("the statement runs", lambda: DB.running("SLEEP(60)"))
        until("the statement is killed", lambda: not DB.running("SLEEP(60)"))

    def test_a_session_killed_in_mid_statement_is_told(self):  # DB-7
        said = self.broken_by(lambda: DB.sql("KILL " + DB.running("SLEEP(50)")[0]), 50)
        self.assertFalse(said["successful"], said)
        self.assertEqual(rows(ask("SELECT 1")), [[1]])

    def broken_by(self, act, seconds):
        said = {}
        sql = f"SELECT SLEEP({seconds})"
        asking = threading.Thread(target=lambda: said.update(ask(sql).json()))
        asking.start()
        until("the statement runs", lambda: DB.running(f"SLEEP({seconds})"))
        act()
        asking.join(30)
        return said

    def test_a_server_that_dies_in_mid_statement_is_told_and_its_return_is_noticed(self):  # DB-7
        said = self.broken_by(DB.kill, 40)
        self.assertFalse(said["successful"], said)
        self.assertNotIn(PASSWORD, json.dumps(said))
        DB.start()
        self.assertEqual(rows(ask("SELECT 1")), [[1]])

    def test_the_password_is_in_no_log(self):  # S3
        self.assertNotIn(PASSWORD, W.server.log())
        self.assertNotIn("SLEEP(60)", W.server.log())


if __name__ == "__main__":
    unittest.main()
