"""tests/support/server.py: start a Keysteward server, talk to it over HTTP or raw sockets, and an upstream to
act against. Standard library only; loopback only. Waits are on conditions. Threads: a Server belongs to one
test; Reply objects are values."""

import http.client
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_S = float(os.environ.get("KEYSTEWARD_START_TIMEOUT", "20"))
_taken = set()


def binary():
    """The server under test: $KEYSTEWARD_BIN, else the release build."""
    return os.environ.get("KEYSTEWARD_BIN") or str(ROOT / "build" / "release" / "keysteward")


def sanitized():
    """Is it an address-sanitizer build? Those cannot live under an address-space limit."""
    with open(binary(), "rb") as fh:
        return b"__asan_init" in fh.read()


def free_port():
    """A loopback port nobody listens on, given out once in this process."""
    while True:
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        if port not in _taken:
            _taken.add(port)
            return port


def until(what, condition, timeout=START_S):
    """Wait until condition() is true and return its value; AssertionError naming `what` after `timeout` s."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"timed out after {timeout} s: {what}")
        time.sleep(0.005)


class Reply:
    """Status, headers (any case, last wins; all in `pairs`), body."""

    def __init__(self, status, pairs, body):
        self.status, self.pairs, self.body = status, pairs, body
        self.headers = {k.lower(): v for k, v in pairs}

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.text[:300]}>"


def parse_reply(data):
    """The first HTTP answer in raw bytes, or None when there is none."""
    head, sep, body = data.partition(b"\r\n\r\n")
    if not sep or not head.startswith(b"HTTP/1."):
        return None
    lines = head.decode("latin-1").split("\r\n")
    pairs = [tuple(p.strip() for p in line.split(":", 1)) for line in lines[1:] if ":" in line]
    return Reply(int(lines[0].split()[1]), pairs, body)


class Http:
    """One keep-alive connection. Headers may repeat when given as a list of pairs."""

    def __init__(self, port, key=None, seen=None, timeout=60):
        self.port, self.key, self.seen, self.timeout = port, key, seen, timeout
        self.conn = None

    def close(self):
        if self.conn:
            self.conn.close()
            self.conn = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def request(self, method, path, body=None, headers=(), key=..., raw_type=None):
        """`body`: None, bytes, or anything else as JSON. `key`: the API key, None for no header."""
        pairs = list(headers.items()) if isinstance(headers, dict) else list(headers)
        key = self.key if key is ... else key
        if key is not None:
            pairs.append(("x-api-key", key))
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        if data is not None and not any(k.lower() == "content-type" for k, _ in pairs):
            pairs.append(("Content-Type", raw_type or "application/json"))
        try:
            return self._once(method, path, data, pairs)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            if method not in ("GET", "HEAD"):
                raise
            self.close()
            return self._once(method, path, data, pairs)

    def _once(self, method, path, data, pairs):
        if self.conn is None:
            self.conn = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
            self.conn.connect()
            self.conn.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self.conn.putrequest(method, path, skip_accept_encoding=True)
            for name, value in pairs:
                self.conn.putheader(name, value)
            if data is not None:
                self.conn.putheader("Content-Length", str(len(data)))
            self.conn.endheaders()
            if data:
                try:
                    self.conn.send(data)
                except (BrokenPipeError, ConnectionResetError):
                    pass  # refused early: the answer is there to be read
            answer = self.conn.getresponse()
            reply = Reply(answer.status, answer.getheaders(), answer.read())
            if answer.will_close:
                self.close()
        except BaseException:
            self.close()
            raise
        if self.seen is not None:
            self.seen(reply)
        return reply


class Server:
    """A server of its own on a data folder of its own. `flags` go to `keysteward serve`."""

    def __init__(self, *flags, data=None, limits=None, env=None, user=None):
        self.folder = None if data else tempfile.mkdtemp(prefix="keysteward-test-")
        self.data = str(data) if data else os.path.join(self.folder, "data")
        self.flags, self.limits, self.env = list(flags), limits, dict(os.environ, **(env or {}))
        self.port, self.process, self.log_path = None, None, None
        self.answers = None  # a list to keep every answer's bytes in
        self.client = None
        self.starts = 0

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
        self.remove()

    # Life

    def launch(self):
        """Start the process without waiting for it."""
        self.port = free_port()
        os.makedirs(self.data, mode=0o700, exist_ok=True)
        self.log_path = (self.folder or self.data) + f"/server.{self.starts}.log"
        self.starts += 1
        argv = [binary(), "serve", "--listen", f"127.0.0.1:{self.port}", "--data", self.data, *self.flags]
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.env, preexec_fn=self.limits
            )
        return self

    def start(self, timeout=START_S):
        """Start and wait until /ready says 200. Returns self."""
        self.launch()
        end = time.monotonic() + timeout
        while not self.is_ready():
            if self.process.poll() is not None:
                raise AssertionError(f"the server ended with {self.process.returncode}:\n{self.log()[-3000:]}")
            if time.monotonic() > end:
                log = self.log()
                self.kill()
                raise AssertionError(f"not ready after {timeout} s:\n{log[-3000:]}")
            time.sleep(0.002)
        self.client = Http(self.port, seen=self._seen)
        return self

    def is_ready(self):
        try:
            with Http(self.port, timeout=5) as probe:
                return probe._once("GET", "/ready", None, []).status == 200
        except (OSError, http.client.HTTPException):
            return False

    def stop(self, timeout=35):
        """SIGTERM and wait. Returns the exit status, None when it was not running."""
        return self._end(signal.SIGTERM, timeout)

    def kill(self):
        return self._end(signal.SIGKILL, 10)

    def _end(self, signal_, timeout):
        if self.client:
            self.client.close()
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal_)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
            raise AssertionError(f"the server did not end within {timeout} s of signal {signal_}") from None

    def remove(self):
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        with open(self.log_path, "rb") as fh:
            return fh.read().decode("utf-8", "replace")

    # Talking

    def cli(self, *argv, stdin=None, check=True, env=None):
        """Run `keysteward ARGV...`; the CompletedProcess with text in stdout and stderr."""
        done = subprocess.run(
            [binary(), *argv], input=stdin, capture_output=True, text=True, timeout=60,
            env=dict(self.env, **(env or {})), stdin=subprocess.DEVNULL if stdin is None else None,
        )  # fmt: skip
        if check and done.returncode != 0:
            raise AssertionError(f"keysteward {' '.join(argv)}: {done.returncode}: {done.stderr[-1000:]}")
        return done

    def make_key(self, project="test"):
        """A new API key of `project`, made by the command line."""
        key = self.cli("key", "create", "--data", self.data, "--project", project).stdout
        assert key.endswith("\n") and len(key.split()) == 1, "key create must print the key alone"
        return key.strip()

    def use_key(self, project="test"):
        self.client.key = self.make_key(project)
        return self.client.key

    def http(self, method, path, body=None, headers=(), key=..., **more):
        return self.client.request(method, path, body, headers, key, **more)

    def connection(self, key=None):
        """One more keep-alive connection; the caller closes it."""
        return Http(self.port, key or (self.client.key if self.client else None), self._seen)

    def raw(self, data, timeout=15, half_close=False):
        """Send bytes as they are; all bytes that come back until the server closes or `timeout` s of silence."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=timeout) as s:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                s.sendall(data)
                if half_close:
                    s.shutdown(socket.SHUT_WR)
            except OSError:
                pass  # closed early: read the answer all the same
            got = b""
            while True:
                ready, _, _ = select.select([s], [], [], timeout)
                if not ready:
                    break
                try:
                    part = s.recv(65536)
                except OSError:
                    break
                if not part:
                    break
                got += part
        if self.answers is not None:
            self.answers.append(got)
        return got

    def _seen(self, reply):
        if self.answers is not None:
            head = "\n".join(f"{k}: {v}" for k, v in reply.pairs).encode("utf-8", "replace")
            self.answers.append(head + b"\n\n" + reply.body)

    # What the system says about it

    def cpu_us(self):
        """CPU time of all threads so far, microseconds."""
        total = 0
        for task in os.listdir(f"/proc/{self.process.pid}/task"):
            try:
                with open(f"/proc/{self.process.pid}/task/{task}/schedstat") as fh:
                    total += int(fh.read().split()[0]) // 1000
            except OSError:
                pass  # a worker ended
        return total

    def memory_kb(self):
        """(RSS, PSS, own) in KiB from smaps_rollup."""
        values = {}
        with open(f"/proc/{self.process.pid}/smaps_rollup") as fh:
            for line in fh:
                parts = line.split()
                if len(parts) == 3:
                    values[parts[0].rstrip(":")] = int(parts[1])
        return values["Rss"], values["Pss"], values.get("Anonymous", 0)

    def grown_by(self, work):
        """What `work` gives, and by how many KiB the server's memory grew meanwhile."""
        before, most, done = self.memory_kb()[0], [0], threading.Event()

        def watch():
            while not done.wait(0.02):
                most.append(self.memory_kb()[0])

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            result = work()
        finally:
            done.set()
            watcher.join()
        return result, max(most) - before


