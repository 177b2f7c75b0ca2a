import Base
import Vectors

/// WITH RECURSIVE: the rows of the anchor, then those that the step makes of them, and so on until a
/// step makes none. Rows go out as they are found, so a LIMIT above ends what would not end by itself.
///
/// One morsel, and every step runs on the thread that reads it: the next one needs all of its rows.
/// Memory, on the query's account: the rows of two steps; of UNION also every row that there was.
final class RecursionSource: Source {
  typealias Step = @Sendable ([Batch]) throws(SQLError) -> CollectSink

  private let anchor: CollectSink
  private let isDistinct: Bool
  private let context: QueryContext
  private let step: Step

  init(
    _ anchor: CollectSink, isDistinct: Bool, context: QueryContext, step: @escaping Step
  ) {
    self.anchor = anchor
    self.isDistinct = isDistinct
    self.context = context
    self.step = step
  }

  var morselCount: Int { 1 }

  func reader(ofMorsel morsel: Int) throws(SQLError) -> any MorselReader {
    let seen = isDistinct ? SeenRows(types: anchor.store.types, context) : nil
    return try Reader(anchor, seen, context, step)
  }

  private final class Reader: MorselReader {
    private let seen: SeenRows?
    private let context: QueryContext
    private let step: Step
    /// What the last step found; they are on its account while it is kept.
    private var found: CollectSink
    private var batches: [Batch] = []
    private var position = 0

    init(
      _ anchor: CollectSink, _ seen: SeenRows?, _ context: QueryContext, _ step: @escaping Step
    ) throws(SQLError) {
      found = anchor
      self.seen = seen
      self.context = context
      self.step = step
      try take(anchor)
    }

    func next() throws(SQLError) -> Batch? {
      while position >= batches.count {
        if batches.isEmpty { return nil }
        try context.checkpoint()
        try take(try step(batches))
      }
      position += 1
      return batches[position - 1]
    }

    /// The rows of a step that have not come before.
    private func take(_ rows: CollectSink) throws(SQLError) {
      var new: [Batch] = []
      for batch in rows.store.batches where batch.rowCount > 0 {
        try context.checkpoint()
        guard let seen else {
          new.append(batch)
          continue
        }
        if let unseen = try seen.new(in: batch) { new.append(unseen) }
      }
      (found, batches, position) = (rows, new, 0)
    }
  }
}

/// The rows of a UNION so far.
private final class SeenRows {
  private let table: KeyTable
  private let reservation: MemoryReservation
  private var heldBytes = 0
  private var groups = [UInt32](repeating: 0, count: Batch.capacity)

  init(types: [LogicalType], _ context: QueryContext) {
    table = KeyTable(types: types)
    reservation = MemoryReservation(context.memory)
  }

  /// The rows of a batch that are seen for the first time; nil if there are none.
  func new(in batch: Batch) throws(SQLError) -> Batch? {
    let before = table.count
    guard before < Int(Int32.max) else {
      throw SQLError(.programLimitExceeded, "more than two billion different rows in a recursion")
    }
    if groups.count < batch.rowCount { groups = [UInt32](repeating: 0, count: batch.rowCount) }
    groups.withUnsafeMutableBufferPointer { groups in
      guard let start = groups.baseAddress else { return }
      table.findOrInsert(batch.columns, count: batch.rowCount, groups: start)
    }
    if table.sizeBytes > heldBytes {
      try reservation.grow(by: table.sizeBytes - heldBytes)
      heldBytes = table.sizeBytes
    }
    if table.count == before { return nil }
    // New keys have the next numbers in the order in which they come.
    var next = UInt32(truncatingIfNeeded: before)
    var rows: [UInt16] = []
    for row in 0..<batch.rowCount where groups[row] == next {
      rows.append(UInt16(truncatingIfNeeded: row))
      next &+= 1
    }
    return batch.filtered(by: SelectionVector(rows))
  }
}
