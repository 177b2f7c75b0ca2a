import Base
import Vectors

/// Rows in the order of a sort, in blocks of at most 65536.
protocol RowRun: AnyObject {
  /// The next rows, never none; nil at the end.
  func nextBlock() throws(SQLError) -> Batch?
  /// Takes what is on disk away. Failing to is no error: the next start finds it.
  func remove()
}

/// Rows of a segment file after the other, written while they came in order.
final class SegmentRun: RowRun {
  private let segments: [StoredSegment]
  private let table: StoredTable
  private let directory: DatabaseDirectory
  private var open: Segment?
  private var nextSegment = 0
  private var nextGroup = 0

  init(_ segments: [StoredSegment], of table: StoredTable, in directory: DatabaseDirectory) {
    self.segments = segments
    self.table = table
    self.directory = directory
  }

  func nextBlock() throws(SQLError) -> Batch? {
    while true {
      if let open, nextGroup < open.groupCount {
        nextGroup += 1
        let vectors = try open.decode(group: nextGroup - 1, places: Array(open.types.indices))
        return Batch(
          columns: vectors.map { $0.flattened() }, rowCount: open.rowCount(ofGroup: nextGroup - 1))
      }
      guard nextSegment < segments.count else {
        open = nil
        return nil
      }
      // Nothing is to stay in a cache that is read once.
      open = try Segment(
        segments[nextSegment], of: table, in: directory, cache: ChunkCache(budgetBytes: 0))
      nextSegment += 1
      nextGroup = 0
    }
  }

  func remove() {
    open = nil
    directory.discard(segments)
  }
}

/// Rows in memory with the order they go in.
final class StoreRun: RowRun {
  private let store: RowStore
  private let order: SortOrder
  private let gatherers: [RowGatherer]
  private let blockRows: Int
  private var next = 0

  init(_ store: RowStore, _ order: SortOrder, blockBytes: Int) {
    self.store = store
    self.order = order
    gatherers = store.gatherers()
    blockRows = BlockGathering.rows(of: store, within: blockBytes)
  }

  var rowCount: Int { order.rows.count }

  func nextBlock() throws(SQLError) -> Batch? {
    let here = min(blockRows, rowCount - next)
    guard here > 0 else { return nil }
    defer { next += here }
    let rows = UnsafeBufferPointer(rebasing: order.rows[next..<next + here])
    return Batch(columns: gatherers.map { $0.gather(rows) }, rowCount: here)
  }

  /// The next `count` blocks, gathered on several threads; none at the end.
  func nextBlocks(_ count: Int, on team: any WorkTeam) throws(SQLError) -> [Batch] {
    let here = min(count * blockRows, rowCount - next)
    guard here > 0 else { return [] }
    defer { next += here }
    return try BlockGathering.batches(
      gatherers, UnsafeBufferPointer(rebasing: order.rows[next..<next + here]),
      partRows: blockRows, on: team)
  }

  func remove() {}
}

/// Copies rows out of many vectors, column by column.
enum BlockGathering {
  /// Rows that take about `bytes`, at most 8192, the rows of a row group.
  static func rows(of store: RowStore, within bytes: Int) -> Int {
    let rowBytes = max(1, store.sizeBytes / max(1, store.rowCount))
    return max(1, min(8192, bytes / rowBytes))
  }

  static func batches(
    _ gatherers: [RowGatherer], _ rows: UnsafeBufferPointer<RowReference>, partRows: Int,
    on team: any WorkTeam
  ) throws(SQLError) -> [Batch] {
    nonisolated(unsafe) let rows = rows
    return try team.map((rows.count + partRows - 1) / partRows) { part in
      let range = part * partRows..<min(rows.count, (part + 1) * partRows)
      let mine = UnsafeBufferPointer(rebasing: rows[range])
      return Batch(columns: gatherers.map { $0.gather(mine) }, rowCount: mine.count)
    }
  }
}
