"""The ADBC driver inside of Python: driver manager, DB-API, pandas and polars. The cases of ADBC's own
validation suite carry its names. Then what must not bring the host down: forks, Ctrl-C, damage."""
import datetime
import decimal
import glob
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings

import adbc_driver_manager as manager
import adbc_driver_manager.dbapi as dbapi
import pandas as pd
import polars as pl
import pyarrow as pa

from _zij import Checks, run

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DRIVER = os.environ.get("ZIJ_DRIVER", os.path.join(ROOT, ".build", "driver", "libadbc_driver_zij.so"))
check = Checks()
folder = tempfile.mkdtemp(prefix="zij-adbc-")


def path(name):
    return os.path.join(folder, name)


def connect(uri=":memory:", **options):
    return dbapi.connect(driver=DRIVER, db_kwargs={"uri": uri, **options}, autocommit=True)


def rows(connection, sql, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def do(connection, sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.rowcount


def raises(kind, body, *texts, status=None):
    """Whether `body` raises an exception of `kind` whose text has all `texts`."""
    try:
        body()
    except kind as error:
        wrong = [text for text in texts if text not in str(error)]
        if status is not None and getattr(error, "status_code", None) != status:
            wrong.append(getattr(error, "status_code", None))
        return not wrong, f"{wrong} in {error}"
    except BaseException as error:
        return False, f"{type(error).__name__}: {error}"
    return False, "no exception"


def refused(name, kind, body, *texts, status=None):
    ok, detail = raises(kind, body, *texts, status=status)
    check(name, ok, detail)


Status = manager.AdbcStatusCode

# --- What leaves the file: two symbols, and no run time of Swift beside it.
needed = subprocess.run(["readelf", "-d", DRIVER], capture_output=True, text=True).stdout
needed = set(re.findall(r"NEEDED.*\[(.*)\]", needed))
system = {"libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1", "ld-linux-x86-64.so.2"}
check("needs only the system's libraries", needed <= system, needed - system)

# --- Databases
refused("Database: no uri", manager.ProgrammingError, lambda: manager.AdbcDatabase(driver=DRIVER), "uri", status=Status.INVALID_ARGUMENT)
refused("Database: unknown option", manager.NotSupportedError,
        lambda: manager.AdbcDatabase(driver=DRIVER, uri=":memory:", nonsense="1"), "nonsense")
refused("Database: unknown scheme", manager.ProgrammingError, lambda: connect("http://x/y"), "http")
refused("Database: a server", manager.NotSupportedError, lambda: connect("zij://host/db"), "three slashes")
refused("Database: a folder that is not there", manager.Error, lambda: connect("zij://" + path("no/such/place.zij")), "no/such")
refused("Database: not to be created", manager.ProgrammingError,
        lambda: connect("zij://" + path("none.zij"), **{"zij.create": "false"}), "none.zij", status=Status.NOT_FOUND)
open(path("file.zij"), "w").close()
refused("Database: a file in place of a folder", manager.Error, lambda: connect("zij://" + path("file.zij")), "file.zij")
database = manager.AdbcDatabase(driver=DRIVER, uri=":memory:")
connection = manager.AdbcConnection(database)
# Python's own check comes before the driver's.
refused("Database: Release with connections", RuntimeError, database.close, "open")
connection.close()
database.close()
check("Database: NewInit, Release", True)

stored = path("my data.zij")
with connect("zij://" + stored.replace(" ", "%20"), **{"zij.threads": "2", "zij.memory_limit": str(1 << 30)}) as c:
    do(c, "CREATE TABLE stars (id bigint, ra double precision UNIT 'deg' UCD 'pos.eq.ra', name text)")
    do(c, "INSERT INTO stars VALUES (1, 10.5, 'Vega'), (2, NULL, NULL), (3, 359.0, 'Größe')")
check("Database: a percent sign in a URI", os.path.isdir(stored))
with connect("file:" + stored, **{"zij.read_only": "true"}) as c:
    check("Database: file: and read-only", rows(c, "SELECT count(*) FROM stars") == [(3,)])
    refused("Database: read-only refuses", manager.Error, lambda: do(c, "DROP TABLE stars"))

# --- Connections
c = connect(stored)
info = c.adbc_get_info()
check("MetadataGetInfo", info["vendor_name"] == "Zij" and info["driver_adbc_version"] == 1_001_000, info)
check("MetadataCurrentCatalog", c.adbc_current_catalog == "zij" and c.adbc_current_db_schema == "public")
check("MetadataGetTableTypes", set(c.adbc_get_table_types()) == {"table", "system table"})
schema = c.adbc_get_table_schema("stars")
check("MetadataGetTableSchema", schema.names == ["id", "ra", "name"] and schema.field("ra").metadata[b"zij.unit"] == b"deg", schema)
check("MetadataGetTableSchemaDbSchema", c.adbc_get_table_schema("stars", db_schema_filter="public").names[0] == "id")
refused("MetadataGetTableSchemaNotFound", manager.Error, lambda: c.adbc_get_table_schema("nope"), "nope", status=Status.NOT_FOUND)
do(c, 'CREATE TABLE "we""ird Tä" ("a ""b" integer)')
check("MetadataGetTableSchemaEscaping", c.adbc_get_table_schema('we"ird Tä').names == ['a "b'])
objects = c.adbc_get_objects(depth="all").read_all().to_pylist()
check("MetadataGetObjectsCatalogs", [o["catalog_name"] for o in objects] == ["zij"], objects)
schemas = {s["db_schema_name"]: s for s in objects[0]["catalog_db_schemas"]}
check("MetadataGetObjectsDbSchemas", {"public", "information_schema"} <= set(schemas), list(schemas))
tables = {t["table_name"]: t for t in schemas["public"]["db_schema_tables"]}
check("MetadataGetObjectsTables", {"stars", 'we"ird Tä'} <= set(tables), list(tables))
columns = [(x["column_name"], x["ordinal_position"], x["xdbc_type_name"]) for x in tables["stars"]["table_columns"]]
check("MetadataGetObjectsColumns", columns == [("id", 1, "bigint"), ("ra", 2, "double precision"), ("name", 3, "text")], columns)
some = c.adbc_get_objects(depth="tables", table_name_filter="st%s", table_types_filter=["table"]).read_all().to_pylist()
names = [t["table_name"] for s in some[0]["catalog_db_schemas"] for t in s["db_schema_tables"]]
check("MetadataGetObjectsTablesTypes", names == ["stars"], names)
flat = c.adbc_get_objects(depth="catalogs").read_all().to_pylist()
check("MetadataGetObjects: depth 1", flat == [{"catalog_name": "zij", "catalog_db_schemas": None}], flat)
none = c.adbc_get_objects(depth="all", catalog_filter="other").read_all()
check("MetadataGetObjects: no match", none.num_rows == 0)
with connect() as other:
    check("AutocommitDefault", other.adbc_connection.get_option("adbc.connection.autocommit") == "true")
with dbapi.connect(driver=DRIVER, db_kwargs={"uri": ":memory:"}) as other:
    rows(other, "SELECT 1")
    with other.cursor() as cursor:
        cursor.execute("CREATE TABLE x (i integer)")
        cursor.execute("INSERT INTO x VALUES (1)")
        other.commit()
        cursor.executemany("INSERT INTO x VALUES ($1)", [(2,), (3,)])
        cursor.execute("SELECT count(*) FROM x")
        check("Transactions: its own rows are seen", cursor.fetchall() == [(3,)])
        other.rollback()
        check("QueryInsertRollback", rows(other, "SELECT i FROM x") == [(1,)])
        cursor.adbc_ingest("x", pa.table({"i": [5]}), mode="append")
        cursor.adbc_ingest("y", pa.table({"i": [5]}), mode="create")
        other.rollback()
        check("ingestion is rolled back", rows(other, "SELECT i FROM x") == [(1,)])
        refused("and a new table", manager.Error, lambda: rows(other, "SELECT * FROM y"), status=Status.NOT_FOUND)
        refused("a failed transaction refuses", manager.Error, lambda: rows(other, "SELECT 1"), "aborted")
        refused("and does not commit", manager.Error, other.commit, "rolled back")
        check("AutocommitToggle", rows(other, "SELECT i FROM x") == [(1,)])
        cursor.execute("INSERT INTO x VALUES (7)")
        other.adbc_connection.set_autocommit(True)
        cursor.execute("INSERT INTO x VALUES (8)")
        check("autocommit commits", rows(other, "SELECT i FROM x ORDER BY i") == [(1,), (7,), (8,)])
        other.adbc_connection.set_autocommit(False)
refused("Commit without a transaction", manager.Error, c.adbc_connection.commit, status=Status.INVALID_STATE)
refused("GetOption: not there", manager.Error, lambda: c.adbc_connection.get_option("zij.nonsense"), status=Status.NOT_FOUND)

# --- Queries
check("QueryInts", rows(c, "SELECT 42") == [(42,)])
check("QueryFloats", rows(c, "SELECT CAST(1.5 AS real), 2.5") == [(1.5, 2.5)])
check("QueryStrings", rows(c, "SELECT 'SaShiSuSeSo', ''") == [("SaShiSuSeSo", "")])
check("QueryTrailingSemicolons", rows(c, "SELECT 1 AS a;") == [(1,)])
check("QueryEmpty", rows(c, "SELECT * FROM stars WHERE id = 77") == [])
check("a table", rows(c, "SELECT id, ra, name FROM stars ORDER BY id") == [(1, 10.5, "Vega"), (2, None, None), (3, 359.0, "Größe")])
kinds = rows(c, "SELECT true, CAST(1 AS smallint), DATE '2024-02-29', TIMESTAMP '2024-02-29 12:34:56.5', "
             "CAST(12.34 AS decimal(10,2)), ARRAY[1, NULL, 3], POINT(1, 2), NULL")[0]
check("values of many types", kinds == (
    True, 1, datetime.date(2024, 2, 29), pd.Timestamp("2024-02-29 12:34:56.5"), decimal.Decimal("12.34"), [1, None, 3],
    {"lon": 1.0, "lat": 2.0}, None), kinds)
with c.cursor() as cursor:
    cursor.execute("SELECT generate_series AS i FROM generate_series(1, 300000)")
    first = cursor.fetchone()
    many = cursor.fetchmany(10)
    rest = cursor.fetch_arrow_table()
    check("fetchone, fetchmany, then Arrow", first == (1,) and many[9] == (11,) and rest.num_rows <= 300000 - 11)
with c.cursor() as cursor:
    cursor.execute("SELECT * FROM stars")
    check("description before rows", [d[0] for d in cursor.description] == ["id", "ra", "name"])
    check("units reach Arrow", cursor.fetch_arrow_table().schema.field("ra").metadata[b"zij.ucd"] == b"pos.eq.ra")
refused("QueryErrors: syntax", manager.ProgrammingError, lambda: rows(c, "SELEC 1"), "SELECT", status=Status.INVALID_ARGUMENT)
refused("QueryErrors: table", manager.ProgrammingError, lambda: rows(c, "SELECT * FROM stras"), "stras", "stars", status=Status.NOT_FOUND)
refused("QueryErrors: division", manager.DataError, lambda: rows(c, "SELECT 1/(id-1) FROM stars"), "division by zero")
refused("QueryErrors: exists", manager.Error, lambda: do(c, "CREATE TABLE stars (a integer)"), status=Status.ALREADY_EXISTS)
try:
    rows(c, "SELECT 1,\n rra FROM stars")
    check("ErrorCompatibility", False)
except manager.Error as error:
    details = dict(error.details)
    check("ErrorCompatibility", error.sqlstate == "42703" and details[b"line"] == b"2" and b"ra" in details[b"hint"],
          (error.sqlstate, details))
try:
    with c.cursor() as cursor:
        cursor.execute("SELECT 1/(generate_series - 250000) AS x FROM generate_series(1, 300000)")
        cursor.fetch_arrow_table()
    check("an error behind the first rows", False)
except Exception as error:
    check("an error behind the first rows", "division by zero" in str(error), error)

# --- Statements
db = manager.AdbcDatabase(driver=DRIVER, uri=":memory:")
low = manager.AdbcConnection(db)


def stream(statement):
    handle, affected = statement.execute_query()
    return pa.RecordBatchReader._import_from_c(handle.address)


with manager.AdbcStatement(low) as s:
    refused("PrepareErrorNoQuery", manager.ProgrammingError, s.prepare, status=Status.INVALID_STATE)
    s.set_sql_query("SELECT 1 AS a")
    s.prepare()
    check("PrepareSelectNoParams", stream(s).read_all().to_pylist() == [{"a": 1}])
    handle = s.execute_schema()
    check("SchemaInts", pa.Schema._import_from_c(handle.address).names == ["a"])
with manager.AdbcStatement(low) as a, manager.AdbcStatement(low) as b:
    big = "SELECT generate_series AS n FROM generate_series(1, 400000)"
    a.set_sql_query(big)
    b.set_sql_query(big)
    one, two = stream(a), stream(b)
    first, second = one.read_next_batch(), two.read_next_batch()
    check("ConcurrentStatements", one.read_all().num_rows + first.num_rows == 400000
          and two.read_all().num_rows + second.num_rows == 400000)
    reader = stream(a)
    batch = reader.read_next_batch()
    again = stream(a)
    check("ResultInvalidation", again.read_all().num_rows == 400000)
    del reader, again
with manager.AdbcStatement(low) as s:
    s.set_sql_query(big)
    reader = stream(s)
    batch = reader.read_next_batch()
check("ResultIndependence", reader.read_all().num_rows + batch.num_rows == 400000)
del reader
low.close()
db.close()
low = db = None
check("PrepareSelectParams", rows(c, "SELECT CAST($1 AS bigint) + 1, CAST($2 AS text)", (41, "x")) == [(42, "x")])
check("a NULL for a parameter", rows(c, "SELECT id FROM stars WHERE name = $1", (None,)) == [])
check("injection", rows(c, "SELECT CAST($1 AS text)", ("'; DROP TABLE stars; --",)) == [("'; DROP TABLE stars; --",)])
refused("PrepareErrorParamCountMismatch", manager.ProgrammingError, lambda: rows(c, "SELECT CAST($1 AS integer), CAST($2 AS integer)", (1,)), "2 parameters")
with c.cursor() as cursor:
    cursor.execute("CREATE TABLE p (i bigint, t text, d double precision)")
    cursor.executemany("INSERT INTO p VALUES ($1, $2, $3)", [(1, "a", 0.5), (2, None, None), (3, "c", float("nan"))])
    check("PrepareUpdate", cursor.rowcount == 3, cursor.rowcount)
    cursor.execute("SELECT i, t FROM p ORDER BY i")
    check("its rows", cursor.fetchall() == [(1, "a"), (2, None), (3, "c")])

# --- Ingestion
moment = datetime.datetime(2024, 2, 29, 12, 34, 56, 789000)
arrays = {
    "Bool": (pa.array([True, None, False]), None),
    **{f"Int{b}": (pa.array([1, None, -(2 ** (b - 1))], f"int{b}"), None) for b in (8, 16, 32, 64)},
    **{f"UInt{b}": (pa.array([1, None, 2 ** b - 1], f"uint{b}"), None) for b in (8, 16, 32)},
    "UInt64": (pa.array([1, None, 2 ** 64 - 1], "uint64"), [decimal.Decimal(1), None, decimal.Decimal(2 ** 64 - 1)]),
    "Float16": (pa.array([1.5, None, -0.25], pa.float16()), None),
    "Float32": (pa.array([1.5, None, float("inf")], "float32"), None),
    "Float64": (pa.array([1.5, None, -2.5], "float64"), None),
    "String": (pa.array(["foo", None, "", "日本"]), None),
    "LargeString": (pa.array(["foo", None, "", "日本"], pa.large_string()), None),
    "StringView": (pa.array(["foo", None, "", "日本 much longer than twelve bytes"], pa.string_view()), None),
    "Binary": (pa.array([b"\x00\x01", None, b""]), None),
    "LargeBinary": (pa.array([b"\x00\x01", None, b""], pa.large_binary()), None),
    "BinaryView": (pa.array([b"\x00\x01" * 20, None, b""], pa.binary_view()), None),
    "FixedSizeBinary": (pa.array([b"\x00\x01", None, b"ab"], pa.binary(2)), None),
    "Date32": (pa.array([datetime.date(1969, 12, 31), None]), None),
    "Date64": (pa.array([datetime.date(1969, 12, 31), None], pa.date64()), None),
    **{f"Timestamp {u}": (pa.array([moment, None]).cast(pa.timestamp(u), safe=False), None) for u in ("ms", "us", "ns")},
    "TimestampTz": (pa.array([1, None], pa.timestamp("us", "UTC")), [pd.Timestamp(1, unit="us"), None]),
    "Decimal": (pa.array([decimal.Decimal("1.25"), None], pa.decimal128(20, 2)), None),
    "Dictionary": (pa.array(["a", "b", None, "a"]).dictionary_encode(), None),
    "ListOfInt32": (pa.array([[1, 2], None, [], [None]], pa.list_(pa.int32())), None),
    "LargeListOfString": (pa.array([["a"], None, []], pa.large_list(pa.string())), None),
    "FixedSizeList": (pa.array([[1.0, 2.0], None, [3.0, 4.0]], pa.list_(pa.float64(), 2)), None),
    "Struct": (pa.array([{"a": 1, "b": "x"}, None]), None),
    "Map": (pa.array([[("k", 1)], None, []], pa.map_(pa.string(), pa.int64())), None),
    "Null": (pa.nulls(3), None),
}


def ingested(name, data, mode="create", **options):
    with c.cursor() as cursor:
        count = cursor.adbc_ingest(name, data, mode=mode, **options)
        cursor.execute(f'SELECT * FROM "{name}"')
        return count, cursor.fetch_arrow_table()


for kind, (array, wanted) in arrays.items():
    name = f"ingest {kind}"
    try:
        count, back = ingested(name, pa.table({"v": array}))
        check(f"SqlIngest{kind}", back["v"].to_pylist() == (array.to_pylist() if wanted is None else wanted) and count == len(array),
              (count, back["v"].to_pylist()[:4], array.to_pylist()[:4]))
        sliced = pa.table({"v": pa.concat_arrays([array, array, array]).slice(2, 2 * len(array))})
        count, back = ingested(name + " slice", sliced)
        if wanted is None:
            check(f"SqlIngest{kind}, a slice", back["v"].to_pylist() == sliced["v"].to_pylist(), back["v"].to_pylist()[:5])
    except Exception as error:
        check(f"SqlIngest{kind}", False, f"{type(error).__name__}: {error}")
refused("SqlIngestDuration", manager.NotSupportedError, lambda: ingested("dur", pa.table({"v": pa.array([1], pa.duration("s"))})), "duration")
sample = pa.table({"ints": [1, 2, None], "strs": ["a", None, "c"]})
check("SqlIngestSample", ingested("sample", sample)[1].to_pydict() == sample.to_pydict())
refused("SqlIngestErrors: exists", manager.Error, lambda: ingested("sample", sample), status=Status.ALREADY_EXISTS)
refused("SqlIngestErrors: no table", manager.Error, lambda: ingested("nowhere", sample, "append"), status=Status.NOT_FOUND)
check("SqlIngestAppend", ingested("sample", sample, "append")[1].num_rows == 6)
check("SqlIngestAppend: by name", ingested("sample", sample.select(["strs", "ints"]), "append")[1]["ints"].null_count == 3)
refused("SqlIngestErrors: schema", manager.Error, lambda: ingested("sample", pa.table({"other": [1], "strs": ["x"]}), "append"), "ints")
refused("SqlIngestErrors: types", manager.Error, lambda: ingested("sample", pa.table({"ints": ["no number"], "strs": ["x"]}), "append"))
check("a failed append leaves nothing", rows(c, "SELECT count(*) FROM sample") == [(9,)])
check("SqlIngestCreateAppend", ingested("ca", sample, "create_append")[0] == 3 and ingested("ca", sample, "create_append")[1].num_rows == 6)
with connect() as same, same.cursor() as source, same.cursor() as target:
    source.execute("SELECT 7 AS i")
    check("ingestion from the same connection", target.adbc_ingest("seven", source.fetch_record_batch()) == 1)
    source.execute("SELECT CAST($1 AS bigint) AS i", pa.record_batch({"p": [1, 2, 3]}))
    reader = source.fetch_record_batch()
    refused("ingestion of rows that wait for it", manager.Error, lambda: target.adbc_ingest("some", reader), "waits for the rows")
    check("and the connection goes on", rows(same, "SELECT i FROM seven") == [(7,)])
check("SqlIngestStreamZeroArrays", ingested("zero", pa.RecordBatchReader.from_batches(sample.schema, []))[1].num_rows == 0)
check("SqlIngestColumnEscaping", ingested("or der by", sample.rename_columns(['sel"ect', "fr om"]))[1].column_names == ['sel"ect', "fr om"])
with c.cursor() as cursor:
    cursor.adbc_ingest('or"der', sample)
    check("SqlIngestTableEscaping", c.adbc_get_table_schema('or"der').names == ["ints", "strs"])
units = pa.schema([pa.field("mag", pa.float64(), metadata={"zij.unit": "mag"})])
check("units are kept", ingested("units", pa.table({"mag": [1.0]}, units))[1].schema.field("mag").metadata[b"zij.unit"] == b"mag")


def failing():
    yield sample.to_batches()[0]
    raise RuntimeError("the source broke")


refused("a source that breaks", manager.Error, lambda: ingested("broken", pa.RecordBatchReader.from_batches(sample.schema, failing())), "broke")
refused("leaves no table", manager.Error, lambda: rows(c, "SELECT * FROM broken"), status=Status.NOT_FOUND)
large = pa.table({"i": pa.array(range(200_000)), "t": pa.array([str(i) for i in range(200_000)])})
check("200,000 rows there and back", ingested("large", large.combine_chunks())[1].equals(large.combine_chunks()) or
      ingested("large2", large)[1].to_pydict() == large.to_pydict())

# --- pandas and polars
frame = pd.read_sql("SELECT id, ra, name FROM stars ORDER BY id", c)
check("pandas.read_sql", frame["id"].tolist() == [1, 2, 3] and frame["name"][2] == "Größe", frame)
count = pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}).to_sql("from_pandas", c, index=False)
check("pandas.to_sql", rows(c, "SELECT a, b FROM from_pandas ORDER BY a") == [(1, "x"), (2, "y")], count)
check("polars.read_database", pl.read_database("SELECT id, name FROM stars ORDER BY id", c).rows() == [(1, "Vega"), (2, None), (3, "Größe")])
shapes = pl.read_database("SELECT POINT(1, 2) AS p, ARRAY[1.5, 2.5] AS l, TIMESTAMP '2024-01-01 00:00:00' AS t, DATE '2024-01-01' AS d, true AS b", c)
check("polars: nested types", shapes.row(0)[1] == [1.5, 2.5] and shapes.row(0)[4] is True, shapes)
pl.DataFrame({"a": [1, 2], "s": ["x", None], "c": pl.Series(["u", "v"], dtype=pl.Categorical)}).write_database("from_polars", c, engine="adbc")
check("polars.write_database", rows(c, "SELECT a, s, c FROM from_polars ORDER BY a") == [(1, "x", "u"), (2, None, "v")])

