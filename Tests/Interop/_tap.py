"""Starts zijd with its HTTP door over a database made by zij, for the scripts beside this one."""
import os
import shutil
import subprocess

from _server import Daemon
from _zij import BIN

STILTS = shutil.which("stilts")


def stilts(*arguments):
    """Runs a task of STILTS: its status and what it wrote."""
    result = subprocess.run(
        [STILTS, "-Djava.awt.headless=true", *arguments], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=400)
    return result.returncode, result.stdout


class TAPServer(Daemon):
    """A zijd with an HTTP door and the tables that `statements` make."""

    def __init__(self, *statements, database=None):
        super().__init__("zij-tap-")
        self.database = database or os.path.join(self.folder, "test.zij")
        if statements:
            commands = [word for sql in statements for word in ("-c", sql)]
            subprocess.run(
                [os.path.join(BIN, "zij"), *commands, self.database], check=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=300)
        self.url = "http://" + self.start(
            "--data", self.database, "--http", "127.0.0.1:0", ready="ready on http://")
