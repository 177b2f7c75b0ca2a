"""Arrow IPC streams: pyarrow reads what zij writes, value by value, in every type, with NULLs, without
rows, in many batches; with units and UCDs; to files and to standard output."""
import datetime
import decimal
import os
import shutil
import subprocess
import tempfile

import numpy as np
import pyarrow as pa
import pyarrow.orc as orc

from _zij import BIN, Checks, run

check = Checks()
folder = tempfile.mkdtemp(prefix="zij-arrow-")
ROWS = 70_000
rng = np.random.default_rng(17)


def path(name):
    return os.path.join(folder, name)


def holes(values, every=7):
    return [None if i % every == 3 else v for i, v in enumerate(values)]


def zij(*commands):
    arguments = [word for command in commands for word in ("-c", command)]
    return run("zij", *arguments, ":memory:")


def read(name):
    table = pa.ipc.open_stream(path(name)).read_all()
    table.validate(full=True)
    return table


def copied(name, query, *before):
    """What pyarrow reads from the result of a query."""
    result = zij(*before, f"COPY ({query}) TO '{path('x.arrows')}'")
    if result.returncode != 0:
        check(name, False, result.stderr[:300])
        return None
    try:
        return read("x.arrows")
    except Exception as error:
        check(name, False, error)
        return None


def same(a, b):
    """Equal values, NaN like NaN, and -0 unlike 0."""
    a, b = a.combine_chunks(), b.combine_chunks()
    if a.type != b.type or a.null_count != b.null_count:
        return False
    if pa.types.is_floating(a.type):
        if not a.is_null().equals(b.is_null()):
            return False
        width = np.uint32 if a.type.bit_width == 32 else np.uint64
        return np.array_equal(a.drop_null().to_numpy().view(width), b.drop_null().to_numpy().view(width))
    return a.equals(b)


def compare(name, ours, theirs):
    check(f"{name}: {theirs.num_rows} rows", ours is not None and ours.num_rows == theirs.num_rows,
          ours is not None and ours.num_rows)
    for column in theirs.column_names if ours is not None else []:
        ok = same(ours.column(column), theirs.column(column))
        check(f"{name}: {column} {theirs.column(column).type}", ok,
              f"{ours.column(column)[:4]} for {theirs.column(column)[:4]}")


def words(count):
    return ["" if i % 11 == 0 else "Größe " * (i % 5) + str(i * 7919 % 100) for i in range(count)]


def integers(bits, count):
    limit = 2 ** (bits - 1)
    return [-limit, limit - 1, 0, -1] + [int(x) for x in rng.integers(-limit, limit - 1, count - 4)]


