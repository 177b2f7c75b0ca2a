import Base
import Parsing
import Plans
import Vectors

/// Joins the subqueries of a clause to a plan, and knows where their values are from then on.
struct JoinedSubqueries {
  private(set) var collector: SubqueryCollector
  /// By value: its column.
  private var places: [Int: Int] = [:]
  private var isJoined: Set<Int> = []

  init(_ collector: SubqueryCollector) { self.collector = collector }

  /// The column of the value that a placeholder stands for, once it is joined.
  func place(of index: Int) -> Int? {
    index <= SubqueryCollector.firstPlaceholder
      ? places[SubqueryCollector.firstPlaceholder - index] : nil
  }

  /// An expression with columns in place of the values that are joined.
  func placed(_ expression: ScalarExpression) -> ScalarExpression {
    if places.isEmpty { return expression }
    return expression.mappingColumns { place(of: $0) ?? $0 }
  }

  /// The calls that groups are made of are joined before grouping.
  mutating func moveToInput(_ groups: [ScalarExpression]) {
    for group in groups {
      for number in collector.calls(in: group) {
        collector.moveToInput(number)
        moveToInput(collector.calls[number].outerExpressions)
      }
    }
  }

  /// Joins those that give one value a row: what gives rows comes after the window functions.
  mutating func attachValues(
    to plan: LogicalPlan, in binder: inout Binder,
    _ outer: (ScalarExpression) throws(SQLError) -> ScalarExpression = { $0 }
  ) throws(SQLError) -> LogicalPlan {
    let numbers = collector.calls.indices.filter { !collector.calls[$0].givesRows }
    return try attach(numbers, to: plan, in: &binder, outer)
  }

  /// Joins what is not joined yet: the functions of the select list that give rows.
  mutating func attachRows(
    to plan: LogicalPlan, in binder: inout Binder,
    _ outer: (ScalarExpression) throws(SQLError) -> ScalarExpression = { $0 }
  ) throws(SQLError) -> LogicalPlan {
    try attach(collector.calls.indices, to: plan, in: &binder, outer)
  }

  /// Joins those inside the arguments of aggregates and in GROUP BY.
  mutating func attachInput(
    to plan: LogicalPlan, in binder: inout Binder
  ) throws(SQLError) -> LogicalPlan {
    let numbers = collector.calls.indices.filter { collector.calls[$0].isInput }
    return try attach(numbers, to: plan, in: &binder) { $0 }
  }

  /// Joins calls that are not joined yet; `outer` rewrites what they take over the columns of `plan`.
  /// A call may take the values of those before it.
  mutating func attach(
    _ numbers: some Sequence<Int>, to plan: LogicalPlan, in binder: inout Binder,
    _ outer: (ScalarExpression) throws(SQLError) -> ScalarExpression
  ) throws(SQLError) -> LogicalPlan {
    var result = plan
    let waiting = numbers.filter { !isJoined.contains($0) }
    let rows = waiting.filter { collector.calls[$0].givesRows }
    let isTogether = rows.count > 1
    for number in waiting where !(isTogether && collector.calls[number].givesRows) {
      let joined = self
      let call = try collector.calls[number].mappingOuter {
        (expression) throws(SQLError) in joined.placed(try outer(expression))
      }
      let first = result.columns.count
      result = try binder.measured(call, result) { (joiner, plan) throws(SQLError) in
        try joiner.attached(call, to: plan)
      }
      isJoined.insert(number)
      for index in call.types.indices { places[collector.firsts[number] + index] = first + index }
    }
    return isTogether ? try attachTogether(rows, to: result, in: &binder, outer) : result
  }

