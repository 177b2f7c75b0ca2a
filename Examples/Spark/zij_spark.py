"""Runs one SQL query on Apache Spark, its parts on the zijd of each node.

    spark-submit zij_spark.py postgresql://127.0.0.1:5433/ \\
        "SELECT _healpix_29 >> 48 AS cell, count(*) AS n, avg(parallax) AS plx FROM gaia GROUP BY cell"

Zij cuts the query (EXPLAIN (FRAGMENTS n) names each part's rows and sky cells), Spark sends the parts
to its tasks, a task asks the zijd beside it, and Spark merges the groups' states: by key, in the order
of the table.  Sums of floating-point numbers then have the bits that Zij alone would give.
Needs pyspark, pyarrow and psycopg.
"""
import sys

import numpy as np
import psycopg
import pyarrow as pa

# Types of PostgreSQL's numbers, as Spark names them; what is not here is text.
SPARK_TYPES = {16: "boolean", 20: "bigint", 21: "smallint", 23: "int", 700: "float", 701: "double",
               1700: "decimal(38,0)"}


def cut(uri, query, count):
    """The query's fragments as (number, rows, first cell, end cell, statement, finish)."""
    with psycopg.connect(uri) as connection:
        return connection.execute(f"EXPLAIN (FRAGMENTS {count}) {query}").fetchall()


def schema_of(uri, statement):
    """The columns of a fragment in Spark's words."""
    with psycopg.connect(uri) as connection:
        columns = connection.execute(statement).description
    return ", ".join(f"{c.name} {SPARK_TYPES.get(c.type_code, 'string')}" for c in columns)


def run_fragments(uri):
    """For mapInArrow: statements in, states of groups out. Runs on the executors."""
    def run(batches):
        with psycopg.connect(uri) as connection:
            for batch in batches:
                for statement in batch.column(0).to_pylist():
                    cursor = connection.execute(statement)
                    names = [column.name for column in cursor.description]
                    types = [SPARK_TYPES.get(column.type_code) for column in cursor.description]
                    rows = cursor.fetchall()
                    if rows:
                        columns = [pa.array(values, arrow_type(kind))
                                   for values, kind in zip(zip(*rows), types)]
                        yield pa.RecordBatch.from_arrays(columns, names)
    return run


def arrow_type(kind):
    return {"boolean": pa.bool_(), "bigint": pa.int64(), "smallint": pa.int16(), "int": pa.int32(),
            "float": pa.float32(), "double": pa.float64(),
            "decimal(38,0)": pa.decimal128(38, 0)}.get(kind, pa.string())


def merge_states(table):
    """For applyInArrow: all states of one key into one, in the order of the morsels."""
    table = table.sort_by("morsel")
    columns = []
    for name in table.column_names[1:]:
        values = table.column(name).combine_chunks()
        columns.append(pa.array([merged(name.split("_")[0], values)], values.type))
    return pa.table(columns, names=table.column_names[1:])


def merged(kind, values):
    known = values.drop_null()
    if kind == "key" or len(known) == 0:
        return values[0].as_py()
    if kind in ("count", "sum") and pa.types.is_floating(values.type):
        # One after the other: numpy's sum would add in another order.
        return float(np.cumsum(known.to_numpy(zero_copy_only=False))[-1])
    if kind in ("count", "sum"):
        return sum(known.to_pylist())
    # NaN is greater than every number, as in SQL.
    order = sorted(known.to_pylist(), key=lambda value: (value != value, value))
    return order[0] if kind == "min" else order[-1]


def query(spark, uri, text, fragment_count=8):
    """The answer as a DataFrame of Spark."""
    fragments = cut(uri, text, fragment_count)
    statements = [(row[4],) for row in fragments]
    schema = schema_of(uri, statements[0][0])
    keys = [part.split()[0] for part in schema.split(", ") if part.startswith("key_")]
    parts = spark.createDataFrame(statements, "statement string").repartition(len(statements))
    states = parts.mapInArrow(run_fragments(uri), schema)
    without_morsel = schema.split(", ", 1)[1]
    states.groupBy(*keys).applyInArrow(merge_states, without_morsel).createOrReplaceTempView("merged")
    return spark.sql(fragments[0][5])


if __name__ == "__main__":
    from pyspark.sql import SparkSession
    session = SparkSession.builder.appName("zij").getOrCreate()
    query(session, sys.argv[1], sys.argv[2]).show(20, truncate=False)
