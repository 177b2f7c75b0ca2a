"""kill -9 of a server while 16 sessions write: what was acknowledged is there, once."""
import os
import random
import signal
import subprocess
import threading
import time

import psycopg

from _server import Daemon
from _zij import BIN, Checks

check = Checks()
SESSIONS = 16
LOOPS = int(os.environ.get("ZIJ_KILL_LOOPS", "100" if os.environ.get("ZIJ_SLOW") == "1" else "8"))
seed = int(os.environ.get("ZIJ_SEED", random.randrange(1 << 30)))
print("seed", seed, "loops", LOOPS)
dice = random.Random(seed)


class Writer:
    """A session that writes rows whose ids are its own until the server is gone."""

    def __init__(self, session, address, first, seed):
        self.session, self.address, self.next = session, address, first
        self.dice = random.Random(seed)
        self.present, self.gone, self.maybe = [], [], []
        self.error = None
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def take(self, count=1):
        ids = [self.session * 10**9 + self.next + index for index in range(count)]
        self.next += count
        return ids

    def run(self):
        try:
            with psycopg.connect(self.address, autocommit=True) as connection:
                while True:
                    self.step(connection)
        except psycopg.OperationalError:
            # The connection broke, as it should; anything else that it says is a failure.
            pass
        except psycopg.Error as error:
            self.error = error

    def step(self, connection):
        kind = self.dice.random()
        if kind < 0.6:
            self.maybe = ids = self.take()
            connection.execute(f"INSERT INTO t VALUES ({ids[0]}, {ids[0] % 360}, 1, 'row')")
        elif kind < 0.75:
            self.maybe = ids = self.take(4)
            with connection.transaction():
                for row in ids:
                    connection.execute(f"INSERT INTO t VALUES ({row}, {row % 360}, 2, NULL)")
        elif kind < 0.85:
            self.maybe = ids = self.take(50)
            values = ", ".join(f"({row}, {row % 360}, 3, 'many')" for row in ids)
            connection.execute(f"INSERT INTO t VALUES {values}")
        elif kind < 0.97 and self.present:
            row = self.present.pop(self.dice.randrange(len(self.present)))
            self.maybe = [row]
            connection.execute(f"DELETE FROM t WHERE id = {row}")
            self.gone.append(row)
            ids = []
        elif kind < 0.98:
            self.maybe = ids = []
            connection.execute("CHECKPOINT")
        else:
            self.maybe = ids = []
            self.take()
            try:
                with connection.transaction():
                    connection.execute(f"INSERT INTO t VALUES ({-self.session - 1}, 0, 0, 'never')")
                    raise psycopg.Rollback
            except psycopg.Rollback:
                pass
        self.present += ids
        self.maybe = []


class Killed(Daemon):
    """A server over one folder that is started again after every kill."""

    def __init__(self):
        super().__init__("zij-killed-")
        self.database = os.path.join(self.folder, "killed.zij")

    def begin(self):
        address = self.start("--data", self.database, ready="ready on postgresql://")
        return f"host=127.0.0.1 port={address.rsplit(':', 1)[1]} user=ann"

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()


def judge(name, address, writers):
    with psycopg.connect(address, autocommit=True) as connection:
        counts = dict(connection.execute("SELECT id, count(*) FROM t GROUP BY id").fetchall())
    missing, back, twice, torn, errors = [], [], [], [], []
    for writer in writers:
        missing += [row for row in writer.present if row not in counts]
        back += [row for row in writer.gone if row in counts]
        # What was under way is there as a whole or not at all.
        found = [row for row in writer.maybe if row in counts]
        if found and len(found) != len(writer.maybe):
            torn.append((found[:1], len(found)))
        writer.present += [row for row in found if row not in writer.present]
        if writer.error:
            errors.append(str(writer.error))
    twice = [row for row, count in counts.items() if count > 1]
    known = {row for writer in writers for row in writer.present}
    check(f"{name}: all are there", not missing, f"{len(missing)}: {missing[:5]}")
    check(f"{name}: none is there twice", not twice, str(twice[:5]))
    check(f"{name}: no deleted row is back", not back, str(back[:5]))
    check(f"{name}: commits are whole", not torn, str(torn[:5]))
    check(f"{name}: nothing else is there", set(counts) <= known, str(list(set(counts) - known)[:5]))
    check(f"{name}: no statement had failed", not errors, str(errors[:2]))


with Killed() as server:
    subprocess.run(
        [os.path.join(BIN, "zij"), server.database, "-c",
         "CREATE TABLE t (id bigint, ra double precision, dec double precision, name text) "
         "CLUSTER BY SKY(ra, dec)"], check=True, stdout=subprocess.DEVNULL)
    past = []
    address = server.begin()
    for loop in range(LOOPS):
        writers = [
            Writer(loop * SESSIONS + session, address, 1, dice.random()) for session in range(SESSIONS)
        ]
        time.sleep(dice.uniform(0.2, 0.9))
        server.kill()
        for writer in writers:
            writer.thread.join(30)
        past += writers
        address = server.begin()
        total = sum(len(writer.present) for writer in past)
        judge(f"kill {loop + 1}, {total} rows", address, past)
        for writer in writers:
            writer.maybe, writer.error = [], None
check.end()
