import Base
import Vectors

/// Batches that wait until they make a record batch worth its overhead.
struct PendingRows {
  /// A reader's cost for each record batch is small against so many rows.
  static let rowLimit = 64 << 10
  static let byteLimit = 16 << 20

  private(set) var batches: [Batch] = []
  private(set) var rowCount = 0
  private var sizeBytes = 0

  var isEmpty: Bool { rowCount == 0 }
  var isFull: Bool { rowCount >= Self.rowLimit || sizeBytes >= Self.byteLimit }

  /// Adds rows and calls `flush` whenever there are enough. Rows that take much more than a record
  /// batch should, such as a long constant text, are divided.
  mutating func append(
    _ batch: Batch, flush: (inout PendingRows) throws(SQLError) -> Void
  ) throws(SQLError) {
    guard batch.rowCount > 0 else { return }
    let bytes = batch.columns.reduce(0) { $0 &+ $1.plainBytes }
    if bytes > 4 * Self.byteLimit, batch.rowCount > 1 {
      let half = batch.rowCount / 2
      try append(batch.slice(from: 0, count: half), flush: flush)
      return try append(batch.slice(from: half, count: batch.rowCount - half), flush: flush)
    }
    batches.append(batch)
    rowCount += batch.rowCount
    sizeBytes &+= bytes
    if isFull { try flush(&self) }
  }

  mutating func removeAll() {
    batches.removeAll(keepingCapacity: true)
    rowCount = 0
    sizeBytes = 0
  }

  /// The rows of one column.
  func slices(ofColumn index: Int) -> [ColumnSlice] {
    batches.map { ColumnSlice($0.columns[index]) }
  }
}
