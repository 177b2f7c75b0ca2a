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
    try database.requireOpen()
    let range = SourceRange(offset: 0, length: 0)
    try requireMayWrite("ingestion", at: range)
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
