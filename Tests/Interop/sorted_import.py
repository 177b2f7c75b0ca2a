"""An import of more rows than fit in memory: what order, how much memory, and what a kill leaves.

The judges: healpy for the order of the sky, numpy for sorting, /proc for memory, hashes for bytes.
"""
import glob
import hashlib
import os
import random
import signal
import subprocess
import tempfile
import time

import healpy
import numpy
import pyarrow
import pyarrow.orc

from _zij import BIN, Checks

ROWS = 1_200_000
LIMIT_MB = 64
check = Checks()
seed = random.randrange(1 << 30)
print("seed", seed)
source = numpy.random.default_rng(seed)


def files(database, pattern="tables/*/*"):
    return sorted(glob.glob(os.path.join(database, pattern)))


def hashes(database):
    return [hashlib.sha256(open(path, "rb").read()).hexdigest()
            for path in files(database, "tables/*/*.orc")]


def command(database, *statements):
    line = [os.path.join(BIN, "zij"), "-q"]
    for statement in statements:
        line += ["-c", statement]
    return line + [database]


def peak_anonymous_mb(process):
    """Waits for its end."""
    peak = 0
    while process.poll() is None:
        try:
            with open(f"/proc/{process.pid}/status") as status:
                for line in status:
                    if line.startswith("RssAnon:"):
                        peak = max(peak, int(line.split()[1]) / 1024)
        except OSError:
            pass
        time.sleep(0.005)
    return peak


def table(database, name, columns, folder):
    """The rows of a table in storage order."""
    path = os.path.join(folder, "out.orc")
    subprocess.run(command(database, f"COPY (SELECT {columns} FROM {name}) TO '{path}'"), check=True)
    return pyarrow.orc.ORCFile(path).read()


with tempfile.TemporaryDirectory() as folder:
    ra, dec = source.uniform(0, 360, ROWS), numpy.degrees(numpy.arcsin(source.uniform(-1, 1, ROWS)))
    dec[source.integers(0, ROWS, 50)] = 95.0
    numbers = source.integers(0, 5000, ROWS)
    isnull = source.random(ROWS) < 0.1
    data = pyarrow.table({
        "id": pyarrow.array(numpy.arange(ROWS)), "ra": ra, "dec": dec,
        "n": pyarrow.array(numbers.astype("int32"), mask=isnull),
        "s": pyarrow.array([f"object {x}" for x in numbers * 7919 % 5000]),
        "x": source.normal(size=ROWS), "y": source.normal(size=ROWS)})
    path = os.path.join(folder, "rows.orc")
    pyarrow.orc.write_table(data, path, compression="zstd")

    orders = dict(sky="SKY(ra, dec)", columns="(n, s)")
    limit = f"SET memory_limit = '{LIMIT_MB}MB'"
    create = [f"CREATE TABLE {name} AS SELECT * FROM '{path}' CLUSTER BY {order}"
              for name, order in orders.items()]
    database = os.path.join(folder, "a.zij")
    process = subprocess.Popen(command(database, limit, *create))
    peak = peak_anonymous_mb(process)
    check("the import succeeds", process.returncode == 0)
    # What a program takes that does nothing, and the limit with a quarter.
    allowed = LIMIT_MB * 1.25 + 32
    check(f"its memory peaks at {peak:.0f} MB, at most {allowed:.0f}", peak <= allowed)
    check("nothing is left in temp", not files(database, "temp/*"))

    # Rows off the sky come last; equal rows stay as they came.
    on_sky = numpy.abs(dec) <= 90
    cells = numpy.full(ROWS, numpy.iinfo("int64").max)
    cells[on_sky] = healpy.ang2pix(1 << 29, ra[on_sky], dec[on_sky], nest=True, lonlat=True)
    expected = numpy.argsort(cells, kind="stable")
    ids = table(database, "sky", "id", folder)["id"].to_numpy()
    check("the sky's order is healpy's", numpy.array_equal(ids, expected))
    texts = (numbers * 7919 % 5000).astype("int64")
    rank = numpy.argsort(numpy.argsort([f"object {x}" for x in range(5000)]))
    keys = numpy.where(isnull, 5000, numbers)
    expected = numpy.lexsort((numpy.arange(ROWS), rank[texts], keys))
    whole = table(database, "columns", "id, n, s, x, y", folder)
    check("the columns' order is numpy's", numpy.array_equal(whole["id"].to_numpy(), expected))
    taken = data.take(pyarrow.array(expected)).select(["id", "n", "s", "x", "y"])
    check("every value is that of its row", taken.equals(whole.cast(taken.schema)))

    # With less memory than this, runs are cut where it ends, which is not the same every time.
    ample = "SET memory_limit = '192MB'"
    again = [os.path.join(folder, name) for name in ("b.zij", "c.zij")]
    for copy in again:
        subprocess.run(command(copy, ample, *create), check=True)
    check("the same file gives the same bytes", sorted(hashes(again[0])) == sorted(hashes(again[1])))

    for attempt in range(8):
        killed = os.path.join(folder, f"killed{attempt}.zij")
        process = subprocess.Popen(command(killed, limit, create[0]))
        delay = random.uniform(0.05, 3)
        time.sleep(delay)
        process.send_signal(signal.SIGKILL if attempt % 2 else signal.SIGINT)
        process.wait()
        interrupted = process.returncode != 0
        count = subprocess.run(
            command(killed, "SELECT count(*) FROM sky"), capture_output=True, text=True)
        name = f"stopped after {delay:.2f} s"
        if interrupted:
            check(f"{name}: there is no table", "42P01" in count.stderr, count.stdout + count.stderr)
            left = files(killed) + files(killed, "temp/*")
            check(f"{name}: and no file", not left, str(left))
        else:
            check(f"{name}: it had ended", str(ROWS) in count.stdout, count.stderr)
check.end()
