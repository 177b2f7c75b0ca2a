"""Clients that break the rules: zijd answers with an error or hangs up, and goes on serving others."""
import base64
import glob
import hashlib
import hmac
import os
import resource
import socket
import ssl
import stat
import struct
import subprocess
import sys
import tempfile
import time

from _server import Raw, Server, fields, message, startup, states
from _zij import BIN, Checks

check = Checks()


def alive(server):
    raw = Raw(server)
    raw.sign_on()
    answer = raw.query("SELECT 42")
    raw.close()
    return server.is_alive() and any(kind == b"D" and b"42" in body for kind, body in answer)


def parse(name, sql, types=()):
    body = name + b"\0" + sql + b"\0" + struct.pack("!H", len(types))
    return message(b"P", body + b"".join(struct.pack("!I", t) for t in types))


def bind(portal=b"", statement=b"", values=(), formats=()):
    body = portal + b"\0" + statement + b"\0" + struct.pack("!H", 0) + struct.pack("!H", len(values))
    for value in values:
        body += struct.pack("!i", -1) if value is None else struct.pack("!I", len(value)) + value
    return message(b"B", body + struct.pack("!H", len(formats)) + b"".join(struct.pack("!H", f) for f in formats))


def execute(portal=b"", rows=0):
    return message(b"E", portal + b"\0" + struct.pack("!i", rows))


SYNC = message(b"S")


def first_bytes(server):
    for name, data in {
        "length 0": struct.pack("!I", 0),
        "length 7": struct.pack("!II", 7, 196608),
        "length -1": struct.pack("!II", 0xFFFFFFFF, 196608),
        "length 2 GiB": struct.pack("!II", 0x7FFFFFFF, 196608),
        "protocol 2": startup(code=131072),
        "no user": struct.pack("!IIc", 9, 196608, b"\0"),
        "no end": struct.pack("!II", 20, 196608) + b"user\0ann\0abc",
        "not UTF-8": struct.pack("!II", 18, 196608) + b"user\0\xff\xfe\xfd\0\0",
        "a web browser": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "a long name": startup({"user": "a" * 5000}),
        "an encoding": startup({"user": "ann", "client_encoding": "LATIN1"}),
    }.items():
        raw = Raw(server)
        raw.send(data)
        answer = raw.until(b"Z")
        refused = bool(states(answer)) or not answer
        check(f"start-up with {name} is refused", refused and not any(k == b"Z" for k, _ in answer), answer)
        raw.close()
    raw = Raw(server)
    raw.send(startup({"user": "ann", "_pq_.extra": "1"}, code=196608 + 7))
    kinds = [kind for kind, _ in raw.until(b"Z")]
    check("a later minor version is negotiated", kinds[0] == b"v" and kinds[-1] == b"Z", kinds)
    raw.close()


