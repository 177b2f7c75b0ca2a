import Base
import Catalog
import FunctionKit
import Vectors

/// A catalogue as PostgreSQL would number it: schemas, tables, columns and functions. It is made once
/// for each version of the catalogue and shared by all sessions; row counts are asked for when a
/// query wants them.
final class CatalogueImage: Sendable {
  struct Schema: Sendable {
    let oid: Int64
    let name: String
  }

  /// A class, since rows are made by handing relations from rule to rule.
  final class Relation: Sendable {
    let oid: Int64
    let schema: Schema
    let table: any CatalogTable
    /// "r" or "v".
    let kind: String
    let columns: [ColumnDefinition]

    init(oid: Int64, schema: Schema, table: any CatalogTable, kind: String) {
      self.oid = oid
      self.schema = schema
      self.table = table
      self.kind = kind
      columns = table.visibleColumns
    }

    /// PostgreSQL's own, whether or not we fill it.
    var isSystem: Bool { CatalogSnapshot.isSystem(schema.name) }
  }

  struct Attribute: Sendable {
    /// Position in `relations`.
    let relation: Int
    /// Counted from 0.
    let column: Int
  }

  let schemas: [Schema]
  /// By number.
  let relations: [Relation]
  /// Every column of every table, in the order of `relations`.
  let attributes: [Attribute]
  let functions: [CatalogueFunction]
  private let relationsByOID: [Int64: Int]
  private let relationsByName: [String: [Int]]
  private let functionsByOID: [Int64: Int]
  private let functionsByName: [String: Int]

  init(tables: [any CatalogTable], kinds: [Int64: String], functions set: FunctionSet) {
    var numbers = ObjectNumbers()
    var schemas: [String: Schema] = [:]
    for (name, oid) in Self.fixedSchemas { schemas[name] = Schema(oid: oid, name: name) }
    var relations: [Relation] = []
    relations.reserveCapacity(tables.count)
    for table in tables {
      let schema = schemas[table.schema]
        ?? Schema(oid: numbers.number(for: "schema \(table.schema)"), name: table.schema)
      schemas[table.schema] = schema
      let fixed = (table as? VirtualTable)?.oid
      let oid = fixed ?? numbers.number(for: table.identity ?? "\(table.schema).\(table.name)")
      let kind = kinds[oid] ?? (table is VirtualTable ? "v" : "r")
      relations.append(Relation(oid: oid, schema: schema, table: table, kind: kind))
    }
    relations.sort { $0.oid < $1.oid }
    self.relations = relations
    attributes = Self.attributes(of: relations)
    self.schemas = schemas.values.sorted { $0.oid < $1.oid }
    functions = CatalogueFunction.all(of: set, &numbers)
    var byOID: [Int64: Int] = [:]
    var byName: [String: [Int]] = [:]
    byOID.reserveCapacity(relations.count)
    byName.reserveCapacity(relations.count)
    for (index, relation) in relations.enumerated() {
      byOID[relation.oid] = index
      byName[relation.table.name, default: []].append(index)
    }
    relationsByOID = byOID
    relationsByName = byName
    functionsByOID = Dictionary(
      functions.enumerated().map { ($1.oid, $0) }, uniquingKeysWith: { (first, _) in first })
    functionsByName = Dictionary(
      functions.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { (first, _) in first })
  }

  /// PostgreSQL's numbers, and ours.
  static let fixedSchemas: [(String, Int64)] = [
    ("pg_catalog", 11), ("public", 2200), ("information_schema", 13_353), ("zij", 16_640),
  ]

  private static func attributes(of relations: [Relation]) -> [Attribute] {
    var result: [Attribute] = []
    result.reserveCapacity(relations.reduce(0) { $0 + $1.columns.count })
    for (index, relation) in relations.enumerated() {
      for column in relation.columns.indices {
        result.append(Attribute(relation: index, column: column))
      }
    }
    return result
  }

  func relation(_ oid: Int64) -> Relation? { relationsByOID[oid].map { relations[$0] } }

  func function(_ oid: Int64) -> CatalogueFunction? { functionsByOID[oid].map { functions[$0] } }

  func function(named name: String) -> CatalogueFunction? {
    functionsByName[name].map { functions[$0] }
  }

  func schema(_ oid: Int64) -> Schema? { schemas.first { $0.oid == oid } }

  func schema(named name: String) -> Schema? { schemas.first { $0.name == name } }

  /// A table by name; without a schema as the search path finds it. Exact before folded.
  func relation(named name: String, schema: String?) -> Relation? {
    let exact = relationsByName[name]
    guard let found = exact ?? relationsByName[name.lowercased()] else { return nil }
    let candidates = found.map { relations[$0] }
    if let schema { return candidates.first { $0.schema.name == schema } }
    for preferred in CatalogSnapshot.searchPath {
      if let match = candidates.first(where: { $0.schema.name == preferred }) { return match }
    }
    return nil
  }

  /// True if the name without its schema finds this table.
  func isVisible(_ relation: Relation) -> Bool {
    self.relation(named: relation.table.name, schema: nil)?.oid == relation.oid
  }
}
