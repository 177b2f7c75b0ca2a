"""Random INSERTs, DELETEs, transactions and savepoints: the same rows as in SQLite, also after closing."""
import random
import sqlite3
import subprocess
import tempfile
import os

from _zij import BIN, Checks

check = Checks()
seed = int(os.environ.get("ZIJ_SEED", random.randrange(1 << 30)))
print("seed", seed)
random.seed(seed)


def condition():
    kind = random.randrange(5)
    if kind == 0:
        return f"a = {random.randrange(60)}"
    if kind == 1:
        low = random.randrange(60)
        return f"a BETWEEN {low} AND {low + random.randrange(8)}"
    if kind == 2:
        return f"b < {random.randrange(-5, 5)} AND a % 3 = {random.randrange(3)}"
    if kind == 3:
        return "c IS NULL" if random.random() < 0.3 else f"c = 'v{random.randrange(9)}'"
    return f"b IN ({random.randrange(20)}, {random.randrange(20)})"


def row():
    text = "NULL" if random.random() < 0.1 else f"'v{random.randrange(9)}'"
    return f"({random.randrange(60)}, {random.randrange(-10, 20)}, {text})"


def script(count):
    """Statements that succeed in both; `True` stands for a query to be compared."""
    depth, statements = [], []
    inside = False
    while len(statements) < count or inside:
        kind = random.random()
        table = random.choice(["t", "u"])
        if kind < 0.35:
            values = ", ".join(row() for _ in range(random.choice([1, 1, 2, 5, 40])))
            statements.append(f"INSERT INTO {table} VALUES {values}")
        elif kind < 0.4:
            statements.append(f"INSERT INTO {table} SELECT a + 1, b - 1, c FROM t WHERE a % 5 = 1")
        elif kind < 0.6:
            statements.append(f"DELETE FROM {table} WHERE {condition()}")
        elif kind < 0.61:
            statements.append(f"DELETE FROM {table}")
        elif kind < 0.8:
            statements.append(
                f"SELECT count(*), coalesce(sum(a * 7 + b), 0), coalesce(min(b), 99), count(c) FROM {table} "
                f"WHERE {random.choice(['a >= 0', condition()])}")
        elif not inside:
            if random.random() < 0.3:
                statements.append("CHECKPOINT")
            else:
                statements.append("BEGIN")
                inside, depth = True, []
        elif kind < 0.86:
            depth.append(f"s{len(depth)}")
            statements.append(f"SAVEPOINT {depth[-1]}")
        elif kind < 0.92 and depth:
            cut = random.randrange(len(depth))
            if random.random() < 0.6:
                statements.append(f"ROLLBACK TO {depth[cut]}")
                depth = depth[:cut + 1]
            else:
                statements.append(f"RELEASE {depth[cut]}")
                depth = depth[:cut]
        else:
            statements.append("COMMIT" if random.random() < 0.65 else "ROLLBACK")
            inside = False
    statements += [f"SELECT a, b, c FROM {name} ORDER BY a, b, c" for name in ("t", "u")]
    return statements


def text(value):
    return "" if value is None else str(value)


with tempfile.TemporaryDirectory() as folder:
    for round in range(12):
        database = os.path.join(folder, f"{round}.zij")
        peer = sqlite3.connect(":memory:", isolation_level=None)
        made = ["CREATE TABLE t (a int, b int, c text)", "CREATE TABLE u (a int, b int, c text)"]
        if round % 3 == 1:
            clustering = [" CLUSTER BY (a)", ""]
        else:
            clustering = ["", " CLUSTER BY (c, b)"] if round % 3 == 2 else ["", ""]
        for part in range(4):
            statements = (made if part == 0 else []) + script(120)
            expected = []
            for statement in statements:
                if statement != "CHECKPOINT":
                    for found in peer.execute(statement).fetchall():
                        # SQLite sorts NULLs first, Zij last.
                        expected.append("|".join(text(value) for value in found))
            lines = []
            for statement in statements:
                if part == 0 and statement in made:
                    statement += clustering[made.index(statement)]
                lines.append(statement + ";\n")
            result = subprocess.run(
                [os.path.join(BIN, "zij"), "-tAq", database], input="".join(lines), text=True,
                capture_output=True, timeout=120)
            words = ("INSERT", "DELETE", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE",
                     "CHECKPOINT", "CREATE")
            got = [line for line in result.stdout.splitlines() if not line.startswith(words)]
            name = f"seed {seed}, database {round}, part {part}"
            check(f"{name}: no error", "ERROR" not in result.stderr, result.stderr[-500:])
            # Rows of the last queries in any order: NULLs stand elsewhere.
            check(f"{name}: the same rows", sorted(got) == sorted(expected),
                  next((f"{g} instead of {e}" for g, e in zip(got, expected) if g != e), "length"))
check.end()
