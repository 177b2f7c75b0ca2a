import Base
import FunctionKit
import Vectors

/// Functions that ask the session or its catalogue. They work value by value: catalogues are small.
enum AskingFunction {
  typealias Body =
    @Sendable (_ arguments: [Value], _ facts: any SessionFacts) throws(SQLError) -> Value

  /// NULL for any NULL argument unless `nulls` is `.custom`.
  static func make(
    _ name: String, aliases: [String] = [], _ parameters: [Quantity], returns type: LogicalType,
    _ summary: String, example: (sql: String, answer: String)? = nil, nulls: NullRule = .propagate,
    _ body: @escaping Body
  ) -> ScalarFunction {
    var function = ScalarFunction(
      name, aliases: aliases, returns: Quantity("result", .exactly(type)), summary: summary,
      examples: example.map { [Example($0.sql, gives: $0.answer)] } ?? [], nulls: nulls,
      isDeterministic: false,
      kernel: .vectors {
        (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
        let facts = try context.requireFacts()
        let isConstant = arguments.allSatisfy(\.isConstant)
        var answers: [Value] = []
        for row in 0..<(isConstant ? min(count, 1) : count) {
          let values = arguments.map { $0.value(at: row) }
          if nulls == .propagate, values.contains(where: \.isNull) {
            answers.append(.null)
            continue
          }
          do throws(SQLError) {
            answers.append(try body(values, facts))
          } catch {
            throw context.range.map { error.at($0) } ?? error
          }
        }
        if isConstant, let answer = answers.first {
          return Vector.constant(answer, type: type, count: count)
        }
        return Vector.of(answers, type: type)
      })
    function.parameters = parameters
    return function
  }

  static let object = Quantity("object", .integer)
  static let relation = Quantity("table", .integer)
}

extension Value {
  /// The text of a text argument; empty for others.
  var asText: String { if case .text(let text) = self { text } else { "" } }
  var asInteger: Int64 { if case .integer(let value) = self { value } else { 0 } }
  static func optional(_ text: String?) -> Value { text.map { .text($0) } ?? .null }
}
