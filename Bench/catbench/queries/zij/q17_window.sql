SELECT source_id, max(abs(rate)) AS r FROM (
 SELECT source_id, (mag - lag(mag) OVER w) / (mjd - lag(mjd) OVER w) AS rate, mjd - lag(mjd) OVER w AS dt
 FROM det WHERE fid = 2 WINDOW w AS (PARTITION BY source_id ORDER BY mjd)) AS steps
WHERE dt > 0.5 GROUP BY source_id ORDER BY r DESC, source_id LIMIT 50
