#!/usr/bin/env python3
"""Run the commands of README.md as a reader would: every ```sh block, in order, in one shell and a home of its own.

`git clone` and the `cd` after it are left out: we are there. `./dev run` is started, and the lines it says to paste
are taken over; it ends with the last command. A block marked ```sh skip is not run."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```sh[ \t]*\n(.*?)^```", re.M | re.S)
PASTE = re.compile(r"^\s*(export \w+=.*)$", re.M)


def commands():
    text = "\n".join(BLOCK.findall((ROOT / "README.md").read_text()))
    return [line for line in text.split("\n") if not re.match(r"\s*(git clone|cd keysteward|sudo apt)", line)]


def start(line, env, log):
    """Start `./dev run` and wait for its last word; the export lines it printed."""
    server = subprocess.Popen(line, shell=True, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT,
                              start_new_session=True)
    end = time.monotonic() + 600
    while "Ctrl-C ends it" not in (said := pathlib.Path(log.name).read_text()):
        if server.poll() is not None or time.monotonic() > end:
            print(said)
            sys.exit("./dev run did not come up")
        time.sleep(0.2)
    return server, PASTE.findall(said)


def main():
    with tempfile.TemporaryDirectory() as home, open(pathlib.Path(home) / "run.log", "w") as log:
        env = {**os.environ, "HOME": home, "XDG_DATA_HOME": f"{home}/data", "PATH": f"{ROOT}/build/release:{os.environ['PATH']}"}
        script, server = [], None
        for line in commands():
            if re.match(r"\s*\./dev run\b", line) and server is None:
                server, pasted = start(line, env, log)
                script += pasted
            else:
                script.append(line)
        done = subprocess.run(["bash", "-euxo", "pipefail", "-c", "\n".join(script)], cwd=ROOT, env=env)
        if server:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(40)
        sys.exit(done.returncode)


if __name__ == "__main__":
    main()
