#!/usr/bin/env python3
"""Exchanges ORC files with pyarrow and pyorc, value by value.

    orc_roundtrip.py check FOLDER   reads what the Swift test wrote with ZIJ_ORC_OUT=FOLDER
    orc_roundtrip.py write FOLDER   writes files for the Swift test with ZIJ_ORC_IN=FOLDER

Values stand in `.jsonl` files, a row a line: floats as their bits, decimals as digits and scale,
dates in days, timestamps in nanoseconds, structures as arrays.
"""

import datetime
import decimal
import glob
import json
import os
import random
import struct
import sys

import pyarrow as pa
import pyarrow.orc as orc

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
decimal.getcontext().prec = 60


def bits(value, code):
    if value != value:
        return "nan"
    integer = {"f": "I", "d": "Q"}[code]
    return struct.unpack("<" + integer, struct.pack("<" + code, value))[0]


def plain(scalar):
    """An Arrow scalar in the form of the JSON lines."""
    kind = scalar.type
    if not scalar.is_valid:
        return None
    if pa.types.is_float32(kind):
        return bits(scalar.as_py(), "f")
    if pa.types.is_float64(kind):
        return bits(scalar.as_py(), "d")
    if pa.types.is_decimal(kind):
        return f"{int(scalar.as_py().scaleb(kind.scale))}e-{kind.scale}"
    if pa.types.is_binary(kind):
        return list(scalar.as_py())
    if pa.types.is_date32(kind) or pa.types.is_timestamp(kind):
        return scalar.value
    if pa.types.is_map(kind):
        entries = scalar.values
        return [[plain(e[0]), plain(e[1])] for e in entries]
    if pa.types.is_list(kind):
        return [plain(e) for e in scalar.values]
    if pa.types.is_struct(kind):
        return [plain(scalar[i]) for i in range(len(kind))]
    return scalar.as_py()


def check_arrow(path, expected):
    table = orc.ORCFile(path).read()
    columns = [table.column(i).combine_chunks() for i in range(table.num_columns)]
    assert table.num_rows == len(expected), path
    for row, line in enumerate(expected):
        found = [plain(column[row]) for column in columns]
        assert found == line, f"{path} row {row}: {found} instead of {line}"


def pyorc_plain(value, kind):
    """A pyorc value in the form of the JSON lines; timestamps lose their nanoseconds."""
    import pyorc

    k = pyorc.TypeKind
    if value is None:
        return None
    if kind.kind == k.FLOAT:
        return bits(value, "f")
    if kind.kind == k.DOUBLE:
        return bits(value, "d")
    if kind.kind == k.DECIMAL:
        return f"{int(value.scaleb(kind.scale))}e-{kind.scale}"
    if kind.kind == k.BINARY:
        return list(value)
    if kind.kind == k.DATE:
        return (value - EPOCH.date()).days
    if kind.kind == k.TIMESTAMP:
        delta = value - EPOCH
        return (delta.days * 86400 + delta.seconds) * 10**6 + delta.microseconds
    if kind.kind == k.LIST:
        return [pyorc_plain(v, kind.type) for v in value]
    if kind.kind == k.MAP:
        return {pyorc_plain(a, kind.key): pyorc_plain(b, kind.value) for a, b in value.items()}
    if kind.kind == k.STRUCT:
        return [pyorc_plain(v, f) for v, f in zip(value, kind.fields.values())]
    return value


def as_pyorc(value, kind):
    """An expected value in the form that `pyorc_plain` gives."""
    import pyorc

    k = pyorc.TypeKind
    if value is None:
        return None
    if kind.kind == k.TIMESTAMP:
        return value // 1000
    if kind.kind == k.LIST:
        return [as_pyorc(v, kind.type) for v in value]
    if kind.kind == k.MAP:
        return {as_pyorc(a, kind.key): as_pyorc(b, kind.value) for a, b in value}
    if kind.kind == k.STRUCT:
        return [as_pyorc(v, f) for v, f in zip(value, kind.fields.values())]
    return value


def check_pyorc(path, expected):
    import pyorc

    with open(path, "rb") as file:
        reader = pyorc.Reader(file)
        kinds = list(reader.schema.fields.values())
        count = 0
        for row, found in enumerate(reader):
            found = [pyorc_plain(v, kind) for v, kind in zip(found, kinds)]
            line = [as_pyorc(v, kind) for v, kind in zip(expected[row], kinds)]
            assert found == line, f"{path} row {row}: {found} instead of {line}"
            count += 1
        assert count == len(expected), path
        if len(expected) > 10:
            # Seeking goes through our row indexes.
            for row in sorted({0, 1, 700, 1023, 1024, 2999, len(expected) - 1}):
                if row >= len(expected):
                    continue
                try:
                    reader.seek(row)
                    found = [pyorc_plain(v, kind) for v, kind in zip(next(reader), kinds)]
                except pyorc.errors.ParseError as error:
                    # The C++ library cannot skip rows that are all NULL or empty text.
                    if "skip: lastBuffer_ is null" not in str(error):
                        raise
                    print("note:", path, "cannot seek:", error)
                    break
                line = [as_pyorc(v, kind) for v, kind in zip(expected[row], kinds)]
                assert found == line, f"{path} sought {row}: {found} instead of {line}"


