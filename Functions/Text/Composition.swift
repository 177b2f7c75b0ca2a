import Base
import FunctionKit
import Vectors

/// Texts put together of values: by a pattern, as JSON. Like PostgreSQL's they are not computed before
/// a query runs.
enum Composition {
  static let functions: [ScalarFunction] = [
    ScalarFunction(
      "format", takes: Quantity("pattern", .text), Quantity("values", .any), variadic: true,
      returns: Quantity("text", .text),
      summary: "Puts values into a pattern: %s as text, %I as a name of SQL, %L as a literal, %%.",
      examples: [
        Example("format('%s has %s stars', 'M45', 1400)", gives: "M45 has 1400 stars"),
        Example("format('%I = %L', 'Two words', 'it''s')", gives: "\"Two words\" = 'it''s'"),
      ], nulls: .custom, isDeterministic: false,
      kernel: .vectors {
        (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
        var answers: [Value] = []
        for row in 0..<count {
          guard case .text(let pattern) = arguments[0].value(at: row) else {
            answers.append(.null)
            continue
          }
          let values = try arguments.dropFirst().map { (value) throws(SQLError) in
            try text(of: value, row)
          }
          do throws(SQLError) {
            answers.append(.text(try filled(pattern, values)))
          } catch {
            throw context.range.map { error.at($0) } ?? error
          }
        }
        return Vector.of(answers, type: type)
      }),
    ScalarFunction(
      "json_build_object", takes: Quantity("keys_and_values", .any), variadic: true,
      returns: Quantity("json", .text),
      summary: "Writes a JSON object of names and values by turns.",
      examples: [
        Example(
          "json_build_object('id', 7, 'ok', true, 'note', NULL)",
          gives: "{\"id\" : 7, \"ok\" : true, \"note\" : null}")
      ], nulls: .custom, isDeterministic: false,
      kernel: .vectors {
        (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
        guard arguments.count.isMultiple(of: 2) else {
          throw SQLError(
            .invalidParameterValue, "a name without a value: \(arguments.count) arguments",
            at: context.range)
        }
        let flat = arguments.map { $0.flattenedDeeply() }
        return try Kernel.buildText(count, type, validity: nil, context) {
          (row, out) throws(SQLError) -> Bool in
          try appendObject(flat, row, into: &out)
          return true
        }
      }),
  ]

  private static func text(of vector: Vector, _ row: Int) throws(SQLError) -> String? {
    let value = vector.value(at: row)
    return try value.isNull ? nil : ValueText.text(of: value, type: vector.type)
  }

  /// `values` are taken in order; nil is NULL.
  private static func filled(_ pattern: String, _ values: [String?]) throws(SQLError) -> String {
    var result = ""
    var rest = pattern.unicodeScalars[...]
    var next = 0
    while let scalar = rest.popFirst() {
      guard scalar == "%" else {
        result.unicodeScalars.append(scalar)
        continue
      }
      guard let kind = rest.popFirst() else {
        throw SQLError(.invalidParameterValue, "pattern ends in a single %")
      }
      if kind == "%" {
        result += "%"
        continue
      }
      guard ["s", "I", "L"].contains(kind) else {
        throw SQLError(.invalidParameterValue, "unknown placeholder: %\(kind)")
      }
      guard next < values.count else {
        throw SQLError(.invalidParameterValue, "too few values for the pattern: \(values.count)")
      }
      let value = values[next]
      next += 1
      switch kind {
      case "I": result += Quoting.identifier(value ?? "")
      case "L": result += value.map(Quoting.literal) ?? "NULL"
      default: result += value ?? ""
      }
    }
    return result
  }

  /// Appends `{"name" : value, …}` of flat vectors, names and values by turns.
  private static func appendObject(
    _ arguments: [Vector], _ row: Int, into out: inout ByteWriter
  ) throws(SQLError) {
    out.append(UInt8(ascii: "{"))
    for index in stride(from: 0, to: arguments.count, by: 2) {
      if index > 0 { out.append(", ") }
      JSONText.append(string: try text(of: arguments[index], row) ?? "", into: &out)
      out.append(" : ")
      JSONText.append(arguments[index + 1], row, into: &out)
    }
    out.append(UInt8(ascii: "}"))
  }
}
