import Base

/// All tables and segments of one version of the database: what a reader pins.
public struct DatabaseState: Hashable, Sendable {
  /// Grows by one with every commit.
  public internal(set) var version: UInt64
  public internal(set) var tables: [StoredTable]
  /// Where the write-ahead log begins; nil if there is none.
  public internal(set) var log: LogStart?

  public init(version: UInt64 = 0, tables: [StoredTable] = [], log: LogStart? = nil) {
    self.version = version
    self.tables = tables
    self.log = log
  }

  public func table(id: String) -> StoredTable? { tables.first { $0.id == id } }

  /// The table of exactly this schema and name.
  public func table(schema: String, name: String) -> StoredTable? {
    tables.first { $0.name == name && $0.schema == schema }
  }

  /// The next version, with `changes` made; refuses changes that do not fit.
  public func applying(_ changes: [ManifestChange]) throws(SQLError) -> DatabaseState {
    let next = try replaying(changes)
    var grown: Set<String> = []
    for case .addSegment(let id, _) in changes { grown.insert(id) }
    for table in next.tables where grown.contains(table.id) {
      guard Self.hasUniqueIDs(table.segments) else {
        throw SQLError(.internalError, "segment id is in use in table \"\(table.name)\"")
      }
    }
    return next
  }

  /// As `applying`, for changes that were accepted before.
  func replaying(_ changes: [ManifestChange]) throws(SQLError) -> DatabaseState {
    var next = self
    next.version = version &+ 1
    var removed: [String: Set<String>] = [:]
    for change in changes {
      if case .removeSegment(let tableID, let segmentID) = change {
        removed[tableID, default: []].insert(segmentID)
      } else {
        // What was removed before this change must be gone when it is made.
        try next.remove(&removed)
        try next.apply(change)
      }
    }
    try next.remove(&removed)
    return next
  }

  private static func hasUniqueIDs(_ segments: [StoredSegment]) -> Bool {
    Set(segments.lazy.map(\.id)).count == segments.count
  }

  /// Removes segments in one pass a table: compaction replaces thousands at once.
  private mutating func remove(_ segments: inout [String: Set<String>]) throws(SQLError) {
    for (tableID, ids) in segments {
      let index = try index(of: tableID)
      let count = tables[index].segments.count
      tables[index].segments.removeAll { ids.contains($0.id) }
      if count - tables[index].segments.count != ids.count {
        throw SQLError(
          .objectInUse, "segments were replaced meanwhile in table \"\(tables[index].name)\"")
      }
    }
    segments = [:]
  }

  private mutating func apply(_ change: ManifestChange) throws(SQLError) {
    switch change {
    case .createTable(let table):
      try requireFree(table.schema, table.name, except: nil)
      if tables.contains(where: { $0.id == table.id }) {
        throw SQLError(.duplicateTable, "table id is in use: \"\(table.id)\"")
      }
      tables.append(table)
    case .dropTable(let id):
      tables.remove(at: try index(of: id))
    case .renameTable(let id, let schema, let name):
      let index = try index(of: id)
      try requireFree(schema, name, except: id)
      tables[index].schema = schema
      tables[index].name = name
    case .alterTable(let table):
      let index = try index(of: table.id)
      try requireFree(table.schema, table.name, except: table.id)
      let segments = tables[index].segments
      tables[index] = table
      tables[index].segments = segments
    case .addSegment(let tableID, let segment):
      tables[try index(of: tableID)].segments.append(segment)
    case .removeSegment(let tableID, let segmentID):
      var one: [String: Set<String>] = [tableID: [segmentID]]
      try remove(&one)
    case .setMask(let tableID, let segmentID, let mask):
      let table = try index(of: tableID)
      guard let segment = tables[table].segments.firstIndex(where: { $0.id == segmentID }) else {
        throw SQLError(
          .objectInUse, "segments were replaced meanwhile in table \"\(tables[table].name)\"")
      }
      tables[table].segments[segment].mask = mask
    case .setApplied(let tableID, let lsn):
      tables[try index(of: tableID)].appliedLSN = lsn
    case .setLog(let start): log = start
    }
  }

  private func index(of id: String) throws(SQLError) -> Int {
    guard let index = tables.firstIndex(where: { $0.id == id }) else {
      throw SQLError(.undefinedTable, "table was dropped meanwhile: \"\(id)\"")
    }
    return index
  }

  private func requireFree(
    _ schema: String, _ name: String, except id: String?
  ) throws(SQLError) {
    if let present = table(schema: schema, name: name), present.id != id {
      throw SQLError(.duplicateTable, "table exists: \"\(schema).\(name)\"")
    }
  }
}
