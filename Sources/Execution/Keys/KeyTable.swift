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
    _ column: Vector, count rowCount: Int, groups: UnsafeMutablePointer<UInt32>
  ) {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(1, rowCount)) { keys in
      guard let keyStart = keys.baseAddress else { return }
      KeyWords.load(column, count: rowCount, into: keyStart)
      var open = self.open
      var nullGroup = nullGroup
      var previous: UInt64 = 0
      var previousGroup = Self.absent
      let validity = column.validity
      for row in 0..<rowCount {
        if let validity, !validity.isValid(row) {
          if nullGroup == Self.absent { nullGroup = open.add(0) }
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
        previousGroup = open.findOrAdd(key)
        groups[row] = previousGroup
      }
      self.nullGroup = nullGroup
      close(open)
    }
  }

  private func findWords(
    _ column: Vector, count rowCount: Int, groups: UnsafeMutablePointer<UInt32>
  ) {
    withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(1, rowCount)) { keys in
      guard let keyStart = keys.baseAddress else { return }
      KeyWords.load(column, count: rowCount, into: keyStart)
      let open = self.open
      let nullGroup = nullGroup
      let validity = column.validity
      for row in 0..<rowCount {
        if let validity, !validity.isValid(row) {
          groups[row] = nullGroup
        } else {
          groups[row] = open.find(keyStart[row])
        }
      }
    }
  }

  /// The table's addresses as plain values for the length of a batch, for which `reserve` has made
  /// room: each access to a property of a class costs a look-up in a thread's list of accesses.
  private struct Open {
    let slots: UnsafeMutablePointer<UInt32>
    let slotMask: Int
    let words: UnsafeMutablePointer<UInt64>
    var count: Int

    @inline(__always)
    mutating func add(_ word: UInt64) -> UInt32 {
      words[count] = word
      let group = UInt32(truncatingIfNeeded: count)
      count &+= 1
      return group
    }

    @inline(__always)
    mutating func findOrAdd(_ key: UInt64) -> UInt32 {
      var slot = Int(truncatingIfNeeded: KeyHash.mix(key)) & slotMask
      while true {
        let entry = slots[slot]
        if entry == 0 {
          let group = add(key)
          slots[slot] = group &+ 1
          return group
        }
        if words[Int(entry &- 1)] == key { return entry &- 1 }
        slot = (slot &+ 1) & slotMask
      }
    }

    @inline(__always)
    func find(_ key: UInt64) -> UInt32 {
      var slot = Int(truncatingIfNeeded: KeyHash.mix(key)) & slotMask
      while true {
        let entry = slots[slot]
        if entry == 0 { return KeyTable.absent }
        if words[Int(entry &- 1)] == key { return entry &- 1 }
        slot = (slot &+ 1) & slotMask
      }
    }
  }

  private var open: Open {
    Open(slots: slots, slotMask: slotMask, words: words.pointer, count: count)
  }

  private func close(_ open: Open) {
    words.commit(open.count &- count)
    count = open.count
  }

  // MARK: rows

  private func insertRows(
    _ columns: [Vector], count rowCount: Int, groups: UnsafeMutablePointer<UInt32>
  ) {
    let rows = KeyRowCoding.encode(columns, count: rowCount)
    var open = self.open
    let starts = offsets.pointer
    var known = UnsafeRawPointer(arena.base)
    rows.withRows { (row, bytes, size) in
      let hash = KeyHash.hash(bytes, size)
      var slot = Int(truncatingIfNeeded: hash) & open.slotMask
      while true {
        let entry = open.slots[slot]
        if entry == 0 {
          let group = open.add(hash)
          arena.append(UnsafeRawBufferPointer(start: bytes, count: size))
          known = UnsafeRawPointer(arena.base)
          starts[Int(group) &+ 1] = arena.count
          open.slots[slot] = group &+ 1
          groups[row] = group
          return
        }
        if Self.matches(open.words, starts, known, entry &- 1, hash, bytes, size) {
          groups[row] = entry &- 1
          return
        }
        slot = (slot &+ 1) & open.slotMask
      }
    }
    offsets.commit(open.count &- count)
    close(open)
  }

  private func findRows(
    _ columns: [Vector], count rowCount: Int, groups: UnsafeMutablePointer<UInt32>
  ) {
    let rows = KeyRowCoding.encode(columns, count: rowCount)
    let open = self.open
    let starts = offsets.pointer
    let known = UnsafeRawPointer(arena.base)
    rows.withRows { (row, bytes, size) in
      let hash = KeyHash.hash(bytes, size)
      var slot = Int(truncatingIfNeeded: hash) & open.slotMask
      while true {
        let entry = open.slots[slot]
        if entry == 0 {
          groups[row] = Self.absent
          return
        }
        if Self.matches(open.words, starts, known, entry &- 1, hash, bytes, size) {
          groups[row] = entry &- 1
          return
        }
        slot = (slot &+ 1) & open.slotMask
      }
    }
  }

  @inline(__always)
  private static func matches(
    _ hashes: UnsafeMutablePointer<UInt64>, _ starts: UnsafeMutablePointer<Int>,
    _ known: UnsafeRawPointer, _ group: UInt32, _ hash: UInt64, _ bytes: UnsafeRawPointer,
    _ size: Int
  ) -> Bool {
    let index = Int(group)
    guard hashes[index] == hash else { return false }
    let start = starts[index]
    guard starts[index &+ 1] &- start == size else { return false }
    return KeyHash.equal(known + start, bytes, size)
  }

  // MARK: growth

  /// Room for `more` new groups.
  private func reserve(_ more: Int) {
    let wanted = count + more
    words.reserve(more)
    if !isWord { offsets.reserve(more) }
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
