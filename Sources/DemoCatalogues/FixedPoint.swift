/// Decimal numbers of fixed columns, read exactly as integers in units of their last digit.
enum FixedPoint {
  /// 10⁰ … 10¹⁰, exact in a Double, so that a quotient by one is the correctly rounded number.
  static let powersOfTen: [Double] = (0...10).map { power in
    (0..<power).reduce(1.0) { product, _ in product * 10 }
  }

  /// The digits of `text` without the point: blanks, a sign, digits, and, unless `decimalCount` is
  /// 0, a point with digits before it and exactly so many behind it. Nil for anything else, blanks alone included.
  static func digits(of text: UnsafeRawBufferPointer, decimalCount: Int) -> Int64? {
    guard text.count <= 16 else { return nil }
    var index = 0
    while index < text.count, text[index] == UInt8(ascii: " ") { index += 1 }
    guard index < text.count else { return nil }
    let isNegative = text[index] == UInt8(ascii: "-")
    if isNegative || text[index] == UInt8(ascii: "+") { index += 1 }
    let pointIndex = decimalCount == 0 ? text.count : text.count - decimalCount - 1
    var value: Int64 = 0
    var digitCount = 0
    while index < text.count {
      let byte = text[index]
      if index == pointIndex {
        guard byte == UInt8(ascii: ".") else { return nil }
      } else {
        guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
        value = value &* 10 &+ Int64(byte &- UInt8(ascii: "0"))
        digitCount += 1
      }
      index += 1
    }
    return digitCount > decimalCount ? (isNegative ? 0 &- value : value) : nil
  }

  /// `text` for an error message: printable ASCII, everything else as `?`.
  static func shown(_ text: UnsafeRawBufferPointer) -> String {
    String(decoding: text.map { $0 >= 32 && $0 < 127 ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
  }
}
