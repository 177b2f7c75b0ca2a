import Base

/// Text as a terminal may show it: every control character as an escape, so that data cannot move the
/// cursor, change the title or hide itself.
///
/// A line feed stays, because tables break cells there; a tab becomes blanks up to the next multiple
/// of eight, a carriage return `\r`, other control characters `\x1B`, C1 controls, marks that change
/// the direction of text and bytes that are not UTF-8 `\u009B`.
public enum VisibleText {
  public static func append(_ bytes: UnsafeRawBufferPointer, into out: inout ByteWriter) {
    if isPlain(bytes) { return out.append(bytes) }
    var lineStart = out.count
    var offset = 0
    while offset < bytes.count {
      let byte = bytes[offset]
      switch byte {
      case 10:
        out.append(byte)
        lineStart = out.count
        offset += 1
      case 9:
        let column = width(of: UnsafeRawBufferPointer(rebasing: out.bytes[lineStart...]))
        out.append(repeating: UInt8(ascii: " "), count: 8 - column % 8)
        offset += 1
      case 0..<0x20, 0x7F:
        appendControl(byte, &out)
        offset += 1
      case 0x20..<0x7F:
        out.append(byte)
        offset += 1
      default: offset += appendCharacter(bytes, at: offset, &out)
      }
    }
  }

  /// One line of text for messages and headings: line feeds and tabs are escaped too.
  public static func line(_ text: String) -> String {
    var out = ByteWriter()
    var copy = text
    copy.withUTF8 { bytes in
      for line in bytes.split(separator: 10, omittingEmptySubsequences: false) {
        if line.startIndex > 0 { out.append("\\n") }
        append(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: line)), into: &out)
      }
    }
    return String(decoding: out.bytes, as: UTF8.self)
  }

  /// Columns of a terminal that a line of visible text takes.
  public static func width(of bytes: UnsafeRawBufferPointer) -> Int {
    if isPlain(bytes) { return bytes.count }
    var total = 0
    var offset = 0
    while offset < bytes.count {
      let (scalar, length) = UTF8Scalar.decode(bytes, at: offset)
      total += DisplayWidth.columns(of: scalar ?? 0xFFFD)
      offset += length
    }
    return total
  }

  public static func width(of text: String) -> Int {
    var copy = text
    return copy.withUTF8 { width(of: UnsafeRawBufferPointer($0)) }
  }

  /// Only printable ASCII, which is nearly always so.
  private static func isPlain(_ bytes: UnsafeRawBufferPointer) -> Bool {
    for byte in bytes where byte < 0x20 || byte >= 0x7F { return false }
    return true
  }

  private static func appendControl(_ byte: UInt8, _ out: inout ByteWriter) {
    if byte == 13 { return out.append("\\r") }
    out.append("\\x")
    out.append(Hexadecimal.upperDigit(of: byte >> 4))
    out.append(Hexadecimal.upperDigit(of: byte))
  }

  /// Appends a character beyond ASCII, escaped if need be, and gives its length in bytes.
  private static func appendCharacter(
    _ bytes: UnsafeRawBufferPointer, at offset: Int, _ out: inout ByteWriter
  ) -> Int {
    let (scalar, length) = UTF8Scalar.decode(bytes, at: offset)
    guard let scalar else {
      appendControl(bytes[offset], &out)
      return length
    }
    if DisplayWidth.isDangerous(scalar) {
      out.append("\\u")
      for shift in [12, 8, 4, 0] as [UInt32] {
        out.append(Hexadecimal.upperDigit(of: UInt8(truncatingIfNeeded: scalar >> shift)))
      }
    } else {
      out.append(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length]))
    }
    return length
  }
}
