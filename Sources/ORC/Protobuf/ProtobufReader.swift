import Base

/// One field of a protobuf message as it lies in the file.
struct ProtobufField {
  let number: Int
  /// The number of a varint or fixed field; the length of a length-delimited one.
  let value: UInt64
  /// The bytes of a length-delimited field.
  let bytes: ByteRegion?

  /// Zigzag-encoded numbers (`sint32`, `sint64`).
  var signed: Int64 { ZigZag.decode(value) }

  var double: Double { Double(bitPattern: value) }

  /// The value as a size or count, refused if it cannot be one.
  func count() throws(SQLError) -> Int {
    guard bytes == nil, value <= UInt64(Int64.max >> 1) else {
      throw SQLError(.dataCorrupted, "field \(number) is not a plausible count: \(value)")
    }
    return Int(value)
  }

  func region() throws(SQLError) -> ByteRegion {
    guard let bytes else {
      throw SQLError(.dataCorrupted, "field \(number) should have a length")
    }
    return bytes
  }

  func text() throws(SQLError) -> String {
    let region = try region()
    return region.withBytes { String(decoding: $0, as: UTF8.self) }
  }

  /// Adds the numbers of a repeated field, packed or not.
  func appendNumbers(to numbers: inout [UInt64]) throws(SQLError) {
    guard let bytes else {
      numbers.append(value)
      return
    }
    var reader = ByteReader(bytes)
    while !reader.isAtEnd { numbers.append(try reader.readVarint()) }
  }
}

/// Walks the fields of one protobuf message; unknown fields are passed over by its callers.
struct ProtobufReader {
  private var reader: ByteReader

  init(_ region: ByteRegion) { reader = ByteReader(region) }

  mutating func next() throws(SQLError) -> ProtobufField? {
    if reader.isAtEnd { return nil }
    let key = try reader.readVarint()
    guard key >> 3 >= 1, key >> 3 < 1 << 29 else {
      throw reader.corrupt("field number \(key >> 3)")
    }
    let number = Int(key >> 3)
    switch key & 7 {
    case 0: return ProtobufField(number: number, value: try reader.readVarint(), bytes: nil)
    case 1:
      return ProtobufField(
        number: number, value: try reader.readLittleEndian(UInt64.self), bytes: nil)
    case 2:
      let length = try reader.readVarint()
      guard length <= UInt64(reader.remaining) else {
        throw reader.corrupt("field of \(length) bytes, \(reader.remaining) left")
      }
      return ProtobufField(number: number, value: length, bytes: try reader.read(Int(length)))
    case 5:
      return ProtobufField(
        number: number, value: UInt64(try reader.readLittleEndian(UInt32.self)), bytes: nil)
    default: throw reader.corrupt("wire type \(key & 7)")
    }
  }
}
