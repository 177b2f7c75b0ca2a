import Base
import Vectors

/// Reads parentheses, words, numbers and quoted texts one after the other, with the byte offset in
/// every error.
struct PlanTextCursor {
  /// Parentheses may nest so deep. A debug build reads that on a stack of 2 MiB.
  static let depthLimit = 1000
  /// `[]` may follow one another so often in a type.
  private static let arrayDepthLimit = 32

  private let bytes: [UInt8]
  private var depth = 0
  private(set) var offset = 0

  init(_ text: String) { bytes = Array(text.utf8) }

  func error(_ what: String, at place: Int? = nil) -> SQLError {
    SQLError(.dataCorrupted, "corrupt plan text at byte \(place ?? offset): \(what)")
  }

  private func peek() -> UInt8? { offset < bytes.count ? bytes[offset] : nil }

  /// The place of the next item.
  mutating func mark() -> Int {
    skipBlanks()
    return offset
  }

  private mutating func skipBlanks() {
    while peek() == UInt8(ascii: " ") { offset += 1 }
  }

  // MARK: Parentheses

  /// True before a closing parenthesis, and at the end of the text.
  mutating func isAtClose() -> Bool {
    skipBlanks()
    return peek().map { $0 == UInt8(ascii: ")") } ?? true
  }

  mutating func isAtOpen() -> Bool {
    skipBlanks()
    return peek() == UInt8(ascii: "(")
  }

  mutating func isAtQuote() -> Bool {
    skipBlanks()
    return peek() == UInt8(ascii: "\"")
  }

  /// Reads `(`.
  private mutating func enter() throws(SQLError) {
    guard isAtOpen() else { throw error("a parenthesis expected") }
    if depth == Self.depthLimit { throw error("nested deeper than \(Self.depthLimit) levels") }
    depth += 1
    offset += 1
  }

  /// Reads `(` and the word behind it; an empty one if there is none.
  mutating func open() throws(SQLError) -> String {
    try enter()
    return String(decoding: takeAtom(), as: UTF8.self)
  }

  /// Reads `(` and the word `head`, or only `(` for an empty one.
  mutating func open(_ head: String) throws(SQLError) {
    let start = mark()
    try enter()
    if head.isEmpty { return }
    let word = takeAtom()
    if !word.elementsEqual(head.utf8) { throw error("\"(\(head)\" expected", at: start) }
  }

  /// Reads `(` and one of `heads`, or nothing.
  mutating func openIfPresent(_ heads: [String]) throws(SQLError) -> String? {
    let start = mark()
    guard isAtOpen() else { return nil }
    let word = try open()
    if heads.contains(word) { return word }
    offset = start
    depth -= 1
    return nil
  }

  mutating func close() throws(SQLError) {
    skipBlanks()
    guard peek() == UInt8(ascii: ")") else { throw error("a closing parenthesis expected") }
    offset += 1
    depth -= 1
  }

  mutating func finish() throws(SQLError) {
    skipBlanks()
    if offset < bytes.count { throw error("text behind the end of the plan") }
  }

  // MARK: Words and numbers

  private mutating func takeAtom() -> ArraySlice<UInt8> {
    let start = offset
    while let byte = peek(), byte != UInt8(ascii: " "), byte != UInt8(ascii: "("),
      byte != UInt8(ascii: ")"), byte != UInt8(ascii: "\"")
    {
      offset += 1
    }
    return bytes[start..<offset]
  }

  /// The next run of characters without blanks, quotes and parentheses, at least one.
  mutating func atom() throws(SQLError) -> String {
    skipBlanks()
    let atom = takeAtom()
    if atom.isEmpty { throw error("a word or number expected") }
    return String(decoding: atom, as: UTF8.self)
  }

  /// The one of `choices` that comes next.
  mutating func word(of choices: [String]) throws(SQLError) -> String {
    let start = mark()
    let word = try atom()
    if choices.contains(word) { return word }
    throw error("one of \(choices.joined(separator: ", ")) expected", at: start)
  }

  mutating func integer<T: FixedWidthInteger>(_: T.Type) throws(SQLError) -> T {
    let start = mark()
    guard let value = T(try atom()) else { throw error("not a \(T.self)", at: start) }
    return value
  }

