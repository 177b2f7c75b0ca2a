"""Stock psql, psycopg, psycopg2, pg8000 and ADBC against zijd: the same answers as the embedded shell."""
import datetime
import decimal
import io
import os
import struct
import subprocess
import sys

import adbc_driver_postgresql.dbapi
import pg8000.native
import psycopg
import psycopg2
from _server import Server
from _zij import BIN, Checks

SCRIPT = [
    "CREATE TABLE stars (id bigint, name text, ra double precision, dec double precision, mag real)",
    "INSERT INTO stars VALUES (1, 'Sirius', 101.287, -16.716, -1.46), (2, 'Canopus', 95.988, -52.696, -0.74),"
    " (3, NULL, 213.915, 19.182, -0.05), (4, 'Vega|Lyr', 279.235, 38.784, 0.03), (5, '', NULL, NULL, NULL)",
    "SELECT * FROM stars ORDER BY id",
    "SELECT count(*), count(name), sum(mag), min(ra), max(dec) FROM stars",
    "SELECT name FROM stars WHERE mag < 0 ORDER BY mag LIMIT 2",
    "SELECT 1::smallint, 2::integer, 3::bigint, -4.5::real, 1e300::double precision",
    "SELECT 0.1 + 0.2, 1e15::double precision, 1e-5::double precision, 123456789.123::double precision",
    "SELECT 'NaN'::double precision, 'Infinity'::double precision, '-Infinity'::real",
    "SELECT true, false, NULL",
    "SELECT 'ä☆𝄞', 'tab' || 'bed', ''",
    "SELECT 1.50::decimal(10,2), -0.0001::decimal(8,4), 12345678901234567890::decimal(38,0)",
    "SELECT DATE '2024-02-29', DATE '1969-12-31', TIMESTAMP '2024-02-29 12:00:00', TIMESTAMP '1999-12-31 23:59:59.999999'",
    "SELECT ARRAY[1, 2, 3], ARRAY['a', 'b c', NULL, '\"'], ARRAY[1.5, 2.5]",
    "SELECT POINT(10, 20), CIRCLE(10, 20, 1.5)",
    "SELECT DISTANCE(POINT(ra, dec), POINT(100, -20)) < 30 FROM stars ORDER BY id",
    "SELECT id FROM stars WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(100, -20, 10))",
    "SELECT id % 2 AS odd, count(*) FROM stars GROUP BY odd ORDER BY odd",
    "SELECT s.name, t.name FROM stars s JOIN stars t ON s.id = t.id + 1 ORDER BY s.id",
    "SELECT id, rank() OVER (ORDER BY mag) FROM stars ORDER BY id",
    "SELECT CASE WHEN mag < 0 THEN 'bright' ELSE 'faint' END FROM stars ORDER BY id",
    "WITH bright AS (SELECT * FROM stars WHERE mag < 0) SELECT count(*) FROM bright",
    "SELECT DISTINCT mag < 0 FROM stars ORDER BY 1",
    "SELECT upper(name), length(name), substring(name, 1, 3) FROM stars ORDER BY id",
    "SELECT round(ra, 1), floor(dec), sqrt(abs(mag)) FROM stars WHERE ra IS NOT NULL ORDER BY id",
    "CREATE TABLE copied AS SELECT id, ra FROM stars WHERE id < 4",
    "SELECT * FROM copied ORDER BY id DESC",
    "SELECT count(*) FROM generate_series(1, 5000)",
    "SELECT g, g * 0.5 FROM generate_series(1, 3000) AS t(g) WHERE g % 500 = 0",
    "DROP TABLE copied",
    "SELECT id FROM stars WHERE name IN ('Sirius', 'Canopus') OR mag BETWEEN 0 AND 1 ORDER BY id",
]

check = Checks()


def shell_answers(command):
    """The lines that a shell prints for each statement, told apart by a marker."""
    arguments = []
    for sql in SCRIPT:
        arguments += ["-c", "SELECT '--mark--'", "-c", sql]
    result = subprocess.run(
        command + arguments, capture_output=True, text=True, timeout=120,
        stdin=subprocess.DEVNULL, env={**os.environ, "PGCLIENTENCODING": "UTF8", "PSQLRC": "/dev/null"})
    if result.returncode != 0:
        raise AssertionError(result.stderr)
    return [part.rstrip("\n") for part in result.stdout.split("--mark--\n")[1:]]


