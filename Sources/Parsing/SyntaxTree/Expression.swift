import Base

/// An expression as written. Chains of AND, OR, `+ -`, `* /` and `||` are one node with many
/// operands, so that a chain of 150,000 terms is wide, not deep.
public indirect enum Expression: Hashable, Sendable {
  case literal(Literal, SourceRange)
  case column(QualifiedName)
  /// `$n`, counted from 1.
  case parameter(Int, SourceRange)
  case and([Expression], SourceRange)
  case or([Expression], SourceRange)
  case not(Expression, SourceRange)
  /// A chain of operators of one precedence level and of the same family, left to right:
  /// `first op₁ e₁ op₂ e₂ …`. Families: additive (+ -), multiplicative (* / %), others (|| | & # << >>).
  case chain(first: Expression, rest: [ChainLink], SourceRange)
  /// `= <> < <= > >=`; `!=` is lowered to `<>`.
  case comparison(ComparisonOperator, Expression, Expression, SourceRange)
  /// Unary minus or plus (`-`, `+`) on anything but a number literal, which takes its sign itself,
  /// and `~`, which turns all bits over.
  case unary(String, Expression, SourceRange)
  /// `f(a, b)`, `count(*)`, `count(DISTINCT x)`, `POINT('ICRS', ra, dec)`. Names as written.
  case call(FunctionCall)
  case caseWhen(CaseExpression)
  case cast(Expression, TypeName, SourceRange)
  case inList(Expression, [Expression], isNegated: Bool, SourceRange)
  case inQuery(Expression, Query, isNegated: Bool, SourceRange)
  case exists(Query, SourceRange)
  case scalarQuery(Query, SourceRange)
  /// `ARRAY(SELECT …)`.
  case arrayQuery(Query, SourceRange)
  case between(Expression, low: Expression, high: Expression, isNegated: Bool, SourceRange)
  case like(LikeExpression)
  case isNull(Expression, isNegated: Bool, SourceRange)
  /// `x IS [NOT] TRUE | FALSE`; UNKNOWN is lowered to isNull.
  case isBoolean(Expression, Bool, isNegated: Bool, SourceRange)
  /// `x IS [NOT] DISTINCT FROM y`: a comparison that takes NULL for a value.
  case isDistinct(Expression, Expression, isNegated: Bool, SourceRange)
  /// `ANY (…)` or `ALL (…)` behind a comparison, of a subquery's values or of a list's elements.
  case quantified(Expression, isAll: Bool, SourceRange)
  /// `ARRAY[a, b]`.
  case array([Expression], SourceRange)
  /// `a[i]`, counted from 1.
  case subscripted(Expression, Expression, SourceRange)
  /// `a[from:to]`, counted from 1, both included; a bound that is left out is the list's.
  case sliced(Expression, from: Expression?, to: Expression?, SourceRange)
  /// `(s).field`.
  case field(Expression, Identifier, SourceRange)
}

public struct ChainLink: Hashable, Sendable {
  /// One of `+ - * / % || | & # << >>`.
  public var symbol: String
  public var operand: Expression
  /// Where the operator stands.
  public var range: SourceRange

  public init(symbol: String, operand: Expression, range: SourceRange) {
    self.symbol = symbol
    self.operand = operand
    self.range = range
  }
}

public enum ComparisonOperator: String, Hashable, Sendable, CaseIterable {
  case equal = "="
  case notEqual = "<>"
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
}

public struct FunctionCall: Hashable, Sendable {
  public var name: QualifiedName
  public var arguments: [Expression]
  /// `count(*)`.
  public var isStar = false
  public var isDistinct = false
  /// `f(x ORDER BY y)`, of aggregates.
  public var orderBy: [SortItem] = []
  /// `FILTER (WHERE …)`.
  public var filter: Expression?
  /// `OVER …`.
  public var window: WindowSpecification?
  public var range: SourceRange

  public init(name: QualifiedName, arguments: [Expression], range: SourceRange) {
    self.name = name
    self.arguments = arguments
    self.range = range
  }
}

public struct CaseExpression: Hashable, Sendable {
  public struct Branch: Hashable, Sendable {
    public var condition: Expression
    public var result: Expression

    public init(condition: Expression, result: Expression) {
      self.condition = condition
      self.result = result
    }
  }

  /// `CASE operand WHEN …`.
  public var operand: Expression?
  public var branches: [Branch]
  public var otherwise: Expression?
  public var range: SourceRange

  public init(
    operand: Expression?, branches: [Branch], otherwise: Expression?, range: SourceRange
  ) {
    self.operand = operand
    self.branches = branches
    self.otherwise = otherwise
    self.range = range
  }
}

public struct LikeExpression: Hashable, Sendable {
  public var value: Expression
  public var pattern: Expression
  public var escape: Expression?
  public var isCaseInsensitive: Bool
  public var isNegated: Bool
  public var range: SourceRange

  public init(
    value: Expression, pattern: Expression, escape: Expression?, isCaseInsensitive: Bool,
    isNegated: Bool, range: SourceRange
  ) {
    self.value = value
    self.pattern = pattern
    self.escape = escape
    self.isCaseInsensitive = isCaseInsensitive
    self.isNegated = isNegated
    self.range = range
  }
}

/// A literal's text is kept until the binder knows the wanted type.
public enum Literal: Hashable, Sendable {
  case null
  case boolean(Bool)
  /// Digits only, with a sign if one stood directly before: fits or does not fit an Int64 later.
  case integer(String)
  /// With a point or an exponent: `1.5`, `.5`, `1e-3`, also with sign.
  case decimal(String)
  /// The unescaped text.
  case string(String)
  /// `DATE '2020-01-01'`, `TIMESTAMP '…'`, `INTERVAL '…'`: the lower-case type and the text.
  case typed(String, String)
}

extension Expression {
  public var range: SourceRange {
    switch self {
    case .literal(_, let range), .parameter(_, let range), .and(_, let range), .or(_, let range),
      .not(_, let range), .chain(_, _, let range), .comparison(_, _, _, let range),
      .unary(_, _, let range), .cast(_, _, let range), .inList(_, _, _, let range),
      .inQuery(_, _, _, let range), .exists(_, let range), .scalarQuery(_, let range),
      .arrayQuery(_, let range), .quantified(_, _, let range),
      .between(_, _, _, _, let range), .isNull(_, _, let range), .isBoolean(_, _, _, let range),
      .isDistinct(_, _, _, let range),
      .array(_, let range), .subscripted(_, _, let range),
      .sliced(_, _, _, let range), .field(_, _, let range):
      return range
    case .column(let name): return name.range
    case .call(let call): return call.range
    case .caseWhen(let expression): return expression.range
    case .like(let expression): return expression.range
    }
  }
}
