"""ORC files in FROM and COPY: what pyarrow writes, in every type and compression, is read value by
value; pyarrow reads what zij writes; the format's own example files give what pyarrow sees in them."""
import datetime
import decimal
import glob
import itertools
import json
import math
import os
import shutil
import struct
import tempfile

import numpy as np
import pyarrow as pa
import pyarrow.orc as orc

from _zij import Checks, run

check = Checks()
folder = tempfile.mkdtemp(prefix="zij-orc-")
ROWS = 12000
rng = np.random.default_rng(31)
decimal.getcontext().prec = 60
EPOCH = datetime.datetime(1970, 1, 1)


def path(name):
    return os.path.join(folder, name)


def zij(*commands):
    arguments = [word for command in commands for word in ("-c", command)]
    return run("zij", "--json", *arguments, ":memory:")


def lines(result):
    """Rows with their floating-point numbers and decimals as they are written."""
    return json.loads(result.stdout, parse_float=str, parse_int=lambda text: text if text == "-0" else int(text))


def same_float(ours, theirs, code):
    if theirs != theirs:
        return ours == "NaN"
    if math.isinf(theirs):
        return ours == ("Infinity" if theirs > 0 else "-Infinity")
    return struct.pack(code, float(ours)) == struct.pack(code, theirs)


def same(ours, theirs):
    """A value of zij's JSON and an Arrow scalar."""
    kind = theirs.type
    if not theirs.is_valid:
        return ours is None
    if ours is None:
        return False
    if pa.types.is_dictionary(kind):
        return same(ours, theirs.cast(kind.value_type))
    if pa.types.is_boolean(kind):
        return ours is theirs.as_py()
    if pa.types.is_integer(kind):
        return type(ours) is int and ours == theirs.as_py()
    if pa.types.is_floating(kind):
        return same_float(ours, theirs.as_py(), "<f" if kind.bit_width == 32 else "<d")
    if pa.types.is_decimal(kind):
        return decimal.Decimal(ours) == theirs.as_py()
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return ours == theirs.as_py()
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return ours == "\\x" + theirs.as_py().hex()
    if pa.types.is_date(kind):
        return ours == theirs.as_py().isoformat()
    if pa.types.is_timestamp(kind):
        return nanoseconds(ours) == theirs.cast(pa.timestamp("ns", kind.tz)).value
    if pa.types.is_map(kind):
        entries = theirs.values
        return len(ours) == len(entries) and all(
            same(o["key"], e["key"]) and same(o["value"], e["value"]) for o, e in zip(ours, entries))
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return len(ours) == len(theirs.values) and all(map(same, ours, theirs.values))
    if pa.types.is_struct(kind):
        return all(same(ours[field.name], theirs[field.name]) for field in kind)
    raise AssertionError(f"no comparison for {kind}")


def nanoseconds(text):
    """Of `2024-01-01 00:00:00.123456789`; proleptic Gregorian."""
    whole, _, fraction = text.partition(".")
    seconds = (datetime.datetime.fromisoformat(whole) - EPOCH) // datetime.timedelta(seconds=1)
    return seconds * 10 ** 9 + int(fraction.ljust(9, "0") or 0)


def compare(name, file, table, options="", step=1):
    result = zij(f"SELECT * FROM '{file}' {options}")
    if result.returncode != 0:
        check(name, False, result.stderr[:300])
        return
    got = lines(result)
    check(f"{name}: {table.num_rows} rows", len(got) == table.num_rows, len(got))
    for column in table.column_names:
        values = table.column(column)
        bad = [i for i in range(0, min(len(got), table.num_rows), step) if not same(got[i][column], values[i])]
        check(f"{name}: {column} {values.type}", not bad,
              bad and f"row {bad[0]}: {got[bad[0]][column]!r}, not {values[bad[0]]!r}")


def holes(values, every=7):
    return [None if i % every == 3 else v for i, v in enumerate(values)]


def whole(kind):
    limits = np.iinfo(kind)
    return [int(n) for n in rng.integers(limits.min, limits.max, ROWS, dtype=kind, endpoint=True)]


WORDS = ["", "a", "é", "名前", "x" * 300, '"', "\n", "NULL"]
words = [WORDS[k] + str(i % 50) * (k % 3) for i, k in enumerate(rng.integers(0, len(WORDS), ROWS))]
digits = [decimal.Decimal(int(n)) / 1000 for n in rng.integers(-10 ** 15, 10 ** 15, ROWS)]
wide = [decimal.Decimal(f"{int(a)}{abs(int(b)):018}").scaleb(-20) for a, b in
        zip(rng.integers(-10 ** 15, 10 ** 15, ROWS), rng.integers(0, 10 ** 18, ROWS))]
bits = rng.integers(0, 0x7FF << 52, ROWS, dtype=np.uint64).view(np.float64)
singles = rng.integers(0, 0xFF << 23, ROWS, dtype=np.uint32).view(np.float32)
for special, value in enumerate([math.nan, math.inf, -math.inf, -0.0, 5e-324]):
    bits[special * 900] = value
    singles[special * 900] = value
