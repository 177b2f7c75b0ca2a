import Base

/// All tables and segments of one version of the database: what a reader pins.
public struct DatabaseState: Hashable, Sendable {
  /// Grows by one with every commit.
  public internal(set) var version: UInt64
  public internal(set) var tables: [StoredTable]
  /// Where the write-ahead log begins; nil if there is none.
  public internal(set) var log: LogStart?
  private var index: TableIndex
  /// Positions of tables that were dropped, and which the index no longer has, amid a replay.
  private var gaps: Set<Int> = []

  public init(version: UInt64 = 0, tables: [StoredTable] = [], log: LogStart? = nil) {
    self.version = version
    self.tables = tables
    self.log = log
    index = TableIndex(tables)
  }

  public func table(id: String) -> StoredTable? { index[id].map { tables[$0] } }

  /// The table of exactly this schema and name.
  public func table(schema: String, name: String) -> StoredTable? {
    index[schema, name].map { tables[$0] }
  }

  public static func == (one: DatabaseState, other: DatabaseState) -> Bool {
    one.version == other.version && one.tables == other.tables && one.log == other.log
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(version)
    hasher.combine(tables)
    hasher.combine(log)
  }

  /// The next version, with `changes` made; refuses changes that do not fit.
  public func applying(_ changes: [ManifestChange]) throws(SQLError) -> DatabaseState {
    var next = self
    try next.replay(changes)
    var grown: Set<String> = []
    for case .addSegment(let id, _) in changes { grown.insert(id) }
    for table in next.tables where grown.contains(table.id) {
      guard Self.hasUniqueIDs(table.segments) else {
        throw SQLError(.internalError, "segment id is in use in table \"\(table.name)\"")
      }
    }
    return next
  }

  /// Becomes the next version by changes that were accepted before. Of no use after an error.
  mutating func replay(_ changes: [ManifestChange]) throws(SQLError) {
    version &+= 1
    var removed: [String: Set<String>] = [:]
    for change in changes {
      if case .removeSegment(let tableID, let segmentID) = change {
        removed[tableID, default: []].insert(segmentID)
      } else {
        // What was removed before this change must be gone when it is made.
        try remove(&removed)
        try apply(change)
      }
    }
    try remove(&removed)
    closeGaps()
  }

  private mutating func closeGaps() {
    guard !gaps.isEmpty else { return }
    tables = tables.indices.filter { !gaps.contains($0) }.map { tables[$0] }
    gaps = []
    index = TableIndex(tables)
  }

  private static func hasUniqueIDs(_ segments: [StoredSegment]) -> Bool {
    Set(segments.lazy.map(\.id)).count == segments.count
  }

  /// Removes segments in one pass a table: compaction replaces thousands at once.
  private mutating func remove(_ segments: inout [String: Set<String>]) throws(SQLError) {
    for (tableID, ids) in segments {
      let position = try position(of: tableID)
      let count = tables[position].segments.count
      tables[position].segments.removeAll { ids.contains($0.id) }
      if count - tables[position].segments.count != ids.count {
        throw SQLError(
          .objectInUse, "segments were replaced meanwhile in table \"\(tables[position].name)\"")
      }
    }
    segments = [:]
  }

  private mutating func apply(_ change: ManifestChange) throws(SQLError) {
    switch change {
    case .createTable(let table):
      try requireFree(table.schema, table.name, except: nil)
      if index[table.id] != nil {
        throw SQLError(.duplicateTable, "table id is in use: \"\(table.id)\"")
      }
      index.add(table, at: tables.count)
      tables.append(table)
    case .dropTable(let id):
      let position = try position(of: id)
      index.remove(tables[position])
      gaps.insert(position)
    case .renameTable(let id, let schema, let name):
      let position = try position(of: id)
      try requireFree(schema, name, except: id)
      index.remove(tables[position])
      tables[position].schema = schema
      tables[position].name = name
      index.add(tables[position], at: position)
    case .alterTable(let table):
      let position = try position(of: table.id)
      try requireFree(table.schema, table.name, except: table.id)
      index.remove(tables[position])
      let segments = tables[position].segments
      tables[position] = table
      tables[position].segments = segments
      index.add(table, at: position)
    case .addSegment(let tableID, let segment):
      tables[try position(of: tableID)].segments.append(segment)
    case .removeSegment(let tableID, let segmentID):
      var one: [String: Set<String>] = [tableID: [segmentID]]
      try remove(&one)
    case .setMask(let tableID, let segmentID, let mask):
      let table = try position(of: tableID)
      guard let segment = tables[table].segments.firstIndex(where: { $0.id == segmentID }) else {
        throw SQLError(
          .objectInUse, "segments were replaced meanwhile in table \"\(tables[table].name)\"")
      }
      tables[table].segments[segment].mask = mask
    case .setApplied(let tableID, let lsn):
      tables[try position(of: tableID)].appliedLSN = lsn
    case .setLog(let start): log = start
    }
  }

  private func position(of id: String) throws(SQLError) -> Int {
    guard let position = index[id] else {
      throw SQLError(.undefinedTable, "table was dropped meanwhile: \"\(id)\"")
    }
    return position
  }

  private func requireFree(
    _ schema: String, _ name: String, except id: String?
  ) throws(SQLError) {
    if let present = table(schema: schema, name: name), present.id != id {
      throw SQLError(.duplicateTable, "table exists: \"\(schema).\(name)\"")
    }
  }
}
