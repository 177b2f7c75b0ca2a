import Base
import FunctionKit
import Vectors

/// Options of a file in COPY and FROM: lower-case names with their literal, nil for an option that stands alone.
public struct FileOptions: Sendable, Hashable {
  public var values: [String: Value?]

  public init(_ values: [String: Value?] = [:]) { self.values = values }
}

/// What reading and writing a format have in common. Formats register with the database.
public protocol FileFormat: Sendable {
  /// Lower-case names for `FORMAT`, and file-name endings without the point.
  var names: [String] { get }
  var endings: [String] { get }
  /// Throws for an option that the format does not know, or whose value it does not understand. It
  /// is asked about each option alone, so that the error can show where it is written.
  func check(_ options: FileOptions) throws(SQLError)
}

/// A format that COPY FROM and FROM 'file' read.
public protocol FileReader: FileFormat {
  /// Opens a file. `expected` are the columns that COPY fills, in order; nil when the reader has to
  /// find out names and types itself. A format that knows its columns leaves `expected` alone: COPY
  /// finds them by name and casts them.
  func open(
    _ path: String, on disk: any Disk, expected: [ResultColumn]?, options: FileOptions,
    context: QueryContext
  ) throws(SQLError) -> any FileScan
}

/// An open file: its columns, and its rows in one or more parts (stripes, row ranges) that several
/// workers may read at the same time. Rows come in the order of the parts.
public protocol FileScan: Sendable {
  var columns: [ResultColumn] { get }
  /// Rows of the whole file, if known without reading it.
  var rowCount: Int? { get }
  /// Parts that can be read independently of each other, in file order; 1 when the file can only be
  /// read from front to back.
  var partCount: Int { get }
  /// Starts reading one part. `columns` are positions in `self.columns`: batches have just these, in
  /// this order; no others are decoded. An empty list gives batches with rows and no columns.
  func open(
    part: Int, columns: [Int], context: QueryContext
  ) throws(SQLError) -> any BatchGenerator
  /// The same where of nested columns only parts are wanted; what is not may come as NULLs.
  func open(
    part: Int, columns: [Int], uses: [FieldUse], context: QueryContext
  ) throws(SQLError) -> any BatchGenerator
  /// How much has been read of everything, 0…1, if known.
  var fractionRead: Double? { get }
}

extension FileScan {
  /// Reads the columns whole.
  public func open(
    part: Int, columns: [Int], uses: [FieldUse], context: QueryContext
  ) throws(SQLError) -> any BatchGenerator {
    try open(part: part, columns: columns, context: context)
  }
}

/// A format that COPY TO and the shell write.
public protocol FileWriter: FileFormat {
  /// False for lines of text; true unless the format says so.
  var isBinary: Bool { get }
  func begin(_ columns: [ResultColumn], options: FileOptions) throws(SQLError) -> any RowEncoder
}

extension FileWriter {
  public var isBinary: Bool { true }
}

/// Turns a result into bytes: begin, batches, end with the outcome.
public protocol RowEncoder: AnyObject {
  /// The most bytes that a row takes besides its values, such as names of columns and marks for NULL.
  var bytesPerRow: Int { get }
  func header(into out: inout ByteWriter) throws(SQLError)
  func append(_ batch: Batch, into out: inout ByteWriter) throws(SQLError)
  func finish(error: SQLError?, into out: inout ByteWriter) throws(SQLError)
  /// Another encoder of the same rows whose output for a batch may stand anywhere between header and
  /// end, so that batches can be encoded at once; nil if rows depend on those before them.
  func makeHelper() -> (any RowEncoder)?
}

extension RowEncoder {
  public var bytesPerRow: Int { 0 }
  public func makeHelper() -> (any RowEncoder)? { nil }
}
