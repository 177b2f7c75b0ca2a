import Base
import FunctionKit
import Functions
import Parsing
import Plans
import Vectors

extension Binder {
  mutating func bind(
    _ expression: Expression, in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    try enter(expression.range)
    defer { leave() }
    switch expression {
    case .literal(let literal, let range):
      return try bindLiteral(literal, range)
    case .column(let name):
      return try bindName(name, in: scope)
    case .parameter(let number, let range):
      return try bindParameter(number, range)
    case .and(let terms, let range):
      return BoundExpression(.and(try bindConditions(terms, in: scope)), range: range)
    case .or(let terms, let range):
      return BoundExpression(.or(try bindConditions(terms, in: scope)), range: range)
    case .not(let inner, let range):
      return BoundExpression(.not(try bindCondition(inner, in: scope)), range: range)
    case .chain(let first, let rest, let range):
      return try bindChain(first, rest, range, in: scope)
    case .comparison(let op, let left, .quantified(let inner, let isAll, _), let range):
      let value = try bind(left, in: scope)
      return try quantified(op.rawValue, value, inner, isAll: isAll, range, in: scope)
    case .comparison(let op, let left, let right, let range):
      let a = try bind(left, in: scope)
      let b = try bind(right, in: scope)
      return BoundExpression(try comparison(op, a, b, range), range: range)
    case .unary(let symbol, let inner, let range):
      return try call(symbol, [try bind(inner, in: scope)], range)
    case .call(let functionCall):
      return try bindCall(functionCall, in: scope)
    case .caseWhen(let caseExpression):
      return try bindCase(caseExpression, in: scope)
    case .cast(let inner, let typeName, let range):
      return try bindCast(inner, typeName, range, in: scope)
    default:
      return try bindPredicate(expression, in: scope)
    }
  }

  private mutating func bindPredicate(
    _ expression: Expression, in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    switch expression {
    case .inList(let value, let list, let isNegated, let range):
      return try bindIn(value, list, isNegated, range, in: scope)
    case .between(let value, let low, let high, let isNegated, let range):
      return try bindBetween(value, low, high, isNegated, range, in: scope)
    case .like(let like):
      return try bindLike(like, in: scope)
    case .isNull(let inner, let isNegated, let range):
      let bound = try bind(inner, in: scope)
      return BoundExpression(.isNull(bound.expression, isNegated: isNegated), range: range)
    case .isBoolean(let inner, let wanted, let isNegated, let range):
      let truth = try bindCondition(inner, in: scope)
      let matches = wanted ? truth : .not(truth)
      let known = ScalarExpression.caseWhen(
        [CaseBranch(condition: matches, result: .literal(.boolean(true), .boolean))],
        otherwise: .literal(.boolean(false), .boolean), .boolean)
      return BoundExpression(isNegated ? .not(known) : known, range: range)
    case .isDistinct(let left, let right, let isNegated, let range):
      let isSame = try sameness(try bind(left, in: scope), try bind(right, in: scope), range)
      return BoundExpression(isNegated ? isSame : .not(isSame), range: range)
    case .array(let elements, let range):
      var bound: [BoundExpression] = []
      for element in elements { bound.append(try bind(element, in: scope)) }
      return try call("list_value", try unified(bound, what: "ARRAY"), range)
    case .subscripted(let base, let index, let range):
      return try bindSubscript(base, index, range, in: scope)
    case .sliced(let base, let from, let to, let range):
      return try bindSlice(base, from, to, range, in: scope)
    case .field(let base, let name, let range):
      var bound = try field(name, of: try bind(base, in: scope))
      bound.range = range
      return bound
    case .quantified(_, let isAll, let range):
      throw SQLError(
        .syntaxError, "\(isAll ? "ALL" : "ANY") stands only behind a comparison", at: range,
        hint: "Write x = ANY (…).")
    case .inQuery, .exists, .scalarQuery, .arrayQuery:
      return try bindSubquery(expression, in: scope)
    default:
      throw SQLError(.internalError, "expression is not bound", at: expression.range)
    }
  }

