import Base
import Vectors

/// The tables of a connection by name, as the shell's commands and completion need them. They come
/// from catalogue tables by SQL, so it is all the same where the database is.
struct TableList {
  struct Entry {
    let oid: Int64
    let schema: String
    let name: String
    let kind: String
    let rowCount: Value
    let order: Value
    let description: Value
  }

  struct Column {
    let name: String
    let type: String
    let nullable: Value
    let unit: Value
    let ucd: Value
    let description: Value
  }

  let connection: any ShellConnection

  /// All tables, by schema and name; PostgreSQL's own catalogues last of all only when asked for.
  func tables(withSystem: Bool = false) throws(SQLError) -> [Entry] {
    // Of another server all schemas are wanted, or all but its own.
    let isOther = !connection.isZij
    let system = isOther && withSystem ? "('')" : "('pg_catalog', 'information_schema')"
    let wanted = "n.nspname \(isOther ? "NOT IN" : "IN") \(system)"
    var queries: [(sql: String, columnCount: Int)] = []
    if connection.isZij {
      queries.append((
        "SELECT oid, schema, name, kind, row_count, cluster_order, description FROM zij.tables", 7))
    }
    if withSystem || !connection.isZij {
      queries.append((
        """
        SELECT c.oid, n.nspname, c.relname, c.relkind FROM pg_catalog.pg_class c \
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
        WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') \
        AND \(wanted)
        """, 4))
    }
    var result: [Entry] = []
    for (sql, columnCount) in queries {
      result += try connection.values(sql, columnCount: columnCount).map(Self.entry)
    }
    return result.sorted { ($0.schema, $0.name) < ($1.schema, $1.name) }
  }

  private static func entry(_ row: [Value]) -> Entry {
    func at(_ index: Int) -> Value { index < row.count ? row[index] : .null }
    let isFull = row.count > 4
    let kinds = ["r": "table", "v": "view", "m": "materialized view", "f": "foreign table"]
    var oid: Int64 = 0
    if case .integer(let number) = row[0] { oid = number }
    let kind = row[3].text
    return Entry(
      oid: oid, schema: row[1].text, name: row[2].text,
      kind: isFull ? kind : kinds[kind] ?? "table", rowCount: at(4), order: at(5),
      description: at(6))
  }

  func columns(of table: Entry) throws(SQLError) -> [Column] {
    if connection.isZij {
      return try connection.values(
        """
        SELECT name, type, nullable, unit, ucd, description FROM zij.columns \
        WHERE table_oid = \(table.oid) ORDER BY position
        """, columnCount: 6
      ).map { row in
        Column(
          name: row[0].text, type: row[1].text, nullable: row[2], unit: row[3], ucd: row[4],
          description: row[5])
      }
    }
    return try connection.values(
      """
      SELECT attname, pg_catalog.format_type(atttypid, atttypmod), attnotnull, \
      pg_catalog.col_description(attrelid, attnum) FROM pg_catalog.pg_attribute \
      WHERE attrelid = \(table.oid) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
      """, columnCount: 4
    ).map { row in
      Column(
        name: row[0].text, type: row[1].text,
        nullable: row[2] == .boolean(true) ? .text("not null") : .null, unit: .null, ucd: .null,
        description: row[3])
    }
  }

  /// Names of columns of all tables called `name`, for completion.
  func columnNames(ofTablesNamed name: String) throws(SQLError) -> [String] {
    let literal = name.quoted(by: "'")
    return try connection.values(
      """
      SELECT a.attname FROM pg_catalog.pg_class c \
      JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid \
      WHERE lower(c.relname) = \(literal) AND a.attnum > 0 ORDER BY a.attnum
      """, columnCount: 1
    ).map { $0[0].text }
  }

  /// Names of functions, for completion and hints.
  func functionNames() -> [String] {
    let query =
      connection.isZij
      ? "SELECT DISTINCT name FROM zij.functions"
      : "SELECT DISTINCT proname FROM pg_catalog.pg_proc"
    return ((try? connection.values(query, columnCount: 1)) ?? []).map { $0[0].text }
  }
}