# --- What must not bring the host down.
c.close()
holder = connect(stored)
refused("a locked directory", manager.Error, lambda: connect(stored), "in use by", status=Status.INVALID_STATE)


def child(queue, cursor, reader):
    """In a forked process: every use is an exception, and letting go is none."""
    seen = []
    for body in (lambda: rows(holder, "SELECT 1"), lambda: cursor.fetchall(), lambda: do(holder, "CREATE TABLE x (a integer)")):
        try:
            body()
            seen.append("nothing")
        except Exception as error:
            seen.append("forked" in str(error))
    try:
        reader.read_next_batch()
        seen.append("nothing")
    except Exception as error:
        seen.append("forked" in str(error))
    try:
        connect(stored)
        seen.append("nothing")
    except manager.Error as error:
        seen.append("in use" in str(error))
    with connect() as own:
        seen.append(rows(own, "SELECT count(*) FROM generate_series(1, 100000)") == [(100000,)])
    cursor.close()
    holder.close()
    queue.put(seen)


with holder.cursor() as cursor:
    # Threads are at work and a result is half read.
    cursor.execute("SELECT generate_series FROM generate_series(1, 3000000)")
    cursor.fetchone()
    other = holder.cursor()
    other.execute("SELECT generate_series FROM generate_series(1, 3000000)")
    reader = other.fetch_record_batch()
    fork = multiprocessing.get_context("fork")
    queue = fork.Queue()
    warnings.simplefilter("ignore", DeprecationWarning)
    process = fork.Process(target=child, args=(queue, cursor, reader))
    process.start()
    try:
        seen = queue.get(timeout=60)
    except Exception:
        seen = "the child did not answer"
    process.join(10)
    check("fork: the child gets exceptions", seen == [True] * 6, seen)
    check("fork: the child ends", process.exitcode == 0, process.exitcode)
    if process.is_alive():
        process.kill()
    check("fork: the parent goes on", reader.read_all().num_rows > 0 and len(cursor.fetchmany(5)) == 5)
    other.close()
