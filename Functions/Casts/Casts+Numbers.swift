import Base
import FunctionKit
import Glibc
import Vectors

/// Casts between numbers, and between integers and booleans.
extension Casts {
  static func number(from: LogicalType, to: LogicalType) -> Kernel? {
    switch from {
    case .boolean where to.isInteger: return booleanToInteger(to)
    case .int8: return integer(Int8.self, to: to)
    case .int16: return integer(Int16.self, to: to)
    case .int32: return integer(Int32.self, to: to)
    case .int64: return integer(Int64.self, to: to)
    case .float32: return float(Float.self, to: to)
    case .float64: return float(Double.self, to: to)
    case .decimal(_, let scale): return decimal(scale: scale, to: to)
    default: return nil
    }
  }

  private static func booleanToInteger(_ to: LogicalType) -> Kernel? {
    switch to {
    case .int8: .map { (a: UInt8) -> Int8 in a == 0 ? 0 : 1 }
    case .int16: .map { (a: UInt8) -> Int16 in a == 0 ? 0 : 1 }
    case .int32: .map { (a: UInt8) -> Int32 in a == 0 ? 0 : 1 }
    case .int64: .map { (a: UInt8) -> Int64 in a == 0 ? 0 : 1 }
    default: nil
    }
  }

  // MARK: From integers

  @inline(__always)
  private static func integer<A: FixedWidthInteger & SignedInteger & VectorElement>(
    _: A.Type, to: LogicalType
  ) -> Kernel? {
    switch to {
    case .boolean: .map { (a: A) -> Bool in a != 0 }
    case .int8: narrow(A.self, Int8.self)
    case .int16: narrow(A.self, Int16.self)
    case .int32: narrow(A.self, Int32.self)
    case .int64: narrow(A.self, Int64.self)
    case .float32: .map { (a: A) -> Float in Float(a) }
    case .float64: .map { (a: A) -> Double in Double(a) }
    case .decimal(let precision, let scale):
      decimalKernel(precision: precision) { (a: A) -> Int128? in
        let (value, overflow) = Int128(a).multipliedReportingOverflow(by: PowerOfTen.int128[scale])
        return overflow ? nil : value
      }
    default: nil
    }
  }

  @inline(__always)
  private static func narrow<
    A: FixedWidthInteger & SignedInteger & VectorElement,
    R: FixedWidthInteger & SignedInteger & VectorElement
  >(_: A.Type, _: R.Type) -> Kernel {
    .arithmetic(
      fast: { (a: A) -> (R, A) in
        let value = R(truncatingIfNeeded: a)
        return (value, A(truncatingIfNeeded: value) == a ? 0 : -1)
      },
      exact: { (a: A) -> RowOutcome<R> in R(exactly: a).map { .value($0) } ?? .outOfRange })
  }

  // MARK: From floating point

  @inline(__always)
  private static func float<A: BinaryFloatingPoint & VectorElement & CustomStringConvertible>(
    _: A.Type, to: LogicalType
  ) -> Kernel? {
    switch to {
    case .int8: rounding(A.self, Int8.self)
    case .int16: rounding(A.self, Int16.self)
    case .int32: rounding(A.self, Int32.self)
    case .int64: rounding(A.self, Int64.self)
    case .float64: .map { (a: A) -> Double in Double(a) }
    case .float32:
      .arithmetic(
        fast: { (a: A) -> (Float, Int32) in
          let value = Float(a)
          return (value, value.magnitude <= .greatestFiniteMagnitude ? 0 : -1)
        },
        exact: { (a: A) -> RowOutcome<Float> in
          Float(a).isInfinite && a.isFinite ? .outOfRange : .value(Float(a))
        })
    case .decimal(let precision, let scale):
      decimalKernel(precision: precision) { (a: A) -> Int128? in
        guard a.isFinite else { return nil }
        // The shortest digits that stand for the number are what a user means by it.
        var text = a.description
        return text.withUTF8 {
          try? NumberText.parseDecimal(
            UnsafeRawBufferPointer($0), precision: precision, scale: scale)
        }
      }
    default: nil
    }
  }

