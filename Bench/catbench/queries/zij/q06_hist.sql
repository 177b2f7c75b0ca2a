SELECT CAST(floor(CAST(g_mag AS double precision) * 10) AS integer) AS bin, count(*) AS n FROM gaia GROUP BY bin ORDER BY bin
