"""FITS files written by astropy: zij must read the same values, and refuse damaged files."""
import math
import os
import shutil
import subprocess
import tempfile

import numpy as np
from astropy.io import fits

from _zij import BIN, Checks, rows

check = Checks()
folder = tempfile.mkdtemp(prefix="zij-fits-")
ROWS = 2500


def path(name):
    return os.path.join(folder, name)


def plain(value):
    """A value of numpy as zij's JSON shows it."""
    if isinstance(value, np.ma.core.MaskedConstant):
        return None
    if isinstance(value, (np.ndarray, list)):
        return [plain(item) for item in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return None if math.isnan(value) else value
    return str(value)


def same(ours, theirs):
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(theirs, np.float32):
        return ours is not None and np.float32(float(ours)) == theirs
    if isinstance(theirs, float):
        return ours is not None and float(ours) == theirs
    if isinstance(theirs, int) and not isinstance(theirs, bool):
        return ours is not None and int(ours) == theirs
    return ours == theirs and type(ours) is type(theirs)


def compare(name, columns):
    fits.BinTableHDU.from_columns(columns).writeto(path(name + ".fits"))
    verify(name)


def verify(name):
    file = path(name + ".fits")
    got = rows(":memory:", f"SELECT * FROM '{file}'")
    with fits.open(file) as units:
        data, columns = units[1].data, units[1].columns
        check(f"{name}: row count", len(got) == len(data), f"{len(got)} of {len(data)}")
        for column in columns:
            theirs = [plain(data[column.name][i]) for i in range(len(data))]
            bad = [i for i in range(len(data)) if not same(got[i][column.name], theirs[i])]
            check(f"{name}: {column.name} {column.format}", not bad,
                  bad and f"row {bad[0]}: {got[bad[0]][column.name]!r}, not {theirs[bad[0]]!r}")


rng = np.random.default_rng(7)


def whole(kind, shape=ROWS):
    limits = np.iinfo(kind)
    return rng.integers(limits.min, limits.max, size=shape, dtype=kind, endpoint=True)


floats = rng.normal(size=ROWS)
floats[::7] = np.nan
compare("numbers", [
    fits.Column("l", "L", array=rng.random(ROWS) < 0.5),
    fits.Column("b", "B", array=whole(np.uint8)),
    fits.Column("i", "I", array=whole(np.int16)),
    fits.Column("j", "J", array=whole(np.int32)),
    fits.Column("k", "K", array=whole(np.int64)),
    fits.Column("e", "E", array=floats.astype(np.float32)),
    fits.Column("d", "D", array=floats),
    fits.Column("a", "9A", array=[f"n{i}" for i in range(ROWS)]),
])
compare("unsigned", [
    fits.Column("sb", "B", bzero=-128, array=whole(np.int8)),
    fits.Column("u16", "I", bzero=1 << 15, array=whole(np.uint16)),
    fits.Column("u32", "J", bzero=1 << 31, array=whole(np.uint32)),
    fits.Column("u64", "K", bzero=1 << 63, array=whole(np.uint64)),
])
# astropy does not write scaled columns of given stored values: put the keywords in by hand.
table = fits.BinTableHDU.from_columns([
    fits.Column("i", "I", array=whole(np.int16)), fits.Column("j", "J", array=whole(np.int32)),
    fits.Column("e", "E", array=rng.normal(size=ROWS).astype(np.float32))])
for keyword, value in [("XSCAL1", 0.5), ("XZERO1", 10.0), ("XSCAL2", 0.25), ("XSCAL3", 3.0)]:
    table.header[keyword] = value
table.writeto(path("unscaled.fits"))
content = open(path("unscaled.fits"), "rb").read()
with open(path("scaled.fits"), "wb") as out:
    out.write(content.replace(b"XSCAL", b"TSCAL").replace(b"XZERO", b"TZERO"))
verify("scaled")
compare("vectors", [
    fits.Column("b3", "3B", array=whole(np.uint8, (ROWS, 3))),
    fits.Column("e6", "6E", dim="(3,2)", array=rng.normal(size=(ROWS, 2, 3)).astype(np.float32)),
    fits.Column("d2", "2D", array=rng.normal(size=(ROWS, 2))),
    fits.Column("x11", "11X", array=rng.random((ROWS, 11)) < 0.5),
    fits.Column("a2", "8A", dim="(4,2)", array=np.array([["ab", "cd"]] * ROWS)),
])
ragged = [rng.normal(size=i % 5) for i in range(ROWS)]
compare("arrays", [
    fits.Column("pd", "PD()", array=np.array(ragged, dtype=object)),
    fits.Column("qj", "QJ()", array=np.array(
        [np.arange(i % 4, dtype=np.int32) for i in range(ROWS)], dtype=object)),
])
compare("empty", [fits.Column("k", "K", array=np.zeros(0, dtype=np.int64))])
compare("many", [fits.Column(f"c{i}", "I", array=whole(np.int16, 10)) for i in range(999)])

# TNULL, metadata and options.
table = fits.BinTableHDU.from_columns([
    fits.Column("ra", "D", unit="deg", array=[1.0, np.nan]),
    fits.Column("n", "J", null=-9, array=[-9, 4]),
    fits.Column("z", "C", array=[1 + 2j, 3j])], name="EVENTS")
table.header["TUCD1"] = "pos.eq.ra"
table.writeto(path("meta.fits"))
meta = path("meta.fits")


def zij(sql):
    return subprocess.run([os.path.join(BIN, "zij"), "--json", "-c", sql, ":memory:"],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)


result = zij(f"SELECT * FROM '{meta}'")
check("complex numbers are refused by name", result.returncode and '"z"' in result.stderr, result.stderr)
copied = zij(f"CREATE TABLE t (n bigint, ra double precision); "
             f"COPY t FROM '{meta}' (FORMAT fits, HDU 'events'); SELECT n, ra FROM t")
check("COPY, TNULL and NaN", '"n":null' in copied.stdout.replace(" ", "")
      and '"ra":null' in copied.stdout.replace(" ", ""), copied.stdout + copied.stderr)
for sql, word in [(f"COPY t FROM '{meta}' (HDU 7)", "EVENTS"), (f"COPY t FROM '{meta}' (HDU 0)", "HDU 0")]:
    result = zij(f"CREATE TABLE t (n bigint); {sql}")
    check(sql.split("(")[1], result.returncode and word in result.stderr, result.stderr)

# Damage: cut off at every block, and wrong numbers in the header.
original = open(path("arrays.fits"), "rb").read()


def damaged(name, data):
    with open(path("bad.fits"), "wb") as out:
        out.write(data)
    result = zij(f"SELECT * FROM '{path('bad.fits')}'")
    check(name, result.returncode > 0 and "bad.fits" in result.stderr, f"{result.returncode} {result.stderr}")


blocks = len(original) // 2880
for block in sorted(set(list(range(1, min(blocks, 8))) + [blocks // 2, blocks - 1])):
    damaged(f"cut after block {block}", original[: block * 2880])
damaged("cut within a block", original[:-1])


def changed(keyword, value):
    start = original.index(f"{keyword:8}=".encode(), 2880)
    return original[: start + 10] + f"{value:>20}".encode() + original[start + 30:]


for keyword, value in [("NAXIS2", 10 ** 9), ("NAXIS2", -1), ("NAXIS1", 7), ("NAXIS1", 10 ** 17),
                       ("PCOUNT", -5), ("PCOUNT", 10 ** 17), ("TFIELDS", 3), ("GCOUNT", 2),
                       ("TFORM1", "'9999999999999999D' "), ("TFORM1", "'PC      '"),
                       ("PCOUNT", 10)]:
    damaged(f"{keyword} {value}", changed(keyword, value))
shutil.rmtree(folder)
check.end()
