import Base

/// All tables that one statement sees. It never changes.
public struct CatalogSnapshot: Sendable {
  /// Where tables are made, and looked for, when a name has no schema.
  public static let defaultSchema = "public"
  /// Schemas in the order in which unqualified names are looked up; then all others but
  /// those of `qualifiedOnly`.
  public static let searchPath = ["pg_catalog", defaultSchema]

  /// Schemas whose tables have names so common that they need the schema in front.
  public static let qualifiedOnly: Set = ["information_schema", "TAP_SCHEMA"]

  public let tables: [any CatalogTable]
  /// Position in `tables` of the last table of a lower-case name.
  private let positions: [String: Int]
  /// For each table the one before it of the same name, or -1.
  private let previous: [Int]

  public init(tables: [any CatalogTable]) {
    self.tables = tables
    var positions: [String: Int] = [:]
    positions.reserveCapacity(tables.count)
    var previous = [Int](repeating: -1, count: tables.count)
    for (index, table) in tables.enumerated() {
      if let same = positions.updateValue(index, forKey: table.name.lowercased()) {
        previous[index] = same
      }
    }
    self.positions = positions
    self.previous = previous
  }

  /// All tables of a name, without regard to case or schema, in the order of `tables`.
  private func tables(named name: String) -> [any CatalogTable] {
    var found: [any CatalogTable] = []
    var position = positions[name.lowercased()] ?? -1
    while position >= 0 {
      found.append(tables[position])
      position = previous[position]
    }
    return found.reversed()
  }

  /// Whether a table of this name, without regard to case, is in the schema.
  public func hasTable(named name: String, schema: String) -> Bool {
    tables(named: name).contains { $0.schema == schema }
  }

  /// With another table of the same schema and name.
  public func replacing(_ table: any CatalogTable) -> CatalogSnapshot {
    CatalogSnapshot(
      tables: tables.map { $0.schema == table.schema && $0.name == table.name ? table : $0 })
  }

  /// Finds a table by name, optionally with a schema. A regular name matches without regard to
  /// case, a delimited one exactly first. Nil if there is none; an error if several match.
  public func table(
    named name: String, schema: String?, isDelimited: Bool, at range: SourceRange?
  ) throws(SQLError) -> (any CatalogTable)? {
    var matches = tables(named: name).filter { table in
      guard let schema else { return !Self.qualifiedOnly.contains(table.schema) }
      return table.schema.lowercased() == schema.lowercased()
    }
    if isDelimited {
      let exact = matches.filter { $0.name == name }
      if !exact.isEmpty { matches = exact }
    }
    if schema == nil {
      for preferred in Self.searchPath {
        let found = matches.filter { $0.schema == preferred }
        if found.count == 1 { return found[0] }
      }
    } else if isDelimited, let first = matches.first, first.name == name {
      return first
    }
    if matches.count > 1 {
      let names = matches.map { "\($0.schema).\($0.name)" }.joined(separator: ", ")
      throw SQLError(
        .ambiguousAlias, "table name is ambiguous: \"\(name)\"", at: range,
        hint: "It matches \(names).")
    }
    return matches.first
  }

  /// The table of exactly this name.
  public func table(schema: String, name: String) -> (any CatalogTable)? {
    tables(named: name).first { $0.schema == schema && $0.name == name }
  }

  /// The error for a name that `table(named:)` did not find.
  public func undefined(_ name: String, at range: SourceRange?) -> SQLError {
    let isSystemName = name.lowercased().hasPrefix("pg_") || name.contains(".")
    let names = tables.lazy.filter { isSystemName || !Self.isSystem($0.schema) }
      .flatMap { [$0.name, "\($0.schema).\($0.name)"] }
    return SQLError(
      .undefinedTable, "table does not exist: \"\(name)\"", at: range,
      hint: Suggestion.hint(for: name, among: Array(names)))
  }

  /// PostgreSQL's own schemas.
  public static func isSystem(_ schema: String) -> Bool {
    schema == "pg_catalog" || schema == "information_schema"
  }
}
