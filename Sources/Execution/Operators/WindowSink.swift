import Base
import Plans
import Vectors

/// Window functions: keeps all rows, sorts them by partition and order, computes every call over
/// them, and gives them out in the order in which they came, so that the answer does not depend on
/// threads.
///
/// Memory: all rows with keys and arguments, sort keys, and the answers, on the query's account.
final class WindowSink: Sink, @unchecked Sendable {
  private let inputWidth: Int
  private let window: WindowPlan
  private let calls: [CompiledWindowCall]
  private let keys: [CompiledExpression]
  private let arguments: [CompiledExpression]
  private let evaluation: EvaluationContext
  private let types: [LogicalType]
  private let reservation: MemoryReservation
  private let collected: RowStore
  /// By call, in window order.
  private var answers: [Vector] = []
  /// By row as it came: its place in window order.
  private var places: [UInt32] = []

  init(
    inputTypes: [LogicalType], window: WindowPlan, calls: [CompiledWindowCall],
    keys: [CompiledExpression], arguments: [CompiledExpression], evaluation: EvaluationContext
  ) {
    inputWidth = inputTypes.count
    self.window = window
    self.calls = calls
    self.keys = keys
    self.arguments = arguments
    self.evaluation = evaluation
    reservation = MemoryReservation(evaluation.query.memory)
    let argumentTypes = window.calls.flatMap {
      $0.arguments.map(\.type) + ($0.filter == nil ? [] : [.boolean])
    }
    types = inputTypes + window.partitions.map(\.type) + window.order.map(\.expression.type)
      + argumentTypes
    collected = RowStore(types: types)
  }

  func makePart(morsel: Int) -> any SinkPart { Part(self) }

  func combine(_ part: any SinkPart, morsel: Int) throws(SQLError) {
    guard let part = part as? Part else { return }
    collected.append(part.store)
  }

  func finish() throws(SQLError) {
    let count = collected.rowCount
    guard count < Int(UInt32.max) - 2 else {
      throw SQLError(.programLimitExceeded, "more than 4 billion rows in a window")
    }
    let sortKeys = window.partitions.map { SortKey($0) } + window.order
    let scratch = SortKeys.sizeBytes(rowCount: count, keyCount: sortKeys.count) + count * 24
    try reservation.grow(by: scratch)
    let keyColumns = sortKeys.indices.map { inputWidth + $0 }
    let sorter = SortKeys(collected, keys: sortKeys, keyColumns: keyColumns)
    let order = try RowSorter.sort(sorter, context: evaluation.query)
    places = [UInt32](repeating: 0, count: count)
    for (place, row) in order.enumerated() {
      places[Int(row)] = UInt32(truncatingIfNeeded: place)
    }
    let rows = WindowRows(order, sorter, partitionKeyCount: window.partitions.count)
    let references = order.map { sorter.references[Int($0)] }
    try evaluate(rows, references)
  }

  private func evaluate(_ rows: WindowRows, _ references: [RowReference]) throws(SQLError) {
    var column = inputWidth + keys.count
    for call in calls {
      var inputs: [Vector] = []
      let width = call.call.arguments.count + (call.call.filter == nil ? 0 : 1)
      for index in 0..<width {
        let input = references.withUnsafeBufferPointer {
          collected.gather(column: column + index, $0)
        }
        try reservation.grow(by: input.sizeBytes)
        inputs.append(input)
      }
      column += width
      let answer = try call.evaluate(rows, inputs, evaluation)
      try reservation.grow(by: answer.sizeBytes)
      answers.append(answer)
    }
  }

  /// The rows as they came, each with its answers.
  func source() -> any Source {
    WindowedSource(collected.batches, inputWidth, answers, places)
  }

  private final class Part: SinkPart {
    private let sink: WindowSink
    let store: RowStore

    init(_ sink: WindowSink) {
      self.sink = sink
      store = RowStore(types: sink.types)
    }

    func consume(_ batch: Batch) throws(SQLError) -> Demand {
      var wide = batch
      for node in sink.keys + sink.arguments {
        wide.columns.append(try node.evaluate(batch, sink.evaluation))
      }
      try sink.reservation.grow(by: store.append(wide))
      return .more
    }
  }
}

/// Gives out the kept batches with the answers of their rows.
private final class WindowedSource: Source {
  private static let batchesPerMorsel = 16
  private let batches: [Batch]
  /// By batch: how many rows come before it.
  private let firstRows: [Int]
  private let inputWidth: Int
  private let answers: [Vector]
  private let places: [UInt32]

  init(_ batches: [Batch], _ inputWidth: Int, _ answers: [Vector], _ places: [UInt32]) {
    self.batches = batches
    self.inputWidth = inputWidth
    self.answers = answers
    self.places = places
    var row = 0
    firstRows = batches.map { batch in
      defer { row += batch.rowCount }
      return row
    }
  }

  var morselCount: Int { (batches.count + Self.batchesPerMorsel - 1) / Self.batchesPerMorsel }

  func reader(ofMorsel morsel: Int) throws(SQLError) -> any MorselReader {
    let start = morsel * Self.batchesPerMorsel
    return Reader(self, start..<min(batches.count, start + Self.batchesPerMorsel))
  }

  private func batch(_ index: Int) -> Batch {
    let kept = batches[index]
    var columns = Array(kept.columns.prefix(inputWidth))
    places.withUnsafeBufferPointer { places in
      guard let start = places.baseAddress else { return }
      for answer in answers {
        columns.append(answer.gathered(by: start + firstRows[index], count: kept.rowCount))
      }
    }
    return Batch(columns: columns, rowCount: kept.rowCount)
  }

  private final class Reader: MorselReader {
    private let source: WindowedSource
    private var remaining: Range<Int>

    init(_ source: WindowedSource, _ range: Range<Int>) {
      self.source = source
      remaining = range
    }

    func next() throws(SQLError) -> Batch? {
      guard let index = remaining.popFirst() else { return nil }
      return source.batch(index)
    }
  }
}
