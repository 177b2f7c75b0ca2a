import FunctionKit
import Plans

/// Folds constants everywhere, and drops conditions that are always true.
enum FoldConstants {
  static func apply(_ plan: LogicalPlan, functions: FunctionSet) -> LogicalPlan {
    let folded = plan.mappingInputs { apply($0, functions: functions) }
      .mappingExpressions { ConstantFolding.fold($0, functions: functions) }
    if case .filter(let input, let terms) = folded {
      let kept = terms.flatMap(\.conjuncts).filter { $0 != .literal(.boolean(true), .boolean) }
      return kept.isEmpty ? input : .filter(input, kept)
    }
    return folded
  }
}
