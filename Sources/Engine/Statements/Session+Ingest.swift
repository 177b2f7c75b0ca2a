import Base
import Catalog
import Parsing
import Plans
import Vectors

/// Rows that the host program hands over, as columns.
extension Session {
  /// What a table must be before.
  public enum IngestMode: Sendable { case create, append, createOrAppend }

  /// Adds `rows` to a table, all or none, and returns how many. A new table has their columns; those
  /// of one that is there are found by name and cast, as COPY does.
  ///
  /// The parts of `rows` are read on the database's threads while this waits.
  public func ingest(
    _ rows: any FileScan, into name: String, schema: String? = nil, mode: IngestMode
  ) throws(SQLError) -> Int {
    try asStatement { () throws(SQLError) in
      try requireEverythingAllowed()
      try requireSoundTransaction()
      try requireMayWrite("ingestion", at: SourceRange(offset: 0, length: 0))
      return try ingestSound(rows, into: name, schema: schema, mode: mode)
    }
  }

  private func ingestSound(
    _ rows: any FileScan, into name: String, schema: String?, mode: IngestMode
  ) throws(SQLError) -> Int {
    let range = SourceRange(offset: 0, length: 0)
    let parts = [schema, name].compactMap { $0 }.map {
      Identifier($0, isDelimited: true, range: range)
    }
    let context = makeContext()
    do throws(SQLError) {
      if let table = try storedTable(QualifiedName(parts)) {
        guard mode != .create else {
          throw SQLError(.duplicateTable, "table exists already: \"\(name)\"")
        }
        let appender = try database.append(to: table, context: context)
        return try fill(appender, table.visibleColumns, from: rows, name, context)
      }
      guard mode != .append else { throw try database.catalog().undefined(name, at: nil) }
      let (schema, name) = try Self.names(QualifiedName(parts))
      let columns = Self.definitions(of: rows.columns)
      let appender = try database.createTable(
        name, schema: schema, columns: columns, order: order(of: columns), description: nil,
        context: context)
      return try fill(appender, columns, from: rows, name, context)
    } catch {
      // Nobody wrote a statement that the error could have a place in.
      var placeless = error
      placeless.range = nil
      throw placeless
    }
  }

  private func fill(
    _ appender: TableAppender, _ columns: [Catalog.ColumnDefinition], from rows: any FileScan,
    _ name: String, _ context: QueryContext
  ) throws(SQLError) -> Int {
    let given = rows.columns
    var read = FileRead(FileSource("rows for \(name)"), columns: given.map(PlanColumn.init))
    read.projection = try Self.match(columns.map(ResultColumn.init), in: given, read.source.path)
    let plan = try assigned(
      .file(read), to: columns, Array(columns.indices), SourceRange(offset: 0, length: 0))
    return try fill(appender, with: plan, of: rows, context)
  }

  /// Runs `INSERT INTO t (…) VALUES ($1, $2 …)` once for all `rows`, whose columns are the parameters
  /// in order. Nil if `sql` is any other statement.
  public func insert(_ sql: String, of rows: any FileScan) throws(SQLError) -> Int? {
    try asStatement { () throws(SQLError) in
      guard case .insert(let insert) = try SQLParser.parse(sql, dialect: dialect).statement,
        Self.insertsParameters(insert, count: rows.columns.count)
      else { return nil }
      try requireEverythingAllowed()
      try requireSoundTransaction()
      try requireMayWrite("INSERT", at: insert.range)
      return try self.insert(rows, insert)
    }
  }

  private func insert(_ rows: any FileScan, _ insert: Insert) throws(SQLError) -> Int {
    let table = try requireTable(insert.table)
    let targets = try targets(insert, of: table, given: rows.columns.count)
    let read = FileRead(FileSource("parameters"), columns: rows.columns.map(PlanColumn.init))
    let plan = try assigned(.file(read), to: table.visibleColumns, targets, insert.range)
    let context = makeContext()
    let appender = try database.append(to: table, context: context)
    return try fill(appender, with: plan, of: rows, context)
  }

  /// One row of `$1`, `$2` and so on, and nothing besides.
  private static func insertsParameters(_ insert: Insert, count: Int) -> Bool {
    guard case .values(let values) = insert.query.body, values.rows.count == 1,
      values.rows[0].count == count,
      insert.query == Query(body: insert.query.body, range: insert.query.range)
    else { return false }
    return values.rows[0].enumerated().allSatisfy { index, expression in
      if case .parameter(index + 1, _) = expression { true } else { false }
    }
  }

  private func fill(
    _ appender: TableAppender, with plan: LogicalPlan, of rows: any FileScan,
    _ context: QueryContext
  ) throws(SQLError) -> Int {
    var runner = try QueryRunner(self, parameters: [])
    runner.openFile = { (read, context) throws(SQLError) in
      try FileAccess.parts(of: rows, read, context: context)
    }
    return try fill(appender, from: try runner.start(runner.plan(plan), context: context))
  }

  /// Columns of a new table; those that hold nothing but NULL become text.
  private static func definitions(of columns: [ResultColumn]) -> [Catalog.ColumnDefinition] {
    columns.map { column in
      Catalog.ColumnDefinition(
        column.name, column.type == .null ? .text : column.type, unit: column.unit,
        ucd: column.ucd, utype: column.utype, description: column.description)
    }
  }

  /// As in CREATE TABLE: by sky position where the UCDs tell which columns that is.
  private func order(of columns: [Catalog.ColumnDefinition]) -> TableOrder {
    guard database.directory != nil, let main = MainPosition(in: columns) else { return .none }
    return .sky(lon: main.lon, lat: main.lat)
  }
}
