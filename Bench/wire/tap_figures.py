"""Figures of the TAP door: python Bench/wire/tap_figures.py, with ZIJ_BIN as for Tests/Interop.

Prints a line a figure; times are medians of their repetitions."""
import http.client
import os
import random
import statistics
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../Tests/Interop"))
from _tap import TAPServer

ROWS = int(os.environ.get("ZIJ_ROWS", 1_000_000))
CLIENTS, CONES = 8, 500

# A sky of random stars, clustered by position as a catalogue's import would.
STARS = f"""CREATE TABLE stars CLUSTER BY SKY(ra, dec) AS
  SELECT g AS source_id, random() * 360 AS ra, degrees(asin(random() * 2 - 1)) AS dec,
    random() * 10 AS parallax, 21 - random() * 12 AS g_mag
  FROM generate_series(1, {ROWS}) AS t(g)"""


class Client:
    """One connection kept open."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.path = parts.path
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=120)

    def request(self, path, **fields):
        body = urllib.parse.urlencode(fields)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request("POST" if fields else "GET", self.path + path, body or None, kind)
        return self.connection.getresponse()

    def query(self, sql, format="votable"):
        """Seconds to the first byte and to the last, and the number of bytes."""
        start = time.perf_counter()
        response = self.request("/sync", LANG="ADQL", QUERY=sql, FORMAT=format, MAXREC=str(ROWS))
        assert response.status == 200, response.read()
        first, count = None, 0
        while piece := response.read1(1 << 20):
            first = first or time.perf_counter() - start
            count += len(piece)
        response.close()
        return first, time.perf_counter() - start, count

    def job(self, sql):
        """Seconds from the first request to the last byte of a job's result."""
        start = time.perf_counter()
        response = self.request("/async", LANG="ADQL", QUERY=sql, PHASE="RUN")
        response.read()
        place = urllib.parse.urlsplit(response.headers["Location"]).path
        path = place[len(self.path):]
        phase = b""
        while phase not in (b"COMPLETED", b"ERROR", b"ABORTED"):
            self.request(path + "?WAIT=10").read()
            phase = self.request(path + "/phase").read()
        assert phase == b"COMPLETED", phase
        self.request(path + "/results/result").read()
        return time.perf_counter() - start


def bulk(server):
    client = Client(server.url)
    for format in ("votable/b2", "votable/td", "csv"):
        runs = [client.query("SELECT * FROM stars", format) for _ in range(5)]
        first, all, count = (statistics.median(run[index] for run in runs) for index in range(3))
        print(
            f"{format}, {ROWS} rows of 5: {all:.3f} s, first byte {first * 1e3:.1f} ms,"
            f" {count / 1e6:.0f} MB, {count / all / 1e6:.0f} MB/s")
    print(f"resident {server.resident_bytes() / 2**20:.0f} MiB, {server.thread_count()} threads")


def cone(dice):
    ra, dec = dice.uniform(0, 360), dice.uniform(-80, 80)
    return (
        "SELECT source_id, ra, dec, g_mag FROM stars"
        f" WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE({ra:.6f}, {dec:.6f}, 0.1))")


def cones(server):
    times = [[] for _ in range(CLIENTS)]

    def run(number):
        client, dice = Client(server.url), random.Random(number)
        for _ in range(CONES):
            times[number].append(client.query(cone(dice))[1])

    threads = [threading.Thread(target=run, args=(number,)) for number in range(CLIENTS)]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - start
    all = sorted(value for own in times for value in own)
    print(
        f"cones, {CLIENTS} clients: {len(all) / elapsed:.0f} a second,"
        f" median {all[len(all) // 2] * 1e3:.1f} ms, 99 % {all[len(all) * 99 // 100] * 1e3:.1f} ms")


def jobs(server):
    client, dice = Client(server.url), random.Random(99)
    sync = statistics.median(client.query(cone(dice))[1] for _ in range(100))
    run = statistics.median(client.job(cone(dice)) for _ in range(100))
    print(f"a cone by sync {sync * 1e3:.2f} ms, as a job {run * 1e3:.2f} ms")


with TAPServer(STARS) as server:
    bulk(server)
    cones(server)
    jobs(server)
