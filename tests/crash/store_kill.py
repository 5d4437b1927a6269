#!/usr/bin/env python3
"""Kill a writing process with SIGKILL again and again and look at what it left (rules D1, D4, A3).

Usage: store_kill.py CRASH_WRITER [KILLS]. After each kill the folder is opened again: nothing acknowledged may be
missing, no change may be there by half, the database must be sound and the audit trail unbroken. This shows the
death of the process only; loss of power is another thing. Closing line: "N passed, N failed".
"""
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

OPEN_LIMIT_S = 5.0  # the aim is 1 s; a loaded machine must not fail the run
ROWS_MAX = 20000  # a folder this full is left and a new one begun


def write_and_kill(writer, folder, number, rng):
    """Let it write for a moment after its first acknowledgement, kill it, and return what it acknowledged."""
    child = subprocess.Popen([writer, "write", folder, str(number)], stdout=subprocess.PIPE, text=True)
    lines = [child.stdout.readline(), child.stdout.readline()]  # opened, and the first acknowledgement
    time.sleep(rng.uniform(0.0, 0.5))
    child.send_signal(signal.SIGKILL)
    lines += child.stdout.read().splitlines()
    child.wait()
    opened = re.match(r"opened (\d+)", lines[0])
    if not opened:
        raise RuntimeError(f"writer did not start: {lines[0]!r}")
    # a line the kill cut short has no newline; it was acknowledged all the same, but its id is not whole
    return {m[1] for m in (re.fullmatch(r"ok (pr_\d+_\d+_\d+)\n?", line) for line in lines[1:]) if m}


def check(writer, folder, number):
    done = subprocess.run([writer, "check", folder, str(number)], stdout=subprocess.PIPE, text=True, timeout=60)
    text = done.stdout
    rows = set(re.findall(r"^row (\S+)$", text, re.M))
    facts = dict(line.split(" ", 1) for line in text.splitlines() if not line.startswith("row "))
    return done.returncode, rows, facts


def judge(code, acknowledged, rows, facts):
    """What is wrong, as a list of sentences."""
    wrong = []
    lost = acknowledged - rows
    if code != 0:
        wrong.append(f"check ended with {code}")
    if lost:
        wrong.append(f"{len(lost)} acknowledged changes lost, e.g. {sorted(lost)[0]}")
    if facts.get("halves") != "0":
        wrong.append(f"half changes: {facts.get('halves')}")
    if facts.get("integrity") != "1":
        wrong.append("the database is damaged")
    if not facts.get("audit", "").startswith("ok "):
        wrong.append(f"audit: {facts.get('audit')}")
    if float(facts.get("opened", 1e12)) / 1e6 > OPEN_LIMIT_S:
        wrong.append(f"restart took {facts.get('opened')} us")
    return wrong


def main():
    writer, kills = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 50
    seed = random.randrange(1 << 32)
    rng = random.Random(seed)
    passed = failed = total = 0
    slowest = 0
    began = time.monotonic()
    folder, acknowledged = tempfile.mkdtemp(prefix="ks-crash-"), set()
    for number in range(kills):
        acknowledged |= write_and_kill(writer, folder, number, rng)
        code, rows, facts = check(writer, folder, number)
        wrong = judge(code, acknowledged, rows, facts)
        slowest = max(slowest, int(facts.get("opened", 0)))
        for sentence in wrong:
            print(f"kill {number} (seed {seed}, {folder}): {sentence}")
        passed, failed = passed + (not wrong), failed + bool(wrong)
        if wrong:
            break  # the folder stays for a look
        if len(rows) > ROWS_MAX or number == kills - 1:
            total += len(acknowledged)
            shutil.rmtree(folder)
            folder, acknowledged = tempfile.mkdtemp(prefix="ks-crash-"), set()
    if not failed:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{total} acknowledged changes, slowest restart {slowest / 1000:.0f} ms, {time.monotonic() - began:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
