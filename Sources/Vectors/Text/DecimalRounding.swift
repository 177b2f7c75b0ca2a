/// Decimal numbers to the nearest binary ones, ties to even, by exact integers: for up to 19 digits
/// and powers of ten up to 10¹⁹, which is what catalogues are full of.
enum DecimalRounding {
  /// `mantissa` · 10^`exponent`; nil out of that range. Correctly rounded.
  static func double(_ mantissa: UInt64, exponent: Int) -> Double? {
    guard let wide = binary(mantissa, exponent) else { return nil }
    let (digits, power) = rounded(wide, toBits: 53)
    // Values are from 1e-19 to 2e38: neither overflow nor subnormal numbers.
    let biased = UInt64(truncatingIfNeeded: power &+ 52 &+ 1023)
    return Double(bitPattern: biased &<< 52 | digits & (1 << 52 - 1))
  }

  /// The same for single precision.
  static func float(_ mantissa: UInt64, exponent: Int) -> Float? {
    guard let wide = binary(mantissa, exponent) else { return nil }
    let (digits, power) = rounded(wide, toBits: 24)
    let biased = UInt32(truncatingIfNeeded: power &+ 23 &+ 127)
    return Float(bitPattern: biased &<< 23 | UInt32(truncatingIfNeeded: digits) & (1 << 23 - 1))
  }

  /// A number's first 63 or 64 bits, times two to `power`, and whether there is anything behind them.
  private struct Wide {
    var bits: UInt64
    var power: Int
    var hasMore: Bool
  }

  private static func binary(_ mantissa: UInt64, _ exponent: Int) -> Wide? {
    guard mantissa != 0, exponent >= -19, exponent <= 19 else { return nil }
    if exponent >= 0 {
      let product = mantissa.multipliedFullWidth(by: PowerOfTen.uint64[exponent])
      if product.high == 0 {
        let shift = product.low.leadingZeroBitCount
        return Wide(bits: product.low &<< UInt64(shift), power: -shift, hasMore: false)
      }
      let shift = UInt64(product.high.leadingZeroBitCount)
      // A shift by 64 is none, and the low word is then not shifted in.
      let low = shift == 0 ? 0 : product.low >> (64 &- shift)
      return Wide(
        bits: product.high &<< shift | low, power: 64 &- Int(shift),
        hasMore: product.low &<< shift != 0)
    }
    // Both with their first bit set, the quotient of mantissa · 2⁶³ and the power has 63 or 64 bits.
    let divisor = PowerOfTen.uint64[0 &- exponent]
    let up = mantissa.leadingZeroBitCount
    let down = divisor.leadingZeroBitCount
    let left = mantissa &<< UInt64(up)
    let (quotient, remainder) = (divisor &<< UInt64(down))
      .dividingFullWidth((high: left >> 1, low: left &<< 63))
    return Wide(bits: quotient, power: down &- up &- 63, hasMore: remainder != 0)
  }

  /// The nearest `count` bits and their power of two.
  private static func rounded(_ wide: Wide, toBits count: Int) -> (digits: UInt64, power: Int) {
    let shift = UInt64(truncatingIfNeeded: 64 &- wide.bits.leadingZeroBitCount &- count)
    var digits = wide.bits &>> shift
    var power = wide.power &+ Int(shift)
    let rest = wide.bits & (1 &<< shift &- 1)
    let half: UInt64 = 1 &<< (shift &- 1)
    if rest > half || rest == half && (wide.hasMore || digits & 1 == 1) { digits &+= 1 }
    if digits >> UInt64(count) != 0 {
      digits >>= 1
      power &+= 1
    }
    return (digits, power)
  }
}
