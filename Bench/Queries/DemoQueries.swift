/// Questions to the demonstration's table `gaia`: its own four, then one for each way of working.
enum DemoQueries {
  static var all: [TimedQuery] { questions + cones + others }

  private static let questions = [
    TimedQuery(
      "question 1: how many stars",
      """
      SELECT count(*) AS stars,
             sum(CASE WHEN source_id < 0 THEN 1 ELSE 0 END) AS from_hipparcos,
             count(*) - count(phot_bp_mean_mag) AS bp_missing,
             count(*) - count(phot_rp_mean_mag) AS rp_missing
      FROM gaia
      """),
    TimedQuery(
      "question 2: how bright",
      """
      SELECT count(phot_g_mean_mag) AS stars, min(phot_g_mean_mag) AS brightest,
             max(phot_g_mean_mag) AS faintest, avg(phot_g_mean_mag) AS mean,
             median(phot_g_mean_mag) AS median, stddev(phot_g_mean_mag) AS deviation
      FROM gaia
      """),
    TimedQuery(
      "question 3: nearest to the Pleiades",
      """
      SELECT source_id, ra, dec, phot_g_mean_mag,
             DISTANCE(POINT(ra, dec), POINT(56.75, 24.1167)) AS distance_deg
      FROM gaia
      WHERE CONTAINS(POINT(ra, dec), CIRCLE(56.75, 24.1167, 2)) = 1
      ORDER BY distance_deg
      LIMIT 10
      """),
    TimedQuery(
      "question 4: where on the sky",
      """
      SELECT ivo_healpix_index(4, ra, dec) AS cell, count(*) AS stars
      FROM gaia
      GROUP BY cell
      """),
  ]

  private static let cones = ["0.1", "2", "20"].map { radius in
    TimedQuery(
      "cone of \(radius)°",
      """
      SELECT source_id, ra, dec, phot_g_mean_mag FROM gaia
      WHERE CONTAINS(POINT(ra, dec), CIRCLE(56.75, 24.1167, \(radius))) = 1
      """)
  }

  private static let others = [
    TimedQuery("count of all rows", "SELECT count(*) FROM gaia"),
    TimedQuery(
      "count of a range", "SELECT count(*) FROM gaia WHERE phot_g_mean_mag BETWEEN 8 AND 9"),
    TimedQuery(
      "group by whole magnitude",
      """
      SELECT floor(phot_g_mean_mag) AS magnitude, count(*), avg(phot_bp_mean_mag)
      FROM gaia GROUP BY magnitude
      """),
    TimedQuery(
      "sort of all rows", "SELECT source_id, phot_g_mean_mag FROM gaia ORDER BY phot_g_mean_mag"),
    TimedQuery(
      "first 10 of a sort",
      "SELECT source_id, phot_g_mean_mag FROM gaia ORDER BY phot_g_mean_mag LIMIT 10"),
    TimedQuery("all rows, only taken", "SELECT * FROM gaia"),
    TimedQuery("all rows as CSV", "SELECT * FROM gaia", format: "csv"),
    TimedQuery("all rows as JSON lines", "SELECT * FROM gaia", format: "jsonl"),
  ]
}
