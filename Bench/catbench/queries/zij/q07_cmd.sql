SELECT CAST(floor((bp_mag::double precision - rp_mag::double precision) * 20) AS integer) AS x,
       CAST(floor((g_mag::double precision + 5 * log10(parallax) - 10) * 10) AS integer) AS y, count(*) AS n
FROM gaia WHERE parallax > 0 AND parallax > 5 * parallax_error AND bp_mag IS NOT NULL AND rp_mag IS NOT NULL AND ruwe < 1.4
GROUP BY x, y ORDER BY x, y
