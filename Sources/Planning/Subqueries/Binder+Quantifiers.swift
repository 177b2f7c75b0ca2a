import Base
import FunctionKit
import Functions
import Parsing
import Plans
import Vectors

/// `x = ANY (…)` and `x <> ALL (…)`, of the values of a subquery or the elements of a list.
///
/// ANY of nothing is false and ALL of nothing true; where no value decides and one is NULL, or `x` is,
/// the answer is NULL.
extension Binder {
  mutating func quantified(
    _ symbol: String, _ value: BoundExpression, _ inner: Expression, isAll: Bool,
    _ range: SourceRange, in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    guard case .scalarQuery(let query, _) = inner else {
      let list = try bind(inner, in: scope)
      let result = try quantified(symbol, value, list, isAll: isAll, range)
      return BoundExpression(result, range: range)
    }
    let bound = try bindInner(query, in: scope, range)
    if symbol == "=", !isAll {
      return BoundExpression(try contains(value, bound, "ANY", range), range: range)
    }
    if symbol == "<>", isAll {
      return BoundExpression(.not(try contains(value, bound, "ALL", range)), range: range)
    }
    guard let op = ComparisonOperator(rawValue: symbol), bound.plan.columns.count == 1 else {
      throw SQLError(
        .featureNotSupported, "\(symbol) with ANY or ALL needs a list", at: range,
        hint: "ARRAY(SELECT …) makes one.")
    }
    return BoundExpression(
      try ordered(op, value, bound, isAll: isAll, range), range: range)
  }

  // MARK: subqueries

  /// By the least and the greatest value.
  private mutating func ordered(
    _ op: ComparisonOperator, _ value: BoundExpression, _ inner: InnerQuery, isAll: Bool,
    _ range: SourceRange
  ) throws(SQLError) -> ScalarExpression {
    let column = BoundExpression(.column(0, inner.plan.columns[0].type), range: range)
    let type = try commonType([value, column], what: op.rawValue)
    let operand = BoundExpression(try coerce(value, to: type), range: range)
    let member = try coerce(column, to: type)
    var calls = [AggregateCall(name: "count", argumentTypes: [], arguments: [], type: .int64)]
    for name in ["count", "min", "max"] {
      let resolved = try environment.functions.resolveAggregate(
        name, [ArgumentType(type)], at: range)
      calls.append(
        AggregateCall(
          name: resolved.function.name, argumentTypes: resolved.argumentTypes,
          arguments: [.column(0, type)], type: resolved.resultType))
    }
    let members = LogicalPlan.project(
      inner.plan, [member], columns: [PlanColumn("member", type)])
    let plan = LogicalPlan.aggregate(
      members, groups: [], calls, columns: calls.map { PlanColumn($0.name, $0.type) })
    let values = try add(.row, (plan, inner.captured), calls.map(\.type), range)
      .map { BoundExpression($0, range: range) }
    let low = try comparison(op, operand, values[2], range)
    let high = try comparison(op, operand, values[3], range)
    // What settles the matter: a value that holds for ANY, one that does not for ALL.
    let least: Bool
    switch op {
    case .less, .lessOrEqual: least = isAll
    case .greater, .greaterOrEqual: least = !isAll
    case .equal, .notEqual:
      let decides = isAll ? ScalarExpression.or([.not(low), .not(high)]) : .or([low, high])
      return try answered(decides, values, operand, isAll: isAll, range)
    }
    let decisive = least ? low : high
    return try answered(
      isAll ? .not(decisive) : decisive, values, operand, isAll: isAll, range)
  }

  private mutating func answered(
    _ decides: ScalarExpression, _ values: [BoundExpression], _ operand: BoundExpression,
    isAll: Bool, _ range: SourceRange
  ) throws(SQLError) -> ScalarExpression {
    func truth(_ value: Value) -> ScalarExpression { .literal(value, .boolean) }
    let zero = BoundExpression(.literal(.integer(0), .int64), range: range)
    let isEmpty = try comparison(.equal, values[0], zero, range)
    let hasNull = try comparison(.less, values[1], values[0], range)
    return .caseWhen(
      [
        CaseBranch(condition: isEmpty, result: truth(.boolean(isAll))),
        CaseBranch(condition: decides, result: truth(.boolean(!isAll))),
        CaseBranch(
          condition: .or([.isNull(operand.expression, isNegated: false), hasNull]),
          result: truth(.null)),
      ], otherwise: truth(.boolean(isAll)), .boolean)
  }

  // MARK: lists

  private mutating func quantified(
    _ symbol: String, _ value: BoundExpression, _ list: BoundExpression, isAll: Bool,
    _ range: SourceRange
  ) throws(SQLError) -> ScalarExpression {
    var list = list
    if list.isUntyped || list.type == .null {
      let element = value.isUntyped || value.type == .null ? LogicalType.text : value.type
      list = BoundExpression(try coerce(list, to: .list(element)), range: list.range)
    }
    guard case .list(let element) = list.type else {
      throw SQLError(
        .datatypeMismatch, "ANY and ALL need a list or a subquery, not \(list.type)",
        at: list.range)
    }
    let member = BoundExpression(.column(0, element), range: list.range)
    let type = try commonType([value, member], what: symbol)
    let operand = try coerce(value, to: type)
    let folded = ConstantFolding.fold(
      element == type ? list.expression : .cast(list.expression, .list(type)),
      functions: environment.functions)
    if case .literal(.list(let members), _) = folded, isAll == (symbol == "<>"),
      symbol == "=" || symbol == "<>", !members.isEmpty
    {
      let known = members.filter { !$0.isNull }
      let isMember = ScalarExpression.inSet(
        operand, known, hasNull: known.count < members.count)
      return isAll ? .not(isMember) : isMember
    }
    return try call(
      isAll ? "list_all" : "list_any",
      [
        BoundExpression(folded, range: list.range), BoundExpression(operand, range: value.range),
        BoundExpression(.literal(.text(symbol), .text), range: range),
      ], range
    ).expression
  }
}
