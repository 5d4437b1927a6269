"""tests/bench/slow.py: many calls that wait for a slow vendor at the same time, and what memory they hold. The vendor answers
when all are there; the same clients call again in the next round. Loopback only; waits are on conditions."""

import asyncio
import os
import pathlib
import resource
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import Server  # noqa: E402
from world import VEND  # noqa: E402

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n" + b"x" * 1000
AT_ONCE = 250  # connections opened together


class Vendor:
    """Keeps every request unanswered until `answer`."""

    def __init__(self):
        self.waiting, self.arrived, self.wanted = [], asyncio.Event(), 0

    async def serve(self, reader, writer):
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                self.waiting.append(writer)
                if len(self.waiting) == self.wanted:
                    self.arrived.set()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            writer.close()

    def answer(self):
        writers, self.waiting = self.waiting, []
        self.arrived.clear()
        for writer in writers:
            writer.write(ANSWER)


async def call(client, request):
    reader, writer = client
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    assert head.startswith(b"http/1.1 200 "), head
    await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))


def begin(server):
    """Start it; the bytes of the request that all clients send."""
    server.start()
    key = server.use_key("bench")
    app = {"app": {"uniqueKey": "vend"}, "config": {"authScheme": "API_KEY"}}
    ac = server.http("POST", "/v2/integrations/create", app).json()["integrationId"]
    body = {"integrationId": ac, "userUuid": "slow", "data": {"api_key": "vk_0123456789abcdef"}}
    ca = server.http("POST", "/v1/connectedAccounts", body).json()["connectedAccountId"]
    return f"GET /ks/call/{ca}/slow HTTP/1.1\r\nHost: bench\r\nx-api-key: {key}\r\n\r\n".encode()


async def rounds(server, vendor, calls, times):
    request = begin(server)
    clients, held = [], []
    for at in range(0, calls, AT_ONCE):
        some = [asyncio.open_connection("127.0.0.1", server.port) for _ in range(min(AT_ONCE, calls - at))]
        clients += await asyncio.gather(*some)
    for _ in range(times):
        vendor.wanted = calls
        tasks = [asyncio.create_task(call(client, request)) for client in clients]
        everyone = asyncio.create_task(vendor.arrived.wait())
        done, _ = await asyncio.wait([everyone, *tasks], timeout=28, return_when=asyncio.FIRST_COMPLETED)
        assert everyone in done, f"{len(vendor.waiting)} of {calls} calls reached the vendor; {[t.exception() for t in done]}"
        held.append(server.memory_kb()[0] / 1024)
        vendor.answer()
        await asyncio.gather(*tasks)
    for _, writer in clients:
        writer.close()
    return held


async def measure(calls, times):
    vendor = Vendor()
    listener = await asyncio.start_server(vendor.serve, "127.0.0.1", 0, backlog=4096)
    port = listener.sockets[0].getsockname()[1]
    many = ["--calls-per-project", str(calls), "--calls-per-loop", str(calls), "--max-connections", str(calls + 100)]
    server = Server("--verify", "off", "--no-access-log", "--allow-private", f"127.0.0.1:{port}", *many)
    apps = os.path.join(server.folder, "apps")
    os.mkdir(apps)
    with open(apps + "/vend.yaml", "w") as fh:
        fh.write(VEND.lstrip().replace("PORT", str(port)))
    server.flags += ["--apps", apps]
    try:
        return await rounds(server, vendor, calls, times)
    finally:
        listener.close()
        server.stop()
        server.remove()


def held_mb(calls=5000, times=3):
    """Resident memory of the server, MB, while `calls` calls wait: once for each round."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return asyncio.run(measure(calls, times))