idle = fork.Process(target=time.sleep, args=(30,))
idle.start()
holder.close()
with connect(stored) as c:
    check("a sleeping child does not hold the lock", rows(c, "SELECT count(*) FROM stars") == [(3,)])
idle.kill()
idle.join()

SLOW = "SELECT count(*) FROM generate_series(1, 60000) a(i), generate_series(1, 60000) b(j) WHERE sin(i) * cos(j) > 2"
c = connect()
with c.cursor() as cursor:
    threading.Timer(0.7, os.kill, [os.getpid(), signal.SIGINT]).start()
    start = time.monotonic()
    try:
        cursor.execute(SLOW)
        cursor.fetchall()
        check("Ctrl-C ends the query", False, "no exception")
    except KeyboardInterrupt:
        check("Ctrl-C ends the query", time.monotonic() - start < 20, time.monotonic() - start)
    except manager.OperationalError as error:
        # What the driver manager makes of the signal that it catches.
        check("Ctrl-C ends the query", error.status_code == Status.CANCELLED and time.monotonic() - start < 20, error)
check("and the connection goes on", rows(c, "SELECT 1") == [(1,)])
with c.cursor() as cursor:
    threading.Timer(0.5, cursor.adbc_cancel).start()

    def wait():
        cursor.execute(SLOW)
        cursor.fetchall()
    refused("QueryCancel", Exception, wait, "cancel")
