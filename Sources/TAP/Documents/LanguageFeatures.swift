import Base
import Engine
import FunctionKit
import Vectors

/// What the language can do beyond the core of ADQL (TAPRegExt 1.0, section 2.3). Every form is
/// announced because a query that uses it can be prepared, and functions because they are in the
/// catalogue of functions.
struct LanguageFeatures: Sendable {
  struct Group: Sendable {
    var identifier: String
    var forms: [(form: String, description: String?)]
  }

  let groups: [Group]

  private static let prefix = "ivo://ivoa.net/std/TAPRegExt#features-"

  init(_ database: Database) {
    let session = database.makeSession(access: .queries)
    func works(_ sql: String) -> Bool {
      do throws(SQLError) {
        try session.set("dialect", to: "adql")
        _ = try session.prepare(sql)
        return true
      } catch {
        return false
      }
    }
    var groups = [Group(identifier: Self.prefix + "udf", forms: Self.functions(database.functions))]
    for (name, probes) in Self.probes {
      let forms = probes.filter { works($0.query) }
        .map { (form: $0.form, description: String?.none) }
      if !forms.isEmpty { groups.append(Group(identifier: Self.prefix + name, forms: forms)) }
    }
    self.groups = groups
  }

  // MARK: Forms of ADQL

  private static func call(_ name: String, _ arguments: String) -> (form: String, query: String) {
    (name, "SELECT \(name)(\(arguments)) AS x FROM TAP_SCHEMA.tables AS t")
  }

  private static let probes: [(String, [(form: String, query: String)])] = [
    (
      "adqlgeo",
      [
        call("POINT", "1, 2"), call("CIRCLE", "1, 2, 3"), call("BOX", "1, 2, 3, 4"),
        call("POLYGON", "0, 0, 1, 0, 0, 1"), call("REGION", "'Circle 1 2 3'"),
        call("CENTROID", "CIRCLE(1, 2, 3)"), call("AREA", "CIRCLE(1, 2, 3)"),
        call("DISTANCE", "POINT(1, 2), POINT(3, 4)"),
        call("CONTAINS", "POINT(1, 2), CIRCLE(1, 2, 3)"),
        call("INTERSECTS", "CIRCLE(1, 2, 3), CIRCLE(1, 2, 3)"), call("COORD1", "POINT(1, 2)"),
        call("COORD2", "POINT(1, 2)"), call("COORDSYS", "POINT(1, 2)"),
      ]
    ),
    (
      "adql-string",
      [
        call("LOWER", "'A'"), call("UPPER", "'a'"),
        ("ILIKE", "SELECT table_name FROM TAP_SCHEMA.tables WHERE table_name ILIKE 'T%'"),
      ]
    ),
    (
      "adql-common-table",
      [
        (
          "WITH",
          "WITH t AS (SELECT table_name FROM TAP_SCHEMA.tables) SELECT table_name FROM t"
        )
      ]
    ),
    ("adql-sets", [setOperation("UNION"), setOperation("EXCEPT"), setOperation("INTERSECT")]),
    ("adql-type", [("CAST", "SELECT CAST(table_index AS BIGINT) AS x FROM TAP_SCHEMA.tables")]),
    ("adql-conditional", [call("COALESCE", "table_index, 0")]),
    ("adql-unit", [("IN_UNIT", "SELECT IN_UNIT(table_index, 'm') AS x FROM TAP_SCHEMA.tables")]),
    (
      "adql-offset",
      [("OFFSET", "SELECT table_name FROM TAP_SCHEMA.tables ORDER BY table_name OFFSET 1")]
    ),
  ]

  private static func setOperation(_ word: String) -> (form: String, query: String) {
    (
      word,
      "SELECT table_name FROM TAP_SCHEMA.tables \(word) SELECT table_name FROM TAP_SCHEMA.columns"
    )
  }

  // MARK: Functions

  /// Functions of ADQL itself are no user-defined ones.
  private static let standard: Set<String> = [
    "abs", "acos", "area", "asin", "atan", "atan2", "avg", "box", "ceiling", "centroid", "circle",
    "coalesce", "contains", "coord1", "coord2", "coordsys", "cos", "cot", "count", "degrees",
    "distance", "exp", "floor", "in_unit", "intersects", "log", "log10", "lower", "max", "min",
    "mod", "pi", "point", "polygon", "power", "radians", "rand", "region", "round", "sin", "sqrt",
    "sum", "tan", "truncate", "upper",
  ]

  private static func functions(
    _ functions: FunctionSet
  ) -> [(form: String, description: String?)] {
    var forms: [(form: String, description: String?)] = []
    var seen: Set<String> = []
    func add(_ name: String, _ parameters: [Quantity], _ result: Quantity, _ summary: String) {
      guard isName(name), !standard.contains(name.lowercased()),
        let form = form(name, parameters, result), seen.insert(form).inserted
      else { return }
      forms.append((form, summary))
    }
    for function in functions.scalars {
      for name in [function.name] + function.aliases {
        add(name, function.parameters, function.result, function.summary)
      }
    }
    for function in functions.aggregates {
      for name in [function.name] + function.aliases {
        add(name, function.parameters, function.result, function.summary)
      }
    }
    return forms.sorted { $0.form < $1.form }
  }

  /// Operators have other names.
  private static func isName(_ name: String) -> Bool {
    name.utf8.first.map { ($0 | 0x20) >= 97 && ($0 | 0x20) <= 122 } ?? false
      && name.utf8.allSatisfy { byte in
        byte == 95 || (48...57).contains(byte) || (97...122).contains(byte | 0x20)
      }
  }

  /// `name(a DOUBLE, b INTEGER) -> DOUBLE`; nil where a type has no name in ADQL.
  private static func form(
    _ name: String, _ parameters: [Quantity], _ result: Quantity
  ) -> String? {
    var list: [String] = []
    for parameter in parameters {
      guard let type = type(parameter.type, parameters) else { return nil }
      list.append("\(argument(parameter.name)) \(type)")
    }
    guard let answer = type(result.type, parameters) else { return nil }
    return "\(name)(\(list.joined(separator: ", "))) -> \(answer)"
  }

  private static func argument(_ name: String) -> String { isName(name) ? name : "x" }

  private static func type(_ type: ParameterType, _ parameters: [Quantity]) -> String? {
    switch type {
    case .exactly(let logical): name(of: logical)
    case .anyNumber, .anyDecimal, .decimalResult: "DOUBLE"
    case .sameAs(let index):
      parameters.indices.contains(index)
        ? same(parameters[index].type) : nil
    case .any, .anyOrdered, .anyList, .elementOf, .listOf: nil
    }
  }

  private static func same(_ type: ParameterType) -> String? {
    switch type {
    case .exactly(let logical): name(of: logical)
    case .anyNumber, .anyDecimal: "DOUBLE"
    default: nil
    }
  }

  private static func name(of type: LogicalType) -> String? {
    switch type {
    case .int8, .int16: "SMALLINT"
    case .int32, .boolean: "INTEGER"
    case .int64: "BIGINT"
    case .float32: "REAL"
    case .float64, .decimal: "DOUBLE"
    case .text: "VARCHAR"
    case .date, .timestamp: "TIMESTAMP"
    case .binary: "BLOB"
    case .point: "POINT"
    case .circle, .polygon: "REGION"
    case .null, .list, .structure, .map: nil
    }
  }
}
