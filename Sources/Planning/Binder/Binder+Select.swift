import Base
import Parsing
import Plans
import Vectors

extension Binder {
  /// SELECT with its ORDER BY, which may use both output names and input columns.
  mutating func bindSelect(
    _ select: Select, orderBy: [SortItem]
  ) throws(SQLError) -> LogicalPlan {
    var (plan, scope) = try bindFrom(select.from)
    let saved = (aggregates, windows, namedWindows, subqueries)
    defer { (aggregates, windows, namedWindows, subqueries) = saved }
    (aggregates, windows, subqueries) = (nil, nil, nil)
    try checkWindows(select.windows)
    if let condition = select.condition {
      clause = "WHERE"
      plan = try filtered(plan, by: condition, in: scope)
    }
    var output = SelectOutput(scope: scope)
    let hasGroups = !select.groupBy.isEmpty
    aggregates = AggregateCollector()
    windows = WindowCollector()
    subqueries = SubqueryCollector()
    namedWindows = select.windows
    for item in select.items { try bindItem(item, into: &output) }
    if output.items.isEmpty, select.from.isEmpty {
      throw SQLError(.syntaxError, "select list is empty", at: select.range)
    }
    let having = try bindHaving(select.having, in: scope)
    try bindSortKeys(orderBy, select: select, output: &output)
    let windowed = windows.take() ?? WindowCollector()
    let (calls, order) = (aggregates?.calls ?? [], aggregates?.order ?? [])
    if hasGroups || !calls.isEmpty || having != nil {
      aggregates = nil
      plan = try bindGrouped(
        select, plan, calls: calls, order: order, having: having, windowed: windowed,
        output: &output)
    } else {
      var joined = JoinedSubqueries(subqueries.take() ?? SubqueryCollector())
      plan = try joined.attachValues(to: plan, in: &self)
      plan = windowed.applied(
        to: plan, windowed.steps.map { $0.mappingExpressions(joined.placed) }, &output,
        joined.placed)
      plan = try joined.attachRows(to: plan, in: &self)
      output.mapExpressions(joined.placed)
    }
    try requireShallow(plan, select.range)
    scope = output.scope
    return try finish(plan, output, isDistinct: select.isDistinct)
  }

  private mutating func bindHaving(
    _ having: Expression?, in scope: Scope
  ) throws(SQLError) -> ScalarExpression? {
    guard let having else { return nil }
    let outer = windows.take()
    defer { windows = outer }
    clause = "HAVING"
    return try bindCondition(having, in: scope)
  }

  // MARK: the select list

  private mutating func bindItem(
    _ item: SelectItem, into output: inout SelectOutput
  ) throws(SQLError) {
    switch item {
    case .all(let qualifier, let range):
      try expand(qualifier, range, into: &output)
    case .expression(let expression, let alias):
      clause = "SELECT"
      let bound = try bind(expression, in: output.scope)
      var column = bound.column ?? PlanColumn(Self.outputName(of: expression), bound.type)
      let typed = bound.isUntyped ? try coerce(bound, to: .text) : bound.expression
      column.type = typed.type == .null ? .text : typed.type
      let final = typed.type == .null ? ScalarExpression.literal(.null, .text) : typed
      if let alias { column.name = alias.text }
      output.items.append(
        .init(expression: final, column: column, isAliased: alias != nil, range: bound.range))
    }
  }

  private func expand(
    _ qualifier: QualifiedName?, _ range: SourceRange, into output: inout SelectOutput
  ) throws(SQLError) {
    guard !output.scope.relations.isEmpty else {
      throw SQLError(.syntaxError, "SELECT * needs a FROM clause", at: range)
    }
    var found = false
    for relation in output.scope.relations {
      if let qualifier, relation.name.lowercased() != qualifier.last.text.lowercased() { continue }
      found = true
      for column in relation.columns
      where !column.isHidden && (qualifier != nil || !column.isMerged) {
        output.items.append(
          .init(
            expression: .column(column.index, column.column.type), column: column.column,
            isAliased: false, range: range))
      }
    }
    if !found, let qualifier {
      throw SQLError(
        .undefinedTable, "no table of that name in FROM: \"\(qualifier.text)\"",
        at: qualifier.range,
        hint: Suggestion.hint(
          for: qualifier.text, among: output.scope.relations.map(\.name)))
    }
  }

  /// The name of an unnamed output column, as PostgreSQL gives it.
  static func outputName(of expression: Expression) -> String {
    switch expression {
    case .column(let name): name.last.text
    case .call(let call): call.name.last.text.lowercased()
    case .cast(let inner, let type, _):
      if case .column = inner { outputName(of: inner) } else { type.name }
    case .caseWhen: "case"
    case .exists: "exists"
    case .literal(.boolean, _): "bool"
    case .array, .arrayQuery: "array"
    case .subscripted(_, .literal(.string(let name), _), _): name
    case .subscripted(let base, _, _), .sliced(let base, _, _, _): outputName(of: base)
    case .field(_, let name, _): name.text
    default: "?column?"
    }
  }

  // MARK: ORDER BY

