"""Starts zijd with its HTTP door over a database made by zij, for the scripts beside this one."""
import os
import shutil
import signal
import subprocess
import tempfile

from _zij import BIN

STILTS = shutil.which("stilts")


def stilts(*arguments):
    """Runs a task of STILTS: its status and what it wrote."""
    result = subprocess.run(
        [STILTS, "-Djava.awt.headless=true", *arguments], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=400)
    return result.returncode, result.stdout


class TAPServer:
    """A zijd with the tables that `statements` make."""

    def __init__(self, *statements, database=None):
        self.folder = tempfile.mkdtemp(prefix="zij-tap-")
        self.database = database or os.path.join(self.folder, "test.zij")
        if statements:
            commands = [word for sql in statements for word in ("-c", sql)]
            subprocess.run(
                [os.path.join(BIN, "zij"), *commands, self.database], check=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=300)
        self.process = subprocess.Popen(
            [os.path.join(BIN, "zijd"), "--data", self.database, "--listen", "127.0.0.1:0",
             "--http", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        self.url = None
        for line in self.process.stdout:
            if "ready on http://" in line:
                self.url = line.split("ready on ")[1].strip()
                break
        if self.url is None:
            raise AssertionError("zijd did not open its HTTP door")

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
        shutil.rmtree(self.folder, ignore_errors=True)
        return self.process.returncode

    def resident_bytes(self):
        with open(f"/proc/{self.process.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")

    def thread_count(self):
        return len(os.listdir(f"/proc/{self.process.pid}/task"))
