import Base
import Catalog
import Vectors

/// TAP_SCHEMA, the tables of tables of the Table Access Protocol (TAP 1.1, section 4).
enum TAPSchema {
  static let name = "TAP_SCHEMA"

  /// The five tables. `tables` are those of users; these five are listed, too.
  static func all(_ tables: [Table]) -> [any CatalogTable] {
    let own = definitions.map { definition in
      VirtualTable(
        schema: name, name: definition.name, columns: definition.columns,
        description: definition.description
      ) { () throws(SQLError) in [] }
    }
    let published = { @Sendable () -> [PublishedSchema] in
      PublishedTables.schemas(tables as [any CatalogTable] + own)
    }
    return definitions.map { definition in
      VirtualTable(
        schema: name, name: definition.name, columns: definition.columns,
        description: definition.description
      ) { () throws(SQLError) in definition.rows(published()) }
    }
  }

  /// The keys of a table of this schema, by its name.
  static func keys(of table: String) -> [PublishedKey] {
    switch table {
    case "tables":
      [key("tables_schemas", "schemas", [("schema_name", "schema_name")])]
    case "columns":
      [key("columns_tables", "tables", [("table_name", "table_name")])]
    case "keys":
      [
        key("keys_from_tables", "tables", [("from_table", "table_name")]),
        key("keys_target_tables", "tables", [("target_table", "table_name")]),
      ]
    case "key_columns": [key("key_columns_keys", "keys", [("key_id", "key_id")])]
    default: []
    }
  }

  private static func key(
    _ id: String, _ target: String, _ columns: [(from: String, target: String)]
  ) -> PublishedKey {
    PublishedKey(id: id, targetTable: "\(name).\(target)", columns: columns)
  }

  // MARK: The tables

  private struct Definition: Sendable {
    var name: String
    var description: String
    var columns: [ColumnDefinition]
    var rows: @Sendable ([PublishedSchema]) -> [[Value]]
  }

  private static let definitions = [schemas, tables, columns, keys, keyColumns]

  private static func text(
    _ name: String, _ description: String, isNullable: Bool = true
  ) -> ColumnDefinition {
    ColumnDefinition(name, .text, isNullable: isNullable, description: description)
  }

  private static func number(_ name: String, _ description: String) -> ColumnDefinition {
    ColumnDefinition(name, .int32, description: description)
  }

  private static func value(_ text: String?) -> Value { text.map { .text($0) } ?? .null }

  private static func flag(_ isSet: Bool) -> Value { .integer(isSet ? 1 : 0) }

  private static let schemas = Definition(
    name: "schemas", description: "All schemas with tables that can be queried",
    columns: [
      text("schema_name", "The schema's name", isNullable: false),
      text("utype", "The data model that the schema follows"),
      text("description", "What the schema holds"),
      number("schema_index", "Where the schema stands among the others"),
    ],
    rows: { schemas in
      schemas.enumerated().map { index, schema in
        [.text(schema.name), .null, value(schema.description), .integer(Int64(index))]
      }
    })

  private static let tables = Definition(
    name: "tables", description: "All tables that can be queried",
    columns: [
      text("schema_name", "The schema that the table is in", isNullable: false),
      text("table_name", "The table's name as queries write it", isNullable: false),
      text("table_type", "table or view"),
      text("utype", "The part of a data model that the table follows"),
      text("description", "What the table holds"),
      number("table_index", "Where the table stands among the others"),
    ],
    rows: { schemas in
      var rows: [[Value]] = []
      for schema in schemas {
        for table in schema.tables {
          rows.append([
            .text(schema.name), .text(table.name), .text("table"), .null,
            value(table.description), .integer(Int64(rows.count)),
          ])
        }
      }
      return rows
    })

  private static let columns = Definition(
    name: "columns", description: "All columns of tables that can be queried",
    columns: [
      text("table_name", "The table that the column is in", isNullable: false),
      text("column_name", "The column's name as queries write it", isNullable: false),
      text("datatype", "The type in VOTables"),
      text("arraysize", "The length of arrays and text in VOTables"),
      text("xtype", "What values with a structure mean"),
      number("size", "The length of arrays and text; of no use beside arraysize"),
      text("description", "What the column holds"),
      text("utype", "The part of a data model that the column follows"),
      text("unit", "The unit of the values, as VOUnits write it"),
      text("ucd", "The kind of quantity, as a Unified Content Descriptor"),
      number("indexed", "1 if conditions on the column make queries fast"),
      number("principal", "1 if the column is of general interest"),
      number("std", "1 if a standard defines the column"),
      number("column_index", "Where the column stands in its table"),
    ],
    rows: { schemas in
      schemas.flatMap(\.tables).flatMap { table in
        table.columns.enumerated().map { row(of: $1, in: table, at: $0) }
      }
    })

  private static func row(
    of column: PublishedColumn, in table: PublishedTable, at index: Int
  ) -> [Value] {
    let size = column.type.arraySize.flatMap { Int64($0) }
    return [
      .text(table.name), .text(column.name), .text(column.type.datatype),
      value(column.type.arraySize), value(column.type.xtype), size.map { .integer($0) } ?? .null,
      value(column.description), value(column.utype), value(column.unit), value(column.ucd),
      flag(column.isIndexed), flag(true), flag(column.isStandard), .integer(Int64(index)),
    ]
  }

  private static let keys = Definition(
    name: "keys", description: "Which tables refer to which",
    columns: [
      text("key_id", "The key's name", isNullable: false),
      text("from_table", "The table that refers", isNullable: false),
      text("target_table", "The table that it refers to", isNullable: false),
      text("description", "What the key means"),
      text("utype", "The part of a data model that the key follows"),
    ],
    rows: { schemas in
      schemas.flatMap(\.tables).flatMap { table in
        table.keys.map { [.text($0.id), .text(table.name), .text($0.targetTable), .null, .null] }
      }
    })

  private static let keyColumns = Definition(
    name: "key_columns", description: "The columns of keys",
    columns: [
      text("key_id", "The key that the pair is of", isNullable: false),
      text("from_column", "The column that refers", isNullable: false),
      text("target_column", "The column that it refers to", isNullable: false),
    ],
    rows: { schemas in
      schemas.flatMap(\.tables).flatMap(\.keys).flatMap { key in
        key.columns.map { [.text(key.id), .text($0.from), .text($0.target)] }
      }
    })
}
