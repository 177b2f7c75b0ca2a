import Base

extension TableSnapshot {
  /// Names the rows that are to be seen: segments, and which of their rows are deleted, in order. Two
  /// snapshots of one name give the same rows in the same groups, whoever took them. Nil if there are
  /// rows that are in no segment.
  public var storedName: String? {
    var name = NameHash()
    for part in parts {
      var below = part
      while let masked = below as? MaskedPart { below = masked.base }
      guard let segment = below as? Segment else { return nil }
      for byte in segment.stored.id.utf8 { name.add(UInt64(byte)) }
      name.add(UInt64(segment.stored.checksum))
      guard let hidden = part.rowMask?.hidden else { continue }
      for (index, word) in hidden.enumerated() where word != 0 {
        name.add(UInt64(index))
        name.add(word)
      }
    }
    return "\(rowCount).\(String(name.value, radix: 16))"
  }
}

/// FNV-1a with words for bytes and a mixing step, as the words differ in few bits.
private struct NameHash {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ word: UInt64) {
    value = (value ^ word) &* 0x0000_0100_0000_01b3
    value ^= value >> 29
  }
}
