import Base
import Storage
import Synchronization

/// Brings tails into segments and lets the log begin later.
extension Database {
  /// What CHECKPOINT does: all tables, each by a commit of its own. A table that cannot be compacted keeps
  /// none of the others from it; the first failure is thrown at the end.
  func compact() throws(SQLError) {
    try requireWritable()
    guard directory != nil else { return }
    var failure: SQLError?
    for table in ownTables {
      do throws(SQLError) {
        try compact(table)
      } catch {
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
  }

  private func compact(_ table: Table) throws(SQLError) {
    do throws(SQLError) {
      try compact(table, isMerging: table.mayMerge)
    } catch {
      guard table.mayMerge, error.state == .dataCorrupted else { throw error }
      // An old segment that cannot be read is no reason to keep new rows out of segments.
      table.stopMerging()
      try compact(table, isMerging: false)
    }
  }

  private func compact(_ table: Table, isMerging: Bool) throws(SQLError) {
    try commitLock.locked { () throws(SQLError) in
      guard table.hasUnsaved || table.hasManySmallParts,
        ownTables.contains(where: { $0 === table })
      else { return }
      let rewrite = TableRewrite(TableChanges(table: table), in: self, isMerging: isMerging)
      try rewrite.prepare()
      try commit(rewrite.manifestChanges, [rewrite])
    }
  }

  /// Keeps the memory of tails, and the log, bounded: beyond the limits a thread of our own compacts,
  /// beyond twice the limits those who change rows do, or wait until it is done.
  func boundTails() throws(SQLError) {
    let logLimitBytes = max(64 << 20, 2 * tailLimitBytes)
    let logBytes = log?.sizeBytes ?? 0
    // Rows of open transactions, and those that a reader keeps, are charged too, but compacting would
    // give none of them back.
    var tailBytes = tailMemory.usedBytes
    if tailBytes > tailLimitBytes { tailBytes = ownTables.reduce(0) { $0 + $1.tailBytes } }
    if tailBytes > 2 * tailLimitBytes || logBytes > 2 * logLimitBytes {
      try compact()
    } else if tailBytes > tailLimitBytes || logBytes > logLimitBytes {
      compactSoon()
    }
  }

  /// Many small segments would make scans slow, and each is an open file.
  func boundSegments(of changes: ChangeSet) {
    if changes.tables.contains(where: { $0.table.hasManySmallParts }) { compactSoon() }
  }

  private func compactSoon() {
    compactor.wake { [weak self] in
      guard let self else { return true }
      return (try? compact()) != nil
    }
  }

  /// For work that no statement waits for.
  func makeBackgroundContext() -> QueryContext {
    QueryContext(
      queryClass: .batch, memory: MemoryAccount(parent: memory), preemption: scheduler,
      team: scheduler)
  }
}
