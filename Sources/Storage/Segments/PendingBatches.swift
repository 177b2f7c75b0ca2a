import Base
import Vectors

/// Batches that wait until there are enough to divide the work on them.
struct PendingBatches {
  private var batches: [Batch] = []
  private var rowCount = 0
  private var retainedBytes = 0

  private static let rows = 1 << 16
  private static let bytes = 8 << 20

  var isFull: Bool { rowCount >= Self.rows || retainedBytes >= Self.bytes }

  mutating func append(_ batch: Batch) {
    // Slices of the same memory keep it once.
    let last = batches.last
    for (index, column) in batch.columns.enumerated() {
      retainedBytes += column.retainedBytes(besides: last?.columns[index])
    }
    rowCount += batch.rowCount
    batches.append(batch)
  }

  mutating func take() -> [Batch] {
    defer { self = PendingBatches() }
    return batches
  }
}

extension Vector {
  /// The memory that this vector keeps alive, apart from what it shares with another.
  fileprivate func retainedBytes(besides other: Vector?) -> Int {
    var total = storage === other?.storage ? 0 : storage.sizeBytes
    if let heap, heap !== other?.heap { total += heap.sizeBytes }
    for (index, child) in children.enumerated() {
      let match = other.flatMap { index < $0.children.count ? $0.children[index] : nil }
      if child !== match { total += child.retainedBytes(besides: match) }
    }
    return total
  }
}
