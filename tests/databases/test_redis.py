"""Redis as a connection: what the check says, what a reply becomes, which commands are never sent, and what ends one that
waits (rules N3, N4, S3, S5; promises DB-1 to DB-9 where they speak of every database)."""

import json
import socket
import threading
import unittest

from private import free_port, until
from redis_server import PASSWORD, USER, Redis
from stage import Connects, Stage

DB = Redis()
STAGE = Stage("redis", DB, {"username": USER, "password": PASSWORD})
W, integration, values = STAGE.world, STAGE.integration, STAGE.values


def setUpModule():
    STAGE.begin()


def tearDownModule():
    STAGE.end()


def act(action, ca=None, **input_):
    return W.execute("REDIS_" + action, connectedAccountId=ca or W.ca, input=input_)


def command(name, *args, ca=None):
    return act("RUN_COMMAND", ca, command=name, args=list(args))


def value(reply):
    body = reply.json()
    assert body["successful"], reply
    return body["data"]["rows"][0][0]


class Connecting(Connects, unittest.TestCase):
    stage = STAGE

    def test_a_login_is_verified(self):  # DB-1
        account = W.good("GET", "/ks/connections/" + W.ca)
        self.assertEqual(account["verdict"], "verified", account)
        self.assertNotIn(PASSWORD, json.dumps(account))

    def test_a_wrong_password_or_database_is_refused_and_not_stored(self):  # DB-1 S5
        self.refused("did not let this user in", password="wrong-Pass-0123456789")
        self.refused("did not let this user in", db="99")

    def test_each_step_is_named(self):  # DB-1 N3
        self.unreached("name", host="no-such-host.invalid")
        self.unreached("nothing|listed", port=str(free_port()))
        self.unreached("certificate is not trusted", ca=DB.other_ca)
        self.unreached("certificate is not trusted", ca=None)
        self.unreached("certificate is not trusted", host="127.0.0.1")

    def test_a_ca_alone_and_a_client_certificate(self):  # DB-2
        pem, key = DB.client
        made = W.connect(W.reading, values(host="127.0.0.1", ssl_mode="verify-ca", client_certificate=pem, client_key=key), "ca")
        self.assertEqual(value(command("PING", ca=made)), "PONG")
        self.unreached("client key", client_certificate=pem, client_key=DB.other_ca)

    def test_plain_text_to_a_tls_port_is_noticed(self):
        self.unreached(".", ssl_mode="disable")



class Replies(unittest.TestCase):
    def test_what_is_written_is_read(self):  # DB-4
        self.assertEqual(value(act("SET", W.cw, key="a", value="one \u20ac", ttl_seconds=100)), "OK")
        self.assertEqual(value(act("GET", key="a")), "one \u20ac")
        self.assertLessEqual(value(command("TTL", "a")), 100)
        self.assertIsNone(value(act("GET", key="nowhere")))
        self.assertEqual(value(act("INCREMENT", W.cw, key="n", amount=5)), 5)
        self.assertEqual(value(act("HASH_SET", W.cw, key="h", fields={"x": "1", "y": "2"})), 2)
        self.assertEqual(value(act("HASH_GET_ALL", key="h")), {"x": "1", "y": "2"})
        self.assertEqual(value(act("HASH_GET_ALL", key="nowhere")), {})
        self.assertEqual(value(act("LIST_PUSH", W.cw, key="l", values=["p", "q"])), 2)
        self.assertEqual(value(command("LRANGE", "l", "0", "-1")), ["p", "q"])
        self.assertEqual(value(act("EXISTS", keys=["a", "h", "none"])), 2)
        cursor, keys = value(act("SCAN_KEYS", cursor="0", pattern="h*", count=1000))
        self.assertEqual((cursor, keys), ("0", ["h"]))
        self.assertEqual(value(act("DELETE", W.cw, keys=["a", "h", "l", "n"])), 4)

    def test_a_command_stands_in_the_log_of_calls_by_its_name_alone(self):  # CALL-1 CALL-2
        request = command("GET", "name-of-a-key").headers["x-request-id"]
        found = []

        def there():
            found[:] = [x for x in W.good("GET", "/ks/calls?connection_id=" + W.ca)["items"] if x["request_id"] == request]
            return bool(found)

        until("the line of the call", there)
        self.assertEqual((found[0]["app"], found[0]["what"], found[0]["result"]), ("redis", "REDIS_RUN_COMMAND", "ok"))
        self.assertNotIn("name-of-a-key", json.dumps(W.good("GET", "/ks/calls")))

    def test_bytes_are_base64(self):  # DB-4
        DB.tried("EVAL", "redis.call('set', 'raw', string.char(255, 0, 254))", "0")
        self.assertEqual(value(act("GET", key="raw")), "/wD+")
        DB.tried("EVAL", "redis.call('set', 'nul', 'a\\0b')", "0")
        self.assertEqual(value(act("GET", key="nul")), "YQBi")

    def test_nested_lists_keep_their_shape(self):
        DB.tried("XADD", "s", "1-1", "f", "v")
        self.assertEqual(value(command("XRANGE", "s", "-", "+")), [["1-1", ["f", "v"]]])

    def test_a_reply_that_does_not_fit_is_left_out_and_the_connection_is_fine(self):  # DB-5
        DB.tried("EVAL", "redis.call('set', 'big', string.rep('x', 12000000))", "0")
        reply = act("GET", key="big")
        self.assertLess(len(reply.body), 20000, reply.text[:300])
        self.assertEqual(value(command("PING")), "PONG")

    def test_sql_is_not_for_it(self):  # QRY-1
        reply = W.post("/ks/query/" + W.ca, {"sql": "SELECT 1"})
        self.assertEqual((reply.status, reply.json()["error"]["code"]), (400, "no_sql"), reply)
        self.assertIn("REDIS_RUN_COMMAND", reply.text)

    def test_an_error_of_a_command_is_told(self):
        DB.tried("SET", "text", "abc")
        said = command("LLEN", "text").json()
        self.assertFalse(said["successful"])
        self.assertIn("WRONGTYPE", json.dumps(said))


