"""Avro files in FROM and COPY: every value of every fixture as fastavro reads it, files that fastavro
writes by random schemas in every type and codec, and files of several versions in one table.

Values travel through ORC files, which pyarrow reads: nested columns are checked on that way, too."""
import datetime
import decimal
import glob
import importlib.util
import json
import math
import os
import random
import shutil
import struct
import tempfile
import uuid

import fastavro
import pyarrow.orc as orc

from _zij import Checks, run

check = Checks()
folder = tempfile.mkdtemp(prefix="zij-avro-")
fixtures = os.path.join(os.environ.get("ZIJ_FIXTURES", ""), "alerts")
chance = random.Random(20260)
CODECS = ["null", "deflate", "snappy", "zstandard"]
UTC = datetime.timezone.utc


def path(name):
    return os.path.join(folder, name)


def zij(*commands):
    arguments = [word for command in commands for word in ("-c", command)]
    return run("zij", "--json", *arguments, ":memory:")


def exported(source):
    """The rows of a table expression, through an ORC file; or the error."""
    target = path("out.orc")
    result = zij(f"COPY (SELECT * FROM {source}) TO '{target}'")
    if result.returncode != 0:
        return result.stderr.strip()
    return orc.read_table(target).to_pylist()


# What fastavro reads, as Zij has it.


def parts(schema, names):
    """The schema with its named types found."""
    if isinstance(schema, str):
        return names.get(schema, schema)
    if isinstance(schema, dict) and schema.get("type") in ("record", "enum", "fixed"):
        names[schema["name"]] = schema
    if isinstance(schema, dict) and isinstance(schema["type"], (dict, list)):
        return parts(schema["type"], names)
    return schema


PYTHON = {
    "boolean": bool, "int": int, "long": int, "float": float, "double": float, "bytes": bytes,
    "string": str, "enum": str, "fixed": bytes, "array": list, "map": dict, "record": dict,
}


def branch_of(value, branches, names):
    for branch in branches:
        kind = parts(branch, names)
        name = kind if isinstance(kind, str) else kind["type"]
        if type(value) is PYTHON.get(name):
            return branch
    raise AssertionError(f"no branch for {value!r}")


def wanted(value, schema, names):
    schema = parts(schema, names)
    if isinstance(schema, list):
        others = [branch for branch in schema if branch != "null"]
        for branch in others:
            parts(branch, names)
        if len(others) == 1:
            return None if value is None else wanted(value, others[0], names)
        if value is None:
            return None
        chosen = branch_of(value, others, names)
        result = {}
        for branch in others:
            kind = parts(branch, names)
            name = kind if isinstance(kind, str) else kind.get("name", kind["type"])
            result[name.split(".")[-1]] = wanted(value, branch, names) if branch == chosen else None
        return result
    kind = schema if isinstance(schema, str) else schema["type"]
    if value is None:
        return None
    if kind == "record":
        return {f["name"]: wanted(value[f["name"]], f["type"], names) for f in schema["fields"]}
    if kind == "array":
        return [wanted(item, schema["items"], names) for item in value]
    if kind == "map":
        return [(key, wanted(item, schema["values"], names)) for key, item in value.items()]
    if isinstance(value, uuid.UUID):
        return str(value)
    return value


def same(ours, theirs, code="<d"):
    if isinstance(theirs, float) and isinstance(ours, float):
        if math.isnan(theirs):
            return math.isnan(ours)
        return struct.pack(code, ours) == struct.pack(code, theirs)
    if isinstance(theirs, dict):
        if isinstance(ours, dict) and "sgmag1_1" in ours:
            # WINTER's records have fields twice; dictionaries keep the last.
            ours = {key: item for key, item in ours.items() if not key.endswith("_1")}
        return isinstance(ours, dict) and list(ours) == list(theirs) and all(
            same(ours[key], theirs[key]) for key in theirs)
    if isinstance(theirs, (list, tuple)):
        return isinstance(ours, (list, tuple)) and len(ours) == len(theirs) and all(
            same(a, b) for a, b in zip(ours, theirs))
    if isinstance(theirs, datetime.datetime):
        if hasattr(ours, "to_pydatetime"):
            ours = ours.to_pydatetime()
        return ours is not None and ours.replace(tzinfo=UTC) == theirs.astimezone(UTC)
    return type(ours) is type(theirs) and ours == theirs


