"""tests/bench/bench.py [--quick]: what Keysteward costs, against nginx on the same machine in the same minutes. Loopback
only; wrk makes the load. The lead number is CPU time of the server per request (schedstat of all threads and
children), measured in turns, median of the repetitions; ratio = nginx's cost / ours, 1.0 = as cheap as nginx. Servers run
on the first core, load and vendor on the second, when there are two. Prints a Markdown table for the README."""

import argparse
import http.client
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import slow  # noqa: E402
from server import Http, Server, binary, free_port, until  # noqa: E402
from world import VEND  # noqa: E402

CORES = sorted(os.sched_getaffinity(0))
LOOPS = ["--no-access-log", "--threads", "1" if len(CORES) > 1 else "0"]  # as nginx: one worker, no log
NGINX = """
worker_processes 1; daemon off; pid %(dir)s/nginx.pid; error_log %(dir)s/error.log crit;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 100000000; client_body_temp_path %(dir)s/b; proxy_temp_path %(dir)s/p;
  fastcgi_temp_path %(dir)s/f; uwsgi_temp_path %(dir)s/u; scgi_temp_path %(dir)s/s;
  upstream vendor { server 127.0.0.1:%(vendor)d; keepalive 512; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:%(port)d backlog=4096; sendfile on; root %(dir)s/www; default_type application/json;
    location = /ret { return 200 '%(json)s'; }
    location /p/ { proxy_pass http://vendor/; proxy_http_version 1.1; proxy_set_header Connection "";
                   proxy_set_header X-Vend-Key "vk_0123456789"; proxy_buffering on; }
  }
}
"""


def pin(core):
    return (lambda: os.sched_setaffinity(0, {CORES[core]})) if len(CORES) > 1 else None


