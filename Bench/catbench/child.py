"""One engine in a process of its own: loads the tables or runs the queries, prints JSON.

Only peers.py starts it.
"""
import argparse
import glob
import json
import os
import statistics
import time

import engines
from parameters import parameters

HERE = os.path.dirname(os.path.abspath(__file__))


def load(engine):
    start = time.perf_counter()
    engine.open(load=True)
    seconds = round(time.perf_counter() - start, 2)
    return dict(version=engine.version, load=dict(seconds=seconds, bytes=engine.size))


def run(engine, options):
    values = dict(parameters(options.data), tmp=options.answers)
    engine.open()
    results = {}
    for path in sorted(glob.glob(os.path.join(HERE, "queries", engine.dialect, "*.sql"))):
        name = os.path.basename(path)[:-len(".sql")]
        if options.only and not name.startswith(tuple(options.only.split(","))):
            continue
        with open(path) as file:
            sql = file.read().strip().format(**values)
        try:
            results[name] = measure(engine, sql, options, name)
        except Exception as error:  # one query's failure is a result, too
            results[name] = dict(error=f"{type(error).__name__}: {str(error)[:300]}")
    return dict(version=engine.version, q=results)


def measure(engine, sql, options, name):
    start = time.perf_counter()
    answer = engine.query(sql)
    first = time.perf_counter() - start
    rows = 0
    if answer is not None and "COPY" not in sql:
        rows = answer.num_rows
        write(answer, os.path.join(options.answers, name + ".arrow"))
    del answer
    wall, processor = [], []
    for _ in range(options.runs):
        start, processor_start = time.perf_counter(), time.process_time()
        answer = engine.query(sql)
        wall.append(time.perf_counter() - start)
        processor.append(time.process_time() - processor_start)
        del answer
    return dict(
        median=statistics.median(wall), min=min(wall), cpu=statistics.median(processor),
        first=first, rows=rows)


def write(table, path):
    import pyarrow
    with pyarrow.OSFile(path, "wb") as file, pyarrow.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=["load", "run"])
    parser.add_argument("name")
    for option in ("--data", "--answers", "--only"):
        parser.add_argument(option, default="")
    for option in ("--threads", "--runs"):
        parser.add_argument(option, type=int)
    options = parser.parse_args()
    engine = engines.make(options.name, options.data, options.threads)
    print(json.dumps(load(engine) if options.command == "load" else run(engine, options)))


if __name__ == "__main__":
    main()
