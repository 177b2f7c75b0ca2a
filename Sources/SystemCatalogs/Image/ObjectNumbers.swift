/// Numbers of our own objects, from what stays the same about them: the same table has the same
/// number whenever and wherever its database is opened.
///
/// A number is 31 bits of the FNV-1a hash of a key, above those reserved. Two keys that meet (about
/// one chance in 40 among 10,000 tables) take the next free number, in the order of their creation.
struct ObjectNumbers {
  /// PostgreSQL's own end at 16383; our types and schemas come next.
  static let first: Int64 = 20_000
  private static let end: Int64 = 1 << 31
  private var used: Set<Int64> = []

  mutating func number(for key: String) -> Int64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let span = UInt64(Self.end - Self.first)
    // The upper bits of FNV mix best.
    var number = Self.first + Int64((hash >> 16 ^ hash) % span)
    while !used.insert(number).inserted {
      number = number + 1 < Self.end ? number + 1 : Self.first
    }
    return number
  }
}
