import Base
import FunctionKit
import Functions
import Sky
import Vectors

final class ColumnNode: ExpressionNode {
  let index: Int
  init(index: Int) { self.index = index }

  func evaluate(_ batch: Batch, _ context: EvaluationContext) throws(SQLError) -> Vector {
    batch.columns[index]
  }
}

final class LiteralNode: ExpressionNode {
  private let single: Vector

  init(value: Value, type: LogicalType) {
    single = Vector.constant(value, type: type, count: 1)
  }

  func evaluate(_ batch: Batch, _ context: EvaluationContext) throws(SQLError) -> Vector {
    single.resizedConstant(batch.rowCount)
  }
}

final class CallNode: ExpressionNode {
  private let function: ScalarFunction
  private let arguments: [any ExpressionNode]
  private let type: LogicalType
  private let range: SourceRange?

  init(
    function: ScalarFunction, arguments: [any ExpressionNode], type: LogicalType,
    range: SourceRange?
  ) {
    self.function = function
    self.arguments = arguments
    self.type = type
    self.range = range
  }

  func evaluate(_ batch: Batch, _ context: EvaluationContext) throws(SQLError) -> Vector {
    var values: [Vector] = []
    values.reserveCapacity(arguments.count)
    for argument in arguments { values.append(try argument.evaluate(batch, context)) }
    return try function.evaluate(
      values, count: batch.rowCount, returning: type, in: context.function(at: range))
  }
}

final class CastNode: ExpressionNode {
  private let input: any ExpressionNode
  private let kernel: Kernel
  private let type: LogicalType

  init(input: any ExpressionNode, kernel: Kernel, type: LogicalType) {
    self.input = input
    self.kernel = kernel
    self.type = type
  }

  func evaluate(_ batch: Batch, _ context: EvaluationContext) throws(SQLError) -> Vector {
    let value = try input.evaluate(batch, context)
    if value.isConstantNull { return Vector.nulls(type, count: batch.rowCount) }
    return try kernel.evaluate([value], batch.rowCount, type, context.function(at: nil))
  }
}

final class IsNullNode: ExpressionNode {
  private let input: any ExpressionNode
  private let isNegated: Bool

  init(input: any ExpressionNode, isNegated: Bool) {
    self.input = input
    self.isNegated = isNegated
  }

  func evaluate(_ batch: Batch, _ context: EvaluationContext) throws(SQLError) -> Vector {
    let value = try input.evaluate(batch, context)
    guard let validity = value.validity else {
      return Vector.constant(.boolean(isNegated), type: .boolean, count: batch.rowCount)
    }
    if value.isConstant {
      return Vector.constant(
        .boolean(value.isNull(0) != isNegated), type: .boolean, count: batch.rowCount)
    }
    let result = Vector(type: .boolean, count: batch.rowCount)
    validity.writeBytes(
      to: result.values(as: UInt8.self), count: batch.rowCount, whenValid: isNegated ? 1 : 0)
    return result
  }
}

final class NotNode: ExpressionNode {
  private let input: any ExpressionNode
  init(input: any ExpressionNode) { self.input = input }

  func evaluate(_ batch: Batch, _ context: EvaluationContext) throws(SQLError) -> Vector {
    let flat = try input.evaluate(batch, context).flattened()
    let result = Vector(type: .boolean, count: batch.rowCount, validity: flat.validity)
    let source = flat.values(as: UInt8.self)
    let out = result.values(as: UInt8.self)
    for row in 0..<batch.rowCount { out[row] = source[row] ^ 1 }
    return result
  }
}

final class LikeNode: ExpressionNode {
  private let input: any ExpressionNode
  private let pattern: LikePattern

  init(input: any ExpressionNode, pattern: LikePattern) {
    self.input = input
    self.pattern = pattern
  }

  func evaluate(_ batch: Batch, _ context: EvaluationContext) throws(SQLError) -> Vector {
    let flat = try input.evaluate(batch, context).flattened()
    let result = Vector(type: .boolean, count: batch.rowCount, validity: flat.validity)
    let out = result.values(as: UInt8.self)
    for row in 0..<batch.rowCount {
      out[row] = !flat.isNull(row) && pattern.matches(flat.bytes(at: row)) ? 1 : 0
    }
    return result
  }
}

/// The exact cone test; a position that is NULL gives NULL, one outside the sky false and a counted
/// warning. Those in row groups that a scan skips for their zones, the scan counts.
final class ConeNode: ExpressionNode {
  private let lon: any ExpressionNode
  private let lat: any ExpressionNode
  private let test: ConeTest

  init(lon: any ExpressionNode, lat: any ExpressionNode, test: ConeTest) {
    self.lon = lon
    self.lat = lat
    self.test = test
  }

  func evaluate(_ batch: Batch, _ context: EvaluationContext) throws(SQLError) -> Vector {
    let lons = try lon.evaluate(batch, context).flattened()
    let lats = try lat.evaluate(batch, context).flattened()
    let result = Vector(
      type: .boolean, count: batch.rowCount,
      validity: ValidityMask.and(lons.validity, lats.validity, count: batch.rowCount))
    test.evaluate(
      lonDeg: lons.values(as: Double.self), latDeg: lats.values(as: Double.self),
      count: batch.rowCount, into: result.values(as: UInt8.self))
    context.query.warnings.add(
      Self.countOutside(lons, lats, result.validity), DomainRule.noPosition.message)
    return result
  }

  /// Rows with both coordinates that are no place on the sky.
  private static func countOutside(
    _ lons: Vector, _ lats: Vector, _ validity: ValidityMask?
  ) -> Int {
    let lon = lons.values(as: Double.self)
    let lat = lats.values(as: Double.self)
    var outside: Int = 0
    for row in 0..<lons.count {
      // False for NaN on either side, and for an infinite longitude.
      let isPlace = abs(lat[row]) <= 90 && abs(lon[row]) < .infinity
      outside &+= isPlace ? 0 : 1
    }
    guard outside > 0, let validity else { return outside }
    outside = 0
    for row in 0..<lons.count where validity.isValid(row) {
      outside &+= abs(lat[row]) <= 90 && abs(lon[row]) < .infinity ? 0 : 1
    }
    return outside
  }
}
