import Base
import FunctionKit
import Plans
import Vectors

/// Computes a correlated subquery for all rows around it at once: the distinct values that it takes
/// from them are joined in where it first uses them, and stay beside its rows as the first columns up
/// to the top, where the rows around are joined to them.
///
/// Where conditions make every such value equal to an expression of the subquery's own rows, that
/// expression stands for it and the rows around are not read a second time.
///
/// T. Neumann, A. Kemper, Unnesting Arbitrary Queries, BTW 2015.
struct Decorrelation {
  private let inner: Correlated
  private let outer: LogicalPlan
  private let functions: FunctionSet
  private let range: SourceRange
  /// Were the values read from the rows around? Then NULL may be one of them.
  private var readsOuter = false
  /// Is something computed above that may raise an error? Then the rows below are those that some row
  /// around reaches, and no others.
  private var isGuarded = false
  /// The columns of the values.
  let columns: [PlanColumn]

  init(_ inner: Correlated, _ outer: LogicalPlan, _ functions: FunctionSet, _ range: SourceRange) {
    self.inner = inner
    self.outer = outer
    self.functions = functions
    self.range = range
    columns = inner.domain.enumerated().map { PlanColumn("outer\($0 + 1)", $1.type) }
  }

  private var count: Int { columns.count }

  private var values: [ScalarExpression] {
    columns.enumerated().map { .column($0, $1.type) }
  }

  /// The keys by which the rows around and the finished plan are joined.
  var keys: [JoinKey] {
    zip(inner.domain, values).map { JoinKey(left: $0, right: $1, matchesNulls: readsOuter) }
  }

  /// An expression over the columns of an operator's input, behind the values.
  private func shifted(_ expression: ScalarExpression) -> ScalarExpression {
    shifted(expression) { $0 + count }
  }

  private func shifted(
    _ expression: ScalarExpression, _ own: (Int) -> Int
  ) -> ScalarExpression {
    expression.mappingColumns { index in
      if index >= Correlated.firstColumn { return index - Correlated.firstColumn }
      return index >= OuterQuery.firstColumn ? index : own(index)
    }
  }

  func shifted(_ call: AggregateCall) -> AggregateCall {
    var result = call
    result.arguments = call.arguments.map { shifted($0) }
    result.filter = call.filter.map { shifted($0) }
    return result
  }

  private func shifted(_ key: SortKey) -> SortKey {
    var result = key
    result.expression = shifted(key.expression)
    return result
  }

  private func isFree(_ plan: LogicalPlan) -> Bool { !plan.reads { $0 >= Correlated.firstColumn } }

  // MARK: operators

  /// The rows of a plan for each combination of values, with the values as first columns.
  mutating func pushed(_ plan: LogicalPlan) throws(SQLError) -> LogicalPlan {
    if isFree(plan) { return try crossed(plan) }
    switch plan {
    case .scan, .singleRow, .tableFunction, .file, .workingTable: return try crossed(plan)
    case .recursion:
      throw SQLError(
        .featureNotSupported, "a recursive query cannot use columns from around it", at: range)
    case .values(let rows, let own): return try pushed(rows, own)
    case .filter(let input, let terms): return try pushedFilter(input, terms)
    case .project(let input, let expressions, let own):
      return .project(
        try pushed(input, below: expressions), values + expressions.map { shifted($0) },
        columns: columns + own)
    case .aggregate(let input, let groups, let calls, let own):
      if groups.isEmpty { return try pushedTotal(input, calls, own) }
      return .aggregate(
        try pushed(input, below: plan.ownExpressions), groups: values + groups.map { shifted($0) },
        calls.map { shifted($0) }, columns: columns + own)
    case .window(let input, let window, let own):
      var moved = window.mappingExpressions { shifted($0) }
      moved.partitions = values + moved.partitions
      return .window(
        try pushed(input, below: plan.ownExpressions), moved, columns: columns + own)
    case .unnest(let input, let unnest, let own):
      var moved = unnest
      moved.lists = unnest.lists.map { shifted($0) }
      moved.passed = Array(0..<count) + unnest.passed.map { $0 + count }
      return .unnest(
        try pushed(input, below: unnest.lists), moved, columns: columns + own)
    case .distinct(let input): return .distinct(try pushed(input))
    case .sort(let input, let keys): return .sort(try pushed(input), keys.map { shifted($0) })
    case .limit(let input, let count, let offset):
      return try pushedLimit(input, count, offset)
    case .join(let join): return try pushed(join)
    case .union(let inputs, let own):
      var below: [LogicalPlan] = []
      for input in inputs { below.append(try pushed(input)) }
      return .union(below, columns: columns + own)
    }
  }

  /// The rows over which these expressions are computed.
  mutating func pushed(
    _ input: LogicalPlan, below expressions: [ScalarExpression]
  ) throws(SQLError) -> LogicalPlan {
    let wasGuarded = isGuarded
    defer { isGuarded = wasGuarded }
    isGuarded = isGuarded || !expressions.allSatisfy(\.neverRaises)
    return try pushed(input)
  }

