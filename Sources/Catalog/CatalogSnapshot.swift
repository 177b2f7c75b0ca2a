import Base

/// All tables that one statement sees. It never changes.
public struct CatalogSnapshot: Sendable {
  /// Schemas in the order in which unqualified names are looked up.
  public static let defaultSchema = "public"

  public let tables: [any CatalogTable]

  public init(tables: [any CatalogTable]) { self.tables = tables }

  /// Finds a table by name, optionally with a schema. A regular name matches without regard to
  /// case, a delimited one exactly first. Nil if there is none; an error if several match.
  public func table(
    named name: String, schema: String?, isDelimited: Bool, at range: SourceRange?
  ) throws(SQLError) -> (any CatalogTable)? {
    let candidates = tables.filter { table in
      guard let schema else { return true }
      return table.schema.lowercased() == schema.lowercased()
    }
    if isDelimited, let exact = candidates.first(where: { $0.name == name }) { return exact }
    let matches = candidates.filter { $0.name.lowercased() == name.lowercased() }
    if schema == nil, let preferred = matches.first(where: { $0.schema == Self.defaultSchema }),
      matches.filter({ $0.schema == Self.defaultSchema }).count == 1
    {
      return preferred
    }
    if matches.count > 1 {
      let names = matches.map { "\($0.schema).\($0.name)" }.joined(separator: ", ")
      throw SQLError(
        .ambiguousAlias, "table name is ambiguous: \"\(name)\"", at: range,
        hint: "It matches \(names).")
    }
    return matches.first
  }

  /// The error for a name that `table(named:)` did not find.
  public func undefined(_ name: String, at range: SourceRange?) -> SQLError {
    let names = tables.flatMap { [$0.name, "\($0.schema).\($0.name)"] }
    return SQLError(
      .undefinedTable, "table does not exist: \"\(name)\"", at: range,
      hint: Suggestion.hint(for: name, among: names))
  }
}
