import Base
import Vectors

/// What one row of an arithmetic operation gives.
public enum RowOutcome<R: VectorElement> {
  case value(R)
  case divisionByZero
  case outOfRange
}

/// Kernels for arithmetic that can fail. `fast` runs over all rows, NULL or not, and must not trap; it
/// gives the answer and a word whose sign bit says "look closer". The words of a batch are joined
/// with OR, so the loop has no branch and vectorises; only when one was set does `exact` decide row by
/// row, for rows that are not NULL.
extension Kernel {
  @inlinable
  public static func arithmetic<
    A: VectorElement, R: VectorElement, Flag: FixedWidthInteger & Sendable
  >(
    fast: @escaping @Sendable (A) -> (R, Flag), exact: @escaping @Sendable (A) -> RowOutcome<R>
  ) -> Kernel {
    Kernel { arguments, count, type, context throws(SQLError) in
      let a = arguments[0].flattened()
      let result = Vector(type: type, count: count, validity: a.validity)
      let input = a.values(as: A.self)
      let out = result.values(as: R.self)
      var flags: Flag = 0
      for row in 0..<count {
        let (value, flag) = fast(input[row])
        out[row] = value
        flags |= flag
      }
      if flags >= 0 { return result }
      return try Kernel.decide(count, type, a.validity, context) { (row) -> RowOutcome<R> in
        exact(input[row])
      }
    }
  }

  @inlinable
  public static func arithmetic<
    A: VectorElement, B: VectorElement, R: VectorElement, Flag: FixedWidthInteger & Sendable
  >(
    fast: @escaping @Sendable (A, B) -> (R, Flag),
    exact: @escaping @Sendable (A, B) -> RowOutcome<R>
  ) -> Kernel {
    Kernel { arguments, count, type, context throws(SQLError) in
      if arguments[0].isConstantNull || arguments[1].isConstantNull {
        return Vector.nulls(type, count: count)
      }
      if arguments[1].isConstant, !arguments[0].isConstant {
        let a = arguments[0].flattened()
        let left = a.values(as: A.self)
        let right = arguments[1].values(as: B.self)[0]
        return try Kernel.arithmeticLoop(count, type, a.validity, context) { (row) -> (R, Flag) in
          fast(left[row], right)
        } exact: { (row) -> RowOutcome<R> in
          exact(left[row], right)
        }
      }
      if arguments[0].isConstant, !arguments[1].isConstant {
        let b = arguments[1].flattened()
        let left = arguments[0].values(as: A.self)[0]
        let right = b.values(as: B.self)
        return try Kernel.arithmeticLoop(count, type, b.validity, context) { (row) -> (R, Flag) in
          fast(left, right[row])
        } exact: { (row) -> RowOutcome<R> in
          exact(left, right[row])
        }
      }
      let a = arguments[0].flattened()
      let b = arguments[1].flattened()
      let left = a.values(as: A.self)
      let right = b.values(as: B.self)
      let validity = ValidityMask.and(a.validity, b.validity, count: count)
      return try Kernel.arithmeticLoop(count, type, validity, context) { (row) -> (R, Flag) in
        fast(left[row], right[row])
      } exact: { (row) -> RowOutcome<R> in
        exact(left[row], right[row])
      }
    }
  }

  @inlinable @inline(__always)
  static func arithmeticLoop<R: VectorElement, Flag: FixedWidthInteger & Sendable>(
    _ count: Int, _ type: LogicalType, _ validity: ValidityMask?, _ context: FunctionContext,
    fast: (Int) -> (R, Flag), exact: (Int) -> RowOutcome<R>
  ) throws(SQLError) -> Vector {
    let result = Vector(type: type, count: count, validity: validity)
    let out = result.values(as: R.self)
    var flags: Flag = 0
    for row in 0..<count {
      let (value, flag) = fast(row)
      out[row] = value
      flags |= flag
    }
    return flags >= 0 ? result : try decide(count, type, validity, context, exact)
  }

  /// Runs `exact` for the rows that are not NULL; rows without an answer follow the rules for
  /// division by zero and for values out of range.
  @inlinable
  public static func decide<R: VectorElement>(
    _ count: Int, _ type: LogicalType, _ validity: ValidityMask?, _ context: FunctionContext,
    _ exact: (Int) -> RowOutcome<R>
  ) throws(SQLError) -> Vector {
    let result = Vector(type: type, count: count, validity: validity)
    let out = result.values(as: R.self)
    let mask = validity?.copy(count: count) ?? ValidityMask(count: count, allValid: true)
    var zeroRows = 0
    var rangeRows = 0
    for row in 0..<count where validity?.isValid(row) ?? true {
      switch exact(row) {
      case .value(let value):
        out[row] = value
        continue
      case .divisionByZero: zeroRows &+= 1
      case .outOfRange: rangeRows &+= 1
      }
      mask.setNull(row)
    }
    if zeroRows > 0 { try report(.divisionByZero, rows: zeroRows, context) }
    if rangeRows > 0 { try report(.outOfRange, rows: rangeRows, context) }
    if zeroRows &+ rangeRows > 0 { result.validity = mask }
    return result
  }
}
