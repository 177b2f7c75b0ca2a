import Base
import Parsing
import Plans
import Vectors

extension Binder {
  /// GROUP BY with the aggregates, HAVING and, over the groups, the window functions.
  mutating func bindGrouped(
    _ select: Select, _ plan: LogicalPlan, calls: [AggregateCall], order: [SortKey],
    having: ScalarExpression?, windowed: WindowCollector, output: inout SelectOutput
  ) throws(SQLError) -> LogicalPlan {
    subqueries?.bindsInput = true
    let bound = try bindGroups(select.groupBy, output: output)
    var joined = JoinedSubqueries(subqueries.take() ?? SubqueryCollector())
    joined.moveToInput(bound)
    var plan = try joined.attachInput(to: plan, in: &self)
    if !order.isEmpty { plan = .sort(plan, order.map { $0.mapping(joined.placed) }) }
    let groups = bound.map(joined.placed)
    let rewriter = GroupRewriter(groups: groups, scope: output.scope)
    let isInput = joined
    func rewritten(
      _ expression: ScalarExpression, at range: SourceRange?
    ) throws(SQLError) -> ScalarExpression {
      try rewriter.rewrite(isInput.placed(expression), at: range)
    }
    for index in output.items.indices {
      output.items[index].expression = try rewritten(
        output.items[index].expression, at: output.items[index].range)
    }
    for index in output.hidden.indices {
      output.hidden[index].expression = try rewritten(
        output.hidden[index].expression, at: output.hidden[index].range)
    }
    let columns =
      groups.enumerated().map { PlanColumn("group\($0 + 1)", $1.type) }
      + calls.map { PlanColumn($0.name, $0.type) }
    let placedCalls = calls.map { $0.mapping(isInput.placed) }
    plan = .aggregate(plan, groups: groups, placedCalls, columns: columns)
    let outer = { (expression: ScalarExpression) throws(SQLError) -> ScalarExpression in
      try rewritten(expression, at: select.range)
    }
    if let having {
      let terms = try rewritten(having, at: select.having?.range).conjuncts
      plan = try joined.filtered(plan, by: terms, in: &self, outer)
    }
    plan = try joined.attachValues(to: plan, in: &self, outer)
    let all = joined
    var steps: [WindowPlan] = []
    for step in windowed.steps {
      steps.append(
        try step.mappingExpressions { (expression) throws(SQLError) in
          all.placed(try rewritten(expression, at: select.range))
        })
    }
    plan = windowed.applied(to: plan, steps, &output, all.placed)
    plan = try joined.attachRows(to: plan, in: &self, outer)
    output.mapExpressions(joined.placed)
    return plan
  }
}

extension SortKey {
  fileprivate func mapping(_ body: (ScalarExpression) -> ScalarExpression) -> SortKey {
    var result = self
    result.expression = body(expression)
    return result
  }
}

extension AggregateCall {
  func mapping(_ body: (ScalarExpression) -> ScalarExpression) -> AggregateCall {
    var result = self
    result.arguments = arguments.map(body)
    result.filter = filter.map(body)
    return result
  }
}
