import Base
import Catalog
import Engine
import Formats
import FunctionKit
import Vectors

enum InformationCommands {
  static let all = [
    BackslashCommand(
      name: "d", arguments: "[PATTERN]",
      summary: "tables, or the columns of those that match; \\d+ adds UCDs and descriptions",
      section: .information
    ) { (shell, call) throws(SQLError) in
      guard let pattern = call.argument(0) else { return try listTables(shell, call) }
      return try describe(pattern, shell, call)
    },
    BackslashCommand(
      name: "dt", arguments: "[PATTERN]", summary: "tables; \\dt+ adds sizes and descriptions",
      section: .information, run: listTables),
    BackslashCommand(
      name: "df", arguments: "[PATTERN]", summary: "functions; \\df+ adds what they do",
      section: .information, run: listFunctions),
  ]

  // MARK: Tables

  /// Tables that match; without a schema in the pattern, those of users only.
  private static func tables(
    _ shell: Shell, _ pattern: NamePattern?
  ) throws(SQLError) -> [any CatalogTable] {
    let all = try shell.database.catalog().tables
    let wanted = all.filter { table in
      guard let pattern else { return isVisible(table) }
      guard pattern.matches(schema: table.schema, name: table.name) else { return false }
      return pattern.hasSchema || isVisible(table)
    }
    return wanted.sorted { ($0.schema, $0.name) < ($1.schema, $1.name) }
  }

  private static func isVisible(_ table: any CatalogTable) -> Bool {
    table.schema == CatalogSnapshot.defaultSchema
  }

  private static func listTables(
    _ shell: Shell, _ call: BackslashCall
  ) throws(SQLError) -> Shell.StatementEnd {
    let found = try tables(shell, call.argument(0).map { NamePattern($0) })
    if found.isEmpty {
      StandardError.write(
        call.argument(0).map { "Did not find any table named \"\(VisibleText.line($0))\".\n" }
          ?? "Did not find any tables.\n")
      return .done
    }
    let more = call.wantsMore ? ["Description"] : []
    var list = SmallTable("List of tables", ["Schema", "Name", "Type", "Rows", "Order"] + more)
    list.columns[3].type = .int64
    for table in found {
      let rowCount =
        table is VirtualTable ? Value.null : .integer(Int64(try table.snapshot().rowCount))
      list.rows.append(
        [
          .text(table.schema), .text(table.name),
          .text(table is VirtualTable ? "system table" : "table"), rowCount,
          .optionalText(orderText(table.order)),
        ] + (call.wantsMore ? [.optionalText(table.description)] : []))
    }
    try list.write(to: shell)
    return .done
  }

  private static func orderText(_ order: TableOrder) -> String? {
    switch order {
    case .none: nil
    case .sky(let lon, let lat): "SKY(\(lon), \(lat))"
    case .columns(let names): "(\(names.joined(separator: ", ")))"
    }
  }

  private static func describe(
    _ pattern: String, _ shell: Shell, _ call: BackslashCall
  ) throws(SQLError) -> Shell.StatementEnd {
    let found = try tables(shell, NamePattern(pattern))
    guard !found.isEmpty else {
      let names = try shell.database.catalog().tables.map(\.name)
      throw SQLError(
        .undefinedTable, "did not find any table named \"\(pattern)\"",
        hint: Suggestion.hint(for: pattern, among: names))
    }
    for table in found { try describe(table, shell, call) }
    return .done
  }

  private static func describe(
    _ table: any CatalogTable, _ shell: Shell, _ call: BackslashCall
  ) throws(SQLError) {
    let more = call.wantsMore ? ["UCD", "Description"] : []
    let kind = table is VirtualTable ? "System table" : "Table"
    var list = SmallTable(
      "\(kind) \"\(table.schema).\(table.name)\"", ["Column", "Type", "Nullable", "Unit"] + more)
    for column in table.visibleColumns {
      list.rows.append(
        [
          .text(column.name), .text(column.type.description),
          .optionalText(column.isNullable ? nil : "not null"), .optionalText(column.unit),
        ]
          + (call.wantsMore
            ? [.optionalText(column.ucd), .optionalText(column.description)] : []))
    }
    var footers: [String] = []
    if !(table is VirtualTable) {
      footers.append("Rows: \(Grouped.text(try table.snapshot().rowCount))")
    }
    if let order = orderText(table.order) { footers.append("Clustered by: \(order)") }
    if let description = table.description { footers.append("Description: \(description)") }
    list.footers = footers
    try list.write(to: shell)
  }

  // MARK: Functions

  private static func listFunctions(
    _ shell: Shell, _ call: BackslashCall
  ) throws(SQLError) -> Shell.StatementEnd {
    let functions = shell.database.functions
    let pattern = call.argument(0).map { NamePattern($0) }
    var found: [Entry] = []
    found += functions.scalars.map {
      Entry($0.signature, [$0.name] + $0.aliases, "function", $0.summary, $0.examples.first)
    }
    found += functions.aggregates.map {
      Entry($0.signature, [$0.name] + $0.aliases, "aggregate", $0.summary, $0.examples.first)
    }
    found += functions.windows.map {
      Entry($0.signature, [$0.name], "window function", $0.summary, $0.examples.first)
    }
    found += functions.tables.map {
      Entry($0.signature, [$0.name], "table function", $0.summary, $0.examples.first)
    }
    if let pattern { found = found.filter { $0.names.contains(where: pattern.matches) } }
    guard !found.isEmpty else {
      let name = call.argument(0) ?? ""
      throw SQLError(
        .undefinedFunction, "did not find any function named \"\(name)\"",
        hint: Suggestion.hint(for: name, among: functions.names))
    }
    let more = call.wantsMore ? ["Description", "Example"] : []
    var list = SmallTable("List of functions", ["Name", "Arguments", "Result", "Type"] + more)
    list.rows = found.sorted { ($0.name, $0.arguments) < ($1.name, $1.arguments) }.map { entry in
      [.text(entry.name), .text(entry.arguments), .text(entry.result), .text(entry.kind)]
        + (call.wantsMore ? [.text(entry.summary), .optionalText(entry.example)] : [])
    }
    try list.write(to: shell)
    return .done
  }

  private struct Entry {
    let names: [String]
    let name: String
    var arguments = ""
    var result = ""
    let kind: String
    let summary: String
    let example: String?

    /// Takes a signature such as `log(x double precision) → double precision` apart.
    init(
      _ signature: String, _ names: [String], _ kind: String, _ summary: String, _ example: Example?
    ) {
      self.names = names
      name = names[0]
      self.kind = kind
      self.summary = summary
      self.example = example.map { "\($0.sql) → \($0.answer)" }
      let rest = signature.dropFirst(name.count + 1)
      guard let close = rest.range(ofText: ") → ") else { return }
      arguments = String(rest[..<close.lowerBound])
      result = String(rest[close.upperBound...])
    }
  }
}

extension StringProtocol {
  /// Where `text` first stands.
  func range(ofText text: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) {
        return start..<(index(start, offsetBy: text.count, limitedBy: endIndex) ?? endIndex)
      }
      start = index(after: start)
    }
    return nil
  }
}
