import Catalog
import Vectors

/// `zij.tables` and `zij.columns`: what astronomers want to know of tables, in our own words.
enum ZijRows {
  private static func text(_ name: String) -> ColumnDefinition { ColumnDefinition(name, .text) }

  private static func number(_ name: String) -> ColumnDefinition {
    ColumnDefinition(name, .int64)
  }

  static let tableColumns =
    [ColumnDefinition("oid", .int32)] + ["schema", "name", "kind"].map(text) + [number("row_count")]
    + ["cluster_order", "description"].map(text)

  static let columnColumns =
    [ColumnDefinition("table_oid", .int32)] + ["schema", "table"].map(text) + [ColumnDefinition("position", .int32)]
    + ["name", "type", "nullable", "unit", "ucd", "utype", "description"].map(text)

  static func tables(_ image: CatalogueImage) -> Rows {
    Rows(
      image.relations.filter { !$0.isSystem }, ascendingBy: ("oid", { $0.oid }),
      [
        "oid": { .integer($0.oid) },
        "schema": { .text($0.schema.name) }, "name": { .text($0.table.name) },
        "kind": { .text($0.table is VirtualTable ? "system table" : "table") },
        "row_count": {
          $0.table is VirtualTable ? .null : .integer(RelationRows.rowCount($0))
        },
        "cluster_order": { .optional(orderText($0.table.order)) },
        "description": { .optional($0.table.description) },
      ])
  }

  static func columns(_ image: CatalogueImage) -> Rows {
    @Sendable func column(_ attribute: CatalogueImage.Attribute) -> ColumnDefinition {
      image.relations[attribute.relation].columns[attribute.column]
    }
    return Rows(
      image.attributes, ascendingBy: ("table_oid", { image.relations[$0.relation].oid }),
      [
        "table_oid": { .integer(image.relations[$0.relation].oid) },
        "schema": { .text(image.relations[$0.relation].schema.name) },
        "table": { .text(image.relations[$0.relation].table.name) },
        "position": { .integer(Int64($0.column + 1)) }, "name": { .text(column($0).name) },
        "type": { .text(typeText(column($0))) },
        "nullable": { .optional(column($0).isNullable ? nil : "not null") },
        "unit": { .optional(column($0).unit) }, "ucd": { .optional(column($0).ucd) },
        "utype": { .optional(column($0).utype) },
        "description": { .optional(column($0).description) },
      ])
  }

  private static func typeText(_ column: ColumnDefinition) -> String {
    column.systemType.flatMap { PostgreSQLTypes.text(Int64($0.oid), modifier: nil) }
      ?? column.type.description
  }

  private static func orderText(_ order: TableOrder) -> String? {
    switch order {
    case .none: nil
    case .sky(let lon, let lat): "SKY(\(lon), \(lat))"
    case .columns(let names): "(\(names.joined(separator: ", ")))"
    }
  }
}
