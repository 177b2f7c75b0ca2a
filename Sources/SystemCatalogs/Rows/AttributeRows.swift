import Catalog
import Vectors

/// `pg_attribute`, and what is said of tables and columns in `pg_description`.
enum AttributeRows {
  typealias Attribute = CatalogueImage.Attribute

  static func all(_ context: RowContext) -> [String: () -> Rows] {
    let image = context.image
    return ["pg_attribute": { attributes(image) }, "pg_description": { descriptions(image) }]
  }

  private static func attributes(_ image: CatalogueImage) -> Rows {
    func column(_ attribute: Attribute) -> ColumnDefinition {
      image.relations[attribute.relation].columns[attribute.column]
    }
    @Sendable func entry(_ attribute: Attribute) -> PostgreSQLTypes.Entry? {
      PostgreSQLTypes.byOID[
        typeOID(of: image.relations[attribute.relation].columns[attribute.column])]
    }
    return Rows(
      image.attributes, ascendingBy: ("attrelid", { image.relations[$0.relation].oid }),
      [
        "attrelid": { .integer(image.relations[$0.relation].oid) },
        "attname": { .text(image.relations[$0.relation].columns[$0.column].name) },
        "atttypid": {
          .integer(typeOID(of: image.relations[$0.relation].columns[$0.column]))
        },
        "attstattarget": { _ in .integer(-1) }, "attlen": { .integer(entry($0)?.length ?? -1) },
        "attnum": { .integer(Int64($0.column + 1)) },
        "attndims": {
          .integer(dimensions(image.relations[$0.relation].columns[$0.column].type))
        },
        "attcacheoff": { _ in .integer(-1) },
        "atttypmod": {
          .integer(modifier(of: image.relations[$0.relation].columns[$0.column]))
        },
        "attbyval": { .boolean(entry($0)?.isByValue ?? false) },
        "attalign": { .text(entry($0)?.alignment ?? "i") },
        "attstorage": { .text(entry($0)?.storage ?? "x") },
        "attnotnull": {
          .boolean(!image.relations[$0.relation].columns[$0.column].isNullable)
        },
        "attislocal": { _ in .boolean(true) },
        "attcollation": {
          // PostgreSQL's own tables compare by bytes.
          let collation = entry($0)?.collation ?? 0
          return .integer(
            collation == 100 && image.relations[$0.relation].isSystem ? 950 : collation)
        },
      ])
  }

  static func typeOID(of column: ColumnDefinition) -> Int64 {
    Int64(column.systemType?.oid ?? PostgresType.oid(of: column.type))
  }

  /// PostgreSQL's type modifier: precision and scale of decimals.
  static func modifier(of column: ColumnDefinition) -> Int64 {
    column.systemType == nil ? Int64(PostgresType.modifier(of: column.type)) : -1
  }

  private static func dimensions(_ type: LogicalType) -> Int64 {
    var count: Int64 = 0
    var type = type
    while case .list(let element) = type {
      count += 1
      type = element
    }
    return count
  }

  /// What is said of an object: its number, its catalogue's number and a column, 0 for the object.
  struct Description: Sendable {
    let oid: Int64
    let catalogue: Int64
    let column: Int
    let text: String
  }

  private static func descriptions(_ image: CatalogueImage) -> Rows {
    var found: [Description] = []
    for relation in image.relations {
      if let text = relation.table.description {
        found.append(Description(oid: relation.oid, catalogue: 1259, column: 0, text: text))
      }
      for (index, column) in relation.columns.enumerated() {
        guard let text = comment(of: column) else { continue }
        found.append(Description(oid: relation.oid, catalogue: 1259, column: index + 1, text: text))
      }
    }
    for function in image.functions {
      guard let text = function.summary else { continue }
      found.append(Description(oid: function.oid, catalogue: 1255, column: 0, text: text))
    }
    return Rows(
      found,
      [
        "objoid": { .integer($0.oid) }, "classoid": { .integer($0.catalogue) },
        "objsubid": { .integer(Int64($0.column)) }, "description": { .text($0.text) },
      ])
  }

  /// Unit, UCD and description of a column in one line: `[mas] parallax (pos.parallax.trig)`.
  static func comment(of column: ColumnDefinition) -> String? {
    var parts: [String] = []
    if let unit = column.unit { parts.append("[\(unit)]") }
    if let description = column.description { parts.append(description) }
    if let ucd = column.ucd { parts.append("(\(ucd))") }
    return parts.isEmpty ? nil : parts.joined(separator: " ")
  }
}
