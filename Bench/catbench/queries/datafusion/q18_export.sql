COPY (SELECT source_id, ra, dec, parallax, parallax_error, pmra, pmdec, g_mag, bp_mag, rp_mag, class FROM gaia
      WHERE g_mag < 19 AND parallax IS NOT NULL) TO '{tmp}/export.csv' STORED AS CSV OPTIONS ('format.has_header' 'true')
