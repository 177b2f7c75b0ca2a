"""Starts zijd for the scripts beside this one, on a free port, and speaks raw messages to it."""
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile

from _zij import BIN


class Daemon:
    """A zijd in a folder of its own that goes with it; `with` ends it."""

    def __init__(self, prefix):
        self.folder = tempfile.mkdtemp(prefix=prefix)

    def start(self, *arguments, ready):
        """Starts it and gives what stands behind `ready` on the line that says so."""
        self.errors = open(os.path.join(self.folder, "errors"), "w+")
        self.process = subprocess.Popen(
            [os.path.join(BIN, "zijd"), "--listen", "127.0.0.1:0", *arguments],
            stdout=subprocess.PIPE, stderr=self.errors, stdin=subprocess.DEVNULL, text=True)
        for line in self.process.stdout:
            if ready in line:
                return line.split(ready)[1].strip()
        self.errors.seek(0)
        raise AssertionError(f"zijd did not start: {self.errors.read()}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Ends the server; its status, 0 when all is well."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self.errors.close()
        shutil.rmtree(self.folder, ignore_errors=True)
        return self.process.returncode

    def is_alive(self):
        return self.process.poll() is None

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")

    def thread_count(self):
        return len(os.listdir(f"/proc/{self.process.pid}/task"))


class Server(Daemon):
    """A zijd that speaks PostgreSQL over an empty database, or over none."""

    def __init__(self, *arguments, data=True):
        super().__init__("zijd-")
        if data:
            arguments = ("--data", os.path.join(self.folder, "test.zij"), *arguments)
        address = self.start(*arguments, ready="ready on postgresql://")
        self.port = int(address.rsplit(":", 1)[1])


def message(kind, body=b""):
    return kind + struct.pack("!I", len(body) + 4) + body


def startup(parameters=None, code=196608):
    body = struct.pack("!I", code)
    for name, value in (parameters or {"user": "ann", "database": "test"}).items():
        body += name.encode() + b"\0" + value.encode() + b"\0"
    body += b"\0"
    return struct.pack("!I", len(body) + 4) + body


class Raw:
    """A socket that sends what it is told and reads messages."""

    def __init__(self, server, timeout=10):
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout)
        self.buffer = b""

    def send(self, data):
        self.socket.sendall(data)

    def _fill(self, count):
        while len(self.buffer) < count:
            more = self.socket.recv(1 << 16)
            if not more:
                return False
            self.buffer += more
        return True

    def receive(self):
        """The next message as (type, body); None at the end of the connection."""
        try:
            if not self._fill(5):
                return None
            length = struct.unpack("!I", self.buffer[1:5])[0]
            if not self._fill(1 + length):
                return None
        except (ConnectionError, socket.timeout):
            return None
        kind, body = self.buffer[:1], self.buffer[5:1 + length]
        self.buffer = self.buffer[1 + length:]
        return kind, body

    def until(self, *kinds):
        """Messages up to one of these types or the end."""
        found = []
        while (next := self.receive()) is not None:
            found.append(next)
            if next[0] in kinds:
                break
        return found

    def sign_on(self):
        self.send(startup())
        return self.until(b"Z", b"E")

    def query(self, sql):
        self.send(message(b"Q", sql.encode() + b"\0"))
        return self.until(b"Z")

    def close(self):
        self.socket.close()


def fields(body):
    """The fields of an error or a notice."""
    return {part[:1].decode(): part[1:].decode() for part in body.split(b"\0") if part}


def states(messages):
    """The SQLSTATEs of the errors among messages."""
    return [fields(body)["C"] for kind, body in messages if kind == b"E"]
