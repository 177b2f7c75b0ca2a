import Base
import Catalog
import Storage
import Vectors

/// Where changes become durable and visible: all of a `ChangeSet` at once, or nothing.
///
/// Small ones go through the log, others into segments and the manifest. `commitLock` is held for
/// everything but adding rows through the log, so that deleted rows stay where they are while their
/// deletion is under way.
extension Database {
  func commit(_ changes: ChangeSet) throws(SQLError) {
    if changes.isEmpty { return }
    try requireWritable()
    guard let log else {
      return try commitLock.locked { () throws(SQLError) in try commitInMemory(changes) }
    }
    guard changes.fitsLog else {
      try commitLock.locked { () throws(SQLError) in try commitToManifest(changes) }
      return boundSegments(of: changes)
    }
    try boundTails()
    let commit = LogCommit(changes)
    guard changes.hidesRows else { return try log.commit(commit) }
    try commitLock.locked { () throws(SQLError) in
      try requireVisible(changes)
      try log.commit(commit)
    }
  }

  private func commitInMemory(_ changes: ChangeSet) throws(SQLError) {
    try requireVisible(changes)
    try requireUnused(changes)
    let commit = LogCommit(changes)
    committer.number(commit)
    committer.publish([commit], lsn: 0)
    change(created: changes.created, dropped: changes.dropped)
  }

  private func requireVisible(_ changes: ChangeSet) throws(SQLError) {
    guard changes.tables.allSatisfy({ $0.table.areVisible($0.hidden) }) else {
      throw ChangeSet.movedRows
    }
  }

  private func requireUnused(_ changes: ChangeSet) throws(SQLError) {
    let left = ownTables.filter { table in !changes.dropped.contains { $0 === table } }
    for table in changes.created {
      let folded = table.name.lowercased()
      if left.contains(where: { $0.schema == table.schema && $0.name.lowercased() == folded }) {
        throw SQLError(.duplicateTable, "table exists already: \"\(table.name)\"")
      }
    }
  }

  // MARK: through the manifest

  private func commitToManifest(_ changes: ChangeSet) throws(SQLError) {
    try requireVisible(changes)
    try requireUnused(changes)
    var rewrites: [TableRewrite] = []
    for change in changes.tables where !change.isEmpty {
      let rewrite = TableRewrite(change, in: self)
      rewrites.append(rewrite)
      try rewrite.prepare()
    }
    var list = changes.dropped.map { ManifestChange.dropTable(id: $0.id) }
    list += changes.created.map { ManifestChange.createTable($0.stored) }
    list += rewrites.flatMap(\.manifestChanges)
    try commit(list, rewrites) {
      change(created: changes.created, dropped: changes.dropped)
    }
  }

  /// Commits what rewrites of tables have prepared, and lets the log begin later if it may.
  func commit(
    _ changes: [ManifestChange], _ rewrites: [TableRewrite], also body: () -> Void = {}
  ) throws(SQLError) {
    guard let directory else { return }
    // Closing ends the log with the commit lock held: behind that, none may be named again.
    try requireWritable()
    let start = log?.start { oldestLSN(after: rewrites) }
    var changes = changes
    if let start { changes.append(.setLog(start)) }
    do throws(SQLError) {
      _ = try directory.commit(changes)
    } catch {
      // A failed sync may have made the commit durable all the same: then the files stay, and the next
      // opening removes those that no commit names.
      if directory.readOnlyReason != nil { for rewrite in rewrites { rewrite.keep() } }
      throw error
    }
    visibility.locked {
      for rewrite in rewrites { rewrite.publish() }
      body()
    }
    if let start { log?.releaseFiles(before: start) }
  }

  /// The first block of the log that is needed when the rewrites are committed.
  private func oldestLSN(after rewrites: [TableRewrite]) -> UInt64? {
    let rewritten = Set(rewrites.map { ObjectIdentifier($0.table) })
    let others = ownTables.filter { !rewritten.contains(ObjectIdentifier($0)) }
    return (others.compactMap(\.oldestLSN) + rewrites.compactMap(\.oldestLSN)).min()
  }
}
