"""The shell without a terminal: options, scripts, formats, exit codes, bounded memory."""
import csv
import io
import json
import os
import subprocess
import tempfile

from _zij import BIN, Checks

check = Checks()
ZIJ = os.path.join(BIN, "zij")
ENV = dict(os.environ, LANG="C.UTF-8", HOME="/nonexistent")
VALUES = "(VALUES (1, 'a'), (2, NULL), (3, '')) AS t(id, name)"


def zij(*arguments, text="", folder=None):
    return subprocess.run(
        [ZIJ, *arguments], input=text, capture_output=True, text=True, timeout=120, env=ENV, cwd=folder)


def case(name, result, status=0, out=None, err=None):
    """Checks status, the whole output, and what the errors must hold (None: nothing at all)."""
    problems = []
    if result.returncode != status:
        problems.append(f"status {result.returncode} instead of {status}")
    if out is not None and result.stdout != out:
        problems.append(f"output {result.stdout!r} instead of {out!r}")
    if err is None and result.stderr:
        problems.append(f"errors {result.stderr!r}")
    if err is not None and err not in result.stderr:
        problems.append(f"errors {result.stderr!r} without {err!r}")
    check(name, not problems, "; ".join(problems))


# How results look
ROWS = f"SELECT id, name FROM {VALUES} ORDER BY id"
ALIGNED = " id | name \n----+------\n  1 | a\n  2 | \n  3 | \n(3 rows)\n\n"
case("aligned", zij("-c", ROWS), out=ALIGNED)
case("aligned from standard input", zij(text=ROWS + ";\n"), out=ALIGNED)
case("a last statement without a semicolon", zij(text=ROWS), out=ALIGNED)
case("csv", zij("--csv", "-c", ROWS), out='id,name\n1,a\n2,\n3,""\n')
case("json", zij("--json", "-c", ROWS),
     out='[\n{"id":1,"name":"a"},\n{"id":2,"name":null},\n{"id":3,"name":""}\n]\n')
case("jsonl", zij("--jsonl", "-c", ROWS + " LIMIT 1"), out='{"id":1,"name":"a"}\n')
case("-A", zij("-A", "-c", ROWS), out="id|name\n1|a\n2|\n3|\n(3 rows)\n")
case("-tA", zij("-tA", "-c", ROWS), out="1|a\n2|\n3|\n")
case("-t", zij("-t", "-c", ROWS), out="  1 | a\n  2 | \n  3 | \n\n")
case("-A -F", zij("-A", "-t", "-F", "; ", "-c", ROWS), out="1; a\n2; \n3; \n")
case("-x", zij("-x", "-c", "SELECT 1 AS a, 'x' AS bb"), out="-[ RECORD 1 ]\na  | 1\nbb | x\n\n")
case("-P null", zij("-tA", "-P", "null=NULL", "-c", "SELECT NULL"), out="NULL\n")
case("\\gx", zij("-c", "SELECT 1 AS a \\gx"), out="-[ RECORD 1 ]\na | 1\n\n")
case("no rows", zij("-c", f"SELECT id FROM {VALUES} WHERE id > 5"), out=" id \n----\n(0 rows)\n\n")

# Options
case("--help", zij("--help"), out=zij("-h").stdout)
check("--version", zij("--version").stdout.startswith("zij "))
case("unknown option", zij("--frob"), status=1, out="", err="unknown option: --frob")
case("option without value", zij("-c"), status=1, out="", err="-c needs a value")
case("two databases", zij("a", "b"), status=1, out="", err="one database")
case("bad setting", zij("-P", "format=pdf", "-c", "SELECT 1"), status=1, out="", err="formats are")
case("-c twice", zij("-tA", "-c", "SELECT 1", "-c", "SELECT 2"), out="1\n2\n")
case("-c stops at the first failure", zij("-tA", "-c", "SELECT nope", "-c", "SELECT 2"),
     status=1, out="", err="ERROR 42703")
case("several statements in -c", zij("-tA", "-c", "SELECT 1; SELECT 2"), out="1\n2\n")
case("-c stops inside of its text", zij("-tA", "-c", "SELECT 1; SELECT nope; SELECT 2"),
     status=1, out="1\n", err="ERROR 42703")
case("missing script", zij("-f", "/nope.sql"), status=1, out="", err="No such file")

# Errors with a place, a caret and a hint
result = zij("-c", "SELECT idd FROM (VALUES (1)) AS t(id)")
check("caret", "\n  SELECT idd FROM" in result.stderr and "\n         ^^^\n" in result.stderr, result.stderr)
check("hint", 'Did you mean "id"?' in result.stderr, result.stderr)

