import Base
import Vectors

/// A key of fixed width, compared as a whole.
protocol FixedKey: BitwiseCopyable, Comparable, FixedWidthInteger, UnsignedInteger {
  var keyHash: UInt64 { get }
}

extension UInt64: FixedKey {
  @inline(__always) var keyHash: UInt64 { KeyHash.mix(self) }
}

extension UInt128: FixedKey {
  @inline(__always) var keyHash: UInt64 {
    KeyHash.mix(
      KeyHash.mix(UInt64(truncatingIfNeeded: self)) ^ UInt64(truncatingIfNeeded: self >> 64))
  }
}

/// Numbers distinct keys of one or two words 0, 1, 2 … in the order in which they first appear.
///
/// As long as keys come in ascending order, as they do when a table is grouped by what it is
/// clustered by, each is compared with the last one only and nothing is hashed; the first key that
/// is out of order moves everything into slots, for good.
final class FixedKeyTable<Key: FixedKey> {
  /// By group: its key; anything for the group of NULL.
  private var keys = GrowingArray<Key>()
  private var slots = HashSlots()
  private var isOrdered: Bool
  /// The group with the greatest key so far, while in order.
  private var lastGroup = KeyTable.absent
  private(set) var nullGroup = KeyTable.absent

  /// `expectsOrder`: begin without slots. Such a table cannot be searched with `find`.
  init(expectsOrder: Bool) { isOrdered = expectsOrder }

  var count: Int { keys.count }
  var sizeBytes: Int { slots.sizeBytes + keys.capacity * MemoryLayout<Key>.size }
  /// The key of each group.
  var pointer: UnsafeMutablePointer<Key> { keys.pointer }

  /// The groups of keys; NULL rows have one of their own. Unknown keys get the next numbers.
  func insert(
    _ source: UnsafePointer<Key>, _ validity: ValidityMask?, count: Int,
    groups: UnsafeMutablePointer<UInt32>
  ) {
    keys.reserve(count)
    var row = 0
    if isOrdered {
      row = insertOrdered(source, validity, count, groups)
      if row == count { return }
      leaveOrder()
    }
    slots.reserve(keys.count + count - row)
    if slots.wantsPrefetch {
      insertHashed(source, validity, row..<count, groups, prefetches: true)
    } else {
      insertHashed(source, validity, row..<count, groups, prefetches: false)
    }
  }

  /// Makes room for so many more keys, which `insert` would do without checkpoints.
  func reserve(_ more: Int, checkpoint: () throws(SQLError) -> Void) throws(SQLError) {
    keys.reserve(more)
    if !isOrdered { try slots.reserve(keys.count + more, checkpoint: checkpoint) }
  }

  /// Takes rows up to the first that is out of order.
  private func insertOrdered(
    _ source: UnsafePointer<Key>, _ validity: ValidityMask?, _ count: Int,
    _ groups: UnsafeMutablePointer<UInt32>
  ) -> Int {
    let keys = keys.pointer
    let before = self.keys.count
    var next = before
    var group = lastGroup
    var last = group == KeyTable.absent ? 0 : keys[Int(group)]
    var row = 0
    while row < count {
      if let validity, !validity.isValid(row) {
        groups[row] = groupOfNull(&next)
      } else {
        let key = source[row]
        if key > last || group == KeyTable.absent {
          keys[next] = key
          group = UInt32(truncatingIfNeeded: next)
          last = key
          next &+= 1
        } else if key != last {
          break
        }
        groups[row] = group
      }
      row &+= 1
    }
    lastGroup = group
    self.keys.commit(next &- before)
    return row
  }

  private func leaveOrder() {
    isOrdered = false
    slots.reserve(keys.count)
    let view = slots.view
    let keys = keys.pointer
    for group in 0..<self.keys.count where UInt32(truncatingIfNeeded: group) != nullGroup {
      view.add(keys[group].keyHash, UInt32(truncatingIfNeeded: group))
    }
  }

  @inline(__always)
  private func insertHashed(
    _ source: UnsafePointer<Key>, _ validity: ValidityMask?, _ rows: Range<Int>,
    _ groups: UnsafeMutablePointer<UInt32>, prefetches: Bool
  ) {
    let view = slots.view
    let keys = keys.pointer
    let before = self.keys.count
    var next = before
    var previous: Key = 0
    var previousGroup = KeyTable.absent
    if prefetches { for row in rows { view.prefetch(source[row].keyHash) } }
    for row in rows {
      if let validity, !validity.isValid(row) {
        groups[row] = groupOfNull(&next)
        continue
      }
      let key = source[row]
      // Tables in some order bring runs of equal keys.
      if key != previous || previousGroup == KeyTable.absent {
        let hash = key.keyHash
        var (group, slot) = view.find(hash) { keys[$0] == key }
        if group == KeyTable.absent {
          keys[next] = key
          group = UInt32(truncatingIfNeeded: next)
          view.set(slot, hash, group)
          next &+= 1
        }
        previous = key
        previousGroup = group
      }
      groups[row] = previousGroup
    }
    self.keys.commit(next &- before)
  }

  private func groupOfNull(_ next: inout Int) -> UInt32 {
    if nullGroup == KeyTable.absent {
      keys.pointer[next] = 0
      nullGroup = UInt32(truncatingIfNeeded: next)
      next &+= 1
    }
    return nullGroup
  }

  /// The groups of keys, `absent` for unknown ones.
  func find(
    _ source: UnsafePointer<Key>, _ validity: ValidityMask?, count: Int,
    groups: UnsafeMutablePointer<UInt32>
  ) {
    let view = slots.view
    let keys = keys.pointer
    let nullGroup = nullGroup
    if slots.wantsPrefetch { for row in 0..<count { view.prefetch(source[row].keyHash) } }
    guard let validity else {
      for row in 0..<count {
        let key = source[row]
        groups[row] = view.find(key.keyHash) { keys[$0] == key }.group
      }
      return
    }
    for row in 0..<count {
      let key = source[row]
      groups[row] =
        validity.isValid(row) ? view.find(key.keyHash) { keys[$0] == key }.group : nullGroup
    }
  }
}
