import Base
import CKernels

/// The slots of an open-addressing hash table: which group stands where.
///
/// An entry is the upper half of its key's hash above the number of its group + 1; 0 is an empty
/// slot. The place of a key comes from the highest bits of its hash, so that the half kept in the
/// entry is enough to move it: growing reads no keys, and goes through old and new slots in the
/// same order. Linear probing, at most 5/8 full.
struct HashSlots: ~Copyable {
  /// From here on slots no longer stay in the caches by themselves, and asking for them early pays.
  private static let prefetchedSize = 1 << 14

  /// Enough that a few dozen keys rarely meet: what is absent is found absent in one step that the
  /// processor foresees. 8 KiB stay in its first cache.
  private static let smallestSize = 1 << 10

  /// Slots that are moved between two checkpoints.
  private static let movedSize = 1 << 16

  private var entries: UnsafeMutablePointer<UInt64>
  private(set) var size: Int

  init() {
    size = Self.smallestSize
    entries = GrowingMemory.allocateZeroed(size)
  }

  deinit { GrowingMemory.free(entries, size) }

  var sizeBytes: Int { size * 8 }

  /// Makes room for `count` groups in all.
  mutating func reserve(_ count: Int) {
    guard let old = enlarge(count) else { return }
    view.take(old[...])
    Self.free(old)
  }

  /// The same with a checkpoint now and then; if that throws, groups are missing.
  mutating func reserve(
    _ count: Int, checkpoint: () throws(SQLError) -> Void
  ) throws(SQLError) {
    guard let old = enlarge(count) else { return }
    defer { Self.free(old) }
    let view = view
    for start in stride(from: 0, to: old.count, by: Self.movedSize) {
      view.take(old[start..<min(old.count, start + Self.movedSize)])
      try checkpoint()
    }
  }

  private static func free(_ entries: UnsafeMutableBufferPointer<UInt64>) {
    if let start = entries.baseAddress { GrowingMemory.free(start, entries.count) }
  }

  /// The entries as they were, if there have to be more.
  private mutating func enlarge(_ count: Int) -> UnsafeMutableBufferPointer<UInt64>? {
    guard count * 8 > size * 5 else { return nil }
    let old = UnsafeMutableBufferPointer(start: entries, count: size)
    while count * 8 > size * 5 { size *= 2 }
    entries = GrowingMemory.allocateZeroed(size)
    return old
  }

  /// The slots as plain values, good until the next `reserve`: each access to a stored property of
  /// a class would cost more than the probe.
  var view: View {
    View(
      entries: entries, mask: size &- 1,
      shift: UInt64(truncatingIfNeeded: size.leadingZeroBitCount &+ 1))
  }

  var wantsPrefetch: Bool { size >= Self.prefetchedSize }

  struct View {
    let entries: UnsafeMutablePointer<UInt64>
    let mask: Int
    let shift: UInt64

    /// Asks for the cache line where the key's probe begins.
    @inline(__always)
    func prefetch(_ hash: UInt64) { zij_prefetch(entries + Int(truncatingIfNeeded: hash >> shift)) }

    /// The group of the key with this hash for which `matches` holds, or `absent` with the slot
    /// where it would stand.
    @inline(__always)
    func find(_ hash: UInt64, _ matches: (Int) -> Bool) -> (group: UInt32, slot: Int) {
      var slot = Int(truncatingIfNeeded: hash >> shift)
      while true {
        let entry = entries[slot]
        if entry == 0 { return (KeyTable.absent, slot) }
        if entry >> 32 == hash >> 32 {
          let group = UInt32(truncatingIfNeeded: entry) &- 1
          if matches(Int(group)) { return (group, slot) }
        }
        slot = (slot &+ 1) & mask
      }
    }

    @inline(__always)
    func set(_ slot: Int, _ hash: UInt64, _ group: UInt32) {
      entries[slot] = (hash >> 32) << 32 | UInt64(group &+ 1)
    }

    /// Puts a group whose key is known not to be there.
    @inline(__always)
    func add(_ hash: UInt64, _ group: UInt32) {
      place((hash >> 32) << 32 | UInt64(group &+ 1))
    }

    fileprivate func take(_ entries: Slice<UnsafeMutableBufferPointer<UInt64>>) {
      for entry in entries where entry != 0 { place(entry) }
    }

    @inline(__always)
    fileprivate func place(_ entry: UInt64) {
      var slot = Int(truncatingIfNeeded: entry >> shift)
      while entries[slot] != 0 { slot = (slot &+ 1) & mask }
      entries[slot] = entry
    }
  }
}
