import Base
import FunctionKit
import Vectors

/// PostgreSQL's names for what lists have: every list has one dimension, counted from 1.
enum Arrays {
  private static let list = Quantity("list", .anyList)
  private static let dimension = Quantity("dimension", .integer)

  static let functions: [ScalarFunction] = [
    bound(
      "array_upper", "Gives the number of a list's last element; NULL for an empty one.",
      Example("array_upper(ARRAY[10, 20], 1)", gives: "2")
    ) { $0 },
    bound(
      "array_lower", "Gives the number of a list's first element: 1; NULL for an empty one.",
      Example("array_lower(ARRAY[10, 20], 1)", gives: "1")
    ) { _ in 1 },
    bound(
      "array_length", "Counts the elements of a list; NULL for an empty one.",
      Example("array_length(ARRAY[10, 20], 1)", gives: "2")
    ) { $0 },
    ScalarFunction(
      "array_ndims", takes: list, returns: Quantity("dimensions", LogicalType.int32),
      summary: "1 for a list, NULL for an empty one.",
      examples: [Example("array_ndims(ARRAY[10])", gives: "1")],
      kernel: each { (elements, _) in elements.isEmpty ? .null : .integer(1) }),
    ScalarFunction(
      "array_remove", takes: list, Quantity("element", .elementOf(0)),
      returns: Quantity("list", .sameAs(0)), summary: "Gives a list without an element.",
      examples: [Example("array_remove(ARRAY['a', 'b'], 'a')", gives: "{b}")],
      kernel: each { (elements, arguments) in
        .list(elements.filter { $0 != arguments[1] })
      }),
    ScalarFunction(
      "array_position", takes: list, Quantity("element", .elementOf(0)),
      returns: Quantity("index", LogicalType.int32),
      summary: "Gives the number of the first element that is equal; NULL without one.",
      examples: [Example("array_position(ARRAY['a', 'b'], 'b')", gives: "2")],
      kernel: each { (elements, arguments) in
        elements.firstIndex(of: arguments[1]).map { .integer(Int64($0 + 1)) } ?? .null
      }),
  ]

  private static func bound(
    _ name: String, _ summary: String, _ example: Example,
    _ answer: @escaping @Sendable (Int64) -> Int64
  ) -> ScalarFunction {
    ScalarFunction(
      name, takes: list, dimension, returns: Quantity("bound", LogicalType.int32),
      summary: summary, examples: [example],
      kernel: each { (elements, arguments) in
        guard arguments[1] == .integer(1), !elements.isEmpty else { return .null }
        return .integer(answer(Int64(elements.count)))
      })
  }

  private static func each(
    _ body: @escaping @Sendable (_ elements: [Value], _ arguments: [Value]) -> Value
  ) -> Kernel {
    .vectors { (arguments: [Vector], count: Int, type: LogicalType, _) throws(SQLError) -> Vector in
      Vector.of(
        (0..<count).map { row in
          let values = arguments.map { $0.value(at: row) }
          guard case .list(let elements) = values[0], !values.contains(where: \.isNull) else {
            return .null
          }
          return body(elements, values)
        }, type: type)
    }
  }
}
