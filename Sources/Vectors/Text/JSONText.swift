import Base

/// Values as JSON (RFC 8259): numbers and booleans bare, NaN and infinities as strings since JSON has
/// no such numbers, lists as arrays, structures as objects, points and circles as arrays of numbers,
/// everything else as strings in PostgreSQL's text form.
public enum JSONText {
  /// Appends row `row` of a vector that is flat at every depth, NULL as `null`.
  public static func append(_ vector: Vector, _ row: Int, into out: inout ByteWriter) {
    if vector.isNull(row) || vector.type == .null { return out.append("null") }
    switch vector.type {
    case .boolean: out.append(vector.values(as: UInt8.self)[row] != 0 ? "true" : "false")
    case .int8, .int16, .int32, .int64, .decimal: ValueText.append(plain: vector, row, into: &out)
    case .float32:
      appendNumber(isFinite: vector.values(as: Float.self)[row].isFinite, vector, row, &out)
    case .float64:
      appendNumber(isFinite: vector.values(as: Double.self)[row].isFinite, vector, row, &out)
    case .text: append(string: vector.bytes(at: row), into: &out)
    case .list, .polygon, .map: appendList(vector, row, &out)
    case .structure(let fields): appendObject(fields, vector, row, &out)
    case .point, .circle: appendArray(vector, row, &out)
    case .date, .timestamp, .binary, .null:
      var scratch = ByteWriter()
      ValueText.append(plain: vector, row, into: &scratch)
      append(string: scratch.bytes, into: &out)
    }
  }

  private static func appendNumber(
    isFinite: Bool, _ vector: Vector, _ row: Int, _ out: inout ByteWriter
  ) {
    if !isFinite { out.append(UInt8(ascii: "\"")) }
    ValueText.append(plain: vector, row, into: &out)
    if !isFinite { out.append(UInt8(ascii: "\"")) }
  }

  private static func appendList(_ vector: Vector, _ row: Int, _ out: inout ByteWriter) {
    let view = vector.values(as: View.self)[row]
    let elements = vector.children[0]
    out.append(UInt8(ascii: "["))
    for index in view.start..<view.start + view.count {
      if index > view.start { out.append(UInt8(ascii: ",")) }
      append(elements, index, into: &out)
    }
    out.append(UInt8(ascii: "]"))
  }

  private static func appendObject(
    _ fields: [StructField], _ vector: Vector, _ row: Int, _ out: inout ByteWriter
  ) {
    out.append(UInt8(ascii: "{"))
    for (index, (field, child)) in zip(fields, vector.children).enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      append(string: field.name, into: &out)
      out.append(UInt8(ascii: ":"))
      append(child, row, into: &out)
    }
    out.append(UInt8(ascii: "}"))
  }

  private static func appendArray(_ vector: Vector, _ row: Int, _ out: inout ByteWriter) {
    out.append(UInt8(ascii: "["))
    for (index, child) in vector.children.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      append(child, row, into: &out)
    }
    out.append(UInt8(ascii: "]"))
  }
}

// MARK: Strings

extension JSONText {
  public static func append(string text: String, into out: inout ByteWriter) {
    var copy = text
    copy.withUTF8 { append(string: UnsafeRawBufferPointer($0), into: &out) }
  }

  /// Appends a string in quotes. Control characters, DEL included so that no terminal obeys one,
  /// become escapes; everything else stays UTF-8.
  public static func append(string bytes: UnsafeRawBufferPointer, into out: inout ByteWriter) {
    out.append(UInt8(ascii: "\""))
    var start = 0
    for index in bytes.indices where needsEscape(bytes[index]) {
      out.append(UnsafeRawBufferPointer(rebasing: bytes[start..<index]))
      appendEscape(bytes[index], into: &out)
      start = index + 1
    }
    out.append(UnsafeRawBufferPointer(rebasing: bytes[start...]))
    out.append(UInt8(ascii: "\""))
  }

  @inline(__always)
  private static func needsEscape(_ byte: UInt8) -> Bool {
    byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte == 0x7F
  }

  private static func appendEscape(_ byte: UInt8, into out: inout ByteWriter) {
    switch byte {
    case UInt8(ascii: "\""): out.append("\\\"")
    case UInt8(ascii: "\\"): out.append("\\\\")
    case 10: out.append("\\n")
    case 13: out.append("\\r")
    case 9: out.append("\\t")
    default:
      out.append("\\u00")
      out.append(Hexadecimal.upperDigit(of: byte >> 4))
      out.append(Hexadecimal.upperDigit(of: byte))
    }
  }
}
