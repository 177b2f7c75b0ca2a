import Base
import Plans
import Vectors

/// Collects the right side of a hash join and builds its table.
///
/// Memory: all of its rows, 24 bytes a row for the chains and the key table, on the query's account.
final class JoinBuildSink: Sink, @unchecked Sendable {
  private let collector: CollectSink
  private let keys: [CompiledExpression]
  private let keyTypes: [LogicalType]
  private let matchesNulls: [Bool]
  private let kind: JoinPlan.Kind
  private let evaluation: EvaluationContext
  private let filter: JoinKeyFilter?
  private var table: JoinTable?
  private var sets: MatchedSets?
  private var partners: PartnerMarks?

  init(
    kind: JoinPlan.Kind, types: [LogicalType], keys: [CompiledExpression],
    keyTypes: [LogicalType], matchesNulls: [Bool], filter: JoinKeyFilter?,
    evaluation: EvaluationContext
  ) {
    self.kind = kind
    self.matchesNulls = matchesNulls
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
      collector.store, keys: keys, types: keyTypes, matchesNulls: matchesNulls,
      evaluation: evaluation)
    if let filter { try table?.fill(filter) }
    if kind == .full, let table {
      partners = try PartnerMarks(table, memory: evaluation.query.memory)
    }
    if kind == .markIn {
      sets = try MatchedSets(
        collector.store, keys: keys, types: keyTypes, evaluation: evaluation)
    }
  }

  /// A probe of the finished table.
  func probe(
    keys: [CompiledExpression], residual: [CompiledExpression], _ evaluation: EvaluationContext
  ) -> any Transform {
    guard let table else { preconditionFailure("the left side waits for the right one") }
    switch kind {
    case .inner, .left, .full:
      return HashJoinProbe(
        table: table, keys: keys, residual: residual, isLeftJoin: kind != .inner,
        partners: partners, evaluation: evaluation)
    case .semi, .anti, .single, .mark, .markIn:
      return MatchProbe(
        table: table, kind: kind, sets: sets, keys: keys, residual: residual,
        evaluation: evaluation)
    }
  }

  /// The held rows that found no partner, once the other side has been read, with NULLs before them.
  func unmatched(leftTypes: [LogicalType]) -> any Source {
    guard let partners else { preconditionFailure("only a full join has such rows") }
    return UnmatchedSource(partners, leftTypes: leftTypes)
  }
}
