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

  public static let boolean = exactly(.boolean)
  public static let integer = exactly(.int64)
  public static let double = exactly(.float64)
  public static let text = exactly(.text)
  public static let point = exactly(.point)
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
