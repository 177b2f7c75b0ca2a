"""./demo, as a user starts it: the first time with fetched files, the second time with everything."""
import os
import subprocess
import tempfile
import time

from _zij import DATA, Checks

check = Checks()
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

with tempfile.TemporaryDirectory() as home:
    os.mkdir(os.path.join(home, ".cache"))
    os.symlink(os.path.abspath(DATA), os.path.join(home, ".cache", "catalogues"))
    for attempt in ("first", "second"):
        start = time.monotonic()
        result = subprocess.run(
            [os.path.join(ROOT, "demo")], env={**os.environ, "ZIJ_DEMO_DIR": home}, cwd="/",
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=500)
        seconds = time.monotonic() - start
        check(f"the {attempt} run ends well", result.returncode == 0, result.stdout + result.stderr)
        check(f"the {attempt} run asks eight questions", result.stdout.count("\nQuestion ") == 8)
        check(f"the {attempt} run says how to open the shell",
              "/zij " + os.path.join(os.path.realpath(home), "demo.zij") in result.stdout
              or "/zij " + os.path.join(home, "demo.zij") in result.stdout, result.stdout[-300:])
    check("the second run imports nothing", result.stdout.count("already imported") == 4)
    check("the second run takes less than 15 s", seconds < 15, f"{seconds:.1f} s")
    print(f"second run: {seconds:.1f} s")
check.end()
