import Base
import Parsing

/// SQL text to syntax tree. Bytes are those of the text.
enum ParsingCases {
  static var all: [KernelCase] {
    // First statements come first: every other one would compile the grammar before.
    [
      first("parse: first statement of a process", [.sql]),
      first("parse: first statement of a dialect", [.adql, .adql20, .adql21]),
      statement("parse: SELECT 1", "SELECT 1"),
      statement("parse: query of 1 KB", query(sizeBytes: 1000)),
      statement("parse: IN list of 1 MB", list(sizeBytes: 1_000_000)),
      statement("parse: VALUES with 10,000 rows", values(rowCount: 10_000)),
    ]
  }

  private static func first(_ name: String, _ dialects: [Dialect]) -> KernelCase {
    KernelCase(name, per: "statement") {
      let text = Array("SELECT ra FROM stars".utf8)
      return .init(
        1, sizeBytes: text.count,
        body: .once(dialects.map { dialect in { _ = try SQLParser.parse(text, dialect: dialect) } })
      )
    }
  }

  private static func statement(_ name: String, _ sql: String) -> KernelCase {
    KernelCase(name, per: "statement") {
      let text = Array(sql.utf8)
      return .init(1, sizeBytes: text.count) { _ = try SQLParser.parse(text) }
    }
  }

  private static func query(sizeBytes: Int) -> String {
    var text = """
      SELECT g.source_id, g.ra, g.dec, g.phot_g_mean_mag AS mag, p.parallax * 1000 AS parallax_uas,
        DISTANCE(POINT(g.ra, g.dec), POINT(56.75, 24.12)) AS separation
      FROM gaia.source AS g JOIN gaia.parallaxes AS p ON g.source_id = p.source_id
      WHERE 1 = CONTAINS(POINT(g.ra, g.dec), CIRCLE(56.75, 24.12, 2)) AND g.name <> 'it''s'
      """
    let tail = "\nORDER BY separation DESC LIMIT 100"
    var number = 0
    while text.utf8.count + tail.utf8.count < sizeBytes {
      number += 1
      text += "\n  AND (g.column_\(number) BETWEEN \(number) AND 1.5e3 OR p.flag_\(number) IS NULL)"
    }
    return text + tail
  }

  private static func list(sizeBytes: Int) -> String {
    var text = "SELECT * FROM t WHERE id IN (1"
    var number = 1_000_000
    while text.utf8.count < sizeBytes {
      number += 1
      text += ", \(number)"
    }
    return text + ")"
  }

  private static func values(rowCount: Int) -> String {
    let rows = (0..<rowCount).map { "(\($0), \($0).5, 'star \($0)')" }
    return "INSERT INTO t VALUES " + rows.joined(separator: ", ")
  }
}
