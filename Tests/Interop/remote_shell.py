"""The shell on a database of its own and on the same one behind zijd: the same script, the same bytes."""
import os
import subprocess
import tempfile
import time

from _server import Server
from _zij import BIN, Checks

check = Checks()
ZIJ = os.path.join(BIN, "zij")
ENV = dict(os.environ, LANG="C.UTF-8", HOME="/nonexistent")

SETUP = [
    "CREATE TABLE stars (id bigint NOT NULL, name text, ra double precision UNIT 'deg' UCD 'pos.eq.ra;meta.main', "
    "dec double precision UNIT 'deg' UCD 'pos.eq.dec;meta.main', mag real UNIT 'mag' DESCRIPTION 'in V', tags text[], "
    "price decimal(12,3), seen timestamp, day date, ok boolean, raw bytea, tiny tinyint, small smallint) CLUSTER BY NONE",
    "INSERT INTO stars VALUES (1, 'Sirius', 101.287, -16.716, -1.46, ARRAY['a','b c'], 12.5, TIMESTAMP '2020-02-29 12:30:00.5', "
    "DATE '1999-12-31', true, NULL, 1, 2), (2, NULL, 0.1, 1e-300, -0.0, ARRAY['x'], -0.001, NULL, NULL, false, NULL, -1, -2), "
    "(3, 'Vega|''\"', 279.234, 38.784, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), "
    "(4, '', 1e300, 'NaN', 3.4e38, ARRAY['q'], 0, TIMESTAMP '1969-12-31 23:59:59', DATE '1600-01-01', true, NULL, 127, 32767)",
]

SCRIPT = r"""
SELECT * FROM stars ORDER BY id;
\x
SELECT * FROM stars ORDER BY id;
\x
\pset null NULL
SELECT id, name, tags, price FROM stars ORDER BY id DESC;
\pset format csv
SELECT * FROM stars ORDER BY id;
\pset format unaligned
SELECT id, ra, dec, mag FROM stars ORDER BY id;
\pset format json
SELECT * FROM stars ORDER BY id;
\pset format aligned
\d
\dt+
\d stars
\d+ stars
\d pg_catalog.pg_am
\df+ abs
SELECT count(*), sum(mag), min(ra), max(dec), avg(price) FROM stars;
SELECT 1 AS one, 'two' AS two \gset
\echo :one :two
SELECT id, :one + id AS more FROM stars WHERE id < 3 ORDER BY id \gx
INSERT INTO stars (id, name) VALUES (5, 'new');
SELECT count(*) FROM stars;
COPY (SELECT id, name FROM stars ORDER BY id) TO STDOUT (FORMAT csv, HEADER);
CREATE TABLE copied (a integer, b text);
COPY copied FROM STDIN (FORMAT csv);
1,one
2,"two, too"
\.
SELECT * FROM copied ORDER BY a;
SELECT current_schema(), 'stars'::regclass, 701::regtype;
SELECT relname, relkind, relnatts FROM pg_class WHERE relname IN ('stars', 'pg_class') ORDER BY relname;
SELECT g, g * 0.1 AS tenth, 'text ' || CAST(g AS text) AS label FROM generate_series(1, 3000) AS s(g);
SELECT ARRAY[ARRAY[1, 2], ARRAY[3]] AS nested, ARRAY[ARRAY['a', NULL], ARRAY['{', 'b "c"']] AS words, ARRAY[1.50, -2.25] AS prices;
\pset format json
SELECT ARRAY[ARRAY[1, 2], ARRAY[3]] AS nested, ARRAY[1.50, -2.25] AS prices, ARRAY[ARRAY[ARRAY[0.5]]] AS deep;
\pset format aligned
SELECT nothing FROM stars;
SELECT 'after an error';
EXPLAIN SELECT id FROM stars WHERE mag < 0;
\copy (SELECT id, name FROM stars WHERE id < 3 ORDER BY id) TO 'FOLDER/out.csv' (FORMAT csv)
\copy copied (a, b) FROM 'FOLDER/out.csv' (FORMAT csv)
SELECT * FROM copied ORDER BY a, b;
\copy copied TO stdout (FORMAT csv)
DROP TABLE copied;
\q
"""


