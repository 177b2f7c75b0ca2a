import Base
import Catalog
import Storage
import Synchronization
import Vectors

/// A table of this database: rows in segments, then those of the tail.
final class Table: CatalogTable {
  let id: String
  let schema: String
  let name: String
  let columns: [ColumnDefinition]
  let order: TableOrder
  let description: String?
  var identity: String? { id }
  private let memory: MemoryAccount
  private let contents: Mutex<Contents>
  private let knownRows = Mutex<TableRows?>(nil)
  private let mergingStopped = Atomic<Bool>(false)

  /// A segment and which of its rows are gone.
  struct StoredPart: Sendable {
    var stored: StoredSegment
    let segment: any TablePart
    var mask = RowMask()
    /// False while the log alone knows the mask.
    var isMaskSaved = true
    /// `segment` under the mask.
    var part: any TablePart

    init(_ stored: StoredSegment, _ segment: any TablePart, mask: RowMask? = nil) {
      self.stored = stored
      self.segment = segment
      part = segment
      if let mask, !mask.isEmpty { setMask(mask, isSaved: true) }
    }

    mutating func setMask(_ mask: RowMask, isSaved: Bool) {
      self.mask = mask
      isMaskSaved = isSaved
      part = mask.isEmpty ? segment : MaskedPart(segment, mask)
    }
  }

  struct Contents: Sendable {
    var parts: [StoredPart]
    var tail = TailRows()
    /// The last block of the log that has something of this table; 0 for none.
    var lastLSN: UInt64
    /// The first one that is still needed.
    var oldestLSN: UInt64?
    /// Made when it is asked for.
    fileprivate var snapshot: TableSnapshot?
  }

  init(
    id: String, schema: String, name: String, columns: [ColumnDefinition], order: TableOrder,
    description: String?, parts: [StoredPart] = [], appliedLSN: UInt64 = 0, memory: MemoryAccount
  ) {
    self.memory = memory
    self.id = id
    self.schema = schema
    self.name = name
    self.columns = columns
    self.order = order
    self.description = description
    contents = Mutex(Contents(parts: parts, lastLSN: appliedLSN))
  }

  /// As the manifest keeps it, without segments.
  var stored: StoredTable {
    StoredTable(
      id: id, schema: schema, name: name, columns: columns, order: order, description: description)
  }

  /// How its rows are completed; made once.
  var rows: TableRows {
    get throws(SQLError) {
      if let known = knownRows.withLock({ $0 }) { return known }
      let made = try TableRows(stored)
      knownRows.withLock { $0 = made }
      return made
    }
  }

  func snapshot() throws(SQLError) -> TableSnapshot {
    contents.withLock { contents in
      if let known = contents.snapshot { return known }
      let made = contents.view.snapshot
      contents.snapshot = made
      return made
    }
  }

  /// The parts with what they are, for those who change rows.
  var view: TableView { contents.withLock { $0.view } }

  /// The number that the next row of the tail gets.
  var nextRow: Int { contents.withLock { $0.tail.nextRow } }
  var oldestLSN: UInt64? { contents.withLock { $0.oldestLSN } }
  /// Bytes of the rows that are in no segment, without those that are not committed.
  var tailBytes: Int { contents.withLock { $0.tail.sizeBytes } }
  /// True if segments and masks in the manifest are not all there is.
  var hasUnsaved: Bool {
    contents.withLock { !$0.tail.isEmpty || $0.oldestLSN != nil }
  }

  // MARK: small segments

  /// From so many small segments on they are merged for their own sake.
  static let manySmallParts = 16

  /// False once one of the segments could not be read.
  var mayMerge: Bool { !mergingStopped.load(ordering: .relaxed) }
  func stopMerging() { mergingStopped.store(true, ordering: .relaxed) }

  var hasManySmallParts: Bool {
    mayMerge && contents.withLock { $0.smallPartCount } >= Self.manySmallParts
  }

  // MARK: changes

  /// Consecutive rows to be added to the tail.
  struct Run {
    let firstRow: Int
    var batches: [Batch]
    var reservations: [MemoryReservation]

    var rowCount: Int { batches.reduce(0) { $0 + $1.rowCount } }
  }

  /// Shows what block `lsn` of the log says; 0 where there is no log.
  func publish(_ runs: [Run], hiding hidden: [PartOrigin: RowMask], lsn: UInt64) {
    contents.withLock { contents in
      for run in runs {
        contents.tail.append(
          run.batches, firstRow: run.firstRow, memory, taking: run.reservations)
      }
      for (origin, mask) in hidden { contents.hide(mask, in: origin) }
      if lsn == 0, !hidden.isEmpty { contents.tail.dropHiddenRows() }
      contents.note(lsn)
    }
  }

  /// Rows come back as a log says.
  func replay(_ batch: Batch, firstRow: Int, lsn: UInt64) throws(SQLError) {
    let reservation = MemoryReservation(memory)
    let flat = Batch(columns: batch.columns.map { $0.flattened() }, rowCount: batch.rowCount)
    try reservation.grow(by: flat.sizeBytes)
    guard firstRow >= nextRow else {
      throw SQLError(.dataCorrupted, "rows come twice: table \"\(name)\"")
    }
    publish(
      [Run(firstRow: firstRow, batches: [flat], reservations: [reservation])], hiding: [:], lsn: lsn)
  }

  /// Rows are hidden by what a log says; throws where they are not.
  func replay(hiding rows: [Int], inSegment id: String?, lsn: UInt64) throws(SQLError) {
    let isDone = contents.withLock { contents in
      contents.note(lsn)
      guard let id else { return contents.tail.hide(rows) }
      guard let index = contents.parts.firstIndex(where: { $0.stored.id == id }),
        rows.last ?? 0 < contents.parts[index].stored.rowCount
      else { return false }
      var mask = contents.parts[index].mask
      for row in rows { mask.hide(row) }
      contents.parts[index].setMask(mask, isSaved: false)
      return true
    }
    guard isDone else {
      throw SQLError(
        .dataCorrupted, "deleted rows are not there: table \"\(name)\"",
        hint: "Restore the database from a copy.")
    }
  }

