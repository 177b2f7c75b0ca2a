import Base
import Formats
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
  ) throws(SQLError) -> [TableList.Entry] {
    try shell.tables.tables(withSystem: pattern?.hasSchema ?? false).filter { table in
      guard let pattern else { return isVisible(table) }
      guard pattern.matches(schema: table.schema, name: table.name) else { return false }
      return pattern.hasSchema || isVisible(table)
    }
  }

  private static func isVisible(_ table: TableList.Entry) -> Bool { table.schema == "public" }

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
      list.rows.append(
        [
          .text(table.schema), .text(table.name), .text(table.kind), table.rowCount, table.order,
        ] + (call.wantsMore ? [table.description] : []))
    }
    try list.write(to: shell)
    return .done
  }

  private static func describe(
    _ pattern: String, _ shell: Shell, _ call: BackslashCall
  ) throws(SQLError) -> Shell.StatementEnd {
    let found = try tables(shell, NamePattern(pattern))
    guard !found.isEmpty else {
      let names = try shell.tables.tables().map(\.name)
      throw SQLError(
        .undefinedTable, "did not find any table named \"\(pattern)\"",
        hint: Suggestion.hint(for: pattern, among: names))
    }
    for table in found { try describe(table, shell, call) }
    return .done
  }

  private static func describe(
    _ table: TableList.Entry, _ shell: Shell, _ call: BackslashCall
  ) throws(SQLError) {
    let more = call.wantsMore ? ["UCD", "Description"] : []
    let kind = table.kind.prefix(1).uppercased() + table.kind.dropFirst()
    var list = SmallTable(
      "\(kind) \"\(table.schema).\(table.name)\"", ["Column", "Type", "Nullable", "Unit"] + more)
    for column in try shell.tables.columns(of: table) {
      list.rows.append(
        [.text(column.name), .text(column.type), column.nullable, column.unit]
          + (call.wantsMore ? [column.ucd, column.description] : []))
    }
    var footers: [String] = []
    if case .integer(let count) = table.rowCount {
      footers.append("Rows: \(Grouped.text(Int(count)))")
    }
    if case .text(let order) = table.order { footers.append("Clustered by: \(order)") }
    if case .text(let text) = table.description { footers.append("Description: \(text)") }
    list.footers = footers
    try list.write(to: shell)
  }

  // MARK: Functions

  private static func listFunctions(
    _ shell: Shell, _ call: BackslashCall
  ) throws(SQLError) -> Shell.StatementEnd {
    guard shell.connection.isZij else {
      throw SQLError(.featureNotSupported, "\\df needs a database of Zij")
    }
    let pattern = call.argument(0).map { NamePattern($0) }
    let kinds = [
      "scalar": "function", "aggregate": "aggregate", "window": "window function",
      "table": "table function",
    ]
    var found = try shell.connection.values(
      "SELECT name, kind, signature, summary, aliases, example FROM zij.functions",
      columnCount: 6
    ).map { row in
      Entry(
        row[2].text, [row[0].text] + row[4].text.split(separator: " ").map(String.init),
        kinds[row[1].text] ?? row[1].text, row[3].text, row[5].text)
    }
    if let pattern { found = found.filter { $0.names.contains(where: pattern.matches) } }
    guard !found.isEmpty else {
      let name = call.argument(0) ?? ""
      throw SQLError(
        .undefinedFunction, "did not find any function named \"\(name)\"",
        hint: Suggestion.hint(for: name, among: shell.tables.functionNames()))
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
      _ signature: String, _ names: [String], _ kind: String, _ summary: String, _ example: String
    ) {
      self.names = names
      name = names[0]
      self.kind = kind
      self.summary = summary
      self.example = example.isEmpty ? nil : example
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
