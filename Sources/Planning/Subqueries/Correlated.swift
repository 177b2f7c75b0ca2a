import Plans
import Vectors

/// A subquery's plan with what it takes from the rows that it will be joined to.
///
/// In the plan these values are the columns `firstColumn + k`; what the rows around take in turn from
/// farther out stays as it is.
struct Correlated {
  static let firstColumn = 1 << 41

  private(set) var plan: LogicalPlan
  /// The values, over the rows around.
  private(set) var domain: [ScalarExpression] = []

  init(_ call: SubqueryCall) {
    plan = call.plan
    var replacements: [ScalarExpression] = []
    for expression in call.captured {
      if expression.isCorrelated {
        replacements.append(expression)
        continue
      }
      let known = domain.firstIndex(of: expression)
      if known == nil { domain.append(expression) }
      let number = known ?? domain.count - 1
      replacements.append(.column(Self.firstColumn + number, expression.type))
    }
    guard !replacements.isEmpty else { return }
    plan = plan.mappingAllExpressions { expression in
      guard expression.isCorrelated else { return expression }
      return expression.rewritten { node in
        guard case .column(let index, _) = node, index >= OuterQuery.firstColumn else {
          return node
        }
        let number = index - OuterQuery.firstColumn
        return replacements.indices.contains(number) ? replacements[number] : node
      }
    }
    takeInCasts()
  }

  static func reads(_ expression: ScalarExpression) -> Bool {
    expression.columns.contains { $0 >= firstColumn }
  }

  /// An expression over a part of the subquery's plan that stands behind the columns of `rows` in a
  /// join.
  func placed(_ expression: ScalarExpression, over rows: LogicalPlan) -> ScalarExpression {
    let width = rows.columns.count
    return expression.rewritten { node in
      guard case .column(let index, let type) = node else { return node }
      if index >= Self.firstColumn { return domain[index - Self.firstColumn] }
      return index >= OuterQuery.firstColumn ? node : .column(index + width, type)
    }
  }

  /// The values put in, nothing else moved.
  func replaced(_ expression: ScalarExpression) -> ScalarExpression {
    expression.rewritten { node in
      guard case .column(let index, _) = node, index >= Self.firstColumn else { return node }
      return domain[index - Self.firstColumn]
    }
  }

  /// A value that is cast to the same type wherever it is used is taken so: then it can be equal to
  /// a column of the subquery.
  private mutating func takeInCasts() {
    var casts: [Int: Set<LogicalType>] = [:]
    var bare: Set<Int> = []
    func visit(_ expression: ScalarExpression) {
      if case .cast(.column(let index, _), let type) = expression, index >= Self.firstColumn {
        casts[index, default: []].insert(type)
        return
      }
      if case .column(let index, _) = expression, index >= Self.firstColumn { bare.insert(index) }
      expression.children.forEach(visit)
    }
    plan.forEachExpression(visit)
    var taken: [Int: LogicalType] = [:]
    for (index, types) in casts where !bare.contains(index) && types.count == 1 {
      guard let type = types.first else { continue }
      taken[index] = type
      domain[index - Self.firstColumn] = .cast(domain[index - Self.firstColumn], type)
    }
    guard !taken.isEmpty else { return }
    plan = plan.mappingAllExpressions { expression in
      expression.rewritten { node in
        if case .cast(.column(let index, _), let type) = node, taken[index] != nil {
          return .column(index, type)
        }
        return node
      }
    }
  }
}

/// The top of a subquery's plan taken off: what lies below its conditions, the conditions, and its
/// values over that.
struct Peeled {
  enum Want {
    /// Is there a row?
    case existence
    /// Which values are there?
    case set
    /// Its rows.
    case rows
  }

  private(set) var plan: LogicalPlan
  private(set) var values: [ScalarExpression]
  private(set) var terms: [ScalarExpression] = []

  /// Nil if what is below takes something from around, too.
  init?(_ whole: LogicalPlan, wants want: Want) {
    plan = whole
    values = whole.columns.enumerated().map { .column($0, $1.type) }
    while takeOff(want) {}
    if plan.reads({ $0 >= Correlated.firstColumn }) { return nil }
  }

  /// False at the end.
  private mutating func takeOff(_ want: Want) -> Bool {
    switch plan {
    case .project(let input, let expressions, _):
      values = values.map { $0.replacingColumns(by: expressions) }
      terms = terms.map { $0.replacingColumns(by: expressions) }
      plan = input
    case .filter(let input, let own):
      terms += own.flatMap(\.conjuncts)
      plan = input
    case .sort(let input, _): plan = input
    case .distinct(let input) where want != .rows: plan = input
    case .limit(let input, let count, 0) where want == .existence && terms.isEmpty:
      guard count ?? 1 > 0 else { return false }
      plan = input
    case .join(var join) where join.kind == .inner:
      let moved = join.residual.filter(Correlated.reads)
      if moved.isEmpty { return false }
      join.residual.removeAll(where: Correlated.reads)
      terms += moved
      plan = .join(join)
    default: return false
    }
    return true
  }
}

extension LogicalPlan {
  func forEachExpression(_ body: (ScalarExpression) -> Void) {
    ownExpressions.forEach(body)
    for input in inputs { input.forEachExpression(body) }
  }
}
