import Plans
import Vectors

extension ScalarExpression {
  /// True if computing it surely raises no error, so that it may also be computed for rows that the
  /// query, as it is written, never comes to.
  var neverRaises: Bool {
    switch self {
    case .column, .literal, .parameter: true
    case .field, .and, .or, .not, .isNull, .caseWhen, .inSet, .like:
      children.allSatisfy(\.neverRaises)
    case .cast(let operand, let type): operand.type.widens(to: type) && operand.neverRaises
    case .call(let call): call.neverRaises && call.arguments.allSatisfy(\.neverRaises)
    case .inCone: false
    }
  }
}

extension FunctionCallExpression {
  private static let comparisons: Set = ["=", "<>", "<", "<=", ">", ">="]
  private static let arithmetic: Set = ["+", "-", "*"]

  fileprivate var neverRaises: Bool {
    Self.comparisons.contains(name)
      || Self.arithmetic.contains(name) && argumentTypes.allSatisfy { $0 == .float64 }
  }
}

extension LogicalType {
  /// Numbers that all fit into the other type.
  fileprivate func widens(to other: LogicalType) -> Bool {
    let order: [LogicalType] = [.int8, .int16, .int32, .int64, .float64]
    if self == other || self == .float32 && other == .float64 { return true }
    guard let from = order.firstIndex(of: self), let to = order.firstIndex(of: other) else {
      return false
    }
    return from < to
  }
}
