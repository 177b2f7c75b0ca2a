"""psql's \\d family and other clients' questions about a database, beside PostgreSQL 15 with the same tables."""
import os
import re
import subprocess
import sys

from _postgresql import PostgreSQL, is_there
from _server import Server
from _zij import Checks

check = Checks()

COLUMNS = ("id bigint NOT NULL, name text, ra double precision, \"dec\" double precision, mag real, "
           "price numeric(10,2), fluxes real[], seen timestamp, day date, ok boolean, raw bytea, n smallint, "
           "\"Two words\" integer NOT NULL")
TABLES = [f"CREATE TABLE stars ({COLUMNS})", "CREATE TABLE bright (id integer)",
          "CREATE TABLE \"Odd name\" (\"a.b\" integer)"]

# Every command of psql that asks the catalogue. No error may come of any.
COMMANDS = [
    "\\d", "\\d+", "\\d stars", "\\d+ stars", "\\d bright", "\\d \"Odd name\"", "\\d s*", "\\d public.*", "\\dt", "\\dt+",
    "\\dt *.*", "\\l", "\\l+", "\\dn", "\\dn+", "\\dv", "\\dv pg_catalog.*", "\\df", "\\df+ abs", "\\df *sky*", "\\du", "\\du+",
    "\\dg", "\\di", "\\ds", "\\dm", "\\dE", "\\dT", "\\dT+", "\\dT *", "\\dp", "\\dx", "\\db", "\\dd", "\\dc", "\\dO", "\\dS",
    "\\dC", "\\do", "\\dA", "\\dRp", "\\dew", "\\det", "\\des", "\\dy", "\\dF", "\\dL", "\\dX", "\\dP", "\\ddp", "\\drds",
    "\\dconfig", "\\d pg_catalog.pg_class", "\\d pg_type", "\\sf version",
]
# What must be the same text, line by line.
SAME = ["\\d stars", "\\d bright", "\\d \"Odd name\"", "\\d pg_catalog.pg_class", "\\d pg_type", "\\d pg_catalog.pg_attribute",
        "\\di", "\\dv", "\\ds", "\\dm", "\\dE", "\\dRp", "\\dt"]


def psql(target, *commands, options=()):
    arguments = [argument for command in commands for argument in ("-c", command)]
    return subprocess.run(["psql", "-X", *options, *target, *arguments], capture_output=True, text=True, timeout=120,
                          stdin=subprocess.DEVNULL, env={**os.environ, "PGCLIENTENCODING": "UTF8"})


def rows(target, sql):
    result = psql(target, sql, options=("-At", "-F", "\t"))
    if result.returncode != 0:
        raise AssertionError(f"{sql}: {result.stderr}")
    return result.stdout.splitlines()


def comparable(text):
    """Without widths, names of owners, and the indexes of PostgreSQL's own tables."""
    text = re.sub(r"^Indexes:\n(    .*\n)+", "", text, flags=re.M)
    return re.sub(r" +\|", " |", re.sub(r"-+", "-", re.sub(r"\| *(zij|me|postgres) *$", "| owner", text, flags=re.M)))


def families(ours, theirs):
    for command in COMMANDS:
        answer = psql(ours, command)
        if answer.stderr and psql(theirs, command).stderr == answer.stderr:
            answer.stderr = ""  # "Did not find any …", as PostgreSQL says.
        check(f"psql {command}", answer.returncode in (0, 1) and not answer.stderr, answer.stderr[:400])
    for command in SAME:
        mine, other = psql(ours, command), psql(theirs, command)
        check(f"psql {command} as PostgreSQL", comparable(mine.stdout) == comparable(other.stdout)
              and mine.stderr == other.stderr, f"\n{mine.stdout}{mine.stderr}\ninstead of\n{other.stdout}{other.stderr}")


def columns(ours, theirs):
    """Each table that we have has PostgreSQL's columns, in order and by type."""
    sql = ("SELECT n.nspname, c.relname, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull "
           "FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
           "WHERE n.nspname = '{}' AND c.relkind IN ('r', 'v') AND a.attnum > 0 ORDER BY c.relname, a.attnum")

    def by_table(target, schema):
        found = {}
        for line in rows(target, sql.format(schema)):
            table, *column = line.split("\t")[1:]
            found.setdefault(table, []).append(column)
        return found

    mine, other = by_table(ours, "pg_catalog"), by_table(theirs, "pg_catalog")
    check("pg_catalog has its tables", len(mine) > 120 and "pg_class" in mine, len(mine))
    for table, found in sorted(mine.items()):
        check(f"columns of {table}", found == other.get(table), f"{found} instead of {other.get(table)}")
    names = by_table(theirs, "information_schema")
    for table, found in sorted(by_table(ours, "information_schema").items()):
        wanted = [column[1] for column in names.get(table, [])]
        own = [column[1] for column in found]
        extra = {"columns": ["unit", "ucd", "utype", "description"], "tables": ["description"]}.get(table, [])
        check(f"columns of information_schema.{table}", own == wanted + extra, f"{own} instead of {wanted}")


