import Base
import Vectors

/// Rows in window order of which the last partition may still go on.
struct OpenPartitions {
  private let window: CompiledWindow
  private let reservation: MemoryReservation
  private var batches: [Batch] = []
  private var rowCount = 0
  private var heldBytes = 0
  /// The first rows of the partitions, counted from the first row held.
  private var startRows: [Int] = []
  /// The last row's partition.
  private var lastKey: [Vector] = []

  init(_ window: CompiledWindow) {
    self.window = window
    reservation = MemoryReservation(window.evaluation.query.memory)
  }

  /// Rows of partitions that have ended.
  var completeCount: Int { startRows.last ?? 0 }

  /// Takes more rows, as `widened` made them; at least one.
  mutating func append(_ batch: Batch) throws(SQLError) {
    let keys = window.partitionColumns.map { batch.columns[$0] }
    var starts = WindowChunk.startRows(of: keys, count: batch.rowCount)
    if rowCount > 0, AdjacentRows.areEqual(lastKey, 0, keys, 0) { starts.removeFirst() }
    for start in starts { startRows.append(rowCount + start) }
    lastKey = keys.map { $0.slice(from: batch.rowCount - 1, count: 1) }
    batches.append(batch)
    rowCount += batch.rowCount
    // What is computed takes as much again.
    let bytes = 2 * batch.sizeBytes
    try reservation.grow(by: bytes)
    heldBytes += bytes
  }

  /// Computes all partitions but the last.
  mutating func complete() throws(SQLError) -> Batch? {
    let count = completeCount
    guard count > 0 else { return nil }
    let output = try compute(count, Array(startRows.dropLast()))
    var kept: [Batch] = []
    var row = 0
    for batch in batches {
      let skipped = min(batch.rowCount, max(0, count - row))
      row += batch.rowCount
      if skipped == batch.rowCount { continue }
      kept.append(batch.slice(from: skipped, count: batch.rowCount - skipped))
    }
    batches = kept
    rowCount -= count
    startRows = [0]
    release(to: batches.reduce(0) { $0 + 2 * $1.sizeBytes })
    return output
  }

  /// Computes what is left.
  mutating func finish() throws(SQLError) -> Batch? {
    guard rowCount > 0 else { return nil }
    let output = try compute(rowCount, startRows)
    batches = []
    rowCount = 0
    startRows = []
    release(to: 0)
    return output
  }

  private func compute(_ count: Int, _ starts: [Int]) throws(SQLError) -> Batch {
    guard count < Int(UInt32.max) - 2 else {
      throw SQLError(.programLimitExceeded, "more than 4 billion rows in a partition")
    }
    let columns = window.types.indices.map { column -> Vector in
      var parts: [Vector] = []
      var row = 0
      for batch in batches where row < count {
        let here = min(batch.rowCount, count - row)
        parts.append(batch.columns[column].slice(from: 0, count: here))
        row += here
      }
      return Vector.joining(parts, type: window.types[column])
    }
    return try window.evaluate(columns, startRows: starts, count: count)
  }

  private mutating func release(to bytes: Int) {
    reservation.shrink(by: heldBytes - bytes)
    heldBytes = bytes
  }
}
