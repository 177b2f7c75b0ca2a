"""The demonstration's tables: sums, extremes and cones, computed a second time with numpy."""
import os
import tempfile

import numpy as np

from _catalogues import (close, read_gaia, read_glade, read_hipparcos, read_tycho2, separation_deg)
from _zij import DATA, Checks, rows, run

check = Checks()
gaia = read_gaia()
hipparcos = read_hipparcos()


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
    lines = read_glade()
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


with tempfile.TemporaryDirectory() as folder:
    name = os.path.join(folder, "demo.zij")
    check_import(name)
    for part in (check_counts, check_cones, check_hipparcos, check_tycho2, check_glade):
        try:
            part(name)
        except Exception as problem:  # the other parts still tell something
            check(part.__name__, False, str(problem))
check.end()
