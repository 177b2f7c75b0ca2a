import Base
import Vectors

/// Merges sorted runs into one order. Equal rows come in the order of their runs.
///
/// Of the blocks that the runs stand at, one ends first; all rows up to its end, of all runs, are sorted
/// at once, as rows in memory are. That round costs no step a row and run, and its values are gathered
/// column by column once some tens of thousands of rows have come together.
///
/// Memory: a block of every run, and the blocks that have been used up since the last gathering.
final class RunMerger {
  private let types: [LogicalType]
  private let keys: [Int]
  private let windowRows: Int
  private let windowBytes: Int
  /// The runs that have rows left, in their order.
  private var heads: [Head] = []
  /// The blocks that rows since the last gathering lie in.
  private var blocks: [Batch] = []
  private var blockBytes = 0
  private var entries: [SortEntry] = []
  private var scratch: [SortEntry] = []
  /// The key words of `blocks`.
  private var words: [KeyWords] = []

  fileprivate struct Head {
    let run: any RowRun
    var block: Batch
    var words: KeyWords
    /// The first row that is left.
    var row = 0
    /// Where the block is in `blocks`; nil before a row of it was taken.
    var place: Int?
  }

  /// `keys` are the columns to compare, most significant first.
  init(
    _ runs: [any RowRun], types: [LogicalType], keys: [Int], windowRows: Int = 1 << 16,
    windowBytes: Int
  ) throws(SQLError) {
    self.types = types
    self.keys = keys
    self.windowRows = windowRows
    self.windowBytes = windowBytes
    for run in runs {
      guard let block = try run.nextBlock() else { continue }
      heads.append(Head(run: run, block: block, words: KeyWords(block, keys: keys)))
    }
  }

  /// The next rows in batches of at most 8192 rows and about `partBytes`; none at the end.
  func nextBatches(partBytes: Int, on team: any WorkTeam) throws(SQLError) -> [Batch] {
    let rows = try nextRows()
    guard !rows.isEmpty else { return [] }
    let gatherers = types.indices.map { column in
      RowGatherer(blocks.map { $0.columns[column] }, type: types[column])
    }
    let rowBytes = max(1, blockBytes / max(1, blocks.reduce(0) { $0 + $1.rowCount }))
    let partRows = max(1, min(8192, partBytes / rowBytes))
    return try rows.withUnsafeBufferPointer { (rows) throws(SQLError) in
      try BlockGathering.batches(gatherers, rows, partRows: partRows, on: team)
    }
  }

  /// Where the next rows lie in `blocks`.
  private func nextRows() throws(SQLError) -> [RowReference] {
    blocks.removeAll(keepingCapacity: true)
    words.removeAll(keepingCapacity: true)
    blockBytes = 0
    for index in heads.indices { heads[index].place = nil }
    var rows: [RowReference] = []
    rows.reserveCapacity(windowRows)
    while !heads.isEmpty, rows.count < windowRows, blockBytes < windowBytes || rows.isEmpty {
      let first = firstToEnd()
      collect(upToEndOf: first)
      sortEntries()
      for entry in entries { rows.append(entry.row) }
      try advance(first)
    }
    return rows
  }

  /// The run whose block has the least last row; of equal ones the first, whose later rows may be
  /// equal, too, and come before those of the others.
  private func firstToEnd() -> Int {
    var best = 0
    for index in 1..<max(1, heads.count) {
      let (mine, least) = (heads[index].words, heads[best].words)
      if mine.compare(mine.rowCount - 1, least, least.rowCount - 1) < 0 { best = index }
    }
    return best
  }

  /// Takes all rows up to the last one of a block: of runs before it those equal to it, too.
  private func collect(upToEndOf first: Int) {
    entries.removeAll(keepingCapacity: true)
    let limit = heads[first].words
    for index in heads.indices {
      let end = index == first
        ? limit.rowCount : heads[index].end(limit, limit.rowCount - 1, takesEqual: index < first)
      if end > heads[index].row { take(index, upTo: end) }
    }
  }

  private func take(_ index: Int, upTo end: Int) {
    let place: Int
    if let known = heads[index].place {
      place = known
    } else {
      place = blocks.count
      heads[index].place = place
      blocks.append(heads[index].block)
      words.append(heads[index].words)
      blockBytes += heads[index].block.sizeBytes
    }
    let words = heads[index].words.words
    for row in heads[index].row..<end {
      entries.append(
        SortEntry(key: words[row], row: RowStore.reference(batch: place, row: row)))
    }
    heads[index].row = end
  }

  /// By the first key's words, then what those leave open by comparison.
  private func sortEntries() {
    if scratch.count < entries.count {
      scratch = Array(repeating: SortEntry(key: 0, row: 0), count: entries.count * 2)
    }
    entries.withUnsafeMutableBufferPointer { entries in
      scratch.withUnsafeMutableBufferPointer { RadixSort.sort(entries, scratch: $0) }
    }
    guard let decides = words.first?.firstWordDecides else { return }
    var start = 0
    while start < entries.count {
      let key = entries[start].key
      var end = start + 1
      while end < entries.count, entries[end].key == key { end += 1 }
      if end - start > 1, !decides || key == .max { sortTies(start..<end) }
      start = end
    }
  }

  private func sortTies(_ range: Range<Int>) {
    let sorted = range.map { (position: $0, entry: entries[$0]) }.sorted { a, b in
      let order = words[Int(truncatingIfNeeded: a.entry.row >> 16)].compare(
        Int(truncatingIfNeeded: a.entry.row & 0xFFFF),
        words[Int(truncatingIfNeeded: b.entry.row >> 16)],
        Int(truncatingIfNeeded: b.entry.row & 0xFFFF))
      return order != 0 ? order < 0 : a.position < b.position
    }
    for (offset, item) in sorted.enumerated() { entries[range.lowerBound + offset] = item.entry }
  }

  private func advance(_ index: Int) throws(SQLError) {
    guard let block = try heads[index].run.nextBlock() else {
      heads.remove(at: index)
      return
    }
    heads[index] = Head(
      run: heads[index].run, block: block, words: KeyWords(block, keys: keys))
  }
}

extension RunMerger.Head {
  /// The first row from `row` on that comes after a row of another run, or is equal to it unless
  /// `takesEqual`.
  fileprivate func end(_ limit: KeyWords, _ limitRow: Int, takesEqual: Bool) -> Int {
    var low = row
    var high = words.rowCount
    while low < high {
      let middle = (low + high) / 2
      let order = words.compare(middle, limit, limitRow)
      if order < 0 || order == 0 && takesEqual { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
