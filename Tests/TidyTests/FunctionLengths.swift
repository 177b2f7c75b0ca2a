import Foundation

/// A simple measurement: from the line of `func`, `init`, `deinit` or `subscript` to the brace that
/// closes its body.
enum FunctionLengths {
  struct Function: Equatable {
    var name: String
    /// From 1.
    var line: Int
    var lineCount: Int
  }

  /// `code` has no comments and no string contents.
  static func measure(_ code: String) -> [Function] {
    let pattern =
      /^[ \t@\w()]*?\b(?:func\s+(?<name>[^\s(<]+)|(?<kind>init|deinit|subscript)(?=[?!]?\s*[<({]))/
      .anchorsMatchLineEndings()
    let bytes = Array(code.utf8)
    return code.matches(of: pattern).compactMap { match in
      let start = code.utf8.distance(from: code.startIndex, to: match.range.lowerBound)
      guard let body = bodyRange(in: bytes, from: start) else { return nil }
      let name = match.output.name ?? match.output.kind ?? ""
      return Function(
        name: String(name), line: 1 + newlines(bytes[..<start]),
        lineCount: 1 + newlines(bytes[start...body.upperBound]))
    }
  }

  private static func newlines(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.count { $0 == UInt8(ascii: "\n") }
  }

  /// From the body's opening to its closing brace; nil for a requirement of a protocol.
  private static func bodyRange(in bytes: [UInt8], from start: Int) -> ClosedRange<Int>? {
    var depth = 0
    var index = start
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
      case UInt8(ascii: "{") where depth == 0:
        return closingBrace(in: bytes, from: index).map { index...$0 }
      case UInt8(ascii: "}") where depth == 0: return nil
      case UInt8(ascii: "\n") where depth == 0:
        if !continues(bytes, after: index, from: start) { return nil }
      default: break
      }
      index += 1
    }
    return nil
  }

  /// Whether a header goes on behind the newline at `index`.
  private static func continues(_ bytes: [UInt8], after index: Int, from start: Int) -> Bool {
    let before = bytes[start..<index].last { $0 != UInt8(ascii: " ") }
    if before == UInt8(ascii: ",") { return true }
    let rest = String(decoding: bytes[(index + 1)...].prefix(200), as: UTF8.self)
      .drop { $0.isWhitespace }
    return ["{", "->", "throws", "rethrows", "async", "where", "("].contains { rest.hasPrefix($0) }
  }

  private static func closingBrace(in bytes: [UInt8], from open: Int) -> Int? {
    var depth = 0
    for index in open..<bytes.count {
      if bytes[index] == UInt8(ascii: "{") { depth += 1 }
      if bytes[index] == UInt8(ascii: "}") { depth -= 1 }
      if depth == 0 { return index }
    }
    return nil
  }
}