  /// The distinct values, from the rows around.
  private mutating func outerValues() throws(SQLError) -> LogicalPlan {
    guard outer.isDeterministic(functions) else {
      throw SQLError(
        .featureNotSupported, "a subquery of this form cannot look at rows that are random",
        at: range, hint: "Keep them in a table first.")
    }
    readsOuter = true
    return .distinct(.project(outer, inner.domain, columns: columns))
  }

  /// Every row beside all combinations of values.
  private mutating func crossed(_ plan: LogicalPlan) throws(SQLError) -> LogicalPlan {
    let outer = try outerValues()
    if case .singleRow = plan { return outer }
    return .join(JoinPlan(kind: .inner, left: outer, right: plan, keys: [], residual: []))
  }

  /// VALUES: a projection of the values a row.
  private mutating func pushed(
    _ rows: [[ScalarExpression]], _ own: [PlanColumn]
  ) throws(SQLError) -> LogicalPlan {
    var result: [LogicalPlan] = []
    for row in rows {
      result.append(
        .project(
          try outerValues(), values + row.map { shifted($0) }, columns: columns + own))
    }
    return result.count == 1 ? result[0] : .union(result, columns: columns + own)
  }

  private mutating func pushedFilter(
    _ input: LogicalPlan, _ terms: [ScalarExpression]
  ) throws(SQLError) -> LogicalPlan {
    var input = input
    var terms = terms.flatMap(\.conjuncts)
    if case .join(var join) = input, join.kind == .inner {
      terms += join.residual.filter(Correlated.reads)
      join.residual.removeAll(where: Correlated.reads)
      input = .join(join)
    }
    if let bound = bound(input, terms) { return bound }
    return .filter(try pushed(input), terms.map { shifted($0) })
  }

  /// Rows whose own expressions stand for all values, where conditions say that they are equal.
  private func bound(_ input: LogicalPlan, _ terms: [ScalarExpression]) -> LogicalPlan? {
    guard isFree(input), !isGuarded || !outer.isDeterministic(functions) else { return nil }
    var equals = [ScalarExpression?](repeating: nil, count: count)
    var rest: [ScalarExpression] = []
    for term in terms {
      if let (number, own) = Self.equality(term), equals[number] == nil {
        equals[number] = own
      } else {
        rest.append(term)
      }
    }
    let found = equals.compactMap { $0 }
    guard found.count == count, zip(found, columns).allSatisfy({ $0.type == $1.type }) else {
      return nil
    }
    let conditions = rest.map { term in
      term.rewritten { node in
        guard case .column(let index, _) = node, index >= Correlated.firstColumn else {
          return node
        }
        return found[index - Correlated.firstColumn]
      }
    }
    let present = found.map { ScalarExpression.isNull($0, isNegated: true) }
    let own = input.columns
    return .project(
      .filter(input, conditions + present),
      found + own.enumerated().map { .column($0, $1.type) }, columns: columns + own)
  }

  /// The number of a value that a condition makes equal to an expression of the subquery alone.
  private static func equality(_ term: ScalarExpression) -> (Int, ScalarExpression)? {
    guard case .call(let call) = term, call.name == "=", call.arguments.count == 2 else {
      return nil
    }
    for (value, own) in [(0, 1), (1, 0)] {
      guard case .column(let index, _) = call.arguments[value], index >= Correlated.firstColumn,
        !call.arguments[own].isCorrelated
      else { continue }
      return (index - Correlated.firstColumn, call.arguments[own])
    }
    return nil
  }

  /// An aggregate without GROUP BY has a row for no rows, too: so for all values, its rows or none.
  private mutating func pushedTotal(
    _ input: LogicalPlan, _ calls: [AggregateCall], _ own: [PlanColumn]
  ) throws(SQLError) -> LogicalPlan {
    let below = try pushed(input, below: calls.flatMap(\.expressions)).adding([.literal(.boolean(true), .boolean)])
    let width = below.columns.count
    let all = try outerValues()
    let join = LogicalPlan.join(
      JoinPlan(
        kind: .left, left: all, right: below,
        keys: values.map { JoinKey(left: $0, right: $0, matchesNulls: true) }, residual: []))
    let isThere = ScalarExpression.isNull(
      .column(count + width - 1, .boolean), isNegated: true)
    let moved = calls.map { call -> AggregateCall in
      var result = call
      // Behind the values on the left come those on the right.
      result.arguments = call.arguments.map { shifted($0) { $0 + 2 * count } }
      let filter = call.filter.map { shifted($0) { $0 + 2 * count } }
      result.filter = .conjunction([isThere] + (filter.map { [$0] } ?? []))
      return result
    }
    return .aggregate(join, groups: values, moved, columns: columns + own)
  }

