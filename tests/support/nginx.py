"""tests/support/nginx.py: an nginx of one's own on loopback: its requests as a list, a new configuration, a restart. Its
certificates: support/certificates.py. Waits are on conditions. Threads: one."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

from server import free_port, until

MAIN = """
USER daemon off; worker_processes 1; pid FOLDER/pid; error_log FOLDER/error.log;
events { worker_connections 256; }
http {
    log_format seen escape=json '{"method":"$request_method","uri":"$request_uri","status":"$status","connection":"$connection",'
        '"protocol":"$server_protocol","reused":"$ssl_session_reused","coding":"$sent_http_content_encoding",'
        '"file":"$request_body_file"}';
    access_log FOLDER/access.log seen;
    client_body_temp_path FOLDER/a; proxy_temp_path FOLDER/b; fastcgi_temp_path FOLDER/c; uwsgi_temp_path FOLDER/d;
    scgi_temp_path FOLDER/e;
    default_type application/json;
    SERVERS
}
"""


class Nginx:
    """`ports`: how many; PORT0, PORT1, … and FOLDER stand for themselves in the configuration."""

    def __init__(self, ports=1):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="keysteward-nginx-"))
        self.ports, self.process = [free_port() for _ in range(ports)], None
        self.log = self.folder / "access.log"

    @property
    def port(self):
        return self.ports[0]

    def configure(self, servers):
        """The server blocks of the next start or reload."""
        # as root its worker stays root: in a user namespace there is nobody else
        text = MAIN.replace("SERVERS", servers).replace("USER", "user root;" if os.geteuid() == 0 else "")
        for i, port in enumerate(self.ports):
            text = text.replace(f"PORT{i}", str(port))
        (self.folder / "nginx.conf").write_text(text.replace("FOLDER", str(self.folder)), encoding="ascii")

    def start(self):
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        argv = [program, "-p", self.folder, "-e", self.folder / "error.log", "-c", self.folder / "nginx.conf"]
        self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
        until("nginx to listen", self.listens)
        return self

    def listens(self):
        assert self.process.poll() is None, (self.folder / "error.log").read_text()[-1500:]
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
        except OSError:
            return False
        return bool(self.workers())

    def workers(self):
        return set(pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split())

    def reload(self, servers):
        """A new configuration, as an operator gives it; returns when the old worker is gone."""
        before = self.workers()
        self.configure(servers)
        self.process.send_signal(signal.SIGHUP)
        until("nginx to reload", lambda: self.workers() and not self.workers() & before)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
        if self.process:
            self.process.wait(10)

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    # What came

    def mark(self):
        """A place in the log, for requests_since()."""
        return os.path.getsize(self.log) if self.log.exists() else 0

    def requests_since(self, mark, n):
        """The requests after `mark`, once there are `n`: they are logged after their answer has left."""

        def lines():
            with open(self.log, "rb") as fh:
                fh.seek(mark)
                found = [line for line in fh.read().split(b"\n")[:-1]]
            return found if len(found) >= n else None

        return [json.loads(line) for line in until(f"{n} requests in nginx's log", lines)]