  /// Whether two values are equal, or both NULL; never NULL itself.
  private mutating func sameness(
    _ a: BoundExpression, _ b: BoundExpression, _ range: SourceRange
  ) throws(SQLError) -> ScalarExpression {
    let isEqual = try comparison(.equal, a, b, range)
    let bothAreNull = ScalarExpression.and([
      .isNull(a.expression, isNegated: false), .isNull(b.expression, isNegated: false),
    ])
    return .caseWhen(
      [CaseBranch(condition: .isNull(isEqual, isNegated: true), result: isEqual)],
      otherwise: bothAreNull, .boolean)
  }

  /// Each expression cast to the type they have in common.
  mutating func unified(
    _ expressions: [BoundExpression], what: String
  ) throws(SQLError) -> [BoundExpression] {
    let type = try commonType(expressions, what: what)
    var result: [BoundExpression] = []
    for expression in expressions {
      result.append(
        BoundExpression(try coerce(expression, to: type), range: expression.range))
    }
    return result
  }

  // MARK: conditions

  mutating func bindCondition(
    _ expression: Expression, in scope: Scope
  ) throws(SQLError) -> ScalarExpression {
    let bound = try bind(expression, in: scope)
    if bound.type == .boolean { return bound.expression }
    if bound.isUntyped || bound.type == .null { return try coerce(bound, to: .boolean) }
    // ADQL's geometric predicates are integers: `WHERE CONTAINS(…)` means `… = 1`.
    if case .call(let call) = bound.expression, bound.type.isInteger,
      Self.geometricPredicates.contains(call.name)
    {
      let one = BoundExpression(.literal(.integer(1), .int32), range: bound.range)
      return try comparison(.equal, bound, one, bound.range)
    }
    throw SQLError(
      .datatypeMismatch, "a condition must be boolean, not \(bound.type)", at: bound.range)
  }

  static let geometricPredicates: Set<String> = ["contains", "intersects"]

  private mutating func bindConditions(
    _ terms: [Expression], in scope: Scope
  ) throws(SQLError) -> [ScalarExpression] {
    var result: [ScalarExpression] = []
    result.reserveCapacity(terms.count)
    for term in terms { result.append(try bindCondition(term, in: scope)) }
    return result
  }

  mutating func comparison(
    _ op: ComparisonOperator, _ left: BoundExpression, _ right: BoundExpression,
    _ range: SourceRange
  ) throws(SQLError) -> ScalarExpression {
    var (a, b) = try withReferences(left, right)
    let (left, right) = (a, b)
    // `CONTAINS(…) = true` reads as `= 1`.
    if a.type == .boolean, b.type.isInteger { swap(&a, &b) }
    if a.type.isInteger, b.type == .boolean, case .call(let call) = a.expression,
      Self.geometricPredicates.contains(call.name)
    {
      b = BoundExpression(.cast(b.expression, a.type), range: b.range)
    } else {
      (a, b) = (left, right)
    }
    let type = try commonType([a, b], what: op.rawValue)
    return try call(
      op.rawValue,
      [
        BoundExpression(try coerce(a, to: type), range: a.range),
        BoundExpression(try coerce(b, to: type), range: b.range),
      ], range
    ).expression
  }

  // MARK: operators

  private mutating func bindChain(
    _ first: Expression, _ rest: [ChainLink], _ range: SourceRange, in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    if rest.count > 1, rest.allSatisfy({ $0.symbol == "||" }) {
      return try bindConcatenation([first] + rest.map(\.operand), range, in: scope)
    }
    // Left-associative, so a chain of n operators is a tree n deep.
    guard rest.count <= Self.depthLimit else {
      throw SQLError(
        .statementTooComplex, "more than \(Self.depthLimit) operators in one chain", at: range,
        hint: "Group some of them with parentheses, or use sum() over VALUES.")
    }
    try enter(range, levels: rest.count)
    defer { leave(levels: rest.count) }
    var result = try bind(first, in: scope)
    for link in rest {
      if case .quantified(let inner, let isAll, _) = link.operand {
        result = try quantified(link.symbol, result, inner, isAll: isAll, range, in: scope)
        continue
      }
      let operand = try bind(link.operand, in: scope)
      let whole = result.range.union(operand.range)
      result = try call(link.symbol, [result, operand], link.range)
      result.range = whole
    }
    return result
  }

