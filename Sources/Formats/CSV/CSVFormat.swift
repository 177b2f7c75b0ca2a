import Base
import Engine
import Vectors

/// Comma-separated values as RFC 4180 describes them, with a header line unless that is off.
///
/// NULL is an empty field, the empty string is written `""`. Lines end with a line feed.
public struct CSVFormat: FileWriter {
  public let names = ["csv", "text/csv"]
  public let endings = ["csv"]
  public let isBinary = false

  public init() {}

  public func check(_ options: FileOptions) throws(SQLError) { _ = try Self.read(options) }

  private static func read(_ options: FileOptions) throws(SQLError) -> CSVOptions {
    try CSVOptions(header: .on).applying(options, isReading: false)
  }

  public func begin(
    _ columns: [ResultColumn], options: FileOptions
  ) throws(SQLError) -> any RowEncoder {
    CSVEncoder(columns, options: try Self.read(options))
  }
}

/// CSV with tabs between the fields.
public struct TSVFormat: FileWriter {
  public let names = ["tsv", "text/tab-separated-values"]
  public let endings = ["tsv", "tab"]
  public let isBinary = false

  public init() {}

  public func check(_ options: FileOptions) throws(SQLError) { _ = try Self.read(options) }

  private static func read(_ options: FileOptions) throws(SQLError) -> CSVOptions {
    try CSVOptions(delimiter: 9, header: .on).applying(options, isReading: false)
  }

  public func begin(
    _ columns: [ResultColumn], options: FileOptions
  ) throws(SQLError) -> any RowEncoder {
    CSVEncoder(columns, options: try Self.read(options))
  }
}

final class CSVEncoder: RowEncoder {
  private let columns: [ResultColumn]
  private let names: [String]
  private let options: CSVOptions
  private let delimiter: UInt8
  private let quoting: CSVQuoting
  private let cells: [CellColumn]

  init(_ columns: [ResultColumn], options: CSVOptions) {
    self.columns = columns
    names = columns.map(\.name)
    self.options = options
    delimiter = options.delimiter ?? UInt8(ascii: ",")
    let quoting = CSVQuoting(delimiter: delimiter, nullText: options.nullText)
    self.quoting = quoting
    cells = columns.map { _ in CellColumn(style: .csv(quoting)) }
  }

  var bytesPerRow: Int { columns.count * (options.nullText.count + 1) }

  func header(into out: inout ByteWriter) {
    guard options.header != .off else { return }
    for (index, name) in names.enumerated() {
      if index > 0 { out.append(delimiter) }
      var copy = name
      copy.withUTF8 { quoting.append(UnsafeRawBufferPointer($0), into: &out) }
    }
    out.append(10)
  }

  func append(_ batch: Batch, into out: inout ByteWriter) throws(SQLError) {
    for (cell, vector) in zip(cells, batch.columns) { try cell.fill(from: vector) }
    // Room for all of it at once: then every cell is a copy and nothing else.
    let nullBytes = options.nullText.count
    let room = cells.reduce(batch.rowCount) { (sum, cell) in
      sum + cell.sizeBytes + batch.rowCount * (nullBytes + 1)
    }
    out.reserve(room)
    let start = out.end
    var target = start
    for row in 0..<batch.rowCount {
      for (index, cell) in cells.enumerated() {
        if index > 0 {
          target.storeBytes(of: delimiter, as: UInt8.self)
          target += 1
        }
        if cell.isNull(row) {
          options.nullText.withUnsafeBytes { target = Self.copy($0, to: target) }
        } else {
          target = Self.copy(cell.bytes(of: row), to: target)
        }
      }
      target.storeBytes(of: 10, as: UInt8.self)
      target += 1
    }
    out.advance(target - start)
  }

  @inline(__always)
  private static func copy(
    _ bytes: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer
  ) -> UnsafeMutableRawPointer {
    if let start = bytes.baseAddress { target.copyMemory(from: start, byteCount: bytes.count) }
    return target + bytes.count
  }

  func finish(error: SQLError?, into out: inout ByteWriter) {}

  func makeHelper() -> (any RowEncoder)? { CSVEncoder(columns, options: options) }
}
