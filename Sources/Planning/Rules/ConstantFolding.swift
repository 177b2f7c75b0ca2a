import Base
import FunctionKit
import Functions
import Plans
import Vectors

/// Replaces expressions without columns by their value. What would raise an error stays as it is, so
/// that the error comes only if the row is really reached.
public enum ConstantFolding {
  public static func fold(
    _ expression: ScalarExpression, functions: FunctionSet
  ) -> ScalarExpression {
    expression.rewritten { node in
      switch node {
      case .call: foldCall(node, functions: functions)
      case .cast: foldCast(node)
      case .and(let terms): foldConnective(terms, isAnd: true)
      case .or(let terms): foldConnective(terms, isAnd: false)
      case .not(.literal(.boolean(let value), _)): .literal(.boolean(!value), .boolean)
      case .not(.literal(.null, _)): .literal(.null, .boolean)
      case .isNull(.literal(let value, _), let isNegated):
        .literal(.boolean(value.isNull != isNegated), .boolean)
      default: node
      }
    }
  }

  /// Folds one call whose arguments are literals.
  public static func foldCall(
    _ node: ScalarExpression, functions: FunctionSet
  ) -> ScalarExpression {
    guard case .call(let call) = node else { return node }
    var values: [Vector] = []
    for (argument, type) in zip(call.arguments, call.argumentTypes) {
      guard case .literal(let value, _) = argument else { return node }
      values.append(Vector.constant(value, type: type, count: 1))
    }
    let arguments = call.argumentTypes.map { ArgumentType($0) }
    guard let resolved = try? functions.resolveScalar(call.name, arguments, at: nil),
      resolved.function.isDeterministic
    else { return node }
    var context = FunctionContext()
    context.isFolding = true
    guard
      let answer = try? resolved.function.evaluate(
        values, count: 1, returning: call.type, in: context), context.warnings.all.isEmpty
    else { return node }
    guard elementCount(of: answer) <= max(mostElements, values.reduce(0) { $0 + elementCount(of: $1) })
    else { return node }
    return .literal(answer.value(at: 0), call.type)
  }

  /// Elements of a list that a call may make of fewer: a literal holds each as a `Value`.
  private static let mostElements = 1000

  /// The elements of a list; 1 for other values.
  private static func elementCount(of vector: Vector) -> Int {
    guard vector.physical == .list, vector.count > 0, !vector.isNull(0) else { return 1 }
    let flat = vector.flattened()
    defer { withExtendedLifetime(flat) {} }
    return flat.values(as: View.self)[0].count
  }

  private static func foldCast(_ node: ScalarExpression) -> ScalarExpression {
    guard case .cast(.literal(let value, let from), let to) = node else { return node }
    if value.isNull { return .literal(.null, to) }
    guard let kernel = Casts.kernel(from: from, to: to),
      let answer = try? kernel.evaluate(
        [Vector.constant(value, type: from, count: 1)], 1, to, FunctionContext())
    else { return node }
    return .literal(answer.value(at: 0), to)
  }

  /// Drops neutral terms; a deciding term decides. NULL terms stay: three-valued logic needs them.
  private static func foldConnective(_ terms: [ScalarExpression], isAnd: Bool) -> ScalarExpression {
    var kept: [ScalarExpression] = []
    for term in terms {
      if case .literal(.boolean(let value), _) = term {
        if value == isAnd { continue }
        return .literal(.boolean(!isAnd), .boolean)
      }
      kept.append(term)
    }
    if kept.isEmpty { return .literal(.boolean(isAnd), .boolean) }
    if kept.count == 1 { return kept[0] }
    return isAnd ? .and(kept) : .or(kept)
  }
}