  /// `||` is associative, so a long chain becomes a balanced tree.
  private mutating func bindConcatenation(
    _ operands: [Expression], _ range: SourceRange, in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    var level: [BoundExpression] = []
    for operand in operands { level.append(try bind(operand, in: scope)) }
    while level.count > 1 {
      var next: [BoundExpression] = []
      for index in stride(from: 0, to: level.count, by: 2) {
        next.append(
          index + 1 < level.count
            ? try call("||", [level[index], level[index + 1]], range) : level[index])
      }
      level = next
    }
    return level[0]
  }

  // MARK: CASE and CAST

  private mutating func bindCase(
    _ expression: CaseExpression, in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    let operand = try expression.operand.map { (operand) throws(SQLError) in
      try bind(operand, in: scope)
    }
    if let operand {
      try requireShort(operand.expression, copies: expression.branches.count, operand.range)
    }
    var conditions: [ScalarExpression] = []
    var results: [BoundExpression] = []
    for branch in expression.branches {
      if let operand {
        let value = try bind(branch.condition, in: scope)
        conditions.append(try comparison(.equal, operand, value, value.range))
      } else {
        conditions.append(try bindCondition(branch.condition, in: scope))
      }
      results.append(try bind(branch.result, in: scope))
    }
    if let otherwise = expression.otherwise { results.append(try bind(otherwise, in: scope)) }
    let type = try commonType(results, what: "CASE")
    var branches: [CaseBranch] = []
    for index in conditions.indices {
      branches.append(
        CaseBranch(
          condition: conditions[index], result: try coerce(results[index], to: type)))
    }
    let otherwise =
      expression.otherwise == nil ? nil : try coerce(results[results.count - 1], to: type)
    return BoundExpression(
      .caseWhen(branches, otherwise: otherwise, type), range: expression.range)
  }

  private mutating func bindCast(
    _ inner: Expression, _ typeName: TypeName, _ range: SourceRange, in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    var bound = try bind(inner, in: scope)
    if let result = try systemCast(bound, typeName, range) { return result }
    let type = try Self.resolve(typeName)
    let column = bound.column
    if bound.isUntyped {
      bound = BoundExpression(try coerce(bound, to: type), range: range)
    } else if bound.type != type {
      guard bound.type == .null || Casts.kernel(from: bound.type, to: type) != nil else {
        throw SQLError(
          .cannotCoerce, "cannot cast \(bound.type) to \(type)", at: range)
      }
      bound = BoundExpression(.cast(bound.expression, type), range: range)
    }
    if var column {
      column.type = type
      column.systemType = nil
      bound.column = column
    }
    bound.range = range
    return bound
  }

  /// The type a name stands for.
  public static func resolve(_ name: TypeName) throws(SQLError) -> LogicalType {
    var type: LogicalType
    switch name.name {
    case "decimal", "numeric":
      let precision = name.arguments.first ?? 38
      let scale = name.arguments.count > 1 ? name.arguments[1] : name.arguments.isEmpty ? 10 : 0
      guard (1...38).contains(precision), (0...precision).contains(scale) else {
        throw SQLError(
          .invalidParameterValue, "decimal precision must be 1 to 38 and scale at most as much",
          at: name.range)
      }
      type = .decimal(precision: precision, scale: scale)
    case "float" where name.arguments.first.map { $0 <= 24 } ?? false:
      type = .float32
    default:
      guard let known = LogicalType.named[name.name] else {
        throw SQLError(
          .undefinedObject, "type does not exist: \"\(name.name)\"", at: name.range,
          hint: Suggestion.hint(for: name.name, among: LogicalType.named.keys))
      }
      type = known
    }
    for _ in 0..<name.arrayDepth { type = .list(type) }
    return type
  }

