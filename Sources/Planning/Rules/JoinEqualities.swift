import Plans
import Vectors

/// `x = 1 OR x = 2 OR …` becomes `x IN (1, 2, …)`: one look-up a row however many terms there are.
enum JoinEqualities {
  /// Fewer equalities than this on one expression stay as they are.
  private static let least = 3

  static func apply(_ plan: LogicalPlan) -> LogicalPlan {
    plan.mappingInputs(apply).mappingExpressions { $0.rewritten(joined) }
  }

  static func joined(_ expression: ScalarExpression) -> ScalarExpression {
    guard case .or(let terms) = expression, terms.count >= least else { return expression }
    var order: [ScalarExpression] = []
    var values: [ScalarExpression: [Value]] = [:]
    var others: [ScalarExpression] = []
    for term in terms {
      guard let (tested, value) = equality(term) else {
        others.append(term)
        continue
      }
      if values[tested] == nil { order.append(tested) }
      values[tested, default: []].append(value)
    }
    var result: [ScalarExpression] = []
    var few: Set<ScalarExpression> = []
    for tested in order {
      let list = values[tested] ?? []
      if list.count >= least {
        result.append(.inSet(tested, list, hasNull: false))
      } else {
        few.insert(tested)
      }
    }
    guard !result.isEmpty else { return expression }
    for term in terms {
      guard let (tested, _) = equality(term) else { continue }
      if few.contains(tested) { others.append(term) }
    }
    result += others
    return result.count == 1 ? result[0] : .or(result)
  }

  /// A plain column compared with a constant that is not NULL.
  private static func equality(_ term: ScalarExpression) -> (ScalarExpression, Value)? {
    guard case .call(let call) = term, call.name == "=", call.arguments.count == 2 else {
      return nil
    }
    switch (call.arguments[0], call.arguments[1]) {
    case (.column, .literal(let value, _)) where !value.isNull: return (call.arguments[0], value)
    case (.literal(let value, _), .column) where !value.isNull: return (call.arguments[1], value)
    default: return nil
    }
  }
}
