import Base

/// Booleans, eight in a byte with the first in the highest bit, the bytes run-length encoded.
///
/// The specification's example: 1 and seven times 0 are `ff 80`.
final class BooleanDecoder {
  private let bytes: ByteDecoder
  /// Bits read and not given away, lowest first.
  private var leftover: UInt64 = 0
  private var leftoverCount = 0

  /// - Parameters:
  ///   - skippingBytes: bytes to pass over in the run, as a row index tells.
  ///   - skippingBits: bits to pass over in the byte behind them.
  init(_ cursor: StreamCursor, skippingBytes: Int = 0, skippingBits: Int = 0) throws(SQLError) {
    bytes = try ByteDecoder(cursor, skipping: skippingBytes)
    guard (0...8).contains(skippingBits) else {
      throw cursor.corrupt("bit \(skippingBits) of a byte")
    }
    // A position behind the last bit of the stream must not read a byte that is not there.
    guard skippingBits > 0 else { return }
    var word: UInt64 = 0
    try read(into: &word, count: skippingBits)
  }

  /// Reads `count` bits into words, lowest bit first; bits behind the last are 0.
  func read(into words: UnsafeMutablePointer<UInt64>, count: Int) throws(SQLError) {
    var index = 0
    var rest = count
    while rest > 0 {
      let here = min(64, rest)
      words[index] = try readWord(here)
      index += 1
      rest -= here
    }
  }

  /// Reads `count` booleans, one a byte.
  func read(bytesInto out: UnsafeMutablePointer<UInt8>, count: Int) throws(SQLError) {
    var done = 0
    while done < count {
      let here = min(64, count - done)
      let word = try readWord(here)
      for bit in 0..<here { out[done &+ bit] = UInt8(truncatingIfNeeded: word &>> UInt64(bit)) & 1 }
      done += here
    }
  }

  private func readWord(_ count: Int) throws(SQLError) -> UInt64 {
    let mask: UInt64 = count == 64 ? ~0 : (1 << UInt64(count)) - 1
    if leftoverCount >= count {
      let word = leftover & mask
      leftover = count == 64 ? 0 : leftover >> UInt64(count)
      leftoverCount -= count
      return word
    }
    let wanted = count - leftoverCount
    let byteCount = (wanted + 7) >> 3
    var fresh: UInt64 = 0
    try withUnsafeMutablePointer(to: &fresh) { (pointer) throws(SQLError) in
      try UnsafeMutableRawPointer(pointer).withMemoryRebound(to: UInt8.self, capacity: 8) {
        (start) throws(SQLError) in try bytes.read(into: start, count: byteCount)
      }
    }
    let bits = Self.reversingBytes(UInt64(littleEndian: fresh))
    let word = (leftover | bits << UInt64(leftoverCount)) & mask
    leftover = wanted == 64 ? 0 : bits >> UInt64(wanted)
    leftoverCount = byteCount * 8 - wanted
    return word
  }

  /// Turns around the bits of each byte.
  @inline(__always)
  static func reversingBytes(_ word: UInt64) -> UInt64 {
    var bits = word
    bits = (bits >> 1 & 0x5555_5555_5555_5555) | (bits & 0x5555_5555_5555_5555) << 1
    bits = (bits >> 2 & 0x3333_3333_3333_3333) | (bits & 0x3333_3333_3333_3333) << 2
    return (bits >> 4 & 0x0F0F_0F0F_0F0F_0F0F) | (bits & 0x0F0F_0F0F_0F0F_0F0F) << 4
  }
}
