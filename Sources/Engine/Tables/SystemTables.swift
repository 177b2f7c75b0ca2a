import Base
import Catalog
import FunctionKit
import Storage
import Vectors

/// The tables of the schema `zij` that come with the engine; `SystemCatalog` has those that describe
/// tables.
enum SystemTables {
  static func all(
    functions: FunctionSet, directory: DatabaseDirectory?
  ) -> [any CatalogTable] {
    [functionTable(functions), segmentTable(directory)]
  }

  /// The files that the newest version of the manifest publishes: what other programs may read.
  private static func segmentTable(_ directory: DatabaseDirectory?) -> VirtualTable {
    let numbers = ["version", "row_count", "size_bytes"].map { ColumnDefinition($0, .int64) }
    return VirtualTable(
      schema: "zij", name: "segments",
      columns: ["table_schema", "table_name", "path"].map(text) + numbers,
      description: "ORC files of all tables, relative to the database directory"
    ) { () throws(SQLError) in
      guard let state = directory?.state else { return [] }
      return state.tables.flatMap { table in
        table.segments.map { segment in
          [
            .text(table.schema), .text(table.name), .text(segment.path),
            .integer(Int64(clamping: state.version)), .integer(Int64(segment.rowCount)),
            .integer(Int64(segment.sizeBytes)),
          ]
        }
      }
    }
  }

  private static func text(_ name: String) -> ColumnDefinition { ColumnDefinition(name, .text) }

  private static func value(_ text: String?) -> Value { text.map { .text($0) } ?? .null }

  private static func functionTable(_ functions: FunctionSet) -> VirtualTable {
    VirtualTable(
      schema: "zij", name: "functions",
      columns: ["name", "kind", "signature", "summary", "source", "aliases", "example"].map(text),
      description: "All functions"
    ) { () throws(SQLError) in
      functions.scalars.map {
        row($0.name, "scalar", $0.signature, $0.summary, $0.source, $0.aliases, $0.examples.first)
      }
        + functions.aggregates.map {
          row(
            $0.name, "aggregate", $0.signature, $0.summary, $0.source, $0.aliases,
            $0.examples.first)
        }
        + functions.windows.map {
          row($0.name, "window", $0.signature, $0.summary, nil, [], $0.examples.first)
        }
        + functions.tables.map {
          row($0.name, "table", $0.signature, $0.summary, nil, [], $0.examples.first)
        }
    }
  }

  private static func row(
    _ name: String, _ kind: String, _ signature: String, _ summary: String, _ source: String?,
    _ aliases: [String], _ example: Example?
  ) -> [Value] {
    [
      .text(name), .text(kind), .text(signature), .text(summary), value(source),
      .text(aliases.joined(separator: " ")), value(example.map { "\($0.sql) → \($0.answer)" }),
    ]
  }
}