  /// Are all these rows there and to be seen?
  func areVisible(_ rows: [PartOrigin: RowMask]) -> Bool {
    contents.withLock { contents in
      rows.allSatisfy { origin, mask in
        switch origin {
        case .own: return true
        case .segment(let id):
          guard let part = contents.parts.first(where: { $0.stored.id == id }) else { return false }
          return !part.mask.intersects(mask)
        case .tail(let firstRow):
          guard let chunk = contents.tail.chunks.first(where: { $0.firstRow == firstRow }) else {
            return false
          }
          return !chunk.rows.mask.intersects(mask)
        }
      }
    }
  }

  /// The contents as they are; rows that come later are in other chunks of the tail.
  func capture() -> Contents {
    contents.withLock { contents in
      _ = contents.tail.sealed()
      return contents
    }
  }

  /// Replaces what was captured by segments that hold the same.
  func replace(_ captured: Contents, by parts: [StoredPart]) {
    contents.withLock { contents in
      contents.parts = parts
      contents.tail.removeRows(below: captured.tail.nextRow)
      contents.oldestLSN = contents.lastLSN > captured.lastLSN ? captured.lastLSN + 1 : nil
      contents.snapshot = nil
    }
  }
}

extension Table.Contents {
  /// Larger segments are not merged with small ones behind them.
  private static let largestMergedRows = 2 << 20
  private static let largestMergedBytes = 512 << 20

  /// How many of the last segments hold at most twice the rows of all that is behind them.
  var smallPartCount: Int {
    var rows = tail.chunks.reduce(0) { $0 + $1.rows.visibleRowCount }
    var (count, bytes) = (0, 0)
    for part in parts.reversed() {
      let here = part.part.visibleRowCount
      bytes += part.stored.sizeBytes
      guard rows == 0 || here <= 2 * rows, rows + here <= Self.largestMergedRows,
        bytes <= Self.largestMergedBytes
      else { break }
      rows += here
      count += 1
    }
    return count
  }

  fileprivate var view: TableView {
    var view = TableView()
    for part in parts { view.append(part.part, .segment(id: part.stored.id)) }
    for chunk in tail.chunks { view.append(chunk.rows.part, .tail(firstRow: chunk.firstRow)) }
    return view
  }

  fileprivate mutating func note(_ lsn: UInt64) {
    snapshot = nil
    guard lsn > 0 else { return }
    lastLSN = lsn
    oldestLSN = oldestLSN ?? lsn
  }

  fileprivate mutating func hide(_ mask: RowMask, in origin: PartOrigin) {
    switch origin {
    case .own: break
    case .segment(let id):
      guard let index = parts.firstIndex(where: { $0.stored.id == id }) else { return }
      parts[index].setMask(parts[index].mask.union(mask), isSaved: false)
    case .tail(let firstRow): tail.hide(mask, inChunkFrom: firstRow)
    }
  }
}

extension Table {
  /// The name of the hidden column that holds the order-29 cell of a row of a sky table.
  static let cellColumn = "_healpix_29"

  /// Columns as they are stored: for a sky table with the cell column behind the declared ones.
  static func storedColumns(
    _ columns: [ColumnDefinition], order: TableOrder
  ) -> [ColumnDefinition] {
    guard case .sky = order, !columns.contains(where: { $0.name == cellColumn }) else {
      return columns
    }
    return columns + [
      ColumnDefinition(
        cellColumn, .int64, isHidden: true, ucd: "pos.healpix",
        description: "HEALPix cell of order 29, NESTED")
    ]
  }

  /// Checks names and order of a new table's columns.
  static func validate(
    _ columns: [ColumnDefinition], order: TableOrder, at range: SourceRange? = nil
  ) throws(SQLError) {
    if columns.isEmpty {
      throw SQLError(.invalidTableDefinition, "a table needs at least one column", at: range)
    }
    if columns.count > 16_384 {
      throw SQLError(.tooManyColumns, "a table has at most 16384 columns", at: range)
    }
    var names: Set<String> = []
    for column in columns {
      guard names.insert(column.name).inserted else {
        throw SQLError(
          .duplicateColumn, "column is defined twice: \"\(column.name)\"", at: range,
          hint: "Give one of them another name with AS.")
      }
      guard column.type.depth <= LogicalType.maximumDepth else {
        throw SQLError(
          .statementTooComplex,
          "types are nested deeper than \(LogicalType.maximumDepth): column \"\(column.name)\"",
          at: range)
      }
    }
    switch order {
    case .none: break
    case .columns(let keys):
      for key in keys { _ = try column(key, of: columns, at: range) }
    case .sky(let lon, let lat):
      for key in [lon, lat] {
        let column = try column(key, of: columns, at: range)
        guard column.type == .float64 else {
          throw SQLError(
            .datatypeMismatch,
            "CLUSTER BY SKY needs double precision columns: \"\(key)\" is \(column.type)",
            at: range)
        }
      }
    }
  }

  private static func column(
    _ name: String, of columns: [ColumnDefinition], at range: SourceRange?
  ) throws(SQLError) -> ColumnDefinition {
    guard let column = columns.first(where: { $0.name == name }) else {
      throw SQLError(
        .undefinedColumn, "column does not exist: \"\(name)\"", at: range,
        hint: Suggestion.hint(for: name, among: columns.map(\.name)))
    }
    return column
  }
}
