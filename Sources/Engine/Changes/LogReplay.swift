import Base
import Storage
import Vectors

/// Brings what a log says back into tables that were just opened.
struct LogReplay {
  private struct Target {
    let table: Table
    let rows: TableRows
    /// Segments and masks hold everything up to this block.
    let appliedLSN: UInt64
  }

  private var targets: [String: Target] = [:]

  init(_ tables: [Table], _ state: DatabaseState) throws(SQLError) {
    for table in tables {
      targets[table.id] = Target(
        table: table, rows: try table.rows,
        appliedLSN: state.table(id: table.id)?.appliedLSN ?? 0)
    }
  }

  /// Nil for a table that was dropped.
  func visibleTypes(ofTable id: String) -> [LogicalType]? { targets[id]?.rows.visibleTypes }

  mutating func apply(_ record: LogRecord, _ lsn: UInt64) throws(SQLError) {
    for entry in record.entries {
      guard let target = targets[entry.tableID], lsn > target.appliedLSN else { continue }
      switch entry {
      case .rows(_, let firstRow, let batch):
        let complete = try target.rows.completed(batch)
        try target.table.replay(complete, firstRow: firstRow, lsn: lsn)
      case .hideInSegment(_, let segmentID, let rows):
        try target.table.replay(hiding: rows, inSegment: segmentID, lsn: lsn)
      case .hideInTail(_, let rows):
        try target.table.replay(hiding: rows, inSegment: nil, lsn: lsn)
      }
    }
  }
}