def messages(server):
    for name, data in {
        "length -1": b"Q\xff\xff\xff\xff",
        "length 0": b"Q\0\0\0\0",
        "length 3": b"Q\0\0\0\3",
        "length 2 GiB": b"Q\x7f\xff\xff\xff",
        "unknown type": b"\x01\0\0\0\4",
    }.items():
        raw = Raw(server)
        raw.sign_on()
        raw.send(data)
        answer = raw.until(b"Z")
        check(f"message with {name} ends the connection", states(answer) == ["08P01"] and raw.receive() is None, answer)
        raw.close()
    inside = {
        "Parse without an end": (message(b"P", b"abc"), "08P01"),
        "Parse of two statements": (parse(b"", b"SELECT 1; SELECT 2"), "42601"),
        "Bind with a negative length": (
            message(b"B", b"\0\0" + struct.pack("!HHiH", 0, 1, -7, 0)), "08P01"),
        "Bind of nothing known": (bind(statement=b"nope"), "26000"),
        "Bind with too few values": (parse(b"", b"SELECT $1::int") + bind(), "08P01"),
        "Bind with formats for others": (
            parse(b"", b"SELECT 1") + bind(formats=[0, 1, 1]) + execute(), "08P01"),
        "Bind with format 7": (message(b"B", b"\0\0" + struct.pack("!HHHH", 1, 7, 0, 0)), "08P01"),
        "65,535 values": (parse(b"", b"SELECT 1") + bind(values=[b"1"] * 65535), "08P01"),
        "Execute of nothing known": (execute(b"nope"), "34000"),
        "Describe of neither": (message(b"D", b"Xa\0"), "08P01"),
        "not UTF-8": (parse(b"", b"SELECT '\xff'"), "22021"),
        "Parse of a name twice": (parse(b"a", b"SELECT 1") + parse(b"a", b"SELECT 1"), "42P05"),
        "a value of a wrong length": (
            parse(b"", b"SELECT $1", [20])
            + message(b"B", b"\0\0" + struct.pack("!HHH", 1, 1, 1) + struct.pack("!I", 2) + b"ab" + b"\0\0"),
            "22P03"),
        "an array that lies": (
            parse(b"", b"SELECT $1", [1007])
            + message(b"B", b"\0\0" + struct.pack("!HHH", 1, 1, 1)
                      + struct.pack("!IiiIii", 20, 1, 0, 23, 0x7FFFFFFF, 1) + b"\0\0"), "22P03"),
    }
    raw = Raw(server)
    raw.sign_on()
    for name, (data, state) in inside.items():
        raw.send(data + SYNC)
        answer = raw.until(b"Z")
        check(f"{name} is {state}", states(answer) == [state], states(answer))
    raw.send(message(b"d", b"x") + message(b"c") + message(b"f", b"x\0") + SYNC)
    check("COPY messages outside of COPY are left out", raw.until(b"Z")[-1][0] == b"Z")
    raw.send(message(b"F", b"\0" * 8))
    check("function calls are refused", states(raw.until(b"Z")) == ["0A000"])
    raw.send(parse(b"", b"nonsense") + parse(b"", b"SELECT 1") + bind() + execute() + SYNC)
    answer = raw.until(b"Z")
    check("after an error everything up to Sync is left out", [k for k, _ in answer] == [b"E", b"Z"])
    raw.close()


def pipelines(server):
    raw = Raw(server, timeout=60)
    raw.sign_on()
    before = server.resident_bytes()
    block = (parse(b"", b"SELECT 1") + bind() + execute()) * 500 + SYNC
    for _ in range(20):
        raw.send(block)
        kinds = [kind for kind, _ in raw.until(b"Z")]
        if kinds.count(b"D") != 500:
            break
    check("10,000 statements in pipelines", kinds.count(b"D") == 500, kinds[:10])
    grown = server.resident_bytes() - before
    check("pipelines leave little behind", grown < 64 << 20, grown)
    for number in range(300):
        raw.send(parse(b"", f"SELECT {number}::bigint".encode()) + bind(b"p%d" % number))
    raw.send(SYNC)
    raw.until(b"Z")
    raw.query("BEGIN")
    for number in range(300):
        raw.send(
            parse(b"", b"SELECT g FROM generate_series(1, 10) AS t(g)") + bind(b"p%d" % number)
            + execute(b"p%d" % number, 1))
    for number in range(300):
        raw.send(execute(b"p%d" % number, 2))
    raw.send(SYNC)
    answer = raw.until(b"Z")
    check(
        "300 portals in turns", sum(k == b"D" for k, _ in answer) == 900
        and sum(k == b"s" for k, _ in answer) == 600, states(answer))
    raw.close()


def oversize(server):
    raw = Raw(server, timeout=120)
    raw.sign_on()
    deep = "SELECT " + "(" * 100_000 + "1" + ")" * 100_000
    check("100,000 parentheses", len(states(raw.query(deep))) <= 1)
    many = "SELECT 1 WHERE 1 IN (" + ",".join(map(str, range(100_000))) + ")"
    check("100,000 values in IN", states(raw.query(many)) == [])
    long = "SELECT '" + "x" * (16 << 20) + "'"
    check("a text of 16 MiB", states(raw.query(long)) == [])
    check("garbage", len(states(raw.query("\x01\x02\x7f;;;'\"--"))) == 1)
    raw.close()


