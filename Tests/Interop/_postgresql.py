"""A private PostgreSQL 15 in a folder of its own, on a Unix socket, with nothing else to reach it."""
import os
import pwd
import shutil
import subprocess
import tempfile

BINARIES = "/usr/lib/postgresql/15/bin"


def is_there():
    return os.path.exists(os.path.join(BINARIES, "initdb"))


class PostgreSQL:
    """Use as a context: `with PostgreSQL() as judge: judge.psql("SELECT 1")`."""

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="zij-pg-")
        # The server refuses to run as root.
        self.user = "postgres" if os.getuid() == 0 else None
        if self.user:
            os.chown(self.folder, pwd.getpwnam(self.user).pw_uid, -1)
        data = os.path.join(self.folder, "data")
        self._run("initdb", "-D", data, "-A", "trust", "-U", "zij", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off -p 5499"
        self._run("pg_ctl", "-D", data, "-o", options, "-l", os.path.join(self.folder, "log"), "-w", "start")
        return self

    def __exit__(self, *_):
        self._run("pg_ctl", "-D", os.path.join(self.folder, "data"), "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program, *arguments):
        command = [os.path.join(BINARIES, program), *arguments]
        if self.user:
            command = ["runuser", "-u", self.user, "--", *command]
        result = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd="/")
        if result.returncode != 0:
            raise RuntimeError(f"{program}: {result.stdout}{result.stderr}")

    @property
    def target(self):
        """psql's arguments."""
        return ["-h", self.folder, "-p", "5499", "-U", "zij", "postgres"]
