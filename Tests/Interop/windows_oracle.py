"""Random window queries: zij must answer as DuckDB does, in memory and over tables stored in order.

The generator is seeded: ZIJ_SEED chooses another run, ZIJ_QUERIES its length.
"""
import csv
import io
import math
import os
import random
import subprocess
import tempfile

import duckdb

from _zij import BIN, Checks

SEED = int(os.environ.get("ZIJ_SEED", "17"))
COUNT = int(os.environ.get("ZIJ_QUERIES", "500"))
ZIJ = os.path.join(BIN, "zij")
rng = random.Random(SEED)
check = Checks()

COLUMNS = {"id": "int", "g": "int", "s": "text", "i": "int", "x": "double precision", "b": "boolean"}
# Rows, different partitions, and whether the table is large: then only quick queries are asked.
TABLES = {"few": (70, 5), "one": (1, 1), "none": (0, 1), "runs": (2500, 40), "large": (70000, 9000),
          "heavy": (70000, 2)}
WORDS = ["", "a", "ab", "abcdefgh", "abcdefghi", "abcdefghj", "z", "ä"]


def row(number, groups):
    def maybe(value, share=0.15):
        return None if rng.random() < share else value

    x = rng.choice([math.nan, -0.0, 0.0, 1e300, -1.5]) if rng.random() < 0.1 else rng.randint(-8, 8) / 4
    return [number, maybe(rng.randrange(groups), 0.05), maybe(rng.choice(WORDS)),
            maybe(rng.randint(-4, 9)), maybe(x), maybe(rng.random() < 0.5)]


def window(isTotal=False):
    """Partitions, order, and whether no two rows are peers; `isTotal` demands that."""
    partitions = rng.choice([[], ["g"], ["g"], ["g"], ["s"], ["g", "s"], ["i % 3"], ["x"]])
    order = rng.choice([[], ["i"], ["x"], ["s"], ["g", "i"], ["i", "x"], ["id"], ["id"]])
    keys = [f"{key} {rng.choice(['ASC', 'ASC', 'DESC'])} NULLS {rng.choice(['FIRST', 'LAST', 'LAST'])}"
            for key in order]
    if isTotal and "id" not in order:
        keys.append("id")
    text = ("PARTITION BY " + ", ".join(partitions) + " " if partitions else "")
    return text + ("ORDER BY " + ", ".join(keys) if keys else ""), order


def bound(isStart, offsets):
    if not offsets:
        return rng.choice(["UNBOUNDED PRECEDING" if isStart else "UNBOUNDED FOLLOWING", "CURRENT ROW"])
    return rng.choice(
        ["UNBOUNDED PRECEDING" if isStart else "UNBOUNDED FOLLOWING", "CURRENT ROW",
         f"{rng.choice(offsets)} PRECEDING", f"{rng.choice(offsets)} FOLLOWING"])


PLACES = ["UNBOUNDED PRECEDING", "PRECEDING", "CURRENT ROW", "FOLLOWING", "UNBOUNDED FOLLOWING"]


def place(text):
    return max(index for index, name in enumerate(PLACES) if text.endswith(name))


def frame(units, offsets):
    while True:
        start, end = bound(True, offsets), bound(False, offsets)
        if place(start) <= place(end):
            return f" {units} BETWEEN {start} AND {end}"


def call(isLarge):
    """A call whose answer no order of peers changes."""
    kind = rng.random()
    if kind < 0.15:
        name = rng.choice(["rank()", "dense_rank()", "percent_rank()", "cume_dist()"])
        return f"{name} OVER ({window()[0]})"
    if kind < 0.3:
        name = rng.choice(
            ["row_number()", f"ntile({rng.randint(1, 7)})", f"lag({rng.choice('isxb')})", f"lead({rng.choice('isx')})",
             f"lag(i, {rng.randint(-1, 4)}, -7)", f"lead(s, {rng.randint(0, 3)}, 'none')", "lag(x, i)"])
        return f"{name} OVER ({window(isTotal=True)[0]})"
    units = rng.random()
    if units < 0.25:
        (text, order), shape = window(), ""
    elif units < 0.4:
        (text, order), shape = window(), frame("RANGE", [])
    elif units < 0.7:
        (text, order), shape = window(isTotal=True), frame("ROWS", [0, 1, 2, 5, 100])
    elif units < 0.85:
        text, order = window()
        key = rng.choice(["i", "x", "id"])
        head = text.split("ORDER BY")[0]
        text = f"{head}ORDER BY {key} {rng.choice(['ASC', 'DESC'])} NULLS {rng.choice(['FIRST', 'LAST'])}"
        shape = frame("RANGE", ["0", "1", "2", "0.5" if key == "x" else "3"])
    else:
        text, order = window()
        while not order:
            text, order = window()
        shape = frame("GROUPS", [0, 1, 2, 5])
    if rng.random() < 0.3 and "ROWS" in shape:
        name = rng.choice(["first_value", "last_value", "nth_value"])
        argument = rng.choice("isx") + (f", {rng.randint(1, 4)}" if name == "nth_value" else "")
        return f"{name}({argument}) OVER ({text}{shape})"
    name = rng.choice(["sum(i)", "sum(x)", "avg(i)", "avg(x)", "count(*)", "count(i)", "min(i)", "max(x)",
                       "min(s)", "max(s)", "min(x)", "max(id)", "sum(id)", "bool_and(b)", "stddev_samp(i)",
                       "var_pop(i)", "covar_samp(i, id)"] + ([] if isLarge else ["median(i)"]))
    where = f" FILTER (WHERE {rng.choice(['i > 2', 'b', 's IS NULL', 'x < 1'])})" if rng.random() < 0.2 else ""
    return f"{name}{where} OVER ({text}{shape})"


