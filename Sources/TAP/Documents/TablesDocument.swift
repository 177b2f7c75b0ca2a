import Engine

/// The tables as VODataService describes them (VOSI 1.1, section 4). TAP_SCHEMA is made of the same
/// values.
struct TablesDocument {
  var schemas: [PublishedSchema]
  /// Without columns and keys.
  var isBrief: Bool

  private static let namespaces: [(name: String, value: String?)] = [
    ("xmlns:vosi", Namespace.tables), ("xmlns:vs", Namespace.dataService),
    ("xmlns:xsi", Namespace.instance),
  ]

  var xml: XMLWriter {
    var xml = XMLWriter()
    xml.element("vosi:tableset", Self.namespaces) { xml in
      for schema in schemas {
        xml.element("schema") { xml in
          xml.element("name", text: schema.name)
          xml.element("description", text: schema.description)
          for table in schema.tables { append(table, as: "table", [], to: &xml) }
        }
      }
    }
    return xml
  }

  /// The document of one table; nil if there is none of that name.
  func xml(of name: String) -> XMLWriter? {
    let tables = schemas.flatMap(\.tables)
    guard
      let table = tables.first(where: { $0.name == name })
        ?? tables.first(where: { $0.name.lowercased() == name.lowercased() })
    else { return nil }
    var xml = XMLWriter()
    append(table, as: "vosi:table", Self.namespaces, to: &xml)
    return xml
  }

  private func append(
    _ table: PublishedTable, as name: String, _ attributes: [(name: String, value: String?)],
    to xml: inout XMLWriter
  ) {
    xml.element(name, attributes + [("type", "table")]) { xml in
      xml.element("name", text: table.name)
      xml.element("description", text: table.description)
      if isBrief { return }
      for column in table.columns { append(column, to: &xml) }
      for key in table.keys {
        xml.element("foreignKey") { xml in
          xml.element("targetTable", text: key.targetTable)
          for pair in key.columns {
            xml.element("fkColumn") { xml in
              xml.element("fromColumn", text: pair.from)
              xml.element("targetColumn", text: pair.target)
            }
          }
        }
      }
    }
  }

  private func append(_ column: PublishedColumn, to xml: inout XMLWriter) {
    xml.element("column", [("std", column.isStandard ? "true" : "false")]) { xml in
      xml.element("name", text: column.name)
      xml.element("description", text: column.description)
      xml.element("unit", text: column.unit)
      xml.element("ucd", text: column.ucd)
      xml.element("utype", text: column.utype)
      xml.element(
        "dataType",
        [
          ("xsi:type", "vs:VOTableType"), ("arraysize", column.type.arraySize),
          ("extendedType", column.type.xtype),
        ], text: column.type.datatype)
      if column.isIndexed { xml.element("flag", text: "indexed") }
      xml.element("flag", text: "principal")
    }
  }
}
