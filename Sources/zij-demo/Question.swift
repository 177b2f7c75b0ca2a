/// A question of the demonstration and the SQL that answers it.
struct Question {
  enum Answer {
    case table
    /// The first column is a HEALPix cell of this order, the second its weight.
    case skyMap(order: Int)
  }

  let text: String
  let sql: String
  var answer = Answer.table

  static let all = [
    Question(
      text: "How many stars are there, and which magnitudes are missing?",
      sql: """
        SELECT count(*) AS stars,
               sum(CASE WHEN source_id < 0 THEN 1 ELSE 0 END) AS from_hipparcos,
               count(*) - count(phot_bp_mean_mag) AS bp_missing,
               count(*) - count(phot_rp_mean_mag) AS rp_missing
        FROM gaia
        """),
    Question(
      text: "How bright are they?",
      sql: """
        SELECT count(phot_g_mean_mag) AS stars, min(phot_g_mean_mag) AS brightest,
               max(phot_g_mean_mag) AS faintest, avg(phot_g_mean_mag) AS mean,
               median(phot_g_mean_mag) AS median, stddev(phot_g_mean_mag) AS deviation
        FROM gaia
        """),
    Question(
      text: "Which stars are nearest to the middle of the Pleiades?",
      sql: """
        SELECT source_id, ra, dec, phot_g_mean_mag,
               DISTANCE(POINT(ra, dec), POINT(56.75, 24.1167)) AS distance_deg
        FROM gaia
        WHERE CONTAINS(POINT(ra, dec), CIRCLE(56.75, 24.1167, 2)) = 1
        ORDER BY distance_deg
        LIMIT 10
        """),
    Question(
      text: "Where on the sky are they?",
      sql: """
        SELECT ivo_healpix_index(4, ra, dec) AS cell, count(*) AS stars
        FROM gaia
        GROUP BY cell
        """,
      answer: .skyMap(order: 4)),
  ]
}
