"""The shell before servers that break the rules: a clear error, never a crash, an end in time."""
import os
import random
import struct
import subprocess
import time

from _fake_server import OK, READY, VERSION, WELCOME, authentication, columns, failure, fake, row, sasl
from _server import message
from _zij import BIN, Checks

check = Checks()
ENV = dict(os.environ, LANG="C.UTF-8", HOME="/nonexistent")
INT, TEXT, INTS = 23, 25, 1007
DONE = message(b"C", b"SELECT 1\0") + READY


def shell(port, *commands, options="", password="pencil", **more):
    actions = [argument for command in commands for argument in ("-c", command)]
    account = f"ann:{password}@" if password else "ann@"
    return subprocess.run(
        [os.path.join(BIN, "zij"), "-n", *actions, f"postgresql://{account}127.0.0.1:{port}/x?{options}"],
        capture_output=True, text=True, errors="replace", timeout=60, env=ENV, stdin=subprocess.DEVNULL, **more)


def survived(result):
    """It ended by itself: no signal, no trap."""
    return result.returncode in (0, 1, 2) and "Fatal error" not in result.stderr and "Crash" not in result.stderr


def refused(name, converse, part, status=2, options="", commands=("SELECT 1",)):
    """The shell ends with the status and says the words."""
    with fake(converse) as port:
        result = shell(port, *commands, options=options)
    check(name, survived(result) and result.returncode == status and part in result.stderr, result)


def beginning():
    def tls(answer):
        def converse(client):
            client.first()
            client.send(answer)
            if answer[:1] == b"S":
                client.read(1)
        return converse

    ended = "server ended the connection"
    refused("hangs up at once", lambda client: None, ended)
    refused("hangs up after the request for TLS", lambda client: client.first(), ended)
    refused("answers the request for TLS with a letter of no meaning", tls(b"X"), "not understood")
    refused("offers TLS and hangs up", lambda client: (client.first(), client.send(b"S")), ended)
    refused("offers TLS and speaks in clear", tls(b"S" + WELCOME), "TLS failed")
    refused("offers TLS and sends noise", tls(b"S" + random.Random(1).randbytes(5000)), "TLS failed")
    refused("has no TLS where it is required", tls(b"N"), "does not offer TLS", options="sslmode=require")
    refused("says nothing", lambda client: time.sleep(20), "in time", options="connect_timeout=1")
    refused("says nothing after the start", lambda client: (client.start(), time.sleep(20)), "in time",
            options="connect_timeout=1")

    def talkative(client):
        client.start()
        while True:
            client.send(b"".join(message(b"S", b"name%d\0value\0" % i) for i in range(1000)))

    refused("never stops talking about itself", talkative, "in time", options="connect_timeout=1")


def started(*answers):
    def converse(client):
        client.start()
        for answer in answers:
            client.send(answer)
        client.answer(DONE)
    return converse


def greetings():
    order = "out of order"
    for name, answers, part in [
        ("ready before anybody is let in", [READY], order),
        ("rows before anybody is let in", [row(b"1")], order),
        ("lets in twice", [OK, OK], order),
        ("begins SCRAM after letting in", [OK, sasl(b"SCRAM-SHA-256")], order),
        ("a challenge without SCRAM", [authentication(11, b"r=a,s=b,i=1")], order),
        ("an outcome without SCRAM", [authentication(12, b"v=a")], order),
        ("SCRAM twice", [sasl(b"SCRAM-SHA-256"), sasl(b"SCRAM-SHA-256")], order),
        ("a clear password after SCRAM", [sasl(b"SCRAM-SHA-256"), authentication(3)], order),
        ("lets in after SCRAM's first word", [sasl(b"SCRAM-SHA-256"), WELCOME], "knows the password"),
        ("a clear password without TLS", [authentication(3)], "in clear text"),
        ("MD5", [authentication(5, b"salt")], "unknown kind of authentication: 5"),
        ("an unknown mechanism", [sasl(b"X-PLAIN")], "no known way"),
        ("SCRAM bound to a certificate that there is not", [sasl(b"SCRAM-SHA-256-PLUS")], "no known way"),
        ("no mechanism", [sasl()], "no known way"),
        ("authentication without a number", [message(b"R")], "too short"),
        ("a message of no type", [b"\0\0\0\0\4"], "unknown"),
        ("a length of 0", [b"R\0\0\0\0"], "length"),
        ("a length of 2 GiB", [b"R\x7f\xff\xff\xff"], "length"),
        ("a message that goes on", [OK + message(b"Z", b"II")], "too many"),
        ("a status of no meaning", [OK + message(b"Z", b"?")], "transaction status"),
        ("an error", [failure(b"3D000", b"no such database")], "no such database"),
        ("an error that is no text", [failure(b"3D000", b"\xff\xfe")], "UTF-8"),
        ("an error of an unknown state", [failure(b"nope!", b"odd")], "odd"),
        ("an error without an end", [message(b"E", b"Mabc")], "without an end"),
        ("options without an end", [message(b"v", struct.pack("!ii", 0, 1 << 30))], "options"),
    ]:
        refused(name, started(*answers), part)
    with fake(started(failure(b"3D000", b"\x1b[2Jgone"))) as port:
        result = shell(port, "SELECT 1")
    check("an error that clears the screen", "\x1b" not in result.stderr and "gone" in result.stderr, result)


