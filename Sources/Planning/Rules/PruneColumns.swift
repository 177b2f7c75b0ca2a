import Plans

/// Takes out of every operator the columns that nobody above reads, down to the scans.
enum PruneColumns {
  static func apply(_ plan: LogicalPlan) -> LogicalPlan {
    let all = Array(plan.columns.indices)
    return prune(plan, keeping: all)
  }

  /// The plan with exactly the columns `wanted` (ascending positions), in that order.
  private static func prune(_ plan: LogicalPlan, keeping wanted: [Int]) -> LogicalPlan {
    switch plan {
    case .scan(var scan):
      scan.projection = wanted.map { scan.projection[$0] }
      return .scan(scan)
    case .project(let input, let expressions, let columns):
      let kept = wanted.map { expressions[$0] }
      let (below, map) = pruned(input, for: kept)
      return .project(
        below, kept.map { $0.mappingColumns(map) }, columns: wanted.map { columns[$0] })
    case .filter(let input, let terms):
      return narrowed(input, wanted, terms) { below, map in
        .filter(below, terms.map { $0.mappingColumns(map) })
      }
    case .sort(let input, let keys):
      return narrowed(input, wanted, keys.map(\.expression)) { below, map in
        .sort(
          below,
          keys.map { key in
            var copy = key
            copy.expression = key.expression.mappingColumns(map)
            return copy
          })
      }
    case .limit(let input, let count, let offset):
      return .limit(prune(input, keeping: wanted), count: count, offset: offset)
    case .aggregate(let input, let groups, let calls, let columns):
      return pruneAggregate(input, groups, calls, columns, wanted)
    case .window(let input, let window, let columns):
      return pruneWindow(input, window, columns, wanted)
    case .unnest(let input, let unnest, let columns):
      return pruneUnnest(input, unnest, columns, wanted)
    case .join(let join):
      return pruneJoin(join, wanted)
    case .union(let inputs, let columns):
      return .union(
        inputs.map { prune($0, keeping: wanted) }, columns: wanted.map { columns[$0] })
    case .distinct(let input):
      // All columns decide what is distinct.
      let all = Array(input.columns.indices)
      return select(.distinct(prune(input, keeping: all)), wanted)
    case .file(var file):
      file.projection = wanted.map { file.projection[$0] }
      return .file(file)
    case .recursion(var recursion):
      // The step reads rows as the anchor and itself give them.
      recursion.anchor = apply(recursion.anchor)
      recursion.step = apply(recursion.step)
      return select(.recursion(recursion), wanted)
    case .singleRow, .values, .tableFunction, .workingTable:
      return select(plan, wanted)
    }
  }

  /// A projection to `wanted`, unless that is everything already.
  private static func select(_ plan: LogicalPlan, _ wanted: [Int]) -> LogicalPlan {
    let columns = plan.columns
    if wanted == Array(columns.indices) { return plan }
    return .project(
      plan, wanted.map { .column($0, columns[$0].type) }, columns: wanted.map { columns[$0] })
  }

  /// The input with only the columns that `expressions` read, and the renumbering.
  private static func pruned(
    _ input: LogicalPlan, for expressions: [ScalarExpression], and more: [Int] = []
  ) -> (LogicalPlan, (Int) -> Int) {
    var used = Set(more)
    for expression in expressions { expression.collectColumns(into: &used) }
    let kept = used.sorted()
    var position: [Int: Int] = [:]
    for (new, old) in kept.enumerated() { position[old] = new }
    return (prune(input, keeping: kept), { position[$0] ?? $0 })
  }

  /// An operator that passes its input's columns on and reads some for itself.
  private static func narrowed(
    _ input: LogicalPlan, _ wanted: [Int], _ own: [ScalarExpression],
    _ rebuild: (LogicalPlan, @escaping (Int) -> Int) -> LogicalPlan
  ) -> LogicalPlan {
    let (below, map) = pruned(input, for: own, and: wanted)
    return select(rebuild(below, map), wanted.map(map))
  }

