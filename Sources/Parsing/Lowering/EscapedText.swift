import Base

/// What stands between the quotes of `E'…'`: PostgreSQL's escapes with a backslash.
enum EscapedText {
  static func decoded(_ inner: UnsafeBufferPointer<UInt8>) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(inner.count)
    var index = 0
    while index < inner.count {
      let byte = inner[index]
      index += 1
      if byte == UInt8(ascii: "'") {
        // Doubled, or it would have ended the text.
        index += 1
      } else if byte == UInt8(ascii: "\\"), index < inner.count {
        append(inner, &index, to: &result)
        continue
      }
      result.append(byte)
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The character that the escape at `index`, behind the backslash, stands for.
  private static func append(
    _ inner: UnsafeBufferPointer<UInt8>, _ index: inout Int, to result: inout [UInt8]
  ) {
    let kind = inner[index]
    index += 1
    switch kind {
    case UInt8(ascii: "b"): result.append(8)
    case UInt8(ascii: "f"): result.append(12)
    case UInt8(ascii: "n"): result.append(10)
    case UInt8(ascii: "r"): result.append(13)
    case UInt8(ascii: "t"): result.append(9)
    case UInt8(ascii: "x"):
      guard let value = number(inner, &index, base: 16, most: 2) else { return result.append(kind) }
      result.append(UInt8(truncatingIfNeeded: value))
    case UInt8(ascii: "u"), UInt8(ascii: "U"):
      let digits = kind == UInt8(ascii: "u") ? 4 : 8
      guard let value = number(inner, &index, base: 16, most: digits),
        let scalar = Unicode.Scalar(value)
      else { return result.append(kind) }
      result.append(contentsOf: Array(String(Character(scalar)).utf8))
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      index -= 1
      let value = number(inner, &index, base: 8, most: 3) ?? 0
      result.append(UInt8(truncatingIfNeeded: value))
    default: result.append(kind)
    }
  }

  /// At most so many digits of a base from `index` on; nil for none.
  private static func number(
    _ inner: UnsafeBufferPointer<UInt8>, _ index: inout Int, base: UInt32, most: Int
  ) -> UInt32? {
    let start = index
    var value: UInt32 = 0
    while index < inner.count, index - start < most,
      let digit = Hexadecimal.value(of: inner[index]), UInt32(digit) < base
    {
      value = value &* base &+ UInt32(digit)
      index += 1
    }
    return index == start ? nil : value
  }
}
