"""The catalogue benchmark with few rows: its queries must answer as DuckDB does."""
import json
import os
import subprocess
import sys
import tempfile

from _zij import BIN, Checks

BENCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Bench", "catbench")
ROWS = os.environ.get("ZIJ_CATBENCH_ROWS", "12000")
check = Checks()


def run(script, *arguments):
    result = subprocess.run(
        [sys.executable, os.path.join(BENCH, script), *arguments],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300)
    print(result.stdout, result.stderr if result.returncode else "", sep="")
    check(f"{script} {arguments[0]}", result.returncode == 0, result.stderr)


with tempfile.TemporaryDirectory() as data:
    report_path = os.path.join(data, "report.json")
    run("gen.py", "--rows", ROWS, "--out", data, "--formats", "parquet,orc")
    peers = ["--data", data, "--peers", "duckdb,zij", "--zij-bench", os.path.join(BIN, "zij-bench")]
    run("peers.py", "load", *peers)
    run("peers.py", "run", *peers, "--runs", "1", "--json", report_path)
    with open(report_path) as file:
        report = json.load(file)["peers"]
    names = sorted(name[:-len(".sql")] for name in os.listdir(os.path.join(BENCH, "queries", "zij")))
    check("there are 18 queries", len(names) == 18, names)
    for name in names:
        query = report["zij"]["q"].get(name, dict(error="it did not run"))
        check(name, query.get("agree"), query.get("error") or query.get("difference"))
    for peer in report.values():
        check("memory and load are told", peer["peak_anonymous_mb"] > 0 and peer["load"]["bytes"] > 0)
check.end()
