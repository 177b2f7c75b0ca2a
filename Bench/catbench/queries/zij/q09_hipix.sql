SELECT hpx12, n, g FROM (SELECT healpix29 >> 34 AS hpx12, count(*) AS n, min(g_mag) AS g FROM gaia GROUP BY hpx12) AS cells
ORDER BY n DESC, hpx12 LIMIT 100
