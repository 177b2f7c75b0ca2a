import Base
import Catalog
import Engine

/// The FIELD of a column.
enum VOTableField {
  static func append(_ column: ResultColumn, into out: inout ByteWriter) {
    let type = VOTableType(column.type)
    out.append("<FIELD")
    attribute("name", column.name, into: &out)
    attribute("datatype", type.datatype, into: &out)
    attribute("arraysize", type.arraySize, into: &out)
    attribute("xtype", type.xtype, into: &out)
    attribute("unit", column.unit, into: &out)
    attribute("ucd", column.ucd.flatMap { isUCD($0) ? $0 : nil }, into: &out)
    attribute("utype", column.utype, into: &out)
    let null = VOTableNull.declared(for: column.type)
    guard column.description != nil || null != nil else { return out.append("/>\n") }
    out.append(">")
    if let description = column.description {
      out.append("<DESCRIPTION>")
      XMLText.append(description, into: &out)
      out.append("</DESCRIPTION>")
    }
    if let null {
      out.append("<VALUES null=\"")
      out.append(null)
      out.append("\"/>")
    }
    out.append("</FIELD>\n")
  }

  static func attribute(_ name: StaticString, _ value: String?, into out: inout ByteWriter) {
    guard let value else { return }
    out.append(" ")
    out.append(name)
    out.append("=\"")
    XMLText.append(value, into: &out)
    out.append("\"")
  }

  /// The schema of VOTable takes no others.
  private static func isUCD(_ text: String) -> Bool {
    text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: ";"),
        UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
  }
}
