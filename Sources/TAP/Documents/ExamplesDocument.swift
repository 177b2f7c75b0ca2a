import Engine
import Formats
import HTTP

/// Queries to begin with, made of the tables that are there (DALI 1.1, section 2.3; TAP Notes).
struct ExamplesDocument {
  private struct Example {
    var name: String
    var query: String
    var table: String
  }

  var schemas: [PublishedSchema]

  /// So many tables get examples.
  private static let tableLimit = 20

  private var examples: [Example] {
    var list = [
      Example(
        name: "Which tables there are",
        query: "SELECT table_name, description FROM TAP_SCHEMA.tables ORDER BY table_name",
        table: "TAP_SCHEMA.tables")
    ]
    let own = schemas.filter { $0.name != "TAP_SCHEMA" }.flatMap(\.tables)
    for table in own.prefix(Self.tableLimit) {
      list.append(
        Example(
          name: "The first rows of \(table.name)", query: "SELECT TOP 10 * FROM \(table.name)",
          table: table.name))
      if let (lon, lat) = position(table) {
        list.append(
          Example(
            name: "A cone in \(table.name)",
            query: "SELECT * FROM \(table.name)\n"
              + "WHERE 1 = CONTAINS(POINT('ICRS', \(lon), \(lat)),"
              + " CIRCLE('ICRS', 56.75, 24.12, 0.5))",
            table: table.name))
      }
    }
    return list
  }

  private func position(_ table: PublishedTable) -> (String, String)? {
    func column(_ ucd: String) -> String? {
      table.columns.first { $0.ucd?.lowercased() == ucd + ";meta.main" }?.name
    }
    guard let lon = column("pos.eq.ra"), let lat = column("pos.eq.dec") else { return nil }
    return (lon, lat)
  }

  var response: HTTPResponse {
    var xml = XMLWriter()
    xml.element("html", [("xmlns", "http://www.w3.org/1999/xhtml")]) { xml in
      xml.element("head") { xml in xml.element("title", text: "Examples") }
      xml.element("body", [("vocab", "http://www.ivoa.net/rdf/examples#")]) { xml in
        xml.element("h1", text: "Examples")
        for (index, example) in examples.enumerated() {
          let id = "example\(index + 1)"
          xml.element("div", [("id", id), ("resource", "#" + id), ("typeof", "example")]) { xml in
            xml.element("h2", [("property", "name")], text: example.name)
            xml.element("p") { xml in
              xml.element("em", [("property", "table")], text: example.table)
            }
            xml.element("pre", [("property", "query")], text: example.query)
          }
        }
      }
    }
    return HTTPResponse(.ok, type: "application/xhtml+xml;charset=UTF-8", text: xml.text)
  }
}
