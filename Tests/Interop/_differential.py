"""Runs statements through zij and brings its answers into the form of another program's."""
import csv
import io
import os
import subprocess

from _zij import BIN


def answers(statements):
    """What zij prints for each statement, as a list of CSV lines, and all of its errors."""
    text = "".join(f"{sql};\nSELECT '#{number}' AS mark;\n" for number, sql in enumerate(statements))
    done = subprocess.run(
        [os.path.join(BIN, "zij"), "-n", "-q", "-t", "--csv"], input=text, capture_output=True, text=True,
        timeout=900)
    found, current = [], []
    for line in done.stdout.splitlines():
        if line == f"#{len(found)}":
            found.append(current)
            current = []
        else:
            current.append(line)
    return found, done.stderr


def printed_rows(lines):
    """The rows of the CSV, where NULL is empty and the empty string is `""`."""
    marked = "".join(line + "\n" for line in lines).replace('""', "\x01")
    for row in csv.reader(io.StringIO(marked)):
        # A line of one NULL is empty.
        yield [None if cell == "" else cell.replace("\x01", "") for cell in row or [""]]


def comparable(rows, isOrdered):
    """Rows in which both programs' cells are equal: numbers to 12 digits; sorted if in no order."""
    result = [tuple(_number_or_text(cell) for cell in row) for row in rows]
    return result if isOrdered else sorted(result)


def _number_or_text(cell):
    if cell is None:
        return (0, "")
    try:
        number = float(cell)
        return (1, f"{number + 0.0:.11e}" if number else "0")
    except ValueError:
        return (2, cell)
