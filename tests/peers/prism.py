"""tests/peers/prism.py: Prism (Stoplight's) with one document of a vendor: it refuses every request that does not fit. Loopback
only. A Prism is started ahead, waited for on its port, and ended by its own process."""

import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import Http, free_port, until  # noqa: E402


class Prism:
    def __init__(self, folder, name, document, modules):
        """`modules`: the folder node_modules with Prism in it."""
        self.name, self.port = name, free_port()
        self.document = pathlib.Path(folder) / f"{name}.json"
        self.document.write_text(json.dumps(document), encoding="utf-8")
        self.log_path = self.document.with_suffix(".log")
        self.cli = pathlib.Path(modules) / "@stoplight" / "prism-cli" / "dist" / "index.js"
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        argv = [os.environ["PEERS_NODE"], self.cli, "mock", "--errors", "--host", "127.0.0.1", "--port", str(self.port),
                "--verboseLevel", "error", self.document]  # fmt: skip
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def ready(self):
        """Wait until it answers."""

        def answers():
            if self.process.poll() is not None:
                raise AssertionError(f"Prism ended: {self.log_path.read_text(encoding='utf-8', errors='replace')[-2000:]}")
            try:
                with Http(self.port, timeout=20) as probe:
                    return probe.request("GET", "/-").status == 404
            except OSError:
                return False

        until(f"Prism with {self.name}", answers, 60)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
        if self.process:
            self.process.wait(10)
