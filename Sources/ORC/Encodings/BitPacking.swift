import Base
import CKernels

/// Values of a fixed width, big-endian, one after the other, filled up with zeros to a whole byte.
enum BitPacking {
  @inline(__always)
  static func sizeBytes(_ count: Int, width: Int) -> Int { (count * width + 7) >> 3 }

  /// Appends `count` values, each below 2^width; `width` has a code in `BitWidth`.
  static func pack(
    _ values: UnsafePointer<UInt64>, count: Int, width: Int, into out: inout ByteWriter
  ) {
    let size = sizeBytes(count, width: width)
    out.reserve(size + 8)
    let target = out.end
    if width == 64 {
      for i in 0..<count {
        target.storeBytes(of: values[i].bigEndian, toByteOffset: i &* 8, as: UInt64.self)
      }
      return out.advance(size)
    }
    var word: UInt64 = 0
    var used = 0
    var offset = 0
    for i in 0..<count {
      word |= values[i] &<< UInt64(64 &- used &- width)
      used &+= width
      target.storeBytes(of: word.bigEndian, toByteOffset: offset, as: UInt64.self)
      let whole = used & ~7
      offset &+= whole &>> 3
      // All 64 bits leave at once when 8 bits of the last byte were just filled; `<<` gives 0 then.
      word = word << UInt64(whole)
      used &= 7
    }
    out.advance(size)
  }

  /// Reads `count` values into `out` and moves the cursor behind them.
  @inline(__always)
  static func unpack(
    _ cursor: StreamCursor, count: Int, width: Int, into out: UnsafeMutablePointer<Int64>
  ) throws(SQLError) {
    let size = sizeBytes(count, width: width)
    try cursor.ensure(size)
    out.withMemoryRebound(to: UInt64.self, capacity: count) {
      zij_unpack(cursor.next, cursor.end - cursor.next, UInt32(width), count, $0)
    }
    cursor.next += size
  }
}
