"""The benchmark's comparison of answers: what it must call equal, and what it must not."""
import os
import sys

import pyarrow as pa

from _zij import Checks

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "Bench", "catbench"))
import answers  # noqa: E402

check = Checks()
nan, infinity = float("nan"), float("inf")


def table(**columns):
    return pa.table({name: values if isinstance(values, pa.Array) else pa.array(values)
                     for name, values in columns.items()})


def single(*values):
    return pa.array(values, pa.float32())


def rows(n, start=0):
    return table(a=pa.array(range(start, start + n), pa.int64()))


whole = table(a=[1, None, 3], b=["x", None, ""], c=[0.5, None, nan])
AGREE = {
    "a table with itself": (whole, whole),
    "widths of integers": (table(a=[1, 2]), table(a=pa.array([1, 2], pa.int16()))),
    "a decimal without fraction": (
        table(a=[7]), table(a=pa.array([7]).cast(pa.decimal128(38, 0)))),
    "unsigned above 2^63": (
        table(a=pa.array([2**63], pa.uint64())), table(a=pa.array([2**63], pa.uint64()))),
    "a dictionary": (table(a=["x", "y", "x"]), table(a=pa.array(["x", "y", "x"]).dictionary_encode())),
    "text as bytes": (table(a=["x"]), table(a=[b"x"])),
    "off by 1e-10": (table(a=[1.0]), table(a=[1.0 + 1e-10])),
    "single off by 1e-7": (table(a=[1.0]), table(a=single(1.0000001))),
    "NaN and NaN": (table(a=[nan]), table(a=[nan])),
    "infinities": (table(a=[infinity]), table(a=[infinity])),
    "zeros": (table(a=[0.0]), table(a=[-0.0])),
    "names of columns": (table(a=[1]), table(b=[1])),
    "no rows": (rows(0), rows(0)),
    "times": (
        table(a=pa.array([1000], pa.timestamp("us"))), table(a=pa.array([1000000], pa.timestamp("ns")))),
    "only NULLs": (table(a=pa.nulls(2, pa.float64())), table(a=pa.nulls(2, pa.float64()))),
}
DIFFER = {
    "off by 1e-8": (table(a=[1.0]), table(a=[1.0 + 1e-8])),
    "large off by 1e-8": (table(a=[1e12]), table(a=[1e12 * (1 + 1e-8)])),
    "single off by 1e-5": (table(a=single(1.0)), table(a=single(1.00001))),
    "NULL and NaN": (table(a=pa.array([None], pa.float64())), table(a=[nan])),
    "NaN and NULL": (table(a=[nan]), table(a=pa.array([None], pa.float64()))),
    "NaN and a number": (table(a=[nan]), table(a=[1.0])),
    "infinity and a number": (table(a=[infinity]), table(a=[1.0])),
    "infinities of two signs": (table(a=[infinity]), table(a=[-infinity])),
    "NULL and 0": (table(a=pa.array([None], pa.int64())), table(a=[0])),
    "NULL and empty text": (table(a=pa.array([None], pa.string())), table(a=[""])),
    "order of rows": (table(a=[1, 2]), table(a=[2, 1])),
    "order of columns": (table(a=[1], b=[2]), table(b=[2], a=[1])),
    "integers that doubles confuse": (table(a=[2**53]), table(a=[2**53 + 1])),
    "case of text": (table(a=["x"]), table(a=["X"])),
    "an integer and a float": (table(a=[1]), table(a=[1.0])),
    "a number and text": (table(a=[1]), table(a=["1"])),
    "a row more": (rows(2), rows(3)),
    "a column more": (table(a=[1]), table(a=[1], b=[1])),
    "the last of many rows": (rows(5000), table(a=[*range(4999), 0])),
}
for name, (expected, found) in AGREE.items():
    words = answers.difference(expected, found)
    check(f"agree: {name}", words is None, words)
for name, (expected, found) in DIFFER.items():
    words = answers.difference(expected, found)
    check(f"differ: {name}", words is not None, "called equal")
words = answers.difference(table(a=[1, 2, 3]), table(a=[1, 5, 6]))
check("words name column, row and values", words == "a: row 1: Decimal('5'), not Decimal('2') (2 rows differ)", words)
check.end()
