/// Whether a text that is still being typed holds a complete statement.
public enum StatementSplit: Hashable, Sendable {
  /// Why a statement is not complete yet.
  public enum Pending: Hashable, Sendable {
    /// Only blanks and comments so far.
    case nothing
    case statement
    case string
    case quotedName
    case comment
    case parenthesis
  }

  /// The statement ends before the byte at `end`, which follows its semicolon.
  case complete(end: Int)
  case incomplete(Pending)
}

extension SQLParser {
  /// Looks for the first semicolon outside of strings, comments and parentheses from byte `start`.
  public static func splitStatement(in text: [UInt8], from start: Int = 0) -> StatementSplit {
    text.withUnsafeBufferPointer { splitStatement(in: $0, from: start) }
  }

  /// Looks for the first semicolon outside of strings, comments and parentheses from byte `start`.
  public static func splitStatement(
    in text: UnsafeBufferPointer<UInt8>, from start: Int = 0
  ) -> StatementSplit {
    var scanner = SplitScanner(text: text, position: max(0, start))
    return scanner.split()
  }
}

private struct SplitScanner {
  let text: UnsafeBufferPointer<UInt8>
  var position: Int

  mutating func split() -> StatementSplit {
    var depth = 0
    var pending = StatementSplit.Pending.nothing
    while position < text.count {
      let byte = text[position]
      position += 1
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"):
        pending = .statement
        // A doubled quote ends one quoted part and begins the next, which comes to the same.
        guard skip(past: byte) else {
          return .incomplete(byte == UInt8(ascii: "'") ? .string : .quotedName)
        }
      case UInt8(ascii: "-") where next == byte: _ = skip(past: UInt8(ascii: "\n"))
      case UInt8(ascii: "/") where next == UInt8(ascii: "*"):
        guard skipComment() else { return .incomplete(.comment) }
      case UInt8(ascii: "("): (depth, pending) = (depth + 1, .statement)
      case UInt8(ascii: ")"): (depth, pending) = (max(0, depth - 1), .statement)
      case UInt8(ascii: ";"):
        if depth == 0 { return .complete(end: position) }
      case 9...13, 32: break
      default: pending = .statement
      }
    }
    return .incomplete(depth > 0 ? .parenthesis : pending)
  }

  private var next: UInt8 { position < text.count ? text[position] : 0 }

  private mutating func skip(past byte: UInt8) -> Bool {
    while position < text.count {
      position += 1
      if text[position - 1] == byte { return true }
    }
    return false
  }

  /// Skips a comment whose slash has been read.
  private mutating func skipComment() -> Bool {
    var depth = 1
    position += 1
    while position + 1 < text.count {
      switch (text[position], text[position + 1]) {
      case (UInt8(ascii: "/"), UInt8(ascii: "*")):
        depth += 1
        position += 2
      case (UInt8(ascii: "*"), UInt8(ascii: "/")):
        depth -= 1
        position += 2
        if depth == 0 { return true }
      default: position += 1
      }
    }
    position = text.count
    return false
  }
}