def scram():
    def challenged(text):
        return lambda client: (client.challenge(text), client.answer(DONE))

    malformed = "malformed SCRAM challenge"
    for name, text in {
        "a nonce of its own": lambda nonce: b"r=other,s=c2FsdA==,i=4096",
        "no nonce of its own": lambda nonce: b"r=" + nonce + b",s=c2FsdA==,i=4096",
        "no salt": lambda nonce: b"r=" + nonce + b"x,s=,i=4096",
        "a salt that is no base64": lambda nonce: b"r=" + nonce + b"x,s=!!!!,i=4096",
        "no rounds": lambda nonce: b"r=" + nonce + b"x,s=c2FsdA==,i=0",
        "negative rounds": lambda nonce: b"r=" + nonce + b"x,s=c2FsdA==,i=-1",
        "too many rounds": lambda nonce: b"r=" + nonce + b"x,s=c2FsdA==,i=99999999999999999999",
        "nothing": lambda nonce: b"",
        "noise": lambda nonce: random.Random(2).randbytes(200),
    }.items():
        refused(f"a challenge with {name}", challenged(text), malformed)

    def again(client):
        client.challenge()
        client.hear()
        client.send(authentication(11, client.sent))
        client.answer(DONE)

    def outcome(*answers):
        def converse(client):
            client.challenge()
            client.hear()
            for answer in answers:
                client.send(answer)
            client.answer(DONE)
        return converse

    refused("a second challenge", again, malformed)
    refused("lets in without a proof of its own", outcome(WELCOME), "knows the password")
    refused("a wrong proof", outcome(authentication(12, b"v=" + b"A" * 43 + b"="), WELCOME), "does not know the password")
    refused("no proof", outcome(authentication(12), WELCOME), "does not know the password")
    refused("an error for a proof", outcome(authentication(12, b"e=other-error"), WELCOME), "does not know the password")

    def knows(password):
        def converse(client):
            client.challenge()
            client.send(authentication(12, client.signature(password)) + WELCOME)
            client.answer(columns(("a", INT)) + row(b"42") + DONE)
        return converse

    refused("a proof of another password", knows(b"pen"), "does not know the password")
    with fake(knows(b"pencil")) as port:
        result = shell(port, "SELECT 1")
        check("a proof of the password", result.returncode == 0 and "42" in result.stdout, result)
        check("no password is given", "wants a password" in shell(port, "SELECT 1", password="").stderr)


def answering(*answers):
    return lambda client: (client.welcome(), client.answer(*answers))


def answers():
    head = columns(("a", INT))
    for name, answer, part in [
        ("hangs up", b"", "server ended the connection"),
        ("more values than columns", head + row(b"1", b"2") + DONE, "2 values for 1 columns"),
        ("fewer values than columns", head + row() + DONE, "0 values for 1 columns"),
        ("a value longer than its row", head + message(b"D", struct.pack("!HI", 1, 99)) + DONE, "too short"),
        ("a value of negative length", head + message(b"D", struct.pack("!Hi", 1, -2)) + DONE, "negative length"),
        ("a number that is none", head + row(b"one") + DONE, "22P02"),
        ("text that is not UTF-8", columns(("a", TEXT)) + row(b"\xff\xfe") + DONE, "UTF-8"),
        ("a piece of a file among rows", head + row(b"1") + message(b"d", b"piece") + DONE, "where none can be"),
        ("a row among the pieces of a file", message(b"H", b"\0\0\0") + row(b"1") + DONE, "where none can be"),
        ("columns without an end", message(b"T", struct.pack("!H", 60000) + b"a\0") + DONE, "too short"),
        ("an error among rows", head + row(b"1") + failure(b"22012", b"no zeros") + READY, "no zeros"),
        ("an error and the end", failure(b"22012", b"no zeros"), "no zeros"),
        ("noise", random.Random(3).randbytes(3000), ""),
    ]:
        def converse(client):
            client.welcome()
            client.hear()
            client.send(answer)
        refused(f"answers with {name}", converse, part, status=1)
    for name, answer, out in [
        ("no columns", columns() + row() + row() + DONE, "(2 rows)"),
        ("an empty list, then a list of lists", columns(("a", INTS)) + row(b"{}") + row(b"{{1},{2,3}}") + DONE, "{{1},{2,3}}"),
        ("lists of which some are no lists", columns(("a", INTS)) + row(b"{1}") + row(b"{{") + DONE, "{{"),
        ("an endless nest", columns(("a", INTS)) + row(b"{" * 100_000) + DONE, "{{{{"),
        ("notices without end", message(b"N", b"SWARNING\0VWARNING\0C01000\0Mwell\0\0") * 20_000 + DONE, ""),
    ]:
        with fake(answering(answer)) as port:
            result = shell(port, "SELECT 1")
        check(f"answers with {name}", result.returncode == 0 and out in result.stdout, str(result)[:2000])


