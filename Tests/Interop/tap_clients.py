"""Clients of the Virtual Observatory against zijd: pyvo, and the validators of STILTS."""
import http.client
import re
import sys
import threading
import time
import urllib.parse
import warnings

import numpy as np
import pyvo

from _tap import STILTS, TAPServer, stilts
from _zij import Checks

check = Checks()
warnings.simplefilter("ignore")

STARS = """
    CREATE TABLE stars (id bigint NOT NULL,
      ra double precision UNIT 'deg' UCD 'pos.eq.ra;meta.main' DESCRIPTION 'Right <ascension> & "more"',
      dec double precision UNIT 'deg' UCD 'pos.eq.dec;meta.main', mag real UNIT 'mag' UCD 'phot.mag',
      name text, variable boolean, seen timestamp, day date, n smallint, p point)"""
ROWS = """
    INSERT INTO stars SELECT i, i * 0.0036, i * 0.0001 - 5,
      CASE WHEN i % 7 = 0 THEN NULL ELSE CAST(i * 0.001 AS real) END,
      CASE WHEN i % 5 = 0 THEN NULL ELSE 'star ' || CAST(i AS text) END, i % 2 = 0,
      TIMESTAMP '2020-01-01 00:00:00', DATE '2020-02-29', 5, POINT(i * 0.0036, i * 0.0001 - 5)
    FROM generate_series(1, 100000) AS g(i)"""
ODD = 'CREATE TABLE "Odd & <name>" ("select" integer, "a ""b"" & <c>" text)'


def with_pyvo(url):
    service = pyvo.dal.TAPService(url)
    names = list(service.tables.keys())
    check("pyvo: tables", "stars" in names and "TAP_SCHEMA.columns" in names, names)
    column = next(c for c in service.tables["stars"].columns if c.name == "ra")
    check("pyvo: column", (column.unit, column.ucd) == ("deg", "pos.eq.ra;meta.main"), column)
    found = service.search("SELECT TOP 20 * FROM stars ORDER BY id").to_table()
    check("pyvo: rows", list(found["id"]) == list(range(1, 21)))
    check("pyvo: NULL", bool(found["mag"].mask[6]) and not found["mag"].mask[5])
    check("pyvo: unit", str(found["ra"].unit) == "deg")
    check("pyvo: point", np.allclose(found["p"][4], [0.018, -4.9995]), found["p"][4])
    cone = "SELECT id FROM stars WHERE 1 = CONTAINS(POINT('ICRS', ra, dec), CIRCLE('ICRS', 36, -4, 0.5))"
    first = service.search(cone)
    second = service.run_async(cone)
    check("pyvo: sync and async agree", list(first["id"]) == list(second["id"]) and len(first) > 10)
    cut = service.search("SELECT id FROM stars", maxrec=7)
    check("pyvo: maxrec", len(cut) == 7 and cut.query_status == "OVERFLOW", cut.query_status)
    whole = service.search("SELECT id FROM stars", maxrec=100000)
    check("pyvo: no overflow", len(whole) == 100000 and whole.query_status == "OK")
    odd = service.search('SELECT "a ""b"" & <c>", "select" FROM "Odd & <name>"')
    check("pyvo: odd names", odd.fieldnames == ('a "b" & <c>', "select"), odd.fieldnames)
    for run in (service.search, service.run_async):
        try:
            run("SELECT idd FROM stars")
            check(f"pyvo: error of {run.__name__}", False)
        except pyvo.dal.DALQueryError as error:
            check(f"pyvo: error of {run.__name__}",
                  "line 1, column 8" in str(error) and 'Did you mean "id"' in str(error), error)
    examples = list(service.examples)
    check("pyvo: examples", len(examples) >= 3)
    for example in examples:
        service.search(example["QUERY"])
    job = service.submit_job("SELECT count(*) FROM stars")
    check("pyvo: pending", job.phase == "PENDING")
    job.run().wait(phases=["COMPLETED", "ERROR"])
    check("pyvo: job", job.phase == "COMPLETED" and job.fetch_result()["count"][0] == 100000)
    check("pyvo: jobs are listed to nobody", list(service.get_job_list()) == [])
    job.delete()


