"""VOTables as COPY writes them: astropy reads the values that zij's JSON shows, STILTS finds no fault."""
import json
import math
import os
import tempfile
import warnings

import numpy as np
from astropy.io import votable

from _tap import STILTS, stilts
from _zij import Checks, run

check = Checks()
warnings.simplefilter("ignore")
folder = tempfile.mkdtemp(prefix="zij-votable-")
FLOATS = "CASE i % 6 WHEN 0 THEN NULL WHEN 1 THEN 'NaN' WHEN 2 THEN 'Infinity' WHEN 3 THEN '-Infinity' "
TEXTS = ["", "a<b>&\"c\"'d'", "two\nlines", " blanks ", "]]>", "tab\tcr\r"]

# Name, expression of the row number i, and how a value of JSON becomes one of VOTable.
COLUMNS = [
    ("b", "CASE WHEN i % 4 = 0 THEN NULL ELSE i % 2 = 0 END"),
    ("i8", "CAST(NULLIF(i % 100, 7) AS tinyint)"),
    ("i16", "CAST((NULLIF(i, 3) % 1000 - 500) * 60 AS smallint)"),
    ("i32", "CAST(NULLIF(i, 5) * -700000 AS integer)"),
    ("i64", "NULLIF(i, 9) * 3000000000000000"),
    ("f32", f"CAST({FLOATS} ELSE CAST(i * 0.1 AS text) END AS real)"),
    ("f64", f"CAST({FLOATS} ELSE CAST(i * 0.1 AS text) END AS double precision)"),
    ("dec", "CAST(NULLIF(i, 4) AS decimal(10, 2)) / 8"),
    ("t", "CASE i % 8 " + " ".join(
        f"WHEN {n} THEN '{text.replace(chr(39), chr(39) * 2)}'" for n, text in enumerate(TEXTS))
        + " WHEN 6 THEN NULL ELSE 'plain ' || CAST(i AS text) END"),
    ("d", "DATE '2024-02-28' + CAST(NULLIF(i, 6) AS integer)"),
    ("ts", "CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN TIMESTAMP '2024-02-28 23:59:59.5' "
           "ELSE TIMESTAMP '1899-12-31 00:00:00' END"),
    ("p", "CASE WHEN i % 3 = 0 THEN NULL ELSE POINT(i * 0.25, -i * 0.05) END"),
    ("c", "CASE WHEN i % 3 = 1 THEN NULL ELSE CIRCLE(i * 0.25, 5, 0.5) END"),
    ("pg", "CASE WHEN i % 3 = 2 THEN NULL ELSE POLYGON(0, 0, 1, 0, i * 0.01, 1) END"),
    ("li", "CASE i % 4 WHEN 0 THEN NULL WHEN 1 THEN ARRAY[i, NULL, -i] ELSE ARRAY[i] END"),
    ("lf", "CASE i % 4 WHEN 0 THEN NULL ELSE ARRAY[i * 0.5, NULL, CAST('NaN' AS double precision)] END"),
    ("lt", "CASE i % 4 WHEN 0 THEN NULL ELSE ARRAY['x<' || CAST(i AS text), NULL] END"),
    ("n", "NULL"),
]


def usable():
    """Those of the columns that this zij can compute."""
    good = []
    for name, expression in COLUMNS:
        result = run("zij", "-c", f"SELECT {expression} AS {name} FROM generate_series(1, 2) AS g(i)",
                     ":memory:")
        check(f"{name} can be asked", result.returncode == 0, result.stderr)
        if result.returncode == 0:
            good.append((name, expression))
    return good


def floats(value):
    """Numbers of JSON; those that it has not come as text."""
    if isinstance(value, str):
        return float(value.replace("Infinity", "inf"))
    return value


def same(name, cell, wanted, is_text):
    """Whether astropy's cell is what JSON says."""
    if wanted is None:
        if name in ("t", "d", "ts", "lt", "n") or isinstance(cell, np.ndarray) and cell.dtype.kind in "US":
            return cell is np.ma.masked or str(cell) == ""
        if isinstance(cell, np.ndarray):
            return cell.size == 0 or bool(np.all(np.ma.getmaskarray(cell) | ~np.isfinite(
                np.ma.filled(np.ma.asarray(cell, dtype=float), np.nan))))
        return cell is np.ma.masked or cell is None or (isinstance(cell, float) and math.isnan(cell))
    if name == "lt":
        return json.loads(str(cell)) == wanted
    if name == "ts":
        return str(cell) == wanted.replace(" ", "T")
    if isinstance(wanted, list):
        flat = [floats(x) for item in wanted for x in (item if isinstance(item, list) else [item])]
        got = np.ma.filled(np.ma.asarray(cell, dtype=float).ravel(), np.nan)
        return len(got) == len(flat) and all(
            math.isnan(g) if w is None or math.isnan(w) else g == w for g, w in zip(got, flat))
    if name in ("f32", "f64", "dec"):
        wanted = floats(wanted)
        if name == "f32":
            wanted = float(np.float32(wanted))
        if math.isnan(wanted):
            return cell is np.ma.masked or math.isnan(float(cell))
        return cell is not np.ma.masked and float(cell) == wanted
    return cell is not np.ma.masked and (str(cell) == wanted if isinstance(wanted, str) else cell == wanted)


def compare(columns, rows, serialization):
    path = os.path.join(folder, f"{serialization}-{rows}.vot")
    items = ", ".join(f"{expression} AS {name}" for name, expression in columns)
    query = f"SELECT {items} FROM generate_series(1, {rows}) AS g(i)"
    label = f"{serialization}, {rows} rows"
    result = run(
        "zij", "-c",
        f"COPY ({query}) TO '{path}' WITH (FORMAT votable, serialization '{serialization}')", ":memory:")
    if result.returncode != 0:
        return check(f"{label}: written", False, result.stderr)
    wanted = json.loads(run("zij", "--json", "-c", query, ":memory:").stdout)
    table = votable.parse_single_table(path).array
    check(f"{label}: rows", len(table) == rows, len(table))
    for name, _ in columns:
        for row in range(len(table)):
            expected = wanted[row][name]
            if serialization == "tabledata" and name == "t":
                # NULL and the empty text are one there, and astropy strips blanks.
                expected = (expected or "").strip() or None
            if not same(name, table[name][row], expected, False):
                check(f"{label}: {name}", False, f"row {row}: {table[name][row]!r}, not {expected!r}")
                break
        else:
            check(f"{label}: {name}", True)
    if STILTS:
        if serialization == "binary2":
            # votlint 3.4.7 reads the length of a polygon twice, where xtype says that it is one.
            items = ", ".join(f"{expression} AS {name}" for name, expression in columns if name != "pg")
            run("zij", "-c", f"COPY (SELECT {items} FROM generate_series(1, {rows}) AS g(i)) TO '{path}' "
                             "WITH (FORMAT votable, serialization 'binary2')", ":memory:")
        status, text = stilts("votlint", f"votable={path}")
        faults = [line for line in text.splitlines() if line.startswith(("ERROR", "WARNING"))]
        check(f"{label}: votlint", status == 0 and not faults, faults[:5] or text[:300])
    else:
        print("skipped votlint: stilts is not installed")


columns = usable()
for serialization in ("tabledata", "binary2"):
    for rows in (0, 1, 1000, 3000):
        compare(columns, rows, serialization)
check.end()
