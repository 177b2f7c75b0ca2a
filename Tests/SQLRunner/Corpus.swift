import Foundation

/// What running SQLite's own corpus needs beside the dialect.
enum Corpus {
  private static let unsupportedStarts = [
    "UPDATE", "DELETE", "REPLACE", "INSERT OR", "CREATE INDEX", "CREATE UNIQUE INDEX",
    "CREATE VIEW", "CREATE TEMP VIEW", "CREATE TEMPORARY VIEW", "CREATE TRIGGER",
    "CREATE TEMP TRIGGER", "DROP INDEX", "DROP VIEW", "DROP TRIGGER", "REINDEX", "PRAGMA",
  ]
  private static let changes = ["UPDATE", "DELETE", "REPLACE", "INSERT OR"]

  /// The kind of statement, if it is none of Zij's.
  static func unsupported(_ sql: String) -> String? {
    let start = normalized(sql)
    return unsupportedStarts.first { start.hasPrefix($0) }
  }

  /// Whether leaving the statement out makes later answers differ.
  static func changesRows(_ sql: String) -> Bool {
    let start = normalized(sql)
    return changes.contains { start.hasPrefix($0) }
  }

  /// Without constraints, which no record of the read-only files depends on.
  static func adapted(_ sql: String) -> String {
    guard normalized(sql).hasPrefix("CREATE TABLE") else { return sql }
    return ["PRIMARY KEY", "UNIQUE"].reduce(sql) { text, word in
      text.replacingOccurrences(of: " " + word, with: "", options: .caseInsensitive)
    }
  }

  /// sqllogictest prints control and non-ASCII bytes as @.
  static func visible(_ text: String) -> String {
    String(decoding: text.utf8.map { $0 >= 32 && $0 < 127 ? $0 : UInt8(ascii: "@") }, as: UTF8.self)
  }

  private static func normalized(_ sql: String) -> String {
    sql.prefix(60).split(whereSeparator: \.isWhitespace).joined(separator: " ").uppercased()
  }
}
