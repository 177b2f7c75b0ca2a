import Base

/// Writes fields that say their number and size, so that a reader can skip those it does not know.
///
/// Layout of a field: a varint key, `number << 2 | isCritical << 1 | isBytes`; then a varint value,
/// or a varint size and as many bytes. Nested messages are bytes. A critical field must not be
/// skipped: a reader that does not know it refuses the database.
struct FieldWriter {
  private(set) var bytes: [UInt8] = []

  mutating func put(_ field: Int, _ value: Int, critical: Bool = false) {
    putVarint(key(field, critical, isBytes: false))
    putVarint(UInt64(bitPattern: Int64(value)))
  }

  mutating func put(_ field: Int, _ value: Bool) { put(field, value ? 1 : 0) }

  mutating func put(_ field: Int, _ text: String, critical: Bool = false) {
    put(field, Array(text.utf8), critical: critical)
  }

  mutating func put(_ field: Int, _ text: String?) {
    if let text { put(field, text) }
  }

  mutating func put(_ field: Int, _ contents: [UInt8], critical: Bool = false) {
    putVarint(key(field, critical, isBytes: true))
    putVarint(UInt64(contents.count))
    bytes += contents
  }

  private func key(_ field: Int, _ critical: Bool, isBytes: Bool) -> UInt64 {
    UInt64(field) << 2 | (critical ? 2 : 0) | (isBytes ? 1 : 0)
  }

  private mutating func putVarint(_ value: UInt64) {
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}

/// One field as read; what it holds is asked for by its type.
struct Field {
  let number: Int
  let isCritical: Bool
  private let contents: Contents

  private enum Contents {
    case number(UInt64)
    case bytes(ByteRegion)
  }

  /// The next field of `reader`, nil at its end.
  static func next(_ reader: inout ByteReader) throws(SQLError) -> Field? {
    if reader.isAtEnd { return nil }
    let key = try reader.readVarint()
    let value = try reader.readVarint()
    guard let number = Int(exactly: key >> 2) else { throw reader.corrupt("bad field") }
    let isCritical = key & 2 != 0
    if key & 1 == 0 { return Field(number, isCritical, .number(value)) }
    guard let count = Int(exactly: value) else { throw reader.corrupt("bad field size") }
    return Field(number, isCritical, .bytes(try reader.read(count)))
  }

  private init(_ number: Int, _ isCritical: Bool, _ contents: Contents) {
    self.number = number
    self.isCritical = isCritical
    self.contents = contents
  }

  func bytes() throws(SQLError) -> ByteRegion {
    guard case .bytes(let region) = contents else { throw wrongKind("bytes") }
    return region
  }

  func text() throws(SQLError) -> String {
    let region = try bytes()
    guard let text = region.withBytes({ String(validating: $0, as: UTF8.self) }) else {
      throw wrongKind("text")
    }
    return text
  }

  /// A count, size or id: never negative.
  func int() throws(SQLError) -> Int {
    guard case .number(let value) = contents, let number = Int(exactly: value) else {
      throw wrongKind("a number")
    }
    return number
  }

  func bool() throws(SQLError) -> Bool { try int() != 0 }

  func uint32() throws(SQLError) -> UInt32 {
    guard let number = UInt32(exactly: try int()) else { throw wrongKind("a 32-bit number") }
    return number
  }

  /// Passes over a field this version does not know, unless it is critical.
  func skip() throws(SQLError) {
    if isCritical { throw TooNew.error("field \(number)") }
  }

  private func wrongKind(_ wanted: String) -> SQLError {
    SQLError(.dataCorrupted, "corrupt data: field \(number) is not \(wanted)")
  }
}

enum TooNew {
  static func error(_ what: String) -> SQLError {
    SQLError(
      .featureNotSupported, "database uses a feature this version does not know: \(what)",
      hint: "Open it with the newer version of Zij that wrote it.")
  }
}
