import Base
import Vectors

/// Numbers distinct keys that are rows of bytes (`KeyRowCoding`) in the order in which they first
/// appear.
final class RowKeys: KeyLayout {
  private let types: [LogicalType]
  private var slots = HashSlots()
  /// By group: its hash.
  private var hashes = GrowingArray<UInt64>()
  /// By group: where its bytes begin in the arena; one more than groups.
  private var offsets = GrowingArray<Int>()
  private var arena = ByteWriter(capacity: 64)

  init(types: [LogicalType]) {
    self.types = types
    offsets.append(0)
  }

  var count: Int { hashes.count }

  var sizeBytes: Int {
    slots.sizeBytes + hashes.capacity * 8 + offsets.capacity * 8 + arena.capacity
  }

  func keys(_ range: Range<Int>) -> [Vector] { keys(Array(range)) }

  /// The keys of some groups, one vector a column.
  func keys(_ groups: [Int]) -> [Vector] {
    KeyRowCoding.decode(
      starts: groups.map { offsets.pointer[$0] }, types: types, arena: arena.bytes)
  }

  /// The group of each row's key; unknown keys get the next numbers.
  func insert(_ columns: [Vector], count: Int, groups: UnsafeMutablePointer<UInt32>) {
    if let entries = DictionaryRows(columns, count: count) {
      reserve(min(count, entries.count))
      return entries.forEach(groups) { (bytes, size) in insert(bytes, size) }
    }
    reserve(count)
    KeyRowCoding.encode(columns, count: count).withRows { (row, bytes, size) in
      groups[row] = insert(bytes, size)
    }
  }

  /// The group of each row's key, `absent` for unknown ones.
  func find(_ columns: [Vector], count: Int, groups: UnsafeMutablePointer<UInt32>) {
    if let entries = DictionaryRows(columns, count: count) {
      return entries.forEach(groups) { (bytes, size) in find(bytes, size) }
    }
    KeyRowCoding.encode(columns, count: count).withRows { (row, bytes, size) in
      groups[row] = find(bytes, size)
    }
  }

  func absorb(
    _ other: any KeyLayout, mapping: UnsafeMutablePointer<UInt32>,
    checkpoint: () throws(SQLError) -> Void
  ) throws(SQLError) {
    let other = try same(other)
    for start in stride(from: 0, to: other.count, by: Batch.capacity) {
      let end = min(other.count, start + Batch.capacity)
      try slots.reserve(hashes.count + end - start, checkpoint: checkpoint)
      absorb(other, start..<end, mapping: mapping)
      try checkpoint()
    }
  }

  /// The groups here of some groups of another table, which are added where they are new.
  func absorb(_ other: RowKeys, _ range: Range<Int>, mapping: UnsafeMutablePointer<UInt32>) {
    reserve(range.count)
    let bytes = UnsafeRawPointer(other.arena.base)
    for group in range {
      let start = other.offsets.pointer[group]
      mapping[group] = insert(bytes + start, other.offsets.pointer[group &+ 1] &- start)
    }
  }

  private func reserve(_ more: Int) {
    hashes.reserve(more)
    offsets.reserve(more)
    slots.reserve(hashes.count + more)
  }

  @inline(__always)
  private func insert(_ bytes: UnsafeRawPointer, _ size: Int) -> UInt32 {
    let hash = KeyHash.hash(bytes, size)
    let view = slots.view
    let (group, slot) = view.find(hash) { matches($0, hash, bytes, size) }
    if group != KeyTable.absent { return group }
    let new = UInt32(truncatingIfNeeded: hashes.count)
    view.set(slot, hash, new)
    hashes.append(hash)
    arena.append(UnsafeRawBufferPointer(start: bytes, count: size))
    offsets.append(arena.count)
    return new
  }

  @inline(__always)
  private func find(_ bytes: UnsafeRawPointer, _ size: Int) -> UInt32 {
    let hash = KeyHash.hash(bytes, size)
    return slots.view.find(hash) { matches($0, hash, bytes, size) }.group
  }

  @inline(__always)
  private func matches(
    _ group: Int, _ hash: UInt64, _ bytes: UnsafeRawPointer, _ size: Int
  ) -> Bool {
    guard hashes.pointer[group] == hash else { return false }
    let start = offsets.pointer[group]
    guard offsets.pointer[group &+ 1] &- start == size else { return false }
    return KeyHash.equal(UnsafeRawPointer(arena.base) + start, bytes, size)
  }
}

/// The keys of one dictionary column, each looked up once a batch however many rows have it.
private struct DictionaryRows {
  private let indices: UnsafeMutablePointer<UInt32>
  private let validity: ValidityMask?
  private let dictionary: Vector
  private let rowCount: Int

  /// Nil for anything but one dictionary column, and for a dictionary longer than the batch.
  init?(_ columns: [Vector], count: Int) {
    guard columns.count == 1, columns[0].encoding == .dictionary,
      columns[0].children[0].count < count
    else { return nil }
    indices = columns[0].values(as: UInt32.self)
    validity = columns[0].validity
    dictionary = columns[0].children[0]
    rowCount = count
  }

  /// Distinct keys, with one for NULL.
  var count: Int { dictionary.count + 1 }

  /// Calls `number` for the key of each entry in use, in the order of the rows, and gives the rows
  /// what it answers.
  func forEach(
    _ groups: UnsafeMutablePointer<UInt32>, _ number: (UnsafeRawPointer, Int) -> UInt32
  ) {
    let rows = KeyRowCoding.encode([dictionary], count: dictionary.count)
    let null = KeyRowCoding.encode([Vector.nulls(dictionary.type, count: 1)], count: 1)
    var known = [UInt32](repeating: KeyTable.absent, count: count)
    var isKnown = [Bool](repeating: false, count: count)
    for row in 0..<rowCount {
      let isValid = validity?.isValid(row) ?? true
      let entry = isValid ? Int(indices[row]) : dictionary.count
      if !isKnown[entry] {
        isKnown[entry] = true
        known[entry] = isValid ? rows.withRow(entry, number) : null.withRow(0, number)
      }
      groups[row] = known[entry]
    }
  }
}
