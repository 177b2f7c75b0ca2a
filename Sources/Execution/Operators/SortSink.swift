import Base
import Plans
import Vectors

/// ORDER BY, and ORDER BY with LIMIT as `topN`.
///
/// Rows are kept with their key values as extra columns behind their own. With a limit every part
/// sorts and cuts itself as soon as it holds many times more rows than can survive, and from then on
/// rows behind the last survivor are dropped as they come.
///
/// Memory: all rows (with a limit: some times the limit), keys and references while sorting, on the
/// query's account.
final class SortSink: Sink, @unchecked Sendable {
  struct Bounds: Sendable {
    var count: Int?
    var offset = 0
    var most: Int? { count.map { $0 + offset } }
  }

  private let keys: [SortKey]
  private let keyNodes: [CompiledExpression]
  private let keyColumns: [Int]
  private let outputCount: Int
  private let bounds: Bounds
  private let evaluation: EvaluationContext
  fileprivate let reservation: MemoryReservation
  private let threshold: SortThreshold?
  private let types: [LogicalType]
  private let collected: RowStore
  private var sorted: [RowReference] = []

  init(
    inputTypes: [LogicalType], keys: [SortKey], keyNodes: [CompiledExpression], bounds: Bounds,
    threshold: SortThreshold?, evaluation: EvaluationContext
  ) {
    self.keys = keys
    self.threshold = threshold
    self.keyNodes = keyNodes
    self.bounds = bounds
    self.evaluation = evaluation
    reservation = MemoryReservation(evaluation.query.memory)
    outputCount = inputTypes.count
    keyColumns = keys.indices.map { inputTypes.count + $0 }
    types = inputTypes + keys.map(\.expression.type)
    collected = RowStore(types: types)
  }

  func makePart(morsel: Int) -> any SinkPart { Part(sink: self) }

  func combine(_ part: any SinkPart, morsel: Int) throws(SQLError) {
    guard let part = part as? Part else { return }
    collected.append(part.store)
    if let most = bounds.most, collected.rowCount > max(8192, 4 * most) {
      try cut(collected, to: most)
    }
  }

  func finish() throws(SQLError) {
    let order = try order(of: collected).references
    let start = min(bounds.offset, order.count)
    let end = bounds.count.map { min(order.count, start + $0) } ?? order.count
    sorted = Array(order[start..<end])
  }

  /// The sorted rows without their keys.
  func source() -> any Source { SortedSource(collected, sorted, outputCount) }

  /// The rows in order, and the word of the first key of the one of rank `rank` unless it is NULL.
  private func order(
    of store: RowStore, rank: Int = .max
  ) throws(SQLError) -> (references: [RowReference], word: UInt64?) {
    let scratch = SortKeys.sizeBytes(rowCount: store.rowCount, keyCount: keys.count)
    try evaluation.query.memory.reserve(scratch)
    defer { evaluation.query.memory.release(scratch) }
    let sortKeys = SortKeys(store, keys: keys, keyColumns: keyColumns)
    let order = try RowSorter.sort(sortKeys, context: evaluation.query)
    let word = order.indices.contains(rank) ? sortKeys.firstWord(Int(order[rank])) : nil
    return (order.map { sortKeys.references[Int($0)] }, word)
  }

  /// Keeps the first `most` rows in sorted order; equal keys keep the order in which they came.
  fileprivate func cut(_ store: RowStore, to most: Int) throws(SQLError) {
    let (order, word) = try order(of: store, rank: most - 1)
    if let word { threshold?.offer(word) }
    let kept = RowStore(types: types)
    // Survivors stay in their original order, so that later ties are still broken by it.
    let survivors = order.prefix(most).sorted()
    for start in stride(from: 0, to: survivors.count, by: Batch.capacity) {
      let slice = Array(survivors[start..<min(survivors.count, start + Batch.capacity)])
      kept.append(slice.withUnsafeBufferPointer { store.gather($0) })
    }
    let freed = store.replaceAll(by: kept)
    reservation.shrink(by: freed)
  }

  private final class Part: SinkPart {
    private let sink: SortSink
    let store: RowStore

    init(sink: SortSink) {
      self.sink = sink
      store = RowStore(types: sink.types)
    }

    func consume(_ batch: Batch) throws(SQLError) -> Demand {
      var wide = batch
      for node in sink.keyNodes {
        wide.columns.append(try node.evaluate(batch, sink.evaluation))
      }
      if let threshold = sink.threshold, let first = sink.keyColumns.first,
        let wanted = threshold.selection(of: wide.columns[first])
      {
        if wanted.count == 0 { return .more }
        wide = wide.filtered(by: wanted)
      }
      try sink.reservation.grow(by: store.append(wide))
      if let most = sink.bounds.most, store.rowCount > max(8192, 4 * most) {
        try sink.cut(store, to: most)
      }
      return .more
    }

    func close() throws(SQLError) {
      if let most = sink.bounds.most, store.rowCount > most { try sink.cut(store, to: most) }
    }
  }
}

extension RowStore {
  /// Takes over another store's rows instead of its own; returns the bytes freed.
  fileprivate func replaceAll(by other: RowStore) -> Int {
    let before = sizeBytes
    removeAll()
    append(other)
    return before - sizeBytes
  }
}

/// Gives out sorted rows, gathered when asked for.
private final class SortedSource: Source {
  private static let rowsPerMorsel = 16 * Batch.capacity
  private let references: [RowReference]
  private let gatherers: [RowGatherer]

  init(_ store: RowStore, _ references: [RowReference], _ columnCount: Int) {
    self.references = references
    gatherers = Array(store.gatherers().prefix(columnCount))
  }

  var morselCount: Int { (references.count + Self.rowsPerMorsel - 1) / Self.rowsPerMorsel }

  func reader(ofMorsel morsel: Int) throws(SQLError) -> any MorselReader {
    let start = morsel * Self.rowsPerMorsel
    return Reader(
      references[start..<min(references.count, start + Self.rowsPerMorsel)], gatherers)
  }

  private final class Reader: MorselReader {
    private var remaining: ArraySlice<RowReference>
    private let gatherers: [RowGatherer]

    init(_ references: ArraySlice<RowReference>, _ gatherers: [RowGatherer]) {
      remaining = references
      self.gatherers = gatherers
    }

    func next() throws(SQLError) -> Batch? {
      guard !remaining.isEmpty else { return nil }
      let slice = remaining.prefix(Batch.capacity)
      remaining = remaining.dropFirst(Batch.capacity)
      return slice.withUnsafeBufferPointer { pointer in
        Batch(columns: gatherers.map { $0.gather(pointer) }, rowCount: pointer.count)
      }
    }
  }
}
