"""SIGTERM: what runs is finished, nothing new is taken, exit status 0 (rule D5)."""

import http.client as http_client
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from server import Server, binary, until
from world import World


class Stop(unittest.TestCase):
    def test_an_idle_server_ends_at_once_with_status_0(self):
        for sig in (signal.SIGTERM, signal.SIGINT):
            with Server("--ghost") as server:
                idle = server.connection()
                idle.request("GET", "/health")
                began = time.monotonic()
                self.assertEqual(server._end(sig, 20), 0)
                self.assertLess(time.monotonic() - began, 5)
                idle.close()

    def test_a_request_under_way_is_finished(self):
        world = World().start()
        try:
            ac = world.integration()
            replies = []

            def slow():
                with world.server.connection() as http:
                    body = {"integrationId": ac, "userUuid": "slow", "data": {"api_key": "vk_slow_stop"}}
                    replies.append(http.request("POST", "/v1/connectedAccounts", body))

            thread = threading.Thread(target=slow)
            thread.start()
            until("the vendor was asked", lambda: any("slow" in s[2].get("x-vend-key", "") for s in world.up.seen))
            began = time.monotonic()
            self.assertEqual(world.server.stop(), 0)
            thread.join()
            self.assertEqual(replies[0].status, 200, replies[0])
            self.assertLess(time.monotonic() - began, 12)
            world.server.start()
            world.server.client.key = world.key
            self.assertEqual(len(world.list("user_uuid=slow")), 1)
        finally:
            world.stop()

    def test_writes_under_way_are_kept_or_refused_but_not_lost(self):
        world = World("--verify", "off").start()
        try:
            ac = world.integration()
            made, lock = [], threading.Lock()

            def write(n):
                with world.server.connection() as http:
                    for i in range(10000):
                        body = {"integrationId": ac, "userUuid": f"w{n}", "data": {"api_key": f"vk_{i}"}}
                        try:
                            reply = http.request("POST", "/v1/connectedAccounts", body)
                        except (OSError, http_client.HTTPException):
                            return
                        if reply.status != 200:
                            return
                        with lock:
                            made.append(reply.json()["connectedAccountId"])

            threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
            [t.start() for t in threads]
            until("100 writes", lambda: len(made) > 100)
            self.assertEqual(world.server.stop(), 0)
            [t.join() for t in threads]
            world.server.start()
            world.server.client.key = world.key
            there = {c["id"] for c in world.list()}
            self.assertEqual([m for m in made if m not in there], [])
        finally:
            world.stop()

    def test_an_address_in_use_is_said(self):
        with Server() as one:
            with tempfile.TemporaryDirectory() as data:
                argv = [binary(), "serve", "--listen", f"127.0.0.1:{one.port}", "--data", data]
                done = subprocess.run(argv, capture_output=True, text=True, timeout=15)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn("in use", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
