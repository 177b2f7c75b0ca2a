import Base

/// Numbers as text in PostgreSQL's form. Nothing depends on a locale.
///
/// | value | text |
/// |---|---|
/// | integers | `-12` |
/// | decimals | all digits of the scale: `1.50` |
/// | floats | the fewest digits that give the number back: `0.1`, `1e+15`, `1e-05`, `-0` |
/// | not a number, infinities | `NaN`, `Infinity`, `-Infinity` |
///
/// Fixed notation is used for doubles from 1e-4 below 1e15 and for floats from 1e-4 below 1e6, as
/// PostgreSQL does.
public enum NumberText {
  public static func append(_ value: Int64, to out: inout ByteWriter) {
    out.reserve(20)
    var target = out.end.assumingMemoryBound(to: UInt8.self)
    var length = 0
    if value < 0 {
      target[0] = UInt8(ascii: "-")
      target += 1
      length = 1
    }
    let magnitude = value.magnitude
    let digits = digitCount(magnitude)
    writeDigits(magnitude, count: digits, to: target)
    out.advance(length + digits)
  }

  public static func append(_ value: Int128, to out: inout ByteWriter) {
    if let small = Int64(exactly: value) { return append(small, to: &out) }
    if value < 0 { out.append(UInt8(ascii: "-")) }
    appendMagnitude(value.magnitude, minimumDigits: 1, to: &out)
  }

  /// A decimal with `scale` digits behind the point, 0…38.
  public static func append(decimal value: Int128, scale: Int, to out: inout ByteWriter) {
    precondition((0...38).contains(scale))
    if scale == 0 { return append(value, to: &out) }
    if value < 0 { out.append(UInt8(ascii: "-")) }
    let (whole, fraction) = value.magnitude.quotientAndRemainder(
      dividingBy: UInt128(PowerOfTen.int128[scale]))
    appendMagnitude(whole, minimumDigits: 1, to: &out)
    out.append(UInt8(ascii: "."))
    appendMagnitude(fraction, minimumDigits: scale, to: &out)
  }

  public static func append(_ value: Double, to out: inout ByteWriter) {
    // Whole numbers below 1e15 print as integers: most flags, ids and counts kept as doubles.
    if value.magnitude < 1e15, value != 0 {
      let whole = Int64(value)
      if Double(whole) == value { return append(whole, to: &out) }
    }
    if appendSpecial(isNaN: value.isNaN, isInfinite: value.isInfinite, value.sign, &out) { return }
    if value == 0 { return out.append(value.sign == .minus ? "-0" : "0") }
    // Swift lays out numbers of this size, which are not whole, just so.
    if value.magnitude >= 1e-4, value.magnitude < 1e15 { return append(value.description, &out) }
    ShortestDigits(value.description).append(fixedBelow: 15, to: &out)
  }

  public static func append(_ value: Float, to out: inout ByteWriter) {
    if value.magnitude < 1e6, value != 0 {
      let whole = Int64(value)
      if Float(whole) == value { return append(whole, to: &out) }
    }
    if appendSpecial(isNaN: value.isNaN, isInfinite: value.isInfinite, value.sign, &out) { return }
    if value == 0 { return out.append(value.sign == .minus ? "-0" : "0") }
    if value.magnitude >= 1e-4, value.magnitude < 1e6 { return append(value.description, &out) }
    ShortestDigits(value.description).append(fixedBelow: 6, to: &out)
  }

  private static func append(_ description: String, _ out: inout ByteWriter) {
    var text = description
    text.withUTF8 { out.append(UnsafeRawBufferPointer($0)) }
  }

  private static func appendSpecial(
    isNaN: Bool, isInfinite: Bool, _ sign: FloatingPointSign, _ out: inout ByteWriter
  ) -> Bool {
    if isNaN {
      out.append("NaN")
    } else if isInfinite {
      out.append(sign == .minus ? "-Infinity" : "Infinity")
    } else {
      return false
    }
    return true
  }
}

// MARK: Digits

extension NumberText {
  /// Decimal digits of `value`, at least 1.
  @inline(__always)
  static func digitCount(_ value: UInt64) -> Int {
    // 1233 / 4096 is a little more than log10(2): the guess is right or one too many.
    let bits = 64 &- (value | 1).leadingZeroBitCount
    let guess = (bits &* 1233) &>> 12
    return guess &+ (value | 1 >= PowerOfTen.uint64[guess] ? 1 : 0)
  }

  /// Writes exactly `count` digits, with zeros in front.
  @inline(__always)
  static func writeDigits(_ value: UInt64, count: Int, to target: UnsafeMutablePointer<UInt8>) {
    var rest = value
    var position = count
    let pairs = digitPairs.utf8Start
    while position >= 2 {
      let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
      position &-= 2
      target[position] = pairs[Int(pair) &* 2]
      target[position &+ 1] = pairs[Int(pair) &* 2 &+ 1]
      rest = quotient
    }
    if position == 1 { target[0] = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10) }
  }

  private static let digitPairs: StaticString = """
    00010203040506070809101112131415161718192021222324252627282930313233343536373839\
    40414243444546474849505152535455565758596061626364656667686970717273747576777879\
    8081828384858687888990919293949596979899
    """

  static func appendMagnitude(
    _ value: UInt128, minimumDigits: Int, to out: inout ByteWriter
  ) {
    let chunk = UInt128(1_000_000_000_000_000_000)
    let (upper, low) = value.quotientAndRemainder(dividingBy: chunk)
    let (high, middle) = upper.quotientAndRemainder(dividingBy: chunk)
    var digits = 0
    if high > 0 {
      digits = 36 + digitCount(UInt64(high))
    } else if middle > 0 {
      digits = 18 + digitCount(UInt64(middle))
    } else {
      digits = digitCount(UInt64(low))
    }
    digits = max(digits, minimumDigits)
    out.reserve(digits)
    let target = out.end.assumingMemoryBound(to: UInt8.self)
    let lowCount = min(18, digits)
    let middleCount = min(18, digits - lowCount)
    let highCount = digits - lowCount - middleCount
    if highCount > 0 { writeDigits(UInt64(high), count: highCount, to: target) }
    if middleCount > 0 {
      writeDigits(UInt64(middle), count: middleCount, to: target + highCount)
    }
    writeDigits(UInt64(low), count: lowCount, to: target + highCount + middleCount)
    out.advance(digits)
  }
}