do(c, "SET statement_timeout = '300ms'")
refused("a time limit", Exception, lambda: rows(c, SLOW), "time limit")
do(c, "SET statement_timeout = '0'")
do(c, "SET memory_limit = '20MB'")
refused("a memory limit", Exception, lambda: rows(c, "SELECT count(*) FROM (SELECT DISTINCT generate_series FROM generate_series(1, 3000000)) s"), "memory")
c.close()

# A damaged segment; each byte that decides something in it.
damaged = path("damaged.zij")
with connect(damaged) as c:
    with c.cursor() as cursor:
        cursor.adbc_ingest("t", large)
segment = glob.glob(os.path.join(damaged, "tables", "*", "*.orc"))[0]
whole = open(segment, "rb").read()
outcomes = set()
for at in [*range(0, len(whole), max(1, len(whole) // 40)), *range(len(whole) - 40, len(whole))]:
    data = bytearray(whole)
    data[at] ^= 0xFF
    with open(segment, "wb") as file:
        file.write(data)
    try:
        with connect(damaged) as c:
            with c.cursor() as cursor:
                cursor.execute("SELECT sum(i), max(t) FROM t")
                cursor.fetchall()
        outcomes.add("rows")
    except manager.Error as error:
        outcomes.add(f"{type(error).__name__} {error.status_code}")
check("damage is an exception", any(o.startswith("DataError") for o in outcomes), outcomes)
with open(segment, "wb") as file:
    file.write(whole[: len(whole) // 2])
refused("a file cut short", manager.Error, lambda: connect(damaged).cursor().execute("SELECT sum(i) FROM t"), status=Status.INVALID_DATA)

# Many threads, each with a connection of its own.
with connect(stored) as c:
    db, failures = c.adbc_database, []

    def work():
        try:
            with manager.AdbcConnection(db) as own:
                for _ in range(20):
                    with manager.AdbcStatement(own) as s:
                        s.set_sql_query("SELECT count(*) AS n FROM stars")
                        assert stream(s).read_all()["n"].to_pylist() == [3]
        except BaseException as error:
            failures.append(error)
    threads = [threading.Thread(target=work) for _ in range(8)]
    [t.start() for t in threads]
    [t.join() for t in threads]
    check("Concurrent", not failures, failures)

# Arrays outlive everything.
c = connect(stored)
with c.cursor() as cursor:
    cursor.execute("SELECT * FROM stars ORDER BY id")
    table = cursor.fetch_arrow_table()
c.close()
check("arrays outlive the database", table["name"].to_pylist() == ["Vega", None, "Größe"])

shutil.rmtree(folder)
check.end()
