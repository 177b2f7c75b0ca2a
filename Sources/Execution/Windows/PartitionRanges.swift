/// Cuts rows into ranges of their first key, so that each can be sorted by itself and one behind
/// the other they are in order. Rows with equal first keys stay together, so partitions do.
enum PartitionRanges {
  private static let rowsPerRange = 16_384
  private static let mostRanges = 1024
  private static let samplesPerRange = 8

  /// Rows of each range as they came; no range is empty. `hasPartitions`: is the first key one of
  /// PARTITION BY?
  static func ranges(of keys: SortKeys, hasPartitions: Bool) -> [[UInt32]] {
    let count = keys.rowCount
    guard count > 0 else { return [] }
    let all = 0..<UInt32(truncatingIfNeeded: count)
    guard hasPartitions, count >= 2 * rowsPerRange, let first = keys.columns.first else {
      return [Array(all)]
    }
    let borders = borders(first, count)
    var ranges = [[UInt32]](repeating: [], count: borders.count + 2)
    for index in ranges.indices { ranges[index].reserveCapacity(count / ranges.count) }
    // Stored rows are often in runs: the range of the last row is tried first.
    var range = 0
    let nullRange = first.nullsFirst ? 0 : borders.count + 1
    borders.withUnsafeBufferPointer { borders in
      for row in 0..<count {
        if let nulls = first.nulls, nulls[row] != 0 {
          ranges[nullRange].append(UInt32(truncatingIfNeeded: row))
          continue
        }
        range = self.range(of: first.words[row], borders, near: range)
        ranges[range &+ (first.nullsFirst ? 1 : 0)].append(UInt32(truncatingIfNeeded: row))
      }
    }
    return ranges.filter { !$0.isEmpty }
  }

  /// Ascending words, each the first of a range but the lowest.
  private static func borders(_ column: SortKeys.Column, _ count: Int) -> [UInt64] {
    let rangeCount = min(mostRanges, count / rowsPerRange)
    let sampleCount = rangeCount * samplesPerRange
    var samples: [UInt64] = []
    for index in 0..<sampleCount {
      let row = index * count / sampleCount
      if let nulls = column.nulls, nulls[row] != 0 { continue }
      samples.append(column.words[row])
    }
    samples.sort()
    var borders: [UInt64] = []
    for index in 1..<max(1, rangeCount) {
      let place = index * samples.count / rangeCount
      guard place < samples.count, samples[place] != borders.last else { continue }
      borders.append(samples[place])
    }
    return borders
  }

  /// How many borders are not above `word`.
  @inline(__always)
  private static func range(
    of word: UInt64, _ borders: UnsafeBufferPointer<UInt64>, near guess: Int
  ) -> Int {
    let isAbove = guess == 0 || borders[guess &- 1] <= word
    if isAbove, guess == borders.count || word < borders[guess] { return guess }
    var low = 0
    var high = borders.count
    while low < high {
      let middle = (low &+ high) / 2
      if borders[middle] <= word { low = middle &+ 1 } else { high = middle }
    }
    return low
  }
}
