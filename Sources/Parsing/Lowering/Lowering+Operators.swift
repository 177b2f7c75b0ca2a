import Base

/// The stacks of `Lowering.operatorRow`, empty between two rows.
struct OperatorStacks {
  struct Value {
    var expression: Expression
    /// The tokens it covers, with the parentheses around it.
    var start: Int
    var end: Int
  }

  /// An operator that waits for its last operand, or a chain of them of one level.
  struct Pending {
    var level: Int
    /// Where its first operand stands in `values`.
    var firstValue: Int
    /// Where its operators stand in `symbols`.
    var firstSymbol: Int
  }

  var values: [Value] = []
  var pending: [Pending] = []
  /// Tokens of operators.
  var symbols: [Int] = []
}

/// Shapes a flat row of operands and operators by the levels in the grammar: Dijkstra's two stacks.
extension Lowering {
  mutating func operatorRow(_ node: Int) throws(SQLError) -> Expression {
    var awaitsOperand = true
    var prefixes: [Int] = []
    for child in children(node) {
      if kind(child) == .operator {
        let token = Int(nodes[child].start)
        if awaitsOperand {
          prefixes.append(token)
        } else {
          try infix(token)
          awaitsOperand = true
        }
      } else if awaitsOperand {
        try push(child, prefixes: prefixes)
        prefixes.removeAll(keepingCapacity: true)
        awaitsOperand = false
      } else {
        try suffix(child)
      }
    }
    while !operators.pending.isEmpty { try reduce() }
    guard let value = operators.values.popLast() else { throw unexpected(node) }
    return value.expression
  }

  private func level(of kinds: [Int8], token: Int) -> Int {
    Int(kinds[Int(tokens[token].kind.rawValue)])
  }

  /// Puts an operand with the operators before it on the stacks; a sign directly before a number
  /// becomes the number's, unless something that binds tighter follows.
  private mutating func push(_ node: Int, prefixes: [Int]) throws(SQLError) {
    var prefixes = prefixes[...]
    var start = Int(nodes[node].start)
    let end = Int(nodes[node].end)
    var expression = try operand(node)
    if kind(node) == .literal, let sign = prefixes.last,
      case .literal(let literal, _) = expression,
      let signed = Self.signed(literal, by: text(tokens[sign])), !bindsTighter(end)
    {
      prefixes = prefixes.dropLast()
      start = sign
      expression = .literal(signed, range(fromToken: sign, toToken: end))
    }
    for prefix in prefixes {
      operators.pending.append(
        OperatorStacks.Pending(
          level: level(of: program.prefixLevels, token: prefix),
          firstValue: operators.values.count, firstSymbol: operators.symbols.count))
      operators.symbols.append(prefix)
    }
    operators.values.append(.init(expression: expression, start: start, end: end))
  }

  /// Whether the token behind a number begins a suffix like `::`, which takes the bare number.
  private func bindsTighter(_ token: Int) -> Bool {
    let follower = text(tokens[token])
    return follower == "::" || follower == "["
  }

  private static func signed(_ literal: Literal, by sign: String) -> Literal? {
    switch (literal, sign) {
    case (.integer(let digits), "-"): .integer("-" + digits)
    case (.decimal(let digits), "-"): .decimal("-" + digits)
    case (.integer, "+"), (.decimal, "+"): literal
    default: nil
    }
  }

  private mutating func infix(_ token: Int) throws(SQLError) {
    let level = level(of: program.infixLevels, token: token)
    while let top = operators.pending.last, top.level > level {
      try reduce()
    }
    if let top = operators.pending.last, top.level == level {
      guard program.levels[level].fixity == .many else { throw cannotRepeat(token) }
      operators.symbols.append(token)
      return
    }
    operators.pending.append(
      OperatorStacks.Pending(
        level: level, firstValue: operators.values.count - 1,
        firstSymbol: operators.symbols.count))
    operators.symbols.append(token)
  }

  private func cannotRepeat(_ token: Int) -> SQLError {
    SQLError(
      .syntaxError, "comparisons cannot be chained: \"\(text(tokens[token]))\"",
      at: tokens[token].range, hint: "Join them with AND: a < b AND b < c.")
  }

  private mutating func suffix(_ node: Int) throws(SQLError) {
    let level = Int(program.suffixLevels[kind(node)] ?? 0)
    while let top = operators.pending.last, top.level > level {
      try reduce()
    }
    guard let value = operators.values.popLast() else { throw unexpected(node) }
    let end = Int(nodes[node].end)
    let range = range(fromToken: value.start, toToken: end)
    let expression = try suffixed(value.expression, node, range: range)
    operators.values.append(.init(expression: expression, start: value.start, end: end))
  }

  /// Replaces the youngest operator and its operands by the expression they make.
  private mutating func reduce() throws(SQLError) {
    guard let top = operators.pending.popLast() else { return }
    if program.levels[top.level].fixity == .once { return try reduceComparison() }
    // Copies, not slices: a slice that lives on would make the removals copy the whole stack.
    let symbols = Array(operators.symbols[top.firstSymbol...])
    let operands = Array(operators.values[top.firstValue...])
    operators.symbols.removeLast(symbols.count)
    operators.values.removeLast(operands.count)
    guard let first = operands.first, let last = operands.last, let symbol = symbols.first else {
      throw SQLError(.internalError, "an operator has no operands")
    }
    let isPrefix = program.levels[top.level].fixity == .before
    let start = isPrefix ? symbol : first.start
    let range = range(fromToken: start, toToken: last.end)
    let expression = combined(symbols, operands, top.level, range)
    operators.values.append(.init(expression: expression, start: start, end: last.end))
  }

  /// The common case of two operands, without the copies.
  private mutating func reduceComparison() throws(SQLError) {
    guard let symbol = operators.symbols.popLast(), let right = operators.values.popLast(),
      let left = operators.values.popLast()
    else { throw SQLError(.internalError, "a comparison has no operands") }
    let range = range(fromToken: left.start, toToken: right.end)
    let expression = Expression.comparison(
      comparison(tokens[symbol]), left.expression, right.expression, range)
    operators.values.append(.init(expression: expression, start: left.start, end: right.end))
  }

  private func comparison(_ token: Token) -> ComparisonOperator {
    let start = Int(token.offset)
    switch (bytes[start], token.length) {
    case (UInt8(ascii: "="), _): return .equal
    case (UInt8(ascii: "<"), 1): return .less
    case (UInt8(ascii: ">"), 1): return .greater
    case (UInt8(ascii: ">"), _): return .greaterOrEqual
    case (UInt8(ascii: "<"), _) where bytes[start + 1] == UInt8(ascii: "="): return .lessOrEqual
    default: return .notEqual
    }
  }

  private func combined(
    _ symbols: [Int], _ operands: [OperatorStacks.Value], _ level: Int,
    _ range: SourceRange
  ) -> Expression {
    let first = operands[0].expression
    let symbol = text(tokens[symbols[0]])
    switch program.levels[level].name {
    case "or": return .or(operands.map(\.expression), range)
    case "and": return .and(operands.map(\.expression), range)
    case "not": return .not(first, range)
    case "sign", "complement": return .unary(symbol, first, range)
    default:
      let links = zip(symbols, operands.dropFirst()).map { symbol, operand in
        ChainLink(
          symbol: text(tokens[symbol]), operand: operand.expression, range: tokens[symbol].range)
      }
      return .chain(first: first, rest: links, range)
    }
  }
}
