SELECT healpix29 >> 46 AS hpx6, count(*) AS n, avg(g_mag) AS g FROM gaia GROUP BY hpx6 ORDER BY hpx6
