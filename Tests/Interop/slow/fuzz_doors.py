"""200,000 damaged inputs each for the PostgreSQL wire, HTTP and Avro, under AddressSanitizer.

ZIJ_FUZZ_CASES chooses another number."""
import glob
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))
from _zij import Checks

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../..")
CASES = os.environ.get("ZIJ_FUZZ_CASES", "200000")
ALERTS = os.path.join(os.environ.get("ZIJ_FIXTURES", os.path.join(ROOT, "../shared/fixtures")), "alerts")
check = Checks()


def fuzz(*arguments):
    done = subprocess.run(
        [os.path.join(ROOT, "scripts/fuzz"), *arguments], capture_output=True, text=True,
        stdin=subprocess.DEVNULL)
    print(done.stdout[-2000:])
    check(f"{arguments[0]}: {CASES} inputs", done.returncode == 0, done.stderr[-2000:])


fuzz("wire", CASES, "1")
fuzz("http", CASES, "1")
# Small ones, or most of the time goes into one file's stamps.
alerts = sorted(glob.glob(os.path.join(ALERTS, "**/*.avro"), recursive=True), key=os.path.getsize)[:6]
if alerts:
    fuzz("avro", CASES, "1", *alerts)
else:
    print(f"skipped: avro, since there are no alerts in {ALERTS}")
check.end()
