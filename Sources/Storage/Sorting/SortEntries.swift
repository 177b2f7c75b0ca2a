import Base
import Vectors

/// The order of the rows of a store by some of its columns, ascending, NULLs last, NaN above all
/// numbers; equal rows as they came.
final class SortOrder: @unchecked Sendable {
  let rows: UnsafeMutableBufferPointer<RowReference>

  /// Memory: `SortEntries.bytesPerRow` for each row, 8 bytes of which stay.
  init(of store: RowStore, by keys: [Int]) {
    var order = SortEntries(of: store)
    // Stable sorts from the least significant column up leave the most significant in charge.
    for key in keys.reversed() { order.sort(by: store.batches.map { $0.columns[key] }) }
    rows = .allocate(capacity: store.rowCount)
    for index in 0..<rows.count { rows.initializeElement(at: index, to: order.entries[index].row) }
  }

  deinit { rows.deallocate() }
}

/// The order in the making: one entry a row, and room for another ordering of them.
struct SortEntries: ~Copyable {
  /// What a row costs while it is sorted.
  static let bytesPerRow = 2 * MemoryLayout<SortEntry>.stride + MemoryLayout<RowReference>.stride

  let entries: UnsafeMutableBufferPointer<SortEntry>
  private let scratch: UnsafeMutableBufferPointer<SortEntry>

  /// The rows of `store` as they came, all with key 0.
  init(of store: RowStore) {
    entries = .allocate(capacity: store.rowCount)
    scratch = .allocate(capacity: store.rowCount)
    var next = 0
    for (index, batch) in store.batches.enumerated() {
      for row in 0..<batch.rowCount {
        entries.initializeElement(
          at: next, to: SortEntry(key: 0, row: RowStore.reference(batch: index, row: row)))
        next += 1
      }
    }
  }

  deinit {
    entries.deallocate()
    scratch.deallocate()
  }

  /// Sorts stably by one column, ascending, NULLs last.
  mutating func sort(by vectors: [Vector]) {
    guard let type = vectors.first?.type else { return }
    let count = partitionNulls(vectors)
    switch type.physical {
    case .bool8: sort(count, vectors, UInt8.self) { UInt64($0) }
    case .int8: sort(count, vectors, Int8.self) { SortKey.of($0) }
    case .int16: sort(count, vectors, Int16.self) { SortKey.of($0) }
    case .int32: sort(count, vectors, Int32.self) { SortKey.of($0) }
    case .int64: sort(count, vectors, Int64.self) { SortKey.of($0) }
    case .float32: sort(count, vectors, Float.self) { SortKey.of(Double($0)) }
    case .float64: sort(count, vectors, Double.self) { SortKey.of($0) }
    case .int128:
      sort(count, vectors, Int128.self) { UInt64(truncatingIfNeeded: $0) }
      sort(count, vectors, Int128.self) { SortKey.of(Int64(truncatingIfNeeded: $0 >> 64)) }
    case .bytes: sortTexts(count, vectors)
    case .list, .structure: break
    }
  }

  /// True if `sort(by:)` can sort columns of `type`.
  static func supports(_ type: LogicalType) -> Bool {
    type.physical != .list && type.physical != .structure
  }

  /// Moves the rows that are NULL behind the others, both in their order; the number of the others.
  private mutating func partitionNulls(_ vectors: [Vector]) -> Int {
    guard vectors.contains(where: { $0.validity != nil }) else { return entries.count }
    let words = vectors.map(\.validity)
    var valid = 0
    var nulls = 0
    for entry in entries {
      let mask = words[Int(truncatingIfNeeded: entry.row >> 16)]
      if mask?.isValid(Int(truncatingIfNeeded: entry.row & 0xFFFF)) != false {
        entries[valid] = entry
        valid += 1
      } else {
        scratch.initializeElement(at: nulls, to: entry)
        nulls += 1
      }
    }
    for index in 0..<nulls { entries[valid + index] = scratch[index] }
    return valid
  }

  @inline(__always)
  private mutating func sort<T: BitwiseCopyable>(
    _ count: Int, _ vectors: [Vector], _: T.Type, _ key: (T) -> UInt64
  ) {
    let bases = vectors.map { UnsafePointer($0.values(as: T.self)) }
    bases.withUnsafeBufferPointer { bases in
      for index in 0..<count {
        let row = entries[index].row
        let base = bases[Int(truncatingIfNeeded: row >> 16)]
        entries[index].key = key(base[Int(truncatingIfNeeded: row & 0xFFFF)])
      }
    }
    sortPrefix(count)
  }

  private func sortPrefix(_ count: Int) {
    RadixSort.sort(.init(rebasing: entries[..<count]), scratch: scratch)
  }

  /// By the first eight bytes, then runs that have those in common by comparison.
  private mutating func sortTexts(_ count: Int, _ vectors: [Vector]) {
    for index in 0..<count {
      entries[index].key = SortKey.prefix(Self.bytes(entries[index], vectors))
    }
    sortPrefix(count)
    var start = 0
    while start < count {
      var end = start + 1
      while end < count, entries[end].key == entries[start].key { end += 1 }
      if end - start > 1 { sortRun(start..<end, vectors) }
      start = end
    }
  }

  private mutating func sortRun(_ range: Range<Int>, _ vectors: [Vector]) {
    let sorted = range.map { (position: $0, entry: entries[$0]) }.sorted {
      let order = SortKey.compare(Self.bytes($0.entry, vectors), Self.bytes($1.entry, vectors))
      return order != 0 ? order < 0 : $0.position < $1.position
    }
    for (offset, item) in sorted.enumerated() { entries[range.lowerBound + offset] = item.entry }
  }

  private static func bytes(_ entry: SortEntry, _ vectors: [Vector]) -> UnsafeRawBufferPointer {
    vectors[Int(truncatingIfNeeded: entry.row >> 16)].bytes(
      at: Int(truncatingIfNeeded: entry.row & 0xFFFF))
  }
}
