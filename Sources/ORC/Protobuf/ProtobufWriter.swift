import Base

/// Builds one protobuf message; nested messages are built apart and appended.
struct ProtobufWriter: ~Copyable {
  private(set) var bytes = ByteWriter(capacity: 64)

  mutating func append(_ field: Int, _ value: UInt64) {
    bytes.appendVarint(UInt64(field) << 3)
    bytes.appendVarint(value)
  }

  mutating func append(_ field: Int, _ value: Int) {
    append(field, UInt64(bitPattern: Int64(value)))
  }

  /// A zigzag-encoded number (`sint32`, `sint64`).
  mutating func append(_ field: Int, signed value: Int64) { append(field, ZigZag.encode(value)) }

  mutating func append(_ field: Int, double value: Double) {
    bytes.appendVarint(UInt64(field) << 3 | 1)
    bytes.appendLittleEndian(value.bitPattern)
  }

  mutating func append(_ field: Int, bytes content: UnsafeRawBufferPointer) {
    bytes.appendVarint(UInt64(field) << 3 | 2)
    bytes.appendVarint(UInt64(content.count))
    bytes.append(content)
  }

  // Borrowing keeps the writer's memory alive; a pointer into a temporary one would not.
  private mutating func append(_ field: Int, content: borrowing ByteWriter) {
    append(field, bytes: content.bytes)
  }

  mutating func append(_ field: Int, bytes content: [UInt8]) {
    content.withUnsafeBytes { append(field, bytes: $0) }
  }

  mutating func append(_ field: Int, text: String) {
    var copy = text
    copy.withUTF8 { append(field, bytes: UnsafeRawBufferPointer($0)) }
  }

  mutating func append(_ field: Int, message: borrowing ProtobufWriter) {
    append(field, content: message.bytes)
  }

  mutating func append(_ field: Int, packed numbers: [UInt64]) {
    var content = ByteWriter(capacity: numbers.count * 3)
    for number in numbers { content.appendVarint(number) }
    append(field, content: content)
  }

  /// A copy of the message.
  borrowing func array() -> [UInt8] { Array(bytes.bytes) }
}
