import FunctionKit
import Plans

/// Moves conditions towards the scans: through projections, below sorts, to the side of a join that
/// they concern, into join keys, into the scan itself.
///
/// A condition that moves below a join may see rows that find no partner, and raise an error for
/// them, as in PostgreSQL; CASE protects where that matters.
struct PushFilters {
  /// A condition larger than this stays above the projection whose columns it reads: without a
  /// limit it could double with every level of subqueries.
  private static let mostNodes = 256

  private let functions: FunctionSet

  static func apply(_ plan: LogicalPlan, functions: FunctionSet) -> LogicalPlan {
    PushFilters(functions: functions).push([], into: plan)
  }

  private func push(_ terms: [ScalarExpression], into plan: LogicalPlan) -> LogicalPlan {
    switch plan {
    case .filter(let input, let own):
      return push(own.flatMap(\.conjuncts) + terms, into: input)
    case .scan(var scan):
      scan.filters += terms.map { term in term.mappingColumns { scan.projection[$0] } }
      return .scan(scan)
    case .project(let input, let expressions, let columns):
      return pushThroughProject(terms, input, expressions, columns)
    case .sort(let input, let keys):
      return .sort(push(terms, into: input), keys)
    case .distinct(let input):
      return .distinct(push(terms, into: input))
    case .join(let join):
      return pushIntoJoin(terms, join)
    case .aggregate(let input, let groups, let calls, let columns):
      return filtered(
        .aggregate(push([], into: input), groups: groups, calls, columns: columns), terms)
    case .window(let input, let window, let columns):
      return pushThroughWindow(terms, input, window, columns)
    case .unnest(let input, let unnest, let columns):
      return pushThroughUnnest(terms, input, unnest, columns)
    case .limit(let input, let count, let offset):
      return filtered(.limit(push([], into: input), count: count, offset: offset), terms)
    case .union(let inputs, let columns):
      return .union(inputs.map { push(terms, into: $0) }, columns: columns)
    case .recursion(var recursion):
      // A row that the condition drops may lead to others that it keeps.
      recursion.anchor = push([], into: recursion.anchor)
      recursion.step = push([], into: recursion.step)
      return filtered(.recursion(recursion), terms)
    case .singleRow, .values, .tableFunction, .file, .workingTable:
      return filtered(plan, terms)
    }
  }

  /// Conditions on what is the same beside all elements take out whole rows before.
  private func pushThroughUnnest(
    _ terms: [ScalarExpression], _ input: LogicalPlan, _ unnest: UnnestPlan,
    _ columns: [PlanColumn]
  ) -> LogicalPlan {
    func isBefore(_ term: ScalarExpression) -> Bool {
      !term.columns.isEmpty && term.columns.allSatisfy { unnest.passed.indices.contains($0) }
        && term.isDeterministic(functions)
    }
    let moved = terms.filter(isBefore).map { $0.mappingColumns { unnest.passed[$0] } }
    let kept = terms.filter { !isBefore($0) }
    return filtered(.unnest(push(moved, into: input), unnest, columns: columns), kept)
  }

  private func filtered(_ plan: LogicalPlan, _ terms: [ScalarExpression]) -> LogicalPlan {
    terms.isEmpty ? plan : .filter(plan, terms)
  }

  /// Conditions move below the projection, with computed columns written out: so nothing is
  /// computed for rows that the condition drops, nothing raises an error for them, and a distance
  /// that has a name is still recognised. What the kept rows compute twice is less than what
  /// dropped ones save.
  private func pushThroughProject(
    _ terms: [ScalarExpression], _ input: LogicalPlan, _ expressions: [ScalarExpression],
    _ columns: [PlanColumn]
  ) -> LogicalPlan {
    var moved: [ScalarExpression] = []
    var kept: [ScalarExpression] = []
    for term in terms {
      if mayWriteOut(term, expressions) {
        moved.append(
          term.rewritten { node in
            if case .column(let index, _) = node { return expressions[index] }
            return node
          })
      } else {
        kept.append(term)
      }
    }
    return filtered(.project(push(moved, into: input), expressions, columns: columns), kept)
  }

  /// Not where a column would be another value if it were computed again.
  private func mayWriteOut(_ term: ScalarExpression, _ expressions: [ScalarExpression]) -> Bool {
    var size = 0
    func add(_ node: ScalarExpression) -> Bool {
      size += 1
      if size > Self.mostNodes { return false }
      if case .column(let index, _) = node {
        if case .column = expressions[index] { return true }
        return addBelow(expressions[index])
      }
      return node.children.allSatisfy(add)
    }
    func addBelow(_ node: ScalarExpression) -> Bool {
      size += 1
      if case .call(let call) = node, !functions.isDeterministic(call.name) { return false }
      return size <= Self.mostNodes && node.children.allSatisfy(addBelow)
    }
    let isPlain = term.columns.allSatisfy { index in
      if case .column = expressions[index] { return true }
      return false
    }
    return isPlain || add(term)
  }


  /// Conditions on what all rows of a partition share take out whole partitions, so they move.
  private func pushThroughWindow(
    _ terms: [ScalarExpression], _ input: LogicalPlan, _ window: WindowPlan,
    _ columns: [PlanColumn]
  ) -> LogicalPlan {
    let shared = Set(
      window.partitions.compactMap { key -> Int? in
        if case .column(let index, _) = key { return index }
        return nil
      })
    func isShared(_ term: ScalarExpression) -> Bool {
      !term.columns.isEmpty && term.columns.isSubset(of: shared) && term.isDeterministic(functions)
    }
    let moved = terms.filter(isShared)
    let kept = terms.filter { !isShared($0) }
    return filtered(.window(push(moved, into: input), window, columns: columns), kept)
  }

  private func pushIntoJoin(_ terms: [ScalarExpression], _ join: JoinPlan) -> LogicalPlan {
    var join = join
    let leftWidth = join.left.columns.count
    var left: [ScalarExpression] = []
    var right: [ScalarExpression] = []
    var above: [ScalarExpression] = []
    for term in terms {
      let used = term.columns
      if join.kind.keepsLeftRows, used.allSatisfy({ $0 < leftWidth }) {
        left.append(term)
      } else if join.kind == .inner, used.allSatisfy({ $0 >= leftWidth }) {
        right.append(term.mappingColumns { $0 - leftWidth })
      } else if join.kind == .inner {
        let (keys, residual) = JoinConditions.split([term], leftWidth: leftWidth)
        join.keys += keys
        join.residual += residual
      } else {
        above.append(term)
      }
    }
    // Conditions of ON that concern one side only filter that side: both sides of an inner join,
    // the right side of others. A full join keeps all rows of both.
    let own = join.residual
    join.residual = []
    for term in own {
      let used = term.columns
      if join.kind != .full, !used.isEmpty, used.allSatisfy({ $0 >= leftWidth }) {
        right.append(term.mappingColumns { $0 - leftWidth })
      } else if [.inner, .semi].contains(join.kind), used.allSatisfy({ $0 < leftWidth }) {
        left.append(term)
      } else {
        join.residual.append(term)
      }
    }
    join.left = push(left, into: join.left)
    join.right = push(right, into: join.right)
    return filtered(.join(join), above)
  }
}