  /// An integer of `range`.
  mutating func integer(in range: ClosedRange<Int>) throws(SQLError) -> Int {
    let start = mark()
    let value = try integer(Int.self)
    guard range.contains(value) else { throw error("number out of range: \(value)", at: start) }
    return value
  }

  mutating func double() throws(SQLError) -> Double {
    let start = mark()
    guard let value = Self.double(try atom()) else { throw error("not a number", at: start) }
    return value
  }

  mutating func float() throws(SQLError) -> Float {
    let start = mark()
    let atom = try atom()
    if let bits = Self.nanBits(atom, UInt32.self) {
      let value = Float(bitPattern: bits)
      if value.isNaN { return value }
    } else if Self.isNumber(atom), let value = Float(atom),
      Self.isInfinity(atom) || value.isFinite
    {
      return value
    }
    throw error("not a number", at: start)
  }

  /// The double that an atom says, or nil. Digits alone are no double.
  static func double(_ atom: String) -> Double? {
    if let bits = nanBits(atom, UInt64.self) {
      let value = Double(bitPattern: bits)
      return value.isNaN ? value : nil
    }
    let isWhole = !atom.utf8.contains { $0 == UInt8(ascii: ".") || $0 > UInt8(ascii: "9") }
    guard !isWhole, isNumber(atom), let value = Double(atom), isInfinity(atom) || value.isFinite
    else { return nil }
    return value
  }

  private static func nanBits<T: FixedWidthInteger>(_ atom: String, _: T.Type) -> T? {
    atom.hasPrefix("nan:") ? T(atom.dropFirst(4), radix: 16) : nil
  }

  private static func isInfinity(_ atom: String) -> Bool { atom == "inf" || atom == "-inf" }

  /// Swift's own reading is laxer: it takes hexadecimal digits and words like `nan(…)`.
  private static func isNumber(_ atom: String) -> Bool {
    isInfinity(atom)
      || atom.utf8.allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".")
          || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "e")
      }
  }

  // MARK: Quoted texts

  mutating func quoted() throws(SQLError) -> String {
    guard isAtQuote() else { throw error("a quoted text expected") }
    let start = offset
    offset += 1
    var text: [UInt8] = []
    while let byte = peek() {
      offset += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): text += try escape()
      default: text.append(byte)
      }
    }
    throw error("quoted text has no end", at: start)
  }

  /// What stands behind a backslash.
  private mutating func escape() throws(SQLError) -> [UInt8] {
    let kind = peek()
    offset += 1
    switch kind {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): return kind.map { [$0] } ?? []
    case UInt8(ascii: "n"): return [UInt8(ascii: "\n")]
    case UInt8(ascii: "t"): return [UInt8(ascii: "\t")]
    case UInt8(ascii: "u"):
      let end = bytes[min(offset, bytes.count)...].prefix(8).firstIndex(of: UInt8(ascii: "}"))
      guard let end, peek() == UInt8(ascii: "{"),
        let code = UInt32(String(decoding: bytes[(offset + 1)..<end], as: UTF8.self), radix: 16),
        let scalar = Unicode.Scalar(code)
      else { throw error("not a character's number", at: offset - 2) }
      offset = end + 1
      return Array(String(scalar).utf8)
    default: throw error("unknown escape", at: offset - 2)
    }
  }

  mutating func type() throws(SQLError) -> LogicalType {
    let start = mark()
    let text = try quoted()
    guard Self.arrayDepth(of: text) <= Self.arrayDepthLimit, let type = LogicalType(text: text)
    else { throw error("not a type", at: start) }
    return type
  }

  /// The longest run of `[]` outside of quotes. Types are freed recursively, so that one of a
  /// million levels would take the stack with it.
  private static func arrayDepth(of text: String) -> Int {
    var longest = 0
    var run = 0
    var isQuoted = false
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): isQuoted.toggle()
      case UInt8(ascii: "[") where !isQuoted: run += 1
      case UInt8(ascii: "]") where !isQuoted: longest = max(longest, run)
      default: run = 0
      }
    }
    return longest
  }
}
