import Base
import Catalog
import Parsing
import Plans
import Vectors

extension Session {
  func run(_ statement: Statement, _ parameters: [Value]) throws(SQLError) -> StatementResult {
    try requireAllowed(statement)
    if case .transaction(let command) = statement { return try run(command) }
    try requireSoundTransaction()
    return try runSound(statement, parameters)
  }

  private func runSound(
    _ statement: Statement, _ parameters: [Value]
  ) throws(SQLError) -> StatementResult {
    switch statement {
    case .transaction(let command): return try run(command)
    case .query(let query):
      let runner = try QueryRunner(self, parameters: parameters)
      let prepared = try runner.prepare(query)
      let context = makeContext()
      return StatementResult(
        tag: "SELECT", stream: try runner.start(prepared, context: context), context: context)
    case .createTable(let create):
      try requireMayWrite(create.query == nil ? "CREATE TABLE" : "CREATE TABLE AS", at: create.range)
      return try createTable(create, parameters)
    case .dropTable(let drop):
      try requireMayWrite("DROP TABLE", at: drop.range)
      return try dropTable(drop)
    case .insert(let insert):
      try requireMayWrite("INSERT", at: insert.range)
      return try self.insert(insert, parameters)
    case .update(let update):
      try requireMayWrite("UPDATE", at: update.range)
      return try self.update(update, parameters)
    case .delete(let delete):
      try requireMayWrite("DELETE", at: delete.range)
      return try self.delete(delete, parameters)
    case .truncate(let names, let range):
      try requireMayWrite("TRUNCATE", at: range)
      return try truncate(names)
    case .checkpoint:
      try database.compact()
      return StatementResult(tag: "CHECKPOINT", context: makeContext())
    case .copy(let copy):
      if copy.isFrom { try requireMayWrite("COPY FROM", at: copy.range) }
      return try self.copy(copy, parameters)
    case .explain(let explain):
      if let count = explain.fragmentCount { return try fragments(explain, count, parameters) }
      return try self.explain(explain, parameters)
    case .fragment(let fragment): return try run(fragment, parameters)
    case .set(let variable):
      try changeSettings { (settings) throws(SQLError) in
        try settings.set(
          variable.name.text, to: variable.value.map(\.settingText), at: variable.range)
      }
      return StatementResult(tag: "SET", context: makeContext())
    case .show(let variable): return try show(variable)
    }
  }

  /// Strangers may only ask. `EXPLAIN ANALYZE` would hold a thread until it is done.
  func requireAllowed(_ statement: Statement) throws(SQLError) {
    if case .query = statement { return }
    try requireEverythingAllowed()
  }

  func requireEverythingAllowed() throws(SQLError) {
    if access == .everything { return }
    throw SQLError(.insufficientPrivilege, "only queries are allowed here", hint: "Ask with SELECT.")
  }

  private func show(_ variable: ShowVariable) throws(SQLError) -> StatementResult {
    guard let name = variable.name else {
      let rows = settings.all.map { [Value.text($0.name), .text($0.value), .text($0.summary)] }
      return textResult("SHOW", columns: Self.columns(of: variable), rows: rows)
    }
    guard let value = settings[name.text] else {
      throw Settings.undefined(name.text, at: name.range)
    }
    return textResult("SHOW", columns: Self.columns(of: variable), rows: [[.text(value)]])
  }

  static func columns(of variable: ShowVariable) -> [String] {
    variable.name.map { [$0.text.lowercased()] } ?? ["name", "setting", "description"]
  }

  /// A result of text rows made on the spot.
  func textResult(_ tag: String, columns: [String], rows: [[Value]]) -> StatementResult {
    let context = makeContext()
    let stream = ResultStream(
      columns: columns.map { ResultColumn($0, .text) },
      batches: Batch.batches(of: rows, types: columns.map { _ in .text }), context: context)
    return StatementResult(tag: tag, stream: stream, context: context)
  }

  // MARK: tables

  /// A stored table by name; an error for system tables.
  func storedTable(_ name: QualifiedName) throws(SQLError) -> Table? {
    let catalog = try catalog().snapshot
    let schema = name.parts.count > 1 ? name.parts[name.parts.count - 2].text : nil
    guard
      let found = try catalog.table(
        named: name.last.text, schema: schema, isDelimited: name.last.isDelimited, at: name.range)
    else { return nil }
    guard let table = found as? Table ?? (found as? StagedTable)?.table else {
      throw SQLError(
        .readOnlyTransaction, "system tables cannot be changed: \"\(name.text)\"", at: name.range)
    }
    return table
  }

  func requireTable(_ name: QualifiedName) throws(SQLError) -> Table {
    if let table = try storedTable(name) { return table }
    throw try catalog().snapshot.undefined(name.text, at: name.range)
  }

  private func dropTable(_ drop: DropTable) throws(SQLError) -> StatementResult {
    var tables: [Table] = []
    for name in drop.names {
      if let table = try storedTable(name) {
        if !tables.contains(where: { $0 === table }) { tables.append(table) }
      } else if !drop.ifExists {
        throw try catalog().snapshot.undefined(name.text, at: name.range)
      }
    }
    try change { changes in
      for table in tables { changes.drop(table) }
    }
    return StatementResult(tag: "DROP TABLE", context: makeContext())
  }
}

extension Literal {
  /// The text of a literal as a setting's value.
  var settingText: String {
    switch self {
    case .null: ""
    case .boolean(let value): value ? "on" : "off"
    case .integer(let text), .decimal(let text), .string(let text), .typed(_, let text): text
    }
  }
}
