"""Alerts in stored tables: what CREATE TABLE AS and COPY keep of Avro files is what fastavro reads, in
the segment files, too, which pyarrow opens; light curves are unnested; stamps that nobody asks for
are not read."""
import datetime
import glob
import os
import re
import shutil
import statistics
import sys
import tempfile

import fastavro
import pyarrow.orc as orc

from _zij import Checks, rows, run

check = Checks()
fixtures = os.path.join(os.environ.get("ZIJ_FIXTURES", ""), "alerts", "astrolabsoftware__fink-client", "datatest")
many = os.path.join(fixtures, "avro_multi_alerts.avro")
single = sorted(glob.glob(os.path.join(fixtures, "ZTF*.avro")))
rubin = os.path.join(fixtures, "lsst", "part-2-918301.avro")
if not os.path.exists(many):
    print(f"skipped: no alerts in {fixtures}")
    sys.exit(77)
folder = tempfile.mkdtemp(prefix="zij-alerts-")
database = os.path.join(folder, "alerts.zij")


def zij(*commands):
    arguments = [word for command in commands for word in ("-c", command)]
    result = run("zij", "--json", *arguments, database)
    if result.returncode != 0:
        raise AssertionError(result.stderr)
    return result.stdout


def alerts(file):
    with open(file, "rb") as stream:
        return list(fastavro.reader(stream))


def segments(hidden=()):
    """The rows of all segment files, as pyarrow reads them."""
    result = []
    for file in sorted(glob.glob(os.path.join(database, "tables", "*", "*.orc"))):
        for row in orc.read_table(file).to_pylist():
            result.append({key: item for key, item in row.items() if key not in hidden})
    return result


def difference(ours, theirs, where=""):
    """Where our value is not theirs; fields that only other files have may be NULL. Nothing if same."""
    if isinstance(theirs, dict):
        if isinstance(ours, list):
            # Maps come as pairs.
            ours = dict(ours)
        if not isinstance(ours, dict) or any(ours[key] is not None for key in ours if key not in theirs):
            return f"{where}: {str(ours)[:200]} in place of {str(theirs)[:200]}"
        pairs = [(ours.get(key), theirs[key], f"{where}.{key}") for key in theirs]
    elif isinstance(theirs, list):
        if not isinstance(ours, list) or len(ours) != len(theirs):
            return f"{where}: {str(ours)[:200]} in place of {str(theirs)[:200]}"
        pairs = [(a, b, f"{where}[{index}]") for index, (a, b) in enumerate(zip(ours, theirs))]
    else:
        if isinstance(theirs, datetime.datetime):
            theirs = theirs.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        same = ours == theirs or (ours != ours and theirs != theirs)
        return "" if same else f"{where}: {str(ours)[:200]} in place of {str(theirs)[:200]}"
    for pair in pairs:
        found = difference(*pair)
        if found:
            return found
    return ""


def compare(name, ours, theirs):
    found = difference(ours, theirs)
    check(name, not found, found)


# A table as the file is.
zij(f"CREATE TABLE alerts AS SELECT * FROM '{many}'")
compare("pyarrow reads from the segment what fastavro reads from the file", segments(), alerts(many))
check("the table gives it back", zij(
    "SELECT count(*) AS n FROM alerts a WHERE a.objectId = a.objectId").strip().find("11") > 0)

# Light curves.
expected = {}
for alert in alerts(many):
    values = [p["magpsf"] for p in alert["prv_candidates"] or [] if p["magpsf"] is not None]
    expected[alert["candid"]] = (len(alert["prv_candidates"] or []), len(values), statistics.fmean(values) if values else None)
for row in rows(database, "SELECT a.candid, count(*) AS n, count(p.magpsf) AS seen, avg(p.magpsf) AS mean "
                "FROM alerts a LEFT JOIN UNNEST(a.prv_candidates) AS p ON true GROUP BY a.candid"):
    n, seen, mean = expected.pop(row["candid"])
    close = row["mean"] == mean if mean is None else abs(row["mean"] - mean) < 1e-9
    check(f"the light curve of {row['candid']}", row["n"] == max(n, 1) and row["seen"] == seen and close, str(row))
check("every alert has one", not expected)


# Stamps are not read.
def bytes_read(query):
    text = run("zij", "-c", f"EXPLAIN ANALYZE {query}", database).stdout
    # Nothing is said of a scan that reads no bytes.
    return sum(int(number) for number in re.findall(r"bytes=(\d+)", text)), text


size = sum(os.path.getsize(file) for file in glob.glob(os.path.join(database, "tables", "*", "*.orc")))
for query in ["SELECT objectId, candidate.ra, candidate.dec FROM alerts",
              "SELECT a.objectId, avg(p.magpsf) FROM alerts a, UNNEST(a.prv_candidates) AS p GROUP BY 1",
              "SELECT count(*) FROM alerts WHERE cutoutScience IS NOT NULL",
              "SELECT cutoutScience.fileName FROM alerts"]:
    count, text = bytes_read(query)
    check(f"{count} of {size} bytes: {query}", count < 0.05 * size, text)
count, text = bytes_read("SELECT cutoutScience.stampData FROM alerts")
check(f"one of three stamps is {count} of {size} bytes", 0.15 * size < count < 0.5 * size, text)

# Clustered by position, from files of several versions.
files = single + [many]
zij("DROP TABLE alerts",
    f"CREATE TABLE sky CLUSTER BY SKY(ra, dec) AS SELECT candidate.ra AS ra, candidate.dec AS dec, * "
    f"FROM '{os.path.join(fixtures, '*.avro')}'")
theirs = {alert["candid"]: alert for file in files for alert in alerts(file)}
ours = segments(hidden=("ra", "dec"))
cells = [row.pop("_healpix_29") for row in ours]
check("rows are sorted by position", cells == sorted(cells) and len(ours) == len(theirs))
compare("and whole", ours, [theirs[row["candid"]] for row in ours])
one = theirs[sorted(theirs)[0]]["candidate"]
found = rows(database, f"SELECT candid, candidate.ra AS x FROM sky WHERE DISTANCE(ra, dec, {one['ra']!r}, {one['dec']!r}) < 0.001")
check("a cone finds an alert", sorted(theirs)[0] in [row["candid"] for row in found], str(found))
before = rows(database, "SELECT count(*) AS n, sum(cardinality(prv_candidates)) AS m FROM sky")[0]
zij(f"COPY sky (candid, \"objectId\", candidate, prv_candidates, \"cutoutScience\") FROM '{many}'")
after = rows(database, "SELECT count(*) AS n, sum(cardinality(prv_candidates)) AS m FROM sky")[0]
extra = alerts(many)
check("COPY adds to it", after["n"] == before["n"] + len(extra)
      and after["m"] == before["m"] + sum(len(alert["prv_candidates"]) for alert in extra), str(after))

# Rubin's alerts are wider.
zij("DROP TABLE sky", f"CREATE TABLE rubin AS SELECT * FROM '{rubin}'")
compare("Rubin's alerts", segments(), alerts(rubin))

shutil.rmtree(folder)
check.end()
