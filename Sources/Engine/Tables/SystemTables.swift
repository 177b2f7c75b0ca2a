import Base
import Catalog
import FunctionKit
import Vectors

/// Tables that describe the database: `zij.functions`, `information_schema.tables` and `.columns`.
enum SystemTables {
  static func all(functions: FunctionSet, tables: [Table]) -> [any CatalogTable] {
    [functionTable(functions), tableTable(tables), columnTable(tables)]
  }

  private static func text(_ name: String) -> ColumnDefinition { ColumnDefinition(name, .text) }

  private static func value(_ text: String?) -> Value { text.map { .text($0) } ?? .null }

  private static func functionTable(_ functions: FunctionSet) -> VirtualTable {
    VirtualTable(
      schema: "zij", name: "functions",
      columns: ["name", "kind", "signature", "summary", "source"].map(text),
      description: "All functions"
    ) { () throws(SQLError) in
      functions.scalars.map {
        [.text($0.name), .text("scalar"), .text($0.signature), .text($0.summary), value($0.source)]
      }
        + functions.aggregates.map {
          [
            .text($0.name), .text("aggregate"), .text($0.signature), .text($0.summary),
            value($0.source),
          ]
        }
        + functions.windows.map {
          [.text($0.name), .text("window"), .text($0.signature), .text($0.summary), .null]
        }
        + functions.tables.map {
          [.text($0.name), .text("table"), .text($0.signature), .text($0.summary), .null]
        }
    }
  }

  private static func tableTable(_ tables: [Table]) -> VirtualTable {
    VirtualTable(
      schema: "information_schema", name: "tables",
      columns: ["table_schema", "table_name", "table_type", "description"].map(text),
      description: "All tables"
    ) { () throws(SQLError) in
      tables.map {
        [.text($0.schema), .text($0.name), .text("BASE TABLE"), value($0.description)]
      }
    }
  }

  private static func columnTable(_ tables: [Table]) -> VirtualTable {
    let names = ["table_schema", "table_name", "column_name"]
    let more = ["data_type", "is_nullable", "unit", "ucd", "utype", "description"]
    return VirtualTable(
      schema: "information_schema", name: "columns",
      columns: names.map(text) + [ColumnDefinition("ordinal_position", .int32)] + more.map(text),
      description: "All columns"
    ) { () throws(SQLError) in
      tables.flatMap { table in
        table.visibleColumns.enumerated().map { index, column -> [Value] in
          [
            .text(table.schema), .text(table.name), .text(column.name),
            .integer(Int64(index + 1)), .text(column.type.description),
            .text(column.isNullable ? "YES" : "NO"), value(column.unit), value(column.ucd),
            value(column.utype), value(column.description),
          ]
        }
      }
    }
  }
}
