import Base

/// What `Grammar/Expressions.peg.swift` matches.
extension Lowering {
  /// All expressions among the children.
  mutating func expressions(_ node: Int) throws(SQLError) -> [Expression] {
    var result: [Expression] = []
    for child in children(node) where kind(child) == .expression {
      result.append(try expression(child))
    }
    return result
  }

  /// The first expression among the children.
  mutating func onlyExpression(_ node: Int) throws(SQLError) -> Expression {
    guard let child = firstChild(node, of: .expression) else { throw unexpected(node) }
    return try expression(child)
  }

  /// An expression with more to it than one literal.
  mutating func makeExpression(_ node: Int) throws(SQLError) -> Expression {
    guard let first = firstChild(node) else { throw unexpected(node) }
    let isAlone = nodes[first].next == nodes[node].next
    return isAlone ? try operand(first) : try operatorRow(node)
  }

  /// A number or a string by its token.
  func literal(_ token: Token) -> Expression {
    switch token.kind {
    case .integer: .literal(.integer(text(token)), token.range)
    case .decimal: .literal(.decimal(text(token)), token.range)
    default: .literal(.string(unquoted(token)), token.range)
    }
  }

  /// What stands between operators.
  mutating func operand(_ node: Int) throws(SQLError) -> Expression {
    switch kind(node) {
    case .literal: return literalOperand(node)
    case .column: return .column(qualifiedName(firstChild(node) ?? node))
    case .parenthesised: return try onlyExpression(node)
    case .call: return .call(try call(node))
    case .parameter: return try parameter(node)
    case .typedLiteral:
      let type = text(firstToken(node)).lowercased()
      return .literal(.typed(type, unquoted(lastToken(node))), range(node))
    case .caseWhen: return .caseWhen(try caseWhen(node))
    case .cast:
      guard let type = firstChild(node, of: .typeName) else { throw unexpected(node) }
      return .cast(try onlyExpression(node), try typeName(type), range(node))
    case .exists:
      guard let subquery = firstChild(node) else { throw unexpected(node) }
      return .exists(try nestedQuery(subquery), range(node))
    case .array:
      if let subquery = firstChild(node, of: .subquery) {
        return .arrayQuery(try nestedQuery(subquery), range(node))
      }
      return .array(try expressions(node), range(node))
    case .subquery: return .scalarQuery(try nestedQuery(node), range(node))
    case .quantified:
      let isAll = has(.allOf, in: node)
      if let subquery = firstChild(node, of: .subquery) {
        let query = Expression.scalarQuery(try nestedQuery(subquery), range(subquery))
        return .quantified(query, isAll: isAll, range(node))
      }
      return .quantified(try onlyExpression(node), isAll: isAll, range(node))
    default: throw unexpected(node)
    }
  }

  private func literalOperand(_ node: Int) -> Expression {
    guard let child = firstChild(node) else { return literal(firstToken(node)) }
    switch kind(child) {
    case .true: return .literal(.boolean(true), range(node))
    case .false: return .literal(.boolean(false), range(node))
    default: return .literal(.null, range(node))
    }
  }

  private mutating func parameter(_ node: Int) throws(SQLError) -> Expression {
    guard let number = Int(text(firstToken(node)).dropFirst()), (1...65_535).contains(number)
    else {
      throw SQLError(
        .undefinedParameter, "there is no parameter \(text(firstToken(node)))", at: range(node),
        hint: "Parameters are numbered from $1 to $65535.")
    }
    parameterCount = max(parameterCount, number)
    return .parameter(number, range(node))
  }

  private mutating func call(_ node: Int) throws(SQLError) -> FunctionCall {
    var call = FunctionCall(name: qualifiedName(node), arguments: [], range: range(node))
    for child in children(node) {
      switch kind(child) {
      case .arguments:
        call.isStar = has(.star, in: child)
        call.isDistinct = has(.distinct, in: child)
        call.arguments = try expressions(child)
        if let order = firstChild(child, of: .orderBy) {
          for item in children(order) { call.orderBy.append(try sortItem(item)) }
        }
      case .filter: call.filter = try onlyExpression(child)
      case .windowName: call.window = windowName(child)
      case .windowSpecification: call.window = try windowSpecification(child)
      default: break
      }
    }
    return call
  }