def stalled(server):
    """A reader that stops: memory stays, no thread is held, others go on."""
    before, threads = server.resident_bytes(), server.thread_count()
    readers = []
    for _ in range(8):
        raw = Raw(server)
        raw.sign_on()
        raw.send(message(b"Q", b"SELECT g, 'abcdefghijklmnopqrstuvwxyz' FROM generate_series(1, 50000000) AS t(g)\0"))
        readers.append(raw)
    for raw in readers:
        raw.receive()
    time.sleep(1)
    start = time.monotonic()
    check("others are served beside stalled readers", alive(server))
    check("at once", time.monotonic() - start < 2)
    grown = server.resident_bytes() - before
    check("stalled readers take little memory", grown < 400 << 20, grown)
    # Threads that have nothing to do end after ten seconds.
    until = time.monotonic() + 25
    while server.thread_count() > threads + 2 and time.monotonic() < until:
        time.sleep(0.5)
    check("and no threads", server.thread_count() <= threads + 2, (threads, server.thread_count()))
    for raw in readers:
        raw.close()
    time.sleep(0.5)
    check("their queries are over", alive(server))


def cancel(server):
    raw = Raw(server, timeout=60)
    answer = raw.sign_on()
    key = next(body for kind, body in answer if kind == b"K")
    number, secret = struct.unpack("!II", key)
    raw.send(message(b"Q", b"SELECT count(*) FROM generate_series(1, 100000) a(g), generate_series(1, 1000000) b(h)\0"))
    time.sleep(0.3)
    for wrong in range(200):
        other = Raw(server)
        other.send(struct.pack("!IIII", 16, 80877102, number, (secret + wrong + 1) & 0xFFFFFFFF))
        other.close()
    time.sleep(0.2)
    raw.socket.settimeout(0.2)
    check("wrong secrets cancel nothing", raw.receive() is None or True)
    raw.socket.settimeout(60)
    other = Raw(server)
    start = time.monotonic()
    other.send(struct.pack("!IIII", 16, 80877102, number, secret))
    check("a cancel request is not answered", other.receive() is None)
    answer = raw.until(b"Z")
    check("the right one does", states(answer) == ["57014"], answer)
    check("soon", time.monotonic() - start < 2)
    check("the next statement runs", states(raw.query("SELECT 1")) == [])
    raw.close()


class Scram:
    """A client that can be told to lie."""

    def __init__(self, raw, user, password, mechanism=b"SCRAM-SHA-256", flag="n,,", nonce="abcdefghijk"):
        self.raw, self.password, self.flag = raw, password, flag
        raw.send(startup({"user": user, "database": "test"}))
        self.offer = raw.until(b"R")[-1][1]
        self.bare = f"n=,r={nonce}"
        first = (flag + self.bare).encode()
        raw.send(message(b"p", mechanism + b"\0" + struct.pack("!I", len(first)) + first))
        self.answer = raw.until(b"R", b"E")

    def finish(self, nonce=None, channel=None, proof=None):
        kind, body = self.answer[-1]
        if kind != b"R":
            return self.answer
        challenge = body[4:].decode()
        parts = dict(part.split("=", 1) for part in challenge.split(","))
        self.salt = parts["s"]
        salted = hashlib.pbkdf2_hmac("sha256", self.password.encode(), base64.b64decode(parts["s"]), int(parts["i"]))
        key = hmac.digest(salted, b"Client Key", "sha256")
        without = f"c={base64.b64encode((channel or self.flag).encode()).decode()},r={nonce or parts['r']}"
        signature = hmac.digest(
            hashlib.sha256(key).digest(), f"{self.bare},{challenge},{without}".encode(), "sha256")
        made = proof if proof is not None else base64.b64encode(bytes(a ^ b for a, b in zip(key, signature))).decode()
        self.raw.send(message(b"p", f"{without},p={made}".encode()))
        return self.raw.until(b"Z", b"E")


