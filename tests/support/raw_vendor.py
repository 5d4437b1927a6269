"""tests/support/raw_vendor.py: a vendor on loopback that plays with the wire itself: sends when it is told to, packs, cuts,
answers parts. `seen` keeps (method, path, headers, body length, sha256 of the body). Standard library only."""

import gzip
import hashlib
import queue
import socket
import socketserver
import threading
import urllib.parse

from server import free_port

BLOCK = bytes(range(256)) * 256  # 64 KiB


class Visit:
    """One request on the wire: what came, and how to answer."""

    def __init__(self, vendor, handler):
        self.vendor, self.rfile, self.wfile, self.sock = vendor, handler.rfile, handler.wfile, handler.connection

    def read_head(self):
        line = self.rfile.readline().decode("latin-1")
        if not line.strip():
            return False
        self.method, self.target, _ = line.split(" ", 2)
        self.url = urllib.parse.urlsplit(self.target)
        self.query = dict(urllib.parse.parse_qsl(self.url.query))
        self.lines, self.headers = [], {}
        while (line := self.rfile.readline().decode("latin-1").rstrip("\r\n")) != "":
            name, _, value = line.partition(":")
            self.lines.append((name, value.strip()))
            self.headers[name.lower()] = value.strip()
        return True

    def chunks_in(self):
        """The body as it comes."""
        if "chunked" in self.headers.get("transfer-encoding", ""):
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return
        left = int(self.headers.get("content-length") or 0)
        while left > 0:
            part = self.rfile.read1(min(left, 1 << 20))
            if not part:
                return
            left -= len(part)
            yield part

    def take_body(self):
        size, digest, last = 0, hashlib.sha256(), b""
        for part in self.chunks_in():
            size += len(part)
            digest.update(part)
            last = part
        self.last_part = last
        self.vendor.seen.append((self.method, self.target, self.headers, size, digest.hexdigest()))
        return size, digest.hexdigest()

    def say(self, status, headers, body=b"", close=False):
        head = f"HTTP/1.1 {status} X\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers)
        self.wfile.write(head.encode("latin-1") + b"\r\n" + body)
        self.wfile.flush()

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()


class RawVendor:
    """`plays`: {path: function(visit)}; a function may return False to have the connection closed. Unknown paths echo."""

    def __init__(self, plays=None):
        self.port, self.seen, self.plays = free_port(), [], {**PLAYS, **(plays or {})}
        self.go = threading.Semaphore(0)  # a play waits here until the test lets it go on
        self.told = queue.Queue()  # what plays tell the test
        vendor = self

        class Handler(socketserver.StreamRequestHandler):
            disable_nagle_algorithm = True
            timeout = 60

            def handle(self):
                try:
                    while True:
                        visit = Visit(vendor, self)
                        if not visit.read_head():
                            return
                        if vendor.plays.get(visit.url.path, echo)(visit) is False:
                            return
                except (OSError, ValueError) as error:
                    vendor.told.put(("gone", type(error).__name__))

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        socketserver.ThreadingTCPServer.request_queue_size = 128
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        self.server.handle_error = lambda *_: None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def url(self):
        return f"http://{self.address}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


# ---- what it plays ----


def echo(v):
    size, digest = v.take_body()
    text = f"{v.method} {v.target} {size} {digest}".encode()
    v.say(200, [("Content-Type", "text/plain"), ("Content-Length", len(text))], b"" if v.method == "HEAD" else text)


def me(v):
    v.take_body()
    v.say(200, [("Content-Type", "application/json"), ("Content-Length", 11)], b'{"id":"v1"}')


def events(v):
    """One event, then the next when the test lets it."""
    v.take_body()
    v.say(200, [("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked")])
    for i in range(int(v.query.get("n", "3"))):
        v.chunk(f"data: event {i} {v.query.get('tail', '')}\n\n".encode())
        v.vendor.go.acquire(timeout=60)
    v.chunk(b"")


