import Base
import Storage
import Vectors

/// Brings a table's tail, and what a transaction did to the table, into segments and mask files.
///
/// Used under the database's commit lock: rows may be added to the table meanwhile, behind those that
/// were captured, but none is deleted or moved.
final class TableRewrite {
  let table: Table
  private let changes: TableChanges
  private let database: Database
  private let isMerging: Bool
  private var captured: Table.Contents
  private var parts: [Table.StoredPart] = []
  private var staged: [StagedSegment] = []
  private var masks: [StoredMask] = []
  private(set) var manifestChanges: [ManifestChange] = []
  private var isKept = false

  /// `isMerging`: small segments at the end are written anew together with the tail, so that many
  /// small ones do not pile up.
  init(_ changes: TableChanges, in database: Database, isMerging: Bool = false) {
    self.changes = changes
    self.database = database
    self.isMerging = isMerging
    table = changes.table
    captured = table.capture()
  }

  deinit {
    if !isKept { database.directory?.discard(masks) }
  }

  /// The commit may have happened: the files stay.
  func keep() {
    isKept = true
    for segment in staged { segment.keep() }
  }

  /// The first block of the log that is needed after the commit.
  var oldestLSN: UInt64? {
    let now = table.capture()
    return now.lastLSN > captured.lastLSN ? captured.lastLSN + 1 : nil
  }

  /// Writes what has to be written.
  func prepare() throws(SQLError) {
    parts = captured.parts
    let removed = isMerging ? takeSmallParts() : []
    for part in removed {
      manifestChanges.append(.removeSegment(tableID: table.id, segmentID: part.stored.id))
    }
    try writeMasks()
    try writeRows(merging: removed)
    if captured.lastLSN > 0 {
      manifestChanges.append(.setApplied(tableID: table.id, lsn: captured.lastLSN))
    }
  }

  func publish() {
    keep()
    table.replace(captured, by: parts)
  }

  // MARK: Masks

  private func writeMasks() throws(SQLError) {
    guard let directory = database.directory else { return }
    var kept: [Table.StoredPart] = []
    for var part in parts {
      let more = changes.hidden[.segment(id: part.stored.id)] ?? RowMask()
      let mask = part.mask.union(more)
      if mask.hiddenCount == part.stored.rowCount {
        manifestChanges.append(.removeSegment(tableID: table.id, segmentID: part.stored.id))
        continue
      }
      if !part.isMaskSaved || !more.isEmpty {
        let saved = try directory.writeMask(mask, of: part.stored, tableID: table.id)
        masks.append(saved)
        part.stored.mask = saved
        part.setMask(mask, isSaved: true)
        manifestChanges.append(
          .setMask(tableID: table.id, segmentID: part.stored.id, saved))
      }
      kept.append(part)
    }
    parts = kept
  }

  // MARK: Rows

  /// Takes off the last segments that are small beside what comes behind them: the tail, or, of many
  /// small ones, the others.
  private func takeSmallParts() -> [Table.StoredPart] {
    let count = captured.smallPartCount
    guard !captured.tail.isEmpty || count >= Table.manySmallParts else { return [] }
    let taken = Array(parts.suffix(count))
    parts.removeLast(count)
    return taken
  }

  /// Rows of the segments taken off, of the tail, of the transaction, in their order.
  private func writeRows(merging removed: [Table.StoredPart]) throws(SQLError) {
    var loader: TableLoader?
    let rows = try table.rows
    for part in removed {
      let loader = try open(&loader)
      try part.part.forEachVisibleBatch(columnCount: table.columns.count) {
        (batch) throws(SQLError) in try loader.append(rows.visible(batch))
      }
    }
    for chunk in captured.tail.chunks {
      let gone = changes.hidden[.tail(firstRow: chunk.firstRow)] ?? RowMask()
      try append(chunk.rows.visibleBatches(without: gone), rows, &loader)
    }
    for own in changes.own {
      switch own {
      case .rows(let chunk): try append(chunk.visibleBatches(), rows, &loader)
      case .segment(let segment, let mask):
        try finish(&loader)
        try add(segment, mask)
      }
    }
    try finish(&loader)
  }

  private func append(
    _ batches: [Batch], _ rows: TableRows, _ loader: inout TableLoader?
  ) throws(SQLError) {
    for batch in batches where batch.rowCount > 0 {
      try open(&loader).append(rows.visible(batch))
    }
  }

  private func open(_ loader: inout TableLoader?) throws(SQLError) -> TableLoader {
    if let loader { return loader }
    guard let directory = database.directory else {
      throw SQLError(.internalError, "a database in memory has no segments")
    }
    let new = try TableLoader(
      directory, table: table.stored, query: database.makeBackgroundContext())
    loader = new
    return new
  }

  private func finish(_ loader: inout TableLoader?) throws(SQLError) {
    guard let finished = try loader?.finish() else { return }
    loader = nil
    for segment in try database.staged(finished, of: table) { try add(segment, RowMask()) }
  }

  private func add(_ segment: StagedSegment, _ mask: RowMask) throws(SQLError) {
    staged.append(segment)
    if mask.hiddenCount == segment.stored.rowCount { return }
    var stored = segment.stored
    if !mask.isEmpty, let directory = database.directory {
      let saved = try directory.writeMask(mask, of: stored, tableID: table.id)
      masks.append(saved)
      stored.mask = saved
    }
    parts.append(Table.StoredPart(stored, segment.part, mask: mask))
    manifestChanges.append(.addSegment(tableID: table.id, stored))
  }
}

extension Database {
  /// Segments whose files are written, open for reading.
  func staged(
    _ segments: [StoredSegment], of table: Table
  ) throws(SQLError) -> [StagedSegment] {
    guard let directory else { return [] }
    var result: [StagedSegment] = []
    let stored = table.stored
    for (index, segment) in segments.enumerated() {
      do throws(SQLError) {
        let part = try Segment(segment, of: stored, in: directory, cache: cache)
        result.append(StagedSegment(segment, part, directory))
      } catch {
        directory.discard(Array(segments[index...]))
        throw error
      }
    }
    return result
  }
}

extension TablePart {
  /// All rows that are to be seen, in batches.
  func forEachVisibleBatch(
    columnCount: Int, _ body: (Batch) throws(SQLError) -> Void
  ) throws(SQLError) {
    var first = 0
    for group in 0..<groupCount {
      let count = rowCount(ofGroup: group)
      let columns = try read(group: group, columns: Array(0..<columnCount))
      for start in stride(from: 0, to: count, by: Batch.capacity) {
        let here = min(Batch.capacity, count - start)
        let batch = Batch(columns: columns, rowCount: count).slice(from: start, count: here)
        if let rows = rowMask?.visibleRows(from: first + start, count: here) {
          if rows.count > 0 { try body(batch.filtered(by: rows)) }
        } else {
          try body(batch)
        }
      }
      first += count
    }
  }
}
