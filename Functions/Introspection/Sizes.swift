import Base
import FunctionKit
import Vectors

/// Sizes of tables and of the database.
enum Sizes {
  static let functions: [ScalarFunction] =
    [
      AskingFunction.make(
        "pg_table_size", aliases: ["pg_relation_size", "pg_total_relation_size"],
        [AskingFunction.relation], returns: .int64, "Gives the bytes of a table's columns."
      ) { (arguments, facts) throws(SQLError) in
        facts.names.sizeBytes(ofTable: arguments[0].asInteger).map { .integer($0) } ?? .null
      },
      AskingFunction.make(
        "pg_indexes_size", [AskingFunction.relation], returns: .int64, "0: there are no indexes."
      ) { (_, _) throws(SQLError) in .integer(0) },
      AskingFunction.make(
        "pg_database_size", [Quantity("database", .any)], returns: .int64,
        "Gives the bytes of all tables' columns."
      ) { (_, facts) throws(SQLError) in .integer(facts.names.sizeBytes) },
      ScalarFunction(
        "pg_size_pretty", takes: Quantity("size", .integer, unit: "byte"),
        returns: Quantity("text", .text), summary: "Gives a size in a unit that suits it.",
        examples: [
          Example("pg_size_pretty(10239)", gives: "10239 bytes"),
          Example("pg_size_pretty(10240)", gives: "10 kB"),
          Example("pg_size_pretty(-20971520)", gives: "-20 MB"),
        ],
        kernel: .vectors {
          (arguments: [Vector], count: Int, type: LogicalType, _) throws(SQLError) -> Vector in
          Vector.of(
            (0..<count).map { row in
              guard case .integer(let size) = arguments[0].value(at: row) else { return .null }
              return .text(text(size))
            }, type: type)
        }),
    ]

  /// PostgreSQL's rule: the first unit in which the number has at most four digits, rounded.
  private static func text(_ size: Int64) -> String {
    var magnitude = size.magnitude
    let sign = size < 0 ? "-" : ""
    if magnitude < 10 * 1024 { return "\(sign)\(magnitude) bytes" }
    // Twice the number of units, so that halves can be rounded up.
    magnitude >>= 9
    let units = ["kB", "MB", "GB", "TB", "PB"]
    for (index, unit) in units.enumerated() {
      let rounded = (magnitude + 1) / 2
      if rounded < 10 * 1024 || index == units.count - 1 { return "\(sign)\(rounded) \(unit)" }
      magnitude >>= 10
    }
    return ""
  }
}
