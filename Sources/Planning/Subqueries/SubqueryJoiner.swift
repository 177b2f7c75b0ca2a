import Base
import FunctionKit
import Plans
import Vectors

/// Makes joins of subqueries: no plan runs once a row.
///
/// Where the subquery's conditions on the rows around it stand at its top, they become the conditions
/// of the join. Anything else is computed for all values at once that it takes from around it, see
/// `Decorrelation`.
struct SubqueryJoiner {
  let functions: FunctionSet

  /// The rows of `plan` with the call's values as further columns.
  func attached(_ call: SubqueryCall, to plan: LogicalPlan) throws(SQLError) -> LogicalPlan {
    let inner = Correlated(call)
    switch call.kind {
    case .exists: return try existence(inner, .mark, plan, call)
    case .contains(let operand): return try membership(inner, operand, plan, call)
    case .elements(let list):
      let unnest = UnnestPlan(
        lists: [list], passed: Array(plan.columns.indices), outputs: [.element(0)], isOuter: false)
      return .unnest(
        plan, unnest, columns: plan.columns + [PlanColumn("unnest", call.types[0])])
    case .rows:
      let join = JoinPlan(kind: .inner, left: plan, right: inner.plan, keys: [], residual: [])
      return .join(join)
    case .row:
      if inner.domain.isEmpty {
        let join = JoinPlan(kind: .single, left: plan, right: inner.plan, keys: [], residual: [])
        return .join(join)
      }
      if let total = Self.total(inner.plan) {
        return try attachedTotal(total, inner, plan, call)
      }
      return try attachedRow(inner, plan, call)
    }
  }

  /// For each row of `plan` the elements of all calls' lists beside each other.
  static func unnested(_ calls: [SubqueryCall], beside plan: LogicalPlan) -> LogicalPlan {
    let lists = calls.compactMap { call in
      if case .elements(let list) = call.kind { list } else { nil }
    }
    precondition(lists.count == calls.count, "the binder makes lists of all but a lone call")
    let unnest = UnnestPlan(
      lists: lists, passed: Array(plan.columns.indices), outputs: lists.indices.map { .element($0) },
      isOuter: false)
    return .unnest(
      plan, unnest,
      columns: plan.columns + calls.map { PlanColumn("unnest", $0.types[0]) })
  }

  /// The rows of `plan` for which the subquery has rows or contains their operand, or, without
  /// `keeps`, for which it has none.
  func filtered(
    _ plan: LogicalPlan, by call: SubqueryCall, keeps: Bool
  ) throws(SQLError) -> LogicalPlan {
    let inner = Correlated(call)
    guard case .contains(let operand) = call.kind else {
      return try existence(inner, keeps ? .semi : .anti, plan, call)
    }
    if let peeled = Peeled(inner.plan, wants: .set), !inner.domain.isEmpty {
      var join = conditioned(peeled, inner, .semi, plan)
      let value = inner.placed(peeled.values[0], over: plan)
      if !value.neverRaises, let isEqual = equality(operand, value) {
        join.residual.append(isEqual)
        return .join(join)
      }
      if value.columns.allSatisfy({ $0 >= plan.columns.count && $0 < OuterQuery.firstColumn }) {
        join.keys.insert(
          JoinKey(
            left: operand, right: value.mappingColumns { $0 - plan.columns.count }), at: 0)
        return .join(join)
      }
    }
    let pushed = try decorrelated(inner, plan, call)
    let keys = pushed.keys + [JoinKey(left: operand, right: pushed.column(0, of: inner.plan))]
    return .join(
      JoinPlan(kind: .semi, left: plan, right: pushed.plan, keys: keys, residual: []))
  }

  /// The rows of `plan` with the subquery's rows for each of them beside them, as far as `terms` over
  /// both hold.
  func lateral(
    _ call: SubqueryCall, to plan: LogicalPlan, isLeft: Bool, _ terms: [ScalarExpression]
  ) throws(SQLError) -> LogicalPlan {
    let inner = Correlated(call)
    let pushed = try decorrelated(inner, plan, call)
    let width = plan.columns.count
    let moved = terms.map { term in
      term.mappingOwnColumns { $0 < width ? $0 : $0 + pushed.count }
    }
    let (keys, residual) = JoinConditions.split(moved, leftWidth: width)
    let join = LogicalPlan.join(
      JoinPlan(
        kind: isLeft ? .left : .inner, left: plan, right: pushed.plan, keys: pushed.keys + keys,
        residual: residual))
    let columns = plan.columns + inner.plan.columns
    return .project(
      join,
      columns.enumerated().map { index, column in
        .column(index < width ? index : index + pushed.count, column.type)
      }, columns: columns)
  }

