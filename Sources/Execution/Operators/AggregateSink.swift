import Base
import FunctionKit
import Plans
import Vectors

/// An aggregate of a query, ready to run.
struct CompiledAggregate: Sendable {
  let function: AggregateFunction
  let arguments: [CompiledExpression]
  let argumentTypes: [LogicalType]
  let filter: CompiledExpression?
  let isDistinct: Bool
  let type: LogicalType
}

/// What GROUP BY computes: keys and aggregates over the columns of its input.
struct Aggregation: Sendable {
  let groups: [CompiledExpression]
  let groupTypes: [LogicalType]
  let aggregates: [CompiledAggregate]
  let evaluation: EvaluationContext

  func makeStates() -> GroupedStates { GroupedStates(groupTypes, aggregates, evaluation.query) }

  func add(_ batch: Batch, to states: GroupedStates) throws(SQLError) {
    var keys: [Vector] = []
    for group in groups { keys.append(try group.evaluate(batch, evaluation)) }
    var inputs: [GroupedStates.Input] = []
    for aggregate in aggregates {
      inputs.append(try input(of: aggregate, batch))
    }
    try states.update(keys, inputs, rowCount: batch.rowCount)
  }

  private func input(
    of aggregate: CompiledAggregate, _ batch: Batch
  ) throws(SQLError) -> GroupedStates.Input {
    var selection: SelectionVector?
    if let filter = aggregate.filter {
      selection = try filter.evaluate(batch, evaluation).selectionOfTrue()
    }
    var arguments: [Vector] = []
    for argument in aggregate.arguments {
      if let selection {
        arguments.append(try argument.evaluate(batch, rows: selection, evaluation).flattened())
      } else {
        arguments.append(try argument.evaluate(batch, evaluation).flattened())
      }
    }
    return GroupedStates.Input(arguments: arguments, rows: selection)
  }
}

/// GROUP BY by hash, or one group without keys.
///
/// Every morsel aggregates into a table of its own; the tables are merged in the order of the
/// morsels, so sums of floating-point numbers have the same bits for any number of threads, and
/// groups come out in the order in which they first appear in the table.
///
/// Memory: keys and states of all groups, on the query's account.
final class AggregateSink: Sink, @unchecked Sendable {
  private let aggregation: Aggregation
  private var total: GroupedStates

  init(_ aggregation: Aggregation) {
    self.aggregation = aggregation
    total = aggregation.makeStates()
  }

  func makePart(morsel: Int) -> any SinkPart { Part(aggregation) }

  func combine(_ part: any SinkPart, morsel: Int) throws(SQLError) {
    guard let part = part as? Part else { return }
    if morsel == 0 {
      total = part.states
    } else {
      try total.merge(part.states)
    }
  }

  func finish() throws(SQLError) { try total.prepareToFinish() }

  /// The finished groups as batches, made when a reader asks for them.
  func source() -> any Source { GroupSource(total, aggregation.aggregates.map(\.type)) }

  private final class Part: SinkPart {
    let states: GroupedStates
    private let aggregation: Aggregation

    init(_ aggregation: Aggregation) {
      self.aggregation = aggregation
      states = aggregation.makeStates()
    }

    func consume(_ batch: Batch) throws(SQLError) -> Demand {
      try aggregation.add(batch, to: states)
      return .more
    }

    func close() throws(SQLError) {}
  }
}

/// Gives out finished groups, up to 1024 at a time; fewer if their states are large, as those of
/// exact medians, so that a batch never takes long.
private final class GroupSource: Source {
  private static let batchStateBytes = 1 << 20
  /// Few groups are spread over some morsels, too: an exact median takes its time.
  private static let fewestMorsels = 8
  private let groupsPerMorsel: Int
  private let states: GroupedStates
  private let types: [LogicalType]
  private let groupsPerBatch: Int

  init(_ states: GroupedStates, _ types: [LogicalType]) {
    self.states = states
    self.types = types
    let bytesPerGroup = states.stateBytes / max(1, states.count) + 1
    groupsPerBatch = max(1, min(Batch.capacity, Self.batchStateBytes / bytesPerGroup))
    groupsPerMorsel = min(16 * Batch.capacity, states.count / Self.fewestMorsels + 1)
  }

  var morselCount: Int { (states.count + groupsPerMorsel - 1) / groupsPerMorsel }

  func reader(ofMorsel morsel: Int) throws(SQLError) -> any MorselReader {
    let start = morsel * groupsPerMorsel
    return Reader(
      states, start..<min(states.count, start + groupsPerMorsel), types, groupsPerBatch)
  }

  private final class Reader: MorselReader {
    private let states: GroupedStates
    private var remaining: Range<Int>
    private let types: [LogicalType]
    private let groupsPerBatch: Int

    init(
      _ states: GroupedStates, _ range: Range<Int>, _ types: [LogicalType], _ groupsPerBatch: Int
    ) {
      self.states = states
      self.groupsPerBatch = groupsPerBatch
      remaining = range
      self.types = types
    }

    func next() throws(SQLError) -> Batch? {
      guard !remaining.isEmpty else { return nil }
      let range = remaining.prefix(groupsPerBatch)
      remaining = range.upperBound..<remaining.upperBound
      return try states.finish(range, types: types)
    }
  }
}
