import Base
import Vectors

/// Window functions over a table whose rows are stored in the order of the window: nothing is
/// sorted, and each morsel computes the partitions that begin in it, reading on into the next
/// morsels for the end of its last one.
///
/// Memory: for each worker a few batches, or the largest partition; on the query's account.
final class OrderedWindowSource: Source {
  /// Complete partitions are computed once so many rows of them are there.
  private static let chunkRows = 4096

  private let scan: TableScanSource
  private let steps: [TransformStep]
  private let window: CompiledWindow
  private let metrics: OperatorMetrics
  /// Of PARTITION BY, in the table's columns.
  private let tableColumns: [Int]

  init(
    _ scan: TableScanSource, steps: [TransformStep], window: CompiledWindow, tableColumns: [Int],
    scanMetrics: OperatorMetrics
  ) {
    self.scan = scan
    self.steps = steps
    self.window = window
    self.tableColumns = tableColumns
    metrics = scanMetrics
  }

  var morselCount: Int { scan.morselCount }

  func reader(ofMorsel morsel: Int) throws(SQLError) -> any MorselReader {
    let last = try scan.lastRow(ofMorsel: morsel, tableColumns)
    guard morsel > 0 else { return Reader(self, morsel, before: nil, last: last) }
    let before = try scan.lastRow(ofMorsel: morsel - 1, tableColumns)
    if AdjacentRows.areEqual(before, 0, last, 0) { return BatchReader([]) }
    return Reader(self, morsel, before: before, last: last)
  }

  private func rows(ofMorsel morsel: Int, isOwn: Bool) throws(SQLError) -> StepReader {
    StepReader(
      try scan.reader(ofMorsel: morsel, isCounted: isOwn), steps, isOwn ? metrics : nil)
  }

  private final class Reader: MorselReader {
    private let source: OrderedWindowSource
    private let own: Int
    private var morsel: Int
    private var rows: StepReader?
    /// The partition of the stored row before the morsel; nil once it has ended.
    private var before: [Vector]?
    /// The partition of the morsel's last stored row.
    private let last: [Vector]
    private var open: OpenPartitions
    private var output: ChunkOutput?
    /// No more input, no more output but what is there.
    private var hasEnded = false
    private var isFinished = false

    init(_ source: OrderedWindowSource, _ morsel: Int, before: [Vector]?, last: [Vector]) {
      self.source = source
      own = morsel
      self.morsel = morsel
      self.before = before
      self.last = last
      open = OpenPartitions(source.window)
    }

    func next() throws(SQLError) -> Batch? {
      while true {
        if let batch = output?.next() { return batch }
        output = nil
        if isFinished { return nil }
        if let batch = try nextInput() {
          try open.append(batch)
          if open.completeCount >= OrderedWindowSource.chunkRows {
            output = try open.complete().map { ChunkOutput($0) }
          }
        } else {
          isFinished = true
          output = try open.finish().map { ChunkOutput($0) }
        }
      }
    }

    /// The next rows of the morsel's own partitions.
    private func nextInput() throws(SQLError) -> Batch? {
      while !hasEnded {
        try source.window.evaluation.query.checkpoint()
        let reader: StepReader
        if let rows {
          reader = rows
        } else {
          reader = try source.rows(ofMorsel: morsel, isOwn: morsel == own)
          rows = reader
        }
        if let batch = try reader.next() {
          let wide = try source.window.widened(batch)
          if morsel == own {
            if let rest = behindFirst(wide) { return rest }
            continue
          }
          let count = countOfLast(wide)
          if count < wide.rowCount { hasEnded = true }
          if count > 0 { return wide.slice(from: 0, count: count) }
        } else {
          morsel += 1
          rows = nil
          hasEnded = try !goesOn()
        }
      }
      rows = nil
      return nil
    }

    /// May the next morsel hold rows of the last partition?
    private func goesOn() throws(SQLError) -> Bool {
      guard morsel < source.morselCount else { return false }
      if morsel == own + 1 { return true }
      let end = try source.scan.lastRow(ofMorsel: morsel - 1, source.tableColumns)
      return AdjacentRows.areEqual(end, 0, last, 0)
    }

    /// The batch without the rows of the partition that began before the morsel.
    private func behindFirst(_ batch: Batch) -> Batch? {
      guard let before else { return batch }
      let keys = source.window.partitionColumns.map { batch.columns[$0] }
      let row = AdjacentRows.countOfFirst(keys, batch.rowCount, equalTo: before)
      if row == batch.rowCount { return nil }
      self.before = nil
      return batch.slice(from: row, count: batch.rowCount - row)
    }

    /// How many rows at the start of the batch belong to the last partition.
    private func countOfLast(_ batch: Batch) -> Int {
      let keys = source.window.partitionColumns.map { batch.columns[$0] }
      return AdjacentRows.countOfFirst(keys, batch.rowCount, equalTo: last)
    }
  }
}
