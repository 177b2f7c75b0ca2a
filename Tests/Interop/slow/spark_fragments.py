"""Spark runs a query's fragments on zijd and merges them to the bits of the embedded engine, and
reads a published snapshot's ORC files by itself.  Needs Java and pyspark; prints `N passed, N failed`."""
import glob
import os
import struct
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(HERE), os.path.join(HERE, "..", "..", "..", "Examples", "Spark")]
import zij_spark
from _server import Server
from _zij import BIN

ROWS = 600_000
TABLE = (
    "CREATE TABLE stars CLUSTER BY SKY(ra, dec) AS SELECT x AS id, "
    "(x * 137.50776405) - 360 * floor(x * 137.50776405 / 360) AS ra, "
    f"degrees(asin(2.0 * (x - 0.5) / {ROWS} - 1)) AS dec, "
    "sqrt(x) / 3 AS flux, CASE WHEN x % 10 = 3 THEN NULL ELSE 20 - log10(x) END AS mag "
    f"FROM generate_series(1, {ROWS}) AS s(x)")
QUERIES = [
    "SELECT _healpix_29 >> 52 AS cell, count(*) AS n, sum(flux) AS f, avg(mag) AS m, min(mag) AS lo, "
    "max(flux) AS hi FROM stars GROUP BY cell",
    "SELECT avg(flux) AS f, id % 7 AS k FROM stars WHERE dec > -30 AND mag < 17 GROUP BY k",
    "SELECT count(*) AS n, sum(flux) AS f FROM stars WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(10, 20, 30))",
]
passed = failed = 0


def check(name, good, detail=""):
    global passed, failed
    passed, failed = passed + bool(good), failed + (not good)
    if not good:
        print(f"FAILED {name} {detail}")


def bits(rows):
    """Rows as a set in which only equal bits are equal."""
    return sorted(tuple(struct.pack("<d", v).hex() if isinstance(v, float) else
                        None if v is None else str(v) for v in row) for row in rows)


def main():
    from pyspark.sql import SparkSession
    import psycopg
    os.environ["PYSPARK_PYTHON"] = sys.executable
    spark = (SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
             .config("spark.sql.shuffle.partitions", "4").getOrCreate())
    spark.sparkContext.setLogLevel("ERROR")
    spark.sparkContext.addPyFile(zij_spark.__file__)
    try:
        with Server("--auth", "trust") as server:
            uri = f"postgresql://zij@127.0.0.1:{server.port}/test"
            with psycopg.connect(uri, autocommit=True) as connection:
                connection.execute(TABLE)
                for text in QUERIES:
                    whole = connection.execute(text).fetchall()
                    for count in (1, 5, 16):
                        start = time.perf_counter()
                        answer = [tuple(row) for row in zij_spark.query(spark, uri, text, count).collect()]
                        print(f"{count} fragments, {len(answer)} rows, {time.perf_counter() - start:.2f} s")
                        check(f"{text} in {count}", bits(answer) == bits(whole),
                              f"{bits(answer)[:2]} {bits(whole)[:2]}")
                fragments = zij_spark.cut(uri, QUERIES[0], 16)
                cells = [(int(f[2]), int(f[3])) for f in fragments]
                check("tiles ascend over the sky", all(a[1] <= b[0] for a, b in zip(cells, cells[1:])))
                check("tiles hold all rows", sum(int(f[1]) for f in fragments) == ROWS)
                refused(connection, fragments[0][4])
                published(spark, connection, server.folder)
    finally:
        spark.stop()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def refused(connection, statement):
    """A table that has changed since it was cut gives an error, not other rows."""
    import psycopg
    connection.execute("CREATE TABLE other AS SELECT 1 AS x")
    try:
        connection.execute(statement)
        check("a changed database is noticed", False)
    except psycopg.Error as error:
        check("a changed database is noticed", error.sqlstate == "55000", error)


def published(spark, connection, folder):
    """Plain Spark SQL over the files that the manifest names."""
    files = [os.path.join(folder, "test.zij", row[0]) for row in connection.execute(
        "SELECT path FROM zij.segments WHERE table_name = 'stars' ORDER BY path").fetchall()]
    present = glob.glob(os.path.join(folder, "test.zij", "tables", "*", "[0-9]*.orc"))
    check("the manifest names files that are there", set(files) <= set(present), f"{files} {present}")
    frame = spark.read.orc(*files) if len(files) == 1 else spark.read.orc(files)
    frame.createOrReplaceTempView("stars")
    ours = connection.execute("SELECT count(*), sum(id), max(flux), count(mag) FROM stars").fetchone()
    theirs = spark.sql("SELECT count(*), sum(id), max(flux), count(mag) FROM stars").collect()[0]
    check("Spark counts and sums the same", [float(v) for v in ours] == [float(v) for v in theirs],
          f"{ours} {theirs}")


if __name__ == "__main__":
    sys.exit(main())