def catalogues():
    """What the shell asks by itself is answered with too few columns, too many, or none."""
    for name, answer in {
        "no columns": columns() + row() + DONE,
        "one column": columns(("a", TEXT)) + row(b"stars") + DONE,
        "NULLs": columns(*[(f"c{i}", TEXT) for i in range(7)]) + row(*[None] * 7) + DONE,
        "40 columns": columns(*[(f"c{i}", TEXT) for i in range(40)]) + row(*[b"1"] * 40) + DONE,
        "no rows at all": DONE,
    }.items():
        for version in (VERSION, message(b"S", b"server_version\x0015.1\0")):
            def converse(client):
                client.start()
                client.send(OK + version + READY)
                client.answer(answer)
            with fake(converse) as port:
                results = [shell(port, command) for command in ("\\d", "\\d stars", "\\dt+", "\\df", "\\df+ abs", "\\conninfo")]
            bad = [result for result in results if not survived(result)]
            check(f"asked for tables, answers with {name}", not bad, bad[:1])


def lost():
    """After an answer that nobody understands nothing more is asked."""
    with fake(lambda client: (client.welcome(), client.hear(), client.send(b"\0\0\0\0\0"), time.sleep(20))) as port:
        result = subprocess.run(
            [os.path.join(BIN, "zij"), "-n", f"postgresql://ann@127.0.0.1:{port}/x"], input="SELECT 1;\nSELECT 2;\n",
            capture_output=True, text=True, timeout=30, env=ENV)
    check("a connection that is lost stays lost", "the connection to the server is lost" in result.stderr, result)


def endless():
    """Rows without end that nobody reads, and a server that takes no request to cancel: the shell goes."""
    def converse(client):
        if client.first()[:4] == struct.pack("!I", 80877102):
            return time.sleep(30)
        client.send(b"N")
        client.first()
        client.send(WELCOME)
        client.hear()
        client.send(columns(("a", INT)))
        while True:
            client.send(row(b"7") * 1000)

    with fake(converse) as port:
        child = subprocess.Popen(
            [os.path.join(BIN, "zij"), "-n", "-c", "SELECT 1", f"postgresql://ann@127.0.0.1:{port}/x"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENV)
        child.stdout.read(100)
        child.stdout.close()
        try:
            child.wait(40)
            ended = True
        except subprocess.TimeoutExpired:
            child.kill()
            ended = False
        errors = child.communicate()[1]
    check("rows without end", ended and child.returncode in (0, 1), (ended, child.returncode, errors))


def mutations():
    """A good conversation with bytes changed, cut off, or said twice."""
    good = WELCOME + columns(("id", INT), ("name", TEXT), ("tags", INTS)) + row(b"1", b"a", b"{1,2}") + row(None, b"", b"{}") + DONE
    source = random.Random(2026)
    count = 5000 if os.environ.get("ZIJ_SLOW") else 200
    bad = []
    for number in range(count):
        data = bytearray(good)
        for _ in range(source.choice([1, 1, 2, 8])):
            place = source.randrange(len(data))
            match source.randrange(4):
                case 0: data[place] = source.randrange(256)
                case 1: data[place] ^= 1 << source.randrange(8)
                case 2: del data[place:place + source.randrange(1, 9)]
                case 3: data[place:place] = data[place:place + source.randrange(1, 40)]
        with fake(lambda client: (client.start(), client.send(bytes(data)))) as port:
            result = shell(port, "SELECT 1", options="connect_timeout=5")
        if not survived(result):
            bad.append((number, bytes(data), result))
    check(f"{count} conversations with changed bytes", not bad, bad[:1])


def main():
    beginning()
    greetings()
    scram()
    answers()
    catalogues()
    lost()
    endless()
    mutations()
    check.end()


if __name__ == "__main__":
    main()