def psycopg_answers(connection):
    answers = []
    for sql in SCRIPT:
        result = connection.pgconn.exec_(sql.encode())
        rows = []
        for row in range(result.ntuples):
            values = [result.get_value(row, column) for column in range(result.nfields)]
            rows.append("|".join("" if value is None else value.decode() for value in values))
        answers.append("\n".join(rows).rstrip("\n"))
    return answers


def objects(connection, binary):
    found = []
    for sql in SCRIPT:
        with connection.cursor(binary=binary) as cursor:
            cursor.execute(sql)
            found.append(cursor.fetchall() if cursor.description else [])
    return found


def plain(value):
    """Values of different drivers in one form."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, (list, tuple)):
        return [plain(part) for part in value]
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, float):
        return Number(value)
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None).isoformat()
    return value


class Number:
    """A float that equals itself, NaN too, and the real that its text stands for: -1.46."""

    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return repr(self.value)

    def __eq__(self, other):
        if not isinstance(other, Number):
            return False
        a, b = self.value, other.value
        if a == b or a != a and b != b:
            return True
        if not (abs(a) < 3e38 and abs(b) < 3e38):
            return False
        reals = [struct.unpack("f", struct.pack("f", value))[0] for value in (a, b)]
        return reals[0] == reals[1] and reals[0] in (a, b)


def compare(name, wanted, found):
    different = [
        f"{sql}: {a!r} and {b!r}" for sql, a, b in zip(SCRIPT, wanted, found) if a != b]
    check(name, len(wanted) == len(found) and not different, "; ".join(different)[:800])


def main():
    embedded = shell_answers([os.path.join(BIN, "zij"), "-q", "-n", "-A", "-t", "-F", "|"])
    check("the script has 30 statements", len(SCRIPT) == 30)
    with Server() as server:
        address = f"host=127.0.0.1 port={server.port} user=ann dbname=test"
        psql = shell_answers(["psql", "-X", "-q", "-A", "-t", "-F", "|", address])
        compare("psql answers as the embedded shell", embedded, psql)
    with Server() as server:
        address = f"host=127.0.0.1 port={server.port} user=ann dbname=test"
        with psycopg.connect(address, autocommit=True) as connection:
            compare("psycopg answers as the embedded shell", embedded, psycopg_answers(connection))
        features(server, address)
    texts = binaries = None
    for binary in (False, True):
        with Server() as server:
            address = f"host=127.0.0.1 port={server.port} user=ann dbname=test"
            with psycopg.connect(address, autocommit=True) as connection:
                found = plain(objects(connection, binary))
        texts, binaries = (found, binaries) if not binary else (texts, found)
    compare("binary rows say the same as text", texts, binaries)
    with Server() as server:
        uri = f"postgresql://ann@127.0.0.1:{server.port}/test"
        found = []
        with adbc_driver_postgresql.dbapi.connect(uri, autocommit=True) as connection:
            for sql in SCRIPT:
                with connection.cursor() as cursor:
                    cursor.execute(sql)
                    found.append(plain(cursor.fetchall()) if cursor.description else [])
        compare("ADBC says the same", texts, found)
    check.end()


def features(server, address):
    connection = psycopg.connect(address)
    parameters(connection)
    cursors(connection)
    copies(connection)
    errors(connection)
    connection.close()
    other_drivers(server, address)


def parameters(connection):
    values = (1, "a'b", 1.5, None, True, 10**12, datetime.date(2024, 1, 2), [1, 2, 3])
    for binary in (False, True):
        with connection.cursor(binary=binary) as cursor:
            marks = ", ".join(["%b" if binary else "%s"] * len(values))
            cursor.execute(f"SELECT {marks}", values)
            row = cursor.fetchone()
        check(f"parameters come back, binary {binary}", row == values, row)
    for _ in range(8):
        row = connection.execute("SELECT name FROM stars WHERE id = %s", (2,)).fetchone()
    check("a statement that psycopg has prepared", row == ("Canopus",), row)
    with connection.pipeline():
        cursors = [connection.execute("SELECT %s::bigint", (n,)) for n in range(50)]
    check("a pipeline", [c.fetchone()[0] for c in cursors] == list(range(50)))
    connection.rollback()


def cursors(connection):
    with connection.transaction():
        with connection.cursor(name="first") as a, connection.cursor(name="second") as b:
            a.execute("SELECT g FROM generate_series(1, %s) AS t(g)", (5000,))
            b.execute("SELECT -g FROM generate_series(1, 5000) AS t(g)")
            rows = []
            for _ in range(5):
                rows += a.fetchmany(1000)
                rows += b.fetchmany(1000)
                rows += connection.execute("SELECT 0").fetchall()
            total = sum(row[0] for row in rows)
            check("two cursors and statements in turns", total == 0 and len(rows) == 10005, total)


def copies(connection):
    query = "SELECT id, name, ra FROM stars ORDER BY id"
    rows = connection.execute(query).fetchall()
    with connection.cursor().copy(f"COPY ({query}) TO STDOUT (FORMAT binary)") as copy:
        copy.set_types(["int8", "text", "float8"])
        check("binary COPY", list(copy.rows()) == rows)
    with connection.cursor().copy(f"COPY ({query}) TO STDOUT") as copy:
        found = [tuple(row) for row in copy.rows()]
    check("text COPY", found[0] == ("1", "Sirius", "101.287") and found[4] == ("5", "", None), found)
    with connection.cursor().copy(
        "COPY (SELECT id FROM stars WHERE id > %s ORDER BY id) TO STDOUT (FORMAT csv)", (3,)) as copy:
        check("COPY with a parameter", b"".join(copy) == b"id\n4\n5\n")
    connection.rollback()
    connection.autocommit = True
    with connection.cursor().copy("COPY stars FROM STDIN (FORMAT csv, HEADER off)") as copy:
        copy.write("6,Rigel,78.634,-8.2")
        copy.write("02,0.13\n7,\"a,b\",1,2,3\n")
    found = connection.execute("SELECT name FROM stars WHERE id > 5 ORDER BY id").fetchall()
    check("COPY from the client", found == [("Rigel",), ("a,b",)], found)
    connection.autocommit = False


def errors(connection):
    for sql, state, position in [
        ("SELECT nope FROM stars", "42703", "8"),
        ("SELECT 'ä', nope", "42703", "13"),
        ("SELECT 1; SELECT nope", "42703", "18"),
        ("SELECT 1/0", "22012", "9"),
        ("SELEC 1", "42601", "1"),
        ("SELECT * FROM 'file.csv'", "42501", "15"),
    ]:
        try:
            connection.execute(sql)
            check(f"{sql} is an error", False)
        except psycopg.Error as error:
            found = (error.sqlstate, error.diag.statement_position)
            check(f"{sql} is error {state} at {position}", found == (state, position), found)
        status = connection.info.transaction_status.name
        check(f"{sql} has failed its transaction", status == "INERROR", status)
        connection.rollback()


def other_drivers(server, address):
    connection = pg8000.native.Connection("ann", host="127.0.0.1", port=server.port, database="test")
    found = connection.run("SELECT id, name FROM stars WHERE id <= :most ORDER BY id", most=2)
    check("pg8000", found == [[1, "Sirius"], [2, "Canopus"]], found)
    connection.close()
    connection = psycopg2.connect(address)
    cursor = connection.cursor()
    cursor.execute("SELECT id, ra FROM stars WHERE id <= %s ORDER BY id", (2,))
    found = cursor.fetchall()
    check("psycopg2", found == [(1, 101.287), (2, 95.988)], found)
    named = connection.cursor(name="named")
    named.execute("SELECT id FROM stars ORDER BY id")
    check("psycopg2's named cursor", named.fetchmany(2) == [(1,), (2,)])
    named.close()
    out = io.StringIO()
    cursor.copy_expert("COPY (SELECT id, name FROM stars WHERE id < 3) TO STDOUT (FORMAT csv, HEADER off)", out)
    check("psycopg2's COPY", out.getvalue() == "1,Sirius\n2,Canopus\n", out.getvalue())
    connection.close()


if __name__ == "__main__":
    sys.exit(main())
