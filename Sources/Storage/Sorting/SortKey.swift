import Glibc

/// Numbers that order as values do.
enum SortKey {
  @inline(__always)
  static func of(_ value: some FixedWidthInteger & SignedInteger) -> UInt64 {
    UInt64(bitPattern: Int64(truncatingIfNeeded: value)) ^ 1 << 63
  }

  /// NaN is equal to NaN and above everything else; −0 is equal to 0.
  @inline(__always)
  static func of(_ value: Double) -> UInt64 {
    if value != value { return ~0 }
    let bits = (value + 0).bitPattern
    return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
  }

  /// The first eight bytes, zeros behind the end.
  static func prefix(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    if bytes.count >= 8 { return UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)) }
    var key: UInt64 = 0
    for index in 0..<bytes.count { key |= UInt64(bytes[index]) << UInt64(56 - 8 * index) }
    return key
  }

  /// Below 0, 0 or above 0, byte by byte; what ends first is less.
  static func compare(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
    let common = min(a.count, b.count)
    if common > 0, let first = a.baseAddress, let second = b.baseAddress {
      let order = memcmp(first, second, common)
      if order != 0 { return Int(order) }
    }
    return a.count - b.count
  }
}
