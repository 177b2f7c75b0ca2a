import Base
import FunctionKit
import Plans
import Vectors

/// A window ready to run, and where its keys and arguments lie: rows are kept with what is not one
/// of the input's columns behind them.
struct CompiledWindow: Sendable {
  /// A row takes at most so much while its answers are computed: peers and frames, the front of
  /// a sliding frame; and so much for each answer.
  private static let scratchBytes = 64
  private static let answerBytes = 16

  let inputWidth: Int
  /// The input's columns, then what is computed.
  let types: [LogicalType]
  let partitionColumns: [Int]
  let orderColumns: [Int]
  /// Of PARTITION BY, then of ORDER BY.
  let sortKeys: [SortKey]
  let evaluation: EvaluationContext
  private let isDescending: Bool
  private let computed: [CompiledExpression]
  private let calls: [CompiledWindowCall]

  init(
    _ window: WindowPlan, inputTypes: [LogicalType], compiler: ExpressionCompiler,
    evaluation: EvaluationContext
  ) throws(SQLError) {
    var types = inputTypes
    var extras: [ScalarExpression] = []
    func place(_ expression: ScalarExpression) -> Int {
      if case .column(let index, _) = expression { return index }
      if let known = extras.firstIndex(of: expression) { return inputTypes.count + known }
      extras.append(expression)
      types.append(expression.type)
      return types.count - 1
    }
    inputWidth = inputTypes.count
    partitionColumns = window.partitions.map(place)
    orderColumns = window.order.map { place($0.expression) }
    isDescending = window.order.first?.isDescending ?? false
    sortKeys = window.partitions.map { SortKey($0) } + window.order
    var calls: [CompiledWindowCall] = []
    for call in window.calls {
      calls.append(
        try CompiledWindowCall(
          call, arguments: call.arguments.map(place), filter: call.filter.map(place),
          functions: compiler.functions))
    }
    self.calls = calls
    self.types = types
    self.evaluation = evaluation
    computed = try compiler.compile(extras)
  }

  /// The batch with what is computed, all flat.
  func widened(_ batch: Batch) throws(SQLError) -> Batch {
    var wide = batch
    for expression in computed { wide.columns.append(try expression.evaluate(batch, evaluation)) }
    wide.columns = wide.columns.map { $0.flattened() }
    return wide
  }

  /// The input's columns and one more for each call. `columns`: whole partitions in window order,
  /// as `widened` made them.
  func evaluate(_ columns: [Vector], startRows: [Int], count: Int) throws(SQLError) -> Batch {
    let scratch = MemoryReservation(evaluation.query.memory)
    try scratch.grow(by: count * (Self.scratchBytes + Self.answerBytes * calls.count))
    let chunk = WindowChunk(
      count: count, startRows: startRows, order: orderColumns.map { columns[$0] },
      isDescending: isDescending)
    var output = Array(columns.prefix(inputWidth))
    for call in calls { output.append(try call.evaluate(columns, chunk, evaluation.query)) }
    return Batch(columns: output, rowCount: count)
  }
}
