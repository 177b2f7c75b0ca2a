import Base
import FunctionKit
import Functions
import Parsing
import Plans
import Vectors

extension Binder {
  mutating func bindQuery(_ query: Query) throws(SQLError) -> LogicalPlan {
    try enter(query.range)
    defer { leave() }
    let outerTables = commonTables.count
    defer { commonTables.removeLast(commonTables.count - outerTables) }
    for table in query.with {
      let folded = table.name.text.lowercased()
      if commonTables[outerTables...].contains(where: { $0.name.lowercased() == folded }) {
        throw SQLError(
          .duplicateAlias, "WITH defines a name twice: \"\(table.name.text)\"",
          at: table.name.range)
      }
      try bindCommonTable(table)
    }
    var plan = try bindBody(query.body, orderBy: query.orderBy)
    let count = try query.limit.map { (limit) throws(SQLError) in
      try bindRowCount(limit, clause: "LIMIT")
    }
    let offset = try query.offset.map { (offset) throws(SQLError) in
      try bindRowCount(offset, clause: "OFFSET")
    }
    if (count ?? nil) != nil || (offset ?? nil) != nil {
      plan = .limit(plan, count: count ?? nil, offset: (offset ?? nil) ?? 0)
    }
    return plan
  }

  mutating func bindBody(
    _ body: QueryBody, orderBy: [SortItem]
  ) throws(SQLError) -> LogicalPlan {
    switch body {
    case .select(let select): return try bindSelect(select, orderBy: orderBy)
    case .values(let values): return try orderByOutput(try bindValues(values), orderBy)
    case .nested(let inner): return try orderByOutput(try bindQuery(inner), orderBy)
    case .setOperation(let operation):
      return try orderByOutput(try bindSetOperation(operation), orderBy)
    }
  }

  private mutating func bindCommonTable(_ table: CommonTable) throws(SQLError) {
    if let recursion = try bindRecursion(table) {
      commonTables.append(recursion)
      return
    }
    let bound = try bindMeasured(table.query)
    commonTables.append(
      BoundCommonTable(
        name: table.name.text,
        plan: try renaming(bound.plan, to: table.columns, range: table.name.range),
        depth: bound.depth, relationCount: bound.relationCount,
        outerCount: outerQueries.count))
  }

  /// The same rows with other column names; fewer names than columns are allowed.
  func renaming(
    _ plan: LogicalPlan, to names: [Identifier], range: SourceRange
  ) throws(SQLError) -> LogicalPlan {
    guard !names.isEmpty else { return plan }
    var columns = plan.columns
    guard names.count <= columns.count else {
      throw SQLError(
        .invalidColumnReference,
        "\(names.count) column names given for \(columns.count) columns", at: range)
    }
    for (index, name) in names.enumerated() { columns[index].name = name.text }
    let expressions = columns.indices.map { ScalarExpression.column($0, columns[$0].type) }
    return .project(plan, expressions, columns: columns)
  }

  /// A constant count of rows; nil for NULL and ALL.
  private mutating func bindRowCount(
    _ expression: Expression, clause: String
  ) throws(SQLError) -> Int? {
    let bound = try bindConstant(expression, as: .int64, clause: clause)
    guard case .integer(let count) = bound else { return nil }
    guard count >= 0 else {
      throw SQLError(
        .invalidParameterValue, "\(clause) must not be negative: \(count)", at: expression.range)
    }
    return Int(count)
  }

  /// The value of an expression without columns; parameters without a value give 1 row counts.
  mutating func bindConstant(
    _ expression: Expression, as type: LogicalType, clause: String
  ) throws(SQLError) -> Value {
    let saved = (aggregates, subqueries, outerQueries, self.clause)
    (aggregates, subqueries, outerQueries) = (nil, nil, [])
    self.clause = clause
    defer { (aggregates, subqueries, outerQueries, self.clause) = saved }
    let bound = try bind(expression, in: Scope())
    let typed = try coerce(bound, to: type)
    let folded = ConstantFolding.fold(typed, functions: environment.functions)
    var inner = folded
    while case .cast(let operand, _) = inner { inner = operand }
    if case .parameter = inner { return .integer(1) }
    guard case .literal(let value, _) = folded else {
      throw SQLError(
        .invalidColumnReference, "\(clause) must be a constant", at: expression.range)
    }
    return value
  }

