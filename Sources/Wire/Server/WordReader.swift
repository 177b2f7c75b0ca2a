/// Reads the words of a statement that the conversation itself understands: names, numbers, strings and
/// signs, with blanks and comments between them left out.
struct WordReader {
  enum Word: Hashable {
    /// Folded to lower case unless it was in quotes.
    case name(String, isQuoted: Bool)
    case string(String)
    case number(String)
    case sign(UInt8)
  }

  private let bytes: [UInt8]
  /// Where the next word or the blanks before it begin.
  private(set) var position = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  var isAtEnd: Bool {
    var copy = self
    copy.skipBlanks()
    return copy.position == bytes.count
  }

  /// The text from `position` on, with as many blanks before it as there are bytes, so that places in
  /// it are places in the whole.
  func restInPlace() -> String {
    String(repeating: " ", count: position) + String(decoding: bytes[position...], as: UTF8.self)
  }

  func rest() -> String { String(decoding: bytes[position...], as: UTF8.self) }

  /// The next word if it is a plain name, folded; it stays.
  func peekWord() -> String? {
    var copy = self
    if case .name(let name, isQuoted: false) = copy.next() { return name }
    return nil
  }

  func peek() -> Word? {
    var copy = self
    return copy.next()
  }

  /// Takes the next word if it is this plain name.
  mutating func accept(_ name: String) -> Bool {
    guard peekWord() == name else { return false }
    _ = next()
    return true
  }

  mutating func accept(sign: Character) -> Bool {
    guard let byte = sign.asciiValue, peek() == .sign(byte) else { return false }
    _ = next()
    return true
  }

  /// Takes a name, in quotes or not.
  mutating func takeName() -> String? {
    guard case .name(let name, _)? = peek() else { return nil }
    _ = next()
    return name
  }

  /// Takes a whole number, perhaps with a sign.
  mutating func takeInteger() -> Int? {
    var copy = self
    let isNegative = copy.accept(sign: "-")
    if !isNegative { _ = copy.accept(sign: "+") }
    guard case .number(let digits)? = copy.next(), let value = Int(digits) else { return nil }
    self = copy
    return isNegative ? -value : value
  }

  mutating func next() -> Word? {
    skipBlanks()
    guard position < bytes.count else { return nil }
    let byte = bytes[position]
    switch byte {
    case UInt8(ascii: "'"): return .string(quoted(byte))
    case UInt8(ascii: "\""): return .name(quoted(byte), isQuoted: true)
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."):
      if byte == UInt8(ascii: "."), !isDigit(position + 1) { break }
      return .number(run { Self.isNameByte($0) || $0 == UInt8(ascii: ".") })
    default:
      if Self.isNameByte(byte) { return .name(run(Self.isNameByte).lowercased(), isQuoted: false) }
    }
    position += 1
    return .sign(byte)
  }

  private func isDigit(_ index: Int) -> Bool {
    index < bytes.count && (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index])
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
      true
    default: false
    }
  }

  private mutating func run(_ belongs: (UInt8) -> Bool) -> String {
    let start = position
    while position < bytes.count, belongs(bytes[position]), !isNoBreakSpace { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  /// What stands between quotes; two of them stand for one.
  private mutating func quoted(_ quote: UInt8) -> String {
    var text: [UInt8] = []
    position += 1
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == quote {
        guard position < bytes.count, bytes[position] == quote else { break }
        position += 1
      }
      text.append(byte)
    }
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func skipBlanks() {
    while position < bytes.count {
      switch bytes[position] {
      case 9...13, 32: position += 1
      // What the grammar's tokens do not see either: a no-break space, and a mark at the beginning.
      case 0xC2 where isNoBreakSpace: position += 2
      case 0xEF where position == 0 && byte(1) == 0xBB && byte(2) == 0xBF: position += 3
      case UInt8(ascii: "-") where byte(1) == UInt8(ascii: "-"):
        while position < bytes.count, bytes[position] != 10 { position += 1 }
      case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"): skipComment()
      default: return
      }
    }
  }

  private var isNoBreakSpace: Bool { byte(0) == 0xC2 && byte(1) == 0xA0 }

  private func byte(_ offset: Int) -> UInt8 {
    position + offset < bytes.count ? bytes[position + offset] : 0
  }

  private mutating func skipComment() {
    var depth = 0
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
        depth += 1
        position += 2
      } else if bytes[position] == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
        depth -= 1
        position += 2
        if depth == 0 { return }
      } else {
        position += 1
      }
    }
  }
}
