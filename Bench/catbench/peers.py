#!/usr/bin/env python3
"""Runs the catalogue benchmark in Zij and its peers and prints them side by side.

  python peers.py load --data data/5m --peers duckdb,chdb,zij
  python peers.py run  --data data/5m --peers duckdb,duckdb-parquet,chdb,datafusion-parquet,zij \\
                       --threads 2 --runs 5 --json results.json [--only q05,q08]

Every peer runs in a process of its own.  A query's time goes from its text to the last row in
arrays of the client (Arrow tables for the peers), or to the closed file for the export; one run
warms up, then `--runs` are measured.  --show picks the printed figure: median or min of the wall
time, or cpu of all threads, the one to trust on a busy machine.  The JSON has all three.

Answers are compared cell by cell with those of the first peer, the reference (see answers.py).
"""
import argparse
import datetime
import json
import math
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time

import pyarrow
import pyarrow.orc

import answers
from parameters import parameters

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SAMPLE_SECONDS = 0.005


def command(options, name, folder, json_path):
    """What runs a peer."""
    if name != "zij":
        return [
            sys.executable, os.path.join(HERE, "child.py"), options.command, name,
            "--data", options.data, "--answers", folder, "--only", options.only,
            "--threads", str(options.threads), "--runs", str(options.runs)]
    line = [
        options.zij_bench, "catbench", "--data", options.data, "--threads", str(options.threads),
        "--json", json_path]
    if options.command == "load":
        return line + ["--load"]
    only = ["--only", options.only] if options.only else []
    return line + only + [
        "--runs", str(options.runs), "--answers", folder, "--export", folder,
        "--queries", os.path.join(HERE, "queries", "zij")]


def anonymous_mb(process):
    """What the process has allocated now, without the pages of files: the same for everyone."""
    try:
        with open(f"/proc/{process}/status") as file:
            for line in file:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0


def run_peer(options, name, folder):
    """The peer's own JSON and its peak memory."""
    with tempfile.TemporaryDirectory() as scratch:
        out, err, own = (os.path.join(scratch, file) for file in ("out", "err", "json"))
        with open(out, "w") as out_file, open(err, "w") as err_file:
            process = subprocess.Popen(
                command(options, name, folder, own), stdout=out_file, stderr=err_file,
                stdin=subprocess.DEVNULL)
            peak = 0
            while process.poll() is None:
                peak = max(peak, anonymous_mb(process.pid))
                time.sleep(SAMPLE_SECONDS)
        try:
            with open(own if name == "zij" else out) as file:
                result = json.loads(file.read().strip().splitlines()[-1] if name != "zij"
                                    else file.read())
        except (OSError, ValueError, IndexError):
            with open(err) as file:
                result = dict(q={}, error=file.read()[-1000:])
        result["peak_anonymous_mb"] = round(peak, 1)
        return result


def answer(folder, query):
    """The rows that a peer left there, or None."""
    path = os.path.join(folder, query)
    if os.path.exists(path + ".arrow"):
        with pyarrow.memory_map(path + ".arrow") as file:
            return pyarrow.ipc.open_file(file).read_all()
    if os.path.exists(path + ".orc"):
        return pyarrow.orc.ORCFile(path + ".orc").read()
    export = os.path.join(folder, "export.csv")
    if "export" in query and os.path.exists(export):
        return answers.read_export(export)
    return None


def judge(result, folder, reference_folder):
    """Gives each query its verdict: `agree`, and `difference` in words where it does not."""
    for name, query in result["q"].items():
        if "error" in query:
            continue
        own, expected = answer(folder, name), answer(reference_folder, name)
        if own is None or expected is None:
            query.update(agree=False, difference="there is no answer to compare")
            continue
        query["rows"] = own.num_rows
        words = answers.difference(expected, own)
        query["agree"] = words is None
        if words:
            query["difference"] = words


def host():
    model = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo") as file:
            names = [line.split(":")[1].strip() for line in file if line.startswith("model name")]
        model = names[0] if names else model
    return dict(cpu=model, cores=os.cpu_count(), load=[round(x, 1) for x in os.getloadavg()])


