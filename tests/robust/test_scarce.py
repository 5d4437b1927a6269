"""Few descriptors, little address space, many connections, slow clients (rules D7, D11, H5)."""

import os
import resource
import select
import socket
import threading
import time
import unittest

from server import Http, sanitized
from world import World

REQUEST = b"GET /v1/apps/stripe HTTP/1.1\r\nHost: a\r\nx-api-key: %s\r\n\r\n"


def limit(kind, value):
    return lambda: resource.setrlimit(kind, (value, value))


class Scarce(unittest.TestCase):
    def serves(self, world):
        world.start()
        try:
            ca = world.connect()
            for _ in range(3):
                threads, statuses = [], []

                def one():
                    try:
                        with Http(world.server.port, world.key, timeout=20) as http:
                            for _ in range(5):
                                statuses.append(http.request("GET", "/v1/connectedAccounts/" + ca).status)
                    except OSError as error:
                        statuses.append(type(error).__name__)

                threads = [threading.Thread(target=one) for _ in range(6)]
                [t.start() for t in threads]
                [t.join() for t in threads]
                self.assertEqual(statuses, [200] * 30)
            self.assertIs(world.execute("VEND_LIST_THINGS", connectedAccountId=ca).json()["successful"], True)
            self.assertEqual(world.server.stop(), 0)
        finally:
            world.stop()

    def test_with_40_descriptors_it_starts_and_serves(self):
        self.serves(World(limits=limit(resource.RLIMIT_NOFILE, 40)))

    def test_with_300_mb_of_address_space_it_starts_and_serves(self):
        if sanitized():
            self.skipTest("a sanitizer reserves terabytes of address space")
        self.serves(World(limits=limit(resource.RLIMIT_AS, 300 * 1024 * 1024)))

    def test_with_40_descriptors_a_crowd_does_not_stop_it(self):
        world = World(limits=limit(resource.RLIMIT_NOFILE, 40)).start()
        try:
            crowd = []
            for _ in range(60):
                s = socket.socket()
                s.settimeout(2)
                try:
                    s.connect(("127.0.0.1", world.server.port))
                except OSError:
                    pass
                crowd.append(s)
            self.assertIsNone(world.server.process.poll())
            [s.close() for s in crowd]
            deadline = time.monotonic() + 10
            while not world.server.is_ready() and time.monotonic() < deadline:
                pass
            self.assertEqual(world.get("/v1/apps/stripe").status, 200)
        finally:
            world.stop()


class Crowds(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
        cls.world = World().start()

    @classmethod
    def tearDownClass(cls):
        cls.world.stop()

    def crowd(self, n):
        """n keep-alive connections, all with a request at once, three times over; seconds taken."""
        request = REQUEST % self.world.key.encode()
        sockets = [socket.create_connection(("127.0.0.1", self.world.server.port)) for _ in range(n)]
        began = time.monotonic()
        try:
            poll = select.poll()
            by_fd = {s.fileno(): s for s in sockets}
            for s in sockets:
                poll.register(s, select.POLLIN)
            for _ in range(3):
                waiting = {fd: b"" for fd in by_fd}
                for s in sockets:
                    s.sendall(request)
                while waiting:
                    ready = poll.poll(15000)
                    self.assertTrue(ready, f"{len(waiting)} of {n} connections got no answer within 15 s")
                    for fd, _ in ready:
                        data = by_fd[fd].recv(65536)
                        self.assertTrue(data, "closed without an answer")
                        if fd in waiting:
                            waiting[fd] += data
                            head, sep, body = waiting[fd].partition(b"\r\n\r\n")
                            if sep:
                                self.assertTrue(head.startswith(b"HTTP/1.1 200"), head[:100])
                                length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
                                if len(body) >= length:
                                    del waiting[fd]
        finally:
            [s.close() for s in sockets]
        return time.monotonic() - began

    def test_128_connections_at_once_are_all_served(self):
        self.crowd(128)

    def test_512_connections_at_once_are_all_served(self):
        self.crowd(512)

    def test_1000_connections_at_once_are_all_served(self):
        self.crowd(1000)

    def test_descriptors_and_memory_stay_flat(self):
        self.crowd(256)
        self.crowd(256)
        count = lambda: len(os.listdir(f"/proc/{self.world.server.process.pid}/fd"))  # noqa: E731
        fds, rss = count(), self.world.server.memory_kb()[0]
        for _ in range(6):
            self.crowd(256)
        end = time.monotonic() + 5
        while count() > fds + 8 and time.monotonic() < end:
            pass
        self.assertLessEqual(count(), fds + 8)
        self.assertLess(self.world.server.memory_kb()[0] - rss, 6000 if not sanitized() else 200000)

    def test_a_client_that_trickles_its_headers_is_cut_off_while_others_are_served(self):
        s = socket.create_connection(("127.0.0.1", self.world.server.port))
        s.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\nX-A: ")
        began = time.monotonic()
        cut = None
        while time.monotonic() - began < 16 and cut is None:
            ready, _, _ = select.select([s], [], [], 0.25)
            if ready:
                cut = time.monotonic() - began
                break
            try:
                s.sendall(b"x")
            except OSError:
                cut = time.monotonic() - began
        s.close()
        self.assertIsNotNone(cut, "still open after 16 s")
        self.assertLess(cut, 13)
        self.assertGreater(cut, 5)

    def test_a_client_that_leaves_during_a_write_harms_nobody(self):
        w = self.world
        ac = w.integration()
        body = b'{"integrationId":"%s","userUuid":"left","data":{"api_key":"vk_left"}}' % ac.encode()
        head = b"POST /v1/connectedAccounts HTTP/1.1\r\nHost: a\r\nx-api-key: %s\r\nContent-Type: application/json\r\n"
        for cut in range(0, len(body), 7):
            s = socket.create_connection(("127.0.0.1", w.server.port))
            s.sendall(head % w.key.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body[:cut])
            s.close()
        for _ in range(20):
            s = socket.create_connection(("127.0.0.1", w.server.port))
            s.sendall(head % w.key.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            s.close()
        self.assertEqual(w.get("/health").status, 200)
        self.assertLessEqual(len(w.list("user_uuid=left")), 20)


if __name__ == "__main__":
    unittest.main()