  /// Functions that give rows run in lockstep: as many rows as the longest has, NULLs where another
  /// has ended.
  private mutating func attachTogether(
    _ numbers: [Int], to plan: LogicalPlan, in binder: inout Binder,
    _ outer: (ScalarExpression) throws(SQLError) -> ScalarExpression
  ) throws(SQLError) -> LogicalPlan {
    let joined = self
    var calls: [SubqueryCall] = []
    for number in numbers {
      calls.append(
        try collector.calls[number].mappingOuter { (expression) throws(SQLError) in
          joined.placed(try outer(expression))
        })
    }
    let result = try binder.measured(calls[0], plan) { (_, plan) throws(SQLError) in
      SubqueryJoiner.unnested(calls, beside: plan)
    }
    for (offset, number) in numbers.enumerated() {
      isJoined.insert(number)
      places[collector.firsts[number]] = plan.columns.count + offset
    }
    return result
  }

  /// The rows that fulfil all terms. EXISTS and IN that stand alone become joins that keep or drop
  /// rows; other subqueries are joined for their values first.
  mutating func filtered(
    _ plan: LogicalPlan, by terms: [ScalarExpression], in binder: inout Binder,
    _ outer: (ScalarExpression) throws(SQLError) -> ScalarExpression
  ) throws(SQLError) -> LogicalPlan {
    let simple = terms.filter { !$0.containsSubquery }
    var result = simple.isEmpty ? plan : .filter(plan, simple)
    var rest: [ScalarExpression] = []
    for term in terms where term.containsSubquery {
      guard let (number, keeps) = test(term) else {
        rest.append(term)
        continue
      }
      let call = try collector.calls[number].mappingOuter(outer)
      result = try binder.measured(call, result) { (joiner, plan) throws(SQLError) in
        try joiner.filtered(plan, by: call, keeps: keeps)
      }
      isJoined.insert(number)
    }
    let numbers = Set(rest.flatMap { collector.calls(in: $0) })
    result = try attach(numbers.sorted(), to: result, in: &binder, outer)
    return rest.isEmpty ? result : .filter(result, rest.map(placed))
  }

  /// `EXISTS`, `NOT EXISTS` or `IN` alone. NOT IN is another matter: it needs what is not known.
  private func test(_ term: ScalarExpression) -> (number: Int, keeps: Bool)? {
    switch term {
    case .column(let index, _):
      guard let number = collector.call(ofPlaceholder: index) else { return nil }
      switch collector.calls[number].kind {
      case .row, .rows, .elements: return nil
      case .exists, .contains: return (number, true)
      }
    case .not(.column(let index, _)):
      guard let number = collector.call(ofPlaceholder: index),
        case .exists = collector.calls[number].kind
      else { return nil }
      return (number, false)
    default: return nil
    }
  }
}

extension Binder {
  /// WHERE: conditions without subqueries first.
  mutating func filtered(
    _ plan: LogicalPlan, by condition: Expression, in scope: Scope
  ) throws(SQLError) -> LogicalPlan {
    let saved = subqueries
    subqueries = SubqueryCollector()
    defer { subqueries = saved }
    let bound = try bindCondition(condition, in: scope)
    guard let collector = subqueries, !collector.calls.isEmpty else {
      return .filter(plan, [bound])
    }
    subqueries = nil
    var joined = JoinedSubqueries(collector)
    return try joined.filtered(plan, by: bound.conjuncts, in: &self) { $0 }
  }

  /// Counts the tables that a join of a subquery reads twice, and how deep the plan gets.
  mutating func measured(
    _ call: SubqueryCall, _ plan: LogicalPlan,
    _ join: (SubqueryJoiner, LogicalPlan) throws(SQLError) -> LogicalPlan
  ) throws(SQLError) -> LogicalPlan {
    let before = plan.leafCount + call.plan.leafCount
    let result = try join(SubqueryJoiner(functions: environment.functions), plan)
    try addRelations(max(0, result.leafCount - before), call.range)
    try requireShallow(result, call.range)
    return result
  }

  /// Everything after the binder walks the plan recursively.
  mutating func requireShallow(_ plan: LogicalPlan, _ range: SourceRange) throws(SQLError) {
    let depth = plan.depth
    try enter(range, levels: depth)
    leave(levels: depth)
  }
}
