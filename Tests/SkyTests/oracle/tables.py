"""Writes Tests/SkyTests/OracleTables.swift: what independent code says about cells and separations.

Cells come from healpy and, where it agrees, cdshealpix; rows where the two differ, which lie on
cell borders, are left out. Separations come from mpmath with 50 digits applied to the doubles as
they are. Needs healpy, cdshealpix, astropy, mpmath, numpy. Run: python3 tables.py > ../OracleTables.swift
"""

import astropy.units as u
import cdshealpix
import healpy
import numpy as np
from astropy.coordinates import Latitude, Longitude
from mpmath import atan2, cos, mp, mpf, nstr, pi, sin, sqrt

mp.dps = 50
random = np.random.default_rng(20250101)


def positions(count):
    lon = random.uniform(0, 360, count)
    lat = np.degrees(np.arcsin(random.uniform(-1, 1, count)))
    return lon, lat


def cell_rows():
    lon, lat = positions(150)
    near_pole = 90 - 10 ** random.uniform(-11, 1, 40)
    lon = np.concatenate([lon, random.uniform(0, 360, 40)])
    lat = np.concatenate([lat, near_pole * random.choice([-1, 1], 40)])
    for order in (0, 3, 12, 29):
        cells = healpy.ang2pix(1 << order, lon, lat, nest=True, lonlat=True)
        other = cdshealpix.lonlat_to_healpix(Longitude(lon * u.deg), Latitude(lat * u.deg), order)
        around = healpy.get_all_neighbours(1 << order, cells, nest=True).T
        for row in np.nonzero(cells == other)[0][order % 7 :: 3]:
            neighbours = " ".join(map(str, around[row]))
            yield f"{order} {lon[row]!r} {lat[row]!r} {cells[row]} {neighbours}"


def separation_rows():
    lon, lat = positions(160)
    for row in range(160):
        distance = 10 ** random.uniform(-10, 0)
        angle = random.uniform(0, 2 * np.pi)
        kind = row % 4
        lon2, lat2 = positions(1)
        if kind == 0:
            lon2 = lon[row] + distance * np.cos(angle) / np.cos(np.radians(lat[row]))
            lat2 = np.clip(lat[row] + distance * np.sin(angle), -90, 90)
        if kind == 1:
            lon2, lat2 = lon[row] + 180 + distance, -lat[row] + distance * (lat[row] > 0)
        a, d, b, e = (float(np.squeeze(x)) for x in (lon[row], lat[row], lon2, lat2))
        yield f"{a!r} {d!r} {b!r} {e!r} {nstr(separation(a, d, b, e), 25)}"


def separation(*degrees):
    lon1, lat1, lon2, lat2 = (mpf(x) * pi / 180 for x in degrees)
    near = sin((lat1 - lat2) / 2) ** 2 + cos(lat1) * cos(lat2) * sin((lon1 - lon2) / 2) ** 2
    far = sin((lat1 + lat2) / 2) ** 2 + cos(lat1) * cos(lat2) * cos((lon1 - lon2) / 2) ** 2
    return 2 * atan2(sqrt(near), sqrt(far)) * 180 / pi


def table(name, comment, rows):
    print(f'\n  /// {comment}\n  static let {name} = """')
    print("\n".join("    " + row.replace("np.float64(", "").replace(")", "") for row in rows))
    print('    """')


print("/// Written by `oracle/tables.py`, which says where the values come from.\nenum OracleTables {", end="")
table("cells", "Order, longitude, latitude, cell, and its eight neighbours.", cell_rows())
table("separations", "Two positions and their separation in degrees.", separation_rows())
print("}")
