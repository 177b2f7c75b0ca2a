import Base
import Engine
import ORC
import Vectors

extension ORCFormat: FileWriter {
  public func begin(
    _ columns: [ResultColumn], options: FileOptions
  ) throws(SQLError) -> any RowEncoder {
    try options.refuseAll(of: "ORC")
    return try ORCEncoder(columns)
  }
}

/// Writes rows as an ORC file: LZ4, row groups of 8192 rows, unit, UCD, utype and description as
/// attributes of the columns.
///
/// Memory: one stripe, at most about `stripeBytes`.
final class ORCEncoder: RowEncoder {
  private static let stripeBytes = 16 << 20
  private let target = PendingBytes()
  private let writer: ORCWriter

  init(_ columns: [ResultColumn]) throws(SQLError) {
    let schema = columns.map { column in
      var attributes: [String: String] = [:]
      attributes["unit"] = column.unit
      attributes["ucd"] = column.ucd
      attributes["utype"] = column.utype
      attributes["description"] = column.description
      return ORCColumnSchema(name: column.name, type: column.type, attributes: attributes)
    }
    let options = ORCWriterOptions(compression: .lz4, stripeByteLimit: Self.stripeBytes)
    writer = try ORCWriter(file: target, columns: schema, options: options)
  }

  func header(into out: inout ByteWriter) { target.drain(into: &out) }

  func append(_ batch: Batch, into out: inout ByteWriter) throws(SQLError) {
    try writer.append(
      Batch(columns: batch.columns.map { $0.flattened() }, rowCount: batch.rowCount))
    target.drain(into: &out)
  }

  func finish(error: SQLError?, into out: inout ByteWriter) throws(SQLError) {
    if error == nil { _ = try writer.finish() }
    target.drain(into: &out)
  }
}

/// A file whose bytes wait until somebody takes them. Not for use by several threads at once.
private final class PendingBytes: WritableFile, @unchecked Sendable {
  private var bytes: [UInt8] = []
  private(set) var sizeBytes = 0

  var path: String { "" }

  func write(_ more: UnsafeRawBufferPointer) throws(SQLError) {
    bytes.append(contentsOf: more)
    sizeBytes += more.count
  }

  func sync() throws(SQLError) {}
  func close() throws(SQLError) {}

  func drain(into out: inout ByteWriter) {
    out.append(bytes)
    bytes.removeAll(keepingCapacity: true)
  }
}
