"""FITS files written by fitsio and by cfitsio itself: zij must read the same values, of every form."""
import ctypes
import ctypes.util
import math
import os
import re
import shutil
import tempfile

import fitsio
import numpy as np

from _zij import Checks, rows, run

check = Checks()
folder = tempfile.mkdtemp(prefix="zij-fits-")
ROWS = 2100
rng = np.random.default_rng(23)


def path(name):
    return os.path.join(folder, name)


def plain(value):
    if isinstance(value, (np.ndarray, list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, np.float32):
        return None if math.isnan(value) else value
    if isinstance(value, (float, np.floating)):
        return None if math.isnan(value) else float(value)
    if isinstance(value, (bytes, np.bytes_)):
        return value.decode().rstrip(" ")
    return value


def same(ours, theirs):
    if isinstance(theirs, list):
        return isinstance(ours, list) and len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(theirs, np.float32):
        return ours is not None and np.float32(float(ours)) == theirs
    if isinstance(theirs, float):
        return ours is not None and float(ours) == theirs
    if isinstance(theirs, int) and not isinstance(theirs, bool):
        return ours is not None and not isinstance(ours, bool) and int(ours) == theirs
    return ours == theirs and type(ours) is type(theirs)


def compare(name, file, columns, options=""):
    try:
        got = rows(":memory:", f"SELECT * FROM '{file}' {options}")
    except AssertionError as error:
        check(name, False, str(error)[:400])
        return
    for column, values in columns.items():
        theirs = [plain(value) for value in values]
        check(f"{name}: {len(theirs)} rows", len(got) == len(theirs), len(got))
        bad = [i for i in range(min(len(got), len(theirs))) if not same(got[i][column], theirs[i])]
        check(f"{name}: {column}", not bad,
              bad and f"row {bad[0]}: {got[bad[0]][column]!r}, not {theirs[bad[0]]!r}")


def whole(kind, shape=ROWS):
    limits = np.iinfo(kind)
    return rng.integers(limits.min, limits.max, size=shape, dtype=kind, endpoint=True)


def real(kind, shape=ROWS):
    values = rng.normal(size=shape).astype(kind)
    values.flat[::11] = np.nan
    return values


# fitsio: what numpy has, one value and arrays, and arrays of every length in the heap.
integers = [np.uint8, np.int8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64]
columns = {np.dtype(kind).name: whole(kind) for kind in integers}
columns["float32"] = real(np.float32)
columns["float64"] = real(np.float64)
columns["flag"] = rng.random(ROWS) < 0.5
columns["word"] = np.array([f"w{i}" * (i % 4 + 1) for i in range(ROWS)], dtype="S")
columns["long_word"] = np.array(["x" * (i % 3000 + 1) for i in range(ROWS)], dtype="S")
fitsio.write(path("simple.fits"), list(columns.values()), names=list(columns), clobber=True)
compare("fitsio", path("simple.fits"), columns)

vectors = {np.dtype(kind).name: whole(kind, (ROWS, 3)) for kind in integers}
vectors["float32"] = real(np.float32, (ROWS, 2, 4))
vectors["float64"] = real(np.float64, (ROWS, 5))
vectors["flag"] = rng.random((ROWS, 9)) < 0.5
vectors["words"] = np.array([[f"a{i}", "bc"] for i in range(ROWS)], dtype="S6")
fitsio.write(path("vectors.fits"), list(vectors.values()), names=list(vectors), clobber=True)
compare("fitsio vectors", path("vectors.fits"), vectors)

bits = rng.random((ROWS, 13)) < 0.5
with fitsio.FITS(path("bits.fits"), "rw", clobber=True) as out:
    out.write([bits], names=["x"], write_bitcols=True)
compare("fitsio bits", path("bits.fits"), {"x": bits})

for kind in [np.uint8, np.int16, np.int32, np.int64, np.float32, np.float64]:
    ragged = np.empty(ROWS, dtype=object)
    for i in range(ROWS):
        ragged[i] = (whole(kind, i % 7 + 1) if np.issubdtype(kind, np.integer) else real(kind, i % 7 + 1))
    name = np.dtype(kind).name
    with fitsio.FITS(path("ragged.fits"), "rw", clobber=True) as out:
        out.write([ragged, whole(np.int16)], names=[name, "k"])
    compare(f"fitsio heap of {name}", path("ragged.fits"), {name: ragged})
words = np.array(["v" * (i % 50 + 1) for i in range(ROWS)], dtype=object)
with fitsio.FITS(path("words.fits"), "rw", clobber=True) as out:
    out.write([words, whole(np.int16)], names=["w", "k"])
compare("fitsio heap of texts", path("words.fits"), {"w": words})

# A table behind images, compressed images and another table, found by number and by name.
with fitsio.FITS(path("behind.fits"), "rw", clobber=True) as out:
    out.write(rng.integers(0, 99, (40, 30)).astype(np.int16))
    for compress in ["rice", "gzip", "plio", "hcompress"]:
        out.write(rng.integers(0, 99, (64, 48)).astype(np.int16), compress=compress, extname=compress)
    out.write([ragged, whole(np.int16)], names=["r", "k"], extname="FIRST")
    out.write(list(columns.values()), names=list(columns), extname="Second")
compare("behind images", path("behind.fits"), columns, "(HDU 'second')")
compare("behind images by number", path("behind.fits"), columns, "(hdu => 6)")
compare("the first table that is no image", path("behind.fits"), {"r": ragged})
compare("columns", path("behind.fits"), {"word": columns["word"], "int8": columns["int8"]},
        "(HDU 6, columns (Word, int8))")
got = rows(":memory:", f"SELECT count(*) AS n FROM '{path('simple.fits')}' (nan => 'keep') WHERE float64 = 'NaN'")
check("nan => 'keep'", got == [{"n": int(np.isnan(columns["float64"]).sum())}], got)
for options, words in [("(HDU 'third')", ["third", "Second"]), ("(HDU 99)", ["HDU 99"]), ("(HDU 2)", ["compressed image"]),
                       ("(hdu => -1)", ["hdu must be", "^^^^"]), ("(extension 1, colums (a))", ["colums", "columns", "^^^^"]),
                       ("(columns (ra))", ['no column "ra"'])]:
    result = run("zij", "-c", f"SELECT * FROM '{path('behind.fits')}' {options}", ":memory:")
    check(f"wrong {options}", result.returncode and all(word in result.stderr for word in words), result.stderr)

# cfitsio itself.
library = ctypes.CDLL(ctypes.util.find_library("cfitsio"))
BIT, BYTE, LOGICAL, STRING, SHORT, INT, FLOAT, LONGLONG, DOUBLE = 1, 11, 14, 16, 21, 31, 42, 81, 82
TYPES = {"L": (LOGICAL, ctypes.c_char), "B": (BYTE, ctypes.c_uint8), "I": (SHORT, ctypes.c_int16),
         "J": (INT, ctypes.c_int32), "K": (LONGLONG, ctypes.c_int64), "E": (FLOAT, ctypes.c_float),
         "D": (DOUBLE, ctypes.c_double), "X": (BIT, ctypes.c_char)}


class Table:
    """A file with one binary table, made by cfitsio."""

    def __init__(self, name, forms, keywords=()):
        self.status = ctypes.c_int(0)
        self.file = ctypes.c_void_p()
        self.forms = list(forms.values())
        if os.path.exists(path(name)):
            os.remove(path(name))
        self.call("ffdkinit", ctypes.byref(self.file), path(name).encode())
        texts = ctypes.c_char_p * len(forms)
        self.call("ffcrtb", self.file, 2, ctypes.c_longlong(0), len(forms), texts(*[n.encode() for n in forms]),
                  texts(*[f.encode() for f in self.forms]), None, b"T")
        for keyword, value in keywords:
            if isinstance(value, str):
                self.call("ffpkls", self.file, keyword.encode(), value.encode(), b"")
            elif isinstance(value, float):
                self.call("ffpkyd", self.file, keyword.encode(), ctypes.c_double(value), 15, b"")
            else:
                self.call("ffpkyj", self.file, keyword.encode(), ctypes.c_longlong(value), b"")
        self.call("ffrdef", self.file)

    def call(self, function, *arguments):
        if getattr(library, function)(*arguments, ctypes.byref(self.status)) != 0:
            raise AssertionError(f"{function}: cfitsio status {self.status.value}")

    def put(self, number, row, values):
        """Values of one row; texts are given as bytes."""
        letter = re.sub(r"^[0-9]*[PQ]?|\(.*|[0-9]*$", "", self.forms[number - 1])
        if letter == "A":
            kind, array = STRING, (ctypes.c_char_p * 1)(values)
            count = 1
        else:
            kind, base = TYPES[letter]
            array, count = (base * max(1, len(values)))(*values), len(values)
        if letter == "X":
            self.call("ffpclx", self.file, number, ctypes.c_longlong(row), ctypes.c_long(1), ctypes.c_long(count), array)
        elif count or "P" not in self.forms[number - 1] and "Q" not in self.forms[number - 1]:
            self.call("ffpcl", self.file, kind, number, ctypes.c_longlong(row), ctypes.c_longlong(1),
                      ctypes.c_longlong(count), array)

    def close(self):
        self.call("ffclos", self.file)


SOME = 300


def sample(letter, count):
    if letter in "LX":
        return [bool(b) for b in rng.integers(0, 2, count)]
    if letter == "A":
        return "".join(rng.choice(list("abc xyz"), count)).rstrip() + "."
    if letter in "ED":
        return [plain(x) for x in rng.normal(size=count).astype(np.float32 if letter == "E" else np.float64)]
    return [int(n) for n in whole({"B": np.uint8, "I": np.int16, "J": np.int32, "K": np.int64}[letter], count)]


def stored(letter, values):
    if letter == "A":
        return values.encode()
    if letter in "LX":
        return [bytes([b]) for b in values]
    return [float(v) for v in values] if letter in "ED" else values


for shape, count in [("1", 1), ("5", 5), ("19", 19), ("1P", None), ("1Q", None)]:
    letters = "LXBIJKEDA"
    forms = {f"c{letter}": shape + letter for letter in letters}
    if shape == "1":
        forms["cA"] = "40A"
    table = Table("c.fits", forms)
    truth = {name: [] for name in forms}
    for row in range(SOME):
        for number, letter in enumerate(letters, 1):
            size = count if count is not None else (row * 3) % 11
            values = sample(letter, 39 if letter == "A" and shape == "1" else max(1, size - 1) if letter == "A" else size)
            table.put(number, row + 1, stored(letter, values))
            if letter == "A" and shape in ("1", "5", "19"):
                values = values[: {"1": 40, "5": 5, "19": 19}[shape]].rstrip()
            truth[f"c{letter}"].append(values[0] if shape == "1" and letter not in "AX" else values)
    table.close()
    compare(f"cfitsio {shape}", path("c.fits"), truth)

# TNULL, TSCAL and TZERO with values that are exact, and long texts in the header.
note = "a long remark, " * 20 + "and its end"
table = Table("scaled.fits", {"n": "J", "s": "I", "u": "I", "big": "K", "h": "PI", "e": "E", "b": "B"},
              [("TNULL1", -99), ("TSCAL2", 0.25), ("TZERO2", 100.0), ("TZERO3", 32768.0),
               ("TZERO4", 9223372036854775808.0), ("TNULL5", 7), ("TSCAL6", 2.0), ("TNULL7", 255),
               ("TUNIT1", "mag"), ("TUCD1", "phot.mag"), ("TCOMM1", note)])
truth = {"n": [-99, 5, None], "s": [100.25, 0.0, -8000.0]}
table.call("ffpcl", table.file, INT, 1, ctypes.c_longlong(1), ctypes.c_longlong(1), ctypes.c_longlong(3),
           (ctypes.c_int32 * 3)(-99, 5, -99))
table.call("ffpcl", table.file, DOUBLE, 2, ctypes.c_longlong(1), ctypes.c_longlong(1), ctypes.c_longlong(3),
           (ctypes.c_double * 3)(100.25, 0.0, -8000.0))
table.call("ffpcl", table.file, INT, 3, ctypes.c_longlong(1), ctypes.c_longlong(1), ctypes.c_longlong(3),
           (ctypes.c_int32 * 3)(0, 65535, 32768))
table.call("ffpcl", table.file, 80, 4, ctypes.c_longlong(1), ctypes.c_longlong(1), ctypes.c_longlong(3),
           (ctypes.c_uint64 * 3)(0, 2 ** 64 - 1, 2 ** 63))
table.put(5, 1, [1, 7, 3])
table.put(5, 3, [7])
table.call("ffpcl", table.file, DOUBLE, 6, ctypes.c_longlong(1), ctypes.c_longlong(1), ctypes.c_longlong(3),
           (ctypes.c_double * 3)(1.5, math.nan, -4))
table.call("ffpcl", table.file, INT, 7, ctypes.c_longlong(1), ctypes.c_longlong(1), ctypes.c_longlong(3),
           (ctypes.c_int32 * 3)(0, 254, 255))
table.close()
compare("scaled and NULL", path("scaled.fits"), {
    "n": [None, 5, None], "s": [100.25, 0.0, -8000.0], "u": [0, 65535, 32768], "big": [0, 2 ** 64 - 1, 2 ** 63],
    "h": [[1, None, 3], [], [None]], "e": [1.5, None, -4.0], "b": [0, 254, None]})
result = run("zij", "-c", f"CREATE TABLE t AS SELECT n, u, big FROM '{path('scaled.fits')}'; \\d+ t", ":memory:")
described = " ".join(result.stdout.split())
for word in ["mag", "phot.mag", "and its end", "integer", "decimal(20"]:
    check(f"\\d+ shows {word}", word in described, described)

# A gap between the rows and the heap (THEAP), and a table behind.
original = open(path("ragged.fits"), "rb").read()


def with_gap(gap):
    """The file with `gap` bytes before its heap, and once more its table behind."""
    start = original.index(b"XTENSION")
    header = original[start:]
    end = next(i for i in range(0, len(header), 80) if header[i:i + 8] == b"END     ")
    size = (end // 2880 + 1) * 2880
    cards = [header[i:i + 80] for i in range(0, end, 80)]
    number = {card[:8].strip(): int(card[10:30]) for card in cards if card[:8].strip() in
              (b"NAXIS1", b"NAXIS2", b"PCOUNT")}
    rows_end = number[b"NAXIS1"] * number[b"NAXIS2"]
    data = header[size:size + rows_end + number[b"PCOUNT"]]
    cards = [b"%-8s= %20d" % (b"PCOUNT", number[b"PCOUNT"] + gap) if card.startswith(b"PCOUNT  =") else card
             for card in cards if not card.startswith(b"THEAP")]
    cards.append(b"%-8s= %20d" % (b"THEAP", rows_end + gap))
    text = b"".join(card.ljust(80) for card in cards) + b"END".ljust(80)
    data = data[:rows_end] + b"\xAA" * gap + data[rows_end:]
    gapped = text.ljust(-(-len(text) // 2880) * 2880) + data.ljust(-(-len(data) // 2880) * 2880, b"\0")
    return original[:start] + gapped + original[start:]


for gap in [1, 2880, 30000]:
    with open(path("gap.fits"), "wb") as out:
        out.write(with_gap(gap))
    compare(f"a heap behind a gap of {gap}", path("gap.fits"), {"float64": ragged})
    compare(f"a table behind one with a gap of {gap}", path("gap.fits"), {"float64": ragged}, "(HDU 2)")

# Arrays that nobody wants are not read: a damaged heap address is seen only with its column.
data = bytearray(open(path("ragged.fits"), "rb").read())
first = original.index(b"XTENSION")
table_start = first + next(i for i in range(0, 28800, 80) if original[first + i:first + i + 8] == b"END     ") // 2880 * 2880 + 2880
data[table_start:table_start + 8] = b"\x7f" * 8
with open(path("bad.fits"), "wb") as out:
    out.write(data)
good = run("zij", "-c", f"SELECT sum(k) FROM '{path('bad.fits')}'", ":memory:")
bad = run("zij", "-c", f"SELECT count(float64) FROM '{path('bad.fits')}'", ":memory:")
check("arrays that are not asked for are not read", good.returncode == 0, good.stderr)
check("damaged ones are found", bad.returncode and "not in the heap" in bad.stderr, bad.stderr)
# Nor are numbers decoded: EXPLAIN ANALYZE counts what a scan gives.
byte_counts = []
for wanted in ["int8", "int8, int64", "*"]:
    plan = run("zij", "-At", "-c", f"EXPLAIN ANALYZE SELECT {wanted} FROM '{path('simple.fits')}'", ":memory:").stdout
    byte_counts.append(int(re.search(r"FileScan.*bytes=(\d+)", plan).group(1)))
check("a scan decodes what is asked for", byte_counts[0] < byte_counts[1] < byte_counts[2] / 10
      and byte_counts[0] < ROWS * 5, byte_counts)

# A COPY that fails leaves nothing.
result = run("zij", "-At", "-c", f"CREATE TABLE t (float64 double precision[], k bigint); COPY t FROM '{path('bad.fits')}'",
             "-c", "SELECT count(*) FROM t", ":memory:")
check("a COPY that fails is an error", "not in the heap" in result.stderr, result.stderr)
shutil.rmtree(folder)
check.end()