  /// `a = b`, where there is such a function for their types.
  private func equality(_ a: ScalarExpression, _ b: ScalarExpression) -> ScalarExpression? {
    let types = [a.type, b.type]
    guard let found = try? functions.resolveScalar("=", types.map { ArgumentType($0) }, at: nil),
      found.argumentTypes == types
    else { return nil }
    return .call(
      FunctionCallExpression(
        name: found.function.name, argumentTypes: types, arguments: [a, b], type: .boolean))
  }

  // MARK: EXISTS and IN

  private func existence(
    _ inner: Correlated, _ kind: JoinPlan.Kind, _ plan: LogicalPlan, _ call: SubqueryCall
  ) throws(SQLError) -> LogicalPlan {
    if inner.domain.isEmpty {
      let one = LogicalPlan.limit(inner.plan, count: 1, offset: 0)
      return .join(JoinPlan(kind: kind, left: plan, right: one, keys: [], residual: []))
    }
    if let peeled = Peeled(inner.plan, wants: .existence) {
      return .join(conditioned(peeled, inner, kind, plan))
    }
    let pushed = try decorrelated(inner, plan, call)
    return .join(
      JoinPlan(kind: kind, left: plan, right: pushed.plan, keys: pushed.keys, residual: []))
  }

  private func membership(
    _ inner: Correlated, _ operand: ScalarExpression, _ plan: LogicalPlan, _ call: SubqueryCall
  ) throws(SQLError) -> LogicalPlan {
    let pushed = try decorrelated(inner, plan, call)
    let keys = pushed.keys + [JoinKey(left: operand, right: pushed.column(0, of: inner.plan))]
    return .join(
      JoinPlan(kind: .markIn, left: plan, right: pushed.plan, keys: keys, residual: []))
  }

  // MARK: values

  private func attachedRow(
    _ inner: Correlated, _ plan: LogicalPlan, _ call: SubqueryCall
  ) throws(SQLError) -> LogicalPlan {
    let width = plan.columns.count
    guard let peeled = Peeled(inner.plan, wants: .rows) else {
      let pushed = try decorrelated(inner, plan, call)
      let join = JoinPlan(
        kind: .single, left: plan, right: pushed.plan, keys: pushed.keys, residual: [])
      let first = width + inner.domain.count
      return widened(
        plan, .join(join), call.types.indices.map { .column(first + $0, call.types[$0]) })
    }
    var join = conditioned(peeled, inner, .single, plan)
    let innerWidth = peeled.plan.columns.count
    let found = ScalarExpression.literal(.boolean(true), .boolean)
    let isOwn = peeled.values.allSatisfy {
      !Correlated.reads($0) && !$0.isCorrelated && $0.neverRaises
    }
    join.right = join.right.adding(isOwn ? peeled.values : [found])
    let first = width + innerWidth
    let values = call.types.indices.map { index -> ScalarExpression in
      if isOwn { return .column(first + index, call.types[index]) }
      // Computed above the join, for partners only: others may raise errors.
      let value = inner.placed(peeled.values[index], over: plan)
      return .caseWhen(
        [
          CaseBranch(
            condition: .isNull(.column(first, .boolean), isNegated: true), result: value)
        ], otherwise: nil, value.type)
    }
    return widened(plan, .join(join), values)
  }

  /// An aggregate without GROUP BY with the expressions above it: it has one row even for no input.
  private struct Total {
    var values: [ScalarExpression]
    var input: LogicalPlan
    var calls: [AggregateCall]
  }

  private static func total(_ plan: LogicalPlan) -> Total? {
    var values = plan.columns.enumerated().map { ScalarExpression.column($0, $1.type) }
    var current = plan
    while true {
      switch current {
      case .project(let input, let expressions, _):
        values = values.map { $0.replacingColumns(by: expressions) }
        current = input
      case .sort(let input, _): current = input
      case .limit(let input, let count, 0) where count ?? 1 > 0: current = input
      case .aggregate(let input, let groups, let calls, _):
        return groups.isEmpty ? Total(values: values, input: input, calls: calls) : nil
      default: return nil
      }
    }
  }

