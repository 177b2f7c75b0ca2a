import Base
import Vectors

/// Why a row has no answer, and what then happens to it.
public struct DomainRule: Sendable {
  public enum Effect: Sendable {
    /// An error in `sql`, NULL with a counted warning in `adql`.
    case error
    /// NULL with a counted warning in every dialect.
    case null
  }

  public var state: SQLState
  /// "cannot take the square root of a negative number".
  public var message: String
  public var effect: Effect

  public init(_ state: SQLState, _ message: String, effect: Effect = .error) {
    self.state = state
    self.message = message
    self.effect = effect
  }

  public static let divisionByZero = DomainRule(.divisionByZero, "division by zero")
  public static let outOfRange = DomainRule(.numericValueOutOfRange, "value out of range")
  public static func argument(_ message: String) -> DomainRule {
    DomainRule(.invalidArgumentForFunction, message)
  }
  /// Positions that are no place on the sky.
  public static let noPosition = DomainRule(
    .invalidParameterValue, "coordinates outside the sky", effect: .null)
}

/// Kernels from a closure for one row that returns nil outside the function's domain. The closure
/// runs only for rows that are not NULL.
extension Kernel {
  @inlinable
  public static func mapChecked<A: VectorElement, R: VectorElement>(
    _ rule: DomainRule, _ body: @escaping @Sendable (A) -> R?
  ) -> Kernel {
    Kernel { arguments, count, type, context throws(SQLError) in
      let flat = arguments.map { $0.flattened() }
      let a = flat[0].values(as: A.self)
      return try Kernel.checked(flat, count, type, rule, context) { (row) -> R? in body(a[row]) }
    }
  }

  @inlinable
  public static func mapChecked<A: VectorElement, B: VectorElement, R: VectorElement>(
    _ rule: DomainRule, _ body: @escaping @Sendable (A, B) -> R?
  ) -> Kernel {
    Kernel { arguments, count, type, context throws(SQLError) in
      let flat = arguments.map { $0.flattened() }
      let a = flat[0].values(as: A.self)
      let b = flat[1].values(as: B.self)
      return try Kernel.checked(flat, count, type, rule, context) { (row) -> R? in
        body(a[row], b[row])
      }
    }
  }

  @inlinable
  public static func mapChecked<
    A: VectorElement, B: VectorElement, C: VectorElement, R: VectorElement
  >(_ rule: DomainRule, _ body: @escaping @Sendable (A, B, C) -> R?) -> Kernel {
    Kernel { arguments, count, type, context throws(SQLError) in
      let flat = arguments.map { $0.flattened() }
      let a = flat[0].values(as: A.self)
      let b = flat[1].values(as: B.self)
      let c = flat[2].values(as: C.self)
      return try Kernel.checked(flat, count, type, rule, context) { (row) -> R? in
        body(a[row], b[row], c[row])
      }
    }
  }

  @inlinable
  public static func mapChecked<
    A: VectorElement, B: VectorElement, C: VectorElement, D: VectorElement, R: VectorElement
  >(_ rule: DomainRule, _ body: @escaping @Sendable (A, B, C, D) -> R?) -> Kernel {
    Kernel { arguments, count, type, context throws(SQLError) in
      let flat = arguments.map { $0.flattened() }
      let a = flat[0].values(as: A.self)
      let b = flat[1].values(as: B.self)
      let c = flat[2].values(as: C.self)
      let d = flat[3].values(as: D.self)
      return try Kernel.checked(flat, count, type, rule, context) { (row) -> R? in
        body(a[row], b[row], c[row], d[row])
      }
    }
  }

  /// Runs `answer` for every row valid in all of `flat`; rows without an answer follow `rule`.
  @inlinable @inline(__always)
  static func checked<R: VectorElement>(
    _ flat: [Vector], _ count: Int, _ type: LogicalType, _ rule: DomainRule,
    _ context: FunctionContext, _ answer: (Int) -> R?
  ) throws(SQLError) -> Vector {
    let common = commonValidity(flat, count: count)
    let result = Vector(type: type, count: count, validity: common)
    let out = result.values(as: R.self)
    var failed: ValidityMask?
    for row in 0..<count {
      if let common, !common.isValid(row) { continue }
      if let value = answer(row) {
        out[row] = value
      } else {
        if failed == nil { failed = common?.copy(count: count) ?? .init(count: count, allValid: true) }
        failed?.setNull(row)
      }
    }
    guard let failed else { return result }
    try report(rule, rows: failed.nullCount(count) - (common?.nullCount(count) ?? 0), context)
    result.validity = failed
    return result
  }

  /// Raises the error of `rule`, or counts the warning, as dialect and rule say.
  public static func report(
    _ rule: DomainRule, rows: Int, _ context: FunctionContext
  ) throws(SQLError) {
    if rule.effect == .error, context.domainErrors == .raise {
      throw SQLError(rule.state, rule.message, at: context.range)
    }
    context.warnings.add(rows, rule.message)
  }
}
