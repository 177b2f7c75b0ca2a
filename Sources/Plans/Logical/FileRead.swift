import Vectors

/// A file in FROM: where it is and how to read it.
public struct FileSource: Hashable, Sendable {
  public var path: String
  /// The format's name; nil: by the path's ending.
  public var format: String?
  /// Options of the format: lower-case names with their literal, nil for one that stands alone.
  public var options: [String: Value?]

  public init(_ path: String, format: String? = nil, options: [String: Value?] = [:]) {
    self.path = path
    self.format = format
    self.options = options
  }
}

/// Reads a file: some of its columns.
public struct FileRead: Sendable {
  public var source: FileSource
  /// All columns of the file.
  public var fileColumns: [PlanColumn]
  /// The file's columns that come out, in order.
  public var projection: [Int]
  /// By position in the file's columns, what is read of those that are not read whole.
  public var uses: [Int: FieldUse] = [:]

  /// Reads all columns.
  public init(_ source: FileSource, columns: [PlanColumn]) {
    self.source = source
    fileColumns = columns
    projection = Array(columns.indices)
  }

  public var outputColumns: [PlanColumn] { projection.map { fileColumns[$0] } }
}

/// Reads the columns at some positions of a file.
public struct PhysicalFile: Hashable, Sendable {
  public var source: FileSource
  /// Positions in the file's columns, in the order in which they come out.
  public var columns: [Int]
  public var types: [LogicalType]
  /// Their names, for EXPLAIN.
  public var names: [String]
  /// What is read of each; empty if all are read whole.
  public var uses: [FieldUse]

  public init(
    _ source: FileSource, columns: [Int], types: [LogicalType], names: [String],
    uses: [FieldUse] = []
  ) {
    self.uses = uses
    self.source = source
    self.columns = columns
    self.types = types
    self.names = names
  }

  public init(_ file: FileRead) {
    let output = file.outputColumns
    self.init(
      file.source, columns: file.projection, types: output.map(\.type), names: output.map(\.name),
      uses: file.uses.isEmpty ? [] : file.projection.map { file.uses[$0] ?? .whole })
  }
}
