import Base
import FunctionKit
import Parsing
import Plans
import Vectors

/// A bound expression with what later binding needs to know about it.
struct BoundExpression {
  var expression: ScalarExpression
  /// A string literal or parameter that takes whatever type is wanted.
  var isUntyped = false
  /// Name and meaning for the result, when it is a plain column.
  var column: PlanColumn?
  var range: SourceRange

  init(
    _ expression: ScalarExpression, isUntyped: Bool = false, column: PlanColumn? = nil,
    range: SourceRange
  ) {
    self.expression = expression
    self.isUntyped = isUntyped
    self.column = column
    self.range = range
  }

  var type: LogicalType { expression.type }

  var argumentType: ArgumentType {
    if case .literal(.text, _) = expression, isUntyped {
      return ArgumentType(.text, isUntypedText: true)
    }
    if case .parameter = expression, isUntyped { return ArgumentType(.null) }
    return ArgumentType(type)
  }
}
