SELECT class, flags & 4 AS f, count(*) AS n, avg(g_mag) AS g, stddev_samp(parallax) AS s, max(pmra) AS m
FROM gaia GROUP BY class, f ORDER BY class, f
