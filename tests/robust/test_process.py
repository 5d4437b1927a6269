"""What the process is to its host: no core dumps, locked secrets, no plain HTTP for strangers, private files."""

import os
import pathlib
import stat
import subprocess
import tempfile
import unittest

from server import Server, binary


class Process(unittest.TestCase):
    def test_core_dumps_are_off_and_secrets_are_locked(self):  # S2
        with Server("--ghost") as server:
            server.use_key("one")
            proc = pathlib.Path("/proc") / str(server.process.pid)
            limits = (proc / "limits").read_text()
            core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
            self.assertEqual(core.split()[4:6], ["0", "0"], core)
            status = dict(line.split(":", 1) for line in (proc / "status").read_text().splitlines() if ":" in line)
            self.assertGreater(int(status["VmLck"].split()[0]), 0, "no page is locked")

    def test_files_are_for_their_owner_only(self):
        with Server("--ghost") as server:
            server.use_key("one")
            for path in [pathlib.Path(server.data), *pathlib.Path(server.data).iterdir()]:
                self.assertEqual(stat.S_IMODE(os.lstat(path).st_mode) & 0o077, 0, path)

    def test_plain_http_is_refused_beyond_loopback_with_the_remedy(self):  # H3
        with tempfile.TemporaryDirectory() as folder:
            run = subprocess.run(
                [binary(), "serve", "--listen", "0.0.0.0:0", "--data", folder + "/d"], capture_output=True, text=True, timeout=20
            )
        self.assertNotEqual(run.returncode, 0)
        for remedy in ("--tls-cert", "--behind-proxy"):
            self.assertIn(remedy, run.stderr)


if __name__ == "__main__":
    unittest.main()