  // MARK: IN, BETWEEN, LIKE

  private mutating func bindIn(
    _ value: Expression, _ list: [Expression], _ isNegated: Bool, _ range: SourceRange,
    in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    let bound = try bind(value, in: scope)
    var items: [BoundExpression] = []
    items.reserveCapacity(list.count)
    for item in list { items.append(try bind(item, in: scope)) }
    let type = try commonType([bound] + items, what: "IN")
    let typed = try coerce(bound, to: type)
    try requireShort(typed, copies: items.count { !$0.expression.isConstant } + 1, bound.range)
    var constants: [Value] = []
    constants.reserveCapacity(items.count)
    var others: [ScalarExpression] = []
    var hasNull = false
    for item in items {
      let folded = ConstantFolding.fold(
        try coerce(item, to: type), functions: environment.functions)
      if case .literal(let constant, _) = folded {
        if constant.isNull { hasNull = true } else { constants.append(constant) }
      } else {
        others.append(
          try comparison(
            .equal, BoundExpression(typed, range: bound.range),
            BoundExpression(folded, range: item.range), item.range))
      }
    }
    var terms = others
    if !constants.isEmpty || hasNull || others.isEmpty {
      terms.insert(.inSet(typed, constants, hasNull: hasNull), at: 0)
    }
    let result = terms.count == 1 ? terms[0] : .or(terms)
    return BoundExpression(isNegated ? .not(result) : result, range: range)
  }

  private mutating func bindBetween(
    _ value: Expression, _ low: Expression, _ high: Expression, _ isNegated: Bool,
    _ range: SourceRange, in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    let bound = try bind(value, in: scope)
    try requireShort(bound.expression, copies: 2, bound.range)
    let above = try comparison(.greaterOrEqual, bound, try bind(low, in: scope), range)
    let below = try comparison(.lessOrEqual, bound, try bind(high, in: scope), range)
    let both = ScalarExpression.and([above, below])
    return BoundExpression(isNegated ? .not(both) : both, range: range)
  }

  private mutating func bindLike(
    _ like: LikeExpression, in scope: Scope
  ) throws(SQLError) -> BoundExpression {
    let value = try coerceToText(try bind(like.value, in: scope), what: "LIKE")
    let pattern = try coerceToText(try bind(like.pattern, in: scope), what: "LIKE")
    let escape = try like.escape.map { (escape) throws(SQLError) in
      try coerceToText(try bind(escape, in: scope), what: "ESCAPE")
    }
    func constant(_ e: ScalarExpression?) -> String? {
      guard let e, case .literal(.text(let text), _) = ConstantFolding.fold(e, functions: environment.functions)
      else { return nil }
      return text
    }
    let result: ScalarExpression
    if let text = constant(pattern), escape == nil || constant(escape) != nil {
      result = .like(
        value, pattern: text, escape: constant(escape),
        isCaseInsensitive: like.isCaseInsensitive)
    } else {
      let name = like.isCaseInsensitive ? "ilike" : "like"
      let arguments = [value, pattern, escape ?? .literal(.text("\\"), .text)]
      result = try call(
        name, arguments.map { BoundExpression($0, range: like.range) }, like.range
      ).expression
    }
    return BoundExpression(like.isNegated ? .not(result) : result, range: like.range)
  }

  private mutating func coerceToText(
    _ bound: BoundExpression, what: String
  ) throws(SQLError) -> ScalarExpression {
    if bound.isUntyped || bound.type == .null || bound.type == .text {
      return try coerce(bound, to: .text)
    }
    throw SQLError(.datatypeMismatch, "\(what) needs text, not \(bound.type)", at: bound.range)
  }
}
