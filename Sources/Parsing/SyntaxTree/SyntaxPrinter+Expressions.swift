extension SyntaxPrinter {
  mutating func write(_ expression: Expression) {
    switch expression {
    case .literal(let literal, _): write(literal)
    case .column(let name): write(name)
    case .parameter(let number, _): write("$\(number)")
    case .and(let terms, _): list(terms, separator: " AND ") { $0.write(operand: $1) }
    case .or(let terms, _): list(terms, separator: " OR ") { $0.write(operand: $1) }
    case .not(let inner, _):
      write("NOT ")
      if case .not = inner { write(inner) } else { write(operand: inner) }
    case .chain(let first, let rest, _):
      write(operand: first)
      for link in rest {
        write(" \(link.symbol) ")
        write(operand: link.operand)
      }
    case .comparison(let comparison, let left, let right, _):
      write(operand: left)
      write(" \(comparison.rawValue) ")
      if case .quantified = right { write(right) } else { write(operand: right) }
    case .unary(let symbol, let inner, _):
      write(symbol + " ")
      switch inner {
      case .unary: write(inner)
      case .literal(.integer, _), .literal(.decimal, _):
        // Without parentheses the sign would become the number's.
        write("(")
        write(inner)
        write(")")
      default: write(operand: inner)
      }
    case .call(let call): write(call)
    case .caseWhen(let expression): write(expression)
    case .cast(let inner, let type, _):
      write("CAST(")
      write(inner)
      write(" AS ")
      write(type)
      write(")")
    case .array(let items, _):
      write("ARRAY[")
      list(items) { $0.write($1) }
      write("]")
    case .subscripted(let array, let index, _):
      write(operand: array, isSuffixed: true)
      write("[")
      write(index)
      write("]")
    case .exists(let query, _):
      write("EXISTS ")
      write(nested: query)
    case .scalarQuery(let query, _): write(nested: query)
    case .quantified(let inner, let isAll, _):
      write(isAll ? "ALL " : "ANY ")
      if case .scalarQuery = inner { return write(inner) }
      write("(")
      write(inner)
      write(")")
    case .arrayQuery(let query, _):
      write("ARRAY")
      write(nested: query)
    case .sliced, .field: write(part: expression)
    default: write(predicate: expression)
    }
  }

  private mutating func write(part: Expression) {
    switch part {
    case .sliced(let array, let from, let to, _):
      write(operand: array, isSuffixed: true)
      write("[")
      if let from { write(from) }
      write(":")
      if let to { write(to) }
      write("]")
    case .field(let value, let name, _):
      // A subquery has its own parentheses.
      if case .scalarQuery = value { write(value) } else {
        write("(")
        write(value)
        write(")")
      }
      write(".")
      write(name)
    default: break
    }
  }

  private mutating func write(predicate: Expression) {
    switch predicate {
    case .inList(let value, let items, let isNegated, _):
      write(operand: value)
      write(isNegated ? " NOT IN (" : " IN (")
      list(items) { $0.write($1) }
      write(")")
    case .inQuery(let value, let query, let isNegated, _):
      write(operand: value)
      write(isNegated ? " NOT IN " : " IN ")
      write(nested: query)
    case .between(let value, let low, let high, let isNegated, _):
      write(operand: value)
      write(isNegated ? " NOT BETWEEN " : " BETWEEN ")
      write(operand: low)
      write(" AND ")
      write(operand: high)
    case .like(let like):
      write(operand: like.value)
      write(like.isNegated ? " NOT" : "")
      write(like.isCaseInsensitive ? " ILIKE " : " LIKE ")
      write(operand: like.pattern)
      if let escape = like.escape {
        write(" ESCAPE ")
        write(operand: escape)
      }
    case .isNull(let value, let isNegated, _):
      write(operand: value)
      write(isNegated ? " IS NOT NULL" : " IS NULL")
    case .isBoolean(let value, let truth, let isNegated, _):
      write(operand: value)
      write(isNegated ? " IS NOT " : " IS ")
      write(truth ? "TRUE" : "FALSE")
    case .isDistinct(let value, let other, let isNegated, _):
      write(operand: value)
      write(isNegated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ")
      write(operand: other)
    default: break
    }
  }

  /// An expression beside an operator, in parentheses unless it binds tighter than all of them.
  /// With `isSuffixed` a negative number gets them too: its sign is weaker than a suffix.
  mutating func write(operand: Expression, isSuffixed: Bool = false) {
    if isPrimary(operand, isSuffixed: isSuffixed) {
      write(operand)
    } else {
      write("(")
      write(operand)
      write(")")
    }
  }

  private func isPrimary(_ expression: Expression, isSuffixed: Bool) -> Bool {
    switch expression {
    case .literal(.integer(let digits), _), .literal(.decimal(let digits), _):
      !isSuffixed || !digits.utf8.starts(with: [UInt8(ascii: "-")])
    case .literal, .column, .parameter, .call, .caseWhen, .cast, .array, .exists, .scalarQuery,
      .arrayQuery:
      true
    // At the beginning of a select list or of arguments, ALL would be taken for their quantifier.
    case .quantified(_, let isAll, _): !isAll
    case .subscripted, .sliced, .field: true
    default: false
    }
  }

  private mutating func write(_ call: FunctionCall) {
    write(call.name)
    write("(")
    if call.isStar { write("*") }
    if call.isDistinct {
      write("DISTINCT ")
    } else if call.arguments.first?.isAllOf == true {
      write("ALL ")
    }
    list(call.arguments) { $0.write($1) }
    if !call.orderBy.isEmpty {
      write(" ORDER BY ")
      list(call.orderBy) { $0.write($1) }
    }
    write(")")
    if let filter = call.filter {
      write(" FILTER (WHERE ")
      write(filter)
      write(")")
    }
    if let window = call.window {
      write(" OVER ")
      write(window)
    }
  }

  private mutating func write(_ expression: CaseExpression) {
    write("CASE")
    if let operand = expression.operand {
      write(" ")
      write(operand)
    }
    for branch in expression.branches {
      write(" WHEN ")
      write(branch.condition)
      write(" THEN ")
      write(branch.result)
    }
    if let otherwise = expression.otherwise {
      write(" ELSE ")
      write(otherwise)
    }
    write(" END")
  }
}

extension Expression {
  /// `ALL (…)` without a comparison before it.
  var isAllOf: Bool { if case .quantified(_, isAll: true, _) = self { true } else { false } }
}