  private mutating func bindSortKeys(
    _ items: [SortItem], select: Select, output: inout SelectOutput
  ) throws(SQLError) {
    clause = "ORDER BY"
    let visible = output.items.count
    for item in items {
      if let position = try ordinal(item.expression, count: visible, clause: "ORDER BY") {
        output.sortKeys.append((position, item))
        continue
      }
      if case .column(let name) = item.expression, name.parts.count == 1,
        let position = try output.position(named: name.last)
      {
        output.sortKeys.append((position, item))
        continue
      }
      let bound = try bind(item.expression, in: output.scope)
      if let position = output.items.firstIndex(where: { $0.expression == bound.expression }) {
        output.sortKeys.append((position, item))
        continue
      }
      if select.isDistinct {
        throw SQLError(
          .invalidColumnReference, "ORDER BY of SELECT DISTINCT must name something in its list",
          at: item.expression.range)
      }
      output.sortKeys.append((output.items.count + output.hidden.count, item))
      output.hidden.append(
        .init(
          expression: bound.expression, column: PlanColumn("", bound.type), isAliased: false,
          range: bound.range))
    }
  }

  // MARK: GROUP BY

  mutating func bindGroups(
    _ expressions: [Expression], output: SelectOutput
  ) throws(SQLError) -> [ScalarExpression] {
    clause = "GROUP BY"
    var groups: [ScalarExpression] = []
    for expression in expressions {
      let group = try bindGroup(expression, output: output)
      if !groups.contains(group) { groups.append(group) }
    }
    return groups
  }

  private mutating func bindGroup(
    _ expression: Expression, output: SelectOutput
  ) throws(SQLError) -> ScalarExpression {
    func item(_ position: Int) throws(SQLError) -> ScalarExpression {
      let group = output.items[position].expression
      if group.containsWindow {
        throw SQLError(
          .windowingError, "window functions are not allowed in GROUP BY", at: expression.range)
      }
      if group.containsAggregate {
        throw SQLError(
          .groupingError, "aggregate functions are not allowed in GROUP BY", at: expression.range)
      }
      return group
    }
    if let position = try ordinal(expression, count: output.items.count, clause: "GROUP BY") {
      return try item(position)
    }
    // An input column comes first, then the name of an output column.
    if case .column(let name) = expression, name.parts.count == 1 {
      do throws(SQLError) {
        return try bind(expression, in: output.scope).expression
      } catch {
        guard error.state == .undefinedColumn, let position = try output.position(named: name.last)
        else { throw error }
        return try item(position)
      }
    }
    return try bind(expression, in: output.scope).expression
  }

  // MARK: the end

  private func finish(
    _ input: LogicalPlan, _ output: SelectOutput, isDistinct: Bool
  ) throws(SQLError) -> LogicalPlan {
    let all = output.items + output.hidden
    var plan = LogicalPlan.project(
      input, all.map(\.expression), columns: all.map(\.column))
    if isDistinct { plan = .distinct(plan) }
    if !output.sortKeys.isEmpty {
      var keys: [SortKey] = []
      for (position, item) in output.sortKeys {
        keys.append(try sortKey(.column(position, all[position].expression.type), item))
      }
      plan = .sort(plan, keys)
    }
    if !output.hidden.isEmpty {
      let columns = output.items.map(\.column)
      plan = .project(
        plan, columns.indices.map { .column($0, columns[$0].type) }, columns: columns)
    }
    return plan
  }
}

/// The select list while it is bound: visible items, hidden ones that only ORDER BY needs.
struct SelectOutput {
  struct Item {
    var expression: ScalarExpression
    var column: PlanColumn
    var isAliased: Bool
    var range: SourceRange
  }

  var scope: Scope
  var items: [Item] = []
  var hidden: [Item] = []
  /// Positions among `items + hidden`.
  var sortKeys: [(position: Int, item: SortItem)] = []

  init(scope: Scope) { self.scope = scope }

  mutating func mapExpressions(_ body: (ScalarExpression) -> ScalarExpression) {
    for index in items.indices { items[index].expression = body(items[index].expression) }
    for index in hidden.indices { hidden[index].expression = body(hidden[index].expression) }
  }

  /// The item that an output name refers to: an error if two different ones have it.
  func position(named name: Identifier) throws(SQLError) -> Int? {
    let folded = name.text.lowercased()
    let matches = items.indices.filter {
      name.isDelimited
        ? items[$0].column.name == name.text : items[$0].column.name.lowercased() == folded
    }
    guard let first = matches.first else { return nil }
    if matches.contains(where: { items[$0].expression != items[first].expression }) {
      throw SQLError(
        .ambiguousColumn, "output column is ambiguous: \"\(name.text)\"", at: name.range)
    }
    return first
  }
}

/// Rewrites expressions over the input into expressions over groups and aggregates.
struct GroupRewriter {
  let groups: [ScalarExpression]
  let scope: Scope

  func rewrite(_ expression: ScalarExpression, at range: SourceRange?) throws(SQLError)
    -> ScalarExpression
  {
    if let index = groups.firstIndex(of: expression) { return .column(index, expression.type) }
    if case .column(let index, let type) = expression {
      // Of window functions and subqueries, or from around this query.
      if index <= WindowCollector.firstPlaceholder || index >= OuterQuery.firstColumn {
        return expression
      }
      if index < 0 { return .column(groups.count - 1 - index, type) }
      throw SQLError(
        .groupingError,
        "column must be in GROUP BY or inside an aggregate: \"\(scope.name(ofColumn: index))\"",
        at: range)
    }
    var children: [ScalarExpression] = []
    for child in expression.children { children.append(try rewrite(child, at: range)) }
    return expression.replacingChildren(children)
  }
}

extension ScalarExpression {
  /// True if a placeholder of an aggregate is inside.
  var containsAggregate: Bool {
    columns.contains { $0 < 0 && $0 > WindowCollector.firstPlaceholder }
  }

  /// True if a placeholder of a window function is inside.
  var containsWindow: Bool {
    columns.contains {
      $0 <= WindowCollector.firstPlaceholder && $0 > SubqueryCollector.firstPlaceholder
    }
  }
}
