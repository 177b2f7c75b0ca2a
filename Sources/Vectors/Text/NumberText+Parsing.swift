import Base

/// Reading numbers. Blanks around a number are allowed, anything else is not; nothing traps, and what
/// does not fit is told apart from what is no number.
extension NumberText {
  public enum Failure: Error, Sendable { case notANumber, outOfRange }

  @inline(__always)
  static func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || (byte >= 9 && byte <= 13)
  }

  /// `text` without blanks at its ends.
  public static func trimmed(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    var start = 0
    var end = text.count
    while start < end, isBlank(text[start]) { start &+= 1 }
    while end > start, isBlank(text[end &- 1]) { end &-= 1 }
    return UnsafeRawBufferPointer(rebasing: text[start..<end])
  }

  /// An integer with an optional sign.
  public static func parseInt64(_ text: UnsafeRawBufferPointer) throws(Failure) -> Int64 {
    let text = trimmed(text)
    var position = 0
    var isNegative = false
    if let first = text.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      isNegative = first == UInt8(ascii: "-")
      position = 1
    }
    guard position < text.count else { throw .notANumber }
    var value: UInt64 = 0
    var isTooLarge = false
    while position < text.count {
      let digit = text[position] &- UInt8(ascii: "0")
      guard digit < 10 else { throw .notANumber }
      // 2^64 / 10 rounded down; one more digit still fits an unsigned word when below it.
      if value > 1_844_674_407_370_955_160 { isTooLarge = true }
      value = value &* 10 &+ UInt64(digit)
      position &+= 1
    }
    let limit: UInt64 = isNegative ? 1 << 63 : 1 << 63 - 1
    if isTooLarge || value > limit { throw .outOfRange }
    return isNegative ? Int64(truncatingIfNeeded: 0 &- value) : Int64(truncatingIfNeeded: value)
  }

  /// A floating-point number, correctly rounded: decimal or exponent notation, `Infinity`, `inf` or
  /// `NaN` in any case. Finite text beyond the largest double is out of range; text nearer to zero
  /// than the smallest one is zero.
  public static func parseDouble(_ text: UnsafeRawBufferPointer) throws(Failure) -> Double {
    let text = trimmed(text)
    guard let parts = DecimalParts(text) else {
      if let special = parseSpecial(text) { return special }
      throw .notANumber
    }
    if let exact = parts.exactDouble { return exact }
    guard let value = Double(String(decoding: text, as: UTF8.self)) else { throw .notANumber }
    if value.isInfinite { throw .outOfRange }
    return value
  }

  public static func parseFloat(_ text: UnsafeRawBufferPointer) throws(Failure) -> Float {
    let text = trimmed(text)
    guard let parts = DecimalParts(text) else {
      if let special = parseSpecial(text) { return Float(special) }
      throw .notANumber
    }
    if let exact = parts.exactFloat { return exact }
    guard let value = Float(String(decoding: text, as: UTF8.self)) else { throw .notANumber }
    if value.isInfinite { throw .outOfRange }
    return value
  }

  /// A decimal as its unscaled digits, rounded half away from zero to `scale` digits behind the
  /// point. Exponent notation is allowed.
  public static func parseDecimal(
    _ text: UnsafeRawBufferPointer, precision: Int, scale: Int
  ) throws(Failure) -> Int128 {
    let text = trimmed(text)
    guard let parts = DecimalParts(text) else { throw .notANumber }
    guard let value = parts.scaled(to: scale, in: text),
      value.magnitude < UInt128(PowerOfTen.int128[precision])
    else { throw .outOfRange }
    return value
  }

  /// `t`, `true`, `y`, `yes`, `on`, `1` and their opposites, in any case; nil for anything else.
  public static func parseBoolean(_ text: UnsafeRawBufferPointer) -> Bool? {
    let text = trimmed(text)
    guard (1...5).contains(text.count) else { return nil }
    switch String(decoding: text.map { $0 | 0x20 }, as: UTF8.self) {
    case "t", "tr", "tru", "true", "y", "ye", "yes", "on": return true
    case "f", "fa", "fal", "fals", "false", "n", "no", "of", "off": return false
    default: break
    }
    if text.count == 1, text[0] == UInt8(ascii: "1") { return true }
    return text.count == 1 && text[0] == UInt8(ascii: "0") ? false : nil
  }

  private static func parseSpecial(_ text: UnsafeRawBufferPointer) -> Double? {
    guard (3...9).contains(text.count) else { return nil }
    switch String(decoding: text.map { $0 | 0x20 }, as: UTF8.self) {
    case "nan": return .nan
    case "inf", "infinity": return .infinity
    // "+" and "-" have bit 0x20 set already.
    case "-inf", "-infinity": return -.infinity
    case "+inf", "+infinity": return .infinity
    default: return nil
    }
  }
}

/// A decimal number's sign, digits and exponent, found in one pass.
struct DecimalParts {
  private var isNegative = false
  /// The first 19 significant digits.
  private var mantissa: UInt64 = 0
  private var significantCount = 0
  /// The power of ten of the last digit in `mantissa`, or beyond it when digits were left out.
  private var exponent = 0
  private var hasDroppedDigits = false

