import Base
import Catalog
import FunctionKit
import Vectors

/// The tables of the schema `zij` that come with the engine; `SystemCatalog` has those that describe
/// tables.
enum SystemTables {
  static func all(functions: FunctionSet) -> [any CatalogTable] { [functionTable(functions)] }

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
}
