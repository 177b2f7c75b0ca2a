SELECT count(*) AS n, avg(g_mag) AS g, avg(parallax) AS plx FROM gaia
WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE({c2ra}, {c2dec}, {c2r}))