  /// Nil when `text` is not a decimal number.
  init?(_ text: UnsafeRawBufferPointer) {
    var position = 0
    if let first = text.first, first == UInt8(ascii: "-") || first == UInt8(ascii: "+") {
      isNegative = first == UInt8(ascii: "-")
      position = 1
    }
    let wholeStart = position
    readDigits(text, &position, isFraction: false)
    var digits = position - wholeStart
    if position < text.count, text[position] == UInt8(ascii: ".") {
      position += 1
      let start = position
      readDigits(text, &position, isFraction: true)
      digits += position - start
    }
    guard digits > 0, readExponent(text, &position), position == text.count else { return nil }
  }

  @inline(__always)
  private mutating func readDigits(
    _ text: UnsafeRawBufferPointer, _ position: inout Int, isFraction: Bool
  ) {
    while position < text.count {
      let digit = text[position] &- UInt8(ascii: "0")
      guard digit < 10 else { return }
      position &+= 1
      if significantCount < 19 {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        if mantissa != 0 { significantCount &+= 1 }
        if isFraction { exponent &-= 1 }
      } else {
        if digit != 0 { hasDroppedDigits = true }
        if !isFraction { exponent &+= 1 }
      }
    }
  }

  private mutating func readExponent(
    _ text: UnsafeRawBufferPointer, _ position: inout Int
  ) -> Bool {
    guard position < text.count else { return true }
    guard text[position] | 0x20 == UInt8(ascii: "e") else { return false }
    position += 1
    var isDown = false
    if position < text.count,
      text[position] == UInt8(ascii: "-") || text[position] == UInt8(ascii: "+")
    {
      isDown = text[position] == UInt8(ascii: "-")
      position += 1
    }
    let start = position
    var value = 0
    while position < text.count {
      let digit = text[position] &- UInt8(ascii: "0")
      guard digit < 10 else { return false }
      value = min(100_000, value &* 10 &+ Int(digit))
      position += 1
    }
    exponent &+= isDown ? -value : value
    return position > start
  }

  /// The nearest number, where that takes no long arithmetic; nil elsewhere.
  ///
  /// One rounding gives it for at most 2^53 and powers of ten that a double holds exactly, which is
  /// Clinger's fast path.
  var exactDouble: Double? {
    guard !hasDroppedDigits else { return nil }
    guard mantissa <= 1 << 53 else {
      return DecimalRounding.double(mantissa, exponent: exponent).map { isNegative ? -$0 : $0 }
    }
    let value: Double
    if exponent == 0 {
      value = Double(mantissa)
    } else if exponent < 0, exponent >= -22 {
      value = Double(mantissa) / PowerOfTen.double[-exponent]
    } else if exponent > 0, exponent <= 22 {
      value = Double(mantissa) * PowerOfTen.double[exponent]
    } else {
      return mantissa == 0 ? (isNegative ? -0.0 : 0) : nil
    }
    return isNegative ? -value : value
  }

  var exactFloat: Float? {
    guard !hasDroppedDigits else { return nil }
    if mantissa == 0 { return isNegative ? -0.0 : 0 }
    return DecimalRounding.float(mantissa, exponent: exponent).map { isNegative ? -$0 : $0 }
  }

  /// The digits with `scale` behind the point, rounded half away from zero; nil when they exceed 38.
  func scaled(to scale: Int, in text: UnsafeRawBufferPointer) -> Int128? {
    if significantCount >= 19 { return Self.scaledSlowly(to: scale, text) }
    return Self.shift(Int128(mantissa), by: exponent + scale).map { isNegative ? -$0 : $0 }
  }

  /// `value` times ten to the `places`, rounded half away from zero; nil beyond 38 digits.
  private static func shift(_ value: Int128, by places: Int) -> Int128? {
    if value == 0 { return 0 }
    if places >= 0 {
      guard places <= 38 else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: PowerOfTen.int128[places])
      return overflow ? nil : product
    }
    guard places >= -38 else { return 0 }
    let divisor = PowerOfTen.int128[-places]
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder >= divisor - remainder ? quotient + 1 : quotient
  }

  /// Long numbers: collects up to 38 digits before the rounding position, then looks at the next.
  private static func scaledSlowly(to scale: Int, _ text: UnsafeRawBufferPointer) -> Int128? {
    var digits: [UInt8] = []
    var pointAt = -1
    var exponent = 0
    for (offset, byte) in text.enumerated() {
      if byte == UInt8(ascii: ".") {
        pointAt = digits.count
      } else if byte | 0x20 == UInt8(ascii: "e") {
        let rest = UnsafeRawBufferPointer(rebasing: text[(offset + 1)...])
        exponent = Int((try? NumberText.parseInt64(rest)) ?? .max / 4)
        break
      } else if byte &- UInt8(ascii: "0") < 10 {
        digits.append(byte &- UInt8(ascii: "0"))
      }
    }
    let wholeCount = pointAt < 0 ? digits.count : pointAt
    let kept = wholeCount &+ min(max(exponent, -1 << 20), 1 << 20) &+ scale
    var value: Int128 = 0
    if kept > 0 {
      for index in 0..<kept {
        let digit = index < digits.count ? digits[index] : 0
        guard value < PowerOfTen.int128[37] else { return nil }
        value = value * 10 + Int128(digit)
      }
    }
    if kept >= 0, kept < digits.count, digits[kept] >= 5 { value += 1 }
    return text.first == UInt8(ascii: "-") ? -value : value
  }
}
