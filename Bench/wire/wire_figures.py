"""Figures of the PostgreSQL door: python Bench/wire/wire_figures.py, with ZIJ_BIN as for Tests/Interop.

Needs psycopg and pyarrow. Prints a line a figure; each is the best of its repetitions."""
import io
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../Tests/Interop"))
import psycopg
import pyarrow.ipc
from _server import Raw, Server
from _zij import BIN

ROWS = int(os.environ.get("ZIJ_ROWS", 5_000_000))


def best(count, body):
    times = []
    for _ in range(count):
        start = time.perf_counter()
        body()
        times.append(time.perf_counter() - start)
    return min(times)


class Pieces(io.RawIOBase):
    """A COPY as a file that pyarrow reads."""

    def __init__(self, copy):
        self.pieces, self.rest = iter(copy), memoryview(b"")

    def readable(self):
        return True

    def readinto(self, target):
        if not self.rest:
            self.rest = memoryview(next(self.pieces, b""))
        count = min(len(target), len(self.rest))
        target[:count] = self.rest[:count]
        self.rest = self.rest[count:]
        return count


def bulk(connection):
    query = "SELECT a, b, c, d FROM five"

    def arrow():
        with connection.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT arrow)") as copy:
            data = b"".join(copy)
        table = pyarrow.ipc.open_stream(pyarrow.py_buffer(data)).read_all()
        assert table.num_rows == ROWS

    def raw(format):
        with connection.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT {format})") as copy:
            sum(len(piece) for piece in copy)

    def rows(binary):
        with connection.cursor(binary=binary) as cursor:
            assert len(cursor.execute(query).fetchall()) == ROWS

    print(f"Arrow COPY to a pyarrow table, {ROWS} rows of 4 doubles: {best(3, arrow):.3f} s")
    print(f"binary COPY, bytes only: {best(2, lambda: raw('binary')):.3f} s")
    print(f"CSV COPY, bytes only: {best(2, lambda: raw('csv')):.3f} s")
    if ROWS <= 5_000_000:
        print(f"binary rows to Python objects: {best(1, lambda: rows(True)):.3f} s")
        print(f"text rows to Python objects: {best(1, lambda: rows(False)):.3f} s")


def latency(connection):
    times = []
    for _ in range(3000):
        start = time.perf_counter()
        connection.pgconn.exec_(b"SELECT 1")
        times.append(time.perf_counter() - start)
    times.sort()
    print(f"SELECT 1: median {times[1500] * 1e6:.0f} us, 99 % {times[2970] * 1e6:.0f} us")
    times = []
    for _ in range(3000):
        start = time.perf_counter()
        connection.execute("SELECT 1", prepare=True).fetchone()
        times.append(time.perf_counter() - start)
    times.sort()
    print(f"SELECT 1, prepared, by psycopg: median {times[1500] * 1e6:.0f} us")


def idle(server):
    before = server.resident_bytes()
    raws = []
    for _ in range(1000):
        raw = Raw(server)
        raw.sign_on()
        raws.append(raw)
    time.sleep(1)
    grown = server.resident_bytes() - before
    print(f"1,000 idle connections: {grown / 2**20:.1f} MiB, {server.thread_count()} threads")
    with psycopg.connect(f"host=127.0.0.1 port={server.port} user=ann", autocommit=True) as connection:
        latency(connection)
    for raw in raws:
        raw.close()


def connecting():
    with tempfile.TemporaryDirectory() as folder:
        users, key, certificate = (os.path.join(folder, name) for name in ("users", "key", "cert"))
        subprocess.run([os.path.join(BIN, "zijd"), "passwd", "--users", users, "ann"], input="secret\n", text=True, check=True)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
             "-days", "2", "-subj", "/CN=localhost"], capture_output=True, check=True)
        with Server("--users", users, "--tls-cert", certificate, "--tls-key", key) as server:
            address = f"host=127.0.0.1 port={server.port} user=ann password=secret sslmode=require"

            def connect():
                psycopg.connect(address).close()

            connect()
            print(f"connect with SCRAM and TLS: {best(20, connect) * 1000:.1f} ms")


def main():
    with Server("--max-connections", "2000") as server:
        address = f"host=127.0.0.1 port={server.port} user=ann"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(
                "CREATE TABLE five AS SELECT g * 0.37 AS a, sqrt(g) AS b, sin(g) AS c, g / 7.0::double precision AS d"
                f" FROM generate_series(1, {ROWS}) AS t(g)")
            latency(connection)
            bulk(connection)
        idle(server)
    connecting()


if __name__ == "__main__":
    main()
