import Base
import Catalog
import Engine
import Vectors

/// What a client sends for `COPY … FROM STDIN`, on its way into the file that is then read. PostgreSQL's
/// own formats become CSV, which the engine's reader of files understands; others stay as they are.
protocol CopyInput {
  /// How the engine reads what was written; nil: as the statement says.
  var options: FileOptions? { get }
  /// What CopyInResponse says.
  var isBinary: Bool { get }
  /// Memory of a row or a value that is not whole yet.
  var heldBytes: Int { get }
  mutating func append(_ bytes: [UInt8], into out: inout ByteWriter) throws(SQLError)
  mutating func finish(into out: inout ByteWriter) throws(SQLError)
}

/// Bytes that stay as they are, but for the line `\.` that psql sends at the end of CSV and its like.
struct PlainCopyInput: CopyInput {
  let options: FileOptions? = nil
  let isBinary: Bool
  let heldBytes = 0
  /// The last bytes, which may be the end mark.
  private var tail: [UInt8] = []
  private var isAtStart = true
  private static let tailBytes = 5

  init(isBinary: Bool) { self.isBinary = isBinary }

  mutating func append(_ bytes: [UInt8], into out: inout ByteWriter) {
    let all = tail + bytes
    let surplus = max(0, all.count - Self.tailBytes)
    if surplus > 0 { isAtStart = false }
    all[..<surplus].withUnsafeBytes { out.append($0) }
    tail = Array(all[surplus...])
  }

  mutating func finish(into out: inout ByteWriter) {
    if !isBinary {
      for mark in ["\\.\n", "\\.\r\n", "\\."] {
        let start = tail.count - mark.utf8.count
        guard start >= 0, tail[start...].elementsEqual(mark.utf8) else { continue }
        let isLine = start == 0 ? isAtStart : tail[start - 1] == 10
        if isLine { tail.removeLast(mark.utf8.count) }
        break
      }
    }
    out.append(tail)
    tail = []
  }
}

/// The text format: a line a row, see `TextCopyFormat`.
struct TextCopyInput: CopyInput {
  let options: FileOptions? = FileOptions([
    "header": .boolean(false), "delimiter": .text(","), "null": .text("\\N"),
  ])
  let isBinary = false

  private enum Escape {
    case none
    case backslash
    case octal(UInt8, digits: Int)
    case hexadecimal(UInt8, digits: Int)
  }

  private static let maximumFieldBytes = 256 << 20

  private let format: TextCopyFormat.Options
  /// The field as it stands and as it is meant.
  private var raw: [UInt8] = []
  private var text: [UInt8] = []
  private var escape = Escape.none
  private var isFirstField = true
  private var skipsLine: Bool
  private var hasEnded = false

  var heldBytes: Int { raw.capacity + text.capacity }

  init(_ format: TextCopyFormat.Options) {
    self.format = format
    skipsLine = format.hasHeader
  }

  mutating func append(_ bytes: [UInt8], into out: inout ByteWriter) throws(SQLError) {
    for byte in bytes where !hasEnded { try read(byte, &out) }
  }

  mutating func finish(into out: inout ByteWriter) throws(SQLError) {
    guard !hasEnded, !isFirstField || !raw.isEmpty else { return }
    try endLine(&out)
  }

  private mutating func read(_ byte: UInt8, _ out: inout ByteWriter) throws(SQLError) {
    switch escape {
    case .none: break
    case .octal(let value, let digits):
      if digits < 3, (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(byte) {
        escape = .octal(value << 3 | byte & 7, digits: digits + 1)
        return raw.append(byte)
      }
      endEscape(value)
    case .hexadecimal(let value, let digits):
      if digits < 2, let digit = Hexadecimal.value(of: byte) {
        escape = .hexadecimal(value << 4 | digit, digits: digits + 1)
        return raw.append(byte)
      }
      endEscape(digits == 0 ? UInt8(ascii: "x") : value)
    case .backslash:
      raw.append(byte)
      return readEscaped(byte)
    }
    if byte == format.delimiter { return endField(&out) }
    if byte == 10 { return try endLine(&out) }
    raw.append(byte)
    if byte == UInt8(ascii: "\\") {
      escape = .backslash
    } else {
      text.append(byte)
    }
    guard raw.count <= Self.maximumFieldBytes else {
      throw SQLError(.programLimitExceeded, "a value is longer than 256 MiB")
    }
  }

  private mutating func endEscape(_ byte: UInt8) {
    text.append(byte)
    escape = .none
  }

  private mutating func readEscaped(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "b"): endEscape(8)
    case UInt8(ascii: "t"): endEscape(9)
    case UInt8(ascii: "n"): endEscape(10)
    case UInt8(ascii: "v"): endEscape(11)
    case UInt8(ascii: "f"): endEscape(12)
    case UInt8(ascii: "r"): endEscape(13)
    case UInt8(ascii: "x"): escape = .hexadecimal(0, digits: 0)
    case UInt8(ascii: "0")...UInt8(ascii: "7"): escape = .octal(byte & 7, digits: 1)
    default: endEscape(byte)
    }
  }

  private mutating func endField(_ out: inout ByteWriter) {
    // Nothing is written of the header, which may be longer than what `out` is kept for.
    if !skipsLine {
      if !isFirstField { out.append(UInt8(ascii: ",")) }
      CSVField.append(raw == format.null ? nil : text, into: &out)
    }
    isFirstField = false
    raw.removeAll(keepingCapacity: true)
    text.removeAll(keepingCapacity: true)
  }

  private mutating func endLine(_ out: inout ByteWriter) throws(SQLError) {
    switch escape {
    case .octal(let value, _): endEscape(value)
    case .hexadecimal(let value, let digits): endEscape(digits == 0 ? UInt8(ascii: "x") : value)
    case .none, .backslash: escape = .none
    }
    if raw.last == 13 {
      raw.removeLast()
      if text.last == 13 { text.removeLast() }
    }
    if isFirstField, raw.elementsEqual("\\.".utf8) {
      hasEnded = true
      return
    }
    endField(&out)
    if !skipsLine { out.append(10) }
    skipsLine = false
    isFirstField = true
  }
}

