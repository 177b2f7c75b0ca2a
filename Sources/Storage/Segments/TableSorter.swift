import Base
import Vectors

/// Brings rows into the order of a table's clustering.
///
/// Memory: all rows, and `SortEntries.bytesPerRow` for each; a `SortedRun` is what would go to disk
/// if they did not fit.
final class TableSorter {
  private let store: RowStore
  /// The columns to sort by, most significant first.
  private let keys: [Int]
  private let memory: MemoryAccount
  private var reservedBytes = 0

  init(types: [LogicalType], keys: [Int], memory: MemoryAccount) {
    store = RowStore(types: types)
    self.keys = keys
    self.memory = memory
  }

  deinit { memory.release(reservedBytes) }

  /// Keeps a batch of at most 65536 rows.
  func append(_ batch: Batch) throws(SQLError) {
    let more = store.append(batch) + batch.rowCount * SortEntries.bytesPerRow
    try memory.reserve(more)
    reservedBytes += more
  }

  /// The rows in order, equal ones as they came. The sorter must live as long as the run.
  func sorted() -> SortedRun {
    var order = SortEntries(of: store)
    // Stable sorts from the least significant column up leave the most significant in charge.
    for key in keys.reversed() { order.sort(by: store.batches.map { $0.columns[key] }) }
    return SortedRun(store, order.entries.map(\.row))
  }
}

/// Rows in order, given out batch by batch.
struct SortedRun {
  private let gatherers: [RowGatherer]
  private let rows: [RowReference]
  /// Fewer than a full batch where rows are wide.
  private let batchRows: Int
  private var next = 0

  init(_ store: RowStore, _ rows: [RowReference]) {
    gatherers = store.gatherers()
    self.rows = rows
    let rowBytes = max(1, store.sizeBytes / max(1, store.rowCount))
    batchRows = max(1, min(Batch.capacity, Batch.byteBudget / rowBytes))
  }

  /// The next rows; nil at the end.
  mutating func nextBatch() -> Batch? {
    let here = min(batchRows, rows.count - next)
    guard here > 0 else { return nil }
    defer { next += here }
    return rows.withUnsafeBufferPointer { rows in
      let part = UnsafeBufferPointer(rebasing: rows[next..<next + here])
      return Batch(columns: gatherers.map { $0.gather(part) }, rowCount: here)
    }
  }
}
