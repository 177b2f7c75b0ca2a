import FunctionKit
import Plans
import Vectors

/// What a plan takes from the rows of a query around it.
extension LogicalPlan {
  /// True if the test holds for a column of an expression anywhere in the plan.
  func reads(_ test: (Int) -> Bool) -> Bool {
    if ownExpressions.contains(where: { $0.columns.contains(where: test) }) { return true }
    return inputs.contains { $0.reads(test) }
  }

  var isCorrelated: Bool { reads { $0 >= OuterQuery.firstColumn } }

  struct OuterColumn: Hashable {
    var index: Int
    var type: LogicalType
  }

  /// All columns from around it.
  var outerColumns: Set<OuterColumn> {
    var result: Set<OuterColumn> = []
    for expression in ownExpressions { expression.collectOuter(into: &result) }
    for input in inputs { result.formUnion(input.outerColumns) }
    return result
  }

  var inputs: [LogicalPlan] {
    switch self {
    case .scan, .singleRow, .values, .tableFunction, .file, .workingTable: []
    case .recursion(let recursion): [recursion.anchor, recursion.step]
    case .filter(let input, _), .project(let input, _, _), .aggregate(let input, _, _, _),
      .window(let input, _, _), .distinct(let input), .sort(let input, _), .limit(let input, _, _),
      .unnest(let input, _, _):
      [input]
    case .join(let join): [join.left, join.right]
    case .union(let inputs, _): inputs
    }
  }

  /// The expressions of the operator itself.
  var ownExpressions: [ScalarExpression] {
    switch self {
    case .scan(let scan): scan.filters
    case .singleRow, .tableFunction, .file, .distinct, .limit, .union, .recursion, .workingTable: []
    case .values(let rows, _): rows.flatMap { $0 }
    case .filter(_, let terms): terms
    case .unnest(_, let unnest, _): unnest.lists
    case .project(_, let expressions, _): expressions
    case .aggregate(_, let groups, let calls, _):
      groups + calls.flatMap(\.expressions)
    case .window(_, let window, _): window.expressions
    case .sort(_, let keys): keys.map(\.expression)
    case .join(let join): join.keys.flatMap { [$0.left, $0.right] } + join.residual
    }
  }

  /// The plan with every expression of every operator rewritten.
  func mappingAllExpressions(_ body: (ScalarExpression) -> ScalarExpression) -> LogicalPlan {
    mappingInputs { $0.mappingAllExpressions(body) }.mappingExpressions(body)
  }

  /// How many operators lie above the lowest one.
  var depth: Int { 1 + (inputs.map(\.depth).max() ?? 0) }

  /// The tables and other leaves.
  var leafCount: Int {
    let below = inputs
    return below.isEmpty ? 1 : below.reduce(0) { $0 + $1.leafCount }
  }

  /// True if reading it twice gives the same rows.
  func isDeterministic(_ functions: FunctionSet) -> Bool {
    ownExpressions.allSatisfy { $0.isDeterministic(functions) }
      && inputs.allSatisfy { $0.isDeterministic(functions) }
  }
}

extension AggregateCall {
  /// What is computed for every row.
  var expressions: [ScalarExpression] { arguments + (filter.map { [$0] } ?? []) }
}

extension ScalarExpression {
  fileprivate func collectOuter(into result: inout Set<LogicalPlan.OuterColumn>) {
    if case .column(let index, let type) = self, index >= OuterQuery.firstColumn {
      result.insert(LogicalPlan.OuterColumn(index: index, type: type))
    }
    for child in children { child.collectOuter(into: &result) }
  }
}
