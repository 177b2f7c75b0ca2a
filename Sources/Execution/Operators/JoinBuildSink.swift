import Base
import Vectors

/// Collects the right side of a hash join and builds its table.
///
/// Memory: all of its rows, 24 bytes a row for the chains and the key table, on the query's account.
final class JoinBuildSink: Sink, @unchecked Sendable {
  private let collector: CollectSink
  private let keys: [CompiledExpression]
  private let keyTypes: [LogicalType]
  private let evaluation: EvaluationContext
  private let filter: JoinKeyFilter?
  private var table: JoinTable?

  init(
    types: [LogicalType], keys: [CompiledExpression], keyTypes: [LogicalType],
    filter: JoinKeyFilter?, evaluation: EvaluationContext
  ) {
    collector = CollectSink(types: types, context: evaluation.query)
    self.keys = keys
    self.keyTypes = keyTypes
    self.filter = filter
    self.evaluation = evaluation
  }

  func makePart(morsel: Int) -> any SinkPart { collector.makePart(morsel: morsel) }

  func combine(_ part: any SinkPart, morsel: Int) throws(SQLError) {
    try collector.combine(part, morsel: morsel)
  }

  func finish() throws(SQLError) {
    table = try JoinTable(
      collector.store, keys: keys, types: keyTypes, evaluation: evaluation)
    if let filter { try table?.fill(filter) }
  }

  /// A probe of the finished table.
  func probe(
    keys: [CompiledExpression], residual: [CompiledExpression], isLeftJoin: Bool,
    _ evaluation: EvaluationContext
  ) -> any Transform {
    guard let table else { preconditionFailure("the left side waits for the right one") }
    return HashJoinProbe(
      table: table, keys: keys, residual: residual, isLeftJoin: isLeftJoin,
      evaluation: evaluation)
  }
}
