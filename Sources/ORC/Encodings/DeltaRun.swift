import Base

/// DELTA of RLEv2: up to 512 values that only rise or only fall.
///
/// Layout: 2 bits kind (3), 5 bits width code (0: every step equals the first), 9 bits `count - 1`,
/// the first value as a varint (zigzag if signed), the first step as a zigzag varint, then the
/// sizes of the other steps, bit-packed. The specification's example, the primes 2 to 29: `c6 09 02
/// 02 22 42 42 46`.
enum DeltaRun {
  /// Width 1 cannot be told from "equal steps", so packed steps take at least 2 bits.
  static func width(holding bits: Int) -> Int { max(2, BitWidth.holding(bits)) }

  static func encodedSizeBytes(
    first: UInt64, step: Int64, count: Int, stepWidth: Int
  ) -> Int {
    2 + varintSizeBytes(first) + varintSizeBytes(ZigZag.encode(step))
      + BitPacking.sizeBytes(max(0, count - 2), width: stepWidth)
  }

  private static func varintSizeBytes(_ value: UInt64) -> Int {
    max(1, (BitWidth.bits(of: value) + 6) / 7)
  }

  /// - Parameters:
  ///   - first: the first value, already zigzag if signed.
  ///   - steps: the sizes of the steps from the second on, `count - 2` of them; unused if
  ///     `stepWidth` is 0.
  static func encode(
    first: UInt64, step: Int64, steps: UnsafePointer<UInt64>, count: Int, stepWidth: Int,
    into out: inout ByteWriter
  ) {
    let code = stepWidth == 0 ? 0 : BitWidth.code(ofWidth: stepWidth)
    RunHeader.append(kind: .delta, widthCode: code, count, into: &out)
    out.appendVarint(first)
    out.appendVarint(ZigZag.encode(step))
    if stepWidth > 0, count > 2 {
      BitPacking.pack(steps, count: count - 2, width: stepWidth, into: &out)
    }
  }

  static func decode(
    _ cursor: StreamCursor, count: Int, isSigned: Bool, into out: UnsafeMutablePointer<Int64>
  ) throws(SQLError) {
    try cursor.ensure(2)
    let code = Int(cursor.next[0] >> 1 & 31)
    cursor.next += 2
    let base = try cursor.readVarint()
    var value = isSigned ? ZigZag.decode(base) : Int64(bitPattern: base)
    let step = ZigZag.decode(try cursor.readVarint())
    out[0] = value
    if code == 0 {
      for i in 1..<max(1, count) {
        value &+= step
        out[i] = value
      }
      return
    }
    guard count > 1 else { return }
    value &+= step
    out[1] = value
    try BitPacking.unpack(
      cursor, count: count - 2, width: BitWidth.width(ofCode: code), into: out + 2)
    if step < 0 {
      for i in 2..<max(2, count) {
        value &-= out[i]
        out[i] = value
      }
    } else {
      for i in 2..<max(2, count) {
        value &+= out[i]
        out[i] = value
      }
    }
  }
}
