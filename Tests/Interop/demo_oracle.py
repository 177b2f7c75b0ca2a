"""The demonstration's eight answers, computed a second time with numpy, erfa and healpy."""
import os
import re
import tempfile
import time
from collections import Counter

import erfa
import healpy
import numpy as np

from _catalogues import (close, pairs_within, read_gaia, read_glade, read_hipparcos, read_tycho2,
                         separation_deg)
from _zij import DATA, Checks, rows, run

check = Checks()
gaia = read_gaia()
hipparcos = read_hipparcos()


def parts_of(output):
    """A question's own SQL, without the command that draws its answer, and what follows it."""
    for part in re.split(r"^Question \d+: .*\n\n", output, flags=re.M)[1:]:
        sql, _, answer = part.partition("\n\n")
        lines = [line for line in sql.splitlines() if not line.startswith("  \\")]
        yield "\n".join(lines), answer


def check_counts(sql, shown):
    expected = {
        "stars": len(gaia), "from_hipparcos": np.count_nonzero(gaia["id"] < 0),
        "bp_missing": np.count_nonzero(gaia["bp"] == 0),
        "rp_missing": np.count_nonzero(gaia["rp"] == 0)}
    answer = {name: int(value) for name, value in rows(database, sql)[0].items()}
    check("1: counts and NULLs", answer == expected, f"{answer} for {expected}")


def check_statistics(sql, shown):
    answer = rows(database, sql)[0]
    g = gaia["g"].astype(np.longdouble)
    for name, expected, relative in [
            ("stars", len(g), 0), ("brightest", g.min(), 1e-7), ("faintest", g.max(), 1e-7),
            ("mean", g.mean(), 1e-13), ("median", np.median(g), 1e-7),
            ("deviation", g.std(ddof=1), 1e-12)]:
        check(f"2: {name}", close(answer[name], expected, relative),
              f"{answer[name]} for {expected}")


def check_pleiades(sql, shown):
    answer = rows(database, sql)
    distance = separation_deg(gaia["ra"], gaia["dec"], 56.75, 24.1167)
    order = np.argsort(distance)[:10]
    check("3: stars", [int(r["source_id"]) for r in answer] == list(gaia["id"][order]), str(answer))
    check("3: distances", all(close(r["distance_deg"], distance[i], 1e-12)
                              for r, i in zip(answer, order)), str(answer))


def check_density_map(sql, shown):
    cells = healpy.ang2pix(16, gaia["ra"], gaia["dec"], nest=True, lonlat=True)
    expected = Counter(cells.tolist())
    check("4: stars in cells",
          {int(r["cell"]): int(r["stars"]) for r in rows(database, sql)} == expected)
    check("4: a map", len(shown.splitlines()) > 20, shown)


def at_2016():
    """Positions of Hipparcos in 2016, degrees: unit vectors that move along their tangent."""
    lon, lat, pm_lon, pm_lat = (hipparcos[:, column] for column in (4, 5, 7, 8))
    step = (2016 - 1991.25) * np.pi / 180 / 3.6e6
    out = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    east = np.stack([-np.sin(lon), np.cos(lon), np.zeros_like(lon)])
    north = np.stack([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)])
    x, y, z = out + step * (pm_lon * east + pm_lat * north)
    return np.degrees(np.arctan2(y, x)) % 360, np.degrees(np.arctan2(z, np.hypot(x, y)))


def check_against_erfa(lon, lat):
    """SOFA's proper motion; its motion in right ascension lacks the cosine."""
    step = np.pi / 180 / 3.6e6
    from_date, to_date = erfa.epj2jd(1991.25), erfa.epj2jd(2016.0)
    moved = erfa.pmsafe(
        hipparcos[:, 4], hipparcos[:, 5], step * hipparcos[:, 7] / np.cos(hipparcos[:, 5]),
        step * hipparcos[:, 8], np.maximum(hipparcos[:, 6], 0) / 1000, 0, *from_date, *to_date)
    apart = separation_deg(np.degrees(moved[0]), np.degrees(moved[1]), lon, lat)
    check("5: erfa moves stars to the same places", np.max(apart) * 3.6e6 < 1,
          f"{np.max(apart) * 3.6e6} mas")


match = pairs_within(*at_2016(), gaia["ra"], gaia["dec"], 0.5 / 3600)