  private mutating func caseWhen(_ node: Int) throws(SQLError) -> CaseExpression {
    var result = CaseExpression(operand: nil, branches: [], otherwise: nil, range: range(node))
    for child in children(node) {
      switch kind(child) {
      case .caseOperand: result.operand = try onlyExpression(child)
      case .otherwise: result.otherwise = try onlyExpression(child)
      case .when:
        let parts = try expressions(child)
        guard parts.count == 2 else { throw unexpected(child) }
        result.branches.append(CaseExpression.Branch(condition: parts[0], result: parts[1]))
      default: break
      }
    }
    return result
  }

  // MARK: What follows an operand

  /// `value` with the suffix `node`; `range` covers both.
  mutating func suffixed(
    _ value: Expression, _ node: Int, range: SourceRange
  ) throws(SQLError) -> Expression {
    let isNegated = has(.not, in: node)
    switch kind(node) {
    case .is:
      if let other = firstChild(node, of: .distinctFrom) {
        return .isDistinct(value, try onlyExpression(other), isNegated: isNegated, range)
      }
      return isTest(value, node, isNegated: isNegated, range: range)
    case .between:
      let bounds = try expressions(node)
      guard bounds.count == 2 else { throw unexpected(node) }
      return .between(value, low: bounds[0], high: bounds[1], isNegated: isNegated, range)
    case .in:
      if let subquery = firstChild(node, of: .subquery) {
        return .inQuery(value, try nestedQuery(subquery), isNegated: isNegated, range)
      }
      return .inList(value, try expressions(node), isNegated: isNegated, range)
    case .like:
      let escape = firstChild(node, of: .escape)
      return .like(
        LikeExpression(
          value: value, pattern: try onlyExpression(node),
          escape: try escape.map { escape throws(SQLError) in try onlyExpression(escape) },
          isCaseInsensitive: has(.ilike, in: node), isNegated: isNegated, range: range))
    case .typeCast:
      guard let type = firstChild(node) else { throw unexpected(node) }
      return .cast(value, try typeName(type), range)
    case .subscripted: return try subscripted(value, node, range)
    case .fieldAccess: return .field(value, identifier(lastToken(node)), range)
    case .collate:
      try checkCollation(node)
      return value
    default: throw unexpected(node)
    }
  }

  private mutating func subscripted(
    _ value: Expression, _ node: Int, _ range: SourceRange
  ) throws(SQLError) -> Expression {
    guard let end = firstChild(node, of: .sliceEnd) else {
      return .subscripted(value, try onlyExpression(node), range)
    }
    return .sliced(
      value, from: try expressions(node).first, to: try expressions(end).first, range)
  }

  /// Text has one order here, that of its code points; collations that mean it may be named.
  private func checkCollation(_ node: Int) throws(SQLError) {
    guard let child = firstChild(node) else { throw unexpected(node) }
    let name = qualifiedName(child)
    let known = ["default", "c", "posix", "ucs_basic", "c.utf-8", "c.utf8", "pg_c_utf8"]
    guard known.contains(name.last.text.lowercased()) else {
      throw SQLError(
        .undefinedObject, "collation does not exist: \"\(name.text)\"", at: range(child),
        hint: "Text is ordered by its code points, as with COLLATE \"C\".")
    }
  }

  private func isTest(
    _ value: Expression, _ node: Int, isNegated: Bool, range: SourceRange
  ) -> Expression {
    if has(.true, in: node) { return .isBoolean(value, true, isNegated: isNegated, range) }
    if has(.false, in: node) { return .isBoolean(value, false, isNegated: isNegated, range) }
    return .isNull(value, isNegated: isNegated, range)
  }
}
