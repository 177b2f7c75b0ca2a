SELECT count(*) AS n, avg(g_mag) AS g FROM gaia
WHERE g_mag BETWEEN 15 AND 18 AND bp_mag::double precision - rp_mag::double precision > 1.5 AND ruwe < 1.1
  AND n_obs > 200 AND (flags & 3) = 0 AND pmra * pmra + pmdec * pmdec > 100
