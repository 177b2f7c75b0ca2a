import Base

extension ByteWriter {
  /// Appends a message: the type, a length that is filled in, and what `body` writes.
  mutating func message(_ type: UInt8, _ body: (inout ByteWriter) -> Void) {
    append(type)
    lengthPrefixed(includingItself: true, body)
  }

  mutating func message(_ type: Character, _ body: (inout ByteWriter) -> Void = { _ in }) {
    message(type.asciiValue ?? 0, body)
  }

  /// A 32-bit length and what it is the length of.
  mutating func lengthPrefixed(
    includingItself: Bool = false, _ body: (inout ByteWriter) -> Void
  ) {
    let place = count
    appendBigEndian(Int32(0))
    body(&self)
    let length = count - place - (includingItself ? 0 : 4)
    base.storeBytes(
      of: Int32(truncatingIfNeeded: length).bigEndian, toByteOffset: place, as: Int32.self)
  }

  /// A text and the zero byte that ends it. Zero bytes inside, which would end it early, are left out.
  mutating func appendZeroEnded(_ text: String) {
    for byte in text.utf8 where byte != 0 { append(byte) }
    append(0)
  }

  /// A count of the protocol, which has 16 bits.
  mutating func appendCount(_ count: Int) { appendBigEndian(UInt16(truncatingIfNeeded: count)) }
}
