"""Runs the release binaries for the scripts beside this one."""
import json
import os
import subprocess
import sys

BIN = os.environ["ZIJ_BIN"]
DATA = os.environ.get("ZIJ_DATA", "")


def run(name, *arguments, **options):
    return subprocess.run(
        [os.path.join(BIN, name), *arguments],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300, **options)


def rows(database, sql):
    """The rows of a query as dictionaries."""
    result = run("zij", "--json", "-c", sql, database)
    if result.returncode != 0:
        raise AssertionError(f"{sql}\nstatus {result.returncode}: {result.stderr}")
    return json.loads(result.stdout)


class Checks:
    """Counts named checks and ends the script with the line that ./test reads."""

    def __init__(self):
        self.passed = self.failed = 0

    def __call__(self, name, condition, detail=""):
        if condition:
            self.passed += 1
            print(f"ok      {name}")
        else:
            self.failed += 1
            print(f"FAILED  {name}: {detail}")

    def end(self):
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(1 if self.failed else 0)
