import Arrow
import Base
import Catalog
import Engine
import Vectors

/// GetObjects: catalog, schemas, tables and columns, one within the other.
extension Metadata {
  /// What is asked for; patterns are those of LIKE, nil is everything.
  struct ObjectQuery {
    /// 0: down to columns, 1: catalogs, 2: schemas, 3: tables.
    var depth: Int
    var catalog: String?
    var schema: String?
    var table: String?
    var types: [String]?
    var column: String?
  }

  static func objects(
    _ query: ObjectQuery, in database: Database
  ) throws(DriverError) -> FixedRows {
    guard (0...3).contains(query.depth) else {
      throw DriverError(.invalidArgument, "unknown depth: \(query.depth)")
    }
    let tables: [any CatalogTable]
    do throws(SQLError) { tables = try database.catalog().tables } catch {
      throw DriverError(error)
    }
    var rows: [Value] = []
    if matches(catalog, query.catalog) {
      let schemas = query.depth == 1 ? Value.null : schemas(query, tables)
      rows.append(.structure([.text(catalog), schemas]))
    }
    let vector = Vector.of(rows, type: catalogType)
    let columns = try vector.children.map { (child) throws(DriverError) in try column(child) }
    let array = ExportedArray(length: rows.count, buffers: [nil], children: columns)
    return FixedRows(ArrowField("", catalogType).children, array)
  }

  private static func schemas(_ query: ObjectQuery, _ tables: [any CatalogTable]) -> Value {
    let names = Set(tables.map(\.schema) + [defaultSchema]).sorted()
    return .list(
      names.filter { matches($0, query.schema) }.map { name in
        let own = tables.filter { $0.schema == name }
        return .structure([.text(name), query.depth == 2 ? .null : self.tables(query, own)])
      })
  }

  private static func tables(_ query: ObjectQuery, _ tables: [any CatalogTable]) -> Value {
    let found = tables.filter { table in
      matches(table.name, query.table) && (query.types?.contains(type(of: table)) ?? true)
    }
    return .list(
      found.sorted { $0.name < $1.name }.map { table in
        let hasColumns = query.depth == 0
        return .structure([
          .text(table.name), .text(type(of: table)),
          hasColumns ? columns(query, table) : .null, hasColumns ? .list([]) : .null,
        ])
      })
  }

  static let tableTypes = ["table", "system table"]

  private static func type(of table: any CatalogTable) -> String {
    tableTypes[table is VirtualTable ? 1 : 0]
  }

  private static func columns(_ query: ObjectQuery, _ table: any CatalogTable) -> Value {
    let all = Array(table.visibleColumns.enumerated())
    return .list(
      all.filter { matches($0.element.name, query.column) }.map { index, column in
        var values = [Value](repeating: .null, count: columnFields.count)
        values[0] = .text(column.name)
        values[1] = .integer(Int64(index + 1))
        values[2] = column.description.map { .text($0) } ?? .null
        values[4] = .text(column.type.description)
        values[8] = .integer(column.isNullable ? 1 : 0)
        values[13] = .text(column.isNullable ? "YES" : "NO")
        values[17] = .boolean(false)
        values[18] = .boolean(false)
        return .structure(values)
      })
  }

  // MARK: Types

  private static let columnFields: [StructField] = [
    StructField("column_name", .text), StructField("ordinal_position", .int32),
    StructField("remarks", .text), StructField("xdbc_data_type", .int16),
    StructField("xdbc_type_name", .text), StructField("xdbc_column_size", .int32),
    StructField("xdbc_decimal_digits", .int16), StructField("xdbc_num_prec_radix", .int16),
    StructField("xdbc_nullable", .int16), StructField("xdbc_column_def", .text),
    StructField("xdbc_sql_data_type", .int16), StructField("xdbc_datetime_sub", .int16),
    StructField("xdbc_char_octet_length", .int32), StructField("xdbc_is_nullable", .text),
    StructField("xdbc_scope_catalog", .text), StructField("xdbc_scope_schema", .text),
    StructField("xdbc_scope_table", .text), StructField("xdbc_is_autoincrement", .boolean),
    StructField("xdbc_is_generatedcolumn", .boolean),
  ]

  private static let catalogType: LogicalType = {
    let usage: [StructField] = ["fk_catalog", "fk_db_schema", "fk_table", "fk_column_name"]
      .map { StructField($0, .text) }
    let constraint = [
      StructField("constraint_name", .text), StructField("constraint_type", .text),
      StructField("constraint_column_names", .list(.text)),
      StructField("constraint_column_usage", .list(.structure(usage))),
    ]
    let table = [
      StructField("table_name", .text), StructField("table_type", .text),
      StructField("table_columns", .list(.structure(columnFields))),
      StructField("table_constraints", .list(.structure(constraint))),
    ]
    let schema = [
      StructField("db_schema_name", .text),
      StructField("db_schema_tables", .list(.structure(table))),
    ]
    return .structure([
      StructField("catalog_name", .text),
      StructField("catalog_db_schemas", .list(.structure(schema))),
    ])
  }()

  // MARK: Patterns

  /// LIKE: `%` any run of characters, `_` one character, `\` before either takes it as it is.
  static func matches(_ name: String, _ pattern: String?) -> Bool {
    guard let pattern else { return true }
    var tokens: [(scalar: Unicode.Scalar?, isRun: Bool)] = []
    var isEscaped = false
    for scalar in pattern.unicodeScalars {
      if !isEscaped, scalar == "\\" {
        isEscaped = true
        continue
      }
      if !isEscaped, scalar == "%" {
        tokens.append((nil, true))
      } else {
        tokens.append((!isEscaped && scalar == "_" ? nil : scalar, false))
      }
      isEscaped = false
    }
    // What the tokens so far may have consumed of the name, as a set of lengths.
    let text = Array(name.unicodeScalars)
    var reached = [Bool](repeating: false, count: text.count + 1)
    reached[0] = true
    for token in tokens {
      var next = [Bool](repeating: false, count: text.count + 1)
      for length in reached.indices where reached[length] {
        if token.isRun {
          for more in length...text.count { next[more] = true }
          break
        } else if length < text.count, token.scalar == nil || token.scalar == text[length] {
          next[length + 1] = true
        }
      }
      reached = next
    }
    return reached[text.count]
  }
}
