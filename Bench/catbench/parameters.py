"""The queries' parameters, derived from the generated data and kept beside them in params.json."""
import json
import math
import os


def parameters(data):
    path = os.path.join(data, "params.json")
    if os.path.exists(path):
        with open(path) as file:
            return json.load(file)
    values = derive(data)
    with open(path, "w") as file:
        json.dump(values, file, indent=1)
    return values


def derive(data):
    import numpy as np
    import pyarrow.orc
    gaia = pyarrow.orc.ORCFile(os.path.join(data, "gaia.orc")).read(["source_id", "healpix29"])
    rng = np.random.Generator(np.random.PCG64(7))
    picked = np.sort(rng.choice(gaia.num_rows, min(20, gaia.num_rows), replace=False))
    ids = gaia["source_id"].take(picked).to_pylist()
    small = busy_cone(gaia["healpix29"].to_numpy(), radius_deg=0.1)
    big = (266.0, -29.0, 3.0)
    return dict(
        ids=",".join(map(str, ids)), sample1pct=(1 << 40) // 100,
        c1ra=small[0], c1dec=small[1], c1r=small[2], c1ranges=ranges(small, 11),
        c2ra=big[0], c2dec=big[1], c2r=big[2], c2ranges=ranges(big, 6))


def busy_cone(healpix29, radius_deg):
    """In the densest cell of order 8 away from the poles and from ra = 0."""
    import healpy
    import numpy as np
    cells, counts = np.unique(healpix29 >> 42, return_counts=True)
    lon, lat = healpy.pix2ang(256, cells, nest=True, lonlat=True)
    usable = (np.abs(lat) < 50) & (lon > 20) & (lon < 340)
    best = np.argmax(np.where(usable, counts, 0))
    return float(lon[best]), float(lat[best]), radius_deg


def ranges(cone, order):
    """The cone as merged intervals of healpix29: what an expert pastes into an engine's SQL that
    has no cones."""
    import healpy
    vector = healpy.ang2vec(cone[0], cone[1], lonlat=True)
    cells = healpy.query_disc(
        1 << order, vector, math.radians(cone[2]), inclusive=True, fact=4, nest=True)
    shift = 2 * (29 - order)
    merged = []
    for cell in sorted(cells.tolist()):
        first, last = cell << shift, ((cell + 1) << shift) - 1
        if merged and merged[-1][1] + 1 == first:
            merged[-1][1] = last
        else:
            merged.append([first, last])
    return " OR ".join(f"healpix29 BETWEEN {first} AND {last}" for first, last in merged)
