/// One change of the catalogue; a commit is a list of them that happens as a whole.
public enum ManifestChange: Hashable, Sendable {
  case createTable(StoredTable)
  case dropTable(id: String)
  case renameTable(id: String, schema: String, name: String)
  /// Replaces all of a table but its segments: columns, options, descriptions.
  case alterTable(StoredTable)
  case addSegment(tableID: String, StoredSegment)
  case removeSegment(tableID: String, segmentID: String)
  /// The rows of a segment that are gone.
  case setMask(tableID: String, segmentID: String, StoredMask)
  /// Segments and masks of a table hold what the log says of it up to this block.
  case setApplied(tableID: String, lsn: UInt64)
  /// Where the log begins; nil for no log.
  case setLog(LogStart?)
}