def query(name, isLarge):
    calls = [call(isLarge) for _ in range(rng.randint(1, 3))]
    where = f" WHERE {rng.choice(['i > 0', 'b', 'x IS NOT NULL', 'id % 3 <> 0'])}" if rng.random() < 0.3 else ""
    sql = f"SELECT id, {', '.join(calls)} FROM {name}{where}"
    # Of many rows some are looked at; the condition must not reach below the window.
    return (f"SELECT * FROM ({sql}) AS t WHERE id % 211 = 7" if isLarge else sql) + " ORDER BY id"


def literal(item):
    if item is None:
        return "NULL"
    if isinstance(item, str):
        return "'" + item + "'"
    if isinstance(item, float) and item != item:
        return "'NaN'"
    return repr(item).lower()


def cell(item):
    """A cell in a form in which both programs' answers can be compared."""
    if item is None or item == "":
        return ""
    if isinstance(item, bool):
        return "t" if item else "f"
    if item in ("t", "f"):
        return item
    try:
        number = float(item)
    except ValueError:
        return item.replace("\x01", "")
    if number != number:
        return "nan"
    return number


def isSame(first, second):
    """Numbers to nine digits: both programs round, in different orders."""
    if isinstance(first, float) and isinstance(second, float):
        return math.isclose(first, second, rel_tol=1e-9, abs_tol=1e-9)
    return first == second


def zij_answers(database, statements):
    text = "".join(f"{sql};\nSELECT '#{number}' AS mark;\n" for number, sql in enumerate(statements))
    arguments = [ZIJ, "-n", "-q", "-t", "--csv"] + ([database] if database else [])
    done = subprocess.run(arguments, input=text, capture_output=True, text=True, timeout=900)
    answers, current = [], []
    for line in done.stdout.splitlines():
        if line == f"#{len(answers)}":
            answers.append(current)
            current = []
        else:
            current.append(line)
    check("zij ends as it should", len(answers) == len(statements), done.stderr[-500:])
    if done.stderr:
        print(done.stderr[:2000])
    return answers


def main():
    duck = duckdb.connect()
    creates, clustered = [], []
    with tempfile.TemporaryDirectory() as folder:
        for name, (count, groups) in TABLES.items():
            columns = ", ".join(f"{column} {kind}" for column, kind in COLUMNS.items())
            rows = [row(number, groups) for number in range(count)]
            duck.execute(f"CREATE TABLE {name} ({columns})")
            path = os.path.join(folder, f"{name}.csv")
            with open(path, "w") as file:
                for cells in rows:
                    file.write(",".join("" if item is None else '""' if item == "" else str(item) for item in cells) + "\n")
            if rows:
                duck.execute(
                    f"COPY {name} FROM '{path}' (HEADER false, NULLSTR '', ALLOW_QUOTED_NULLS false)")
            # Few rows come in many statements, each a segment of its own.
            load = [f"COPY {name} FROM '{path}' (FORMAT csv, HEADER false)"] if count > 100 else [
                f"INSERT INTO {name} VALUES (" + ", ".join(literal(item) for item in cells) + ")" for cells in rows]
            creates += [f"CREATE TABLE {name} ({columns})"] + load
            order = "g, i" if name in ("large", "heavy", "few") else "s, g, id"
            clustered += [f"CREATE TABLE {name} ({columns}) CLUSTER BY ({order})"] + load
        queries = []
        while len(queries) < COUNT:
            name = rng.choice(["few"] * 12 + ["runs"] * 6 + ["one", "none", "large", "large", "heavy"])
            sql = query(name, name in ("large", "heavy", "runs"))
            queries.append((sql, duck.execute(sql).fetchall()))
        for place, setup, database in [("memory", creates, None), ("disk", clustered, os.path.join(folder, "o.zij"))]:
            answers = zij_answers(database, setup + [sql for sql, _ in queries])
            for (sql, expected), lines in zip(queries, answers[len(setup):]):
                wanted = [tuple(cell(item) for item in cells) for cells in expected]
                found = [tuple(cell(item) for item in cells) for cells in csv.reader(io.StringIO("\n".join(lines)))]
                different = [
                    pair for pair in zip(found, wanted) if not all(map(isSame, *pair))][:3]
                check(f"{place}: {sql}", len(found) == len(wanted) and not different,
                      f"seed {SEED}: {different} ({len(found)}/{len(wanted)})")


main()
check.end()
