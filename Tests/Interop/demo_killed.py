"""kill -9 at any time of an import: the database opens again, each table complete or not there."""
import os
import random
import subprocess
import tempfile
import time

from _zij import BIN, DATA, Checks, rows, run

check = Checks()
ROWS = {"gaia": 482176, "hipparcos": 117955, "tycho2": 1871011, "glade": 295341}
seed = random.randrange(1 << 30)
print("seed", seed)
random.seed(seed)


def import_command(database):
    return [os.path.join(BIN, "zij-demo"), "import", "--data", DATA, "--database", database]


with tempfile.TemporaryDirectory() as folder:
    start = time.monotonic()
    subprocess.run(import_command(os.path.join(folder, "whole.zij")), check=True,
                   stdout=subprocess.DEVNULL)
    whole_seconds = time.monotonic() - start
    for attempt in range(12):
        database = os.path.join(folder, f"killed{attempt}.zij")
        delay = random.uniform(0, whole_seconds)
        process = subprocess.Popen(import_command(database), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        time.sleep(delay)
        process.kill()
        process.wait()
        name = f"killed after {delay:.3f} s"
        for table, count in ROWS.items():
            result = run("zij", "-tA", "-c", f"SELECT count(*) FROM {table}", database)
            absent = result.returncode == 1 and "42P01" in result.stderr
            whole = result.returncode == 0 and result.stdout.strip() == str(count)
            check(f"{name}: {table} is {'whole' if whole else 'absent'}", absent or whole,
                  result.stdout + result.stderr)
        again = run("zij-demo", "import", "--data", DATA, "--database", database)
        check(f"{name}: a second import completes", again.returncode == 0, again.stderr)
        answer = rows(database, "SELECT count(*) AS n FROM hipparcos")[0]["n"]
        check(f"{name}: and is complete", int(answer) == ROWS["hipparcos"], str(answer))
check.end()