def cpu_us(pid):
    """CPU of a process, its threads and its children, microseconds."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/schedstat") as fh:
                total += int(fh.read().split()[0]) // 1000
            with open(f"/proc/{pid}/task/{task}/children") as fh:
                total += sum(cpu_us(int(child)) for child in fh.read().split())
        except OSError:
            pass
    return total


class Nginx:
    def __init__(self, core, vendor_port=9):
        self.dir, self.port = tempfile.mkdtemp(prefix="keysteward-bench-"), free_port()
        os.mkdir(self.dir + "/www")
        with open(self.dir + "/www/k1", "wb") as fh:
            fh.write(b'{"n":"' + b"x" * 1014 + b'"}')
        for name, size in (("m1", 1 << 20), ("g1", 1 << 30)):
            with open(f"{self.dir}/www/{name}", "wb") as fh:
                fh.truncate(size)
        # as long as the answer it is compared with: set by the caller before start()
        self.values = {"dir": self.dir, "port": self.port, "vendor": vendor_port, "json": "{}"}
        self.core = core

    def start(self):
        with open(self.dir + "/nginx.conf", "w") as fh:
            fh.write(NGINX % self.values)
        os.chmod(self.dir, 0o755)
        argv = ["nginx", "-c", self.dir + "/nginx.conf", "-p", self.dir]
        if os.geteuid() == 0:
            argv += ["-g", "user root;"]
        self.process = subprocess.Popen(argv, preexec_fn=pin(self.core), stderr=subprocess.DEVNULL)
        until("nginx", self.answers)
        return self

    def answers(self):
        try:
            with Http(self.port, timeout=2) as link:
                return link.request("GET", "/ret").status == 200
        except OSError:
            return False

    def stop(self):
        self.process.terminate()
        self.process.wait(10)
        shutil.rmtree(self.dir, ignore_errors=True)


def wrk(url, connections, seconds, script=None, headers=()):
    """Requests done, per second, p99 in ms, failed ones, p50 in ms."""
    argv = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "--latency"]
    for header in headers:
        argv += ["-H", header]
    if script:
        argv += ["-s", script]
    said = subprocess.run([*argv, url], capture_output=True, text=True, preexec_fn=pin(-1), timeout=seconds + 60).stdout
    done = int(re.search(r"(\d+) requests in", said).group(1))
    rate = float(re.search(r"Requests/sec:\s*([\d.]+)", said).group(1))
    p50, p99 = (re.search(rf"^ *{p}%\s+([\d.]+)(us|ms|s)\b", said, re.M) for p in (50, 99))
    p50, p99 = (float(p.group(1)) * {"us": 0.001, "ms": 1, "s": 1000}[p.group(2)] if p else float("nan") for p in (p50, p99))
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    errors = sum(map(int, re.findall(r"(?:connect|read|write|timeout) (\d+)", said)))
    return done, rate, p99, (int(bad.group(1)) if bad else 0) + errors, p50


class Bench:
    def __init__(self, quick):
        self.seconds, self.turns = (1, 1) if quick else (3, 3)
        self.rows = []
        self.vendor = Nginx(-1).start()
        self.nginx = Nginx(0, self.vendor.port)
        self.server = Server("--verify", "off", "--allow-private", f"127.0.0.1:{self.vendor.port}", *LOOPS, limits=pin(0))
        apps = os.path.join(self.server.folder, "apps")
        os.mkdir(apps)
        with open(apps + "/vend.yaml", "w") as fh:
            fh.write(VEND.lstrip().replace("PORT", str(self.vendor.port)))
        self.server.flags += ["--apps", apps]
        self.starts()
        self.key = self.server.use_key("bench")
        made = self.server.http("POST", "/v2/integrations/create", {"app": {"uniqueKey": "vend"}, "config": {"authScheme": "API_KEY"}})
        self.ac = made.json()["integrationId"]
        self.ids = [self.connect(i) for i in range(1000)]
        body = self.server.http("GET", "/v1/connectedAccounts/" + self.ids[0]).text
        self.nginx.values["json"] = body.replace("'", "")
        self.nginx.start()
        self.head = f"x-api-key: {self.key}"

    def connect(self, i):
        body = {"integrationId": self.ac, "userUuid": f"user_{i}", "data": {"api_key": "vk_0123456789abcdef"}}
        return self.server.http("POST", "/v1/connectedAccounts", body).json()["connectedAccountId"]

    def row(self, what, measured, bar, holds):
        self.rows.append((what, measured, bar, holds))
        print(f"  {what}: {measured} (hold {bar}){'' if holds else '  <-- missed'}", flush=True)

    def script(self, text):
        path = os.path.join(self.server.folder, "load.lua")
        with open(path, "w") as fh:
            fh.write(text)
        return path

    def starts(self):
        times = []
        for _ in range(2 if self.turns == 1 else 7):
            began = time.monotonic()
            self.server.start()
            times.append((time.monotonic() - began) * 1000)
            if len(times) < (2 if self.turns == 1 else 7):
                self.server.stop()
        ms = statistics.median(times)
        self.row("start to first answer", f"{ms:.0f} ms", "< 100 ms", ms < 100)
        rss, pss, own = self.server.memory_kb()
        self.row("idle memory, RSS / PSS / own", f"{rss / 1024:.1f} / {pss / 1024:.1f} / {own / 1024:.1f} MB", "< 16 / < 10 MB", rss < 16384 and pss < 10240)
        size = os.stat(binary()).st_size / 1e6
        self.row("size of the binary", f"{size:.1f} MB", "< 10 MB", size < 10)

    def cost(self, pid, url, connections, script=None, headers=()):
        before = cpu_us(pid)
        done, rate, p99, failed, _ = wrk(url, connections, self.seconds, script, headers)
        return (cpu_us(pid) - before) / max(done, 1), rate, p99, failed

    def compare(self, what, connections, ours, theirs, bar, script=None):
        """Ours and nginx in turns; the ratio of costs."""
        mine, other, failed, rates = [], [], 0, []
        for _ in range(self.turns):
            us, rate, _, bad = self.cost(self.server.process.pid, ours, connections, script, [self.head])
            mine.append(us)
            rates.append(rate)
            failed += bad
            other.append(self.cost(self.nginx.process.pid, theirs, connections)[0])
        a, b = statistics.median(mine), statistics.median(other)
        text = f"{b / a:.2f} of nginx ({a:.1f} against {b:.1f} us; {statistics.median(rates):,.0f}/s)"
        self.row(what, text + (f", {failed} FAILED" if failed else ""), f">= {bar}", b / a >= bar and not failed)

    def gets(self):
        ids = ",".join(f'"{i}"' for i in self.ids)
        lua = f"local ids={{{ids}}}\nlocal n=0\nfunction request() n=n+1; return wrk.format('GET','/v1/connectedAccounts/'..ids[n%#ids+1]) end\n"
        path = self.script(lua)
        for n in (16, 64, 512):
            base = f"http://127.0.0.1:{self.server.port}"
            self.compare(f"GET a connection, {n} connections", n, base + "/", f"http://127.0.0.1:{self.nginx.port}/ret", 0.7, path)

    def initiates(self):
        body = f'{{"integrationId":"{self.ac}","userUuid":"load","data":{{"api_key":"vk_0123456789abcdef"}}}}'
        path = self.script(f"wrk.method='POST'\nwrk.body='{body}'\nwrk.headers['Content-Type']='application/json'\n")
        url = f"http://127.0.0.1:{self.server.port}/v1/connectedAccounts"
        runs = [self.cost(self.server.process.pid, url, 256, path, [self.head]) for _ in range(self.turns)]
        us, rate, p99 = (statistics.median(r[i] for r in runs) for i in range(3))
        failed = sum(r[3] for r in runs)
        text = f"{rate:,.0f}/s, p99 {p99:.0f} ms, {us:.0f} us" + (f", {failed} FAILED" if failed else "")
        self.row("durable initiate, 256 connections", text, ">= 15,000/s saturated", rate >= 15000 and not failed)

    def calls(self):
        ours, theirs = f"http://127.0.0.1:{self.server.port}/ks/call/{self.ids[0]}", f"http://127.0.0.1:{self.nginx.port}/p"
        self.compare("call, 1 KB, 64 connections", 64, ours + "/k1", theirs + "/k1", 0.5)
        self.compare("call, 1 MB, 16 connections", 16, ours + "/m1", theirs + "/m1", 0.9)

    def latency(self):
        """What a call takes longer through us than straight to the vendor, one at a time."""
        added = []
        for _ in range(self.turns):
            through = wrk(f"http://127.0.0.1:{self.server.port}/ks/call/{self.ids[0]}/k1", 1, self.seconds, None, [self.head])[4]
            straight = wrk(f"http://127.0.0.1:{self.vendor.port}/k1", 1, self.seconds)[4]
            added.append((through - straight) * 1000)
        us = statistics.median(added)
        self.row("latency added to a call, p50, 1 connection", f"{us:.0f} us", "< 150 us", us < 150)

    def gigabyte(self):
        peak, stop = [self.server.memory_kb()[0]], threading.Event()

        def watch():
            while not stop.wait(0.02):
                peak.append(self.server.memory_kb()[0])

        watcher = threading.Thread(target=watch)
        watcher.start()
        began, got = time.monotonic(), 0
        try:
            link = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
            link.request("GET", f"/ks/call/{self.ids[0]}/g1", headers={"x-api-key": self.key})
            answer = link.getresponse()
            while part := answer.read(1 << 20):
                got += len(part)
            link.close()
        finally:
            stop.set()
            watcher.join()
        grown = (max(peak) - peak[0]) / 1024
        rate = got / (time.monotonic() - began) / 1e6
        self.row("1 GB through /ks/call", f"+{grown:.1f} MB of memory, {rate:.0f} MB/s", "memory flat (< 8 MB)", grown < 8 and got == 1 << 30)

    def slow(self):
        held = slow.held_mb(times=2 if self.turns == 1 else 4)
        text = " / ".join(f"{mb:.0f}" for mb in held) + " MB"
        self.row("5,000 slow calls at once, one round after another", text, "< 400 MB", max(held) < 400)

    def run(self):
        try:
            for part in (self.gets, self.initiates, self.calls, self.latency, self.gigabyte, self.slow):
                try:
                    part()
                except Exception as error:
                    self.row(part.__name__, f"did not run: {error}"[:200], "", False)
        finally:
            self.nginx.stop()
            self.vendor.stop()
            self.server.stop()
            self.server.remove()
        print(f"\nOne event loop on one core, access log off, as nginx; median of {self.turns} turns of {self.seconds} s.")
        print("\n| what | measured | hold |\n|---|---|---|")
        for what, measured, bar, holds in self.rows:
            print(f"| {what} | {measured} | {bar}{'' if holds else ' (missed)'} |")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--quick", action="store_true", help="one short turn each, to see that it runs")
    for tool in ("wrk", "nginx"):
        if not shutil.which(tool):
            raise SystemExit(f"{tool} is missing: install the Debian package {tool}")
    Bench(arguments.parse_args().quick).run()


if __name__ == "__main__":
    main()
