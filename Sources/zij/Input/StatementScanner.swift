/// Cuts lines of input into statements and backslash commands, as psql does: a statement ends at a
/// semicolon outside of quotes, comments and parentheses, a command begins at a backslash outside
/// of quotes and comments. Variables are put in on the way.
struct StatementScanner {
  enum Event {
    /// A statement is whole; `take` gives it.
    case statement
    /// A backslash stands before the position.
    case command
    case endOfLine
  }

  private enum Mode: Equatable {
    case text
    case quoted(UInt8)
    case comment(depth: Int)
  }

  private var mode = Mode.text
  private var parenthesisDepth = 0
  private var hasTokens = false
  /// The statement so far, variables put in.
  private(set) var text: [UInt8] = []
  /// The number of the line in which it began.
  private(set) var startLine = 1

  /// Whether anything but blanks and comments was read of the statement.
  var isEmpty: Bool { !hasTokens }

  /// What the prompt shows of where the text stands: `=`, `-`, `'`, `"`, `(` or `*`.
  var promptMark: Character {
    switch mode {
    case .quoted(let quote): Character(UnicodeScalar(quote))
    case .comment: "*"
    case .text: parenthesisDepth > 0 ? "(" : hasTokens ? "-" : "="
    }
  }

  /// Reads `line` from `position` on, up to the next event.
  mutating func scan(
    _ line: [UInt8], from position: inout Int, number: Int, variables: ShellVariables
  ) -> Event {
    while position < line.count {
      switch mode {
      case .quoted(let quote):
        let byte = line[position]
        append(byte, &position)
        if byte == quote { mode = .text }
      case .comment(let depth): scanComment(line, &position, depth)
      case .text:
        if let event = scanText(line, &position, number, variables) { return event }
      }
    }
    if !text.isEmpty { text.append(10) }
    return .endOfLine
  }

  private mutating func scanText(
    _ line: [UInt8], _ position: inout Int, _ number: Int, _ variables: ShellVariables
  ) -> Event? {
    let byte = line[position]
    let next = position + 1 < line.count ? line[position + 1] : 0
    switch byte {
    case UInt8(ascii: " "), 9, 11, 12, 13:
      if !text.isEmpty { text.append(byte) }
      position += 1
      return nil
    case UInt8(ascii: "-") where next == byte:
      if !text.isEmpty { text += line[position...] }
      position = line.count
      return nil
    case UInt8(ascii: "/") where next == UInt8(ascii: "*"):
      mode = .comment(depth: 1)
      append(byte, &position)
      append(next, &position)
      return nil
    case UInt8(ascii: "\\"):
      position += 1
      return .command
    case UInt8(ascii: ";") where parenthesisDepth == 0:
      position += 1
      return .statement
    default: break
    }
    if !hasTokens {
      hasTokens = true
      startLine = number
    }
    switch byte {
    case UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "`"):
      mode = .quoted(byte)
      append(byte, &position)
    case UInt8(ascii: "("):
      parenthesisDepth += 1
      append(byte, &position)
    case UInt8(ascii: ")"):
      parenthesisDepth = max(0, parenthesisDepth - 1)
      append(byte, &position)
    case UInt8(ascii: ":"): scanColon(line, &position, variables)
    default: append(byte, &position)
    }
    return nil
  }

  private mutating func scanColon(
    _ line: [UInt8], _ position: inout Int, _ variables: ShellVariables
  ) {
    if position + 1 < line.count, line[position + 1] == UInt8(ascii: ":") {
      append(58, &position)
      append(58, &position)
    } else if let (value, end) = variables.substitution(in: line, at: position) {
      text += value
      position = end
    } else {
      append(58, &position)
    }
  }

  private mutating func scanComment(_ line: [UInt8], _ position: inout Int, _ depth: Int) {
    let byte = line[position]
    let next = position + 1 < line.count ? line[position + 1] : 0
    let star = UInt8(ascii: "*")
    let slash = UInt8(ascii: "/")
    append(byte, &position)
    if byte == slash, next == star {
      mode = .comment(depth: depth + 1)
      append(next, &position)
    } else if byte == star, next == slash {
      mode = depth == 1 ? .text : .comment(depth: depth - 1)
      append(next, &position)
    }
  }

  private mutating func append(_ byte: UInt8, _ position: inout Int) {
    text.append(byte)
    position += 1
  }

  /// The statement, without blanks at its ends; the scanner then begins anew.
  mutating func take() -> String {
    defer { self = StatementScanner() }
    while let last = text.last, last == 32 || (9...13).contains(last) { text.removeLast() }
    return String(decoding: text, as: UTF8.self)
  }
}