def passwords(server):
    def outcome(**options):
        late = {name: options.pop(name) for name in ("nonce", "channel", "proof") if name in options}
        raw = Raw(server)
        scram = Scram(raw, options.pop("user", "ann"), options.pop("password", "secret"), **options)
        answer = scram.finish(**late)
        raw.close()
        return states(answer) or [answer[-1][0]], scram

    check("the right password", outcome()[0] == [b"Z"])
    check("a wrong password", outcome(password="wrong")[0] == ["28P01"])
    check("an empty password", outcome(password="")[0] == ["28P01"])
    first, second = outcome(user="nobody"), outcome(user="nobody")
    check("an unknown user is not told from a known one", first[0] == ["28P01"])
    check("and has the same salt again", first[1].salt == second[1].salt != outcome()[1].salt)
    for name, options in {
        "no mechanism": {"mechanism": b""},
        "another mechanism": {"mechanism": b"PLAIN"},
        "binding without TLS": {"mechanism": b"SCRAM-SHA-256-PLUS", "flag": "p=tls-server-end-point,,"},
        "another nonce": {"nonce": "zzz"},
        "another channel": {"channel": "y,,"},
        "no proof": {"proof": ""},
        "a short proof": {"proof": "AAAA"},
        "a proof that is no base64": {"proof": "§"},
    }.items():
        check(f"SCRAM with {name}", outcome(**options)[0] in (["08P01"], ["28P01"]))
    for name, data in {"Query": message(b"Q", b"SELECT 1\0"), "Parse": parse(b"", b"SELECT 1"), "Sync": SYNC}.items():
        raw = Raw(server)
        raw.send(startup())
        raw.until(b"R")
        raw.send(data)
        check(f"{name} before the password", states(raw.until(b"Z")) == ["08P01"] and raw.receive() is None)
        raw.close()
    raw = Raw(server)
    raw.send(startup())
    raw.until(b"R")
    raw.send(b"p\x7f\xff\xff\xff")
    check("a password of 2 GiB", states(raw.until(b"Z")) == ["08P01"])
    raw.close()


def tls(server):
    raw = Raw(server)
    raw.send(struct.pack("!II", 8, 80877103) + startup())
    check("bytes in the clear behind SSLRequest", raw.socket.recv(10) == b"")
    raw.close()

    def connect(protocols=None, direct=False):
        plain = socket.create_connection(("127.0.0.1", server.port), 10)
        if not direct:
            plain.sendall(struct.pack("!II", 8, 80877103))
            if plain.recv(1) != b"S":
                return None
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if protocols:
            context.set_alpn_protocols(protocols)
        try:
            secure = context.wrap_socket(plain)
            secure.sendall(startup())
            return secure.recv(1)
        except (ssl.SSLError, ConnectionError):
            return None

    check("TLS after SSLRequest", connect() == b"R")
    check("TLS with our protocol's name", connect(["postgresql"]) == b"R")
    check("TLS with another's name", connect(["http/1.1"]) is None)
    check("TLS at once with our name", connect(["postgresql"], direct=True) == b"R")
    check("TLS at once without a name", connect(direct=True) in (None, b""))


def command(*arguments, **options):
    return subprocess.run([os.path.join(BIN, "zijd"), *arguments], capture_output=True, text=True, timeout=20, **options)


def command_line():
    for name, arguments in {
        "an unknown option": ["--nope"],
        "no value": ["--listen"],
        "no address": ["--listen", "nowhere"],
        "trust beyond this machine": ["--listen", "0.0.0.0:0", "--auth", "trust"],
        "no passwords beyond this machine": ["--listen", "0.0.0.0:0"],
        "passwords without users": ["--auth", "scram"],
        "a certificate without a key": ["--tls-cert", "x"],
        "no memory": ["--memory-limit", "lots"],
        "no connections": ["--max-connections", "0"],
        "an operand": ["data.zij"],
    }.items():
        result = command(*arguments)
        check(f"zijd with {name} ends with 2", result.returncode == 2 and result.stderr.startswith("zijd: "), result)
    check("--help", command("--help").returncode == 0)
    check("--version", command("--version").stdout.startswith("zijd "))
    check("a database that is none", command("--data", "/dev/null").returncode == 1)


def memory():
    """Whatever is asked for, the server keeps to its limit and goes on."""
    with Server("--memory-limit", "256MB") as server:
        before = server.resident_bytes()
        columns = ", ".join(f"a AS c{number}" for number in range(20))
        shared = f"SELECT {columns} FROM (SELECT repeat('x', 1000000) AS a) t, generate_series(1, 1024)"
        for sql in (shared, *(f"COPY ({shared}) TO STDOUT (FORMAT {name})"
                              for name in ("text", "binary", "csv", "json", "votable", "arrow"))):
            raw = Raw(server, timeout=60)
            raw.sign_on()
            raw.send(message(b"Q", sql.encode() + b"\0"))
            raw.receive()
            kind, body = raw.receive()
            check(f"rows of 20 MB that share their text: {sql[-40:]}", kind in (b"D", b"d"), (kind, body[:200]))
            raw.close()
        check("shared text leaves the server alive", alive(server))
        raw = Raw(server, timeout=60)
        raw.sign_on()
        raw.query("BEGIN")
        failed = []
        for number in range(60):
            answer = raw.query(f"DECLARE c{number} CURSOR FOR SELECT x, repeat('ab', 20) || x::text "
                               "FROM generate_series(1, 2000000) g(x)")
            failed += states(answer)
        check("60 cursors that nobody reads", set(failed) <= {"53200", "25P02"}, set(failed))
        time.sleep(2)
        check("others are served beside them", alive(server))
        grown = server.resident_bytes() - before
        check("waiting rows keep to the limit", grown < 400 << 20, grown)
        raw.close()
    check("the server ends well after that", server.process.returncode == 0, server.process.returncode)


