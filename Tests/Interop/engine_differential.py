"""Random SELECTs over small tables with NULLs: zij must answer as SQLite does.

The generator is seeded: ZIJ_SEED chooses another run, ZIJ_QUERIES its length.
"""
import os
import random
import sqlite3

from _differential import answers, comparable, printed_rows
from _zij import Checks

SEED = int(os.environ.get("ZIJ_SEED", "20"))
COUNT = int(os.environ.get("ZIJ_QUERIES", "2000"))
rng = random.Random(SEED)
check = Checks()

TABLES = {
    "r": {"id": "int", "a": "int", "x": "double precision", "s": "text"},
    "q": {"id": "int", "b": "int", "y": "double precision", "t": "text"},
    "empty": {"id": "int", "c": "int", "z": "double precision", "u": "text"},
}
WORDS = ["", "a", "b", "ab", "abcdefgh", "abcdefghi", "abcdefghij", "B", "z", "ä"]


def value(kind):
    if rng.random() < 0.2:
        return None
    if kind == "int":
        return rng.randint(-3, 6)
    if kind == "double precision":
        return rng.randint(-6, 12) / 2
    return rng.choice(WORDS)


def literal(item):
    if item is None:
        return "NULL"
    if isinstance(item, str):
        return "'" + item.replace("'", "''") + "'"
    return repr(item)


class Query:
    """Builds one query; `columns` are the typed names that are in scope."""

    def __init__(self):
        self.columns = {"int": [], "double precision": [], "text": []}
        self.source = self.make_source()

    def add(self, table, alias):
        for name, kind in TABLES[table].items():
            self.columns[kind].append(f"{alias}.{name}")

    def make_source(self):
        first = rng.choice(["r", "r", "q", "q", "q", "empty"])
        shape = rng.random()
        self.add(first, "l")
        if shape < 0.25:
            return f"{first} AS l"
        if shape < 0.4:
            return self.derived(first)
        second = rng.choice(["r", "q", "q", "empty"])
        self.add(second, "m")
        if shape < 0.5:
            return f"{first} AS l, {second} AS m"
        kind = rng.choice(["JOIN", "LEFT JOIN", "RIGHT JOIN", "LEFT JOIN"])
        keys = list(TABLES[second].items())
        terms = []
        for _ in range(rng.randint(1, 2)):
            name, wanted = rng.choice(keys)
            mine = [c for c in self.columns[wanted] if c.startswith("l.")]
            terms.append(f"{rng.choice(mine)} = m.{name}")
        if rng.random() < 0.35:
            terms.append(self.condition(1))
        return f"{first} AS l {kind} {second} AS m ON " + " AND ".join(terms)

    def derived(self, table):
        """A subquery or WITH table that has the table's columns, under the alias l."""
        condition = self.condition(1).replace("l.", "i.") if rng.random() < 0.7 else "1 = 1"
        limit = f" ORDER BY id LIMIT {rng.randint(0, 30)}" if rng.random() < 0.5 else ""
        distinct = rng.choice(["", "DISTINCT "])
        return f"(SELECT {distinct}* FROM {table} AS i WHERE {condition}{limit}) AS l"

    def number(self, depth):
        pick = rng.random()
        if depth == 0 or pick < 0.4:
            return rng.choice(self.columns["int"])
        if pick < 0.55:
            return literal(rng.randint(-4, 7))
        if pick < 0.75:
            return f"({self.number(depth - 1)} {rng.choice('+-*')} {self.number(depth - 1)})"
        if pick < 0.85:
            # The divisor is never 0: SQLite gives NULL, zij an error.
            return f"({self.number(depth - 1)} {rng.choice('/%')} {rng.choice([2, 3, -2])})"
        if pick < 0.93:
            return f"coalesce({self.number(depth - 1)}, {self.number(depth - 1)})"
        return self.case(depth, self.number)

    def real(self, depth):
        pick = rng.random()
        if depth == 0 or pick < 0.5:
            return rng.choice(self.columns["double precision"])
        if pick < 0.65:
            return literal(rng.randint(-8, 15) / 2)
        if pick < 0.85:
            return f"({self.real(depth - 1)} {rng.choice('+-*')} {self.either(depth - 1)})"
        if pick < 0.93:
            return f"abs({self.real(depth - 1)})"
        return self.case(depth, self.real)

    def either(self, depth):
        return self.number(depth) if rng.random() < 0.5 else self.real(depth)

    def text(self, depth):
        pick = rng.random()
        if depth == 0 or pick < 0.5:
            return rng.choice(self.columns["text"])
        if pick < 0.65:
            return literal(rng.choice(WORDS))
        if pick < 0.8:
            return f"({self.text(depth - 1)} || {self.text(depth - 1)})"
        if pick < 0.9:
            return f"coalesce({self.text(depth - 1)}, {literal(rng.choice(WORDS))})"
        return self.case(depth, self.text)

    def case(self, depth, make):
        branches = " ".join(
            f"WHEN {self.condition(depth - 1)} THEN {make(depth - 1)}" for _ in range(rng.randint(1, 3)))
        other = f" ELSE {make(depth - 1)}" if rng.random() < 0.6 else ""
        return f"CASE {branches}{other} END"

    def condition(self, depth):
        pick = rng.random()
        if depth > 0 and pick < 0.3:
            joined = f" {rng.choice(['AND', 'OR'])} ".join(
                self.condition(depth - 1) for _ in range(rng.randint(2, 3)))
            return f"({joined})"
        if depth > 0 and pick < 0.4:
            return f"(NOT {self.condition(depth - 1)})"
        make = rng.choice([self.either, self.either, self.text])
        below = max(0, depth - 1)
        if pick < 0.65:
            op = rng.choice(["=", "<>", "<", "<=", ">", ">="])
            return f"{make(below)} {op} {make(below)}"
        if pick < 0.75:
            return f"{make(below)} IS {rng.choice(['', 'NOT '])}NULL"
        if pick < 0.87:
            kind = {self.text: "text"}.get(make, rng.choice(["int", "double precision"]))
            items = [literal(value(kind)) for _ in range(rng.randint(1, 4))]
            inner = self.text if kind == "text" else self.either
            if rng.random() < 0.2:
                items.append(inner(below))
            return f"{inner(below)} {rng.choice(['', 'NOT '])}IN ({', '.join(items)})"
        if pick < 0.95:
            return f"{make(below)} {rng.choice(['', 'NOT '])}BETWEEN {make(below)} AND {make(below)}"
        return f"{self.text(below)} {rng.choice(['', 'NOT '])}LIKE {literal(rng.choice(['%a%', 'ab_%', '', '%', '_', '%h_']))}"

    def order(self, count):
        places = rng.sample(range(1, count + 1), count)
        return ", ".join(
            f"{place} {rng.choice(['ASC', 'DESC'])} NULLS {rng.choice(['FIRST', 'LAST'])}" for place in places)

    def where(self):
        return f" WHERE {self.condition(2)}" if rng.random() < 0.6 else ""

    def plain(self):
        items = [rng.choice([self.number, self.real, self.text])(2) for _ in range(rng.randint(1, 4))]
        distinct = "DISTINCT " if rng.random() < 0.25 else ""
        return items, f"SELECT {distinct}{', '.join(items)} FROM {self.source}{self.where()}"

    def aggregate(self, isNumber=False):
        name = rng.choice(["count", "sum", "min", "max", "avg", "count"])
        distinct = "DISTINCT " if rng.random() < 0.25 and name in ("count", "sum") else ""
        make = self.text if not isNumber and name in ("min", "max", "count") and rng.random() < 0.3 else self.either
        call = f"{name}({distinct}{make(1)})" if rng.random() < 0.85 else "count(*)"
        return call + (f" FILTER (WHERE {self.condition(1)})" if rng.random() < 0.25 else "")

    def grouped(self):
        keys = [rng.choice([self.number, self.text, self.real])(1) for _ in range(rng.randint(0, 2))]
        keys = [key for key in keys if any(c in key for c in "abcdefghijklmnopqrstuvwxyz") and "." in key]
        items = keys + [self.aggregate() for _ in range(rng.randint(1, 3))]
        sql = f"SELECT {', '.join(items)} FROM {self.source}{self.where()}"
        if keys:
            sql += " GROUP BY " + ", ".join(str(place + 1) for place in range(len(keys)))
            if rng.random() < 0.3:
                sql += f" HAVING {self.aggregate(isNumber=True)} {rng.choice(['<', '>', '<>'])} {rng.randint(-2, 5)}"
        return items, sql

    def sql(self):
        """The query and whether its order is fixed: only if all columns take part in it."""
        items, sql = self.plain() if rng.random() < 0.6 else self.grouped()
        if rng.random() < 0.5:
            sql += f" ORDER BY {self.order(len(items))}"
            if rng.random() < 0.5:
                sql += f" LIMIT {rng.choice([0, 1, 3, 10, 10000])}"
                if rng.random() < 0.5:
                    sql += f" OFFSET {rng.choice([0, 1, 4, 5000])}"
            return sql, True
        return sql, False


