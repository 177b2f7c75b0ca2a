import Base

/// Any value as text in PostgreSQL's form: what results, casts to text and `COPY` show.
///
/// | type | text |
/// |---|---|
/// | boolean | `t`, `f` |
/// | binary | `\x00ff` |
/// | list | `{1,2,NULL}`, elements quoted with `"` where they need it |
/// | structure | `(1,"a b",)`, NULL is empty |
/// | point, circle, polygon | `(10,20)`, `<(10,20),1>`, `((0,0),(1,0),(0,1))` |
///
/// Every level of structures doubles the quotes of those within it, so that text of nested values can be
/// longer by any factor: a nested part that must be quoted and is longer than `longestQuotedBytes` is
/// refused.
public enum ValueText {
  static let longestQuotedBytes = 16 << 20
  /// The same for plain text, and for what was written before it: many such values of one batch.
  static let longestWrittenBytes = 1 << 30

  /// Appends row `row`, which must not be NULL.
  public static func append(
    _ vector: Vector, _ row: Int, into out: inout ByteWriter
  ) throws(SQLError) {
    let at = vector.isConstant && vector.physical != .structure ? 0 : row
    switch vector.physical {
    case _ where vector.encoding == .dictionary:
      let index = Int(vector.values(as: UInt32.self)[row])
      try append(vector.children[0], index, into: &out)
    case .list: try appendList(vector, at, &out)
    case .structure: try appendStructure(vector, at, &out)
    default: append(plain: vector, row, into: &out)
    }
  }

  /// The same of a vector without children, which cannot fail.
  public static func append(plain vector: Vector, _ row: Int, into out: inout ByteWriter) {
    switch vector.encoding {
    case .dictionary:
      append(plain: vector.children[0], Int(vector.values(as: UInt32.self)[row]), into: &out)
    case .sequence:
      let parts = vector.values(as: Int64.self)
      NumberText.append(parts[0] &+ parts[1] &* Int64(row), to: &out)
    case .constant: appendFlat(vector, 0, &out)
    case .flat: appendFlat(vector, row, &out)
    }
  }

  private static func appendFlat(_ vector: Vector, _ row: Int, _ out: inout ByteWriter) {
    switch vector.physical {
    case .bool8: out.append(UInt8(ascii: vector.values(as: UInt8.self)[row] != 0 ? "t" : "f"))
    case .int8: NumberText.append(Int64(vector.values(as: Int8.self)[row]), to: &out)
    case .int16: NumberText.append(Int64(vector.values(as: Int16.self)[row]), to: &out)
    case .int32:
      let value = vector.values(as: Int32.self)[row]
      if vector.type == .date { return DateText.append(date: value, to: &out) }
      NumberText.append(Int64(value), to: &out)
    case .int64:
      let value = vector.values(as: Int64.self)[row]
      if vector.type == .timestamp { return DateText.append(timestamp: value, to: &out) }
      NumberText.append(value, to: &out)
    case .int128:
      guard case .decimal(_, let scale) = vector.type else { return }
      NumberText.append(decimal: vector.values(as: Int128.self)[row], scale: scale, to: &out)
    case .float32: NumberText.append(vector.values(as: Float.self)[row], to: &out)
    case .float64: NumberText.append(vector.values(as: Double.self)[row], to: &out)
    case .bytes:
      if vector.type == .binary { return appendHex(vector.bytes(at: row), &out) }
      out.append(vector.bytes(at: row))
    case .list, .structure: break
    }
  }

  /// The text of one value outside of any vector.
  public static func text(of value: Value, type: LogicalType) throws(SQLError) -> String {
    var out = ByteWriter()
    let vector = Vector.of([value], type: type)
    if vector.isNull(0) { return "NULL" }
    try append(vector, 0, into: &out)
    return String(decoding: out.bytes, as: UTF8.self)
  }

  /// The same of a type without children, which cannot fail.
  public static func text(ofPlain value: Value, type: LogicalType) -> String {
    var out = ByteWriter()
    let vector = Vector.of([value], type: type)
    if vector.isNull(0) { return "NULL" }
    append(plain: vector, 0, into: &out)
    return String(decoding: out.bytes, as: UTF8.self)
  }

