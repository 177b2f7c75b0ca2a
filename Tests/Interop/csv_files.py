"""CSV files written by pandas, pyarrow and DuckDB, in many dialects and compressions: zij must read
the same values; and they must read what zij writes."""
import bz2
import csv
import datetime
import gzip
import itertools
import math
import os
import shutil
import struct
import subprocess
import sys
import tempfile

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv

from _zij import BIN, Checks, rows, run

check = Checks()
folder = tempfile.mkdtemp(prefix="zij-csv-")
ROWS = 3000
rng = np.random.default_rng(11)


def path(name):
    return os.path.join(folder, name)


def bits(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


PIECES = ["a", "é", "名", ",", ";", "|", "\t", '"', "\n", "\r\n", " ", "NULL", "\\N", "1", "'", "\u00a0"]
texts = ["".join(rng.choice(PIECES, size=rng.integers(1, 6))) for _ in range(ROWS)]
# Doubles of every exponent, written with all their digits.
doubles = rng.integers(0, 0x7FE << 52, size=ROWS, dtype=np.uint64).view(np.float64)
doubles[::2] *= -1
longs = rng.integers(np.iinfo(np.int64).min, np.iinfo(np.int64).max, size=ROWS, endpoint=True)
days = [datetime.date(1900, 1, 1) + datetime.timedelta(int(d)) for d in rng.integers(0, 70000, ROWS)]
times = [datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=int(u))
         for u in rng.integers(0, 1 << 51, ROWS)]
flags = [bool(b) for b in rng.integers(0, 2, ROWS)]


def same(ours, theirs):
    if theirs is None or isinstance(theirs, float) and math.isnan(theirs):
        return ours is None or ours == "NaN"
    if isinstance(theirs, float):
        return ours is not None and bits(float(ours)) == bits(theirs)
    if isinstance(theirs, bool):
        return ours is theirs
    if isinstance(theirs, int):
        return not isinstance(ours, bool) and ours is not None and int(ours) == theirs
    if isinstance(theirs, datetime.datetime):
        return ours is not None and datetime.datetime.fromisoformat(ours.rstrip("Z")) == theirs
    if isinstance(theirs, datetime.date):
        return ours == theirs.isoformat()
    return ours == theirs


def compare(name, file, columns, options=""):
    """Reads a file and compares it, column by column, with the values it was made of."""
    try:
        got = rows(":memory:", f"SELECT * FROM '{file}' {options}")
    except AssertionError as error:
        check(name, False, str(error)[:300])
        return
    count = len(next(iter(columns.values())))
    check(f"{name}: {count} rows", len(got) == count, len(got))
    keys = list(got[0]) if got else []
    for key, (column, values) in zip(keys, columns.items()):
        bad = [i for i in range(min(count, len(got))) if not same(got[i][key], values[i])]
        check(f"{name}: {column}", not bad,
              bad and f"row {bad[0]}: {got[bad[0]][key]!r}, not {values[bad[0]]!r}")


# pandas: every combination of delimiter, line end, quoting and header.
frame = pd.DataFrame({"n": longs, "x": doubles, "s": texts, "f": flags})
columns = {"n": [int(n) for n in longs], "x": [float(x) for x in doubles], "s": texts, "f": flags}
quotings = {"minimal": csv.QUOTE_MINIMAL, "all": csv.QUOTE_ALL, "text": csv.QUOTE_NONNUMERIC}
for (label, delimiter), end, (style, quoting), header in itertools.product(
        {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "blank": " "}.items(),
        ["\n", "\r\n"], quotings.items(), [True, False]):
    name = f"pandas {label} {end!r} {style} {'header' if header else 'bare'}"
    file = path("p.csv")
    frame.to_csv(file, sep=delimiter, lineterminator=end, quoting=quoting, header=header, index=False)
    compare(name, file, columns)

# NULL and the empty text; NaN; names and columns that are chosen.
frame = pd.DataFrame({"s": ["", "NA", None, "x"], "x": [1.5, None, 2.5, math.nan]})
frame.to_csv(path("na.csv"), index=False, na_rep="-9")
compare("pandas na_rep", path("na.csv"),
        {"s": ["", "NA", None, "x"], "x": [1.5, None, 2.5, None]}, "(null => '-9')")
compare("columns", path("na.csv"), {"x": [1.5, None, 2.5, None]}, "(null => '-9', columns => (X))")
compare("names", path("na.csv"), {"a": ["", "NA", None, "x"], "b": [1.5, None, 2.5, None]},
        "(null '-9', names (a, b))")
open(path("nan.csv"), "w").write("x,y\nnan,1\n2.5,NaN\n,-inf\n")
got = rows(":memory:", f"SELECT x = 'NaN' AS x, y IS NULL AS y FROM '{path('nan.csv')}' (nan => 'keep')")
check("nan => 'keep'", got == [{"x": True, "y": False}, {"x": False, "y": False}, {"x": None, "y": False}], got)
compare("nan => 'null'", path("nan.csv"),
        {"x": [None, 2.5, None], "y": [1.0, None, "-Infinity"]}, "(nan => 'null')")

