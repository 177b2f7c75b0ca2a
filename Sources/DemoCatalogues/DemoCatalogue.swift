import Base
import Catalog
import Vectors

/// A published catalogue and its decoder.
public protocol DemoCatalogue: Sendable {
  var tableName: String { get }
  /// The name of the file that holds it.
  var fileName: String { get }
  var description: String { get }
  /// What those who made the data ask users to say, one line each.
  var credits: [String] { get }
  var columns: [ColumnDefinition] { get }
  var order: TableOrder { get }
  /// Rows of the published file; a file with another number of rows is refused as truncated.
  var publishedRowCount: Int { get }

  /// Reads the file at `path` and hands over its rows, in the file's order, as batches of `columns`.
  ///
  /// Every defect is an `.dataCorrupted` naming file, row (from 1) or byte, and column. `progress`
  /// is called about once a megabyte; it ends the reading by throwing.
  func load(
    _ path: String, on disk: any Disk, into append: (Batch) throws(SQLError) -> Void,
    progress: (LoadProgress) throws(SQLError) -> Void
  ) throws(SQLError)
}

/// How far a decoder is.
public struct LoadProgress: Sendable {
  public var rowsRead: Int
  public var bytesRead: Int
  public var sizeBytes: Int

  public init(rowsRead: Int, bytesRead: Int, sizeBytes: Int) {
    self.rowsRead = rowsRead
    self.bytesRead = bytesRead
    self.sizeBytes = sizeBytes
  }
}

extension DemoCatalogue {
  func corrupt(_ path: String, row: Int, _ what: String) -> SQLError {
    SQLError(
      .dataCorrupted, "corrupt catalogue file: \"\(path)\", row \(row): \(what)",
      hint: "Remove the file and fetch it again.")
  }

  func corrupt(_ path: String, byte: Int, _ what: String) -> SQLError {
    SQLError(
      .dataCorrupted, "corrupt catalogue file: \"\(path)\", byte \(byte): \(what)",
      hint: "Remove the file and fetch it again.")
  }
}
