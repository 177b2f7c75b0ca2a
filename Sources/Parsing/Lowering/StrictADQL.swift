import Base

/// The line that the standard's grammar draws between conditions and values, and ours does not:
/// `WHERE CONTAINS(…)` and `SELECT a > b` are SQL but not ADQL.
struct StrictADQL {
  func check(_ query: Query) throws(SQLError) {
    for table in query.with { try check(table.query) }
    try check(query.body)
    for item in query.orderBy { try value(item.expression) }
  }

  private func check(_ body: QueryBody) throws(SQLError) {
    switch body {
    case .setOperation(let operation):
      try check(operation.first)
      for link in operation.rest { try check(link.operand) }
    case .select(let select): try check(select)
    case .nested(let inner): try check(inner)
    case .values(let values):
      throw SQLError(.syntaxError, "VALUES is not part of ADQL", at: values.range)
    }
  }

  private func check(_ select: Select) throws(SQLError) {
    for item in select.items {
      if case .expression(let expression, _) = item { try value(expression) }
    }
    for table in select.from { try check(table) }
    if let condition = select.condition { try self.condition(condition) }
    for expression in select.groupBy { try value(expression) }
    if let having = select.having { try condition(having) }
  }

  private func check(_ table: TableReference) throws(SQLError) {
    switch table {
    case .derived(let query, _, _): try check(query)
    case .join(let join):
      try check(join.left)
      try check(join.right)
      if case .on(let condition) = join.condition { try self.condition(condition) }
    case .table, .file, .function, .unnest, .lateral: return
    }
  }

  private func condition(_ expression: Expression) throws(SQLError) {
    switch expression {
    case .and(let terms, _), .or(let terms, _): for term in terms { try condition(term) }
    case .not(let inner, _): try condition(inner)
    case .comparison(_, let left, let right, _): try values([left, right])
    case .inList(let item, let items, _, _): try values([item] + items)
    case .inQuery(let item, let query, _, _):
      try value(item)
      try check(query)
    case .between(let item, let low, let high, _, _): try values([item, low, high])
    case .like(let like): try values([like.value, like.pattern])
    case .isNull(let item, _, _): try value(item)
    case .exists(let query, _): try check(query)
    default:
      throw SQLError(
        .syntaxError, "a condition is expected here, not a value", at: expression.range,
        hint: "In strict ADQL write 1 = CONTAINS(…), with a comparison.")
    }
  }

  private func values(_ expressions: [Expression]) throws(SQLError) {
    for expression in expressions { try value(expression) }
  }

  private func value(_ expression: Expression) throws(SQLError) {
    switch expression {
    case .literal, .column: return
    case .chain(let first, let rest, _):
      try value(first)
      for link in rest { try value(link.operand) }
    case .unary(_, let inner, _), .cast(let inner, _, _): try value(inner)
    case .call(let call): try check(call)
    default:
      throw SQLError(
        .syntaxError, "a value is expected here, not a condition", at: expression.range,
        hint: "Strict ADQL has no truth values.")
    }
  }

  private func check(_ call: FunctionCall) throws(SQLError) {
    if call.arguments.isEmpty, call.name.text.uppercased() == "COALESCE" {
      throw SQLError(.syntaxError, "COALESCE needs an argument", at: call.range)
    }
    try values(call.arguments)
  }
}