# Scripts
with tempfile.TemporaryDirectory() as folder:
    def script(name, text):
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as file:
            file.write(text)
        return path

    wrong = script("wrong.sql", "SELECT 1;\n\nSELECT\n  nope;\nSELECT 2;\n")
    case("a script goes on after an error", zij("-tA", "-f", wrong), out="1\n2\n",
         err=f"{wrong}:4: ERROR 42703")
    case("ON_ERROR_STOP ends it with 3", zij("-tA", "-v", "ON_ERROR_STOP=1", "-f", wrong), status=3,
         out="1\n", err=f"{wrong}:4: ERROR 42703")
    case("\\set ON_ERROR_STOP", zij("-tA", text="\\set ON_ERROR_STOP on\nSELECT nope;\nSELECT 2;\n"),
         status=3, out="", err="ERROR 42703")
    script("inner/a.sql", "\\ir b.sql\n")
    script("inner/b.sql", "\\echo from b\n")
    outer = script("outer.sql", "\\ir inner/a.sql\n\\echo done\n")
    case("\\ir", zij("-f", outer), out="from b\ndone\n")
    loop = script("loop.sql", "")
    script("loop.sql", f"\\i {loop}\n")
    case("scripts that read themselves end", zij("-f", loop), err="deep")
    target = os.path.join(folder, "out.txt")
    case("\\o", zij("-tA", text=f"\\o {target}\nSELECT 1;\n\\o\nSELECT 2;\n"), out="2\n")
    with open(target) as file:
        check("\\o wrote the file", file.read() == "1\n")
    case("-o", zij("-tA", "-o", target, "-c", "SELECT 3"), out="")
    with open(target) as file:
        check("-o wrote the file", file.read() == "3\n")

    # A database that stays
    base = os.path.join(folder, "sky.zij")
    case("create", zij(base, "-c", "CREATE TABLE t (id bigint, ra double precision)"),
         out="CREATE TABLE\n")
    case("quiet", zij("-q", base, "-c", "INSERT INTO t VALUES (1, 10.5), (2, 20.25)"), out="")
    case("read again", zij("-tA", base, "-c", "SELECT id, ra FROM t ORDER BY id"),
         out="1|10.5\n2|20.25\n")
    listing = zij(base, "-c", "\\d", "-c", "\\d t", "-c", "\\d+ t", "-c", "\\dt t*")
    check("\\d", listing.returncode == 0 and "public" in listing.stdout
          and "double precision" in listing.stdout, listing.stdout + listing.stderr)
    case("\\d of a table that is not there", zij(base, "-c", "\\d tt"), status=1, out="",
         err='Did you mean "t"?')
    copy = os.path.join(folder, "t.csv")
    case("COPY to and from CSV", zij("-tA", base, text=f"COPY t TO '{copy}';\n"
         f"CREATE TABLE u (id bigint, ra double precision);\nCOPY u FROM '{copy}';\n"
         "SELECT * FROM u ORDER BY id;\n"),
         out="COPY 2\nCREATE TABLE\nCOPY 2\n1|10.5\n2|20.25\n")
    case("not a database", zij("/dev/null", "-c", "SELECT 1"), status=2, out="", err="zij: ERROR")
    holder = subprocess.Popen([ZIJ, base], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=ENV)
    holder.stdin.write("\\echo open\n")
    holder.stdin.write("SELECT 1;\n")
    holder.stdin.flush()
    holder.stdout.readline()
    case("a second writer is refused and told by whom", zij(base, "-c", "SELECT 1"), status=2, out="",
         err=str(holder.pid))
    holder.communicate("")

# Rows in scripts and on standard input
case("COPY FROM STDIN reads on in the script", zij("-tA", text="CREATE TABLE t (a int, b text);\n"
     "COPY t FROM STDIN;\n1,\"x\ny\"\n2,;\n\\.\nSELECT count(*), max(b) FROM t;\n"),
     out="CREATE TABLE\nCOPY 2\n2|x\ny\n")
case("COPY FROM STDIN of -c reads standard input", zij(
    "-qtA", "-c", "CREATE TABLE t (a int)", "-c", "COPY t FROM STDIN", "-c", "SELECT a FROM t",
    text="7\n8\n"), out="7\n8\n")
case("COPY TO STDOUT", zij("-x", "-c", "COPY (SELECT 1 AS a) TO STDOUT"), out="a\n1\n")
case("bad rows name line and column", zij(text="CREATE TABLE t (a int);\nCOPY t FROM STDIN;\n1\nx\n\\.\n"),
     out="CREATE TABLE\n", err='line 2, column "a"')
case("\\e", subprocess.run(
    [ZIJ, "-ntA"], input="SELECT 5;\n\\e\n", capture_output=True, text=True, timeout=60,
    env=dict(ENV, EDITOR="sed -i s/5/7/")), out="5\n7\n")

# Variables
case("variables", zij("-tA", "-v", "n=5", "-v", "s=it's", "-v", "c=my col", text=
     "SELECT :n + 1;\nSELECT :'s';\nSELECT 1 AS :\"c\" \\gset\n\\echo :n :'s'\nSELECT ':n', 1::bigint;\n"),
     out="6\nit's\n5 'it''s'\n:n|1\n")
