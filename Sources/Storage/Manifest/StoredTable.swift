/// A table as the manifest keeps it. Storage does not interpret types, units or descriptions.
public struct StoredTable: Hashable, Sendable {
  /// A UUID in text form: the name of the table's folder, never used twice.
  public var id: String
  public var schema: String
  public var name: String
  public var columns: [StoredColumn]
  public var clustering: Clustering
  public var description: String?
  /// Counts the changes of `columns`.
  public var schemaVersion: Int
  public var options: [String: String]
  public var segments: [StoredSegment]
  /// The last block of the write-ahead log that segments and masks hold all of.
  public var appliedLSN: UInt64 = 0

  public init(
    id: String, schema: String, name: String, columns: [StoredColumn],
    clustering: Clustering = .none, description: String? = nil, schemaVersion: Int = 1,
    options: [String: String] = [:], segments: [StoredSegment] = []
  ) {
    self.id = id
    self.schema = schema
    self.name = name
    self.columns = columns
    self.clustering = clustering
    self.description = description
    self.schemaVersion = schemaVersion
    self.options = options
    self.segments = segments
  }

  /// Rows in segments, hidden ones included.
  public var rowCount: Int { segments.reduce(0) { $0 + $1.rowCount } }
  public var sizeBytes: Int { segments.reduce(0) { $0 + $1.sizeBytes } }
}

public struct StoredColumn: Hashable, Sendable {
  /// Stays when the column is renamed or moved; not used again when it is dropped.
  public var id: Int
  public var name: String
  /// The type in text form.
  public var type: String
  public var isNullable: Bool
  public var isHidden: Bool
  public var unit: String?
  public var ucd: String?
  public var utype: String?
  public var description: String?

  public init(
    id: Int, name: String, type: String, isNullable: Bool = true, isHidden: Bool = false,
    unit: String? = nil, ucd: String? = nil, utype: String? = nil, description: String? = nil
  ) {
    self.id = id
    self.name = name
    self.type = type
    self.isNullable = isNullable
    self.isHidden = isHidden
    self.unit = unit
    self.ucd = ucd
    self.utype = utype
    self.description = description
  }
}

/// What rows near each other in a table's files have in common.
public enum Clustering: Hashable, Sendable {
  case none
  /// By HEALPix cell of two columns in degrees.
  case sky(lon: String, lat: String)
  case columns([String])
}

/// One immutable file of a table.
public struct StoredSegment: Hashable, Sendable {
  public var id: String
  /// Relative to the database directory.
  public var path: String
  public var rowCount: Int
  public var sizeBytes: Int
  /// crc32c of the whole file.
  public var checksum: UInt32
  /// Columns the rows are sorted by, most significant first.
  public var sortedBy: [String]
  /// The table's schema version that the file was written with.
  public var schemaVersion: Int
  /// Rows that are gone; nil if none are.
  public var mask: StoredMask?

  public init(
    id: String, path: String, rowCount: Int, sizeBytes: Int, checksum: UInt32,
    sortedBy: [String] = [], schemaVersion: Int = 1
  ) {
    self.id = id
    self.path = path
    self.rowCount = rowCount
    self.sizeBytes = sizeBytes
    self.checksum = checksum
    self.sortedBy = sortedBy
    self.schemaVersion = schemaVersion
  }
}

extension StoredSegment {
  /// The files that the manifest names for it.
  var paths: [String] { mask.map { [path, $0.path] } ?? [path] }
}

/// The file that says which rows of a segment are gone.
public struct StoredMask: Hashable, Sendable {
  /// Relative to the database directory.
  public var path: String
  public var hiddenCount: Int
  /// crc32c of the whole file.
  public var checksum: UInt32

  public init(path: String, hiddenCount: Int, checksum: UInt32) {
    self.path = path
    self.hiddenCount = hiddenCount
    self.checksum = checksum
  }
}