  /// LIMIT counts the rows of each combination of values.
  private mutating func pushedLimit(
    _ input: LogicalPlan, _ most: Int?, _ offset: Int
  ) throws(SQLError) -> LogicalPlan {
    if case .project(let below, let expressions, let own) = input {
      return .project(
        try pushedLimit(below, most, offset), values + expressions.map { shifted($0) },
        columns: columns + own)
    }
    var order: [SortKey] = []
    var below = input
    if case .sort(let sorted, let keys) = input {
      order = keys.map { shifted($0) }
      below = sorted
    }
    let rows = try pushed(below)
    let width = rows.columns.count
    let number = WindowCall(
      name: "row_number", isAggregate: false, argumentTypes: [], arguments: [], frame: .standard,
      type: .int64)
    let numbered = LogicalPlan.window(
      rows, WindowPlan(partitions: values, order: order, calls: [number]),
      columns: rows.columns + [PlanColumn("row_number", .int64)])
    let kept = Self.bounds(.column(width, .int64), most, offset)
    return .project(
      .filter(numbered, kept), rows.columns.enumerated().map { .column($0, $1.type) },
      columns: rows.columns)
  }

  private static func bounds(
    _ number: ScalarExpression, _ most: Int?, _ offset: Int
  ) -> [ScalarExpression] {
    func compared(_ name: String, _ value: Int) -> ScalarExpression {
      .call(
        FunctionCallExpression(
          name: name, argumentTypes: [.int64, .int64],
          arguments: [number, .literal(.integer(Int64(value)), .int64)], type: .boolean))
    }
    let lower = offset > 0 ? [compared(">", offset)] : []
    guard let most else { return lower }
    let (end, isTooLarge) = most.addingReportingOverflow(offset)
    return lower + [compared("<=", isTooLarge ? .max : end)]
  }

  // MARK: joins

  private mutating func pushed(_ join: JoinPlan) throws(SQLError) -> LogicalPlan {
    guard join.kind != .full else {
      throw SQLError(
        .featureNotSupported, "a FULL JOIN in a subquery cannot use columns from around it",
        at: range)
    }
    let readsLeft = !isFree(join.left) || join.keys.contains { Correlated.reads($0.left) }
    let readsRight = !isFree(join.right) || join.keys.contains { Correlated.reads($0.right) }
    if join.kind == .inner, !readsLeft, !readsRight {
      let moved = join.residual.filter(Correlated.reads)
      var rest = join
      rest.residual.removeAll(where: Correlated.reads)
      return try pushedFilter(.join(rest), moved)
    }
    if join.kind == .inner, !readsLeft { return try pushedRight(join) }
    return try pushedLeft(join, alsoRight: readsRight)
  }

  /// The values come in on the right side only.
  private mutating func pushedRight(_ join: JoinPlan) throws(SQLError) -> LogicalPlan {
    let left = join.left.columns
    let width = left.count
    let right = try pushed(join.right)
    let count = count
    func place(_ expression: ScalarExpression) -> ScalarExpression {
      expression.mappingColumns { index in
        if index >= Correlated.firstColumn { return width + index - Correlated.firstColumn }
        return index >= OuterQuery.firstColumn || index < width ? index : index + count
      }
    }
    let joined = LogicalPlan.join(
      JoinPlan(
        kind: .inner, left: join.left, right: right,
        keys: join.keys.map { $0.mapping(left: { $0 }, right: { shifted($0) }) },
        residual: join.residual.map(place)))
    let order =
      Array(width..<width + count) + Array(0..<width)
      + Array(width + count..<width + right.columns.count)
    return picked(joined, order)
  }

  private mutating func pushedLeft(
    _ join: JoinPlan, alsoRight: Bool
  ) throws(SQLError) -> LogicalPlan {
    let width = join.left.columns.count
    let left = try pushed(join.left)
    let right = alsoRight ? try pushed(join.right) : join.right
    let gap = alsoRight ? count : 0
    let both =
      alsoRight ? values.map { JoinKey(left: $0, right: $0, matchesNulls: true) } : []
    let keys = join.keys.map { key in
      key.mapping(left: { shifted($0) }, right: { alsoRight ? shifted($0) : $0 })
    }
    let joined = LogicalPlan.join(
      JoinPlan(
        kind: join.kind, left: left, right: right, keys: both + keys,
        residual: join.residual.map { term in
          shifted(term) { $0 < width ? $0 + count : $0 + count + gap }
        }))
    guard alsoRight, join.kind.hasRightColumns else { return joined }
    let start = count + width
    return picked(
      joined, Array(0..<start) + Array(start + count..<start + right.columns.count))
  }

  private func picked(_ plan: LogicalPlan, _ order: [Int]) -> LogicalPlan {
    let all = plan.columns
    return .project(
      plan, order.map { .column($0, all[$0].type) }, columns: order.map { all[$0] })
  }
}
