import Base

/// Percent-encoding of RFC 3986 and of HTML forms.
public enum PercentEncoding {
  /// The text behind the encoding; nil for a `%` without two hexadecimal digits, or bytes that are
  /// not UTF-8.
  public static func decode(
    _ encoded: some Sequence<UInt8>, plusIsBlank: Bool
  ) -> String? {
    var bytes: [UInt8] = []
    var digits: [UInt8] = []
    var isInside = false
    for byte in encoded {
      if isInside {
        guard let digit = Hexadecimal.value(of: byte) else { return nil }
        digits.append(digit)
        if digits.count == 2 {
          bytes.append(digits[0] << 4 | digits[1])
          digits.removeAll(keepingCapacity: true)
          isInside = false
        }
      } else if byte == UInt8(ascii: "%") {
        isInside = true
      } else {
        bytes.append(plusIsBlank && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      }
    }
    return isInside ? nil : String(validating: bytes, as: UTF8.self)
  }

  /// Encodes everything but letters, digits and `-._~`, for a segment of a path or a value.
  public static func encode(_ text: String) -> String {
    var out: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        out.append(byte)
      default:
        out += [
          UInt8(ascii: "%"), Hexadecimal.upperDigit(of: byte >> 4), Hexadecimal.upperDigit(of: byte),
        ]
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