def setup():
    statements = []
    for name, columns in TABLES.items():
        statements.append(
            f"CREATE TABLE {name} (" + ", ".join(f"{c} {kind}" for c, kind in columns.items()) + ")")
        for start in range(0, {"r": 40, "q": 25, "empty": 0}[name], 10):
            rows = []
            for number in range(start, start + 10):
                cells = [literal(number)] + [literal(value(kind)) for kind in list(columns.values())[1:]]
                rows.append("(" + ", ".join(cells) + ")")
            statements.append(f"INSERT INTO {name} VALUES " + ", ".join(rows))
    return statements


def main():
    database = sqlite3.connect(":memory:")
    database.execute("PRAGMA case_sensitive_like = ON")
    tables = setup()
    for statement in tables:
        database.execute(statement)
    queries = []
    while len(queries) < COUNT:
        sql, isOrdered = Query().sql()
        try:
            expected = database.execute(sql).fetchall()
        except sqlite3.Error:
            continue
        queries.append((sql, isOrdered, expected))
    printed, errors = answers(tables + [sql for sql, _, _ in queries])
    check("zij ends as it should", len(printed) == len(tables) + COUNT, errors[-300:])
    for (sql, isOrdered, expected), lines in zip(queries, printed[len(tables):]):
        wanted = comparable(expected, isOrdered)
        found = comparable(printed_rows(lines), isOrdered)
        check(sql, wanted == found, f"seed {SEED}: {found[:6]} instead of {wanted[:6]} ({len(found)}/{len(wanted)})")


main()
check.end()
