/// One 80-byte line of a FITS header: keyword, value, comment (FITS 4.0, section 4).
struct FITSCard: Sendable {
  enum Content: Sendable, Equatable {
    case logical(Bool)
    /// An integer or floating-point number, as it is written.
    case number(String)
    case string(String)
    /// A keyword with `= ` and nothing behind it, or something that is no FITS value.
    case undefined
    /// COMMENT, HISTORY, blank and other lines without `= `.
    case none
  }

  var keyword: String
  var value: Content
  var comment: String

  static let sizeBytes = 80

  /// Nil if a string has no closing quote.
  init?(_ bytes: UnsafeRawBufferPointer) {
    keyword = Self.text(bytes, 0, 8)
    comment = ""
    value = .none
    if keyword == "CONTINUE" {
      // The next piece of a long string: `CONTINUE  'text'`.
      guard let parsed = Self.parse(bytes, from: 8) else { return nil }
      (value, comment) = parsed
    } else if bytes[8] == UInt8(ascii: "="), bytes[9] == UInt8(ascii: " ") {
      guard let parsed = Self.parse(bytes, from: 10) else { return nil }
      (value, comment) = parsed
    }
  }

  private static let quote = UInt8(ascii: "'")
  private static let blank = UInt8(ascii: " ")

  private static func parse(
    _ bytes: UnsafeRawBufferPointer, from start: Int
  ) -> (Content, comment: String)? {
    var at = start
    while at < sizeBytes, bytes[at] == blank { at += 1 }
    guard at < sizeBytes else { return (.undefined, "") }
    if bytes[at] == quote {
      guard let (string, end) = parseString(bytes, from: at + 1) else { return nil }
      return (.string(string), commentText(bytes, from: end))
    }
    var end = at
    while end < sizeBytes, bytes[end] != UInt8(ascii: "/"), bytes[end] != blank { end += 1 }
    return (content(of: text(bytes, at, end)), commentText(bytes, from: end))
  }

  private static func content(of token: String) -> Content {
    switch token {
    case "T": return .logical(true)
    case "F": return .logical(false)
    case "": return .undefined
    default: break
    }
    // Exponents may be written with D, which other parsers do not know.
    let number = String(token.map { $0 == "D" || $0 == "d" ? "E" : $0 })
    return Double(number) == nil ? .undefined : .number(number)
  }

  /// The string behind an opening quote, where `''` is a quote and trailing blanks mean nothing.
  private static func parseString(
    _ bytes: UnsafeRawBufferPointer, from start: Int
  ) -> (String, end: Int)? {
    var string: [UInt8] = []
    var at = start
    while at < sizeBytes {
      if bytes[at] != quote {
        string.append(bytes[at])
        at += 1
      } else if at + 1 < sizeBytes, bytes[at + 1] == quote {
        string.append(quote)
        at += 2
      } else {
        while string.last == blank { string.removeLast() }
        return (String(decoding: string, as: UTF8.self), at + 1)
      }
    }
    return nil
  }

  private static func commentText(_ bytes: UnsafeRawBufferPointer, from start: Int) -> String {
    guard let slash = (start..<sizeBytes).first(where: { bytes[$0] == UInt8(ascii: "/") }) else {
      return ""
    }
    return text(bytes, slash + 1, sizeBytes)
  }

  /// The bytes as text, without blanks around.
  private static func text(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> String {
    var (low, high) = (start, end)
    while low < high, bytes[low] == blank { low += 1 }
    while high > low, bytes[high - 1] == blank { high -= 1 }
    return String(decoding: bytes[low..<high], as: UTF8.self)
  }
}

extension FITSCard.Content {
  /// A whole number, also when it is written as `32768.` or `9.223372036854775808E18`.
  var integer: Int128? {
    guard case .number(let text) = self else { return nil }
    if let exact = Int128(text) { return exact }
    return Double(text).flatMap { Int128(exactly: $0) }
  }

  var number: Double? {
    guard case .number(let text) = self else { return nil }
    return Double(text)
  }

  var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }
}