def run_all(options):
    work = options.answers or os.path.join(options.data, "answers")
    shutil.rmtree(work, ignore_errors=True)
    report = dict(
        benchmark="catbench", date=datetime.datetime.now(datetime.UTC).isoformat("T", "seconds"),
        data=os.path.basename(options.data), host=host(), threads=options.threads,
        runs=options.runs, reference=options.peers[0], peers={})
    for name in options.peers:
        folder = os.path.join(work, name)
        os.makedirs(folder)
        result = report["peers"][name] = run_peer(options, name, folder)
        if "error" in result:
            print(f"{name}: {result['error']}", file=sys.stderr)
        if options.command == "run":
            judge(result, folder, os.path.join(work, options.peers[0]))
            if name != options.peers[0] and not options.answers:
                shutil.rmtree(folder)
    if not options.answers:
        shutil.rmtree(work)
    keep_loads(options, report["peers"])
    return report


def keep_loads(options, peers):
    """What `load` measured stays with the data, and every later report of it has it, too."""
    path = os.path.join(options.data, "loads.json")
    loads = {}
    if os.path.exists(path):
        with open(path) as file:
            loads = json.load(file)
    loads.update({name: peer["load"] for name, peer in peers.items() if "load" in peer})
    with open(path, "w") as file:
        json.dump(loads, file, indent=1)
    for name, peer in peers.items():
        if name in loads:
            peer["load"] = loads[name]


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def show(report, figure):
    peers = report["peers"]
    reference = peers[report["reference"]]["q"]
    names = sorted({name for peer in peers.values() for name in peer["q"]})
    print(f"{'warm ms, ' + figure:16s}" + "".join(f"{name[:18]:>19s}" for name in peers) + "     rows")
    for name in names:
        line = f"{name:16s}"
        for peer in peers.values():
            query = peer["q"].get(name, {})
            shown = f"{query[figure] * 1e3:.1f}" if figure in query else "error" if query else "-"
            line += f"{shown + ('' if query.get('agree', True) else ' !'):>19s}"
        print(line + f"{reference.get(name, {}).get('rows', 0):9d}")
    for name, peer in peers.items():
        both = [q for q in peer["q"] if figure in peer["q"][q] and figure in reference.get(q, {})]
        if both:
            times = [peer["q"][q][figure] for q in both]
            ratio = geometric_mean([peer["q"][q][figure] / reference[q][figure] for q in both])
            print(f"# {name} {peer['version']}: {len(both)} queries, sum {sum(times):.3f} s, "
                  f"geometric mean {geometric_mean(times) * 1e3:.1f} ms = {ratio:.2f} x "
                  f"{report['reference']}, {peer['peak_anonymous_mb']:.0f} MB"
                  + (f", load {peer['load']['seconds']:.1f} s" if "load" in peer else ""))
        for query, figures in sorted(peer["q"].items()):
            words = figures.get("error") or figures.get("difference")
            if words:
                print(f"#   {name} {query}: {words}")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["load", "run"])
    parser.add_argument("--data", required=True, help="a folder that gen.py wrote")
    parser.add_argument("--peers", default="duckdb,chdb,zij", type=lambda text: text.split(","))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="", help="beginnings of queries' names, such as q01,q05")
    parser.add_argument("--json", help="where the report goes")
    parser.add_argument("--answers", help="keeps the peers' answers there")
    parser.add_argument("--show", default="median", choices=["median", "min", "cpu"])
    parser.add_argument(
        "--zij-bench", default=os.path.join(
            os.environ.get("ZIJ_BIN", os.path.join(ROOT, ".build", "release")), "zij-bench"))
    options = parser.parse_args()
    options.data = os.path.abspath(options.data)
    if options.answers:
        options.answers = os.path.abspath(options.answers)
    parameters(options.data)
    report = run_all(options)
    if options.json:
        with open(options.json, "w") as file:
            json.dump(report, file, indent=1)
    if options.command == "run":
        show(report, options.show)
    else:
        for name, peer in report["peers"].items():
            print(name, json.dumps(peer.get("load", peer)))


if __name__ == "__main__":
    main()