case("\\gset", zij("-tA", text="SELECT 1 AS a, 'x' AS b \\gset p_\n\\echo :p_a :p_b\n"), out="1 x\n")
case("a backslash inside of quotes is data", zij("-tA", "-c", "SELECT 'a\\b'"), out="a\\b\n")
case("semicolons inside of quotes and comments", zij(
    "-tA", text="SELECT 'a;b' /* ; /* ; */ */ -- ;\n;\n"), out="a;b\n")
case("unknown backslash command", zij("-c", "\\frob"), status=1, out="", err="unknown command: \\frob")

# Nothing in data reaches the terminal as a command
evil = zij("-c", "SELECT 'a' || chr(27) || '[2Jb' AS x")
check("control characters are shown", "\x1b" not in evil.stdout and "\\x1B[2J" in evil.stdout
      or "42883" in evil.stderr, evil.stdout + evil.stderr)

# Other programs read what it writes
odd = "SELECT 'a,\"b\"' AS \"x,y\", 1.5 AS f, TRUE AS b, DATE '2024-02-29' AS d, NULL AS n"
table = list(csv.reader(io.StringIO(zij("--csv", "-c", odd).stdout)))
check("csv is read by Python", table == [["x,y", "f", "b", "d", "n"], ['a,"b"', "1.5", "t", "2024-02-29", ""]],
      table)
objects = json.loads(zij("--json", "-c", odd).stdout)
check("json is read by Python",
      objects == [{"x,y": 'a,"b"', "f": 1.5, "b": True, "d": "2024-02-29", "n": None}], objects)

# Plots
plot = zij("-c", "SELECT generate_series AS v FROM generate_series(1, 100)", "-c", "\\hist v 4")
check("\\hist", plot.stdout.count("25 █") == 4, plot.stdout[-300:] + plot.stderr)
sky = zij("-q", "-o", "/dev/null", "-c", "SELECT 10.0 AS ra, 20.0 AS dec", "-c", "\\o", "-c", "\\sky")
check("\\sky", "per square degree" in sky.stdout, sky.stdout + sky.stderr)
plane = zij("-q", "-o", "/dev/null", "-c",
            "SELECT * FROM (VALUES (0.0, 1.0, 5, 'a'), (10.0, 3.0, 1, 'b')) AS v(x, y, n, t)",
            "-c", "\\o", "-c", "\\plot", "-c", "\\plot x y -y")
lines = plane.stdout.splitlines()
check("\\plot", len(lines) == 44 and lines[0].endswith("·") and lines[19][-1] == "█"
      and lines[22][11] == "█" and "└" in lines[42], plane.stdout + plane.stderr)
case("\\plot of one column", zij("-q", "-o", "/dev/null", "-c", "SELECT 1 AS a", "-c", "\\o", "-c", "\\plot"),
     status=1, out="", err="two or three numeric columns")
case("\\sky without a result", zij("-c", "\\sky"), status=1, out="", err="no result")


# A reader that goes away, a full disk, bounded memory
def export(rows):
    return ("SELECT generate_series AS id, generate_series * 0.5 AS a, generate_series * 0.25 AS b, "
            "generate_series * 0.125 AS c, generate_series * 2 AS d, generate_series * 3 AS e "
            f"FROM generate_series(1, {rows})")


pipe = subprocess.run(f"'{ZIJ}' --csv -c '{export(2000000)}' | head -2", shell=True, capture_output=True,
                      text=True, timeout=60, env=ENV)
check("a broken pipe ends quietly", pipe.stdout.count("\n") == 2 and pipe.stderr == "", pipe.stderr)
full = subprocess.run(f"'{ZIJ}' --csv -c '{export(100000)}' > /dev/full", shell=True,
                      capture_output=True, text=True, timeout=60, env=ENV)
check("a full disk is an error", full.returncode == 1 and "No space left" in full.stderr, full.stderr)


def peak_bytes(rows, *options):
    """The largest resident size of an export into a pipe, which somebody reads."""
    child = subprocess.Popen([ZIJ, *options, "-c", export(rows)], stdout=subprocess.PIPE, env=ENV)
    size = 0
    while block := child.stdout.read(1 << 16):
        size += len(block)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = status
    return usage.ru_maxrss * 1024, size


for name, options in [("csv", ["--csv"]), ("json", ["--json"]), ("aligned", []), ("-A", ["-A"])]:
    small, _ = peak_bytes(1000, *options)
    large, size = peak_bytes(482176, *options)
    check(f"{name}: 482,176 rows to a pipe grow memory by at most 64 MiB",
          large - small <= 64 << 20 and size > 10 << 20, f"{(large - small) >> 20} MiB, {size} bytes")

check.end()
