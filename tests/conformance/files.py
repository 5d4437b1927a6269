"""tests/conformance/files.py: files of arguments and answers with each SDK line: it uploads one and an action sends it, an action
gives one and it is fetched. Today's SDKs refuse addresses that are not public, so all of it happens in a network of its own,
in which a public address is ours and nothing leads outside; nginx ends TLS there. Called by run.py under unshare(1)."""

import argparse
import fcntl
import json
import os
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
sys.path[:0] = [str(HERE), str(HERE.parent / "api")]
from certificates import certificate  # noqa: E402
from cross import quiet_home  # noqa: E402
from nginx import Nginx  # noqa: E402
from server import count_and_exit  # noqa: E402
from test_files import KEEPER  # noqa: E402
from world import World  # noqa: E402

PUBLIC = "1.2.3.4"  # in this network alone
BYTES = bytes(range(256)) * 300
FRONT = """
    server {
        listen PUBLIC:PORT0 ssl;
        ssl_certificate FOLDER/server.pem; ssl_certificate_key FOLDER/server.key;
        client_max_body_size 0;
        location / { proxy_pass http://127.0.0.1:KEYSTEWARD; proxy_set_header Host $http_host; }
    }
    server { listen 127.0.0.1:PORT0; }
"""
SIOCSIFADDR, SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8916, 0x8913, 0x8914, 1


def own_network():
    """lo comes up with the public address beside its own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        flags = struct.unpack("16sh", fcntl.ioctl(s, SIOCGIFFLAGS, struct.pack("16sh14x", b"lo", 0))[:18])[1]
        fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))
        address = struct.pack("=H2x4s8x", socket.AF_INET, socket.inet_aton(PUBLIC))
        fcntl.ioctl(s, SIOCSIFADDR, struct.pack("16s16s", b"lo:1", address))


def judge(world, argv, env, kept):
    """What is wrong with an SDK's way of sending and fetching; nothing: []."""
    done = subprocess.run([str(a) for a in argv], env=env, cwd=env["HOME"], capture_output=True, text=True, timeout=120)
    line = next((x for x in done.stdout.splitlines() if x.startswith("RESULT ")), None)
    if line is None:
        return [done.stdout[-500:], done.stderr[-1500:]]
    told = json.loads(line[7:])
    bodies = [body for _, path, _, body in world.up.seen[kept:] if path == "/files"]
    faults = [] if told["sent"] is True and len(bodies) == 1 and BYTES in bodies[0] else [("sent", told["sent"], len(bodies))]
    path = pathlib.Path(str(told["fetched"]))
    if not path.is_file() or path.read_bytes() != b"\x89PNG\x00\xff":
        faults.append(("fetched", told["fetched"]))
    return faults


def main():
    parser = argparse.ArgumentParser()
    for name in ("node", "node-modules", "node-modules-v3", "python", "python-v3"):  # FILE-1 FILE-2 FILE-6
        parser.add_argument("--" + name, required=True)
    given = parser.parse_args()
    own_network()
    front = Nginx()
    certificate(front.folder, "ca", "tests")
    certificate(front.folder, "server", "server", san="IP:" + PUBLIC, by="ca")
    world = World("--public-url", f"https://{PUBLIC}:{front.port}", apps={"keeper": KEEPER}).start()
    front.configure(FRONT.replace("PUBLIC", PUBLIC).replace("KEYSTEWARD", str(world.server.port)))
    front.start()
    passed = failed = 0
    try:
        id_ = world.connect(world.integration("keeper"), {"api_key": "kk_1"})
        for program in ("files_python_old.py", "files_typescript_old.mjs", "files_python.py", "files_typescript.mjs"):
            with tempfile.TemporaryDirectory(prefix="keysteward-files-") as home:
                old = "_old" in program
                runner = given.node if program.endswith("mjs") else given.python if old else given.python_v3
                file = pathlib.Path(home, "work", "a.bin")
                file.parent.mkdir()
                file.write_bytes(BYTES)
                env = {
                    "PATH": os.environ["PATH"], "HOME": home, "LANG": "C.UTF-8", "COMPOSIO_CACHE_DIR": quiet_home(home),
                    "COMPOSIO_BASE_URL": f"http://127.0.0.1:{world.server.port}", "COMPOSIO_API_KEY": world.key,
                    "COMPOSIO_DISABLE_SENTRY": "true", "COMPOSIO_DISABLE_VERSION_CHECK": "true", "COMPOSIO_LOGGING_LEVEL": "error",
                    "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": f"127.0.0.1,{PUBLIC}", "TELEMETRY_DISABLED": "true",
                    "PYTHONWARNINGS": "ignore", "REQUESTS_CA_BUNDLE": f"{front.folder}/ca.pem",
                    "NODE_EXTRA_CA_CERTS": f"{front.folder}/ca.pem", "CONF_NODE_MODULES": given.node_modules,
                    "COMPOSIO_SDK_ROOT": given.node_modules_v3,
                }  # fmt: skip
                faults = judge(world, [runner, HERE / program, file, id_], env, len(world.up.seen))
                passed, failed = passed + (not faults), failed + bool(faults)
                if faults:
                    print(f"FAIL - {program}: {str(faults)[:2500]}")
    finally:
        front.remove()
        world.stop()
    count_and_exit(passed, failed)


main()