  @inline(__always)
  private static func rounding<
    A: BinaryFloatingPoint & VectorElement, R: FixedWidthInteger & VectorElement
  >(_: A.Type, _: R.Type) -> Kernel {
    let lower = -exp2(Double(R.bitWidth - 1))
    // The end above is a power of two, too, so neither comparison rounds; false for NaN.
    let checked = Kernel.mapChecked(.outOfRange) { (a: A) -> R? in
      let value = WholeNumber.nearest(Double(a))
      return value >= lower && value < -lower ? R(truncatingIfNeeded: Int64(value)) : nil
    }
    // Without leaving the loop first; a row that does not fit may still be NULL.
    return Kernel { arguments, count, type, context throws(SQLError) in
      let flat = arguments[0].flattened()
      let input = flat.values(as: A.self)
      let result = Vector(type: type, count: count, validity: flat.validity)
      let out = result.values(as: R.self)
      var misfits: UInt8 = 0
      if R.bitWidth <= 32 {
        // Adding 1.5 * 2^52 rounds, halves to even, and leaves the whole number in the lowest bits.
        let (low, high) = (lower - 0.5, -lower - 0.5)
        for row in 0..<count {
          let value = Double(input[row])
          misfits |= value >= low && value < high ? 0 : 1
          out[row] = R(truncatingIfNeeded: (value + 0x1.8p52).bitPattern)
        }
      } else {
        for row in 0..<count {
          let value = WholeNumber.nearest(Double(input[row]))
          let fits = value >= lower && value < -lower
          misfits |= fits ? 0 : 1
          // Through Int64 in one instruction: the generic conversion takes 20 ns.
          out[row] = R(truncatingIfNeeded: Int64(fits ? value : 0))
        }
      }
      if misfits == 0 { return result }
      return try checked.evaluate([flat], count, type, context)
    }
  }

  // MARK: From and to decimals

  private static func decimal(scale: Int, to: LogicalType) -> Kernel? {
    switch to {
    case .int8: decimalToInteger(scale, Int8.self)
    case .int16: decimalToInteger(scale, Int16.self)
    case .int32: decimalToInteger(scale, Int32.self)
    case .int64: decimalToInteger(scale, Int64.self)
    case .float32: .map { (a: Int128) -> Float in Float(double(a, scale: scale)) }
    case .float64: .map { (a: Int128) -> Double in double(a, scale: scale) }
    case .decimal(let precision, let target):
      decimalKernel(precision: precision) { (a: Int128) -> Int128? in
        rescaled(a, from: scale, to: target)
      }
    default: nil
    }
  }

  private static func decimalToInteger<R: FixedWidthInteger & VectorElement>(
    _ scale: Int, _: R.Type
  ) -> Kernel {
    .mapChecked(.outOfRange) { (a: Int128) -> R? in
      rescaled(a, from: scale, to: 0).flatMap { R(exactly: $0) }
    }
  }

  private static func decimalKernel<A: VectorElement>(
    precision: Int, _ body: @escaping @Sendable (A) -> Int128?
  ) -> Kernel {
    let limit = PowerOfTen.int128[precision]
    return .mapChecked(.outOfRange) { (a: A) -> Int128? in
      guard let value = body(a), value.magnitude < limit.magnitude else { return nil }
      return value
    }
  }

  /// The same number with another scale, rounded half away from zero; nil beyond 128 bits.
  static func rescaled(_ value: Int128, from: Int, to: Int) -> Int128? {
    if to >= from {
      let (product, overflow) = value.multipliedReportingOverflow(by: PowerOfTen.int128[to - from])
      return overflow ? nil : product
    }
    let divisor = PowerOfTen.int128[from - to]
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    guard remainder.magnitude >= (divisor - Int128(remainder.magnitude)).magnitude else {
      return quotient
    }
    return value < 0 ? quotient - 1 : quotient + 1
  }

  /// The double nearest to value / 10^scale.
  public static func double(_ value: Int128, scale: Int) -> Double {
    // Both are exact doubles, so the division rounds once.
    if value.magnitude <= 1 << 53, scale <= 22 {
      return Double(Int64(truncatingIfNeeded: value)) / Double(PowerOfTen.int128[scale])
    }
    return Double("\(value)e-\(scale)") ?? .nan
  }
}
