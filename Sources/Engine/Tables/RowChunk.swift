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
  private let memory: MemoryAccount

  private static let fullRows = 1 << 16
  private static let fullBytes = 16 << 20
  private static let hiddenBytesWorthCopying = 256 << 10

  init(_ memory: MemoryAccount) {
    self.memory = memory
    reservation = MemoryReservation(memory)
  }

  /// Further rows go to another chunk.
  var isFull: Bool { rowCount >= Self.fullRows || sizeBytes >= Self.fullBytes }

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

  /// These rows and then those of another chunk. They are charged anew: somebody may keep this chunk, a
  /// savepoint for example, and each has to give its charge back by itself.
  func followed(by more: RowChunk) throws(SQLError) -> RowChunk {
    var both = RowChunk(memory)
    both.batches = batches
    both.rowCount = rowCount
    both.sizeBytes = sizeBytes
    both.mask = mask
    for batch in more.visibleBatches() { both.add(batch) }
    try both.reservation.grow(by: both.sizeBytes)
    return both
  }

  /// A copy without the rows that are gone; nil if it would not save much, or there is no memory for it.
  var withoutHiddenRows: RowChunk? {
    let hiddenBytes = Double(sizeBytes) * Double(mask.hiddenCount) / Double(max(1, rowCount))
    guard 2 * mask.hiddenCount > rowCount, hiddenBytes >= Double(Self.hiddenBytesWorthCopying)
    else { return nil }
    var copy = RowChunk(memory)
    for batch in visibleBatches() { copy.add(batch) }
    return (try? copy.reservation.grow(by: copy.sizeBytes)) == nil ? nil : copy
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
