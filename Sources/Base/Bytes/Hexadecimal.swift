/// Bytes as pairs of hexadecimal digits, as in `\x00ff` and `%20`.
public enum Hexadecimal {
  /// 0 to 15 for a digit in either case; nil for any other byte.
  @inlinable
  public static func value(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
  }

  /// The digit of the low four bits, a letter in lower case.
  @inlinable
  public static func digit(of value: UInt8) -> UInt8 {
    let low = value & 15
    return low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10
  }

  /// The digit of the low four bits, a letter in upper case.
  @inlinable
  public static func upperDigit(of value: UInt8) -> UInt8 {
    let low = value & 15
    return low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "A") + low - 10
  }

  /// Appends two digits for each byte, letters in lower case.
  public static func encode(_ bytes: UnsafeRawBufferPointer, to out: inout ByteWriter) {
    out.reserve(bytes.count * 2)
    for byte in bytes {
      out.append(digit(of: byte >> 4))
      out.append(digit(of: byte))
    }
  }

  /// Appends the bytes that the digits stand for. False, and nothing appended, for an odd number of
  /// digits or a byte that is none.
  public static func decode(_ digits: UnsafeRawBufferPointer, to out: inout ByteWriter) -> Bool {
    guard digits.count.isMultiple(of: 2) else { return false }
    let start = out.count
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let high = value(of: digits[index]), let low = value(of: digits[index + 1]) else {
        out.truncate(to: start)
        return false
      }
      out.append(high << 4 | low)
    }
    return true
  }
}
