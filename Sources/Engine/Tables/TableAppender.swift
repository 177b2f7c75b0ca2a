import Base
import Catalog
import Storage
import Vectors

/// Adds rows to a table; nothing is visible before `commit`, nothing remains without it.
///
/// A few rows of a table that is there wait in memory and are committed through the log; more go into
/// segments as they come. Not for use by several threads at once.
public final class TableAppender {
  /// Beyond this many bytes a statement's rows go into segments.
  private static let logBytes = 1 << 20

  let table: Table
  private let database: Database
  private let columns: [ColumnDefinition]
  private let isNew: Bool
  private let context: QueryContext
  private let rows: TableRows
  private var chunk: RowChunk
  private var loader: TableLoader?
  private var rowCount = 0
  private var isOpen = true

  init(
    _ database: Database, _ table: Table, isNew: Bool, _ context: QueryContext
  ) throws(SQLError) {
    self.database = database
    self.table = table
    self.isNew = isNew
    self.context = context
    columns = table.visibleColumns
    rows = try table.rows
    chunk = RowChunk(database.tailMemory)
  }

  deinit { abandon() }

  /// Adds rows. `batch` has the table's visible columns, in order, with exactly their types.
  public func append(_ batch: Batch) throws(SQLError) {
    guard isOpen else { throw SQLError(.internalError, "the appender is closed") }
    try check(batch)
    try context.checkpoint()
    // After an error it takes no more rows and has none to commit.
    isOpen = false
    rowCount += batch.rowCount
    if database.directory != nil, loader == nil, isNew || isTooLarge(with: batch) {
      try beginLoading()
    }
    if let loader {
      try loader.append(batch)
    } else if batch.rowCount > 0 {
      try chunk.append(rows.completed(batch))
    }
    isOpen = true
  }

  private func check(_ batch: Batch) throws(SQLError) {
    guard batch.columns.count == columns.count else {
      throw SQLError(
        .datatypeMismatch, "\(batch.columns.count) columns given for \(columns.count)")
    }
    for (vector, column) in zip(batch.columns, columns) {
      guard vector.type == column.type else {
        throw SQLError(
          .datatypeMismatch,
          "column \"\(column.name)\" is \(column.type), not \(vector.type)")
      }
      guard column.isNullable || vector.nullCount == 0 else {
        throw SQLError(
          .notNullViolation, "column must not be NULL: \"\(column.name)\"")
      }
    }
  }

  private func isTooLarge(with batch: Batch) -> Bool {
    chunk.rowCount + batch.rowCount > database.options.logRows
      || chunk.sizeBytes + batch.sizeBytes > Self.logBytes
  }

  private func beginLoading() throws(SQLError) {
    guard let directory = database.directory else { return }
    let loader = try TableLoader(directory, table: table.stored, query: context)
    for batch in chunk.batches { try loader.append(rows.visible(batch)) }
    chunk = RowChunk(database.tailMemory)
    self.loader = loader
  }

  /// Sorts if the table is clustered, writes segments, commits. Returns the rows added.
  public func commit() throws(SQLError) -> Int {
    var changes = ChangeSet()
    let rows = try finish(into: &changes)
    try database.commit(changes)
    return rows
  }

  /// Puts the rows, and the table if it is new, among other changes. Returns the rows added.
  func finish(into changes: inout ChangeSet) throws(SQLError) -> Int {
    guard isOpen else { throw SQLError(.internalError, "the appender is closed") }
    isOpen = false
    var own: [OwnRows] = []
    if let loader {
      let segments = try database.staged(try loader.finish(), of: table)
      own = segments.map { .segment($0, RowMask()) }
    } else if chunk.rowCount > 0 {
      own = [.rows(chunk)]
    }
    if isNew { changes.created.append(table) }
    if !own.isEmpty { try changes[table].add(own) }
    return rowCount
  }

  /// Forgets everything.
  public func abandon() {
    guard isOpen else { return }
    isOpen = false
    loader?.abandon()
  }
}