times = [int(n) for n in rng.integers(-2 * 10 ** 18, 4 * 10 ** 18, ROWS)]
lists = [list(map(int, rng.integers(-9, 9, i % 6))) for i in range(ROWS)]
columns = {
    "flag": pa.array(holes([bool(b) for b in rng.integers(0, 2, ROWS)])),
    "i8": pa.array(holes(whole(np.int8)), pa.int8()), "i16": pa.array(holes(whole(np.int16)), pa.int16()),
    "i32": pa.array(holes(whole(np.int32)), pa.int32()), "i64": pa.array(whole(np.int64), pa.int64()),
    "steps": pa.array(holes(list(range(0, 3 * ROWS, 3))), pa.int64()),
    "runs": pa.array([i // 1000 for i in range(ROWS)], pa.int32()),
    "f32": pa.array(singles), "f64": pa.array(bits), "none": pa.array([None] * ROWS, pa.int32()),
    "d15": pa.array(holes(digits), pa.decimal128(18, 3)), "d38": pa.array(holes(wide), pa.decimal128(38, 20)),
    "word": pa.array(holes(words)), "few": pa.array([WORDS[i % 3] for i in range(ROWS)]),
    "bytes": pa.array(holes([bytes(rng.integers(0, 256, i % 9, dtype=np.uint8)) for i in range(ROWS)]), pa.binary()),
    "day": pa.array(holes([int(n) for n in rng.integers(-700000, 2900000, ROWS)]), pa.int32()).cast(pa.date32()),
    "time": pa.array(holes(times), pa.timestamp("ns")), "utc": pa.array(holes(times), pa.timestamp("ns", "UTC")),
    "list": pa.array(holes(lists), pa.list_(pa.int64())),
    "nested": pa.array(holes([[[w], None, []] for w in words]), pa.list_(pa.list_(pa.string()))),
    "map": pa.array(holes([[(w, i)] * (i % 3 > 0) for i, w in enumerate(words)]), pa.map_(pa.string(), pa.int32())),
    "both": pa.array(holes([{"x": i / 3, "w": w} for i, w in enumerate(words)]),
                     pa.struct([("x", pa.float64()), ("w", pa.string())])),
}
table = pa.table(columns)
for compression, (stride, threshold) in itertools.product(
        ["uncompressed", "zlib", "snappy", "lz4", "zstd"], [(10000, 0.0), (1000, 0.9)]):
    orc.write_table(table, path("p.orc"), compression=compression, row_index_stride=stride,
                    dictionary_key_size_threshold=threshold, stripe_size=1 << 20)
    compare(f"pyarrow {compression} {stride} {threshold}", path("p.orc"), table)
orc.write_table(table.slice(0, 0), path("empty.orc"))
compare("no rows", path("empty.orc"), table.slice(0, 0))
compare("columns", path("p.orc"), table.select(["word", "i8"]), "(columns => (word, i8))")

# What zij writes: all columns, and after a table in between.
for name, source in [("directly", f"(SELECT * FROM '{path('p.orc')}')"), ("from a table", "t")]:
    result = zij(f"CREATE TABLE t AS SELECT * FROM '{path('p.orc')}'", f"COPY {source} TO '{path('ours.orc')}'")
    check(f"zij writes {name}", result.returncode == 0, result.stderr)
    back = orc.read_table(path("ours.orc"))
    check(f"pyarrow counts {name}", back.num_rows == ROWS and back.column_names == table.column_names, back.num_rows)
    compare(f"zij reads its own {name}", path("ours.orc"), table)
    for column in table.column_names:
        theirs = back.column(column).combine_chunks()
        mine = table.column(column).combine_chunks()
        if pa.types.is_timestamp(mine.type):
            theirs, mine = theirs.cast(pa.int64()), mine.cast(pa.int64())
        equal = theirs.cast(mine.type).equals(mine)
        if pa.types.is_floating(mine.type):
            code = "<d" if mine.type.bit_width == 64 else "<f"
            equal = all(a.as_py() != a.as_py() if b.as_py() != b.as_py()
                        else struct.pack(code, a.as_py()) == struct.pack(code, b.as_py())
                        for a, b in zip(theirs, mine))
        check(f"pyarrow reads {name}: {column}", equal, f"{theirs[:5]} {mine[:5]}")

# A damaged file names itself, and a COPY that fails leaves nothing.
data = bytearray(open(path("p.orc"), "rb").read())
for at in range(len(data) // 4, len(data) // 4 * 3, 61):
    data[at] ^= 0x55
with open(path("bad.orc"), "wb") as out:
    out.write(data)
simple = "flag boolean, i8 tinyint, i64 bigint, f64 double precision, word text, bytes bytea, few text, time timestamp"
result = zij(f"CREATE TABLE t ({simple})", f"COPY t FROM '{path('bad.orc')}'")
check("damage is an error", result.returncode and "bad.orc" in result.stderr, result.stderr)
database = path("d.zij")
run("zij", "-c", f"CREATE TABLE t ({simple})", database)
run("zij", "-c", f"COPY t FROM '{path('bad.orc')}'", database)
left = run("zij", "-At", "-c", "SELECT count(*) FROM t", database).stdout.strip()
check("a COPY that fails leaves nothing", left == "0", left)
segments = glob.glob(os.path.join(database, "tables", "**", "*.orc"), recursive=True)
check("nor files", not segments, segments)

# The format's own example files, as pyarrow reads them.
for file in sorted(glob.glob(os.path.join(os.environ.get("ZIJ_FIXTURES", ""), "orc", "*.orc"))):
    name = os.path.basename(file)
    try:
        theirs = orc.read_table(file)
    except Exception as error:
        result = zij(f"SELECT count(*) AS n FROM '{file}'")
        print(f"pyarrow refuses {name}: {str(error)[:80]}; zij says {(result.stderr or result.stdout).strip()[:90]}")
        continue
    result = zij(f"SELECT * FROM '{file}' LIMIT 1")
    if result.returncode != 0:
        known = any(word in result.stderr for word in ["not supported", "unknown ORC version", "lzo"])
        check(f"{name} is refused with a reason", known, result.stderr[:200])
        continue
    # Written when decimals had no scale of their own: pyarrow cuts them off behind six digits.
    if name == "orc-file-11-format.orc":
        theirs = theirs.drop_columns(["decimal1"])
    compare(name, file, theirs, step=1 + theirs.num_rows // 5000)
shutil.rmtree(folder)
check.end()