# Every type that ORC brings in, with NULLs and without.
floats = np.concatenate([[np.nan, np.inf, -np.inf, -0.0, 5e-324], rng.normal(size=ROWS - 5)])
columns = {
    "flag": pa.array(holes([i % 3 == 0 for i in range(ROWS)])),
    "flag_all": pa.array([i % 5 < 2 for i in range(ROWS)]),
    **{f"i{bits}": pa.array(integers(bits, ROWS), pa.int64()).cast(f"int{bits}") for bits in (8, 16, 32, 64)},
    "i64_holes": pa.array(holes(integers(64, ROWS)), pa.int64()),
    "f32": pa.array(floats.astype(np.float32)),
    "f64": pa.array(floats),
    "f64_holes": pa.array(holes(floats.tolist())),
    "dec": pa.array(holes([decimal.Decimal(i - 7) / 100 for i in range(ROWS)]), pa.decimal128(12, 2)),
    "text": pa.array(holes(words(ROWS))),
    "few": pa.array(["red", "green", None, "blue"] * (ROWS // 4)),
    "none": pa.array([None] * ROWS, pa.string()),
    "bytes": pa.array([bytes([i & 255, 0, 255]) * (i % 4) for i in range(ROWS)]),
    "day": pa.array([datetime.date(1900, 1, 1) + datetime.timedelta(days=i) for i in range(ROWS)]),
    "time": pa.array([i * 999_999_999_937 - 10 ** 17 for i in range(ROWS)]).cast(pa.timestamp("ns")),
    "list": pa.array(holes([list(range(i % 4)) for i in range(ROWS)]), pa.list_(pa.int32())),
    "lists": pa.array([[[str(i)], [], None, ["a", None]][: i % 5] for i in range(ROWS)],
                      pa.list_(pa.list_(pa.string()))),
    "struct": pa.array(holes([{"a": i, "b": str(i) if i % 3 else None} for i in range(ROWS)]),
                       pa.struct([("a", pa.int64()), ("b", pa.string())])),
    "map": pa.array([[(str(k), k * 0.5) for k in range(i % 3)] for i in range(ROWS)],
                    pa.map_(pa.string(), pa.float64())),
}
table = pa.table(columns)
orc.write_table(table, path("all.orc"))
ours = copied("all types", f"SELECT * FROM '{path('all.orc')}'")
if ours is not None:
    # The names inside of a map are free, so compare the pairs.
    ours = ours.set_column(ours.column_names.index("map"), "map", ours.column("map").cast(table.schema.field("map").type))
compare("all types", ours, table)
with pa.ipc.open_stream(path("x.arrows")) as stream:
    sizes = [batch.num_rows for batch in stream]
check("batches are put together", len(sizes) < ROWS / 8192 and max(sizes) > 8192, sizes)

number = "SELECT generate_series AS i, generate_series * 0.25 AS q FROM generate_series(1, 200000)"
ours = copied("numbers", number)
with pa.ipc.open_stream(path("x.arrows")) as stream:
    sizes = [batch.num_rows for batch in stream]
check("64 Ki rows in a batch of numbers", sizes[0] >= 65_536 and sum(sizes) == 200_000, sizes)
check("their values", ours["i"].to_pylist() == list(range(1, 200_001)) and ours["q"][199_999].as_py() == 50_000)

# After a filter batches have any size, and masks do not begin at a multiple of 64.
filtered = copied("filter", f"SELECT * FROM '{path('all.orc')}' WHERE i64 % 3 = 0")
mask = pa.array([v % 3 == 0 for v in table["i64"].to_pylist()])
if filtered is not None:
    theirs = table.filter(mask)
    compare("after a filter", filtered.drop_columns(["map"]), theirs.drop_columns(["map"]))

# Shapes of the sky are structures of doubles with extension names.
sky = copied("sky", "SELECT POINT(10, -20) AS p, CIRCLE(1, 2, 0.5) AS c, POLYGON(0, 0, 1, 0, 0, 1) AS g "
             "FROM generate_series(1, 3)")
check("a point", sky["p"].to_pylist() == [{"lon": 10.0, "lat": -20.0}] * 3, sky["p"])
check("a circle", sky["c"].to_pylist() == [{"lon": 1.0, "lat": 2.0, "radius": 0.5}] * 3, sky["c"])
corners = [{"lon": a, "lat": b} for a, b in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)]]
check("a polygon", sky["g"].to_pylist() == [corners] * 3, sky["g"])
names = [sky.schema.field(i).metadata[b"ARROW:extension:name"] for i in range(3)]
check("extension names", names == [b"zij.point", b"zij.circle", b"zij.polygon"], names)

# Constants, NULL without a type, text of many kinds, no rows.
mixed = copied("constants", "SELECT 'x' AS c, NULL AS n, repeat('ab', 500000) AS big, i, CAST(NULL AS bigint) AS m "
               "FROM generate_series(1, 3000) AS s(i)")
check("a constant", mixed["c"].to_pylist() == ["x"] * 3000)
check("nothing but NULL", mixed["n"].null_count == 3000 and mixed["m"].null_count == 3000)
check("3 GB of text", mixed["big"].num_chunks > 1 and mixed["big"][2999].as_py() == "ab" * 500_000)
del mixed
empty = copied("no rows", f"SELECT * FROM '{path('all.orc')}' WHERE i64 = 123456789012345")
check("no rows", empty.num_rows == 0 and empty.column_names == table.column_names)
one = copied("one row", "SELECT 1 AS a")
check("one row", one.to_pylist() == [{"a": 1}])
twice = copied("same names", "SELECT 1 AS a, 2 AS a")
check("columns of one name", [c.to_pylist() for c in twice.columns] == [[1], [2]], twice)

# What is known of a column.
known = copied(
    "metadata", "SELECT * FROM s",
    "CREATE TABLE s (ra double precision UNIT 'deg' UCD 'pos.eq.ra' DESCRIPTION 'Rechtszählung')")
wanted = {b"zij.unit": b"deg", b"zij.ucd": b"pos.eq.ra", b"zij.description": "Rechtszählung".encode()}
check("unit, UCD and description", known.schema.field("ra").metadata == wanted, known.schema.field("ra").metadata)

# Other ways out.
raw = subprocess.run([os.path.join(BIN, "zij"), "-c", "COPY (SELECT 1 AS a, 'ü' AS t) TO STDOUT (FORMAT arrow)", ":memory:"],
                     capture_output=True, stdin=subprocess.DEVNULL, timeout=60)
check("to standard output", raw.returncode == 0 and pa.ipc.open_stream(raw.stdout).read_all().to_pylist() == [{"a": 1, "t": "ü"}],
      raw.stderr)
result = zij(f"\\copy (SELECT 2 AS b) TO '{path('y.arrows')}'")
check("through \\copy", result.returncode == 0 and read("y.arrows").to_pylist() == [{"b": 2}], result.stderr)
result = zij(f"COPY (SELECT 1) TO '{path('z.arrows')}' (delimiter ',')")
check("an option that it does not have", result.returncode and "delimiter" in result.stderr, result.stderr)

shutil.rmtree(folder)
check.end()