# Dates and timestamps; a byte order mark.
frame = pd.DataFrame({"d": days, "t": times})
frame.to_csv(path("dates.csv"), index=False, encoding="utf-8-sig")
compare("pandas dates and a mark", path("dates.csv"), {"d": days, "t": times})

# pyarrow, through each compression, whatever the file is called; NULL and the empty text apart.
some = [None if i % 7 == 3 else "" if i % 7 == 5 else texts[i] for i in range(ROWS)]
floats = [None if i % 5 == 2 else float(doubles[i]) for i in range(ROWS)]
table = pa.table({"n": pa.array([None if i % 3 == 1 else int(longs[i]) for i in range(ROWS)], pa.int64()),
                  "x": pa.array(floats, pa.float64()), "s": pa.array(some, pa.string()),
                  "d": pa.array(days, pa.date32()), "t": pa.array(times, pa.timestamp("us"))})
columns = {name: table.column(name).to_pylist() for name in table.column_names}
for compression, delimiter, header in itertools.product(
        [None, "gzip", "bz2", "zstd"], [",", ";", "\t", "|"], [True, False]):
    file = path("arrow.csv." + {"gzip": "gz", "bz2": "bz2", "zstd": "zst", None: "x"}[compression])
    options = pacsv.WriteOptions(include_header=header, delimiter=delimiter)
    with (pa.CompressedOutputStream(file, compression) if compression else pa.OSFile(file, "wb")) as out:
        pacsv.write_csv(table, out, options)
    compare(f"pyarrow {compression} {delimiter!r} {'header' if header else 'bare'}", file, columns)
    misnamed = path("wrong-name.txt")
    shutil.copy(file, misnamed)
compare("the name says nothing", misnamed, columns)

# DuckDB's own.
connection = duckdb.connect()
connection.register("t", table)
for options in ["", ", DELIMITER ';', HEADER false", ", COMPRESSION gzip", ", COMPRESSION zstd, DELIMITER '|'",
                ", FORCE_QUOTE *"]:
    connection.execute(f"COPY t TO '{path('duck.csv')}' (FORMAT csv{options})")
    compare(f"duckdb {options}", path("duck.csv"), columns)

# Members behind each other, and a text that decompresses to far more than itself.
text = "a,b\n" + "".join(f"{i},{i / 7!r}\n" for i in range(40000))
lines = text.encode().splitlines(keepends=True)
pieces = [b"".join(lines[i:i + 9001]) for i in range(0, len(lines), 9001)]
expected = {"a": list(range(40000)), "b": [i / 7 for i in range(40000)]}
for name, compress in [("gzip", gzip.compress), ("bzip2", bz2.compress),
                       ("zstd", lambda data: pa.compress(data, "zstd", asbytes=True))]:
    with open(path("members"), "wb") as out:
        out.write(b"".join(map(compress, pieces)))
    compare(f"{name} members", path("members"), expected)
with gzip.open(path("bomb.gz"), "wb", compresslevel=9) as out:
    out.write(b"a,b\n")
    for _ in range(100):
        out.write(b"12345,67890\n" * 300_000)
