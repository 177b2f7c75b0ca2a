import Base
import Storage
import Vectors

/// Rows in memory that are added to at the end, in all columns of their table.
///
/// Short batches are joined as a binary counter carries: rows that come one at a time make no scan
/// slow, and each is copied at most ten times.
struct RowChunk {
  private(set) var batches: [Batch] = []
  private(set) var rowCount = 0
  private(set) var sizeBytes = 0
  /// Rows that are gone.
  var mask = RowMask()
  /// On the database's account: rows outlive their query.
  let reservation: MemoryReservation

  init(_ memory: MemoryAccount) { reservation = MemoryReservation(memory) }

  /// Adds rows and reserves their memory.
  mutating func append(_ batch: Batch) throws(SQLError) {
    let flat = Batch(columns: batch.columns.map { $0.flattened() }, rowCount: batch.rowCount)
    try reservation.grow(by: flat.sizeBytes)
    add(flat)
  }

  /// Adds flat rows whose memory is reserved.
  mutating func add(_ batch: Batch) {
    var start = 0
    while start < batch.rowCount {
      let count = min(Batch.capacity, batch.rowCount - start)
      batches.append(count == batch.rowCount ? batch : batch.slice(from: start, count: count))
      start += count
      carry()
    }
    rowCount += batch.rowCount
    sizeBytes += batch.sizeBytes
  }

  private mutating func carry() {
    while batches.count > 1 {
      let (first, second) = (batches[batches.count - 2], batches[batches.count - 1])
      guard first.rowCount < 2 * second.rowCount,
        first.rowCount + second.rowCount <= Batch.capacity,
        first.sizeBytes + second.sizeBytes <= Batch.byteBudget
      else { return }
      batches.removeLast()
      batches[batches.count - 1] = Self.joined(first, second)
    }
  }

  private static func joined(_ first: Batch, _ second: Batch) -> Batch {
    let columns = first.columns.indices.map { index in
      Vector.joining(
        [first.columns[index].flattened(), second.columns[index].flattened()],
        type: first.columns[index].type)
    }
    return Batch(columns: columns, rowCount: first.rowCount + second.rowCount)
  }

  var visibleRowCount: Int { rowCount - mask.hiddenCount }

  var part: any TablePart {
    MemoryPart(batches: batches, rowMask: mask.isEmpty ? nil : mask, reservation: reservation)
  }

  /// The rows that are not gone, besides those of `more`.
  func visibleBatches(without more: RowMask = RowMask()) -> [Batch] {
    let hidden = mask.union(more)
    if hidden.isEmpty { return batches }
    var result: [Batch] = []
    var start = 0
    for batch in batches {
      if let rows = hidden.visibleRows(from: start, count: batch.rowCount) {
        if rows.count > 0 { result.append(batch.filtered(by: rows)) }
      } else {
        result.append(batch)
      }
      start += batch.rowCount
    }
    return result
  }
}
