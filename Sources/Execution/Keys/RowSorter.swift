import Base
import Vectors

/// Sorts rows by their keys: radix sort on the first key's words, then a comparison sort within runs
/// of equal words. Stable.
enum RowSorter {
  /// Row indices in sorted order.
  static func sort(_ keys: SortKeys, context: QueryContext) throws(SQLError) -> [UInt32] {
    try sort(Array(0..<UInt32(truncatingIfNeeded: keys.rowCount)), keys, context: context)
  }

  /// Some rows, given in ascending order, in sorted order.
  static func sort(
    _ rows: [UInt32], _ keys: SortKeys, context: QueryContext
  ) throws(SQLError) -> [UInt32] {
    guard let first = keys.columns.first, rows.count > 1, !isSorted(rows, keys) else { return rows }
    var (nulls, values) = partition(first, rows)
    try radixSort(&values, first.words, context)
    try sortRuns(&values, first.words, keys, context)
    nulls.sort { keys.isBefore(Int($0), Int($1)) }
    return first.nullsFirst ? nulls + values : values + nulls
  }

  /// Stored rows often are in order already; others say so soon.
  private static func isSorted(_ rows: [UInt32], _ keys: SortKeys) -> Bool {
    for index in 1..<rows.count where !keys.isBefore(Int(rows[index - 1]), Int(rows[index])) {
      return false
    }
    return true
  }

  private static func partition(
    _ column: SortKeys.Column, _ rows: [UInt32]
  ) -> (nulls: [UInt32], values: [UInt32]) {
    guard let flags = column.nulls else { return ([], rows) }
    var nulls: [UInt32] = []
    var values: [UInt32] = []
    values.reserveCapacity(rows.count)
    for row in rows {
      if flags[Int(row)] == 1 { nulls.append(row) } else { values.append(row) }
    }
    return (nulls, values)
  }

  /// Least significant byte first; bytes that are the same in all words are skipped.
  private static func radixSort(
    _ rows: inout [UInt32], _ words: UnsafeMutablePointer<UInt64>, _ context: QueryContext
  ) throws(SQLError) {
    guard rows.count > 64 else {
      rows.sort { words[Int($0)] == words[Int($1)] ? $0 < $1 : words[Int($0)] < words[Int($1)] }
      return
    }
    var all: UInt64 = 0
    let sample = words[Int(rows[0])]
    for row in rows { all |= words[Int(row)] ^ sample }
    var other = [UInt32](repeating: 0, count: rows.count)
    for byte in 0..<8 where all >> UInt64(8 * byte) & 0xFF != 0 {
      try context.checkpoint()
      let shift = UInt64(8 * byte)
      var starts = [Int](repeating: 0, count: 257)
      for row in rows { starts[Int(words[Int(row)] >> shift & 0xFF) + 1] += 1 }
      for digit in 0..<256 { starts[digit + 1] += starts[digit] }
      rows.withUnsafeBufferPointer { source in
        other.withUnsafeMutableBufferPointer { target in
          starts.withUnsafeMutableBufferPointer { next in
            for row in source {
              let digit = Int(words[Int(row)] >> shift & 0xFF)
              target[next[digit]] = row
              next[digit] &+= 1
            }
          }
        }
      }
      swap(&rows, &other)
    }
  }

  /// Sorts runs whose first words are equal by all keys.
  private static func sortRuns(
    _ rows: inout [UInt32], _ words: UnsafeMutablePointer<UInt64>, _ keys: SortKeys,
    _ context: QueryContext
  ) throws(SQLError) {
    guard keys.columns.count > 1 || !keys.columns[0].vectors.isEmpty else { return }
    var start = 0
    var sinceCheck = 0
    while start < rows.count {
      let word = words[Int(rows[start])]
      var end = start + 1
      while end < rows.count, words[Int(rows[end])] == word { end += 1 }
      if end - start > 1 {
        rows[start..<end].sort { keys.isBefore(Int($0), Int($1)) }
        sinceCheck += end - start
      }
      if sinceCheck > 8192 {
        try context.checkpoint()
        sinceCheck = 0
      }
      start = end
    }
  }
}