def check(folder):
    paths = sorted(glob.glob(folder + "/*.orc"))
    failures = 0
    for path in paths:
        lines = path.rsplit("-", 1)[0] + ".jsonl"
        expected = [json.loads(line) for line in open(lines)]
        for name, reader in (("pyarrow", check_arrow), ("pyorc", check_pyorc)):
            try:
                reader(path, expected)
            except Exception as error:
                failures += 1
                print("FAILED", name, type(error).__name__, str(error)[:400])
    print(f"{len(paths)} files read by pyarrow and pyorc, {failures} failures")
    return failures


def sample(kind, rng):
    if rng.random() < 0.2:
        return None
    if pa.types.is_boolean(kind):
        return rng.random() < 0.5
    if pa.types.is_integer(kind):
        width = kind.bit_width
        return rng.randrange(-(2 ** (width - 1)), 2 ** (width - 1)) >> rng.randrange(width)
    if pa.types.is_float32(kind):
        return struct.unpack("<f", struct.pack("<f", rng.uniform(-1e5, 1e5)))[0]
    if pa.types.is_float64(kind):
        return rng.choice([rng.uniform(-1e9, 1e9), float("nan"), float("inf"), -0.0])
    if pa.types.is_decimal(kind):
        return decimal.Decimal(rng.randrange(-(10**20), 10**20)).scaleb(-kind.scale)
    if pa.types.is_string(kind):
        return rng.choice(["Sirius", "", "Vega", "α Cen", str(rng.randrange(10**9))])
    if pa.types.is_binary(kind):
        return rng.randbytes(rng.randrange(9))
    if pa.types.is_date32(kind):
        return datetime.date(1970, 1, 1) + datetime.timedelta(days=rng.randrange(-40000, 40000))
    if pa.types.is_timestamp(kind):
        moment = rng.randrange(-(10**18), 10**18)
        # The C++ writer cannot store the last second before 1970.
        return moment if not -(10**9) <= moment < 0 else 0
    if pa.types.is_map(kind):
        return [(str(i), sample(kind.item_type, rng)) for i in range(rng.randrange(3))]
    if pa.types.is_list(kind):
        return [sample(kind.value_type, rng) for _ in range(rng.randrange(4))]
    if pa.types.is_struct(kind):
        return {kind.field(i).name: sample(kind.field(i).type, rng) for i in range(len(kind))}
    raise ValueError(kind)


KINDS = [
    pa.bool_(), pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.float32(), pa.float64(),
    pa.decimal128(30, 4), pa.string(), pa.binary(), pa.date32(), pa.timestamp("ns"),
    pa.list_(pa.int32()), pa.list_(pa.list_(pa.string())), pa.map_(pa.string(), pa.float64()),
    pa.struct([("a", pa.int16()), ("b", pa.list_(pa.bool_()))]),
]


def write(folder):
    rng = random.Random(1)
    for codec in ["uncompressed", "zlib", "snappy", "lz4", "zstd"]:
        for stride in [1000, 10000]:
            for threshold in [0.0, 1.0]:
                arrays = [pa.array([sample(k, rng) for _ in range(12000)], k) for k in KINDS]
                table = pa.table(arrays, names=[f"c{i}" for i in range(len(KINDS))])
                name = f"{folder}/{codec}-{stride}-{int(threshold)}"
                orc.write_table(
                    table, name + ".orc", compression=codec, row_index_stride=stride,
                    stripe_size=1 << 16, compression_block_size=1 << 16, batch_size=512,
                    dictionary_key_size_threshold=threshold)
                with open(name + ".jsonl", "w") as lines:
                    for row in range(len(arrays[0])):
                        values = [plain(array[row]) for array in arrays]
                        lines.write(json.dumps(values, ensure_ascii=False) + "\n")
    print(len(glob.glob(folder + "/*.orc")), "files written")
    return 0


if __name__ == "__main__":
    command, target = sys.argv[1:3]
    os.makedirs(target, exist_ok=True)
    sys.exit({"check": check, "write": write}[command](target))
