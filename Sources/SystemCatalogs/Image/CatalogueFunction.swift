import Catalog
import FunctionKit
import Vectors

/// One overload of a function as `pg_proc` tells of it.
struct CatalogueFunction: Sendable {
  let oid: Int64
  let schema: Int64
  let name: String
  /// "f", "a" for aggregates, "w" for window functions.
  let kind: String
  let argumentTypes: [Int64]
  let argumentNames: [String]
  let resultType: Int64
  let isSet: Bool
  let isStrict: Bool
  let isDeterministic: Bool
  let isVariadic: Bool
  let summary: String?

  /// "lon double precision, lat double precision".
  var arguments: String {
    zip(argumentNames + Array(repeating: "", count: argumentTypes.count), argumentTypes)
      .map { name, type in
        let text = PostgreSQLTypes.text(type, modifier: nil) ?? "-"
        return name.isEmpty ? text : "\(name) \(text)"
      }.joined(separator: ", ")
  }

  var result: String {
    (isSet ? "SETOF " : "") + (PostgreSQLTypes.text(resultType, modifier: nil) ?? "-")
  }

  static func all(of set: FunctionSet, _ numbers: inout ObjectNumbers) -> [CatalogueFunction] {
    var result = PostgreSQLFunctions.all.map { entry in
      CatalogueFunction(
        oid: entry.oid, schema: 11, name: entry.name, kind: "f", argumentTypes: entry.arguments,
        argumentNames: [], resultType: entry.result, isSet: false, isStrict: true,
        isDeterministic: true, isVariadic: false, summary: nil)
    }
    for function in set.scalars where isName(function.name) {
      result.append(
        CatalogueFunction(
          function.name, "f", function.parameters, function.result, function.summary, &numbers,
          isStrict: function.nulls == .propagate, isDeterministic: function.isDeterministic,
          isVariadic: function.isVariadic))
    }
    for function in set.aggregates {
      result.append(
        CatalogueFunction(
          function.name, "a", function.parameters, function.result, function.summary, &numbers))
    }
    for function in set.windows {
      result.append(
        CatalogueFunction(
          function.name, "w", function.parameters, function.result, function.summary, &numbers))
    }
    for function in set.tables {
      let row = function.columns.count == 1 ? function.columns[0].type : .structure([])
      result.append(
        CatalogueFunction(
          function.name, "f", function.parameters, Quantity("row", .exactly(row)),
          function.summary, &numbers, isSet: true))
    }
    return result.sorted { $0.oid < $1.oid }
  }

  /// Operators are functions whose name is a symbol.
  private static func isName(_ name: String) -> Bool {
    name.utf8.first.map { (97...122).contains($0 | 32) || $0 == 95 } ?? false
  }

  private init(
    oid: Int64, schema: Int64, name: String, kind: String, argumentTypes: [Int64],
    argumentNames: [String], resultType: Int64, isSet: Bool, isStrict: Bool,
    isDeterministic: Bool, isVariadic: Bool, summary: String?
  ) {
    self.oid = oid
    self.schema = schema
    self.name = name
    self.kind = kind
    self.argumentTypes = argumentTypes
    self.argumentNames = argumentNames
    self.resultType = resultType
    self.isSet = isSet
    self.isStrict = isStrict
    self.isDeterministic = isDeterministic
    self.isVariadic = isVariadic
    self.summary = summary
  }

  private init(
    _ name: String, _ kind: String, _ parameters: [Quantity], _ result: Quantity, _ summary: String,
    _ numbers: inout ObjectNumbers, isSet: Bool = false, isStrict: Bool = true,
    isDeterministic: Bool = true, isVariadic: Bool = false
  ) {
    let types = parameters.map { Self.typeOID($0.type) }
    self.init(
      oid: numbers.number(for: "function \(name) \(types)"), schema: Self.schema(of: name),
      name: name, kind: kind, argumentTypes: types, argumentNames: parameters.map(\.name),
      resultType: Self.typeOID(result.type), isSet: isSet, isStrict: isStrict,
      isDeterministic: isDeterministic, isVariadic: isVariadic, summary: summary)
  }

  /// What PostgreSQL's clients call is in pg_catalog, what astronomers call in `zij`.
  private static func schema(of name: String) -> Int64 {
    let prefixes = ["pg_", "has_", "current_", "inet_", "to_reg", "txid_", "object_"]
    return prefixes.contains { name.hasPrefix($0) } ? 11 : 16_640
  }

  /// Pseudotypes for parameters that take several types.
  private static func typeOID(_ type: ParameterType) -> Int64 {
    switch type {
    case .exactly(let logical): Int64(PostgresType.oid(of: logical))
    case .any: 2276
    case .anyNumber, .anyOrdered, .sameAs, .elementOf: 2283
    case .anyList, .listOf: 2277
    case .anyDecimal, .decimalResult: 1700
    }
  }
}
