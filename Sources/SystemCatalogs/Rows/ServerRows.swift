import Vectors

/// What a server tells of itself: databases, roles, settings, sessions.
enum ServerRows {
  static func all(_ context: RowContext) -> [String: () -> Rows] {
    [
      "pg_database": { databases(context) }, "pg_tablespace": tablespaces,
      "pg_roles": { roles(context) }, "pg_authid": { roles(context) },
      "pg_user": { users(context) }, "pg_shadow": { users(context) },
      "pg_settings": { settings(context) }, "pg_stat_activity": { activity(context) },
      "pg_timezone_names": {
        Rows(
          ["UTC"],
          [
            "name": { .text($0) }, "abbrev": { .text($0) },
            "utc_offset": { _ in .text("00:00:00") }, "is_dst": { _ in .boolean(false) },
          ])
      },
    ]
  }

  /// The number of the only database there is: the first that PostgreSQL gives to users.
  private static let databaseOID: Int64 = 16_384

  private static func databases(_ context: RowContext) -> Rows {
    Rows(
      [context.databaseName],
      [
        "oid": { _ in .integer(databaseOID) }, "datname": { .text($0) },
        "datdba": { _ in .integer(ownerOID) }, "encoding": { _ in .integer(6) },
        "datlocprovider": { _ in .text("c") }, "datallowconn": { _ in .boolean(true) },
        "datconnlimit": { _ in .integer(-1) }, "dattablespace": { _ in .integer(1663) },
        "datcollate": { _ in .text("C") }, "datctype": { _ in .text("C") },
      ])
  }

  private static func tablespaces() -> Rows {
    Rows(
      [(Int64(1663), "pg_default"), (1664, "pg_global")],
      [
        "oid": { .integer($0.0) }, "spcname": { .text($0.1) },
        "spcowner": { _ in .integer(ownerOID) },
      ])
  }

  private static func roles(_ context: RowContext) -> Rows {
    Rows(
      [context.userName],
      [
        "oid": { _ in .integer(ownerOID) }, "rolname": { .text($0) },
        "rolsuper": { _ in .boolean(true) }, "rolinherit": { _ in .boolean(true) },
        "rolcreaterole": { _ in .boolean(true) }, "rolcreatedb": { _ in .boolean(true) },
        "rolcanlogin": { _ in .boolean(true) }, "rolreplication": { _ in .boolean(false) },
        "rolconnlimit": { _ in .integer(-1) }, "rolbypassrls": { _ in .boolean(true) },
      ])
  }

  private static func users(_ context: RowContext) -> Rows {
    Rows(
      [context.userName],
      [
        "usename": { .text($0) }, "usesysid": { _ in .integer(ownerOID) },
        "usecreatedb": { _ in .boolean(true) }, "usesuper": { _ in .boolean(true) },
        "userepl": { _ in .boolean(false) }, "usebypassrls": { _ in .boolean(true) },
      ])
  }

  private static func settings(_ context: RowContext) -> Rows {
    let settings = (context.facts?.settings ?? []).sorted { $0.name < $1.name }
    return Rows(
      settings,
      [
        "name": { .text($0.name) }, "setting": { .text($0.value) },
        "category": { _ in .text("Zij") }, "short_desc": { .text($0.summary) },
        "context": { _ in .text("user") }, "vartype": { _ in .text("string") },
        "source": { _ in .text("session") }, "boot_val": { .text($0.value) },
        "reset_val": { .text($0.value) }, "pending_restart": { _ in .boolean(false) },
      ])
  }

  private static func activity(_ context: RowContext) -> Rows {
    Rows(
      [context.facts?.processID ?? 0],
      [
        "datid": { _ in .integer(databaseOID) }, "datname": { _ in .text(context.databaseName) },
        "pid": { .integer(Int64($0)) }, "usesysid": { _ in .integer(ownerOID) },
        "usename": { _ in .text(context.userName) }, "state": { _ in .text("active") },
        "application_name": { _ in .optional(context.facts?.setting("application_name")) },
        "backend_type": { _ in .text("client backend") },
      ])
  }
}
