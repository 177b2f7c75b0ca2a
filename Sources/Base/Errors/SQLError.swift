/// What goes wrong because of a user, a file or a network: an SQLSTATE, a message, a place and a hint.
///
/// The message is lower case without a full stop, values last; the hint is a sentence.
public struct SQLError: Error, Hashable, Sendable {
  public var state: SQLState
  public var message: String
  public var range: SourceRange?
  public var hint: String?

  public init(
    _ state: SQLState, _ message: String, at range: SourceRange? = nil, hint: String? = nil
  ) {
    self.state = state
    self.message = message
    self.range = range
    self.hint = hint
  }

  /// The same error with a place, unless it already has one.
  public func at(_ range: SourceRange?) -> SQLError {
    guard self.range == nil else { return self }
    var copy = self
    copy.range = range
    return copy
  }
}

extension SQLError: CustomStringConvertible {
  public var description: String {
    "ERROR \(state.rawValue): \(message)" + (hint.map { "\nHint: \($0)" } ?? "")
  }

  /// The error as a terminal shows it: message, the line of `sql` it is in with a caret, hint.
  ///
  /// Columns are counted in characters; a tab or another control character is shown as one blank.
  public func rendered(in sql: String) -> String {
    var lines = ["ERROR \(state.rawValue): \(message)"]
    if let range, let excerpt = Self.excerpt(of: Array(sql.utf8), around: range) {
      lines += excerpt
    }
    if let hint { lines.append("Hint: \(hint)") }
    return lines.joined(separator: "\n")
  }

  private static func excerpt(of text: [UInt8], around range: SourceRange) -> [String]? {
    guard range.offset >= 0, range.offset <= text.count else { return nil }
    let newline = UInt8(ascii: "\n")
    let lineStart = text[..<range.offset].lastIndex(of: newline).map { $0 + 1 } ?? 0
    let lineEnd = text[range.offset...].firstIndex(of: newline) ?? text.count
    // A line of a machine-written statement can be a megabyte: show a window around the place.
    let windowStart = Self.characterStart(max(lineStart, range.offset - 60), in: text)
    let windowEnd = Self.characterStart(min(lineEnd, range.offset + 100), in: text)
    guard windowStart <= range.offset, range.offset <= windowEnd else { return nil }
    let before = Self.visible(text[windowStart..<range.offset])
    let after = Self.visible(text[range.offset..<windowEnd])
    let lead = windowStart > lineStart ? "…" : ""
    let tail = windowEnd < lineEnd ? "…" : ""
    let marked = Self.visible(text[range.offset..<max(range.offset, min(range.end, windowEnd))])
    return [
      "  " + lead + before + after + tail,
      "  " + String(repeating: " ", count: lead.count + before.count)
        + String(repeating: "^", count: max(1, marked.count)),
    ]
  }

  /// `offset` moved back to the first byte of its character.
  private static func characterStart(_ offset: Int, in text: [UInt8]) -> Int {
    var start = offset
    while start > 0, start < text.count, text[start] & 0xC0 == 0x80 { start -= 1 }
    return start
  }

  private static func visible(_ bytes: ArraySlice<UInt8>) -> String {
    String(
      String.UnicodeScalarView(
        String(decoding: bytes, as: UTF8.self).unicodeScalars.map {
          $0.value < 32 || $0.value == 127 ? " " : $0
        }))
  }
}
