"""Joins by distance on the sky, compared with brute force in numpy: all pairs in double precision
first, those that may be near enough once more in long doubles."""
import os
import tempfile

import healpy
import numpy as np

from _catalogues import separation_deg
from _zij import Checks, rows, run

check = Checks()
SEED = 20161991
random = np.random.default_rng(SEED)
# Nearer to the radius than this, relative to it, either answer is right.
DOUBT = 1e-12


def directions(lon, lat):
    lon, lat = np.radians(lon), np.radians(lat)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)


def around(lon, lat, count, spread_deg):
    """Positions in a disc, also over a pole."""
    distance = spread_deg * np.sqrt(random.random(count))
    angle = 2 * np.pi * random.random(count)
    # From the north pole down to the latitude, then round to the longitude.
    x, y, z = healpy.ang2vec(np.radians(distance), angle).T
    down, round_ = np.radians(90 - lat), np.radians(lon)
    x, z = x * np.cos(down) + z * np.sin(down), z * np.cos(down) - x * np.sin(down)
    x, y = x * np.cos(round_) - y * np.sin(round_), x * np.sin(round_) + y * np.cos(round_)
    return np.degrees(np.arctan2(y, x)), np.degrees(np.arctan2(z, np.hypot(x, y)))


def positions():
    """Uniform ones, and crowds at poles, over the seam, at corners of cells and at one place."""
    parts = [(360 * random.random(800), np.degrees(np.arcsin(2 * random.random(800) - 1)))]
    for lon, lat in [(0, 90), (77, -90), (0, 0), (359.999, -45), (180, 60), (45, 41.8103148957786),
                     (90, 0), (10, 20)]:
        for spread in (1e-4, 0.02, 1):
            parts.append(around(lon, lat, 30, spread))
    for nside in (1, 16, 4096):
        cells = random.integers(0, 12 * nside ** 2, 12)
        corners = healpy.boundaries(nside, cells, step=1, nest=True)
        vectors = np.moveaxis(corners, 1, 2).reshape(-1, 3)
        parts.append(healpy.vec2ang(vectors, lonlat=True))
    parts.append((np.full(50, 222.2), np.full(50, -11.1)))
    parts.append((np.array([0, 360, -0.0, 180, -180, 540]), np.zeros(6)))
    parts.append((np.array([0, 90, 123.4]), np.full(3, 90.0)))
    lon, lat = (np.concatenate(side) for side in zip(*parts))
    order = random.permutation(len(lon))
    return lon[order], np.clip(lat[order], -90, 90)


def truth(first, second, radius):
    """The pairs that certainly are near enough, and those of which either may be said."""
    u, v = directions(*first), directions(*second)
    chord = 2 * np.sin(np.radians(min(radius, 180)) / 2)
    sure, doubtful = set(), set()
    for start in range(0, len(u), 500):
        block = u[start:start + 500]
        squares = ((block[:, None, :] - v[None, :, :]) ** 2).sum(axis=2)
        i, j = np.nonzero(squares <= (chord + 1e-7) ** 2)
        i += start
        distance = separation_deg(first[0][i], first[1][i], second[0][j], second[1][j])
        for kept, pairs in ((distance < radius * (1 - DOUBT), sure),
                            (np.abs(distance - radius) <= radius * DOUBT, doubtful)):
            pairs.update(zip(i[kept].tolist(), j[kept].tolist()))
        # At distance 0 the long doubles' own rounding is in doubt.
        same = (first[0][i] == second[0][j]) & (first[1][i] == second[1][j])
        sure.update(zip(i[same].tolist(), j[same].tolist()))
        kept = distance <= 1e-13
        doubtful.update(zip(i[kept].tolist(), j[kept].tolist()))
    return sure, doubtful


def load(database, name, lon, lat, cluster=True):
    path = os.path.join(folder, name + ".csv")
    with open(path, "w") as file:
        file.write("id,ra,dec\n")
        for number, (ra, dec) in enumerate(zip(lon.tolist(), lat.tolist())):
            file.write(f"{number},{ra!r},{dec!r}\n")
        # No places: they match nothing.
        file.write("1000001,,5\n1000002,5,\n1000003,NaN,5\n1000004,5,91\n")
    order = "CLUSTER BY SKY(ra, dec)" if cluster else ""
    result = run("zij", "-c", f"CREATE TABLE {name} (id bigint, ra double precision, "
                 f"dec double precision) {order}", "-c", f"COPY {name} FROM '{path}'", database)
    if result.returncode != 0:
        raise AssertionError(result.stderr)


def pairs_of(database, sql):
    return [(int(r["a"]), int(r["b"]) if r["b"] is not None else None)
            for r in rows(database, sql)]


def check_pairs(name, found, sure, doubtful):
    once = set(found)
    check(name, len(once) == len(found) and sure <= once <= sure | doubtful,
          f"{len(found)} pairs, {len(sure - once)} missing, {len(once - sure - doubtful)} wrong, "
          f"{len(found) - len(once)} twice")


SIDES = {
    "tables": "a JOIN b ON DISTANCE(a.ra, a.dec, b.ra, b.dec) <= {}",
    "unsorted tables": "c AS a JOIN d AS b ON DISTANCE(a.ra, a.dec, b.ra, b.dec) <= {}",
    "a computed side": "(SELECT id, ra + 360 AS ra, dec FROM a) AS a JOIN b "
                       "ON CONTAINS(POINT(a.ra, a.dec), CIRCLE(b.ra, b.dec, {})) = 1",
    "points": "(SELECT id, CASE WHEN id < 1000000 THEN POINT(ra, dec) END AS at FROM c) AS a "
              "JOIN b ON DISTANCE(a.at, POINT(b.ra, b.dec)) <= {}",
}


