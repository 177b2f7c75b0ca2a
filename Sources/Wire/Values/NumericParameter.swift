import Base
import Catalog
import Vectors

/// The types of `numeric` parameters, which clients send with any number of digits: taken from the
/// value, so that no digit is lost.
///
/// A value of at most 38 digits is a decimal with its digits behind the point, and room before it for
/// what it is compared with. Another one of at most 15 significant digits, such as 6.62607015e-34, is a
/// double, which keeps them. Anything else is refused.
struct NumericParameter {
  private static let maximumDigits = 38
  /// Decimal digits that a double gives back.
  private static let doubleDigits = 15

  /// Digits that count, and the power of ten of the last one.
  private var digitCount = 0
  private var exponent = 0
  /// How many zeros are at the end of the digits.
  private var trailingZeros = 0

  /// What a value needs: digits before and behind the point; nil for what only a double holds.
  private struct Need {
    var whole: Int
    var scale: Int
    var fitsDouble: Bool

    /// A decimal, or else a double.
    func type() throws(SQLError) -> LogicalType {
      if whole + scale <= maximumDigits {
        return .decimal(precision: maximumDigits, scale: scale)
      }
      if fitsDouble { return .float64 }
      throw SQLError(
        .numericValueOutOfRange, "number has more than \(maximumDigits) digits",
        hint: "Round it, or send it as double precision.")
    }
  }

  /// The declared types with those of numeric values put in.
  static func types(
    _ declared: [LogicalType?], oids: [UInt32], values: [Value]
  ) throws(SQLError) -> [LogicalType?] {
    var types = declared
    for index in types.indices where values.indices.contains(index) && oids.indices.contains(index) {
      switch oids[index] {
      case PostgresType.numeric.oid:
        if let need = need(of: values[index]) { types[index] = try need.type() }
      case PostgresType.numeric.arrayOID:
        if let need = need(ofList: values[index]) { types[index] = .list(try need.type()) }
      default: break
      }
    }
    return types
  }

  /// Nil for what is no number: the cast says what is wrong.
  private static func need(of value: Value) -> Need? {
    switch value {
    case .text(let text): need(of: text)
    case .float64: Need(whole: maximumDigits + 1, scale: 0, fitsDouble: true)
    default: nil
    }
  }

  private static func need(of text: String) -> Need? {
    let plain = text.lowercased().drop { $0 == "+" || $0 == "-" || $0 == " " }
    if ["nan", "inf", "infinity"].contains(plain) {
      return Need(whole: maximumDigits + 1, scale: 0, fitsDouble: true)
    }
    return NumericParameter(plain.utf8)?.need
  }

  /// What all elements need together.
  private static func need(ofList value: Value) -> Need? {
    var needs: [Need?] = []
    switch value {
    case .list(let elements): needs = elements.filter { !$0.isNull }.map { need(of: $0) }
    case .text(let text):
      let inner = text.split { "{}, ".contains($0) }
      needs = inner.filter { $0.lowercased() != "null" }.map { need(of: String($0)) }
    default: return nil
    }
    var result = Need(whole: 0, scale: 0, fitsDouble: true)
    for need in needs {
      guard let need else { return nil }
      result.whole = max(result.whole, need.whole)
      result.scale = max(result.scale, need.scale)
      result.fitsDouble = result.fitsDouble && need.fitsDouble
    }
    return result
  }

  private var need: Need {
    var (count, power) = (digitCount, exponent)
    // Zeros at the end are part of what was said, as long as there is room for them.
    if max(count + power, 0) + max(0, -power) > Self.maximumDigits {
      count -= trailingZeros
      power += trailingZeros
    }
    return Need(
      whole: max(0, count + power), scale: max(0, -power),
      fitsDouble: digitCount - trailingZeros <= Self.doubleDigits)
  }

  /// Reads digits with a point and an exponent; nil for anything else.
  private init?(_ text: Substring.UTF8View) {
    var rest = text[...]
    var seen = 0
    var isFraction = false
    while let byte = rest.first, byte == UInt8(ascii: ".") || Self.isDigit(byte) {
      rest = rest.dropFirst()
      if byte == UInt8(ascii: ".") {
        guard !isFraction else { return nil }
        isFraction = true
        continue
      }
      seen += 1
      if isFraction { exponent -= 1 }
      trailingZeros = byte == UInt8(ascii: "0") ? trailingZeros + 1 : 0
      if digitCount > 0 || byte != UInt8(ascii: "0") { digitCount += 1 }
    }
    trailingZeros = min(trailingZeros, digitCount)
    guard seen > 0 else { return nil }
    while rest.last == UInt8(ascii: " ") { rest = rest.dropLast() }
    guard let mark = rest.first else { return }
    guard mark == UInt8(ascii: "e"),
      let power = Int(String(decoding: rest.dropFirst(), as: UTF8.self)), abs(power) < 10_000
    else { return nil }
    exponent += power
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
