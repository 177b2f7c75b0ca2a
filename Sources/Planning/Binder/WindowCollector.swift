import Plans
import Vectors

/// Collects the window calls of one SELECT while its expressions are bound: one step for each
/// PARTITION BY and ORDER BY, however many calls share them.
struct WindowCollector {
  /// Call k is column `firstPlaceholder - k` until its place is known: far below aggregates.
  static let firstPlaceholder = -(1 << 40)

  private(set) var steps: [WindowPlan] = []
  /// By call: its step, and its number there.
  private var places: [(step: Int, call: Int)] = []

  mutating func add(
    partitions: [ScalarExpression], order: [SortKey], _ call: WindowCall
  ) -> ScalarExpression {
    let step: Int
    if let known = steps.firstIndex(where: { $0.partitions == partitions && $0.order == order }) {
      step = known
    } else {
      step = steps.count
      steps.append(WindowPlan(partitions: partitions, order: order, calls: []))
    }
    for (index, place) in places.enumerated()
    where place.step == step && steps[step].calls[place.call] == call {
      return .column(Self.firstPlaceholder - index, call.type)
    }
    places.append((step, steps[step].calls.count))
    steps[step].calls.append(call)
    return .column(Self.firstPlaceholder - (places.count - 1), call.type)
  }

  /// Puts the steps on top of a plan and gives the select list their columns. `placed` names the
  /// columns of subqueries.
  func applied(
    to plan: LogicalPlan, _ steps: [WindowPlan], _ output: inout SelectOutput,
    _ placed: (ScalarExpression) -> ScalarExpression
  ) -> LogicalPlan {
    output.mapExpressions(placed)
    guard !steps.isEmpty else { return plan }
    var result = plan
    var columns = plan.columns
    var firsts: [Int] = []
    for step in steps {
      firsts.append(columns.count)
      columns += step.calls.map { PlanColumn($0.name, $0.type) }
      result = .window(result, step, columns: columns)
    }
    func column(_ index: Int) -> Int {
      guard index <= Self.firstPlaceholder, index > SubqueryCollector.firstPlaceholder else {
        return index
      }
      let place = places[Self.firstPlaceholder - index]
      return firsts[place.step] + place.call
    }
    output.mapExpressions { $0.mappingColumns(column) }
    return result
  }
}
