import Arrow
import Base
import Engine
import Vectors

/// Rows as an Arrow IPC stream. Unit, UCD, utype and description are metadata of the fields, under
/// `zij.unit` and so on.
public struct ArrowFormat: FileWriter {
  public let names = ["arrow", "arrows", "application/vnd.apache.arrow.stream"]
  public let endings = ["arrows"]

  public init() {}

  public func check(_ options: FileOptions) throws(SQLError) {
    try options.refuseAll(of: "Arrow")
  }

  public func begin(
    _ columns: [ResultColumn], options: FileOptions
  ) throws(SQLError) -> any RowEncoder {
    try check(options)
    return ArrowEncoder(columns)
  }
}

final class ArrowEncoder: RowEncoder {
  private let writer: ArrowStreamWriter

  init(_ columns: [ResultColumn]) {
    writer = ArrowStreamWriter(columns.map(ArrowField.init), types: columns.map(\.type))
  }

  func header(into out: inout ByteWriter) { writer.appendSchema(into: &out) }

  func append(_ batch: Batch, into out: inout ByteWriter) throws(SQLError) {
    try writer.append(batch, into: &out)
  }

  /// A stream that failed has no end mark, so that nobody takes it for a short result.
  func finish(error: SQLError?, into out: inout ByteWriter) throws(SQLError) {
    if error == nil { try writer.finish(into: &out) }
  }
}

extension ArrowField {
  /// A result's column with what is known of its meaning.
  public init(_ column: ResultColumn) {
    var metadata: [String: String] = [:]
    metadata["zij.unit"] = column.unit
    metadata["zij.ucd"] = column.ucd
    metadata["zij.utype"] = column.utype
    metadata["zij.description"] = column.description
    self.init(column.name, column.type, metadata: metadata)
  }
}
