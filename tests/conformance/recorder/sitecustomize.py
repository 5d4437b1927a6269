"""tests/conformance/recorder/sitecustomize.py: on PYTHONPATH, it lets a Python program reach loopback alone. Every other
host it asks for is written to $KEYSTEWARD_TEST_CALLS, and the attempt fails before a name is looked up."""

import os
import sys

LOOPBACK = ("127.", "::1", "localhost")


def watch(event, args):
    if event == "socket.getaddrinfo":
        host = args[0]
    elif event == "socket.connect" and isinstance(args[1], tuple):
        host = args[1][0]
    else:
        return
    host = host.decode() if isinstance(host, bytes) else str(host or "localhost")
    if host.startswith(LOOPBACK):
        return
    with open(os.environ["KEYSTEWARD_TEST_CALLS"], "a", encoding="utf-8") as fh:
        fh.write(host + "\n")
    raise OSError("loopback only in this test")


sys.addaudithook(watch)