def first_difference(ours, theirs, where=""):
    if isinstance(theirs, dict) and isinstance(ours, dict) and list(ours) == list(theirs):
        for key in theirs:
            if not same(ours[key], theirs[key]):
                return first_difference(ours[key], theirs[key], f"{where}.{key}")
    if isinstance(theirs, list) and isinstance(ours, list) and len(ours) == len(theirs):
        for index, (a, b) in enumerate(zip(ours, theirs)):
            if not same(a, b):
                return first_difference(a, b, f"{where}[{index}]")
    return f"{where}: {str(ours)[:200]} in place of {str(theirs)[:200]}"


def count(value):
    if isinstance(value, dict):
        return sum(count(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return sum(count(item) for item in value)
    return 1


def compare(name, source, theirs):
    ours = exported(source)
    if isinstance(ours, str):
        return check(name, False, ours[:300])
    check(f"{name}: {len(theirs)} records, {count(theirs)} values", same(ours, theirs),
          first_difference(ours, theirs))


def read(file):
    with open(file, "rb") as stream:
        reader = fastavro.reader(stream)
        return [wanted(record, reader.writer_schema, {}) for record in reader]


# Fixtures.

files = sorted(glob.glob(os.path.join(fixtures, "**", "*.avro"), recursive=True))
if not files:
    print(f"no alerts in {fixtures}: they are left out")
framed = [file for file in files if open(file, "rb").read(4) != b"Obj\x01"]
for file in files:
    if file not in framed:
        compare(os.path.relpath(file, fixtures), f"'{file}'", read(file))
try:
    # Where the package lies; importing it would import all that it needs.
    schemas = os.path.join(
        importlib.util.find_spec("lsst.alert.packet").submodule_search_locations[0], "schema")
except (ImportError, AttributeError):
    schemas = None
    print("lsst-alert-packet is not installed: framed messages of Rubin are left out")
for file in framed:
    result = zij(f"SELECT count(*) FROM '{file}'")
    check("a framed message is no container file", "confluent" in result.stderr, result.stderr)
    if schemas is None:
        continue
    schema = fastavro.schema.load_schema(os.path.join(schemas, "9", "0", "lsst.v9_0.alert.avsc"))
    with open(file, "rb") as stream:
        stream.seek(5)
        record = wanted(fastavro.schemaless_reader(stream, schema), schema, {})
    source = f"'{file}' (framing => 'confluent', schemas => '{schemas}')"
    compare(os.path.relpath(file, fixtures), source, [record])
    empty = path("schemas")
    os.makedirs(empty, exist_ok=True)
    result = zij(f"SELECT 1 FROM '{file}' (framing => 'confluent', schemas => '{empty}')")
    check("an unknown schema is named", "schema 900" in result.stderr, result.stderr)

# Random schemas.


def random_schema(depth, names):
    kinds = ["boolean", "int", "long", "float", "double", "bytes", "string", "enum", "fixed",
             "date", "timestamp-millis", "timestamp-micros", "decimal", "fixed decimal", "uuid"]
    kinds += ["array", "map", "record", "nullable", "nullable", "union"] * (2 if depth < 3 else 0)
    kind = chance.choice(kinds)
    names[0] += 1
    name = f"t{names[0]}"
    if kind == "enum":
        return {"type": "enum", "name": name, "symbols": ["A", "Bee", "C"]}
    if kind == "fixed":
        return {"type": "fixed", "name": name, "size": chance.randint(1, 20)}
    if kind == "date":
        return {"type": "int", "logicalType": "date"}
    if kind.startswith("timestamp"):
        return {"type": "long", "logicalType": kind}
    if kind == "decimal":
        return {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 4}
    if kind == "fixed decimal":
        return {"type": "fixed", "name": name, "size": 9, "logicalType": "decimal",
                "precision": 18, "scale": 2}
    if kind == "uuid":
        return {"type": "string", "logicalType": "uuid"}
    if kind == "array":
        return {"type": "array", "items": random_schema(depth + 1, names)}
    if kind == "map":
        return {"type": "map", "values": random_schema(depth + 1, names)}
    if kind == "record":
        return record_schema(name, depth + 1, names)
    if kind == "nullable":
        inner = random_schema(depth + 1, names)
        if isinstance(inner, list):
            return inner
        return ["null", inner] if chance.random() < 0.5 else [inner, "null"]
    if kind == "union":
        branches = chance.sample(["int", "double", "string", "bytes", "boolean"], 3)
        return branches + (["null"] if chance.random() < 0.5 else [])
    return kind


def record_schema(name, depth, names):
    fields = [{"name": f"f{index}", "type": random_schema(depth, names)}
              for index in range(chance.randint(1, 6 if depth else 12))]
    return {"type": "record", "name": name, "fields": fields}


def random_value(schema):
    if isinstance(schema, list):
        return random_value(chance.choice(schema))
    kind = schema if isinstance(schema, str) else schema["type"]
    meaning = None if isinstance(schema, str) else schema.get("logicalType")
    if meaning == "date":
        return datetime.date(1970, 1, 1) + datetime.timedelta(chance.randint(-50000, 50000))
    if meaning in ("timestamp-millis", "timestamp-micros"):
        moment = datetime.datetime(1970, 1, 1, tzinfo=UTC)
        unit = 1000 if meaning == "timestamp-millis" else 1
        return moment + datetime.timedelta(microseconds=chance.randint(-10**12, 10**12) * unit)
    if meaning == "decimal":
        digits = 20 if kind == "bytes" else 18
        return decimal.Decimal(chance.randint(-10**digits + 1, 10**digits - 1)).scaleb(
            -schema["scale"], decimal.Context(prec=40))
    if meaning == "uuid":
        return uuid.UUID(int=chance.getrandbits(128))
    if kind == "null":
        return None
    if kind == "boolean":
        return chance.random() < 0.5
    if kind == "int":
        return chance.choice([0, -1, 2**31 - 1, -2**31, chance.randint(-1000, 1000)])
    if kind == "long":
        return chance.choice([0, -1, 2**63 - 1, -2**63, chance.randint(-10**12, 10**12)])
    if kind == "float":
        number = chance.choice([0.0, -0.0, math.nan, math.inf, 1.5, chance.gauss(0, 1e10)])
        return struct.unpack("<f", struct.pack("<f", number))[0]
    if kind == "double":
        return chance.choice([0.0, -0.0, math.nan, -math.inf, 5e-324, chance.gauss(0, 1e100)])
    if kind == "bytes":
        return chance.randbytes(chance.choice([0, 1, 7, 300]))
    if kind == "string":
        return "".join(chance.choice("aé☃𝄞 \x00\"") for _ in range(chance.choice([0, 1, 5, 80])))
    if kind == "enum":
        return chance.choice(schema["symbols"])
    if kind == "fixed":
        return chance.randbytes(schema["size"])
    if kind == "array":
        return [random_value(schema["items"]) for _ in range(chance.choice([0, 1, 2, 5]))]
    if kind == "map":
        return {f"k{i}": random_value(schema["values"]) for i in range(chance.choice([0, 1, 3]))}
    return {field["name"]: random_value(field["type"]) for field in schema["fields"]}


for trial in range(40):
    schema = record_schema("top", 0, [0])
    records = [random_value(schema) for _ in range(chance.choice([0, 1, 3, 1500]))]
    codec = CODECS[trial % 4]
    file = path(f"random{trial}.avro")
    with open(file, "wb") as out:
        fastavro.writer(out, schema, records, codec=codec, sync_interval=chance.choice([1, 16000]))
    compare(f"random schema {trial}, {codec}", f"'{file}'", read(file))

# Several versions in one table; damage and surprises.


def write(name, schema, records, codec="null"):
    with open(path(name), "wb") as out:
        fastavro.writer(out, schema, records, codec=codec)
    return path(name)


def record(fields, name="r"):
    return {"type": "record", "name": name, "fields": fields}


inner1 = record([{"name": "x", "type": "int"}, {"name": "gone", "type": "string"}], "inner")
inner2 = record([{"name": "x", "type": "long"}, {"name": "new", "type": ["null", "float"]}], "inner")
write("v1.avro", record([
    {"name": "id", "type": "int"}, {"name": "mag", "type": "float"},
    {"name": "in", "type": inner1}, {"name": "old_name", "type": "string"}]),
    [{"id": 1, "mag": 1.5, "in": {"x": 7, "gone": "a"}, "old_name": "one"}])
write("v2.avro", record([
    {"name": "id", "type": "long"}, {"name": "mag", "type": "double"},
    {"name": "in", "type": ["null", inner2]}, {"name": "more", "type": ["null", "bytes"]},
    {"name": "label", "type": "string", "aliases": ["old_name"]}]),
    [{"id": 2**40, "mag": 0.1, "in": {"x": 2**33, "new": 2.5}, "more": b"z", "label": "two"},
     {"id": 3, "mag": 0.2, "in": None, "more": None, "label": "three"}])
expected = [
    {"id": 1, "mag": 1.5, "in": {"x": 7, "gone": "a", "new": None}, "old_name": "one", "more": None},
    {"id": 2**40, "mag": 0.1, "in": {"x": 2**33, "gone": None, "new": 2.5}, "old_name": "two", "more": b"z"},
    {"id": 3, "mag": 0.2, "in": None, "old_name": "three", "more": None}]
compare("two versions", f"'{path('v?.avro')}'", expected)
reader = record([
    {"name": "id", "type": "long"}, {"name": "name", "aliases": ["old_name", "label"], "type": "string"},
    {"name": "flag", "type": "string", "default": "none"}, {"name": "list", "default": [1, 2],
     "type": {"type": "array", "items": "int"}}])
with open(path("reader.avsc"), "w") as out:
    json.dump(reader, out)
compare("a reader's schema with defaults", f"'{path('v?.avro')}' (schema => '{path('reader.avsc')}')", [
    {"id": number, "name": name, "flag": "none", "list": [1, 2]}
    for number, name in [(1, "one"), (2**40, "two"), (3, "three")]])

branches = write("branches.avro", record([{"name": "u", "type": [
    record([{"name": "v", "type": "long"}], "A"), record([{"name": "w", "type": "string"}], "B")]}]),
    [{"u": ("A", {"v": 7})}, {"u": ("B", {"w": "x"})}])
result = zij(f"CREATE TABLE t AS SELECT * FROM '{branches}'", f"COPY t FROM '{branches}'",
             'SELECT sum((u)."A".v) AS v, count((u)."B".w) AS w FROM t')
check("COPY keeps the branches of unions", '{"v":14,"w":2}' in result.stdout, result.stdout + result.stderr)
os.remove(branches)

write("text.avro", record([{"name": "id", "type": "string"}]), [{"id": "x"}])
result = zij(f"SELECT * FROM '{path('*.avro')}'")
check("types that do not fit are refused", 'in one file and' in result.stderr, result.stderr)
recursive = record([{"name": "next", "type": ["null", "r"]}])
write("recursive.avro", recursive, [{"next": None}])
result = zij(f"SELECT * FROM '{path('recursive.avro')}'")
check("recursive types are refused", "contains itself" in result.stderr, result.stderr)
result = zij(f"SELECT * FROM '{path('none*.avro')}'")
check("a pattern without files", "no file matches" in result.stderr, result.stderr)
whole = open(write("whole.avro", record([{"name": "s", "type": "string"}]),
                   [{"s": "x" * 100} for _ in range(50)], "snappy"), "rb").read()
for name, data, word in [
    ("cut off", whole[:-20], "beyond the file's end"),
    ("another mark", whole[:-1] + bytes([whole[-1] ^ 1]), "mark"),
    ("a wrong checksum", whole[:-17] + bytes([whole[-17] ^ 1]) + whole[-16:], "checksum"),
]:
    with open(path("damaged.avro"), "wb") as out:
        out.write(data)
    result = zij(f"SELECT count(s) FROM '{path('damaged.avro')}'")
    check(f"{name} is refused", word in result.stderr, result.stderr or result.stdout)
plain = open(write("plain.avro", record([{"name": "s", "type": "string"}]), [{"s": "xyz"}]), "rb").read()
with open(path("damaged.avro"), "wb") as out:
    out.write(plain.replace(b"xyz", b"x\xff\xff"))
result = zij(f"SELECT s FROM '{path('damaged.avro')}'")
check("the record is named once", result.stderr.count("record 1 of the block") == 1, result.stderr)

shutil.rmtree(folder)
check.end()
