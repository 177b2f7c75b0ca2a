"""The stars within a degree of the Pleiades, as a polars data frame."""
import sys

import polars
from adbc_driver_manager import dbapi

stars = polars.DataFrame({
    "name": ["Alcyone", "Atlas", "Merope", "Aldebaran"],
    "ra": [56.8712, 57.2906, 56.5816, 68.9802],
    "dec": [24.1051, 24.0534, 23.9484, 16.5093],
})
# A directory instead of memory: {"uri": "zij:///path/to/name.zij"}.
with dbapi.connect(driver=sys.argv[1], db_kwargs={"uri": ":memory:"}, autocommit=True) as connection:
    stars.write_database("stars", connection, engine="adbc")
    near = polars.read_database(
        "SELECT name, DISTANCE(ra, dec, 56.75, 24.1167) AS d FROM stars "
        "WHERE DISTANCE(ra, dec, 56.75, 24.1167) < $1 ORDER BY d",
        connection, execute_options={"parameters": (1.0,)})
    print(near)
