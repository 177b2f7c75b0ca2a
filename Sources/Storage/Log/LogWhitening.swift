/// Mixes a block's payload with pseudo-random bits that follow from its LSN; doing it twice undoes it.
///
/// Rows may hold long runs of zeros. A torn write leaves zeros, too, because files are zeroed before
/// they are used: mixed, the two cannot be confused, and a damaged block is never taken for a torn
/// one, which would drop an acknowledged commit silently.
enum LogWhitening {
  /// `count` is a multiple of 8.
  static func apply(to base: UnsafeMutableRawPointer, count: Int, lsn: UInt64) {
    var state = lsn &* 0xD6E8_FEB8_6659_FD93
    for offset in stride(from: 0, to: count, by: 8) {
      // SplitMix64, as in `SeededRandom`.
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
      mixed ^= mixed >> 31
      let plain = base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      base.storeBytes(of: plain ^ mixed.littleEndian, toByteOffset: offset, as: UInt64.self)
    }
  }
}