def run(*arguments, script=""):
    return subprocess.run([ZIJ, "-n", *arguments], input=script, capture_output=True, text=True, timeout=120, env=ENV)


def prepared(folder, name):
    path = os.path.join(folder, name)
    for sql in SETUP:
        result = run("-q", "-c", sql, path)
        if result.returncode != 0:
            check("set up", False, result.stderr)
    return path


def serving(path):
    return Server("--data", path, data=False)


def first_difference(a, b):
    for number, (left, right) in enumerate(zip(a.split("\n"), b.split("\n")), 1):
        if left != right:
            return f"line {number}: {left!r} and {right!r}"
    return f"{len(a.splitlines())} and {len(b.splitlines())} lines"


def same_bytes(folder):
    script = SCRIPT.replace("FOLDER", folder)
    here = run(prepared(folder, "here.zij"), script=script)
    with serving(prepared(folder, "there.zij")) as server:
        there = run(f"postgresql://zij@127.0.0.1:{server.port}/there", script=script)
    check("the same output", here.stdout == there.stdout and "tenth" in here.stdout,
          first_difference(here.stdout, there.stdout))
    messages = [result.stderr.splitlines()[0] if result.stderr else "" for result in (here, there)]
    check("the same error", messages[0] == messages[1] and "42703" in messages[0], messages)
    check("the same exit code", here.returncode == there.returncode == 0, (here.returncode, there.returncode))


def addresses(folder):
    with serving(prepared(folder, "address.zij")) as server:
        port = str(server.port)
        plain = f"postgresql://127.0.0.1:{port}/x"
        check("a user from the address", run("-tAc", "SELECT current_user", f"postgresql://ann@127.0.0.1:{port}/x").stdout
              == "ann\n")
        environment = dict(ENV, PGHOST="127.0.0.1", PGPORT=port, PGUSER="bob", PGDATABASE="sky")
        result = subprocess.run([ZIJ, "-n", "-tAc", "SELECT current_user, current_database()", "postgresql://"],
                                capture_output=True, text=True, timeout=60, env=environment)
        check("what is left out comes from the environment", result.stdout == "bob|sky\n", result)
        for name, uri, part in [
            ("a port that is none", "postgresql://h:99999/x", "no port"),
            ("an unknown parameter", plain + "?frob=1", "unknown parameter"),
            ("half a percent sign", "postgresql://a%4@h/x", "%"),
            ("a closed port", "postgresql://127.0.0.1:1/x", "cannot connect"),
            ("an unknown host", "postgresql://no.such.host.invalid/x", "host is not known"),
            ("no TLS where it is needed", plain + "?sslmode=require", "does not offer TLS"),
        ]:
            result = run("-c", "SELECT 1", uri)
            check(name, result.returncode == 2 and part in result.stderr, result)
        check("\\conninfo", f"port {port}" in run("-c", "\\conninfo", plain).stdout)
        check("a failed -c", run("-c", "SELECT nope", plain).returncode == 1)


def certificate(folder, name, *subject):
    """A key and a certificate that vouches for itself; the paths of both."""
    key, path = (os.path.join(folder, f"{name}.{kind}") for kind in ("key", "pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-keyout", key, "-out", path, *subject], check=True, capture_output=True)
    return key, path


class Guarded(Server):
    """A zijd that wants TLS and ann's password; `names` are what its certificate names."""

    def __init__(self, folder, names):
        self.key, self.certificate = certificate(folder, "server", "-subj", "/CN=zij", "-addext", f"subjectAltName={names}")
        users = os.path.join(folder, "users")
        subprocess.run([os.path.join(BIN, "zijd"), "passwd", "--users", users, "ann"], input="pencil ü\n", text=True, check=True)
        super().__init__("--data", os.path.join(folder, "guarded.zij"), "--tls-cert", self.certificate, "--tls-key", self.key,
                         "--users", users, data=False)