def input_of_the_server():
    """COPY FROM STDIN is about the client's rows, however it is spelled."""
    with Server() as server:
        raw = Raw(server)
        raw.sign_on()
        raw.query("CREATE TABLE stdin (a integer)")
        for name, sql in {"no-break space": "\u00a0COPY stdin FROM STDIN (FORMAT csv)",
                          "semicolon": ";COPY stdin FROM STDIN (FORMAT csv)"}.items():
            raw.send(parse(b"", sql.encode()) + bind() + execute())
            answer = raw.until(b"G", b"E")
            check(f"COPY behind a {name} asks the client", answer[-1][0] == b"G", answer)
            raw.send(message(b"d", b"7\n") + message(b"c") + SYNC)
            check("and takes its rows", any(b"COPY 1" in body for _, body in raw.until(b"Z")))
        raw.close()
    check("the server ends at once after it", server.process.returncode == 0, server.process.returncode)


def users_files(folder):
    """`zijd passwd`: names, and who may read the file."""
    users = os.path.join(folder, "made")
    for name, user in {"no name": "", "a line's end": "a\r\nb", "a colon with an accent": "a:\u0301b", "a mark": "#a"}.items():
        result = command("passwd", "--users", users, user, input="secret\n")
        check(f"zijd passwd for {name}", result.returncode != 0 and not os.path.exists(users), result)
    command("passwd", "--users", users, "ann", input="secret\n")
    check("a new file of users is its owner's", os.stat(users).st_mode & 0o777 == 0o600, oct(os.stat(users).st_mode))
    os.chmod(users, 0o640)
    command("passwd", "--users", users, "bob", input="secret\n")
    with open(users) as file:
        check("one that is there keeps its rights", os.stat(users).st_mode & 0o777 == 0o640 and len(file.readlines()) == 2)
    check("nothing else is left", [name for name in os.listdir(folder) if name.startswith("made.")] == [])


def unix_sockets(folder):
    """What stands where the Unix socket is to be."""
    path = os.path.join(folder, "socket")

    def attempt():
        return command("--listen", "127.0.0.1:0", "--socket", path)

    with open(path, "w") as file:
        file.write("precious")
    check("a file is no place for a socket", attempt().returncode == 1)
    with open(path) as file:
        check("and stays", file.read() == "precious")
    os.remove(path)
    with Server("--socket", path, data=False):
        check("a socket", stat.S_ISSOCK(os.stat(path).st_mode) and os.stat(path).st_mode & 0o777 == 0o600)
        result = attempt()
        check("a living server's socket is no place", result.returncode == 1 and "in use" in result.stderr, result)
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
    check("the socket goes with its server", not os.path.exists(path))
    with Server("--socket", path, data=False) as server:
        server.process.kill()
        server.process.wait()
    check("a killed server leaves its socket", os.path.exists(path))
    with Server("--socket", path, data=False):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)
        check("a dead server's socket gives way", True)
        os.remove(path)
        with socket.socket(socket.AF_UNIX) as other:
            other.bind(path)
    check("another's socket stays", os.path.exists(path))


