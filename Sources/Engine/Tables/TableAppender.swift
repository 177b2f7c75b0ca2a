import Base
import Catalog
import Storage
import Vectors

/// Adds rows to a table; nothing is visible before `commit`, nothing remains without it.
///
/// Not for use by several threads at once.
public final class TableAppender {
  private let database: Database
  private let columns: [ColumnDefinition]
  private let destination: Destination
  private let context: QueryContext
  private var rowCount = 0
  private var isOpen = true

  /// Where the rows go.
  enum Destination {
    case memory(MemoryRows)
    case stored(TableLoader, StoredTable)
  }

  /// Rows of a table in memory, before they are committed.
  final class MemoryRows {
    var batches: [Batch] = []
    /// Rows outlive their query, so they are charged to the database.
    let reservation: MemoryReservation

    init(_ memory: MemoryAccount) { reservation = MemoryReservation(memory) }
  }

  /// What a commit does besides adding rows.
  enum Purpose {
    case newTable(Table)
    case existing(Table)
  }

  private let purpose: Purpose

  init(
    _ database: Database, purpose: Purpose, destination: Destination, context: QueryContext
  ) {
    self.database = database
    self.purpose = purpose
    self.destination = destination
    self.context = context
    switch purpose {
    case .newTable(let table), .existing(let table): columns = table.visibleColumns
    }
  }

  deinit { abandon() }

  /// Adds rows. `batch` has the table's visible columns, in order, with exactly their types.
  public func append(_ batch: Batch) throws(SQLError) {
    guard isOpen else { throw SQLError(.internalError, "the appender is closed") }
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
    try context.checkpoint()
    rowCount += batch.rowCount
    switch destination {
    case .memory(let rows):
      let flat = Batch(
        columns: batch.columns.map { $0.flattened() }, rowCount: batch.rowCount)
      try rows.reservation.grow(by: flat.sizeBytes)
      rows.batches.append(flat)
    case .stored(let loader, _):
      // A loader that failed has removed its files: it takes no more rows and has none to commit.
      isOpen = false
      try loader.append(batch)
      isOpen = true
    }
  }

  /// Sorts if the table is clustered, writes segments, commits. Returns the rows added.
  public func commit() throws(SQLError) -> Int {
    guard isOpen else { throw SQLError(.internalError, "the appender is closed") }
    isOpen = false
    switch destination {
    case .memory(let rows):
      try database.commit(purpose, rows)
    case .stored(let loader, let stored):
      let segments = try loader.finish()
      do throws(SQLError) {
        try database.commit(purpose, stored, segments)
      } catch {
        // A failed sync may have made the commit durable all the same: then the files stay, and the
        // next opening removes those that no commit names.
        if let directory = database.directory, directory.readOnlyReason == nil {
          directory.discard(segments)
        }
        throw error
      }
    }
    return rowCount
  }

  /// Forgets everything.
  public func abandon() {
    guard isOpen else { return }
    isOpen = false
    if case .stored(let loader, _) = destination { loader.abandon() }
  }
}