def guarded(folder):
    """TLS and SCRAM as our own client does them."""
    prepared(folder, "guarded.zij")
    with Guarded(folder, "DNS:localhost,IP:127.0.0.1") as server:
        def ask(account, options, host="127.0.0.1", sql="SELECT current_user, count(*) FROM stars", **more):
            address = f"postgresql://{account}@{host}:{server.port}/x?{options}"
            return subprocess.run([ZIJ, "-n", "-tAc", sql, address], capture_output=True, text=True, timeout=60,
                                  stdin=subprocess.DEVNULL, env=dict(ENV, **more))

        ann, root = "ann:pencil%20%C3%BC", "sslrootcert=" + server.certificate
        _, other = certificate(folder, "other", "-subj", "/CN=localhost")
        for name, options in {
            "TLS when there is": "", "TLS required": "sslmode=require", "without TLS": "sslmode=disable",
            "a certificate that is known": f"sslmode=verify-ca&{root}", "a host that is named": f"sslmode=verify-full&{root}",
        }.items():
            result = ask(ann, options)
            check(name, result.stdout == "ann|4\n" and result.returncode == 0, result)
        check("a host by name", ask(ann, f"sslmode=verify-full&{root}", host="localhost").stdout == "ann|4\n")
        check("a password from the environment", ask("ann", "sslmode=require", PGPASSWORD="pencil ü").stdout == "ann|4\n")
        check("much over TLS", len(ask(ann, "sslmode=require", sql="SELECT g, repeat('x', 1000) FROM generate_series(1, 20000) s(g)")
                                   .stdout) == 20_000 * 1002 + sum(len(str(g)) for g in range(1, 20_001)))
        for name, account, options, part in [
            ("a wrong password", "ann:pencil", "", "password authentication failed"),
            ("a wrong password without TLS", "ann:pencil", "sslmode=disable", "password authentication failed"),
            ("an unknown user", "eve:pencil", "", "password authentication failed"),
            ("no password", "ann", "", "wants a password"),
            ("a certificate that is not known", ann, "sslmode=verify-ca", "certificate verify failed"),
            ("another's certificate", ann, f"sslmode=verify-ca&sslrootcert={other}", "certificate verify failed"),
            ("no file of certificates", ann, "sslmode=verify-ca&sslrootcert=/nowhere", "cannot be read"),
            ("an unknown mode", ann, "sslmode=verify", "unknown sslmode"),
        ]:
            result = ask(account, options)
            check(name, result.returncode == 2 and part in result.stderr, result)
        interrupt("Ctrl-C over TLS", f"postgresql://{ann}@127.0.0.1:{server.port}/x?sslmode=require")
    with Guarded(folder, "DNS:elsewhere") as server:
        known = f"postgresql://{ann}@127.0.0.1:{server.port}/x?sslrootcert={server.certificate}"
        check("a name does not matter to verify-ca", run("-tAc", "SELECT 1", known + "&sslmode=verify-ca").stdout == "1\n")
        result = run("-tAc", "SELECT 1", known + "&sslmode=verify-full")
        check("a host that the certificate does not name", result.returncode == 2 and "certificate verify failed" in result.stderr,
              result)


def interrupted(folder):
    """Ctrl-C ends a statement on the server, over a second connection."""
    with serving(prepared(folder, "cancel.zij")) as server:
        interrupt("Ctrl-C cancels on the server", f"postgresql://127.0.0.1:{server.port}/x")


def interrupt(name, address):
    slow = "SELECT count(*) FROM generate_series(1, 100000000) AS a(x) JOIN generate_series(1, 100000) AS b(y) ON x % 7 = y % 11"
    shell = subprocess.Popen([ZIJ, "-n", "-c", slow, address],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=ENV)
    time.sleep(1.5)
    running = shell.poll() is None
    shell.send_signal(2)
    try:
        _, errors = shell.communicate(timeout=20)
    except subprocess.TimeoutExpired:
        shell.kill()
        _, errors = shell.communicate()
    check(name, running and "57014" in errors and shell.returncode == 130,
          (running, shell.returncode, errors))


def main():
    with tempfile.TemporaryDirectory() as folder:
        same_bytes(folder)
        addresses(folder)
        guarded(folder)
        interrupted(folder)
    check.end()


if __name__ == "__main__":
    main()
