import Base

/// SHORT_REPEAT of RLEv2: one value repeated 3 to 10 times.
///
/// Layout: 2 bits kind (0), 3 bits `valueBytes - 1`, 3 bits `count - 3`, then the value,
/// big-endian, zigzag if signed. The specification's example, 10000 five times: `0a 27 10`.
enum ShortRepeat {
  static let counts = 3...10

  static func byteCount(of value: UInt64) -> Int { max(1, (BitWidth.bits(of: value) + 7) >> 3) }

  static func encodedSizeBytes(of value: UInt64) -> Int { 1 + byteCount(of: value) }

  static func encode(_ value: UInt64, count: Int, into out: inout ByteWriter) {
    let size = byteCount(of: value)
    out.append(UInt8((size - 1) << 3 | (count - counts.lowerBound)))
    for i in (0..<size).reversed() { out.append(UInt8(truncatingIfNeeded: value >> UInt64(i * 8))) }
  }

  static func decode(
    _ cursor: StreamCursor, count: Int, isSigned: Bool, into out: UnsafeMutablePointer<Int64>
  ) throws(SQLError) {
    try cursor.ensure(1)
    let size = Int(cursor.next[0] >> 3 & 7) + 1
    cursor.next += 1
    let value = try cursor.readBigEndian(byteCount: size)
    out.update(
      repeating: isSigned ? ZigZag.decode(value) : Int64(bitPattern: value), count: count)
  }
}
