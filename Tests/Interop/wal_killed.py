"""kill -9 at any time while sessions insert, delete and compact: what was acknowledged is there, once."""
import os
import random
import subprocess
import tempfile
import time

from _zij import BIN, Checks, rows

check = Checks()
LOOPS = int(os.environ.get("ZIJ_KILL_LOOPS", "100" if os.environ.get("ZIJ_SLOW") == "1" else "10"))
seed = int(os.environ.get("ZIJ_SEED", random.randrange(1 << 30)))
print("seed", seed, "loops", LOOPS)
random.seed(seed)


def statements(first):
    """Batches of rows in transactions, some taken back, some deleted again, and now and then a
    CHECKPOINT; a line that is printed after a COMMIT is its acknowledgement."""
    number = first
    while True:
        kind = random.random()
        if kind < 0.6:
            yield f"INSERT INTO t VALUES ({number}, {number % 360}, 1, 'row {number}');"
            yield f"SELECT 'ack', {number}, {number};"
            number += 1
        elif kind < 0.8:
            yield "BEGIN;"
            last = number + random.randrange(1, 6)
            for row in range(number, last + 1):
                yield f"INSERT INTO t VALUES ({row}, {row % 360}, 2, NULL);"
            yield f"INSERT INTO u VALUES ({number}, {last});"
            yield "COMMIT;"
            yield f"SELECT 'ack', {number}, {last};"
            number = last + 1
        elif kind < 0.85:
            yield "BEGIN;"
            yield f"INSERT INTO t VALUES ({number}, 0, 3, 'never');"
            yield "ROLLBACK;"
        elif kind < 0.97:
            # Rows of negative numbers come and go; none may be left behind for long.
            yield f"DELETE FROM t WHERE id = {-number};"
            yield f"INSERT INTO t VALUES ({-number}, 1, 4, 'to go');"
            yield f"DELETE FROM t WHERE id = {-number};"
            yield f"SELECT 'gone', {-number}, 0;"
            number += 1
        else:
            yield "CHECKPOINT;"


def attempt(database, first, seconds):
    """Runs statements until the kill; returns the acknowledged rows and those known to be gone."""
    process = subprocess.Popen(
        [os.path.join(BIN, "zij"), "-tA", database], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, bufsize=1)
    acknowledged, gone = [], []
    end = time.monotonic() + seconds
    number = first
    try:
        for statement in statements(first):
            process.stdin.write(statement + "\n")
            process.stdin.flush()
            if statement.startswith("SELECT"):
                while True:
                    line = process.stdout.readline().strip()
                    if not line:
                        raise BrokenPipeError
                    word, *range_ = line.split("|")
                    if word in ("ack", "gone"):
                        break
                low, high = int(range_[0]), int(range_[1])
                if word == "ack":
                    acknowledged += range(low, high + 1)
                    number = high + 1
                else:
                    gone.append(low)
                    number = -low + 1
                if time.monotonic() > end:
                    break
    except BrokenPipeError:
        pass
    # In the midst of whatever comes next.
    for statement in [f"INSERT INTO t VALUES ({number}, 5, 5, 'unknown');", "CHECKPOINT;"] * 3:
        process.stdin.write(statement + "\n")
    process.stdin.flush()
    time.sleep(random.uniform(0, 0.05))
    process.kill()
    _, errors = process.communicate()
    return acknowledged, gone, number + 10, errors


with tempfile.TemporaryDirectory() as folder:
    database = os.path.join(folder, "killed.zij")
    subprocess.run(
        [os.path.join(BIN, "zij"), database, "-c",
         "CREATE TABLE t (id bigint, ra double precision, dec double precision, name text) "
         "CLUSTER BY SKY(ra, dec)", "-c", "CREATE TABLE u (low bigint, high bigint)"],
        check=True, stdout=subprocess.DEVNULL)
    acknowledged, gone, number = [], [], 1
    for loop in range(LOOPS):
        more, less, number, errors = attempt(database, number, random.uniform(0.05, 0.8))
        acknowledged += more
        gone += less
        name = f"kill {loop + 1}, {len(acknowledged)} rows acknowledged"
        check(f"{name}: no statement had failed", "ERROR" not in errors, errors[-400:])
        try:
            counts = {}
            for row in rows(database, "SELECT id, count(*) AS n FROM t GROUP BY id"):
                counts[int(row["id"])] = int(row["n"])
        except AssertionError as error:
            check(f"{name}: opens", False, str(error))
            continue
        missing = [row for row in acknowledged if counts.get(row, 0) == 0]
        # Of the row under way when the kill came there may be up to three.
        twice = [row for row in acknowledged if counts.get(row, 0) > 1]
        check(f"{name}: all are there", not missing, str(missing[:5]))
        check(f"{name}: none is there twice", not twice, str(twice[:5]))
        check(f"{name}: none is there again", not [row for row in gone if row in counts])
        check(f"{name}: none was taken back and came",
              rows(database, "SELECT count(*) AS n FROM t WHERE name = 'never'")[0]["n"] in (0, "0"))
        # Transactions: u says which rows came together.
        for row in rows(database, "SELECT low, high FROM u"):
            low, high = int(row["low"]), int(row["high"])
            whole = [counts.get(row, 0) for row in range(low, high + 1)]
            if min(whole) < 1:
                check(f"{name}: transaction {low} to {high} is whole", False, str(whole))
check.end()
