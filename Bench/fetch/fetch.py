"""How fast a whole table gets into Python: 5 M rows of 4 doubles as a pyarrow table, from Zij's driver and
from DuckDB, by turns, each in its own process's memory. Prints medians of wall seconds.

    python Bench/fetch/fetch.py DRIVER [ROWS] [RUNS]
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time

import adbc_driver_manager.dbapi as dbapi
import duckdb
import numpy as np
import polars
import pyarrow as pa

driver = sys.argv[1]
rows = int(sys.argv[2]) if len(sys.argv) > 2 else 5_000_000
runs = int(sys.argv[3]) if len(sys.argv) > 3 else 9
rng = np.random.default_rng(1)
table = pa.table({name: rng.normal(size=rows) for name in "abcd"})
query = "SELECT a, b, c, d FROM t"
folder = tempfile.mkdtemp()

zij = dbapi.connect(driver=driver, db_kwargs={"uri": os.path.join(folder, "t.zij")}, autocommit=True)
memory = dbapi.connect(driver=driver, db_kwargs={"uri": ":memory:"}, autocommit=True)
for connection in (zij, memory):
    with connection.cursor() as cursor:
        start = time.perf_counter()
        cursor.adbc_ingest("t", table)
        print(f"ingestion: {time.perf_counter() - start:.2f} s")
duck = duckdb.connect(os.path.join(folder, "t.duckdb"))
duck.execute("CREATE TABLE t AS SELECT * FROM \"table\"")
duck.close()
duck = duckdb.connect(os.path.join(folder, "t.duckdb"))
duck_memory = duckdb.connect()
duck_memory.execute("CREATE TABLE t AS SELECT * FROM \"table\"")
# DuckDB's own ADBC driver is in its Python module.
library = subprocess.run([sys.executable, "-c", "import _duckdb; print(_duckdb.__file__)"], capture_output=True, text=True)
duck_adbc = None
try:
    duck_adbc = dbapi.connect(driver=library.stdout.strip(), entrypoint="duckdb_adbc_init", autocommit=True)
    with duck_adbc.cursor() as cursor:
        cursor.adbc_ingest("t", table)
except Exception as error:
    print("DuckDB's ADBC:", error)


def adbc(connection):
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetch_arrow_table()


ways = {
    "Zij ADBC, stored": lambda: adbc(zij),
    "Zij ADBC, in memory": lambda: adbc(memory),
    "Zij ADBC, polars": lambda: polars.read_database(query, zij),
    "DuckDB to_arrow_table, stored": lambda: duck.sql(query).to_arrow_table(),
    "DuckDB to_arrow_table, in memory": lambda: duck_memory.sql(query).to_arrow_table(),
}
if duck_adbc:
    ways["DuckDB ADBC, in memory"] = lambda: adbc(duck_adbc)
times = {name: [] for name in ways}
for run in range(runs + 1):
    for name, way in ways.items():
        start, cpu = time.perf_counter(), time.process_time()
        result = way()
        wall, cpu = time.perf_counter() - start, time.process_time() - cpu
        assert len(result) == rows
        if run:
            times[name].append((wall, cpu))
        elif hasattr(result, "column"):
            print(f"{name}: {result.column(0).num_chunks} chunks" if hasattr(result.column(0), "num_chunks") else name)
        del result
for name, values in times.items():
    wall = statistics.median(v[0] for v in values)
    best = min(v[0] for v in values)
    print(f"{name:36} {wall:7.3f} s  best {best:7.3f}  cpu {statistics.median(v[1] for v in values):7.3f}"
          f"  {rows / wall / 1e6:8.1f} Mrow/s")
