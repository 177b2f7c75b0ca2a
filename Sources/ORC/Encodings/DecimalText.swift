import Vectors

/// Decimal numbers in the text form of ORC's statistics.
enum DecimalText {
  /// The unscaled digits of `text` at `scale`; nil if they do not fit or it is no plain number.
  static func parse(_ text: String, scale: Int) -> Int128? {
    var digits: Int128 = 0
    var behindPoint = -1
    var isNegative = false
    for (index, byte) in text.utf8.enumerated() {
      switch byte {
      case UInt8(ascii: "-") where index == 0: isNegative = true
      case UInt8(ascii: ".") where behindPoint < 0: behindPoint = 0
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let (product, overflow) = digits.multipliedReportingOverflow(by: 10)
        let (sum, sumOverflow) = product.addingReportingOverflow(Int128(byte - UInt8(ascii: "0")))
        if overflow || sumOverflow { return nil }
        digits = sum
        if behindPoint >= 0 { behindPoint += 1 }
      default: return nil
      }
    }
    let rescaled = rescale(digits, by: scale - max(0, behindPoint))
    return rescaled.map { isNegative ? 0 &- $0 : $0 }
  }

  /// `digits` · 10^`exponent`; nil if it overflows 38 digits or drops digits that are not 0.
  static func rescale(_ digits: Int128, by exponent: Int) -> Int128? {
    var value = digits
    var rest = exponent
    if value == 0 { return 0 }
    while rest > 0 {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      value = product
      rest -= 1
    }
    while rest < 0 {
      let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 10)
      if remainder != 0 { return nil }
      value = quotient
      rest += 1
    }
    return value
  }

  static func format(_ digits: Int128, scale: Int) -> String {
    guard scale > 0 else { return String(digits) }
    var text = String(digits.magnitude)
    if text.utf8.count <= scale {
      text = String(repeating: "0", count: scale + 1 - text.utf8.count) + text
    }
    let point = text.utf8.count - scale
    return (digits < 0 ? "-" : "") + text.prefix(point) + "." + text.suffix(scale)
  }
}
