"""tests/crash/http_kill.py [ROUNDS]: kill -9 under write load over HTTP, 50 times (rules D1, D4, A3). After each restart
every acknowledged connection is there, acts with its own key, every acknowledged deletion stayed, nothing half made
can be seen, and the audit record verifies. Prints the restart times."""

import http.client
import pathlib
import random
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from server import Http, count_and_exit, until  # noqa: E402
from world import World  # noqa: E402

WRITERS = 8


class Load:
    """Writers that remember what was acknowledged. The key of a connection follows from its entity."""

    def __init__(self, w, ac, round_):
        self.w, self.ac, self.round = w, ac, round_
        self.made, self.deleted, self.asked, self.lock = {}, set(), set(), threading.Lock()
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self.write, args=(i,)) for i in range(WRITERS)]

    def write(self, number):
        count = 0
        link = Http(self.w.server.port, self.w.key, timeout=10)
        mine = []
        while not self.stop.is_set():
            entity = f"r{self.round}w{number}n{count}"
            count += 1
            try:
                if count % 5 == 0 and mine:
                    id_ = mine.pop()
                    with self.lock:
                        self.asked.add(id_)
                        entity_of = self.made.pop(id_)
                    if link.request("DELETE", "/v1/connectedAccounts/" + id_).status == 200:
                        self.deleted.add(id_)
                    else:
                        self.made[id_] = entity_of
                    continue
                body = {"integrationId": self.ac, "userUuid": entity, "data": {"api_key": "vk_" + entity}}
                reply = link.request("POST", "/v1/connectedAccounts", body)
            except (OSError, ValueError, http.client.HTTPException):
                break
            if reply.status == 200:
                id_ = reply.json()["connectedAccountId"]
                mine.append(id_)
                with self.lock:
                    self.made[id_] = entity
        link.close()

    def run_until(self, acknowledged, seconds=20):
        [t.start() for t in self.threads]
        until(f"{acknowledged} acknowledged writes", lambda: len(self.made) + len(self.deleted) >= acknowledged, seconds)

    def join(self):
        self.stop.set()
        [t.join() for t in self.threads]


def acts(w, id_, entity):
    """Does it act with its own key?"""
    reply = w.execute("VEND_LIST_THINGS", connectedAccountId=id_)
    return reply.status == 200 and w.last_seen()[2].get("x-vend-key") == "vk_" + entity


def faults(w, load, listed):
    """What is wrong after a restart, as texts."""
    found = []
    for id_, entity in load.made.items():
        account = listed.get(id_)
        if account is None:
            found.append(f"{id_}: acknowledged and lost")
        elif (account["status"], account["entityId"]) != ("ACTIVE", entity):
            found.append(f"{id_}: changed: {account['status']} {account['entityId']}")
    found += [f"{id_}: deleted and back" for id_ in load.deleted if id_ in listed]
    sample = random.sample(sorted(load.made.items()), min(12, len(load.made)))
    unasked = [(i, a["entityId"]) for i, a in listed.items() if a["entityId"].startswith(f"r{load.round}w") and i not in load.made]
    for id_, entity in sample + unasked[:12]:
        if not acts(w, id_, entity):
            found.append(f"{id_}: does not act with its own key")
    return found


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    random.seed(int(time.time()))
    w = World("--verify", "off").start()
    passed = failed = total = 0
    times = []
    everything = {}
    try:
        ac = w.integration()
        for round_ in range(rounds):
            load = Load(w, ac, round_)
            load.run_until(random.randint(1, 150))
            w.server.kill()
            load.join()
            began = time.monotonic()
            w.server.start()
            times.append((time.monotonic() - began) * 1000)
            w.server.client.key = w.key
            listed = {c["id"]: c for c in w.list("showDisabled=true")}
            found = faults(w, load, listed)
            everything.update(load.made)
            total += len(load.made) + len(load.deleted)
            passed, failed = passed + (not found), failed + bool(found)
            for line in found[:5]:
                print(f"FAIL - round {round_}: {line}", flush=True)
        listed = {c["id"] for c in w.list()}
        lost = [id_ for id_ in everything if id_ not in listed]
        audit = w.server.cli("audit", "verify", "--data", w.server.data, check=False)
        for title, good, why in (
            ("all that was ever acknowledged is there", not lost, f"{len(lost)} lost"),
            ("the audit record verifies", audit.returncode == 0, (audit.stdout + audit.stderr)[-400:]),
            ("every restart took at most 1 s", max(times) <= 1000, f"{max(times):.0f} ms"),
        ):
            passed, failed = passed + bool(good), failed + (not good)
            if not good:
                print(f"FAIL - {title}: {why}")
    finally:
        why = w.faults()
        passed, failed = passed + (not why), failed + bool(why)
        print(f"FAIL - the server did not end well: {why}" if why else "the last server ended well")
    times.sort()
    print(f"{rounds} kills, {total} acknowledged writes; restart ms: min {times[0]:.0f}, median {times[len(times) // 2]:.0f}, max {times[-1]:.0f}")
    count_and_exit(passed, failed, "crash")


if __name__ == "__main__":
    main()
