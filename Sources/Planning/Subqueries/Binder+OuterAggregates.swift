import Base
import Parsing
import Plans
import Vectors

/// Aggregates in a subquery of columns from around it alone: they are aggregates of the innermost
/// query that one of the columns is from, as ISO 9075-2 has it, and constants in the subquery.
extension Binder {
  /// What stands for the call if it belongs to a query around; nil if it does not.
  mutating func addOuter(
    _ call: AggregateCall, order: [SortKey], _ range: SourceRange
  ) throws(SQLError) -> ScalarExpression? {
    let columns = (call.expressions + order.map(\.expression)).reduce(into: Set<Int>()) {
      $1.collectColumns(into: &$0)
    }
    for column in columns {
      guard try isFromAround(column, range) else { return nil }
    }
    if columns.isEmpty { return nil }
    guard order.isEmpty else {
      throw SQLError(
        .featureNotSupported, "an aggregate of a query around it cannot have an ORDER BY", at: range)
    }
    var call = call
    var level = outerQueries.count - 1
    while true {
      let outer = outerQueries[level]
      call = call.mapping { $0.rewritten(outer.own) }
      let isOwn = call.expressions.contains { $0.columns.contains { $0 < OuterQuery.firstColumn } }
      if isOwn || level == 0 { break }
      level -= 1
    }
    guard var collector = outerQueries[level].aggregates else {
      throw SQLError(
        .groupingError,
        "aggregate functions are not allowed in \(outerQueries[level].clause): \(call.name)",
        at: range, hint: "This one is of columns from around the subquery.")
    }
    var value = collector.add(call)
    outerQueries[level].aggregates = collector
    for level in level..<outerQueries.count {
      outerQueries[level].tookAggregates = true
      value = .column(OuterQuery.firstColumn + outerQueries[level].capture(value), call.type)
    }
    return value
  }

  /// False for columns of the query itself. Of a subquery within the argument it is not known here.
  private func isFromAround(_ index: Int, _ range: SourceRange) throws(SQLError) -> Bool {
    if index >= OuterQuery.firstColumn { return true }
    guard let collector = subqueries, let number = collector.call(ofPlaceholder: index) else {
      return false
    }
    let taken = collector.calls[number].outerExpressions.filter { !$0.columns.isEmpty }
    guard !taken.isEmpty, taken.allSatisfy(\.isCorrelated) else { return false }
    throw SQLError(
      .featureNotSupported, "an aggregate of a subquery that takes columns from farther around",
      at: range, hint: "Compute the subquery in FROM.")
  }
}

extension OuterQuery {
  /// A column of the subquery as the query itself has it.
  fileprivate func own(_ node: ScalarExpression) -> ScalarExpression {
    guard case .column(let index, _) = node, index >= Self.firstColumn,
      captured.indices.contains(index - Self.firstColumn)
    else { return node }
    return captured[index - Self.firstColumn]
  }

  /// The subquery's plan with what it still takes, now that it is finished.
  func used(by plan: LogicalPlan) -> (plan: LogicalPlan, captured: [ScalarExpression]) {
    guard tookAggregates else { return (plan, captured) }
    let used = Set(plan.outerColumns.map { $0.index - Self.firstColumn })
    let kept = captured.indices.filter(used.contains)
    let moved = plan.mappingAllExpressions { expression in
      expression.mappingColumns { index in
        kept.firstIndex(of: index - Self.firstColumn).map { $0 + Self.firstColumn } ?? index
      }
    }
    return (moved, kept.map { captured[$0] })
  }
}
