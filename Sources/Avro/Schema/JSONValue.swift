import Base

/// A JSON text as values: what schemas are written in.
public indirect enum JSONValue: Hashable, Sendable {
  case null
  case boolean(Bool)
  /// As written.
  case number(String)
  case string(String)
  case array([JSONValue])
  /// Members in the order of the text.
  case object([Member])

  public struct Member: Hashable, Sendable {
    public var name: String
    public var value: JSONValue
  }

  /// The first member of that name; nil if there is none, or this is no object.
  public subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.first { $0.name == name }?.value
  }

  public var text: String? {
    if case .string(let text) = self { return text }
    return nil
  }

  public var integer: Int? {
    if case .number(let text) = self { return Int(text) }
    return nil
  }

  public var elements: [JSONValue]? {
    if case .array(let values) = self { return values }
    return nil
  }

  /// Reads one JSON text (RFC 8259) with nothing behind it. Texts nested deeper than 128 are refused.
  public init(text: [UInt8]) throws(SQLError) {
    var reader = JSONReader(text)
    self = try reader.readAll()
  }
}

/// Reads JSON by recursive descent; the depth is limited.
struct JSONReader {
  private static let maximumDepth = 128

  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func readAll() throws(SQLError) -> JSONValue {
    let value = try readValue(depth: 0)
    skipBlanks()
    guard position == bytes.count else { throw refused("text behind the end") }
    return value
  }

  private func refused(_ what: String) -> SQLError {
    SQLError(.dataCorrupted, "JSON is not right at byte \(position): \(what)")
  }

  private mutating func skipBlanks() {
    while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) {
      position += 1
    }
  }

  private mutating func accept(_ character: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func readValue(depth: Int) throws(SQLError) -> JSONValue {
    guard depth < Self.maximumDepth else { throw refused("nested too deeply") }
    skipBlanks()
    guard position < bytes.count else { throw refused("it ends too early") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return try readObject(depth)
    case UInt8(ascii: "["): return try readArray(depth)
    case UInt8(ascii: "\""): return .string(try readString())
    case UInt8(ascii: "t"): return try readWord("true", .boolean(true))
    case UInt8(ascii: "f"): return try readWord("false", .boolean(false))
    case UInt8(ascii: "n"): return try readWord("null", .null)
    default: return try readNumber()
    }
  }

  private mutating func readObject(_ depth: Int) throws(SQLError) -> JSONValue {
    position += 1
    var members: [JSONValue.Member] = []
    if accept("}") { return .object([]) }
    repeat {
      skipBlanks()
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        throw refused("a name in quotes is wanted")
      }
      let name = try readString()
      guard accept(":") else { throw refused("a colon is wanted") }
      members.append(.init(name: name, value: try readValue(depth: depth + 1)))
    } while accept(",")
    guard accept("}") else { throw refused("an object does not end") }
    return .object(members)
  }

  private mutating func readArray(_ depth: Int) throws(SQLError) -> JSONValue {
    position += 1
    var values: [JSONValue] = []
    if accept("]") { return .array([]) }
    repeat { values.append(try readValue(depth: depth + 1)) } while accept(",")
    guard accept("]") else { throw refused("an array does not end") }
    return .array(values)
  }

  private mutating func readWord(
    _ word: String, _ value: JSONValue
  ) throws(SQLError) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw refused("a value is wanted") }
    position += word.utf8.count
    return value
  }

  private mutating func readNumber() throws(SQLError) -> JSONValue {
    let start = position
    let allowed = Array("+-.eE0123456789".utf8)
    while position < bytes.count, allowed.contains(bytes[position]) { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard Double(text) != nil else { throw refused("a value is wanted") }
    return .number(text)
  }

  private mutating func readString() throws(SQLError) -> String {
    position += 1
    var text: [UInt8] = []
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
      case UInt8(ascii: "\\"): try readEscape(into: &text)
      case 0..<0x20: throw refused("a control character in a string")
      default: text.append(byte)
      }
    }
    throw refused("a string does not end")
  }

  private mutating func readEscape(into text: inout [UInt8]) throws(SQLError) {
    guard position < bytes.count else { throw refused("a string does not end") }
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "u"): text += Array(String(try readScalar()).utf8)
    default: throw refused("an unknown escape")
    }
  }

  /// `uXXXX`, perhaps with the second half of a pair; halves alone become U+FFFD.
  private mutating func readScalar() throws(SQLError) -> Unicode.Scalar {
    let first = try readUnit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard (0xD800..<0xDC00).contains(first), position + 1 < bytes.count,
      bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
    else { return "\u{FFFD}" }
    position += 2
    let second = try readUnit()
    guard (0xDC00..<0xE000).contains(second) else { return "\u{FFFD}" }
    return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}"
  }

  private mutating func readUnit() throws(SQLError) -> UInt32 {
    guard position + 4 <= bytes.count else { throw refused("a string does not end") }
    let digits = String(decoding: bytes[position..<position + 4], as: UTF8.self)
    guard let unit = UInt32(digits, radix: 16), !digits.hasPrefix("+") else {
      throw refused("four hexadecimal digits are wanted")
    }
    position += 4
    return unit
  }
}
