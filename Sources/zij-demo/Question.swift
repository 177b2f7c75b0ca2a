/// A question of the demonstration and the SQL that answers it.
struct Question {
  enum Answer {
    case table
    /// The first column is a HEALPix cell of this order, the second its weight.
    case skyMap(order: Int)
    /// The first column goes to the right, the second down, as magnitudes are drawn.
    case densityPlot
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
    Question(
      text: "Where is the main sequence? (colour to the right, absolute magnitude down)",
      sql: """
        SELECT "B-V" AS colour, Hpmag + 5 * log10(Plx) - 10 AS absolute_mag
        FROM hipparcos
        WHERE Plx > 3 AND "B-V" > -0.5 AND "B-V" < 2.5
        """,
      answer: .densityPlot),
    Question(
      text: "Which galaxies are around the middle of the Virgo cluster, and how far away?",
      sql: """
        SELECT hyperleda_name, ra, dec, lum_dist, stellarmass,
               DISTANCE(POINT(ra, dec), POINT(187.7059, 12.3911)) AS distance_deg
        FROM glade
        WHERE CONTAINS(POINT(ra, dec), CIRCLE(187.7059, 12.3911, 3)) = 1 AND stellarmass > 0
        ORDER BY distance_deg
        LIMIT 10
        """),
    Question(
      text: "How much of 1.87 million stars is read for those around the Orion nebula?",
      sql: """
        EXPLAIN ANALYZE SELECT ra, dec, vt_mag
        FROM tycho2
        WHERE CONTAINS(POINT(ra, dec), CIRCLE(83.82, -5.39, 1)) = 1
        """),
  ]
}