class Reading(unittest.TestCase):
    WRITES = [
        ("SET", "k", "v"), ("DEL", "k"), ("FLUSHALL",), ("FLUSHDB",), ("GETDEL", "kept"), ("GETEX", "kept", "EX", "1"),
        ("SORT", "l", "STORE", "m"), ("EVAL", "return redis.call('del','kept')", "0"), ("EXPIRE", "kept", "1"), ("RENAME", "kept", "b"),
        ("EVAL_RO", "return 1", "0"), ("PUBLISH", "c", "m"), ("SPUBLISH", "c", "m"), ("NOSUCH",), ("fLuShAlL",), ("COPY", "kept", "b"),
    ]  # fmt: skip
    NEVER = ["AUTH", "HELLO", "SELECT", "QUIT", "RESET", "CLIENT", "MULTI", "SUBSCRIBE", "MONITOR", "PSYNC", "SYNC", "DEBUG", "CONFIG", "ACL",
             "MODULE", "SLAVEOF", "REPLICAOF", "MIGRATE", "SHUTDOWN", "SCRIPT", "FUNCTION", "CLUSTER", "SAVE"]  # fmt: skip

    def test_nothing_changes(self):  # DB-3
        DB.tried("SET", "kept", "1")
        for words in self.WRITES:
            self.assertFalse(command(*words).json()["successful"], words)
            self.assertEqual(DB.tried("GET", "kept"), "1", words)
            self.assertEqual(DB.tried("TTL", "kept"), "-1", words)
        said = act("SET", key="kept", value="2").json()
        self.assertFalse(said.get("successful", False), said)
        self.assertEqual(DB.tried("GET", "kept"), "1")

    def test_what_rules_the_server_or_the_connection_is_never_sent(self):  # DB-3
        for name in self.NEVER:
            self.assertFalse(command(name, "x", ca=W.cw).json()["successful"], name)
        self.assertFalse(command("GET x\r\nFLUSHALL", ca=W.cw).json()["successful"])
        self.assertEqual(value(command("PING", ca=W.cw)), "PONG")

    def test_an_integration_may_let_the_server_be_ruled(self):  # DB-3
        made = W.connect(integration(access="write", allow_superuser="yes"), values(), "boss")
        self.assertEqual(value(command("CONFIG", "GET", "appendonly", ca=made)), ["appendonly", "no"])
        self.assertFalse(command("MONITOR", ca=made).json()["successful"])

    def test_the_users_own_rights_hold(self):
        made = W.connect(W.writing, values(username="narrow"), "narrow")
        self.assertEqual(value(act("SET", made, key="app:1", value="v")), "OK")
        for refused in (act("SET", made, key="other", value="v"), act("DELETE", made, keys=["app:1"])):
            self.assertIn("NOPERM", refused.text)
        reader = W.connect(W.reading, values(username="narrow"), "narrow2")
        self.assertEqual(value(act("GET", reader, key="app:1")), "v")


class Ending(unittest.TestCase):
    def send(self, *words):
        return json.dumps({"connectedAccountId": W.cw, "input": {"command": words[0], "args": list(words[1:])}})

    def test_a_caller_who_leaves_ends_the_command(self):  # DB-9
        body = self.send("BLPOP", "never", "0")
        with socket.create_connection(("127.0.0.1", W.server.port)) as s:
            s.sendall(
                f"POST /api/v2/actions/REDIS_RUN_COMMAND/execute HTTP/1.1\r\nHost: x\r\nx-api-key: {W.key}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
            )
            until("the command waits", DB.blocked)
        until("nobody waits any more", lambda: not DB.blocked())

    def broken_by(self, what):
        said = {}
        asking = threading.Thread(target=lambda: said.update(command("BLPOP", "never", "0", ca=W.cw).json()))
        asking.start()
        until("the command waits", DB.blocked)
        what()
        asking.join(30)
        return said

    def test_a_session_killed_in_mid_command_is_told(self):  # DB-6
        said = self.broken_by(lambda: DB.tried("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))
        self.assertFalse(said["successful"], said)
        self.assertEqual(value(command("PING")), "PONG")

    def test_zz_a_server_that_dies_in_mid_command_is_told_and_its_return_is_noticed(self):  # DB-6 DB-9
        said = self.broken_by(DB.kill)
        self.assertFalse(said["successful"], said)
        DB.start()
        self.assertEqual(value(command("PING")), "PONG")

    def test_the_password_is_in_no_log(self):  # S3
        act("GET", key="needle-in-key")
        self.assertNotIn(PASSWORD, W.server.log())
        self.assertNotIn("needle-in-key", W.server.log())


if __name__ == "__main__":
    unittest.main()
