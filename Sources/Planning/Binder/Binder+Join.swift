import Base
import Parsing
import Plans
import Vectors

extension Binder {
  mutating func bindJoin(_ join: Join) throws(SQLError) -> (plan: LogicalPlan, scope: Scope) {
    try enter(join.range)
    defer { leave() }
    let left = try bindFrom([join.left])
    let right = try bindFrom([join.right])
    try checkAliases(left.scope, right.scope, join.right)
    guard join.kind != .full else {
      throw SQLError(.featureNotSupported, "FULL JOIN is not supported yet", at: join.range)
    }
    var scope = left.scope.joined(with: right.scope)
    var terms: [ScalarExpression] = []
    switch join.condition {
    case .none: break
    case .on(let condition):
      let saved = (aggregates, clause)
      aggregates = nil
      clause = "JOIN"
      terms = try bindCondition(condition, in: scope).conjuncts
      (aggregates, clause) = saved
    case .using(let names):
      terms = try merge(names, left.scope, right.scope, kind: join.kind, into: &scope)
    case .natural:
      let names = commonNames(left.scope, right.scope, range: join.range)
      terms = try merge(names, left.scope, right.scope, kind: join.kind, into: &scope)
    }
    let (keys, residual) = JoinConditions.split(terms, leftWidth: left.scope.width)
    if join.kind == .right {
      return rightJoin(left, right, terms: terms, scope: scope)
    }
    let plan = JoinPlan(
      kind: join.kind == .left ? .left : .inner, left: left.plan, right: right.plan, keys: keys,
      residual: residual)
    return (.join(plan), scope)
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
      let merged = kind == .right ? a.index : b.index + shift
      for relation in scope.relations.indices {
        for column in scope.relations[relation].columns.indices
        where scope.relations[relation].columns[column].index == merged {
          scope.relations[relation].columns[column].isMerged = true
        }
      }
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
