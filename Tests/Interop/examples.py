"""The programs in Examples run and say what they should."""
import os
import subprocess
import sys

from _zij import Checks, run

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DRIVER = os.environ.get("ZIJ_DRIVER", os.path.join(ROOT, ".build", "driver", "libadbc_driver_zij.so"))
NAMES = ["Alcyone", "Merope", "Atlas"]
check = Checks()

result = run("zij-example")
words = [line.split()[0] for line in result.stdout.splitlines()]
check("Swift", result.returncode == 0 and words == NAMES, result.stdout + result.stderr)
result = subprocess.run([sys.executable, os.path.join(ROOT, "Examples", "Python", "stars.py"), DRIVER],
                        capture_output=True, text=True, timeout=100)
places = [result.stdout.find(name) for name in NAMES]
check("Python", result.returncode == 0 and -1 not in places and places == sorted(places) and "Aldebaran" not in result.stdout,
      result.stdout + result.stderr)
check.end()
