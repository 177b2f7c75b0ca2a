import Base

/// Integer run-length encoding, version 1.
///
/// A control byte 0…127 begins a run of control + 3 values: a signed byte of step, then the first
/// value as a varint (zigzag if signed). A control byte 128…255 begins 256 − control literal
/// varints. The specification's examples: 100 times 7 is `61 00 07`, 100 down to 1 is `61 ff 64`,
/// and 2, 3, 6, 7, 11 is `fb 02 03 06 07 0b`.
enum IntegerRunV1 {
  /// Looks at the run the cursor stands before.
  static func peekCount(_ cursor: StreamCursor) throws(SQLError) -> Int {
    try cursor.ensure(1)
    let control = Int(cursor.next[0])
    return control < 128 ? control + 3 : 256 - control
  }

  static func decode(
    _ cursor: StreamCursor, count: Int, isSigned: Bool, into out: UnsafeMutablePointer<Int64>
  ) throws(SQLError) {
    try cursor.ensure(1)
    let control = cursor.next[0]
    cursor.next += 1
    guard control < 128 else {
      for i in 0..<count {
        let value = try cursor.readVarint()
        out[i] = isSigned ? ZigZag.decode(value) : Int64(bitPattern: value)
      }
      return
    }
    try cursor.ensure(1)
    let step = Int64(Int8(bitPattern: cursor.next[0]))
    cursor.next += 1
    let first = try cursor.readVarint()
    var value = isSigned ? ZigZag.decode(first) : Int64(bitPattern: first)
    for i in 0..<count {
      out[i] = value
      value &+= step
    }
  }
}