  /// Groups by what is taken from around; where there is no group, the values are those of no rows.
  private func attachedTotal(
    _ total: Total, _ inner: Correlated, _ plan: LogicalPlan, _ call: SubqueryCall
  ) throws(SQLError) -> LogicalPlan {
    var decorrelation = Decorrelation(inner, plan, functions, call.range)
    let below = try decorrelation.pushed(total.input, below: total.calls.flatMap(\.expressions))
    let count = inner.domain.count
    let calls = total.calls.map { decorrelation.shifted($0) }
    let groups = inner.domain.enumerated().map { ScalarExpression.column($0, $1.type) }
    let columns =
      decorrelation.columns + calls.map { PlanColumn($0.name, $0.type) }
    let grouped = LogicalPlan.aggregate(below, groups: groups, calls, columns: columns)
      .adding([.literal(.boolean(true), .boolean)])
    let join = JoinPlan(
      kind: .single, left: plan, right: grouped, keys: decorrelation.keys, residual: [])
    let first = plan.columns.count + count
    let hasGroup = ScalarExpression.isNull(
      .column(first + calls.count, .boolean), isNegated: true)
    var empty: [ScalarExpression] = []
    for call in calls { empty.append(try emptyValue(of: call)) }
    let found = calls.enumerated().map { ScalarExpression.column(first + $0, $1.type) }
    let results = total.values.map { value -> ScalarExpression in
      let here = value.replacingColumns(by: found)
      let none = value.replacingColumns(by: empty)
      if case .column = value, case .literal(.null, _) = none { return here }
      return .caseWhen(
        [CaseBranch(condition: hasGroup, result: inner.replaced(here))],
        otherwise: inner.replaced(none), value.type)
    }
    return widened(plan, .join(join), results)
  }

  private func emptyValue(of call: AggregateCall) throws(SQLError) -> ScalarExpression {
    let resolved = try functions.resolveAggregate(
      call.name, call.argumentTypes.map { ArgumentType($0) }, at: nil)
    return .literal(resolved.function.emptyValue, call.type)
  }

  // MARK: joins

  /// A join with `peeled.plan` whose conditions are those of the subquery.
  private func conditioned(
    _ peeled: Peeled, _ inner: Correlated, _ kind: JoinPlan.Kind, _ plan: LogicalPlan
  ) -> JoinPlan {
    let terms = peeled.terms.map { inner.placed($0, over: plan) }
    let (keys, residual) = JoinConditions.split(terms, leftWidth: plan.columns.count)
    return JoinPlan(
      kind: kind, left: plan, right: peeled.plan, keys: keys, residual: residual)
  }

  private struct Pushed {
    let plan: LogicalPlan
    let keys: [JoinKey]
    let count: Int

    func column(_ index: Int, of inner: LogicalPlan) -> ScalarExpression {
      .column(count + index, inner.columns[index].type)
    }
  }

  private func decorrelated(
    _ inner: Correlated, _ plan: LogicalPlan, _ call: SubqueryCall
  ) throws(SQLError) -> Pushed {
    if inner.domain.isEmpty { return Pushed(plan: inner.plan, keys: [], count: 0) }
    var decorrelation = Decorrelation(inner, plan, functions, call.range)
    let pushed = try decorrelation.pushed(inner.plan)
    return Pushed(plan: pushed, keys: decorrelation.keys, count: inner.domain.count)
  }

  /// The columns of `plan`, with which `joined` begins, and further values.
  private func widened(
    _ plan: LogicalPlan, _ joined: LogicalPlan, _ values: [ScalarExpression]
  ) -> LogicalPlan {
    let columns = plan.columns
    return .project(
      joined, columns.indices.map { .column($0, columns[$0].type) } + values,
      columns: columns + values.map { PlanColumn("value", $0.type) })
  }
}

extension LogicalPlan {
  /// The same rows with further columns.
  func adding(_ expressions: [ScalarExpression]) -> LogicalPlan {
    let columns = columns
    return .project(
      self, columns.indices.map { .column($0, columns[$0].type) } + expressions,
      columns: columns + expressions.map { PlanColumn("value", $0.type) })
  }
}
