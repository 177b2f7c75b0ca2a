import Catalog
import Vectors

/// The standard's information_schema. Lists of constraints and privileges beyond those of the only
/// owner are empty.
enum InformationSchemaRows {
  typealias Relation = CatalogueImage.Relation
  typealias Attribute = CatalogueImage.Attribute

  static func all(_ context: RowContext) -> [String: () -> Rows] {
    let image = context.image
    let catalog = Value.text(context.databaseName)
    let owner = Value.text(context.userName)
    return [
      "information_schema_catalog_name": { Rows([catalog], ["catalog_name": { $0 }]) },
      "schemata": {
        Rows(
          image.schemas,
          [
            "catalog_name": { _ in catalog }, "schema_name": { .text($0.name) },
            "schema_owner": { _ in owner },
          ])
      },
      "tables": { tables(image.relations, catalog) },
      "columns": { columns(image, catalog) },
      "views": {
        Rows(
          image.relations.filter { $0.kind == "v" },
          [
            "table_catalog": { _ in catalog }, "table_schema": { .text($0.schema.name) },
            "table_name": { .text($0.table.name) }, "check_option": { _ in .text("NONE") },
            "is_updatable": { _ in .text("NO") }, "is_insertable_into": { _ in .text("NO") },
          ])
      },
      "routines": { routines(image, catalog) },
      "character_sets": {
        Rows(
          ["UTF8"],
          [
            "character_set_name": { .text($0) }, "character_repertoire": { _ in .text("UCS") },
            "form_of_use": { .text($0) }, "default_collate_catalog": { _ in catalog },
          ])
      },
      "enabled_roles": { Rows([owner], ["role_name": { $0 }]) },
      "table_privileges": { privileges(image.relations, catalog, owner) },
    ]
  }

  private static func tables(_ relations: [Relation], _ catalog: Value) -> Rows {
    Rows(
      relations,
      [
        "table_catalog": { _ in catalog }, "table_schema": { .text($0.schema.name) },
        "table_name": { .text($0.table.name) },
        "table_type": { .text($0.kind == "r" ? "BASE TABLE" : "VIEW") },
        "is_insertable_into": { .text($0.table is VirtualTable ? "NO" : "YES") },
        "is_typed": { _ in .text("NO") }, "description": { .optional($0.table.description) },
      ])
  }

  private static func columns(_ image: CatalogueImage, _ catalog: Value) -> Rows {
    @Sendable func column(_ attribute: Attribute) -> ColumnDefinition {
      image.relations[attribute.relation].columns[attribute.column]
    }
    @Sendable func entry(_ attribute: Attribute) -> PostgreSQLTypes.Entry? {
      PostgreSQLTypes.byOID[AttributeRows.typeOID(of: column(attribute))]
    }
    @Sendable func number(_ value: Int64?) -> Value { value.map { .integer($0) } ?? .null }
    return Rows(
      image.attributes,
      [
        "table_catalog": { _ in catalog },
        "table_schema": { .text(image.relations[$0.relation].schema.name) },
        "table_name": { .text(image.relations[$0.relation].table.name) },
        "column_name": { .text(column($0).name) },
        "ordinal_position": { .integer(Int64($0.column + 1)) },
        "is_nullable": { .text(column($0).isNullable ? "YES" : "NO") },
        "data_type": { .text(dataType(entry($0))) },
        "character_octet_length": { number(entry($0)?.category == "S" ? 1 << 30 : nil) },
        "numeric_precision": { number(precision(column($0).type)) },
        "numeric_precision_radix": { number(radix(column($0).type)) },
        "numeric_scale": { number(scale(column($0).type)) },
        "datetime_precision": { number(column($0).type == .timestamp ? 6 : nil) },
        "udt_catalog": { _ in catalog },
        "udt_schema": { .text(entry($0)?.schema ?? "pg_catalog") },
        "udt_name": { .text(entry($0)?.name ?? "text") },
        "dtd_identifier": { .text(String($0.column + 1)) },
        "is_self_referencing": { _ in .text("NO") }, "is_identity": { _ in .text("NO") },
        "identity_cycle": { _ in .text("NO") }, "is_generated": { _ in .text("NEVER") },
        "is_updatable": {
          .text(image.relations[$0.relation].table is VirtualTable ? "NO" : "YES")
        },
        "unit": { .optional(column($0).unit) }, "ucd": { .optional(column($0).ucd) },
        "utype": { .optional(column($0).utype) },
        "description": { .optional(column($0).description) },
      ])
  }

  private static func dataType(_ entry: PostgreSQLTypes.Entry?) -> String {
    guard let entry else { return "text" }
    if entry.category == "A" { return "ARRAY" }
    if entry.schema != "pg_catalog" { return "USER-DEFINED" }
    return PostgreSQLTypes.sqlNames[entry.name] ?? entry.name
  }

  private static func precision(_ type: LogicalType) -> Int64? {
    switch type {
    case .int8, .int16: 16
    case .int32: 32
    case .int64: 64
    case .float32: 24
    case .float64: 53
    case .decimal(let precision, _): Int64(precision)
    default: nil
    }
  }

  private static func radix(_ type: LogicalType) -> Int64? {
    if case .decimal = type { return 10 }
    return type.isNumeric ? 2 : nil
  }

  private static func scale(_ type: LogicalType) -> Int64? {
    if case .decimal(_, let scale) = type { return Int64(scale) }
    return type.isInteger ? 0 : nil
  }

  private static func routines(_ image: CatalogueImage, _ catalog: Value) -> Rows {
    Rows(
      image.functions,
      [
        "specific_catalog": { _ in catalog }, "routine_catalog": { _ in catalog },
        "specific_schema": { .optional(image.schema($0.schema)?.name) },
        "routine_schema": { .optional(image.schema($0.schema)?.name) },
        "specific_name": { .text("\($0.name)_\($0.oid)") }, "routine_name": { .text($0.name) },
        "routine_type": { .optional($0.kind == "f" ? "FUNCTION" : nil) },
        "data_type": { .optional(PostgreSQLTypes.text($0.resultType, modifier: nil)) },
        "routine_body": { _ in .text("EXTERNAL") }, "external_language": { _ in .text("INTERNAL") },
        "is_deterministic": { .text($0.isDeterministic ? "YES" : "NO") },
        "security_type": { _ in .text("INVOKER") },
      ])
  }

  private static func privileges(
    _ relations: [Relation], _ catalog: Value, _ owner: Value
  ) -> Rows {
    Rows(
      relations,
      [
        "grantor": { _ in owner }, "grantee": { _ in owner }, "table_catalog": { _ in catalog },
        "table_schema": { .text($0.schema.name) }, "table_name": { .text($0.table.name) },
        "privilege_type": { _ in .text("SELECT") }, "is_grantable": { _ in .text("YES") },
        "with_hierarchy": { _ in .text("YES") },
      ])
  }
}
