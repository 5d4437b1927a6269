"""A full disk: errors for writes, reads go on, recovery without a restart (rule D2). And the root key: made once, then
demanded (rules C5, C6)."""

import os
import pathlib
import resource
import stat
import subprocess
import tempfile
import unittest

from server import Server, until
from world import World


class FullDisk(unittest.TestCase):
    def goes_on(self, world, fill, free):
        ac = world.integration()
        kept = world.connect(ac, entity="before")
        fill()
        refused = None
        for i in range(4000):
            reply = world.try_connect(ac, {"api_key": "vk_" + "f" * 4000}, f"full{i}")
            if reply.status != 200:
                refused = reply
                break
        self.assertIsNotNone(refused, "the disk never got full")
        self.assertEqual(refused.status, 500, refused)
        self.assertNotIn(world.server.data, refused.text)
        entity = refused and f"full{i}"
        for _ in range(3):
            self.assertEqual(world.account(kept)["status"], "ACTIVE")
            self.assertEqual(world.list("user_uuid=" + entity), [])
            self.assertEqual(world.get("/health").status, 200)
        free()
        until("writes work again", lambda: world.try_connect(ac, {"api_key": "vk_again"}, "again").status == 200, 10)
        self.assertIs(world.execute("VEND_LIST_THINGS", connectedAccountId=kept).json()["successful"], True)
        world.restart()
        self.assertEqual(world.account(kept)["status"], "ACTIVE")
        self.assertEqual(world.list("user_uuid=" + entity), [])

    def test_a_limit_on_the_size_of_files(self):
        world = World("--verify", "off").start()
        pid = world.server.process.pid
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        sizes = [p.stat().st_size for p in pathlib.Path(world.server.data).rglob("*") if p.is_file()]
        small = max(sizes) + 200_000

        def fill():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (small, hard))

        def free():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))

        try:
            self.goes_on(world, fill, free)
        finally:
            world.stop()

    def test_a_file_system_without_room(self):
        with tempfile.TemporaryDirectory(prefix="keysteward-disk-") as place:
            made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", place], capture_output=True)
            if made.returncode != 0:
                self.skipTest("cannot mount a tmpfs here")
            try:
                self.on_tmpfs(place)
            finally:
                subprocess.run(["umount", "-l", place], check=True)

    def on_tmpfs(self, place):
        world = World("--verify", "off", data=os.path.join(place, "data"))
        ballast = os.path.join(place, "ballast")

        def fill():
            with open(ballast, "wb") as fh:
                try:
                    while True:
                        fh.write(b"\0" * 65536)
                        fh.flush()
                except OSError:
                    pass

        try:
            world.start()
            self.goes_on(world, fill, lambda: os.unlink(ballast))
        finally:
            world.stop()


class RootKey(unittest.TestCase):
    def root_keys(self, server):
        """Files of the data folder and beside it that are neither database nor log."""
        found = []
        for path in pathlib.Path(server.folder).rglob("*"):
            if path.is_file() and "root" in path.name.lower() and not path.name.endswith(".log"):
                found.append(path)
        return found

    def refused(self, server):
        server.launch()
        try:
            status = server.process.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            self.fail("it started with a wrong root key")
        self.assertNotEqual(status, 0)
        return server.log()

    def test_a_missing_or_other_root_key_is_a_refusal_and_never_a_new_key(self):
        with Server("--verify", "off") as server:
            server.use_key("root")
            made = server.http("POST", "/v2/integrations/create", {"app": {"uniqueKey": "stripe"}, "config": {"authScheme": "API_KEY"}})
            body = {"integrationId": made.json()["integrationId"], "data": {"api_key": "sk_live_root"}}
            ca = server.http("POST", "/v1/connectedAccounts", body).json()["connectedAccountId"]
            key = server.client.key
            server.stop()
            files = self.root_keys(server)
            self.assertEqual(len(files), 1, files)
            path = files[0]
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
            content = path.read_bytes()

            path.unlink()
            log = self.refused(server)
            self.assertFalse(path.exists(), "a new root key was made over sealed data")
            self.assertIn("root key", log.lower())

            with Server() as other:
                other.make_key("x")
                other.stop()
                path.write_bytes(self.root_keys(other)[0].read_bytes())
                path.chmod(0o600)
            self.assertIn("root key", self.refused(server).lower())

            path.write_bytes(content)
            path.chmod(0o644)
            self.refused(server)
            path.chmod(0o600)
            server.start()
            server.client.key = key
            self.assertEqual(server.http("GET", "/v1/connectedAccounts/" + ca).status, 200)

    def test_files_of_the_data_folder_are_its_owners_alone(self):
        with Server("--verify", "off") as server:
            server.use_key("modes")
            for path in [pathlib.Path(server.data), *pathlib.Path(server.data).rglob("*")]:
                self.assertEqual(stat.S_IMODE(path.stat().st_mode) & 0o077, 0, path)


if __name__ == "__main__":
    unittest.main()