/// The binary format: see `BinaryCopyFormat`.
struct BinaryCopyInput: CopyInput {
  let options: FileOptions? = FileOptions([
    "header": .boolean(false), "delimiter": .text(","), "null": .text("\\N"),
  ])
  let isBinary = true

  private static let maximumRowBytes = 256 << 20
  private static let signature: [UInt8] = Array("PGCOPY\n".utf8) + [0xFF, 13, 10, 0]

  private let types: [LogicalType]
  private var pending: [UInt8] = []
  private var hasHead = false
  private var hasEnded = false

  var heldBytes: Int { pending.capacity }

  init(_ types: [LogicalType]) { self.types = types }

  mutating func append(_ bytes: [UInt8], into out: inout ByteWriter) throws(SQLError) {
    guard !hasEnded else { return }
    pending += bytes
    guard pending.count <= Self.maximumRowBytes else { throw Self.bad("a row is longer than 256 MiB") }
    var position = 0
    if !hasHead {
      guard let length = try headLength() else { return }
      hasHead = true
      position = length
    }
    while let end = try rowEnd(from: position), !hasEnded {
      try writeRow(position..<end, &out)
      position = end
    }
    pending.removeFirst(position)
  }

  mutating func finish(into out: inout ByteWriter) throws(SQLError) {
    guard hasEnded || pending.isEmpty && hasHead else { throw Self.bad("it ends in the middle") }
  }

  private static func bad(_ what: String) -> SQLError {
    SQLError(.badCopyFileFormat, "binary COPY data is not valid: \(what)")
  }

  /// Signature, flags, and an extension with its length; nil while there is more to come.
  private func headLength() throws(SQLError) -> Int? {
    let known = min(pending.count, Self.signature.count)
    guard pending[..<known].elementsEqual(Self.signature[..<known]) else {
      throw Self.bad("the signature is missing")
    }
    guard pending.count >= 19 else { return nil }
    let length = int32(at: 15)
    guard length >= 0, length <= 1 << 20 else { throw Self.bad("its head is too long") }
    return pending.count >= 19 + length ? 19 + length : nil
  }

  private func int32(at place: Int) -> Int {
    var value: UInt32 = 0
    for index in 0..<4 { value = value << 8 | UInt32(pending[place + index]) }
    return Int(Int32(bitPattern: value))
  }

  private func count(at place: Int) -> Int { Int(pending[place]) << 8 | Int(pending[place + 1]) }

  /// Where the row that begins at `start` ends; nil while it is not whole.
  private mutating func rowEnd(from start: Int) throws(SQLError) -> Int? {
    guard pending.count >= start + 2 else { return nil }
    let fields = count(at: start)
    if fields == 0xFFFF {
      hasEnded = true
      return nil
    }
    guard fields == types.count else { throw Self.bad("\(fields) fields instead of \(types.count)") }
    var place = start + 2
    for _ in 0..<fields {
      guard pending.count >= place + 4 else { return nil }
      let length = int32(at: place)
      guard length >= -1 else { throw Self.bad("negative length: \(length)") }
      place += 4 + max(0, length)
    }
    return place <= pending.count ? place : nil
  }

  private func writeRow(_ range: Range<Int>, _ out: inout ByteWriter) throws(SQLError) {
    var reader = MessageReader(pending, range)
    _ = try reader.readCount()
    for (index, type) in types.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      let bytes = try reader.readValue()
      let value = try ParameterValue.read(bytes, oid: PostgresType.oid(of: type), isBinary: true)
      switch value {
      case .null: CSVField.append(nil, into: &out)
      case .text(let text): CSVField.append(Array(text.utf8), into: &out)
      case .integer(let number): CSVField.append(Array(String(number).utf8), into: &out)
      default: CSVField.append(Array(try ValueText.text(of: value, type: type).utf8), into: &out)
      }
    }
    out.append(10)
  }
}

/// A field of the CSV that rows become: in quotes, or `\N` for NULL.
private enum CSVField {
  static func append(_ text: [UInt8]?, into out: inout ByteWriter) {
    guard let text else { return out.append("\\N") }
    let quote = UInt8(ascii: "\"")
    out.append(quote)
    for byte in text {
      if byte == quote { out.append(quote) }
      out.append(byte)
    }
    out.append(quote)
  }
}
