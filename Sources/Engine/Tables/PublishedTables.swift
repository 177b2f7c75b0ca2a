import Base
import Catalog
import Grammar
import Vectors

/// A schema as the Virtual Observatory sees it: TAP_SCHEMA and the VOSI tables document say this.
public struct PublishedSchema: Sendable {
  public var name: String
  public var description: String?
  public var tables: [PublishedTable]
}

public struct PublishedTable: Sendable {
  /// As it stands in queries: with its schema unless that is the default one, delimited where needed.
  public var name: String
  public var description: String?
  public var columns: [PublishedColumn]
  public var keys: [PublishedKey] = []
}

public struct PublishedColumn: Sendable {
  /// Delimited where queries need that.
  public var name: String
  public var type: VOTableType
  public var unit: String?
  public var ucd: String?
  public var utype: String?
  public var description: String?
  /// Conditions on it skip rows that are stored elsewhere.
  public var isIndexed: Bool
  /// Defined by a standard.
  public var isStandard: Bool
}

/// A foreign key: `columns` are pairs of a column here and one there.
public struct PublishedKey: Sendable {
  public var id: String
  public var targetTable: String
  public var columns: [(from: String, target: String)]
}

/// What is published: the tables of users, and TAP_SCHEMA, which describes itself.
enum PublishedTables {
  static func schemas(_ tables: [any CatalogTable]) -> [PublishedSchema] {
    var order: [String] = []
    var found: [String: [PublishedTable]] = [:]
    for table in tables {
      if found[table.schema] == nil { order.append(table.schema) }
      found[table.schema, default: []].append(describe(table))
    }
    // The order of tables is that of their making; that of schemas, by name.
    return order.sorted().map { name in
      PublishedSchema(
        name: ADQLName.written(name), description: schemaDescription(name),
        tables: found[name] ?? [])
    }
  }

  private static func schemaDescription(_ name: String) -> String? {
    switch name {
    case CatalogSnapshot.defaultSchema: "Tables that need no schema in front of their names"
    case TAPSchema.name: "The tables and columns that can be queried"
    default: nil
    }
  }

  private static func describe(_ table: any CatalogTable) -> PublishedTable {
    let isStandard = table.schema == TAPSchema.name
    let name = ADQLName.written(table.name)
    let isDefault = table.schema == CatalogSnapshot.defaultSchema
    let indexed = indexedColumns(of: table)
    return PublishedTable(
      name: isDefault ? name : ADQLName.written(table.schema) + "." + name,
      description: table.description,
      columns: table.visibleColumns.map { column in
        PublishedColumn(
          name: ADQLName.written(column.name), type: VOTableType(column.type), unit: column.unit,
          ucd: column.ucd, utype: column.utype, description: column.description,
          isIndexed: indexed.contains(column.name), isStandard: isStandard)
      }, keys: isStandard ? TAPSchema.keys(of: table.name) : [])
  }

  private static func indexedColumns(of table: any CatalogTable) -> Set<String> {
    switch table.order {
    case .none: []
    case .sky(let lon, let lat): [lon, lat]
    case .columns(let names): Set(names.prefix(1))
    }
  }
}

/// Names as ADQL writes them.
enum ADQLName {
  private static let reserved = Set(ReservedWords.adql20).union(ReservedWords.adql21)

  /// The name itself if it is a regular identifier, else in double quotes.
  static func written(_ name: String) -> String {
    let bytes = Array(name.utf8)
    let isRegular = bytes.first.map(isLetter) ?? false
      && bytes.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
    if isRegular, !reserved.contains(name.uppercased()) { return name }
    var quoted = "\""
    for character in name {
      if character == "\"" { quoted.append("\"") }
      quoted.append(character)
    }
    return quoted + "\""
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}

extension Database {
  /// The schemas, tables and columns that TAP_SCHEMA lists, hidden columns left out.
  public func publishedSchemas() throws(SQLError) -> [PublishedSchema] {
    let all = try catalog().tables
    return PublishedTables.schemas(
      all.filter { $0 is Table || $0.schema == TAPSchema.name })
  }
}
