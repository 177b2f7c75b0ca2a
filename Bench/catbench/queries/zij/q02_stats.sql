SELECT min(ra) AS min_ra, max(ra) AS max_ra, min(dec) AS min_dec, max(dec) AS max_dec, avg(g_mag) AS g, stddev_samp(g_mag) AS sg,
       avg(parallax) AS plx, max(parallax_error) AS mpe, sum(n_obs) AS nobs FROM gaia