  private mutating func bindValues(_ values: Values) throws(SQLError) -> LogicalPlan {
    clause = "VALUES"
    let saved = subqueries
    subqueries = SubqueryCollector()
    defer { subqueries = saved }
    let targets = assignedTypes
    assignedTypes = []
    var rows: [[BoundExpression]] = []
    rows.reserveCapacity(values.rows.count)
    for row in values.rows {
      var bound: [BoundExpression] = []
      for expression in row { bound.append(try bind(expression, in: Scope())) }
      rows.append(bound)
    }
    let width = rows.first?.count ?? 0
    var columns: [PlanColumn] = []
    var typed = rows.map { _ in [ScalarExpression]() }
    for index in 0..<width {
      if targets.count == width {
        columns.append(PlanColumn("column\(index + 1)", targets[index]))
        for row in rows.indices {
          typed[row].append(try assign(rows[row][index], to: targets[index]))
        }
        continue
      }
      let type = try commonType(rows.map { $0[index] }, what: "VALUES")
      columns.append(PlanColumn("column\(index + 1)", type))
      for row in rows.indices { typed[row].append(try coerce(rows[row][index], to: type)) }
    }
    if let collector = subqueries.take(), !collector.calls.isEmpty {
      return try projected(typed, columns, with: collector)
    }
    return .values(rows: typed, columns: columns)
  }

  /// Rows with subqueries in them: each is a projection of what its subqueries give.
  private mutating func projected(
    _ rows: [[ScalarExpression]], _ columns: [PlanColumn], with collector: SubqueryCollector
  ) throws(SQLError) -> LogicalPlan {
    var result: [LogicalPlan] = []
    for row in rows {
      var joined = JoinedSubqueries(collector)
      let numbers = Set(row.flatMap { collector.calls(in: $0) })
      let plan = try joined.attach(numbers.sorted(), to: .singleRow, in: &self) { $0 }
      result.append(.project(plan, row.map(joined.placed), columns: columns))
    }
    return result.count == 1 ? result[0] : .union(result, columns: columns)
  }

  /// A value on its way into a column: like a coercion, but numbers may also become narrower.
  private mutating func assign(
    _ bound: BoundExpression, to type: LogicalType
  ) throws(SQLError) -> ScalarExpression {
    if bound.isUntyped || bound.type == .null
      || Coercion.cost(from: bound.type, to: type) != nil
    {
      return try coerce(bound, to: type)
    }
    guard Casts.kernel(from: bound.type, to: type) != nil else {
      throw SQLError(
        .datatypeMismatch, "expected \(type), found \(bound.type)", at: bound.range)
    }
    let cast = ScalarExpression.cast(bound.expression, type)
    return ConstantFolding.fold(cast, functions: environment.functions)
  }

  /// ORDER BY over rows that are finished: names and ordinals of the output only.
  private mutating func orderByOutput(
    _ plan: LogicalPlan, _ items: [SortItem]
  ) throws(SQLError) -> LogicalPlan {
    guard !items.isEmpty else { return plan }
    let columns = plan.columns
    let scope = Scope(relations: [
      Scope.Relation(
        name: "", columns: columns.enumerated().map {
          Scope.Column(column: $1, index: $0, isHidden: false)
        })
    ])
    clause = "ORDER BY"
    var keys: [SortKey] = []
    for item in items {
      let key: ScalarExpression
      if let ordinal = try ordinal(item.expression, count: columns.count, clause: "ORDER BY") {
        key = .column(ordinal, columns[ordinal].type)
      } else {
        key = try bind(item.expression, in: scope).expression
      }
      keys.append(try sortKey(key, item))
    }
    return .sort(plan, keys)
  }

  func sortKey(_ expression: ScalarExpression, _ item: SortItem) throws(SQLError) -> SortKey {
    switch expression.type.physical {
    case .list, .structure:
      throw SQLError(
        .undefinedFunction, "values of this type have no order: \(expression.type)",
        at: item.expression.range)
    default: break
    }
    return SortKey(
      expression, isDescending: item.isDescending, nullsFirst: item.nulls.map { $0 == .first })
  }

  /// The position that an integer literal names in ORDER BY or GROUP BY, counted from 0.
  func ordinal(
    _ expression: Expression, count: Int, clause: String
  ) throws(SQLError) -> Int? {
    guard case .literal(.integer(let digits), let range) = expression else { return nil }
    guard let number = Int(digits), (1...max(1, count)).contains(number), count > 0 else {
      throw SQLError(
        .invalidColumnReference, "\(clause) position is not in the select list: \(digits)",
        at: range)
    }
    return number - 1
  }
}