def check_radii(database, first, second):
    for radius in (0, 1e-7, 1 / 3600, 0.013, 0.5, 3, 19.4):
        sure, doubtful = truth(first, second, radius)
        for name, sides in SIDES.items():
            # Another 360° cost digits, which distance 0 would notice.
            if name != "tables" and (radius > 1 or radius == 0):
                continue
            found = pairs_of(database, f"SELECT a.id AS a, b.id AS b FROM {sides.format(radius)}")
            check_pairs(f"{name} within {radius}", found, sure, doubtful)


def check_wide(database, first, second):
    """Too many pairs to list: their number and a sum over them."""
    first, second = (tuple(side[:600] for side in both) for both in (first, second))
    for radius in (60, 90, 120, 179.9, 180):
        sure, doubtful = truth(first, second, radius)
        answer = rows(database, f"""SELECT count(*) AS n, sum(a.id * 3 + b.id) AS ids
          FROM a JOIN b ON DISTANCE(a.ra, a.dec, b.ra, b.dec) <= {radius}
          AND a.id < 600 AND b.id < 600""")[0]
        low, high = len(sure), len(sure | doubtful)
        ids = sum(3 * i + j for i, j in sure)
        check(f"within {radius}", low <= int(answer["n"]) <= high
              and (low < high or int(answer["ids"]) == ids), f"{answer} for {low}…{high}, {ids}")


def check_left(database, first, second):
    for radius in (1 / 3600, 0.013):
        sure, doubtful = truth(first, second, radius)
        for condition, few in (("LIMIT 40", 40), ("", 10 ** 6)):
            sql = f"""SELECT a.id AS a, b.id AS b
              FROM (SELECT * FROM a WHERE id < 1000000 ORDER BY id {condition}) AS a
              LEFT JOIN b ON DISTANCE(a.ra, a.dec, b.ra, b.dec) <= {radius}"""
            found = pairs_of(database, sql)
            plan = run("zij", "-tA", "-c", "EXPLAIN " + sql, database).stdout
            check(f"left join, {condition}: what is held",
                  ("what of right is near" in plan) == bool(condition), plan)
            own = set(range(min(few, len(first[0]))))
            expected = {pair for pair in sure if pair[0] in own}
            alone = {(i, None) for i in own - {i for i, _ in sure | doubtful}}
            check_pairs(f"left join, {condition}, within {radius}", found, expected | alone,
                        doubtful | {(i, None) for i, _ in doubtful})


def check_few(database):
    """Some positions against many rows, of which few row groups are read."""
    lon = np.concatenate([360 * random.random(100_000)])
    lat = np.degrees(np.arcsin(2 * random.random(100_000) - 1))
    load(database, "many", lon, lat)
    few = "(VALUES (0, 10.0, 20.0), (1, 200.0, -89.5), (2, 359.99, 0.0)) AS f(id, ra, dec)"
    sure, doubtful = truth((np.array([10, 200, 359.99]), np.array([20, -89.5, 0])), (lon, lat), 0.7)
    for kind, sides in (("JOIN", f"{few} JOIN many AS m"), ("reversed", f"many AS m JOIN {few}")):
        sql = f"""SELECT f.id AS a, m.id AS b FROM {sides}
          ON DISTANCE(f.ra, f.dec, m.ra, m.dec) <= 0.7"""
        check_pairs(f"few and many, {kind}", pairs_of(database, sql), sure, doubtful)
        plan = run("zij", "-tA", "-c", "EXPLAIN ANALYZE " + sql, database).stdout
        check(f"few and many, {kind}: row groups are left out",
              " of 13," in plan and "row groups=13 of 13" not in plan, plan)


def check_crowd(database):
    """10,000 rows at one position, joined with themselves and 10,000 others."""
    lon = np.concatenate([np.full(10_000, 123.4), 123.4 + random.random(10_000)])
    lat = np.concatenate([np.full(10_000, 56.7), 56.7 + random.random(10_000)])
    load(database, "crowd", lon, lat)
    distance = separation_deg(lon[10_000:], lat[10_000:], 123.4, 56.7)
    near = np.count_nonzero(distance <= 0.001)
    own, _ = truth((lon[10_000:], lat[10_000:]), (lon[10_000:], lat[10_000:]), 0.001)
    answer = rows(database, """SELECT count(*) AS n FROM crowd AS a JOIN crowd AS b
      ON DISTANCE(a.ra, a.dec, b.ra, b.dec) <= 0.001""")[0]["n"]
    expected = 10_000 ** 2 + 2 * 10_000 * near + len(own)
    check("10,000 rows at one position", int(answer) == expected, f"{answer} for {expected}")


with tempfile.TemporaryDirectory() as folder:
    print(f"seed {SEED}")
    database = os.path.join(folder, "joins.zij")
    first, second = positions(), positions()
    # Partners of some within every radius.
    chosen = random.permutation(len(first[0]))[:400]
    moved = [around(first[0][i], first[1][i], 1, 10 ** random.uniform(-8, 0)) for i in chosen]
    second = tuple(np.concatenate([second[k], *(m[k] for m in moved)]) for k in (0, 1))
    second = (second[0], np.clip(second[1], -90, 90))
    for name, side, cluster in (("a", first, True), ("b", second, True), ("c", first, False),
                                ("d", second, False)):
        load(database, name, *side, cluster=cluster)
    for part in (check_radii, check_wide, check_left):
        part(database, first, second)
    check_few(database)
    check_crowd(database)
check.end()
