import Base
import Plans
import Vectors

/// Whole partitions in window order, one behind the other: where they begin, and what follows from
/// that.
///
/// Memory: at most 5 × 4 bytes a row, which `CompiledWindow` accounts for.
final class WindowChunk {
  let count: Int
  let partitionCount: Int
  /// The first row of each partition, then `count`.
  let partitionStarts: RowNumbers
  let order: [Vector]
  let isDescending: Bool
  private var knownPeers: (starts: RowNumbers, ends: RowNumbers)?
  private var knownFrames: [WindowFrame: (starts: RowNumbers, ends: RowNumbers)] = [:]

  /// `startRows`: ascending, beginning with 0 unless there are no rows. `order`: the values of
  /// ORDER BY, flat; `isDescending`: is its first?
  init(count: Int, startRows: [Int], order: [Vector], isDescending: Bool) {
    self.count = count
    self.order = order
    self.isDescending = isDescending
    partitionCount = startRows.count
    partitionStarts = RowNumbers(count: count + 1)
    for (index, row) in startRows.enumerated() {
      partitionStarts.values[index] = UInt32(truncatingIfNeeded: row)
    }
    partitionStarts.values[partitionCount] = UInt32(truncatingIfNeeded: count)
  }

  var hasOrder: Bool { !order.isEmpty }

  /// The first rows of the partitions among rows in window order. `partitions`: flat key columns.
  static func startRows(of partitions: [Vector], count: Int) -> [Int] {
    guard count > 0 else { return [] }
    guard !partitions.isEmpty else { return [0] }
    return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: count) { flags in
      guard let base = flags.baseAddress else { return [0] }
      base.update(repeating: 0, count: count)
      for column in partitions { AdjacentRows.markChanges(column, base) }
      var rows = [0]
      for row in 1..<max(1, count) where base[row] != 0 { rows.append(row) }
      return rows
    }
  }

  @inline(__always)
  func rows(ofPartition index: Int) -> Range<Int> {
    Int(partitionStarts.values[index])..<Int(partitionStarts.values[index + 1])
  }

  /// By row: where the rows that are equal by ORDER BY begin and end; all rows of a partition
  /// without one.
  func peers() -> (starts: RowNumbers, ends: RowNumbers) {
    if let knownPeers { return knownPeers }
    let changes = RowFlags(count: count)
    for column in order { AdjacentRows.markChanges(column, changes.values) }
    for index in 0..<partitionCount { changes.values[Int(partitionStarts.values[index])] = 1 }
    let starts = RowNumbers(count: count)
    let ends = RowNumbers(count: count)
    var start: UInt32 = 0
    for row in 0..<count {
      if changes.values[row] != 0 { start = UInt32(truncatingIfNeeded: row) }
      starts.values[row] = start
    }
    var end = UInt32(truncatingIfNeeded: count)
    for row in stride(from: count - 1, through: 0, by: -1) {
      ends.values[row] = end
      if changes.values[row] != 0 { end = UInt32(truncatingIfNeeded: row) }
    }
    knownPeers = (starts, ends)
    return (starts, ends)
  }

  /// By row: where its frame begins and ends. Within a chunk neither ever goes back, and no end is
  /// before its start.
  func frames(_ frame: WindowFrame) -> (starts: RowNumbers, ends: RowNumbers) {
    if let known = knownFrames[frame] { return known }
    let starts = RowNumbers(count: count)
    let ends = RowNumbers(count: count)
    fill(frame.start, frame, isEnd: false, starts.values)
    fill(frame.end, frame, isEnd: true, ends.values)
    for row in 0..<count { ends.values[row] = max(starts.values[row], ends.values[row]) }
    knownFrames[frame] = (starts, ends)
    return (starts, ends)
  }

  private func fill(
    _ bound: WindowFrame.Bound, _ frame: WindowFrame, isEnd: Bool,
    _ out: UnsafeMutablePointer<UInt32>
  ) {
    let behind = isEnd ? 1 : 0
    switch bound {
    case .unboundedPreceding: byRow(out) { _, rows in rows.lowerBound }
    case .unboundedFollowing: byRow(out) { _, rows in rows.upperBound }
    case .currentRow where frame.units == .rows: byRow(out) { row, _ in row &+ behind }
    case .currentRow:
      let peers = peers()
      out.update(from: isEnd ? peers.ends.values : peers.starts.values, count: count)
    case .preceding(let offset) where frame.units == .groups:
      byGroup(out) { group in group &- min(offset, count + 1) &+ behind }
    case .following(let offset) where frame.units == .groups:
      byGroup(out) { group in group &+ min(offset, count + 1) &+ behind }
    case .precedingBy(let value):
      RangeBorder(value, isBelow: true, isEnd: isEnd).fill(out, self)
    case .followingBy(let value):
      RangeBorder(value, isBelow: false, isEnd: isEnd).fill(out, self)
    case .preceding(let offset):
      let offset = min(offset, count + 1)
      byRow(out) { row, rows in max(rows.lowerBound, row &- offset &+ behind) }
    case .following(let offset):
      let offset = min(offset, count + 1)
      byRow(out) { row, rows in min(rows.upperBound, row &+ offset &+ behind) }
    }
  }

  /// The first rows of groups of peers. `body`: from the number of a row's group in its partition
  /// to the wanted group's, which may lie outside.
  private func byGroup(_ out: UnsafeMutablePointer<UInt32>, _ body: (Int) -> Int) {
    let peers = peers()
    var starts: [UInt32] = []
    for index in 0..<partitionCount {
      let rows = rows(ofPartition: index)
      starts.removeAll(keepingCapacity: true)
      var row = rows.lowerBound
      while row < rows.upperBound {
        starts.append(UInt32(truncatingIfNeeded: row))
        row = Int(peers.ends.values[row])
      }
      starts.append(UInt32(truncatingIfNeeded: rows.upperBound))
      for group in 0..<starts.count - 1 {
        let border = starts[max(0, min(starts.count - 1, body(group)))]
        for row in starts[group]..<starts[group + 1] { out[Int(row)] = border }
      }
    }
  }

  @inline(__always)
  private func byRow(
    _ out: UnsafeMutablePointer<UInt32>, _ body: (Int, Range<Int>) -> Int
  ) {
    for index in 0..<partitionCount {
      let rows = rows(ofPartition: index)
      for row in rows { out[row] = UInt32(truncatingIfNeeded: body(row, rows)) }
    }
  }
}

/// One byte a row, 0 at first.
private final class RowFlags {
  let values: UnsafeMutablePointer<UInt8>

  init(count: Int) {
    values = .allocate(capacity: max(1, count))
    values.update(repeating: 0, count: max(1, count))
  }

  deinit { values.deallocate() }
}
