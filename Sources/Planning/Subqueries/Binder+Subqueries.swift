import Base
import FunctionKit
import Functions
import Parsing
import Plans
import Vectors

/// Subqueries inside expressions.
extension Binder {
  mutating func bindSubquery(
    _ expression: Expression, in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    switch expression {
    case .scalarQuery(let query, let range):
      let bound = try bindInner(query, in: scope, range)
      guard bound.plan.columns.count == 1 else { throw Self.oneColumn(bound.plan, range) }
      let column = bound.plan.columns[0]
      let values = try add(.row, bound, [column.type], range)
      return BoundExpression(values[0], column: column, range: range)
    case .exists(let query, let range):
      let bound = try bindInner(query, in: scope, range)
      return BoundExpression(try add(.exists, bound, [.boolean], range)[0], range: range)
    case .inQuery(let operand, let query, let isNegated, let range):
      return try bindContains(operand, query, isNegated, range, in: scope)
    case .arrayQuery(let query, let range):
      return try bindArray(query, range, in: scope)
    default:
      throw SQLError(.internalError, "no subquery to bind", at: expression.range)
    }
  }

  typealias InnerQuery = (plan: LogicalPlan, captured: [ScalarExpression])

  /// The subquery's plan and what it takes from the rows of `scope`.
  mutating func bindInner(
    _ query: Query, in scope: Scope, _ range: SourceRange
  ) throws(SQLError) -> InnerQuery {
    guard subqueries != nil else {
      throw SQLError(
        .featureNotSupported, "subqueries are not possible in \(clause)", at: range,
        hint: "Join with the subquery in FROM, or use WITH.")
    }
    return try bindBelow(query, in: scope)
  }

  mutating func bindBelow(
    _ query: Query, in scope: Scope
  ) throws(SQLError) -> InnerQuery {
    let saved = (aggregates, windows, namedWindows, subqueries, clause)
    (aggregates, windows, namedWindows, subqueries) = (nil, nil, [], nil)
    var outer = OuterQuery(scope: scope)
    (outer.aggregates, outer.clause) = (saved.0, saved.4)
    outerQueries.append(outer)
    let count = outerQueries.count
    defer {
      (aggregates, windows, namedWindows, subqueries, clause) = saved
      aggregates = outerQueries[count - 1].aggregates
      outerQueries.removeLast(outerQueries.count - count + 1)
    }
    let plan = try bindQuery(query)
    return outerQueries[count - 1].used(by: plan)
  }

  mutating func add(
    _ kind: SubqueryCall.Kind, _ bound: InnerQuery, _ types: [LogicalType], _ range: SourceRange
  ) throws(SQLError) -> [ScalarExpression] {
    let call = SubqueryCall(
      kind: kind, plan: bound.plan, captured: bound.captured, types: types, range: range)
    if call.outerExpressions.contains(where: \.containsWindow) {
      throw SQLError(
        .windowingError, "window functions are not allowed beside a subquery", at: range,
        hint: "Compute them in a subquery in FROM.")
    }
    guard let placeholders = subqueries?.add(call) else {
      throw SQLError(.internalError, "a subquery without a clause", at: range)
    }
    return placeholders
  }

  private static func oneColumn(_ plan: LogicalPlan, _ range: SourceRange) -> SQLError {
    SQLError(
      .syntaxError, "a subquery in an expression gives one column, not \(plan.columns.count)",
      at: range)
  }

  // MARK: functions that give rows

  /// `SELECT unnest(list)` and `SELECT generate_series(1, 3)`: rows beside each row of FROM. Nil for
  /// any other call.
  mutating func bindRows(
    _ call: FunctionCall, in scope: Scope
  ) throws(SQLError) -> BoundExpression? {
    guard clause == "SELECT", let collector = subqueries, !call.isStar,
      let list = SeriesCalls.list(call.name, call.arguments, call.range)
    else { return nil }
    let others = collector.calls.indices.filter { collector.calls[$0].givesRows }
    let name = call.name.last.text.lowercased()
    if others.isEmpty, name != "unnest", call.arguments.allSatisfy(SeriesCalls.isPlain),
      environment.functions.table(named: name) != nil
    {
      let table = TableCall(name: call.name, arguments: call.arguments, range: call.range)
      let plan = try bindTableFunction(table, nil).plan
      let value = try add(.rows(list: list), (plan, []), [plan.columns[0].type], call.range)[0]
      return BoundExpression(value, column: plan.columns[0], range: call.range)
    }
    let (bound, type) = try bindRowsList(list, in: scope)
    // Several run side by side, which only lists do.
    for number in others {
      guard case .rows(let list) = collector.calls[number].kind else { continue }
      let first = try bindRowsList(list, in: scope).list
      let type = LogicalType.list(collector.calls[number].types[0])
      let elements = try coerce(first, to: type)
      subqueries?.takeRows(of: number, from: elements)
    }
    let inner: InnerQuery = (.singleRow, [])
    let value = try add(.elements(bound.expression), inner, [type], call.range)[0]
    return BoundExpression(value, column: PlanColumn(name, type), range: call.range)
  }

