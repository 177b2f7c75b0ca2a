import Base
import FunctionKit
import Parsing
import Plans
import Vectors

extension Binder {
  /// Names in WINDOW must differ.
  func checkWindows(_ windows: [NamedWindow]) throws(SQLError) {
    var seen: Set<String> = []
    for window in windows where !seen.insert(window.name.text.lowercased()).inserted {
      throw SQLError(
        .windowingError, "WINDOW defines a name twice: \"\(window.name.text)\"",
        at: window.name.range)
    }
  }

  mutating func bindWindowCall(
    _ call: FunctionCall, in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    let name = call.name.last.text
    guard let written = call.window, let collector = windows else {
      throw SQLError(
        .windowingError, "window functions are not allowed in \(clause): \(name)", at: call.range,
        hint: "Compute them in a subquery in FROM.")
    }
    // Windows do not nest; aggregates may stand inside.
    windows = nil
    let outerClause = clause
    clause = "a window function"
    defer { clause = outerClause }
    let bound = try windowCall(call, in: scope)
    let specification = try resolved(written, among: namedWindows[...])
    var partitions: [ScalarExpression] = []
    for expression in specification.partitionBy {
      let key = try bind(expression, in: scope).expression
      _ = try sortKey(key, SortItem(expression: expression, isDescending: false, nulls: nil))
      partitions.append(key)
    }
    var order: [SortKey] = []
    for item in specification.orderBy {
      order.append(try sortKey(try bind(item.expression, in: scope).expression, item))
    }
    var final = bound
    final.frame = try frame(specification.frame, order)
    windows = collector
    let placeholder = windows?.add(partitions: partitions, order: order, final)
    return BoundExpression(
      placeholder ?? .column(WindowCollector.firstPlaceholder, final.type),
      column: PlanColumn(final.name, final.type), range: call.range)
  }

  /// The function with its arguments; the frame comes later.
  private mutating func windowCall(
    _ call: FunctionCall, in scope: Scope
  ) throws(SQLError) -> WindowCall {
    let name = call.name.last.text
    let isWindow = !environment.functions.windows(named: name).isEmpty
    guard isWindow || !environment.functions.aggregates(named: name).isEmpty else {
      throw SQLError(
        .windowingError, "neither a window function nor an aggregate: \(name)", at: call.range,
        hint: "Leave out OVER.")
    }
    if call.isDistinct {
      throw SQLError(
        .featureNotSupported, "DISTINCT is not possible in a window", at: call.range,
        hint: "Take the distinct rows in a subquery in FROM.")
    }
    if !call.orderBy.isEmpty {
      throw SQLError(
        .featureNotSupported, "ORDER BY is not possible inside a window function", at: call.range,
        hint: "ORDER BY in OVER says what a frame holds.")
    }
    if isWindow, call.filter != nil || call.isStar {
      throw SQLError(.syntaxError, "only aggregates take * and FILTER: \(name)", at: call.range,
        hint: "CASE in the argument can leave rows out.")
    }
    var arguments: [BoundExpression] = []
    for argument in call.arguments { arguments.append(try bind(argument, in: scope)) }
    let filter = try call.filter.map { (filter) throws(SQLError) in
      try bindCondition(filter, in: scope)
    }
    let types = arguments.map(\.argumentType)
    let (function, argumentTypes, type): (String, [LogicalType], LogicalType)
    if isWindow {
      let found = try environment.functions.resolveWindow(name, types, at: call.range)
      (function, argumentTypes, type) = (found.function.name, found.argumentTypes, found.resultType)
    } else {
      let found = try environment.functions.resolveAggregate(name, types, at: call.range)
      (function, argumentTypes, type) = (found.function.name, found.argumentTypes, found.resultType)
    }
    var coerced: [ScalarExpression] = []
    for (argument, type) in zip(arguments, argumentTypes) {
      coerced.append(try coerce(argument, to: type))
    }
    return WindowCall(
      name: function, isAggregate: !isWindow, argumentTypes: argumentTypes, arguments: coerced,
      filter: filter, frame: .standard, type: type)
  }

  /// The window with what it takes over from the one it names; in the WINDOW clause only names
  /// before it count, so this ends.
  private func resolved(
    _ window: WindowSpecification, among named: ArraySlice<NamedWindow>
  ) throws(SQLError) -> WindowSpecification {
    guard let base = window.base else { return window }
    let folded = base.text.lowercased()
    guard let index = named.firstIndex(where: { $0.name.text.lowercased() == folded }) else {
      throw SQLError(
        .undefinedObject, "window does not exist: \"\(base.text)\"", at: base.range,
        hint: Suggestion.hint(for: base.text, among: named.map(\.name.text))
          ?? "Windows are named in the WINDOW clause, each before it is referred to.")
    }
    var result = try resolved(named[index].specification, among: named[..<index])
    if window.isBareName { return result }
    guard window.partitionBy.isEmpty else {
      throw SQLError(
        .windowingError, "PARTITION BY cannot replace that of a window: \"\(base.text)\"",
        at: window.range)
    }
    guard window.orderBy.isEmpty || result.orderBy.isEmpty else {
      throw SQLError(
        .windowingError, "ORDER BY cannot replace that of a window: \"\(base.text)\"",
        at: window.range)
    }
    guard result.frame == nil else {
      throw SQLError(
        .windowingError, "a window with a frame cannot be extended: \"\(base.text)\"",
        at: window.range)
    }
    if result.orderBy.isEmpty { result.orderBy = window.orderBy }
    result.frame = window.frame
    return result
  }
}
