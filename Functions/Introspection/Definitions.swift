import Base
import FunctionKit
import Vectors

/// What clients of PostgreSQL ask about the objects of a catalogue. What Zij has
/// not, such as triggers, has no text.
enum Definitions {
  private static let object = AskingFunction.object
  private static let isPretty = Quantity("pretty", .boolean)

  static let functions: [ScalarFunction] = comments + routines + nothing + [
    AskingFunction.make(
      "pg_get_userbyid", [Quantity("role", .integer)], returns: .text, "Gives a role's name."
    ) { (arguments, facts) throws(SQLError) in
      let oid = arguments[0].asInteger
      return .text(oid == 10 ? facts.userName : "unknown (OID=\(oid))")
    },
    AskingFunction.make(
      "pg_encoding_to_char", [Quantity("encoding", .integer)], returns: .text,
      "Gives an encoding's name.", example: ("pg_encoding_to_char(6)", "UTF8")
    ) { (arguments, _) throws(SQLError) in
      switch arguments[0].asInteger {
      case 0: .text("SQL_ASCII")
      case 6: .text("UTF8")
      default: .text("")
      }
    },
    AskingFunction.make(
      "pg_char_to_encoding", [Quantity("name", .text)], returns: .int32,
      "Gives an encoding's number.", example: ("pg_char_to_encoding('UTF8')", "6")
    ) { (arguments, _) throws(SQLError) in
      switch arguments[0].asText.uppercased() {
      case "UTF8", "UTF-8", "UNICODE": .integer(6)
      case "SQL_ASCII": .integer(0)
      default: .integer(-1)
      }
    },
    AskingFunction.make(
      "getdatabaseencoding", [], returns: .text, "Gives the name of the database's encoding.",
      example: ("getdatabaseencoding()", "UTF8")
    ) { (_, _) throws(SQLError) in .text("UTF8") },
    AskingFunction.make(
      "pg_relation_is_publishable", [object], returns: .boolean, "False: nothing is replicated."
    ) { (_, _) throws(SQLError) in .boolean(false) },
    AskingFunction.make(
      "pg_tablespace_location", [object], returns: .text, "Empty: all is in one place."
    ) { (_, _) throws(SQLError) in .text("") },
    AskingFunction.make(
      "pg_stat_get_numscans", [object], returns: .int64, "0: scans are not counted."
    ) { (_, _) throws(SQLError) in .integer(0) },
  ]

  private static let comments: [ScalarFunction] = [
    AskingFunction.make(
      "obj_description", [object, Quantity("catalog", .text)], returns: .text,
      "Gives what the catalogue says of an object: of a table, of a function."
    ) { (arguments, facts) throws(SQLError) in
      .optional(
        facts.names.comment(on: arguments[0].asInteger, column: 0, in: arguments[1].asText))
    },
    AskingFunction.make(
      "obj_description", [object], returns: .text, "Gives what the catalogue says of an object."
    ) { (arguments, facts) throws(SQLError) in
      .optional(facts.names.comment(on: arguments[0].asInteger, column: 0, in: nil))
    },
    AskingFunction.make(
      "col_description", [object, Quantity("column", .integer)], returns: .text,
      "Gives a column's unit in brackets, its description, and its UCD in parentheses."
    ) { (arguments, facts) throws(SQLError) in
      let column = Int(truncatingIfNeeded: max(0, arguments[1].asInteger))
      if column == 0 { return .null }
      return .optional(
        facts.names.comment(on: arguments[0].asInteger, column: column, in: "pg_class"))
    },
    nullText("shobj_description", [object, Quantity("catalog", .text)]),
  ]

  private static let routines: [ScalarFunction] = [
    AskingFunction.make(
      "pg_get_function_arguments", aliases: ["pg_get_function_identity_arguments"], [object],
      returns: .text, "Gives the arguments of a function."
    ) { (arguments, facts) throws(SQLError) in
      .optional(facts.names.signature(of: arguments[0].asInteger)?.arguments)
    },
    AskingFunction.make(
      "pg_get_function_result", [object], returns: .text, "Gives the type of a function's result."
    ) { (arguments, facts) throws(SQLError) in
      .optional(facts.names.signature(of: arguments[0].asInteger)?.result)
    },
  ]

  private static let nothing: [ScalarFunction] = [
    nullText("pg_get_functiondef", [object]), nullText("pg_get_function_sqlbody", [object]),
    nullText("pg_get_function_arg_default", [object, Quantity("n", .integer)]),
    nullText("pg_get_expr", [Quantity("tree", .text), object]),
    nullText("pg_get_expr", [Quantity("tree", .text), object, isPretty]),
    nullText("pg_get_constraintdef", [object]),
    nullText("pg_get_constraintdef", [object, isPretty]),
    nullText("pg_get_indexdef", [object]),
    nullText("pg_get_indexdef", [object, Quantity("column", .integer), isPretty]),
    nullText("pg_get_viewdef", [object]), nullText("pg_get_viewdef", [object, isPretty]),
    nullText("pg_get_triggerdef", [object]), nullText("pg_get_triggerdef", [object, isPretty]),
    nullText("pg_get_ruledef", [object]), nullText("pg_get_ruledef", [object, isPretty]),
    nullText("pg_get_partkeydef", [object]), nullText("pg_get_partition_constraintdef", [object]),
    nullText("pg_get_statisticsobjdef", [object]),
    nullText("pg_get_statisticsobjdef_columns", [object]),
    nullText("pg_get_serial_sequence", [Quantity("table", .text), Quantity("column", .text)]),
  ]

  /// A function about objects that there are none of.
  private static func nullText(_ name: String, _ parameters: [Quantity]) -> ScalarFunction {
    AskingFunction.make(
      name, parameters, returns: .text, "NULL: Zij has no such objects, or they have no text."
    ) { (_, _) throws(SQLError) in .null }
  }
}
