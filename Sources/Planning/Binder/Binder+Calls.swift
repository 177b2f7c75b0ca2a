import Base
import FunctionKit
import Parsing
import Plans
import Vectors

extension Binder {
  /// A scalar function over bound arguments, coerced to the overload that fits best.
  mutating func call(
    _ name: String, _ arguments: [BoundExpression], _ range: SourceRange
  ) throws(SQLError) -> BoundExpression {
    let resolved = try environment.functions.resolveScalar(
      name, arguments.map(\.argumentType), at: range)
    var coerced: [ScalarExpression] = []
    for (argument, type) in zip(arguments, resolved.argumentTypes) {
      coerced.append(try coerce(argument, to: type))
    }
    let node = ScalarExpression.call(
      FunctionCallExpression(
        name: resolved.function.name, argumentTypes: resolved.argumentTypes, arguments: coerced,
        type: resolved.resultType, range: range))
    return BoundExpression(
      ConstantFolding.foldCall(node, functions: environment.functions),
      column: meaning(of: resolved.function, node.type), range: range)
  }

  /// Result metadata of a function that declares a unit.
  private func meaning(of function: ScalarFunction, _ type: LogicalType) -> PlanColumn? {
    guard let unit = function.result.unit else { return nil }
    return PlanColumn(function.name, type, unit: unit, description: function.summary)
  }

  mutating func bindCall(
    _ functionCall: FunctionCall, in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    let name = functionCall.name.last.text
    if functionCall.name.parts.count > 1 {
      let schema = functionCall.name.parts[0].text.lowercased()
      guard ["zij", "pg_catalog"].contains(schema), functionCall.name.parts.count == 2 else {
        throw SQLError(
          .undefinedFunction, "function does not exist: \(functionCall.name.text)",
          at: functionCall.range)
      }
    }
    if functionCall.window != nil { return try bindWindowCall(functionCall, in: scope) }
    if Self.structureMakers.contains(name.lowercased()) {
      return try bindStructure(functionCall, in: scope)
    }
    if !environment.functions.windows(named: name).isEmpty {
      throw SQLError(
        .windowingError, "window function needs an OVER clause: \(name)", at: functionCall.range,
        hint: "Write \(name)(…) OVER (PARTITION BY … ORDER BY …).")
    }
    if let rows = try bindRows(functionCall, in: scope) { return rows }
    if SeriesCalls.list(functionCall.name, functionCall.arguments, functionCall.range) != nil {
      throw SQLError(
        .featureNotSupported, "functions that give rows are not allowed in \(clause): \(name)",
        at: functionCall.range, hint: "Call them in FROM or, by themselves, in the select list.")
    }
    let isAggregate = !environment.functions.aggregates(named: name).isEmpty
    if isAggregate { return try bindAggregate(functionCall, in: scope) }
    if functionCall.isStar || functionCall.isDistinct || functionCall.filter != nil
      || !functionCall.orderBy.isEmpty
    {
      let known = !environment.functions.scalars(named: name).isEmpty
      throw SQLError(
        known ? .syntaxError : .undefinedFunction,
        known
          ? "only aggregates take *, DISTINCT, ORDER BY and FILTER: \(name)"
          : "function does not exist: \(name)", at: functionCall.range)
    }
    var arguments: [BoundExpression] = []
    for argument in functionCall.arguments { arguments.append(try bind(argument, in: scope)) }
    return try call(name, arguments, functionCall.range)
  }

  private mutating func bindAggregate(
    _ functionCall: FunctionCall, in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    let name = functionCall.name.last.text
    guard let collector = aggregates else {
      throw SQLError(
        .groupingError, "aggregate functions are not allowed in \(clause): \(name)",
        at: functionCall.range,
        hint: clause == "WHERE" ? "Conditions on aggregates go into HAVING." : nil)
    }
    let (bound, order) = try bindInput(of: functionCall, in: scope)
    aggregates = collector
    let resolved = try environment.functions.resolveAggregate(
      name, bound.arguments.map(\.argumentType), at: functionCall.range)
    var coerced: [ScalarExpression] = []
    for (argument, type) in zip(bound.arguments, resolved.argumentTypes) {
      coerced.append(try coerce(argument, to: type))
    }
    let aggregateCall = AggregateCall(
      name: resolved.function.name, argumentTypes: resolved.argumentTypes, arguments: coerced,
      isDistinct: functionCall.isDistinct, filter: bound.filter, type: resolved.resultType)
    let column = meaning(of: resolved.function, bound.arguments, resolved.resultType)
    if let outer = try addOuter(aggregateCall, order: order, functionCall.range) {
      return BoundExpression(outer, column: column, range: functionCall.range)
    }
    try take(order, functionCall.range)
    let placeholder = aggregates?.add(aggregateCall) ?? .column(-1, resolved.resultType)
    return BoundExpression(placeholder, column: column, range: functionCall.range)
  }

  /// What an aggregate sees of the input rows; an aggregate inside is refused.
  private mutating func bindInput(
    of functionCall: FunctionCall, in scope: Scope
  ) throws(SQLError) -> (
    bound: (arguments: [BoundExpression], filter: ScalarExpression?), order: [SortKey]
  ) {
    let outer = (windows.take(), clause, subqueries?.bindsInput ?? false)
    (aggregates, clause) = (nil, "the argument of an aggregate")
    subqueries?.bindsInput = true
    defer {
      (windows, clause) = (outer.0, outer.1)
      subqueries?.bindsInput = outer.2
    }
    var arguments: [BoundExpression] = []
    for argument in functionCall.arguments { arguments.append(try bind(argument, in: scope)) }
    clause = "FILTER"
    let filter = try functionCall.filter.map { (filter) throws(SQLError) in
      try bindCondition(filter, in: scope)
    }
    clause = "ORDER BY in an aggregate"
    var order: [SortKey] = []
    for item in functionCall.orderBy {
      order.append(try sortKey(try bind(item.expression, in: scope).expression, item))
    }
    return ((arguments, filter), order)
  }

  /// All aggregates of a SELECT see the same rows in the same order.
  private mutating func take(_ order: [SortKey], _ range: SourceRange) throws(SQLError) {
    guard !order.isEmpty, let collector = aggregates else { return }
    guard collector.order.isEmpty || collector.order == order else {
      throw SQLError(
        .featureNotSupported, "aggregates of one SELECT cannot have different ORDER BYs", at: range,
        hint: "Compute one of them in a subquery.")
    }
    aggregates?.order = order
  }

  /// `min`, `max` and their like keep the unit and meaning of their column.
  private func meaning(
    of function: AggregateFunction, _ arguments: [BoundExpression], _ type: LogicalType
  ) -> PlanColumn? {
    var column = PlanColumn(function.name, type)
    guard ["min", "max", "avg", "median", "sum", "stddev"].contains(function.name),
      let input = arguments.first?.column
    else { return column }
    column.unit = input.unit
    return column
  }
}
