SELECT count(*) AS n, avg(3600 * sep) AS msep, sum(source_id % 1000003) AS chk FROM (
  SELECT a.source_id, DISTANCE(POINT(a.ra, a.dec), POINT(b.ra, b.dec)) AS sep
  FROM gaia AS a JOIN xcat AS b ON DISTANCE(POINT(a.ra, a.dec), POINT(b.ra, b.dec)) <= 1.0 / 3600) AS pairs