  private static func pruneAggregate(
    _ input: LogicalPlan, _ groups: [ScalarExpression], _ calls: [AggregateCall],
    _ columns: [PlanColumn], _ wanted: [Int]
  ) -> LogicalPlan {
    let keptCalls = calls.indices.filter { wanted.contains(groups.count + $0) }
    let newCalls = keptCalls.map { calls[$0] }
    let expressions =
      groups + newCalls.flatMap { $0.arguments + ($0.filter.map { [$0] } ?? []) }
    let (below, map) = pruned(input, for: expressions)
    let kept = Array(groups.indices) + keptCalls.map { groups.count + $0 }
    let plan = LogicalPlan.aggregate(
      below, groups: groups, newCalls, columns: kept.map { columns[$0] }
    ).mappingExpressions { $0.mappingColumns(map) }
    return select(plan, wanted.map { kept.firstIndex(of: $0) ?? 0 })
  }

  private static func pruneWindow(
    _ input: LogicalPlan, _ window: WindowPlan, _ columns: [PlanColumn], _ wanted: [Int]
  ) -> LogicalPlan {
    let width = input.columns.count
    let kept = window.calls.indices.filter { wanted.contains(width + $0) }
    if kept.isEmpty { return prune(input, keeping: wanted) }
    var narrow = window
    narrow.calls = kept.map { window.calls[$0] }
    let below = pruned(input, for: narrow.expressions, and: wanted.filter { $0 < width })
    let newWidth = below.0.columns.count
    let newColumns = below.0.columns + kept.map { columns[width + $0] }
    let plan = LogicalPlan.window(
      below.0, narrow.mappingExpressions { $0.mappingColumns(below.1) }, columns: newColumns)
    return select(
      plan,
      wanted.map { old in
        old < width ? below.1(old) : newWidth + (kept.firstIndex(of: old - width) ?? 0)
      })
  }

  private static func pruneUnnest(
    _ input: LogicalPlan, _ unnest: UnnestPlan, _ columns: [PlanColumn], _ wanted: [Int]
  ) -> LogicalPlan {
    let width = unnest.passed.count
    var narrow = unnest
    narrow.passed = wanted.filter { $0 < width }.map { unnest.passed[$0] }
    narrow.outputs = wanted.filter { $0 >= width }.map { unnest.outputs[$0 - width] }
    let below = pruned(input, for: unnest.lists, and: narrow.passed)
    return .unnest(below.0, narrow.mappingColumns(below.1), columns: wanted.map { columns[$0] })
  }

  private static func pruneJoin(_ join: JoinPlan, _ wanted: [Int]) -> LogicalPlan {
    var join = join
    let leftWidth = join.left.columns.count
    let mark = join.kind.hasMark ? leftWidth : nil
    var used = Set(wanted.filter { $0 != mark })
    for term in join.residual { term.collectColumns(into: &used) }
    var left = Set(used.filter { $0 < leftWidth })
    var right = Set(used.filter { $0 >= leftWidth }.map { $0 - leftWidth })
    for key in join.keys {
      key.left.collectColumns(into: &left)
      key.right.collectColumns(into: &right)
    }
    if let sky = join.sky {
      for part in [sky.left.lon, sky.left.lat] { part.collectColumns(into: &left) }
      for part in [sky.right.lon, sky.right.lat] { part.collectColumns(into: &right) }
    }
    let leftKept = left.sorted()
    let rightKept = right.sorted()
    func map(_ index: Int) -> Int {
      index < leftWidth
        ? leftKept.firstIndex(of: index) ?? 0
        : leftKept.count + (rightKept.firstIndex(of: index - leftWidth) ?? 0)
    }
    join.left = prune(join.left, keeping: leftKept)
    join.right = prune(join.right, keeping: rightKept)
    join.keys = join.keys.map { key in
      key.mapping(
        left: { $0.mappingColumns { leftKept.firstIndex(of: $0) ?? 0 } },
        right: { $0.mappingColumns { rightKept.firstIndex(of: $0) ?? 0 } })
    }
    join.residual = join.residual.map { $0.mappingColumns(map) }
    if let sky = join.sky {
      join.sky?.left = sky.left.mapping { $0.mappingColumns { leftKept.firstIndex(of: $0) ?? 0 } }
      join.sky?.right = sky.right.mapping {
        $0.mappingColumns { rightKept.firstIndex(of: $0) ?? 0 }
      }
    }
    return select(.join(join), wanted.map { $0 == mark ? leftKept.count : map($0) })
  }
}
