"""The shell at a terminal: editing, history, completion, Ctrl-C, progress."""
import os
import re
import signal
import tempfile
import time

import pexpect

from _zij import BIN, Checks

check = Checks()
UP = "\x1b[A"
FOLDER = tempfile.TemporaryDirectory()
HISTORY = os.path.join(FOLDER.name, "history")
ENV = dict(os.environ, TERM="xterm-256color", LANG="C.UTF-8", HOME=FOLDER.name, ZIJ_HISTORY=HISTORY,
           INPUTRC="/dev/null", PS1="")
LONG = "SELECT count(*) FROM generate_series(1, 1000000000000)"


class Shell:
    def __init__(self, *arguments):
        self.child = pexpect.spawn(os.path.join(BIN, "zij"), list(arguments), env=ENV, encoding="utf-8",
                                   timeout=10, dimensions=(40, 100))
        self.prompt()

    def prompt(self, mark="="):
        """Waits for the prompt and gives what came before it, without colours and movements."""
        self.child.expect(re.escape(f"memory{mark}> "))
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", self.child.before)

    def ask(self, text):
        self.child.sendline(text)
        return self.prompt()

    def end(self):
        self.child.send("\x04")
        self.child.expect(pexpect.EOF)
        self.child.close()
        return self.child.exitstatus


def attempt(name):
    """A decorator: runs a check; one that waits in vain has failed."""
    def run(body):
        try:
            body()
        except (pexpect.TIMEOUT, pexpect.EOF) as error:
            check(name, False, str(error)[:1000])
    return run


@attempt("statements")
def _():
    shell = Shell("-n")
    check("a statement", "(1 row)" in shell.ask("SELECT 1;"))
    shell.child.sendline("SELECT")
    shell.prompt("-")
    shell.child.sendline("(1")
    shell.prompt("(")
    shell.child.sendline("+ 1) AS two, 'a")
    shell.prompt("'")
    answer = shell.ask("b' AS text;")
    check("several lines", "two" in answer and "(1 row)" in answer, answer)
    answer = shell.ask("SELECT nope;")
    check("an error leaves the shell alive", "ERROR 42703" in answer and "^^^^" in answer, answer)
    check("\\x", "RECORD 1" in shell.ask("SELECT 1 AS a \\gx"))
    check("\\timing", "Timing is on" in shell.ask("\\timing"))
    check("time is shown", re.search(r"Time: [0-9.]+ ms", shell.ask("SELECT 1;")))
    check("\\?", "\\gx" in shell.ask("\\?"))
    check("\\h", "SELECT" in shell.ask("\\h select"))
    check("Ctrl-D ends it with 0", shell.end() == 0)


@attempt("history")
def _():
    shell = Shell("-n")
    shell.child.send(UP + UP + UP + UP + UP + UP + UP + UP + UP)
    time.sleep(0.3)
    answer = shell.ask("")
    check("a statement of several lines comes back whole", "two" in answer and "(1 row)" in answer, answer)
    shell.end()
    with open(HISTORY) as file:
        check("it is one line of the file", "SELECT\x01(1\x01+ 1) AS two, 'a\x01b' AS text;\n" in file.read())
    check("the file is private", os.stat(HISTORY).st_mode & 0o077 == 0)


def watch(shell):
    shell.child.sendline("SELECT 1 AS tick \\watch 0.2")
    for _ in range(3):
        shell.child.expect("tick")
    shell.child.sendintr()
    shell.prompt()
    return True


@attempt("Ctrl-C")
def _():
    shell = Shell("-n")
    shell.child.send("garbage")
    time.sleep(0.2)
    shell.child.sendintr()
    shell.prompt()
    shell.child.sendline("SELECT (")
    shell.prompt("(")
    shell.child.sendintr()
    shell.prompt()
    check("Ctrl-C forgets what was typed", "(1 row)" in shell.ask("SELECT 1;"))
    for round in range(3):
        shell.child.sendline(LONG + ";")
        time.sleep(0.7)
        start = time.monotonic()
        shell.child.sendintr()
        answer = shell.prompt()
        check(f"Ctrl-C cancels the query ({round})", "57014" in answer, answer)
        check(f"within a second ({round})", time.monotonic() - start < 1, time.monotonic() - start)
    check("and the shell goes on", "(1 row)" in shell.ask("SELECT 1;"))
    check("\\watch ends with Ctrl-C", watch(shell))
    check("still 0", shell.end() == 0)


@attempt("progress")
def _():
    shell = Shell("-n")
    shell.child.sendline(LONG + ";")
    shell.child.expect(r"rows/s", timeout=5)
    shell.child.sendintr()
    shell.child.expect("57014")
    check("the progress line is erased", "\x1b[K" in shell.child.before)
    shell.prompt()
    shell.end()


@attempt("completion")
def _():
    shell = Shell("-n")
    shell.ask("CREATE TABLE constellations (abbreviation text, area_deg2 double precision);")
    for name, typed, rest in [
        ("tables", "SELECT * FROM conste\t", "llations"),
        ("columns, FROM behind the caret", "SELECT  FROM constellations" + "\x02" * 20 + "abb\t", "reviation"),
        ("keywords", "SELECT 1 ORD\t", "ER"),
        ("functions", "SELECT generate_ser\t", "ies"),
        ("backslash commands", "\\timi\t", "ng"),
        ("tables of \\d", "\\d conste\t", "llations"),
    ]:
        shell.child.send(typed)
        try:
            shell.child.expect(rest, timeout=3)
            check(f"completes {name}", True)
        except pexpect.TIMEOUT:
            check(f"completes {name}", False, repr(shell.child.before))
        shell.child.sendintr()
        shell.prompt()
    shell.end()


@attempt("scripts")
def _():
    child = pexpect.spawn(os.path.join(BIN, "zij"), ["-n", "-c", LONG], env=ENV, encoding="utf-8", timeout=10)
    time.sleep(1)
    child.kill(signal.SIGINT)
    child.expect(pexpect.EOF)
    child.close()
    check("Ctrl-C ends a script with 130", child.exitstatus == 130, child.exitstatus)


check.end()
