import Base
import Vectors

/// Numbers distinct keys 0, 1, 2 … in the order in which they first appear.
///
/// A key is one or more columns; NULL equals NULL, NaN equals NaN, −0 equals 0. One fixed-width
/// column of at most 8 bytes is kept as 64-bit words, anything else as rows of bytes
/// (`KeyRowCoding`). Open addressing, linear probing, at most 5/8 full; no allocation per row.
final class KeyTable: @unchecked Sendable {
  static let absent = UInt32.max

  let types: [LogicalType]
  private(set) var count = 0
  private let isWord: Bool
  /// Group + 1 by slot, 0 for an empty one.
  private var slots: UnsafeMutablePointer<UInt32>
  private var slotMask: Int
  /// By group: the key itself (words) or its hash (rows).
  private var words: GrowingArray<UInt64>
  /// By group, for rows: where its bytes begin in the arena; one more than groups.
  private var offsets: GrowingArray<Int>
  private var arena: ByteWriter
  private var nullGroup = KeyTable.absent

  init(types: [LogicalType]) {
    self.types = types
    isWord = types.count == 1 && KeyWords.fits(types[0])
    slotMask = 63
    slots = .allocate(capacity: 64)
    slots.initialize(repeating: 0, count: 64)
    words = GrowingArray()
    offsets = GrowingArray()
    offsets.append(0)
    arena = ByteWriter(capacity: 64)
  }

  deinit { slots.deallocate() }

  var sizeBytes: Int {
    (slotMask + 1) * 4 + words.capacity * 8 + offsets.capacity * 8 + arena.capacity
  }

  /// The group of each row's key; unknown keys get the next numbers.
  func findOrInsert(_ columns: [Vector], count: Int, groups: UnsafeMutablePointer<UInt32>) {
    reserve(count)
    if isWord {
      insertWords(columns[0].flattened(), count: count, groups: groups)
    } else {
      insertRows(columns, count: count, groups: groups)
    }
  }

  /// The group of each row's key, `absent` for unknown ones.
  func find(_ columns: [Vector], count: Int, groups: UnsafeMutablePointer<UInt32>) {
    if isWord {
      findWords(columns[0].flattened(), count: count, groups: groups)
    } else {
      findRows(columns, count: count, groups: groups)
    }
  }

  /// The keys of some groups, one vector a column.
  func keys(_ range: Range<Int>) -> [Vector] {
    if isWord {
      return [
        KeyWords.vector(
          words.pointer, range, type: types[0],
          nullGroup: nullGroup == Self.absent ? nil : Int(nullGroup))
      ]
    }
    return KeyRowCoding.decode(
      range, types: types, arena: arena.bytes, offsets: offsets.pointer)
  }

  // MARK: words