def packed(v):
    """gzip, when it is asked for or always, in two flushes with a wait between them."""
    v.take_body()
    body = (v.headers.get("x-vend-key", "") + " packed ").encode() * int(v.query.get("n", "20"))
    wanted = "gzip" in v.headers.get("accept-encoding", "") or "always" in v.query
    data = gzip.compress(body) if wanted else body
    coding = [("Content-Encoding", v.query.get("as", "gzip"))] if wanted else []
    status = 206 if "part" in v.query else 200
    v.say(status, [("Content-Type", "text/plain"), ("Content-Length", len(data)), *coding], b"" if v.method == "HEAD" else data)


def ranged(v):
    v.take_body()
    whole = BLOCK
    asked = v.headers.get("range")
    if asked is None or (v.headers.get("if-range") not in (None, '"v1"')):
        v.say(200, [("Accept-Ranges", "bytes"), ("ETag", '"v1"'), ("Content-Length", len(whole))], b"" if v.method == "HEAD" else whole)
        return
    first, _, last = asked.removeprefix("bytes=").partition("-")
    if int(first) >= len(whole):
        v.say(416, [("Content-Range", f"bytes */{len(whole)}"), ("Content-Length", 0)])
        return
    part = whole[int(first) : int(last) + 1 if last else None]
    place = f"bytes {first}-{int(first) + len(part) - 1}/{len(whole)}"
    v.say(206, [("Content-Range", place), ("ETag", '"v1"'), ("Content-Length", len(part))], part)


def trailers(v):
    v.take_body()
    v.say(200, [("Content-Type", "text/plain"), ("Trailer", "X-Sum"), ("Transfer-Encoding", "chunked")])
    v.wfile.write(b"4\r\nbody\r\n0\r\nX-Sum: 7\r\n\r\n")
    v.wfile.flush()


def empty(v):
    v.take_body()
    v.say(int(v.query["status"]), [("ETag", '"v1"')] + ([("Content-Length", v.query["length"])] if "length" in v.query else []))


def blob(v):
    """n bytes with their length; a reader that is slow, or leaves, is told of."""
    v.take_body()
    left = int(v.query["n"])
    v.say(200, [("Content-Type", "application/octet-stream"), ("Content-Length", left)])
    while left > 0 and v.method != "HEAD":
        part = BLOCK[: min(left, len(BLOCK))]
        v.wfile.write(part)
        left -= len(part)


def endless(v):
    """Bytes until the reader leaves; then tells so."""
    v.take_body()
    v.say(200, [("Content-Type", "application/octet-stream"), ("Transfer-Encoding", "chunked")])
    while True:
        v.chunk(BLOCK)


def silent(v):
    """Says nothing until the caller leaves; then tells so."""
    v.take_body()
    if "head" in v.query:
        v.say(200, [("Content-Type", "text/event-stream"), ("Transfer-Encoding", "chunked")])
        v.chunk(b": hello\n\n")
    v.vendor.told.put(("silent", ""))
    v.sock.settimeout(60)
    v.vendor.told.put(("gone", repr(v.sock.recv(1))))
    return False


def leak(v):
    """The key, byte by byte, in chunks of their own."""
    v.take_body()
    v.say(200, [("Content-Type", "text/plain"), ("X-Leak", v.headers["x-vend-key"]), ("Transfer-Encoding", "chunked")])
    for byte in ("<" + v.headers["x-vend-key"] + ">").encode():
        v.chunk(bytes([byte]))
    v.chunk(b"")


def early(v):
    """Refuses before the body has come."""
    v.say(413, [("Content-Length", 2), ("Connection", "close")], b"no")
    v.sock.shutdown(socket.SHUT_WR)
    while v.rfile.read1(65536):  # closing on unread bytes would be a reset, which may overtake the answer
        pass
    return False


PLAYS = {"/me": me, "/events": events, "/packed": packed, "/ranged": ranged, "/trailers": trailers, "/empty": empty,
         "/blob": blob, "/endless": endless, "/silent": silent, "/leak": leak, "/early": early}  # fmt: skip
