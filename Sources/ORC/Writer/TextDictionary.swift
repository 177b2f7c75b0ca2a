import Base
import Glibc

/// The distinct texts of a stripe, numbered in the order of their first appearance.
struct TextDictionary: ~Copyable {
  private var content = ByteWriter()
  /// Entry `i` is `content[ends[i - 1] ..< ends[i]]`.
  private var ends: [Int] = []
  private var hashes: [UInt32] = []
  /// Entry number plus 1, or 0 for a free slot; the length is a power of two.
  private var slots = [UInt32](repeating: 0, count: 1024)

  var count: Int { ends.count }
  var contentSizeBytes: Int { content.count }
  var sizeBytes: Int { content.count + ends.count * 12 + slots.count * 4 }

  func bytes(of entry: UInt32) -> UnsafeRawBufferPointer {
    let index = Int(entry)
    let start = index == 0 ? 0 : ends[index - 1]
    return UnsafeRawBufferPointer(start: content.base + start, count: ends[index] - start)
  }

  mutating func entry(of bytes: UnsafeRawBufferPointer) -> UInt32 {
    let hash = Self.hash(bytes)
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while slots[slot] != 0 {
      let entry = slots[slot] - 1
      if hashes[Int(entry)] == hash, Self.areEqual(self.bytes(of: entry), bytes) { return entry }
      slot = (slot + 1) & mask
    }
    let entry = UInt32(ends.count)
    slots[slot] = entry + 1
    content.append(bytes)
    ends.append(content.count)
    hashes.append(hash)
    if ends.count * 2 > slots.count { grow() }
    return entry
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    let mask = slots.count - 1
    for (entry, hash) in hashes.enumerated() {
      var slot = Int(hash) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = UInt32(entry) + 1
    }
  }

  private static func areEqual(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    guard a.count == b.count else { return false }
    guard a.count > 0, let left = a.baseAddress, let right = b.baseAddress else { return true }
    return memcmp(left, right, a.count) == 0
  }

  /// Multiplies and folds 8 bytes at a time. Only ever compared within one dictionary.
  private static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    var state = UInt64(bytes.count) &* 0x9E37_79B9_7F4A_7C15
    var offset = 0
    while offset + 8 <= bytes.count {
      state = fold(state ^ bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset += 8
    }
    var rest: UInt64 = 0
    while offset < bytes.count {
      rest = rest << 8 | UInt64(bytes[offset])
      offset += 1
    }
    return UInt32(truncatingIfNeeded: fold(state ^ rest))
  }

  @inline(__always)
  private static func fold(_ word: UInt64) -> UInt64 {
    let product = word.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
    return product.high ^ product.low
  }

  /// The entries in the order of their bytes, and the place of each entry in that order.
  func sorted() -> (order: [UInt32], ranks: [UInt32]) {
    var order = (0..<UInt32(ends.count)).map { $0 }
    order.sort { ByteOrder.precedes(bytes(of: $0), bytes(of: $1)) }
    var ranks = [UInt32](repeating: 0, count: order.count)
    for (rank, entry) in order.enumerated() { ranks[Int(entry)] = UInt32(rank) }
    return (order, ranks)
  }

  mutating func removeAll() {
    content.removeAll()
    ends.removeAll(keepingCapacity: true)
    hashes.removeAll(keepingCapacity: true)
    slots = [UInt32](repeating: 0, count: 1024)
  }
}