  private static func appendHex(_ bytes: UnsafeRawBufferPointer, _ out: inout ByteWriter) {
    out.append("\\x")
    Hexadecimal.encode(bytes, to: &out)
  }
}

// MARK: Lists and structures

extension ValueText {
  private static func appendList(
    _ vector: Vector, _ row: Int, _ out: inout ByteWriter
  ) throws(SQLError) {
    let view = vector.values(as: View.self)[row]
    let elements = vector.children[0]
    let isPolygon = vector.type == .polygon
    let isNested = elements.physical == .list && elements.type != .polygon
    out.append(UInt8(ascii: isPolygon ? "(" : "{"))
    for index in view.start..<view.start + view.count {
      if index > view.start { out.append(UInt8(ascii: ",")) }
      if elements.isNull(index) {
        out.append("NULL")
      } else if isPolygon || isNested {
        try append(elements, index, into: &out)
      } else {
        try appendQuoted(elements, index, Quoting.list, &out)
      }
    }
    out.append(UInt8(ascii: isPolygon ? ")" : "}"))
  }

  private static func appendStructure(
    _ vector: Vector, _ row: Int, _ out: inout ByteWriter
  ) throws(SQLError) {
    if vector.type == .circle {
      out.append("<(")
      append(plain: vector.children[0], row, into: &out)
      out.append(UInt8(ascii: ","))
      append(plain: vector.children[1], row, into: &out)
      out.append("),")
      append(plain: vector.children[2], row, into: &out)
      return out.append(UInt8(ascii: ">"))
    }
    out.append(UInt8(ascii: "("))
    for (index, child) in vector.children.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      if !child.isNull(row) { try appendQuoted(child, row, Quoting.structure, &out) }
    }
    out.append(UInt8(ascii: ")"))
  }

  private enum Quoting { case list, structure }

  /// Appends an element and, when its text would be misread, puts it in quotes.
  private static func appendQuoted(
    _ vector: Vector, _ row: Int, _ quoting: Quoting, _ out: inout ByteWriter
  ) throws(SQLError) {
    let start = out.count
    try append(vector, row, into: &out)
    // Numbers and dates never need quotes; timestamps hold a blank.
    switch vector.physical {
    case .bytes, .list, .structure, .int64: break
    default: return
    }
    let element = UnsafeRawBufferPointer(rebasing: out.bytes[start...])
    guard needsQuotes(element, quoting) else { return }
    let longest = vector.physical == .bytes ? longestWrittenBytes : longestQuotedBytes
    guard element.count <= longest, start <= longestWrittenBytes else {
      throw SQLError(
        .programLimitExceeded, "the text of nested values takes more than \(element.count) bytes",
        hint: "Ask for its parts, or for JSON.")
    }
    let copy = Array(element)
    out.truncate(to: start)
    out.reserve(2 * copy.count + 2)
    out.advance(copyQuoted(copy, quoting, to: out.end.assumingMemoryBound(to: UInt8.self)))
  }

  /// Gives the number of bytes, at most twice as many and two.
  private static func copyQuoted(
    _ bytes: [UInt8], _ quoting: Quoting, to start: UnsafeMutablePointer<UInt8>
  ) -> Int {
    let (quote, backslash) = (UInt8(ascii: "\""), UInt8(ascii: "\\"))
    var target = start
    target.pointee = quote
    target += 1
    for byte in bytes {
      if byte == quote || byte == backslash {
        target.pointee = byte == quote && quoting == .structure ? quote : backslash
        target += 1
      }
      target.pointee = byte
      target += 1
    }
    target.pointee = quote
    return target - start + 1
  }

  private static func needsQuotes(_ text: UnsafeRawBufferPointer, _ quoting: Quoting) -> Bool {
    if text.isEmpty { return true }
    if quoting == .list, text.count == 4, isNullWord(text) { return true }
    return text.contains { byte in
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: ","): true
      case UInt8(ascii: "{"), UInt8(ascii: "}"): quoting == .list
      case UInt8(ascii: "("), UInt8(ascii: ")"): quoting == .structure
      default: NumberText.isBlank(byte)
      }
    }
  }

  private static func isNullWord(_ text: UnsafeRawBufferPointer) -> Bool {
    String(decoding: text.map { $0 | 0x20 }, as: UTF8.self) == "null"
  }
}
