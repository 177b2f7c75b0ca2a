import Vectors

/// `pg_type`, `pg_proc` and the small tables about languages, access methods and collations.
enum TypeRows {
  static func all(_ context: RowContext) -> [String: () -> Rows] {
    let image = context.image
    return [
      "pg_type": types, "pg_proc": { functions(image.functions) }, "pg_language": languages,
      "pg_collation": collations, "pg_am": accessMethods,
      "pg_aggregate": {
        Rows(
          image.functions.filter { $0.kind == "a" },
          [
            "aggfnoid": { .integer($0.oid) }, "aggkind": { _ in .text("n") },
            "aggfinalmodify": { _ in .text("r") }, "aggmfinalmodify": { _ in .text("r") },
          ])
      },
    ]
  }

  private static func types() -> Rows {
    Rows(
      PostgreSQLTypes.all, ascendingBy: ("oid", { $0.oid }),
      [
        "oid": { .integer($0.oid) }, "typname": { .text($0.name) },
        "typnamespace": { .integer($0.schema == "pg_catalog" ? 11 : 16_640) },
        "typowner": { _ in .integer(ownerOID) }, "typlen": { .integer($0.length) },
        "typbyval": { .boolean($0.isByValue) }, "typtype": { .text($0.kind) },
        "typcategory": { .text($0.category) }, "typispreferred": { .boolean($0.isPreferred) },
        "typisdefined": { _ in .boolean(true) }, "typdelim": { .text($0.delimiter) },
        "typsubscript": { .integer($0.subscriptFunction) }, "typelem": { .integer($0.element) },
        "typarray": { .integer($0.array) }, "typinput": { .integer($0.functions[0]) },
        "typoutput": { .integer($0.functions[1]) }, "typreceive": { .integer($0.functions[2]) },
        "typsend": { .integer($0.functions[3]) }, "typmodin": { .integer($0.functions[4]) },
        "typmodout": { .integer($0.functions[5]) }, "typanalyze": { .integer($0.functions[6]) },
        "typalign": { .text($0.alignment) }, "typstorage": { .text($0.storage) },
        "typtypmod": { _ in .integer(-1) }, "typcollation": { .integer($0.collation) },
      ])
  }

  private static func functions(_ functions: [CatalogueFunction]) -> Rows {
    Rows(
      functions, ascendingBy: ("oid", { $0.oid }),
      [
        "oid": { .integer($0.oid) }, "proname": { .text($0.name) },
        "pronamespace": { .integer($0.schema) }, "proowner": { _ in .integer(ownerOID) },
        "prolang": { _ in .integer(12) }, "procost": { _ in .float32(1) },
        "prorows": { .float32($0.isSet ? 1000 : 0) }, "prokind": { .text($0.kind) },
        "provariadic": { .integer($0.isVariadic ? $0.argumentTypes.last ?? 0 : 0) },
        "proisstrict": { .boolean($0.isStrict) }, "proretset": { .boolean($0.isSet) },
        "provolatile": { .text($0.isDeterministic ? "i" : "s") },
        "proparallel": { _ in .text("s") }, "pronargs": { .integer(Int64($0.argumentTypes.count)) },
        "prorettype": { .integer($0.resultType) },
        "proargtypes": { .integers($0.argumentTypes) },
        "proargnames": { $0.argumentNames.isEmpty ? .null : .texts($0.argumentNames) },
        "prosrc": { .text($0.name) },
      ])
  }

  private static func languages() -> Rows {
    Rows(
      [(Int64(12), "internal"), (13, "c"), (14, "sql")],
      [
        "oid": { .integer($0.0) }, "lanname": { .text($0.1) },
        "lanowner": { _ in .integer(ownerOID) }, "lanpltrusted": { .boolean($0.0 == 14) },
      ])
  }

  private static func collations() -> Rows {
    Rows(
      [(Int64(100), "default", "d"), (950, "C", "c"), (951, "POSIX", "c")],
      [
        "oid": { .integer($0.0) }, "collname": { .text($0.1) },
        "collnamespace": { _ in .integer(11) }, "collowner": { _ in .integer(ownerOID) },
        "collprovider": { .text($0.2) }, "collisdeterministic": { _ in .boolean(true) },
        "collencoding": { _ in .integer(-1) },
        "collcollate": { $0.2 == "d" ? .null : .text($0.1) },
        "collctype": { $0.2 == "d" ? .null : .text($0.1) },
      ])
  }

  private static func accessMethods() -> Rows {
    Rows(
      [(Int64(2), "heap", "heap_tableam_handler")],
      [
        "oid": { .integer($0.0) }, "amname": { .text($0.1) }, "amtype": { _ in .text("t") },
        "amhandler": { .integer(PostgreSQLFunctions.oid($0.2)) },
      ])
  }
}