def facts(ours, theirs):
    """Rows that are the same in every PostgreSQL."""
    for name, sql in {
        "types": "SELECT oid, typname, typlen, typbyval, typtype, typcategory, typdelim, typelem, typarray, typinput, "
                 "typoutput, typreceive, typsend, typalign, typstorage FROM pg_type WHERE oid IN (16, 17, 18, 19, 20, 21, 22, "
                 "23, 24, 25, 26, 30, 114, 700, 701, 1000, 1007, 1009, 1016, 1021, 1022, 1042, 1043, 1082, 1083, 1114, 1184, "
                 "1186, 1700, 2205, 2206, 2950, 3904) ORDER BY oid",
        "all types of pg_catalog that are no rows": "SELECT typname, oid FROM pg_type WHERE typrelid = 0 AND typcategory <> 'A' "
                 "AND typnamespace = 11 ORDER BY oid",
        "attributes": "SELECT attname, attnum, atttypid, atttypmod, attlen, attbyval, attalign, attstorage, attnotnull, "
                      "attndims, attcollation FROM pg_attribute WHERE attrelid = 'stars'::regclass AND attnum > 0 ORDER BY attnum",
        "names": "SELECT 'pg_class'::regclass, 'pg_type'::regclass::oid, 1259::regclass, 'bigint'::regtype, 'int8'::regtype::oid",
        "formats": "SELECT format_type(1043, 14), format_type(1700, 655366), format_type(1022, NULL), format_type(18, NULL)",
        "information_schema": "SELECT column_name, ordinal_position, is_nullable, data_type, numeric_precision, numeric_scale, "
                              "udt_name FROM information_schema.columns WHERE table_name = 'stars' ORDER BY ordinal_position",
        "tables": "SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema = 'public' "
                  "ORDER BY table_name",
        "sizes": "SELECT pg_size_pretty(0::bigint), pg_size_pretty(10240::bigint), pg_size_pretty(123456789::bigint), pg_size_pretty(-98765432101)",
        "quotes": "SELECT quote_ident('a b'), quote_ident('ab'), quote_literal('it''s'), array_to_string(ARRAY[1, 2], ',')",
        "visible": "SELECT relname, pg_table_is_visible(oid) FROM pg_class WHERE relname IN ('stars', 'pg_class') ORDER BY relname",
    }.items():
        try:
            mine, other = rows(ours, sql), rows(theirs, sql)
            different = [pair for pair in zip(mine, other) if pair[0] != pair[1]][:3]
            check(name, mine == other and mine, f"{different or (len(mine), len(other))}")
        except AssertionError as error:
            check(name, False, str(error)[:400])


def sqlalchemy(server, theirs_url):
    """Reflection as pandas and others use it."""
    try:
        import sqlalchemy
    except ImportError:
        print("skipped SQLAlchemy: not installed")
        return
    from sqlalchemy import create_engine, inspect

    questions = {
        "tables": lambda i: sorted(i.get_table_names()),
        "a table that is there": lambda i: i.has_table("stars"),
        "a table that is not": lambda i: i.has_table("nowhere"),
        "schemas": lambda i: "public" in i.get_schema_names(),
        "columns": lambda i: [(c["name"], str(c["type"]), c["nullable"]) for c in i.get_columns("stars")],
        "indexes": lambda i: i.get_indexes("stars"),
        "foreign keys": lambda i: i.get_foreign_keys("stars"),
        "views": lambda i: i.get_view_names(),
        "a table's comment": lambda i: i.get_table_comment("stars"),
    }
    mine = create_engine(f"postgresql+psycopg://me@127.0.0.1:{server.port}/test")
    other = create_engine(theirs_url)
    for name, question in questions.items():
        try:
            answers = [question(inspect(engine)) for engine in (mine, other)]
            check(f"SQLAlchemy: {name}", answers[0] == answers[1], f"{answers[0]} instead of {answers[1]}")
        except Exception as error:
            check(f"SQLAlchemy: {name}", False, str(error)[:500])


def asyncpg(server):
    """Arrays make asyncpg look their types up."""
    try:
        import asyncpg as module
    except ImportError:
        print("skipped asyncpg: not installed")
        return
    import asyncio

    async def ask():
        connection = await module.connect(host="127.0.0.1", port=server.port, user="me", database="test")
        try:
            row = await connection.fetchrow("SELECT oid, relname, relkind FROM pg_class WHERE relname = $1", "pg_class")
            return tuple(row)
        finally:
            await connection.close()

    try:
        check("asyncpg", asyncio.run(ask())[:2] == (1259, "pg_class"))
    except Exception as error:
        check("asyncpg", False, str(error)[:300])


def main():
    if not is_there():
        print("skipped: no PostgreSQL 15")
        sys.exit(77)
    with PostgreSQL() as judge, Server() as server:
        ours = ["-h", "127.0.0.1", "-p", str(server.port), "-U", "zij", "test"]
        for target in (ours, judge.target):
            for table in TABLES:
                answer = psql(target, table)
                if answer.stderr:
                    check(f"set up {table[:30]}", False, answer.stderr)
        columns(ours, judge.target)
        facts(ours, judge.target)
        families(ours, judge.target)
        sqlalchemy(server, f"postgresql+psycopg://zij@/postgres?host={judge.folder}&port=5499")
        asyncpg(server)
    check.end()


if __name__ == "__main__":
    main()
