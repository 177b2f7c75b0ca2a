import Base

/// When a CSV field needs quotes, and how it gets them.
///
/// The empty string and a text that equals the NULL marker are always quoted, so that they stay
/// apart from NULL; so is `\.`, which other programs read as the end of the data.
struct CSVQuoting: Sendable {
  let delimiter: UInt8
  let nullText: [UInt8]

  /// Whether numbers and dates can need quotes too: when their text may equal the NULL marker, or
  /// hold the delimiter, as a timestamp holds a blank and colons.
  let checksNumbers: Bool

  init(delimiter: UInt8, nullText: [UInt8]) {
    self.delimiter = delimiter
    self.nullText = nullText
    let isInTimestamps = delimiter == UInt8(ascii: " ") || delimiter == UInt8(ascii: ":")
    checksNumbers = isInTimestamps || !nullText.isEmpty
  }

  static let quote = UInt8(ascii: "\"")

  func append(_ field: UnsafeRawBufferPointer, into out: inout ByteWriter) {
    guard needsQuotes(field) else { return out.append(field) }
    out.append(Self.quote)
    for byte in field {
      if byte == Self.quote { out.append(Self.quote) }
      out.append(byte)
    }
    out.append(Self.quote)
  }

  private func needsQuotes(_ field: UnsafeRawBufferPointer) -> Bool {
    if field.isEmpty || field.elementsEqual(nullText) { return true }
    if field.count == 2, field[0] == UInt8(ascii: "\\"), field[1] == UInt8(ascii: ".") {
      return true
    }
    for byte in field {
      if byte == delimiter || byte == Self.quote || byte == 10 || byte == 13 { return true }
    }
    return false
  }
}
