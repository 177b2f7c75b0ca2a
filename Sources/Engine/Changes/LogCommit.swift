import Base
import Storage
import Synchronization
import Vectors

/// A commit on its way through the log: rows and deletions of tables that are there.
final class LogCommit: @unchecked Sendable {
  struct Part {
    let table: Table
    let batches: [Batch]
    let hidden: [PartOrigin: RowMask]
    let reservations: [MemoryReservation]
    /// Set when the commit is written.
    var firstRow = 0

    var rowCount: Int { batches.reduce(0) { $0 + $1.rowCount } }
  }

  /// Belong to the one who writes the log.
  fileprivate(set) var parts: [Part]

  init(_ changes: ChangeSet) {
    parts = changes.tables.filter { !$0.isEmpty }.map { changes in
      var batches: [Batch] = []
      var reservations: [MemoryReservation] = []
      for case .rows(let chunk) in changes.own {
        batches += chunk.visibleBatches()
        reservations.append(chunk.reservation)
      }
      return Part(
        table: changes.table, batches: batches, hidden: changes.hidden, reservations: reservations)
    }
  }
}

/// Numbers rows, writes commits as records of the log, and shows durable ones to readers.
///
/// Used by the one who writes the log, or, without a log, under the database's commit lock.
final class LogCommitter: @unchecked Sendable {
  /// Held for moments while several tables change at once, and while several are looked at.
  let visibility: Monitor
  /// Numbers given since the last publication.
  private var nextRows: [ObjectIdentifier: Int] = [:]

  init(visibility: Monitor) { self.visibility = visibility }

  /// Gives the rows of a commit their numbers.
  func number(_ commit: LogCommit) {
    for index in commit.parts.indices where commit.parts[index].rowCount > 0 {
      let part = commit.parts[index]
      let key = ObjectIdentifier(part.table)
      let first = nextRows[key] ?? part.table.nextRow
      commit.parts[index].firstRow = first
      nextRows[key] = first + part.rowCount
    }
  }

  func encode(_ commit: LogCommit, into out: inout ByteWriter) throws(SQLError) {
    number(commit)
    var record = LogRecord()
    for part in commit.parts {
      let rows = try part.table.rows
      var row = part.firstRow
      for batch in part.batches where batch.rowCount > 0 {
        record.entries.append(
          .rows(tableID: part.table.id, firstRow: row, rows.visible(batch)))
        row += batch.rowCount
      }
      for (origin, mask) in part.hidden { record.entries.append(Self.entry(part.table, origin, mask)) }
    }
    try record.write(to: &out)
  }

  private static func entry(_ table: Table, _ origin: PartOrigin, _ mask: RowMask) -> LogEntry {
    switch origin {
    case .segment(let id): .hideInSegment(tableID: table.id, segmentID: id, rows: mask.rows)
    case .tail(let first): .hideInTail(tableID: table.id, rows: mask.rows.map { $0 + first })
    case .own: .hideInTail(tableID: table.id, rows: [])
    }
  }

  /// `lsn` is the block that holds the commits; 0 without a log.
  func publish(_ commits: [LogCommit], lsn: UInt64) {
    nextRows.removeAll(keepingCapacity: true)
    var changes: [ObjectIdentifier: (table: Table, runs: [Table.Run], hidden: [PartOrigin: RowMask])]
    changes = [:]
    for part in commits.flatMap(\.parts) {
      var mine = changes[ObjectIdentifier(part.table)] ?? (part.table, [], [:])
      if part.rowCount > 0 { Self.add(part, to: &mine.runs) }
      for (origin, mask) in part.hidden {
        mine.hidden[origin] = mine.hidden[origin]?.union(mask) ?? mask
      }
      changes[ObjectIdentifier(part.table)] = mine
    }
    visibility.locked {
      for (_, change) in changes {
        change.table.publish(change.runs, hiding: change.hidden, lsn: lsn)
      }
    }
  }

  private static func add(_ part: LogCommit.Part, to runs: inout [Table.Run]) {
    if let last = runs.last, last.firstRow + last.rowCount == part.firstRow {
      runs[runs.count - 1].batches += part.batches
      runs[runs.count - 1].reservations += part.reservations
    } else {
      runs.append(
        Table.Run(
          firstRow: part.firstRow, batches: part.batches, reservations: part.reservations))
    }
  }
}
