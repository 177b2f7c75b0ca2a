import Base
import FunctionKit
import Vectors

/// Whether somebody may do something. A database has one owner, who may do all that it can do.
enum Privileges {
  private static let user = Quantity("user", .any)
  private static let privilege = Quantity("privilege", .text)

  static let functions: [ScalarFunction] =
    [
      "database", "schema", "table", "any_column", "function", "sequence", "tablespace", "type",
      "language", "foreign_data_wrapper", "server",
    ].flatMap { kind -> [ScalarFunction] in
      let object = Quantity(kind, .any)
      return [
        function("has_\(kind)_privilege", [object, privilege]),
        function("has_\(kind)_privilege", [user, object, privilege]),
      ]
    } + [
      function(
        "has_column_privilege", [Quantity("table", .any), Quantity("column", .any), privilege]),
      function(
        "has_column_privilege",
        [user, Quantity("table", .any), Quantity("column", .any), privilege]),
      function("pg_has_role", [Quantity("role", .any), privilege]),
      function("pg_has_role", [user, Quantity("role", .any), privilege]),
    ]

  private static func function(_ name: String, _ parameters: [Quantity]) -> ScalarFunction {
    AskingFunction.make(
      name, parameters, returns: .boolean,
      "True unless a privilege to write is asked for in a database opened for reading."
    ) { (arguments, facts) throws(SQLError) in
      let wanted = arguments[arguments.count - 1].asText.lowercased()
      let isReading = ["select", "usage", "connect", "execute", "member", "references"]
        .contains { wanted.hasPrefix($0) }
      return .boolean(isReading || !facts.isReadOnly)
    }
  }
}
