import Base
import Parsing

/// Functions that give rows, as lists that are unnested: so their arguments may be columns.
enum SeriesCalls {
  /// The list whose elements are the rows of a call; nil for calls of other functions.
  static func list(
    _ name: QualifiedName, _ arguments: [Expression], _ range: SourceRange
  ) -> Expression? {
    guard name.parts.count == 1 || name.parts[0].text.lowercased() == "pg_catalog" else {
      return nil
    }
    func call(_ name: String, _ arguments: [Expression]) -> Expression {
      let name = QualifiedName([Identifier(name, range: range)])
      return .call(FunctionCall(name: name, arguments: arguments, range: range))
    }
    switch name.last.text.lowercased() {
    case "unnest" where arguments.count == 1: return arguments[0]
    case "generate_series": return call("list_series", arguments)
    case "generate_subscripts" where arguments.count == 2:
      let one = Expression.literal(.integer("1"), range)
      return call("list_series", [one, call("cardinality", [arguments[0]])])
    default: return nil
    }
  }

  /// Surely without columns and subqueries.
  static func isPlain(_ expression: Expression) -> Bool {
    switch expression {
    case .literal, .parameter: true
    case .unary(_, let inner, _), .cast(let inner, _, _): isPlain(inner)
    case .chain(let first, let rest, _): isPlain(first) && rest.allSatisfy { isPlain($0.operand) }
    case .call(let call): call.window == nil && call.arguments.allSatisfy(isPlain)
    default: false
    }
  }
}