def with_taplint(url):
    status, text = stilts("taplint", f"tapurl={url}")
    errors = re.findall(r"^E-(\w+)-(\w+)-\d+ (.*)$", text, re.M)
    # ADQL 2.1 has this feature; STILTS before 3.5 does not know it.
    errors = [e for e in errors if not (e[1] == "KEYX" and "adql-conditional" in e[2])]
    for stage in "TMV TME TMS TMC CPV CAP AVV QGE QPO QAS UWS MDQ EXA".split():
        found = [e for e in errors if e[0] == stage]
        check(f"taplint {stage}", f"Section {stage}" in text and not found, found[:5])
    print(re.findall(r"^Totals.*$", text, re.M), re.findall(r"^[WF]-.*$", text, re.M)[:10])
    for mode in ("sync=true", "sync=false"):
        status, text = stilts(
            "tapquery", f"tapurl={url}", "adql=SELECT TOP 3 id, name FROM stars ORDER BY id", mode,
            "ofmt=csv")
        lines = [line for line in text.splitlines() if re.match(r"\d,", line)]
        check(f"tapquery {mode}", lines == ["1,star 1", "2,star 2", "3,star 3"], text)


def request(url, sql, language="ADQL", **more):
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    query = urllib.parse.urlencode({"LANG": language, "QUERY": sql, **more})
    connection.request("GET", f"{parts.path}/sync?{query}")
    return connection, connection.getresponse()


ENDLESS = "SELECT i, 'a long enough text for a row' AS t FROM generate_series(1, 1000000000000) AS g(i)"


def with_rude_clients(server):
    """Clients that read nothing, or go: others do not notice, and nothing is left behind."""
    held = []
    for _ in range(40):
        connection, answer = request(server.url, ENDLESS, "SQL", FORMAT="csv")
        answer.read(100)
        held.append((connection, answer))
    threads, resident = server.thread_count(), server.resident_bytes()
    start = time.monotonic()
    _, answer = request(server.url, "SELECT count(*) FROM stars", FORMAT="csv")
    check("others are served", answer.read() == b"count\n100000\n")
    print(f"  with 40 clients that do not read: {threads} threads, {resident >> 20} MiB,"
          f" another query in {(time.monotonic() - start) * 1000:.1f} ms")
    check("no thread a client", threads < 20, threads)
    for connection, answer in held:
        answer.close()
        connection.close()
    deadline = time.monotonic() + 30
    while server.resident_bytes() > resident + (64 << 20) and time.monotonic() < deadline:
        time.sleep(0.1)
    check("memory is bounded", server.resident_bytes() < resident + (64 << 20))


def in_parallel(url):
    """Many clients at once get right answers over connections that stay open."""
    failures = []

    def work(number):
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=60)
        for turn in range(20):
            wanted = number * 100 + turn
            form = urllib.parse.urlencode(
                {"LANG": "ADQL", "FORMAT": "csv", "QUERY": f"SELECT id FROM stars WHERE id = {wanted}"})
            connection.request(
                "POST", parts.path + "/sync", form,
                {"Content-Type": "application/x-www-form-urlencoded"})
            answer = connection.getresponse().read().decode()
            if answer != f"id\n{wanted}\n":
                failures.append((wanted, answer))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 17)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check("16 clients at once", not failures, failures[:3])


with TAPServer(STARS, ROWS, ODD) as server:
    with_pyvo(server.url)
    in_parallel(server.url)
    with_rude_clients(server)
    if STILTS:
        with_taplint(server.url)
    else:
        print("skipped taplint and tapquery: stilts is not installed")
    check("ends well", server.stop() == 0, server.process.returncode)
check.end()
