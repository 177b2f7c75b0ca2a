/// SQL that is recognised only to say that it is not there yet.
enum UnsupportedSyntax {
  /// What a word begins, in plain words.
  static let phrases: [String: String] = [
    "TABLESAMPLE": "TABLESAMPLE", "MERGE": "MERGE",
    "ALTER": "ALTER", "GRANT": "GRANT", "REVOKE": "REVOKE",
    "VACUUM": "VACUUM",
    "PRIMARY": "constraints", "UNIQUE": "constraints", "REFERENCES": "constraints",
    "CONSTRAINT": "constraints", "CHECK": "constraints", "FOREIGN": "constraints",
    "RETURNING": "RETURNING", "SIMILAR": "SIMILAR TO",
    "GROUPING": "GROUPING SETS", "VIEW": "views", "INDEX": "indexes",
    "EXCLUDE": "EXCLUDE in frames", "NULLS": "IGNORE NULLS and RESPECT NULLS",
    "TEMPORARY": "temporary tables", "TEMP": "temporary tables",
  ]

  static var words: [String] { Array(phrases.keys) }
}
