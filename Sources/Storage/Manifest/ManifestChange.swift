/// One change of the catalogue; a commit is a list of them that happens as a whole.
public enum ManifestChange: Hashable, Sendable {
  case createTable(StoredTable)
  case dropTable(id: String)
  case renameTable(id: String, schema: String, name: String)
  /// Replaces all of a table but its segments: columns, options, descriptions.
  case alterTable(StoredTable)
  case addSegment(tableID: String, StoredSegment)
  case removeSegment(tableID: String, segmentID: String)
}
