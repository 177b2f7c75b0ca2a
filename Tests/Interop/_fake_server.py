"""A server that says what a test tells it to, for the client's side of the PostgreSQL protocol."""
import base64
import contextlib
import hashlib
import hmac
import socket
import struct
import threading

from _server import message

READY = message(b"Z", b"I")
OK = message(b"R", struct.pack("!i", 0))
KEY = message(b"K", struct.pack("!ii", 7, 8))
VERSION = message(b"S", b"server_version\x0015.0 (Zij 1)\0")
WELCOME = OK + VERSION + KEY + READY


def authentication(code, rest=b""):
    return message(b"R", struct.pack("!i", code) + rest)


def sasl(*mechanisms):
    return authentication(10, b"".join(name + b"\0" for name in mechanisms) + b"\0")


def columns(*columns):
    """A description of columns: names and types' numbers."""
    body = struct.pack("!H", len(columns))
    for name, oid in columns:
        body += name.encode() + b"\0" + struct.pack("!IhIhih", 0, 0, oid, -1, -1, 0)
    return message(b"T", body)


def row(*values):
    body = struct.pack("!H", len(values))
    for value in values:
        body += struct.pack("!i", -1) if value is None else struct.pack("!I", len(value)) + value
    return message(b"D", body)


def failure(state, text):
    return message(b"E", b"SERROR\0VERROR\0C" + state + b"\0M" + text + b"\0\0")


class Client:
    """The connection of a client, seen from the server."""

    def __init__(self, connection):
        self.socket = connection
        self.socket.settimeout(30)

    def read(self, count):
        data = b""
        while len(data) < count:
            more = self.socket.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def send(self, data):
        self.socket.sendall(data)

    def first(self):
        """The contents of a message without a type: a request for TLS, to cancel, or the start."""
        return self.read(struct.unpack("!I", self.read(4))[0] - 4)

    def start(self):
        """The start-up message, with TLS refused before it."""
        while True:
            body = self.first()
            if body[:4] != struct.pack("!I", 80877103):
                return body
            self.send(b"N")

    def hear(self):
        """The next message; ends the conversation when the client takes its leave."""
        kind = self.read(1)
        if kind == b"X":
            raise EOFError
        return kind, self.read(struct.unpack("!I", self.read(4))[0] - 4)

    def welcome(self):
        self.start()
        self.send(WELCOME)

    def challenge(self, text=None, salt=b"saltsalt", iterations=4096):
        """Begins SCRAM; `text` takes the client's nonce and gives another challenge."""
        self.start()
        self.send(sasl(b"SCRAM-SHA-256"))
        body = self.hear()[1]
        self.bare = body[body.index(b"n=", body.index(b",")):]
        nonce = body[body.rindex(b"r=") + 2:]
        challenge = b"r=%sours,s=%s,i=%d" % (nonce, base64.b64encode(salt), iterations)
        self.salt, self.iterations = salt, iterations
        self.sent = challenge if text is None else text(nonce)
        self.send(authentication(11, self.sent))

    def signature(self, password):
        """The proof of a server that knows the password, when the client's has come."""
        proof = self.hear()[1]
        key = hashlib.pbkdf2_hmac("sha256", password, self.salt, self.iterations)
        key = hmac.digest(key, b"Server Key", "sha256")
        said = self.bare + b"," + self.sent + b"," + proof[:proof.rindex(b",p=")]
        return b"v=" + base64.b64encode(hmac.digest(key, said, "sha256"))

    def answer(self, *answers):
        """Answers queries, the last one again and again, until the client goes."""
        for number in range(1_000_000):
            if self.hear()[0] == b"Q":
                self.send(answers[min(number, len(answers) - 1)])


@contextlib.contextmanager
def fake(converse):
    """A server on a free port whose every client gets `converse(client)` in a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection):
        with connection:
            with contextlib.suppress(EOFError, OSError):
                converse(Client(connection))
                # What was sent arrives only if what has come is read.
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(1 << 16):
                    pass

    def listen():
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
