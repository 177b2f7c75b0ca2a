import Base
import Parsing
import Plans
import Vectors

extension Binder {
  mutating func bindJoin(_ join: Join) throws(SQLError) -> (plan: LogicalPlan, scope: Scope) {
    try enter(join.range)
    defer { leave() }
    if case .unnest(let unnest, let alias) = join.right.overColumns {
      return try bindUnnestJoin(join, unnest, alias)
    }
    let left = try bindFrom([join.left])
    if case .lateral(let query, let alias, let range) = join.right {
      return try bindLateralJoin(join, left, query, alias, range)
    }
    let right = try bindFrom([join.right])
    try checkAliases(left.scope, right.scope, join.right)
    var scope = left.scope.joined(with: right.scope)
    var terms: [ScalarExpression] = []
    var mergedNames: [Identifier] = []
    switch join.condition {
    case .none: break
    case .on(let condition):
      let (bound, collector) = try bindOn(condition, in: scope)
      if !collector.calls.isEmpty {
        let plan = try joinWithSubqueries(join, left, right, bound, collector)
        return (plan, scope)
      }
      terms = bound
    case .using(let names):
      mergedNames = names
      terms = try merge(names, left.scope, right.scope, kind: join.kind, into: &scope)
    case .natural:
      let names = commonNames(left.scope, right.scope, range: join.range)
      mergedNames = names
      terms = try merge(names, left.scope, right.scope, kind: join.kind, into: &scope)
    }
    let (keys, residual) = JoinConditions.split(terms, leftWidth: left.scope.width)
    if join.kind == .right {
      return rightJoin(left, right, terms: terms, scope: scope)
    }
    let kind: JoinPlan.Kind = join.kind == .left ? .left : join.kind == .full ? .full : .inner
    let plan = LogicalPlan.join(
      JoinPlan(
        kind: kind, left: left.plan, right: right.plan, keys: keys, residual: residual))
    if kind == .full, !mergedNames.isEmpty {
      return try withMerged(mergedNames, plan, left.scope, right.scope, scope)
    }
    return (plan, scope)
  }

  private mutating func bindLateralJoin(
    _ join: Join, _ left: (plan: LogicalPlan, scope: Scope), _ query: Query, _ alias: TableAlias?,
    _ range: SourceRange
  ) throws(SQLError) -> (plan: LogicalPlan, scope: Scope) {
    var condition: Expression?
    var isPlain = [.inner, .left, .cross].contains(join.kind)
    switch join.condition {
    case .on(let expression): condition = expression
    case .none: break
    case .using, .natural: isPlain = false
    }
    guard isPlain else {
      throw SQLError(
        .featureNotSupported, "LATERAL goes with JOIN, LEFT JOIN and ON only", at: join.range)
    }
    let joined = try bindLateral(
      left, query, alias, range, isLeft: join.kind == .left, on: condition)
    try checkAliases(left.scope, joined.right, join.right)
    return (joined.plan, left.scope.joined(with: joined.right))
  }

  /// The columns of USING in a full join: from whichever side has the row.
  private mutating func withMerged(
    _ names: [Identifier], _ plan: LogicalPlan, _ left: Scope, _ right: Scope, _ scope: Scope
  ) throws(SQLError) -> (plan: LogicalPlan, scope: Scope) {
    var merged: [ScalarExpression] = []
    var columns = plan.columns
    var own: [Scope.Column] = []
    var scope = scope
    for name in names {
      let a = try left.resolve(QualifiedName([name])).shifted(by: 0)
      let b = try right.resolve(QualifiedName([name])).shifted(by: left.width)
      let value = try call(
        "coalesce",
        try unified(
          [a.bound(at: name.range), b.bound(at: name.range)], what: "USING"),
        name.range)
      var column = a.column
      column.type = value.type
      own.append(Scope.Column(column: column, index: columns.count, isHidden: false))
      merged.append(value.expression)
      columns.append(column)
      scope.hideMerged([a.index, b.index])
    }
    scope.relations.insert(Scope.Relation(name: "", columns: own), at: 0)
    let all = plan.columns.enumerated().map { ScalarExpression.column($0, $1.type) }
    return (.project(plan, all + merged, columns: columns), scope)
  }

  private mutating func bindOn(
    _ condition: Expression, in scope: Scope
  ) throws(SQLError) -> ([ScalarExpression], SubqueryCollector) {
    let saved = (aggregates, subqueries, clause)
    (aggregates, subqueries, clause) = (nil, SubqueryCollector(), "JOIN")
    defer { (aggregates, subqueries, clause) = saved }
    let terms = try bindCondition(condition, in: scope).conjuncts
    return (terms, subqueries ?? SubqueryCollector())
  }