def check_match(sql, shown):
    check_against_erfa(*at_2016())
    star, _, distance = match
    near = distance <= 0.3 / 3600
    expected = {
        "pairs": len(star), "stars": len(np.unique(star)), "pairs_03": np.count_nonzero(near),
        "stars_03": len(np.unique(star[near])), "independent_03": 108750}
    answer = {name: int(value) for name, value in rows(database, sql)[0].items()}
    check("5: pairs and stars", answer == expected, f"{answer} for {expected}")
    check("5: the independent count", expected["stars_03"] == 108750, str(expected))
    check("5: the answer is shown", shown.count("108750") == 2, shown)
    plan = run("zij", "-tA", "-c", "EXPLAIN " + sql, database).stdout
    check("5: is a join on the sky", "SkyJoin inner" in plan, plan)


def check_main_sequence(sql, shown):
    star, source, _ = match
    parallax = hipparcos[star, 6].astype(np.float32).astype(np.float64)
    bp, rp, g = (gaia[band][source] for band in ("bp", "rp", "g"))
    colour = (bp - rp).astype(np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        absolute = g.astype(np.float64) + 5 * np.log10(parallax) - 10
    kept = (parallax > 3) & (bp != 0) & (rp != 0) & (colour >= -0.5) & (colour <= 3)
    expected = Counter(zip(np.floor(50 * colour[kept]).astype(int).tolist(),
                           np.floor(5 * absolute[kept]).astype(int).tolist()))
    answer = Counter({(round(50 * r["colour"]), round(5 * r["absolute_mag"])): int(r["stars"])
                      for r in rows(database, sql)})
    # A logarithm that differs in its last digit may move a star to the next place.
    moved = ((answer - expected) + (expected - answer)).total()
    check("6: stars", answer.total() == expected.total() > 60000,
          f"{answer.total()} for {expected.total()}")
    check("6: stars in places", moved <= 4, f"{moved} elsewhere")
    check("6: a plot", len(shown.splitlines()) > 20, shown)


def check_galaxies(sql, shown):
    lines = [line for line in read_glade() if line["stellarmass"] and float(line["stellarmass"]) > 0]
    lon, lat = (np.array([float(line[name]) for line in lines]) for name in ("ra", "dec"))
    distance = separation_deg(lon, lat, 187.7059, 12.3911)
    order = [i for i in np.argsort(distance, kind="stable")[:10] if distance[i] <= 3]
    answer = rows(database, sql)
    check("7: galaxies", len(answer) == len(order) == 10 and all(
        close(r["distance_deg"], distance[i], 1e-9)
        and all(close(r[name], lines[i][name], 1e-12)
                for name in ("ra", "dec", "lum_dist", "stellarmass"))
        and f"b'{r['hyperleda_name'] or None}'" == lines[i]["HyperLEDA_name"]
        for r, i in zip(answer, order)), str(answer))


def check_pruning(sql, shown):
    lon, lat, _ = read_tycho2()
    inside = np.count_nonzero(separation_deg(lon, lat, 83.82, -5.39) <= 1)
    found = re.search(r"rows=(\d+),.* row groups=(\d+) of (\d+)", shown)
    check("8: the plan tells of rows and row groups", found is not None, shown)
    if found is None:
        return
    count, read, total = map(int, found.groups())
    check("8: rows", count == inside, f"{count} for {inside}")
    check("8: row groups", 1 <= read <= 8 and total == -(-len(lon) // 8192), shown)


CHECKS = [check_counts, check_statistics, check_pleiades, check_density_map, check_match,
          check_main_sequence, check_galaxies, check_pruning]


def check_output(output, seconds):
    check("each answer has its time",
          len(re.findall(r"^\([\d,]+ rows?, [\d.]+ m?s\)$", output, re.M)) == len(CHECKS))
    check("the credits are there", "CC BY-SA 3.0 IGO" in output)
    check("the questions take less than 10 s", seconds < 10, f"{seconds:.1f} s")


with tempfile.TemporaryDirectory() as folder:
    database = os.path.join(folder, "demo.zij")
    run("zij-demo", "import", "--data", DATA, "--database", database)
    start = time.monotonic()
    result = run("zij-demo", "ask", "--database", database)
    seconds = time.monotonic() - start
    print(result.stdout)
    check("the questions are answered", result.returncode == 0, result.stderr)
    parts = list(parts_of(result.stdout))
    check("there are eight", len(parts) == len(CHECKS), str(len(parts)))
    for part, (sql, shown) in zip(CHECKS, parts):
        try:
            part(sql, shown)
        except Exception as problem:  # the other parts still tell something
            check(part.__name__, False, repr(problem))
    check_output(result.stdout, seconds)
check.end()
