SELECT g.class, count(*) AS n, avg(d.amp) AS amp, max(CAST(d.amp AS double precision)) AS mx, avg(d.ne) AS ne FROM
 (SELECT source_id, max(mag) - min(mag) AS amp, count(*) AS ne FROM det WHERE rb > 0.5 GROUP BY source_id) AS d
 JOIN gaia AS g ON g.source_id = d.source_id WHERE g.parallax > 0.1 GROUP BY g.class ORDER BY g.class