watcher = (f"import resource, subprocess; subprocess.run([{os.path.join(BIN, 'zij')!r}, '--json', '-c',"
           f" \"SELECT count(*) AS n, sum(a) AS s FROM '{path('bomb.gz')}'\", ':memory:']);"
           " print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
result = subprocess.run([sys.executable, "-c", watcher], capture_output=True, text=True, timeout=300)
lines = result.stdout.splitlines()
check("a bomb of 360 MB is counted", '"n":30000000' in result.stdout.replace(" ", ""), result.stdout + result.stderr)
check("in little memory", lines and int(lines[-1]) < 120_000, lines[-1:])


# What goes wrong says where.
def error(name, content, options, *words):
    with open(path("bad.csv"), "wb") as out:
        out.write(content)
    result = run("zij", "--json", "-c", f"SELECT * FROM '{path('bad.csv')}' {options}", ":memory:")
    check(name, result.returncode > 0 and all(word in result.stderr for word in words),
          f"{result.returncode} {result.stderr}")


error("an unknown option", b"a\n1\n", "(headr => true)", "unknown option for CSV", "headr => true", "^^^^",
      'Did you mean "header"?', "delimiter", "sample")
error("a wrong value", b"a\n1\n", "(header, delimiter => 'xy')", "one byte", "^^^^")
error("an unknown format", b"a\n1\n", "(FORMAT parkett)", "parkett", "^^^^", "csv")
error("Latin-1", "a,b\nétoile,1\n".encode("latin-1"), "", "line 2", '"a"', "iconv")
error("Latin-1 in names", "é,b\nx,1\n".encode("latin-1"), "", "line 1", "iconv")
error("UTF-16", "a,b\nx,1\n".encode("utf-16"), "", "UTF-16")
error("cut off", gzip.compress(b"a,b\n" + b"1,2\n" * 9999)[:-9], "", "bad.csv", "gzip", "end too early")
error("a wrong checksum", gzip.compress(b"a,b\n" + b"1,2\n" * 9999)[:-8] + b"12345678", "", "incorrect data check")
error("xz", b"\xfd7zXZ\0" + bytes(99), "", "xz", "unpack")
error("too many fields", b"a,b\n" + b"1,2\n" * 5000 + b"1,2,3\n", "", "line 5002", "3 fields instead of 2")
late = b"a,b\n" + b"1,2\n" * 400_000 + b"1,x\n" + b"1,2\n" * 100_000
error("a late text", late, "", "line 400002", '"b"', "bigint", "sample => 'all'")
late = rows(":memory:", f"SELECT count(*) AS n FROM '{path('bad.csv')}' (sample => 'all') WHERE b = 'x'")
check("sample => 'all'", late == [{"n": 1}], late)

# Files that several workers read: rows in the file's order, line ends in quotes, lines in messages.
count = 300_000
remarks = [f'a {i}, "b"\nand\r\n\n{i}' if i % 5 == 0 else f"plain {i}" * (i % 4) for i in range(count)]
frame = pd.DataFrame({"id": range(count), "x": rng.normal(size=count), "remark": remarks})
for name, quoting in [("minimal", csv.QUOTE_MINIMAL), ("all", csv.QUOTE_ALL), ("none", None)]:
    if quoting is None:
        frame["remark"] = "no quotes at all, ".replace(",", "") * 3
    frame.to_csv(path("long.csv"), index=False, quoting=quoting if quoting is not None else csv.QUOTE_MINIMAL)
    size = os.path.getsize(path("long.csv"))
    got = run("zij", "-At", "-c", f"SELECT id, length(remark) FROM '{path('long.csv')}'", ":memory:").stdout.splitlines()
    # The empty text is NULL unless it stands in quotes.
    wanted = [f"{i}|{len(r) if r or name == 'all' else ''}" for i, r in enumerate(frame["remark"])]
    check(f"{size >> 20} MiB in parts, quotes {name}", size > 10 << 20 and got == wanted,
          [(g, w) for g, w in zip(got, wanted) if g != w][:3])
with open(path("long.csv"), "rb") as file:
    long = file.read()
for place in [0.2, 0.55, 0.999]:
    at = long.index(b"\n", int(len(long) * place)) + 1
    error(f"a bad record at {place}", long[:at] + b"1,2,3,4\n" + long[at:], "",
          f"line {long[:at].count(10) + 1}:", "4 fields instead of 3")
    error(f"a bad value at {place}", long[:at] + b"x1,2,3\n" + long[at:], "(sample => 100)",
          f"line {long[:at].count(10) + 1},", '"id"')

# Pipes.
pipe = os.path.join(BIN, "zij")
result = subprocess.run([pipe, "--json", "-c", "SELECT a, b FROM '/dev/stdin' (delimiter ';')", ":memory:"],
                        input=gzip.compress(b"a;b\n1;2\n"), capture_output=True, timeout=60)
check("a compressed pipe", b'"a":1' in result.stdout.replace(b" ", b""), result.stdout + result.stderr)

# What zij writes, read by others.
load = f"CREATE TABLE t (n bigint, x double precision, s text, d date, t timestamp); COPY t FROM '{path('arrow.csv.x')}'; "
pacsv.write_csv(table, path("arrow.csv.x"))
for label, delimiter, header in itertools.product([",", ";", "|", "\\t"], [None], ["true", "false"]):
    result = run("zij", "-c", load + f"COPY t TO '{path('ours.csv')}' (FORMAT csv, DELIMITER '{label}', HEADER {header})",
                 ":memory:")
    check(f"zij writes {label} {header}", result.returncode == 0, result.stderr)
    back = pacsv.read_csv(
        path("ours.csv"),
        read_options=pacsv.ReadOptions(column_names=None if header == "true" else table.column_names),
        parse_options=pacsv.ParseOptions(delimiter="\t" if label == "\\t" else label, newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            column_types=table.schema, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False,
            timestamp_parsers=[pacsv.ISO8601]))
    for name in table.column_names:
        check(f"pyarrow reads {label} {header}: {name}", back.column(name).equals(table.column(name)),
              f"{back.column(name)[:9]} {table.column(name)[:9]}")
    seen = pd.read_csv(path("ours.csv"), sep="\t" if label == "\\t" else label,
                       header=0 if header == "true" else None, keep_default_na=False, na_values={0: [""], "n": [""]},
                       dtype={"n": "Int64", 0: "Int64"})
    check(f"pandas reads {label} {header}",
          list(seen.iloc[:, 2]) == [s or "" for s in some]
          and [None if pd.isna(n) else int(n) for n in seen.iloc[:, 0]] == columns["n"], f"{len(seen)} rows")
shutil.rmtree(folder)
check.end()
