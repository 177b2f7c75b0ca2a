import Base
import FunctionKit
import Functions
import Parsing
import Plans
import Vectors

extension Binder {
  func bindLiteral(
    _ literal: Literal, _ range: SourceRange
  ) throws(SQLError) -> BoundExpression {
    switch literal {
    case .null: return BoundExpression(.literal(.null, .null), range: range)
    case .boolean(let value):
      return BoundExpression(.literal(.boolean(value), .boolean), range: range)
    case .string(let text):
      return BoundExpression(.literal(.text(text), .text), isUntyped: true, range: range)
    case .integer(let digits): return BoundExpression(Self.integer(digits), range: range)
    case .decimal(let digits):
      // Decimal literals are doubles, as in DuckDB's and ClickHouse's scientific use: magnitudes
      // and degrees are compared with double columns.
      let value = try castLiteral(digits, to: .float64, range)
      return BoundExpression(.literal(value, .float64), range: range)
    case .typed(let name, let text):
      guard let type = LogicalType.named[name] else {
        throw SQLError(.featureNotSupported, "\(name) literals are not supported", at: range)
      }
      return BoundExpression(.literal(try castLiteral(text, to: type, range), type), range: range)
    }
  }

  private static func integer(_ digits: String) -> ScalarExpression {
    if let value = Int64(digits) {
      return .literal(.integer(value), Int32(exactly: value) == nil ? .int64 : .int32)
    }
    if let value = Int128(digits), digits.utf8.count <= 39 {
      return .literal(.decimal(value, scale: 0), .decimal(precision: 38, scale: 0))
    }
    return .literal(.float64(Double(digits) ?? .infinity), .float64)
  }

  private func castLiteral(
    _ text: String, to type: LogicalType, _ range: SourceRange
  ) throws(SQLError) -> Value {
    do throws(SQLError) {
      return try Casts.value(text, to: type)
    } catch {
      throw error.at(range)
    }
  }

  mutating func bindParameter(
    _ number: Int, _ range: SourceRange
  ) throws(SQLError) -> BoundExpression {
    if let values = environment.parameters {
      guard number >= 1, number <= values.count else {
        throw SQLError(
          .undefinedParameter, "there is no parameter $\(number)", at: range,
          hint: "\(values.count) parameters were given.")
      }
      let value = values[number - 1]
      if number <= environment.parameterTypes.count, let type = environment.parameterTypes[number - 1] {
        return BoundExpression(try declared(value, type, range), isUntyped: false, range: range)
      }
      return BoundExpression(
        .literal(value, value.naturalType), isUntyped: value.isText, range: range)
    }
    guard number >= 1, number <= 65_535 else {
      throw SQLError(.undefinedParameter, "parameters are numbered from 1 to 65535", at: range)
    }
    while parameterTypes.count < number { parameterTypes.append(nil) }
    let type = parameterTypes[number - 1]
    return BoundExpression(
      .parameter(number, type ?? .null), isUntyped: type == nil, range: range)
  }

  /// A parameter's value as the type that was declared for it.
  private func declared(
    _ value: Value, _ type: LogicalType, _ range: SourceRange
  ) throws(SQLError) -> ScalarExpression {
    switch value {
    case .null: return .literal(.null, type)
    case .text(let text): return .literal(try castLiteral(text, to: type, range), type)
    case .integer(let number):
      if let literal = Self.integerLiteral(number, as: type) { return literal }
    default: break
    }
    let natural = value.naturalType
    return natural == type ? .literal(value, type) : .cast(.literal(value, natural), type)
  }

  /// The expression as a `type`: itself, a literal read anew, a parameter given its type, or a cast.
  mutating func coerce(
    _ bound: BoundExpression, to type: LogicalType
  ) throws(SQLError) -> ScalarExpression {
    if type == .null { return bound.expression }
    switch bound.expression {
    case .parameter(let number, _) where bound.isUntyped:
      parameterTypes[number - 1] = type
      return .parameter(number, type)
    case .literal(.text(let text), _) where bound.isUntyped:
      if type == .text { return bound.expression }
      return .literal(try castLiteral(text, to: type, bound.range), type)
    case .literal(.null, _):
      return .literal(.null, type)
    case .literal(.integer(let value), let from) where from.isInteger:
      // Numbers written out take the wanted type at once, so that columns are not widened.
      if let literal = Self.integerLiteral(value, as: type) { return literal }
    default: break
    }
    if bound.type == type { return bound.expression }
    guard Coercion.cost(from: bound.type, to: type) != nil else {
      throw SQLError(
        .datatypeMismatch, "expected \(type), found \(bound.type)", at: bound.range,
        hint: "An explicit CAST may help.")
    }
    return .cast(bound.expression, type)
  }

  private static func integerLiteral(_ value: Int64, as type: LogicalType) -> ScalarExpression? {
    switch type {
    case .int8: Int8(exactly: value).map { _ in .literal(.integer(value), type) }
    case .int16: Int16(exactly: value).map { _ in .literal(.integer(value), type) }
    case .int32: Int32(exactly: value).map { _ in .literal(.integer(value), type) }
    case .int64: .literal(.integer(value), type)
    case .float64: .literal(.float64(Double(value)), type)
    default: nil
    }
  }

  /// The type that all of `expressions` can take; text if none has a type of its own.
  func commonType(
    _ expressions: [BoundExpression], what: String
  ) throws(SQLError) -> LogicalType {
    var common: LogicalType?
    for bound in expressions where !bound.isUntyped && bound.type != .null {
      guard let known = common else {
        common = bound.type
        continue
      }
      if let wider = Self.common(known, bound) {
        common = wider
      } else {
        throw SQLError(
          .datatypeMismatch, "\(what) cannot take \(known) and \(bound.type) together",
          at: bound.range, hint: "An explicit CAST may help.")
      }
    }
    return common ?? .text
  }

  /// A literal that fits the other side's integer type does not widen it.
  private static func common(_ known: LogicalType, _ bound: BoundExpression) -> LogicalType? {
    if case .literal(.integer(let value), _) = bound.expression, known.isInteger,
      integerLiteral(value, as: known) != nil
    {
      return known
    }
    return Coercion.common(known, bound.type)
  }
}

extension Value {
  var isText: Bool { if case .text = self { true } else { false } }

  /// The type of a value that comes without one.
  var naturalType: LogicalType {
    switch self {
    case .null: .null
    case .boolean: .boolean
    case .integer(let value): Int32(exactly: value) == nil ? .int64 : .int32
    case .float32: .float32
    case .float64: .float64
    case .decimal(_, let scale): .decimal(precision: 38, scale: scale)
    case .text: .text
    case .binary: .binary
    case .date: .date
    case .timestamp: .timestamp
    case .list(let elements): .list(elements.first?.naturalType ?? .text)
    case .structure(let fields):
      .structure(fields.enumerated().map { StructField("f\($0 + 1)", $1.naturalType) })
    }
  }

}