class Upstream:
    """A vendor on loopback that answers with what it saw. `seen` keeps (method, path, headers, body)."""

    def __init__(self, answer=None):
        """`answer(method, path, headers, body)` may give (status, headers dict, bytes); None: the echo."""
        self.seen, self.port = [], free_port()
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30
            disable_nagle_algorithm = True

            def log_message(self, *_):
                pass

            def body_of(self):
                if "chunked" in (self.headers.get("Transfer-Encoding") or ""):
                    parts = []
                    while True:
                        size = int(self.rfile.readline().split(b";")[0], 16)
                        parts.append(self.rfile.read(size))
                        self.rfile.readline()
                        if size == 0:
                            return b"".join(parts)
                return self.rfile.read(int(self.headers.get("Content-Length") or 0))

            def serve(self):
                body = self.body_of()
                headers = {k.lower(): v for k, v in self.headers.items()}
                upstream.seen.append((self.command, self.path, headers, body))
                custom = answer(self.command, self.path, headers, body) if answer else None
                status, extra, data = custom or (200, {}, echo(self.command, self.path, headers, body))
                self.send_response(status)
                if "content-type" not in {k.lower() for k in extra}:
                    self.send_header("Content-Type", "application/json")
                for k, v in extra.items():
                    self.send_header(k, v)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = serve

        ThreadingHTTPServer.request_queue_size = 128
        self.server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # clients that leave are nobody's failure
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    @property
    def url(self):
        return f"http://{self.address}"

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def echo(method, path, headers, body):
    """What was seen, without header values: a vendor does not show credentials either."""
    seen = {"method": method, "path": path, "headers": sorted(headers), "body": body.decode("utf-8", "replace")}
    return json.dumps(seen).encode()


def count_and_exit(passed, failed, what=""):
    """The last line of every test program."""
    print(f"{what + ': ' if what else ''}{passed} passed, {failed} failed", flush=True)
    raise SystemExit(1 if failed else 0)
