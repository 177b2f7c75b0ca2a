import Base
import Plans
import Vectors

/// Window functions over rows that come in any order: keeps all of them and cuts them into ranges
/// of whole partitions; workers then sort and compute range by range.
///
/// Rows come out in the order of the window, equal ones as they came, so the answer does not depend
/// on threads.
///
/// Memory, on the query's account: all rows with computed keys and arguments, sort keys, and for
/// each worker one range once more.
final class WindowSink: Sink, @unchecked Sendable {
  private let window: CompiledWindow
  private let reservation: MemoryReservation
  private let collected: RowStore
  private var keys: SortKeys?
  private var ranges: [[UInt32]] = []

  init(_ window: CompiledWindow) {
    self.window = window
    reservation = MemoryReservation(window.evaluation.query.memory)
    collected = RowStore(types: window.types)
  }

  func makePart(morsel: Int) -> any SinkPart { Part(self) }

  func combine(_ part: any SinkPart, morsel: Int) throws(SQLError) {
    guard let part = part as? Part else { return }
    collected.append(part.store)
  }

  func finish() throws(SQLError) {
    let count = collected.rowCount
    // The highest numbers have a meaning of their own to window functions.
    guard count < Int(UInt32.max) - 2 else {
      throw SQLError(.programLimitExceeded, "more than 4 billion rows in a window")
    }
    try reservation.grow(
      by: SortKeys.sizeBytes(rowCount: count, keyCount: window.sortKeys.count) + count * 8)
    let keys = SortKeys(
      collected, keys: window.sortKeys, keyColumns: window.partitionColumns + window.orderColumns)
    ranges = PartitionRanges.ranges(of: keys, hasPartitions: !window.partitionColumns.isEmpty)
    self.keys = keys
  }

  func source() throws(SQLError) -> any Source {
    guard let keys else { return BatchSource([]) }
    return SortedWindowSource(window, collected, keys, ranges)
  }

  private final class Part: SinkPart {
    private let sink: WindowSink
    let store: RowStore

    init(_ sink: WindowSink) {
      self.sink = sink
      store = RowStore(types: sink.window.types)
    }

    func consume(_ batch: Batch) throws(SQLError) -> Demand {
      try sink.reservation.grow(by: store.append(try sink.window.widened(batch)))
      return .more
    }
  }
}

/// Sorts, computes and gives out one range a morsel.
private final class SortedWindowSource: Source, @unchecked Sendable {
  private let window: CompiledWindow
  private let gatherers: [RowGatherer]
  private let keys: SortKeys
  private let ranges: [[UInt32]]

  init(_ window: CompiledWindow, _ store: RowStore, _ keys: SortKeys, _ ranges: [[UInt32]]) {
    self.window = window
    gatherers = store.gatherers()
    self.keys = keys
    self.ranges = ranges
  }

  var morselCount: Int { ranges.count }

  func reader(ofMorsel morsel: Int) throws(SQLError) -> any MorselReader {
    Reader(self, ranges[morsel])
  }

  private func compute(
    _ rows: [UInt32], _ reservation: MemoryReservation
  ) throws(SQLError) -> Batch {
    try reservation.grow(by: rows.count * 16)
    let order = try RowSorter.sort(rows, keys, context: window.evaluation.query)
    let references = order.map { keys.references[Int($0)] }
    var columns: [Vector] = []
    for gatherer in gatherers {
      let column = references.withUnsafeBufferPointer { gatherer.gather($0) }
      try reservation.grow(by: column.sizeBytes)
      columns.append(column)
    }
    let partitions = window.partitionColumns.map { columns[$0] }
    let starts = WindowChunk.startRows(of: partitions, count: rows.count)
    return try window.evaluate(columns, startRows: starts, count: rows.count)
  }

  private final class Reader: MorselReader {
    private let source: SortedWindowSource
    private let rows: [UInt32]
    private let reservation: MemoryReservation
    private var output: ChunkOutput?

    init(_ source: SortedWindowSource, _ rows: [UInt32]) {
      self.source = source
      self.rows = rows
      reservation = MemoryReservation(source.window.evaluation.query.memory)
    }

    func next() throws(SQLError) -> Batch? {
      if output == nil {
        let chunk = try source.compute(rows, reservation)
        try reservation.grow(by: rows.count * 8 * (chunk.columns.count - source.window.inputWidth))
        output = ChunkOutput(chunk)
      }
      return output?.next()
    }
  }
}

/// Cuts a chunk into batches.
struct ChunkOutput {
  private let chunk: Batch
  private var row = 0

  init(_ chunk: Batch) { self.chunk = chunk }

  /// nil at the end.
  mutating func next() -> Batch? {
    let count = min(Batch.capacity, chunk.rowCount - row)
    guard count > 0 else { return nil }
    defer { row += count }
    return chunk.slice(from: row, count: count)
  }
}
