SELECT source_id, ra, dec, g_mag, DISTANCE(POINT(ra, dec), POINT({c1ra}, {c1dec})) AS sep FROM gaia
WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE({c1ra}, {c1dec}, {c1r})) ORDER BY sep, source_id
