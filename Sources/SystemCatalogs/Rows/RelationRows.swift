import Catalog
import Vectors

/// `pg_namespace`, `pg_class`, `pg_tables` and their like.
enum RelationRows {
  typealias Relation = CatalogueImage.Relation

  static func all(_ context: RowContext) -> [String: () -> Rows] {
    let image = context.image
    return [
      "pg_namespace": {
        Rows(
          image.schemas,
          [
            "oid": { .integer($0.oid) }, "nspname": { .text($0.name) },
            "nspowner": { _ in .integer(ownerOID) },
          ])
      },
      "pg_class": { classes(image.relations) },
      "pg_tables": {
        Rows(
          image.relations.filter { $0.kind == "r" },
          [
            "schemaname": { .text($0.schema.name) }, "tablename": { .text($0.table.name) },
            "tableowner": { _ in .text(context.userName) },
            "hasindexes": { _ in .boolean(false) }, "hasrules": { _ in .boolean(false) },
            "hastriggers": { _ in .boolean(false) }, "rowsecurity": { _ in .boolean(false) },
          ])
      },
      "pg_views": {
        Rows(
          image.relations.filter { $0.kind == "v" },
          [
            "schemaname": { .text($0.schema.name) }, "viewname": { .text($0.table.name) },
            "viewowner": { _ in .text(context.userName) },
          ])
      },
      "pg_stat_user_tables": { statistics(image.relations.filter { !$0.isSystem }) },
      "pg_stat_all_tables": { statistics(image.relations) },
    ]
  }

  private static func classes(_ relations: [Relation]) -> Rows {
    Rows(
      relations, ascendingBy: ("oid", { $0.oid }),
      [
        "oid": { .integer($0.oid) }, "relname": { .text($0.table.name) },
        "relnamespace": { .integer($0.schema.oid) }, "relowner": { _ in .integer(ownerOID) },
        "relam": { .integer($0.kind == "r" ? 2 : 0) },
        "relfilenode": { .integer($0.kind == "r" ? $0.oid : 0) },
        "relpages": { .integer(min(rowCount($0) / 64, Int64(Int32.max))) },
        "reltuples": { .float32($0.kind == "r" ? Float(rowCount($0)) : -1) },
        "relpersistence": { _ in .text("p") }, "relkind": { .text($0.kind) },
        "relnatts": { .integer(Int64($0.columns.count)) },
        "relispopulated": { _ in .boolean(true) },
        "relreplident": { .text($0.isSystem ? "n" : "d") },
        "relhasrules": { .boolean($0.kind == "v") },
      ])
  }

  private static func statistics(_ relations: [Relation]) -> Rows {
    Rows(
      relations.filter { $0.kind == "r" }, ascendingBy: ("relid", { $0.oid }),
      [
        "relid": { .integer($0.oid) }, "schemaname": { .text($0.schema.name) },
        "relname": { .text($0.table.name) }, "n_live_tup": { .integer(rowCount($0)) },
        "n_dead_tup": { _ in .integer(0) },
      ])
  }

  /// Rows of a stored table; 0 for one whose rows are made when asked for.
  static func rowCount(_ relation: Relation) -> Int64 {
    if relation.table is VirtualTable { return 0 }
    return Int64((try? relation.table.snapshot())?.rowCount ?? 0)
  }
}
