import Base
import Engine
import Vectors

/// PostgreSQL's binary COPY format: a signature, rows as counts of fields with lengths in front of
/// their values, and -1 in place of a count at the end.
public struct BinaryCopyFormat: FileWriter {
  public let names = ["binary", "pgcopy"]
  public let endings = ["pgcopy"]

  public init() {}

  public func check(_ options: FileOptions) throws(SQLError) {
    for name in options.values.keys where name != "format" {
      throw SQLError(.invalidParameterValue, "binary COPY has no option \"\(name)\"")
    }
  }

  public func begin(
    _ columns: [ResultColumn], options: FileOptions
  ) throws(SQLError) -> any RowEncoder {
    BinaryCopyEncoder(columns)
  }
}

final class BinaryCopyEncoder: RowEncoder {
  private let columns: [ResultColumn]
  private let rows: RowWriter

  init(_ columns: [ResultColumn]) {
    self.columns = columns
    rows = RowWriter(columns.map(\.type), isBinary: columns.map { _ in true }, frame: .bare)
  }

  func header(into out: inout ByteWriter) {
    // The byte FF is none of UTF-8, so it is put in by number.
    out.append("PGCOPY\n")
    out.append([0xFF, 13, 10, 0])
    // No flags, no extension.
    out.append(repeating: 0, count: 8)
  }

  func append(_ batch: Batch, into out: inout ByteWriter) throws(SQLError) {
    try rows.append(batch, into: &out)
  }

  func finish(error: SQLError?, into out: inout ByteWriter) {
    if error == nil { out.appendBigEndian(Int16(-1)) }
  }

  func makeHelper() -> (any RowEncoder)? { BinaryCopyEncoder(columns) }
}
