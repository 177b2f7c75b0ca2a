import Vectors

/// A parameter or a result: its name, what it may be, its unit and what it means.
public struct Quantity: Sendable {
  public var name: String
  public var type: ParameterType
  /// VOUnit text such as "deg" or "mas.yr**-1"; nil without a unit.
  public var unit: String?
  public var meaning: String?

  public init(
    _ name: String, _ type: ParameterType, unit: String? = nil, meaning: String? = nil
  ) {
    self.name = name
    self.type = type
    self.unit = unit
    self.meaning = meaning
  }

  // Names that both enumerations have, such as `.text`, mean the parameter type.
  @_disfavoredOverload
  public init(
    _ name: String, _ type: LogicalType, unit: String? = nil, meaning: String? = nil
  ) {
    self.init(name, .exactly(type), unit: unit, meaning: meaning)
  }
}

/// What a parameter takes, or what a result is.
public enum ParameterType: Sendable, Hashable {
  case exactly(LogicalType)
  /// Any type at all.
  case any
  /// Any numeric type, kept as it is.
  case anyNumber
  /// Any type that has an order: not lists, structures or shapes.
  case anyOrdered
  /// As a parameter: after coercion the same type as the first parameter; as a result: the type of
  /// parameter `n` after coercion.
  case sameAs(Int)
  /// A list of anything.
  case anyList
  /// As a result: the element type of list parameter `n`.
  case elementOf(Int)
  /// As a result: a list of parameter `n`'s type.
  case listOf(Int)
  /// A decimal of any precision and scale, kept as it is; integers become decimals of scale 0.
  case anyDecimal
  /// As a result: the decimal that holds the answer of an operation on the arguments.
  case decimalResult(DecimalRule)

  public static let boolean = exactly(.boolean)
  public static let integer = exactly(.int64)
  public static let double = exactly(.float64)
  public static let text = exactly(.text)
  public static let point = exactly(.point)
}

/// Precision and scale of a decimal operation's answer, capped at 38 digits.
public enum DecimalRule: Sendable, Hashable {
  /// The larger scale, one digit more in front.
  case sum
  /// The scales added.
  case product
  /// The dividend's scale and at least 6 digits.
  case quotient
  /// The larger scale.
  case remainder
  /// 38 digits at the first argument's scale, for totals.
  case total

  /// The result type for arguments of these types; `a` alone for `total`.
  public func type(_ a: LogicalType, _ b: LogicalType) -> LogicalType {
    guard case .decimal(let p1, let s1) = a else { return .decimal(precision: 38, scale: 0) }
    guard self != .total, case .decimal(let p2, let s2) = b else {
      return .decimal(precision: 38, scale: s1)
    }
    let whole = max(p1 - s1, p2 - s2)
    let (precision, scale): (Int, Int)
    switch self {
    case .sum: (precision, scale) = (whole + max(s1, s2) + 1, max(s1, s2))
    case .product: (precision, scale) = (p1 + p2, min(38, s1 + s2))
    case .quotient: (precision, scale) = (38, min(37, max(6, s1)))
    case .remainder, .total: (precision, scale) = (whole + max(s1, s2), max(s1, s2))
    }
    return .decimal(precision: min(38, max(precision, scale, 1)), scale: scale)
  }
}

/// A call with its expected answer: documentation and test at once.
public struct Example: Sendable, Hashable {
  /// A SQL expression.
  public var sql: String
  /// The answer as text in PostgreSQL's form, `NULL` for NULL.
  public var answer: String
  /// How far a floating-point answer may be off, absolutely.
  public var tolerance: Double

  public init(_ sql: String, gives answer: String, within tolerance: Double = 0) {
    self.sql = sql
    self.answer = answer
    self.tolerance = tolerance
  }
}
