import Base
import Engine
import Vectors

/// VOTable 1.4, the Virtual Observatory's XML, with units, UCDs, utypes and descriptions of columns.
///
/// NULL is an empty cell in TABLEDATA, as is the empty text; BINARY2 tells them apart, and holds text
/// that XML cannot.
public struct VOTableFormat: FileWriter {
  public enum Serialization: String, Sendable, CaseIterable { case tabledata, binary2 }

  public let names = ["votable", "application/x-votable+xml"]
  public let endings = ["vot", "votable"]

  public init() {}

  public func check(_ options: FileOptions) throws(SQLError) { _ = try Self.read(options) }

  private static func read(_ options: FileOptions) throws(SQLError) -> Serialization {
    var found = Serialization.tabledata
    for (name, value) in options.values where name != "format" {
      guard name == "serialization" else {
        throw FileOptions.unknown(name, of: "VOTable", known: ["serialization"])
      }
      guard case .text(let text) = value,
        let serialization = Serialization(rawValue: text.lowercased())
      else {
        throw SQLError(
          .invalidParameterValue, "option serialization must be 'tabledata' or 'binary2'")
      }
      found = serialization
    }
    return found
  }

  public func begin(
    _ columns: [ResultColumn], options: FileOptions
  ) throws(SQLError) -> any RowEncoder {
    VOTableEncoder(columns, try Self.read(options))
  }
}

/// Writes one table into one VOTable.
public final class VOTableEncoder: RowEncoder {
  private let columns: [ResultColumn]
  private let rows: any VOTableRows
  /// INFO elements before the table: names and values.
  public var infos: [(name: String, value: String)] = []
  /// There were more rows than were asked for: said behind the table.
  public var hasOverflowed = false

  public init(_ columns: [ResultColumn], _ serialization: VOTableFormat.Serialization) {
    self.columns = columns
    switch serialization {
    case .tabledata: rows = TableDataRows(columns)
    case .binary2: rows = Binary2Rows(columns)
    }
  }

  public func header(into out: inout ByteWriter) {
    Self.begin(into: &out)
    Self.status("OK", message: nil, into: &out)
    for info in infos { Self.info(info.name, info.value, into: &out) }
    out.append("<TABLE>\n")
    for column in columns { VOTableField.append(column, into: &out) }
    out.append("<DATA>")
    rows.begin(into: &out)
  }

  public func append(_ batch: Batch, into out: inout ByteWriter) throws(SQLError) {
    try rows.append(batch, into: &out)
  }

  public func finish(error: SQLError?, into out: inout ByteWriter) {
    rows.end(into: &out)
    out.append("</DATA>\n</TABLE>\n")
    if let error {
      Self.status("ERROR", message: error.message, into: &out)
    } else if hasOverflowed {
      Self.status("OVERFLOW", message: nil, into: &out)
    }
    out.append("</RESOURCE>\n</VOTABLE>\n")
  }
}

// MARK: Documents

extension VOTableEncoder {
  private static func begin(into out: inout ByteWriter) {
    out.append(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">
      <RESOURCE type="results">

      """)
  }

  private static func info(_ name: String, _ value: String, into out: inout ByteWriter) {
    out.append("<INFO")
    VOTableField.attribute("name", name, into: &out)
    VOTableField.attribute("value", value, into: &out)
    out.append("/>\n")
  }

  private static func status(
    _ value: String, message: String?, into out: inout ByteWriter
  ) {
    out.append("<INFO name=\"QUERY_STATUS\"")
    VOTableField.attribute("value", value, into: &out)
    guard let message else { return out.append("/>\n") }
    out.append(">")
    XMLText.append(message, into: &out)
    out.append("</INFO>\n")
  }

  /// A document without a table that says what went wrong. `infos` are for programs.
  public static func errorDocument(
    _ message: String, infos: [(name: String, value: String)] = [], into out: inout ByteWriter
  ) {
    begin(into: &out)
    status("ERROR", message: message, into: &out)
    for entry in infos { info(entry.name, entry.value, into: &out) }
    out.append("</RESOURCE>\n</VOTABLE>\n")
  }
}

/// A serialization of rows between DATA and /DATA.
protocol VOTableRows: AnyObject {
  func begin(into out: inout ByteWriter)
  func append(_ batch: Batch, into out: inout ByteWriter) throws(SQLError)
  func end(into out: inout ByteWriter)
}