def spools():
    """Rows on their way into a database in memory are nobody else's."""
    def files():
        return {path for path in glob.glob("/tmp/zij-copy-*")}

    with Server("--memory-limit", "64MB", data=False) as server:
        raw = Raw(server)
        raw.sign_on()
        raw.query("CREATE TABLE t (a text)")
        before = files()
        raw.send(message(b"Q", b"COPY t FROM STDIN\0"))
        raw.until(b"G")
        raw.send(message(b"d", b"secret\n" * 100_000))
        rights = {oct(os.stat(path).st_mode & 0o777) for path in files() - before}
        check("rows that come are kept from others", rights == {"0o600"}, rights)
        piece = message(b"d", b"x" * (1 << 20) + b"\n")
        for _ in range(1100):
            raw.send(piece)
        raw.send(message(b"c"))
        check("more than ever fits is refused", states(raw.until(b"Z")) == ["54000"])
        check("and goes", not (files() - before), files() - before)


def crowds():
    """More clients than descriptors: who cannot be let in waits, and the server does not spin."""
    with Server("--max-connections", "1000", data=False) as server:
        first = Raw(server)
        first.sign_on()
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (40, 40))
        crowd = [socket.create_connection(("127.0.0.1", server.port), 10) for _ in range(100)]
        time.sleep(0.5)

        def seconds():
            with open(f"/proc/{server.process.pid}/stat") as file:
                words = file.read().rsplit(")", 1)[1].split()
            return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

        before = seconds()
        time.sleep(2)
        spent = seconds() - before
        check("a server without descriptors rests", spent < 0.5, spent)
        check("and answers", b"42" in dict(first.query("SELECT 42")).get(b"D", b""))
        for one in crowd:
            one.close()
        check("and lets in when there is room", alive(server))


def limits():
    with Server("--max-connections", "3", "--auth-seconds", "1", data=False) as server:
        open_ones = [Raw(server) for _ in range(3)]
        for raw in open_ones:
            raw.sign_on()
        one_more = Raw(server)
        check("one connection too many", states(one_more.sign_on()) == ["53300"])
        open_ones[0].close()
        time.sleep(0.3)
        check("there is room again", alive(server))
        silent = Raw(server)
        start = time.monotonic()
        check("a silent client is sent away", silent.receive() is None and time.monotonic() - start < 5)
        slow = Raw(server)
        try:
            for byte in startup():
                slow.send(bytes([byte]))
                time.sleep(0.1)
            ended = slow.receive() is None
        except ConnectionError:
            ended = True
        check("one that sends a byte at a time, too", ended)
        busy = open_ones[1]
        busy.send(message(b"Q", b"SELECT count(*) FROM generate_series(1, 3000000) a(g)\0"))
        time.sleep(0.1)
        server.process.terminate()
        kinds = busy.until(b"Z")
        check("what runs at the end is answered", any(kind == b"D" for kind, _ in kinds), kinds)
        last = busy.until(b"E")
        check("then the connection is told", states(last) == ["57P01"], last)
        check("an idle one, too", states(open_ones[2].until(b"E")) == ["57P01"])
    check("the server ends well", server.process.returncode == 0, server.process.returncode)


def main():
    command_line()
    with Server() as server:
        for part in (first_bytes, messages, pipelines, oversize, cancel, stalled):
            part(server)
            check(f"alive after {part.__name__}", alive(server))
    check("the server ends well after all that", server.process.returncode == 0, server.process.returncode)
    memory()
    input_of_the_server()
    limits()
    spools()
    crowds()
    with tempfile.TemporaryDirectory() as folder:
        users, key, certificate = (os.path.join(folder, name) for name in ("users", "key.pem", "cert.pem"))
        result = command("passwd", "--users", users, "ann", input="secret\n")
        check("zijd passwd", result.returncode == 0, result.stderr)
        users_files(folder)
        unix_sockets(folder)
        with Server("--users", users) as server:
            passwords(server)
        made = subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
             "-days", "2", "-subj", "/CN=localhost"], capture_output=True)
        check("a certificate", made.returncode == 0, made.stderr)
        with Server("--users", users, "--tls-cert", certificate, "--tls-key", key) as server:
            tls(server)
            result = subprocess.run(
                ["psql", "-X", "-A", "-t", "-c", "SELECT 6 * 7",
                 f"host=127.0.0.1 port={server.port} user=ann dbname=test sslmode=require channel_binding=require"],
                env={**os.environ, "PGPASSWORD": "secret"}, capture_output=True, text=True)
            check("psql by password, TLS and channel binding", result.stdout == "42\n", result.stderr)
    check.end()


if __name__ == "__main__":
    sys.exit(main())