  /// Subqueries in ON: of an inner join they are conditions on its rows, of a left join values beside
  /// the rows of its right side.
  private mutating func joinWithSubqueries(
    _ join: Join, _ left: (plan: LogicalPlan, scope: Scope),
    _ right: (plan: LogicalPlan, scope: Scope), _ terms: [ScalarExpression],
    _ collector: SubqueryCollector
  ) throws(SQLError) -> LogicalPlan {
    let leftWidth = left.plan.columns.count
    var joined = JoinedSubqueries(collector)
    let columns = left.plan.columns + right.plan.columns
    let all = columns.enumerated().map { ScalarExpression.column($0, $1.type) }
    guard join.kind == .left else {
      guard join.kind == .inner || join.kind == .cross else { throw Self.outerSubquery(join) }
      let (keys, residual) = JoinConditions.split(
        terms.filter { !$0.containsSubquery }, leftWidth: leftWidth)
      let plan = LogicalPlan.join(
        JoinPlan(
          kind: .inner, left: left.plan, right: right.plan, keys: keys, residual: residual))
      let kept = try joined.filtered(
        plan, by: terms.filter(\.containsSubquery), in: &self) { $0 }
      return .project(kept, all, columns: columns)
    }
    let needed = collector.calls.flatMap(\.outerExpressions).flatMap(\.columns)
    guard needed.allSatisfy({ $0 >= leftWidth }) else { throw Self.outerSubquery(join) }
    let widened = try joined.attach(
      collector.calls.indices, to: right.plan, in: &self
    ) { $0.mappingOwnColumns { $0 - leftWidth } }
    let placed = terms.map { term in
      term.mappingColumns { index in joined.place(of: index).map { $0 + leftWidth } ?? index }
    }
    let (keys, residual) = JoinConditions.split(placed, leftWidth: leftWidth)
    let plan = JoinPlan(
      kind: .left, left: left.plan, right: widened, keys: keys, residual: residual)
    return .project(.join(plan), all, columns: columns)
  }

  private static func outerSubquery(_ join: Join) -> SQLError {
    SQLError(
      .featureNotSupported,
      "a subquery in ON of an outer join may use columns of the right side of a LEFT JOIN only",
      at: join.range, hint: "Compute it in a subquery in FROM.")
  }

  /// A right join is a left join with the sides swapped and the columns put back.
  private func rightJoin(
    _ left: (plan: LogicalPlan, scope: Scope), _ right: (plan: LogicalPlan, scope: Scope),
    terms: [ScalarExpression], scope: Scope
  ) -> (plan: LogicalPlan, scope: Scope) {
    let leftWidth = left.scope.width
    let rightWidth = right.scope.width
    let swapped = terms.map {
      $0.mappingOwnColumns { $0 < leftWidth ? $0 + rightWidth : $0 - leftWidth }
    }
    let (keys, residual) = JoinConditions.split(swapped, leftWidth: rightWidth)
    let join = LogicalPlan.join(
      JoinPlan(
        kind: .left, left: right.plan, right: left.plan, keys: keys, residual: residual))
    let columns = left.plan.columns + right.plan.columns
    let expressions = columns.indices.map { index in
      ScalarExpression.column(
        index < leftWidth ? index + rightWidth : index - leftWidth, columns[index].type)
    }
    return (.project(join, expressions, columns: columns), scope)
  }

  private func commonNames(_ left: Scope, _ right: Scope, range: SourceRange) -> [Identifier] {
    func names(_ scope: Scope) -> [String] {
      scope.relations.flatMap { $0.columns.filter { !$0.isHidden && !$0.isMerged } }
        .map(\.column.name)
    }
    let rightNames = Set(names(right).map { $0.lowercased() })
    return names(left).filter { rightNames.contains($0.lowercased()) }
      .map { Identifier($0, range: range) }
  }

  /// Equality of the named columns; the side that is kept stays visible under the bare name.
  private mutating func merge(
    _ names: [Identifier], _ left: Scope, _ right: Scope, kind: Join.Kind,
    into scope: inout Scope
  ) throws(SQLError) -> [ScalarExpression] {
    var terms: [ScalarExpression] = []
    let shift = left.width
    for name in names {
      let a = try left.resolve(QualifiedName([name]))
      let b = try right.resolve(QualifiedName([name]))
      let equal = try comparison(
        .equal,
        BoundExpression(.column(a.index, a.column.type), range: name.range),
        BoundExpression(.column(b.index + shift, b.column.type), range: name.range), name.range)
      terms.append(equal)
      scope.hideMerged([kind == .right ? a.index : b.index + shift])
    }
    return terms
  }
}

/// Splits the terms of a join condition into equalities between the sides and the rest.
enum JoinConditions {
  static func split(
    _ terms: [ScalarExpression], leftWidth: Int
  ) -> (keys: [JoinKey], residual: [ScalarExpression]) {
    var keys: [JoinKey] = []
    var residual: [ScalarExpression] = []
    for term in terms {
      if let key = key(term, leftWidth: leftWidth) {
        keys.append(key)
      } else {
        residual.append(term)
      }
    }
    return (keys, residual)
  }

  private static func key(_ term: ScalarExpression, leftWidth: Int) -> JoinKey? {
    // What comes from around a subquery is of neither side.
    guard case .call(let call) = term, call.name == "=", call.arguments.count == 2,
      !term.isCorrelated
    else { return nil }
    let a = call.arguments[0]
    let b = call.arguments[1]
    func isLeft(_ e: ScalarExpression) -> Bool {
      !e.columns.isEmpty && e.columns.allSatisfy { $0 < leftWidth }
    }
    func isRight(_ e: ScalarExpression) -> Bool {
      !e.columns.isEmpty && e.columns.allSatisfy { $0 >= leftWidth }
    }
    func moved(_ e: ScalarExpression) -> ScalarExpression { e.mappingColumns { $0 - leftWidth } }
    if isLeft(a), isRight(b) { return JoinKey(left: a, right: moved(b)) }
    if isLeft(b), isRight(a) { return JoinKey(left: b, right: moved(a)) }
    return nil
  }
}