  private func insertWords(
    _ column: Vector, count: Int, groups: UnsafeMutablePointer<UInt32>
  ) {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(1, count)) { keys in
      guard let keyStart = keys.baseAddress else { return }
      KeyWords.load(column, count: count, into: keyStart)
      var previous: UInt64 = 0
      var previousGroup = Self.absent
      let validity = column.validity
      for row in 0..<count {
        if let validity, !validity.isValid(row) {
          if nullGroup == Self.absent { nullGroup = addGroup(word: 0) }
          groups[row] = nullGroup
          continue
        }
        let key = keyStart[row]
        // Clustered tables bring runs of equal keys.
        if key == previous, previousGroup != Self.absent {
          groups[row] = previousGroup
          continue
        }
        previous = key
        previousGroup = findOrAdd(word: key)
        groups[row] = previousGroup
      }
    }
  }

  @inline(__always)
  private func findOrAdd(word key: UInt64) -> UInt32 {
    var slot = Int(truncatingIfNeeded: KeyHash.mix(key)) & slotMask
    while true {
      let entry = slots[slot]
      if entry == 0 {
        let group = addGroup(word: key)
        slots[slot] = group &+ 1
        return group
      }
      if words.pointer[Int(entry &- 1)] == key, entry &- 1 != nullGroup { return entry &- 1 }
      slot = (slot &+ 1) & slotMask
    }
  }

  private func addGroup(word: UInt64) -> UInt32 {
    words.append(word)
    let group = UInt32(truncatingIfNeeded: count)
    count += 1
    return group
  }

  private func findWords(_ column: Vector, count: Int, groups: UnsafeMutablePointer<UInt32>) {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(1, count)) { keys in
      guard let keyStart = keys.baseAddress else { return }
      KeyWords.load(column, count: count, into: keyStart)
      for row in 0..<count {
        if column.isNull(row) {
          groups[row] = nullGroup
          continue
        }
        groups[row] = lookUp(word: keyStart[row])
      }
    }
  }

  @inline(__always)
  private func lookUp(word key: UInt64) -> UInt32 {
    var slot = Int(truncatingIfNeeded: KeyHash.mix(key)) & slotMask
    while true {
      let entry = slots[slot]
      if entry == 0 { return Self.absent }
      if words.pointer[Int(entry &- 1)] == key, entry &- 1 != nullGroup { return entry &- 1 }
      slot = (slot &+ 1) & slotMask
    }
  }

  // MARK: rows

  private func insertRows(
    _ columns: [Vector], count: Int, groups: UnsafeMutablePointer<UInt32>
  ) {
    let rows = KeyRowCoding.encode(columns, count: count)
    rows.withRows { (row, bytes, size) in
      let hash = KeyHash.hash(bytes, size)
      var slot = Int(truncatingIfNeeded: hash) & slotMask
      while true {
        let entry = slots[slot]
        if entry == 0 {
          let group = addGroup(word: hash)
          arena.append(UnsafeRawBufferPointer(start: bytes, count: size))
          offsets.append(arena.count)
          slots[slot] = group &+ 1
          groups[row] = group
          return
        }
        if matches(entry &- 1, hash, bytes, size) {
          groups[row] = entry &- 1
          return
        }
        slot = (slot &+ 1) & slotMask
      }
    }
  }

  private func findRows(_ columns: [Vector], count: Int, groups: UnsafeMutablePointer<UInt32>) {
    let rows = KeyRowCoding.encode(columns, count: count)
    rows.withRows { (row, bytes, size) in
      let hash = KeyHash.hash(bytes, size)
      var slot = Int(truncatingIfNeeded: hash) & slotMask
      while true {
        let entry = slots[slot]
        if entry == 0 {
          groups[row] = Self.absent
          return
        }
        if matches(entry &- 1, hash, bytes, size) {
          groups[row] = entry &- 1
          return
        }
        slot = (slot &+ 1) & slotMask
      }
    }
  }

  @inline(__always)
  private func matches(
    _ group: UInt32, _ hash: UInt64, _ bytes: UnsafeRawPointer, _ size: Int
  ) -> Bool {
    let index = Int(group)
    guard words.pointer[index] == hash else { return false }
    let start = offsets.pointer[index]
    guard offsets.pointer[index + 1] - start == size else { return false }
    return KeyHash.equal(UnsafeRawPointer(arena.base) + start, bytes, size)
  }

  // MARK: growth

  /// Room for `more` new groups.
  private func reserve(_ more: Int) {
    let wanted = count + more
    guard wanted * 8 > (slotMask + 1) * 5 else { return }
    var size = slotMask + 1
    while wanted * 8 > size * 5 { size *= 2 }
    slots.deallocate()
    slots = .allocate(capacity: size)
    slots.initialize(repeating: 0, count: size)
    slotMask = size - 1
    for group in 0..<count where UInt32(truncatingIfNeeded: group) != nullGroup {
      let word = words.pointer[group]
      var slot = Int(truncatingIfNeeded: isWord ? KeyHash.mix(word) : word) & slotMask
      while slots[slot] != 0 { slot = (slot &+ 1) & slotMask }
      slots[slot] = UInt32(truncatingIfNeeded: group) &+ 1
    }
  }
}
