/// A question of the demonstration and the SQL that answers it.
struct Question {
  enum Answer {
    case table
    /// The first column is a HEALPix cell of this order, the second its weight.
    case skyMap(order: Int)
    /// The first column goes to the right, the second down, as magnitudes are drawn; the third is
    /// the weight of the place.
    case densityPlot

    /// What draws it in the shell.
    var command: String? {
      switch self {
      case .table: nil
      case .skyMap: "\\sky"
      case .densityPlot: "\\plot -y"
      }
    }
  }

  let text: String
  let sql: String
  var answer = Answer.table
  /// What else is known about the answer.
  var note: String?

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
      text: "Which stars of Hipparcos, moved from 1991.25 to 2016, has Gaia within 0.5″?",
      sql: """
        SELECT count(*) AS pairs, count(DISTINCT hip) AS stars,
               count(*) FILTER (WHERE arcsec <= 0.3) AS pairs_03,
               count(DISTINCT hip) FILTER (WHERE arcsec <= 0.3) AS stars_03,
               108750 AS independent_03
        FROM (SELECT hip, 3600 * DISTANCE(place, POINT(g.ra, g.dec)) AS arcsec
              FROM (SELECT hip, ivo_epoch_prop_pos(ra, dec, plx, pmra, pmde, NULL,
                                                   1991.25, 2016.0) AS place
                    FROM hipparcos) AS h
              JOIN gaia AS g ON DISTANCE(place, POINT(g.ra, g.dec)) <= 0.5 / 3600) AS pairs
        """,
      note: "An independent count found 108,750 stars of Hipparcos matched within 0.3″. Some have "
        + "two sources there: these are more pairs than stars."),
    Question(
      text: "Where is the main sequence in that match? (colour rightwards, magnitude downwards)",
      sql: """
        SELECT floor(50 * bp_rp) / 50 AS colour, floor(5 * absolute) / 5 AS absolute_mag,
               count(*) AS stars
        FROM (SELECT phot_bp_mean_mag - phot_rp_mean_mag AS bp_rp,
                     phot_g_mean_mag + 5 * log10(plx) - 10 AS absolute
              FROM (SELECT plx, ivo_epoch_prop_pos(ra, dec, plx, pmra, pmde, NULL,
                                                   1991.25, 2016.0) AS place
                    FROM hipparcos WHERE plx > 3) AS h
              JOIN gaia AS g ON DISTANCE(place, POINT(g.ra, g.dec)) <= 0.5 / 3600) AS stars
        WHERE bp_rp BETWEEN -0.5 AND 3
        GROUP BY colour, absolute_mag
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
