import Catalog
import Vectors

/// What is known of a table of PostgreSQL's catalogues: its number, kind and columns.
struct TableFacts: Sendable {
  let schema: String
  let name: String
  let oid: Int64
  /// As in `pg_class.relkind`: "r" for a table, "v" for a view.
  let kind: String
  let columns: [ColumnDefinition]

  /// Reads one table: `pg_am 2601 r oid:oid! amname:name!`.
  private init?(_ line: String, schema: String) {
    let words = line.split(separator: " ")
    guard words.count > 3, let oid = Int64(words[1]) else { return nil }
    self.schema = schema
    name = String(words[0])
    self.oid = oid
    kind = String(words[2])
    var columns = words.dropFirst(3).compactMap(Self.column)
    if kind == "r" {
      columns.append(
        ColumnDefinition(
          "tableoid", .int32, isNullable: false, isHidden: true, systemType: .object))
    }
    self.columns = columns
  }

  private static func column(_ word: Substring) -> ColumnDefinition? {
    let parts = word.split(separator: ":")
    guard parts.count == 2 else { return nil }
    let isRequired = parts[1].hasSuffix("!")
    let typeName = String(isRequired ? parts[1].dropLast() : parts[1])
    if let (type, held) = SystemType.named(typeName) {
      return ColumnDefinition(
        String(parts[0]), held, isNullable: !isRequired, systemType: type)
    }
    let isArray = typeName.hasPrefix("_")
    let element = isArray ? String(typeName.dropFirst()) : typeName
    guard let type = elementTypes[element] else { return nil }
    // PostgreSQL's numeric has no precision of its own.
    let systemType = element == "numeric" ? SystemType(oid: PostgresType.numeric.oid) : nil
    return ColumnDefinition(
      String(parts[0]), isArray ? .list(type) : type, isNullable: !isRequired,
      systemType: systemType)
  }

  private static let elementTypes: [String: LogicalType] = [
    "bool": .boolean, "int2": .int16, "int4": .int32, "int8": .int64, "float4": .float32,
    "float8": .float64, "text": .text, "bytea": .binary,
    "numeric": .decimal(precision: 38, scale: 0),
  ]

  /// Reads tables one after the other; lines that begin with a blank go on with the one above.
  private static func tables(_ text: String, schema: String) -> [TableFacts] {
    var result: [TableFacts] = []
    var current = ""
    for line in text.split(separator: "\n") {
      if line.hasPrefix(" ") {
        current += line
        continue
      }
      if let table = TableFacts(current, schema: schema) { result.append(table) }
      current = String(line)
    }
    if let table = TableFacts(current, schema: schema) { result.append(table) }
    return result
  }

  /// By schema, then by name.
  static let all: [TableFacts] =
    [
      PostgreSQLTables.tablesAtoH, PostgreSQLTables.tablesItoS, PostgreSQLTables.tablesS,
      PostgreSQLTables.tablesStoZ,
    ].flatMap { tables($0, schema: "pg_catalog") }
    + [InformationSchemaTables.tablesAtoR, InformationSchemaTables.tablesRtoV].flatMap {
      tables($0, schema: "information_schema")
    }
}

/// Facts about pg_catalog.
enum PostgreSQLTables {}

/// Facts about information_schema.
enum InformationSchemaTables {}
