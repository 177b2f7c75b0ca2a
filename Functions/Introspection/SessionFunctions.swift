import Base
import FunctionKit
import Vectors

/// What a session is: its user, its database, its settings.
enum SessionFunctions {
  private static let setting = Quantity("name", .text)

  static let functions: [ScalarFunction] =
    names + settings + [
      fact("pg_backend_pid", .int32, "Gives the number of this session.") {
        .integer(Int64($0.processID))
      },
      fact("pg_is_in_recovery", .boolean, "False: a database is never a copy being restored.") {
        _ in .boolean(false)
      },
      fact("pg_my_temp_schema", .int32, "0: there is no schema of temporary tables.") {
        _ in .integer(0)
      },
      fact("inet_server_addr", .text, "NULL: the server does not tell its address.") {
        _ in .null
      },
      fact("inet_server_port", .int32, "NULL: the server does not tell its port.") {
        _ in .null
      },
      fact("txid_current", .int64, "Gives the number of the transaction: always 1.") {
        _ in .integer(1)
      },
    ]

  private static let names: [ScalarFunction] = [
    fact(
      "version", .text, "Gives the version of PostgreSQL whose clients are understood.",
      example: "PostgreSQL 15.0 (Zij)"
    ) { .text("PostgreSQL \($0.setting("server_version") ?? "15.0")") },
    fact(
      "current_database", aliases: ["current_catalog"], .text, "Gives the database's name.",
      example: "memory"
    ) { .text($0.databaseName) },
    fact(
      "current_user", aliases: ["session_user", "user", "current_role"], .text,
      "Gives the name of the session's user.", example: "zij"
    ) { .text($0.userName) },
    fact(
      "current_schema", .text, "Gives the schema in which tables are made.", example: "public"
    ) { _ in .text("public") },
    AskingFunction.make(
      "current_schemas", [Quantity("with_system", .boolean)], returns: .list(.text),
      "Gives the schemas in which names without one are looked up.",
      example: ("current_schemas(true)", "{pg_catalog,public}")
    ) { (arguments, _) throws(SQLError) in
      let names = arguments[0] == .boolean(true) ? ["pg_catalog", "public"] : ["public"]
      return .list(names.map { .text($0) })
    },
  ]

  private static let settings: [ScalarFunction] = [
    AskingFunction.make(
      "current_setting", [setting], returns: .text, "Gives a setting's value.",
      example: ("current_setting('server_version_num')", "150000")
    ) { (arguments, facts) throws(SQLError) in
      try value(arguments[0].asText, facts, isOptional: false)
    },
    AskingFunction.make(
      "current_setting", [setting, Quantity("missing_ok", .boolean)], returns: .text,
      "Gives a setting's value, NULL for an unknown one.",
      example: ("current_setting('unheard.of', true)", "NULL")
    ) { (arguments, facts) throws(SQLError) in
      try value(arguments[0].asText, facts, isOptional: arguments[1] == .boolean(true))
    },
    AskingFunction.make(
      "set_config", [setting, Quantity("value", .text), Quantity("is_local", .boolean)],
      returns: .text, "Changes a setting from the next statement on and gives its new value.",
      example: ("set_config('application_name', 'tests', false)", "tests")
    ) { (arguments, facts) throws(SQLError) in
      try facts.changeSetting(arguments[0].asText, to: arguments[1].asText)
      return arguments[1]
    },
  ]

  private static func value(
    _ name: String, _ facts: any SessionFacts, isOptional: Bool
  ) throws(SQLError) -> Value {
    if let value = facts.setting(name) { return .text(value) }
    if isOptional { return .null }
    throw SQLError(
      .undefinedObject, "setting does not exist: \"\(name)\"", hint: "SHOW ALL lists them.")
  }

  private static func fact(
    _ name: String, aliases: [String] = [], _ type: LogicalType, _ summary: String,
    example: String? = nil, _ body: @escaping @Sendable (any SessionFacts) -> Value
  ) -> ScalarFunction {
    AskingFunction.make(
      name, aliases: aliases, [], returns: type, summary, example: example.map { ("\(name)()", $0) }
    ) { (_, facts) throws(SQLError) in body(facts) }
  }
}