  private mutating func bindRowsList(
    _ list: Expression, in scope: Scope
  ) throws(SQLError) -> (list: BoundExpression, element: LogicalType) {
    clause = "a function that gives rows"
    defer { clause = "SELECT" }
    let bound = try bind(list, in: scope)
    guard let type = UnnestPlan.elementType(of: bound.type) else {
      throw SQLError(
        .datatypeMismatch, "UNNEST takes lists, not \(bound.type)", at: bound.range)
    }
    return (bound, type)
  }

  // MARK: IN

  private mutating func bindContains(
    _ operand: Expression, _ query: Query, _ isNegated: Bool, _ range: SourceRange,
    in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    let value = try bind(operand, in: scope)
    let contains = try contains(value, try bindInner(query, in: scope, range), "IN", range)
    return BoundExpression(isNegated ? .not(contains) : contains, range: range)
  }

  /// `value IN (subquery)`.
  mutating func contains(
    _ value: BoundExpression, _ inner: InnerQuery, _ what: String, _ range: SourceRange
  ) throws(SQLError) -> ScalarExpression {
    guard inner.plan.columns.count == 1 else { throw Self.oneColumn(inner.plan, range) }
    if value.expression.containsSubquery {
      throw SQLError(
        .featureNotSupported, "a subquery cannot be looked up in a subquery", at: value.range,
        hint: "Compute it in a subquery in FROM.")
    }
    let column = BoundExpression(.column(0, inner.plan.columns[0].type), range: range)
    let type = try commonType([value, column], what: what)
    let operand = try coerce(value, to: type)
    let member = try coerce(column, to: type)
    let plan = LogicalPlan.project(
      inner.plan, [member], columns: [PlanColumn(inner.plan.columns[0].name, type)])
    return try add(.contains(operand: operand), (plan, inner.captured), [.boolean], range)[0]
  }

  // MARK: ARRAY

  /// All values in their order; an empty list for none.
  private mutating func bindArray(
    _ query: Query, _ range: SourceRange, in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    let inner = try bindInner(query, in: scope, range)
    guard inner.plan.columns.count == 1 else { throw Self.oneColumn(inner.plan, range) }
    let type = inner.plan.columns[0].type
    let list = LogicalType.list(type)
    let call = AggregateCall(
      name: "array_agg", argumentTypes: [type], arguments: [.column(0, type)], type: list)
    let plan = LogicalPlan.aggregate(
      inner.plan, groups: [], [call], columns: [PlanColumn("array", list)])
    let value = try add(.row, (plan, inner.captured), [list], range)[0]
    return BoundExpression(
      .caseWhen(
        [CaseBranch(condition: .isNull(value, isNegated: true), result: value)],
        otherwise: .literal(.list([]), list), list), range: range)
  }

  // MARK: names of the queries around

  mutating func bindColumn(
    _ name: QualifiedName, in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    do throws(SQLError) {
      let column = try scope.resolve(name)
      return BoundExpression(
        .column(column.index, column.column.type), column: column.column, range: name.range)
    } catch {
      guard error.state == .undefinedColumn || error.state == .undefinedTable,
        let (index, column) = try captured(name, level: outerQueries.count - 1)
      else { throw error }
      return BoundExpression(
        .column(OuterQuery.firstColumn + index, column.type), column: column, range: name.range)
    }
  }

  /// The number under which the subquery at `level` takes a column from around it; nil if no query
  /// around has it.
  private mutating func captured(
    _ name: QualifiedName, level: Int
  ) throws(SQLError) -> (index: Int, column: PlanColumn)? {
    guard level >= 0 else { return nil }
    do throws(SQLError) {
      let found = try outerQueries[level].scope.resolve(name)
      let index = outerQueries[level].capture(.column(found.index, found.column.type))
      return (index, found.column)
    } catch {
      guard error.state == .undefinedColumn || error.state == .undefinedTable else { throw error }
    }
    guard let (outer, column) = try captured(name, level: level - 1) else { return nil }
    let index = outerQueries[level].capture(
      .column(OuterQuery.firstColumn + outer, column.type))
    return (index, column)
  }

  /// A plan that was bound where `count` queries were around it, as it reads here.
  mutating func lifted(_ plan: LogicalPlan, from count: Int) -> LogicalPlan {
    guard count < outerQueries.count, count > 0, plan.isCorrelated else { return plan }
    var numbers: [Int: Int] = [:]
    for index in plan.outerColumns.sorted(by: { $0.index < $1.index }) {
      var expression = ScalarExpression.column(index.index, index.type)
      for level in count..<outerQueries.count {
        let number = outerQueries[level].capture(expression)
        expression = .column(OuterQuery.firstColumn + number, index.type)
      }
      if case .column(let last, _) = expression { numbers[index.index] = last }
    }
    return plan.mappingAllExpressions { expression in
      expression.mappingColumns { numbers[$0] ?? $0 }
    }
  }
}
