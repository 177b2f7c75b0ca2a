import Base

/// DIRECT of RLEv2: up to 512 values of one width.
///
/// Layout: 2 bits kind (1), 5 bits width code, 9 bits `count - 1`, then the values, bit-packed
/// big-endian, zigzag if signed. The specification's example, 23713, 43806, 57005, 48879:
/// `5e 03 5c a1 ab 1e de ad be ef`.
enum DirectRun {
  static func encodedSizeBytes(count: Int, width: Int) -> Int {
    2 + BitPacking.sizeBytes(count, width: width)
  }

  static func encode(
    _ values: UnsafePointer<UInt64>, count: Int, width: Int, into out: inout ByteWriter
  ) {
    RunHeader.append(kind: .direct, widthCode: BitWidth.code(ofWidth: width), count, into: &out)
    BitPacking.pack(values, count: count, width: width, into: &out)
  }

  static func decode(
    _ cursor: StreamCursor, count: Int, isSigned: Bool, into out: UnsafeMutablePointer<Int64>
  ) throws(SQLError) {
    try cursor.ensure(2)
    let width = BitWidth.width(ofCode: Int(cursor.next[0] >> 1))
    cursor.next += 2
    try BitPacking.unpack(cursor, count: count, width: width, into: out)
    guard isSigned else { return }
    for i in 0..<count { out[i] = ZigZag.decode(UInt64(bitPattern: out[i])) }
  }
}
