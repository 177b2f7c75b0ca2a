/// Rounding to whole numbers in a few additions, which a compiler turns into vector instructions: the
/// plain x86-64 has none of its own, and a call of the C library takes 2 ns a number.
///
/// All results are exact, and keep the sign of zero; NaN and infinities stay what they are.
public enum WholeNumber {
  /// Doubles from here on are whole.
  @usableFromInline static let whole = 0x1p52

  /// The nearest whole number, halves to the even one.
  @inlinable @inline(__always)
  public static func nearest(_ value: Double) -> Double {
    let magnitude = abs(value)
    // Behind 2^52 there are no digits: adding it rounds, and taking it away leaves the rest.
    let rounded = (magnitude + whole) - whole
    return Double(signOf: value, magnitudeOf: magnitude < whole ? rounded : magnitude)
  }

  /// The greatest whole number that is not above `value`.
  @inlinable @inline(__always)
  public static func below(_ value: Double) -> Double {
    let rounded = nearest(value)
    return Double(signOf: value, magnitudeOf: rounded > value ? rounded - 1 : rounded)
  }

  /// The least whole number that is not below `value`.
  @inlinable @inline(__always)
  public static func above(_ value: Double) -> Double {
    let rounded = nearest(value)
    return Double(signOf: value, magnitudeOf: rounded < value ? rounded + 1 : rounded)
  }
}
