import Plans

extension LogicalPlan {
  /// The same operator over rewritten inputs.
  func mappingInputs(_ body: (LogicalPlan) -> LogicalPlan) -> LogicalPlan {
    switch self {
    case .scan, .singleRow, .values, .tableFunction, .file, .workingTable: return self
    case .recursion(var recursion):
      recursion.anchor = body(recursion.anchor)
      recursion.step = body(recursion.step)
      return .recursion(recursion)
    case .filter(let input, let terms): return .filter(body(input), terms)
    case .project(let input, let expressions, let columns):
      return .project(body(input), expressions, columns: columns)
    case .aggregate(let input, let groups, let calls, let columns):
      return .aggregate(body(input), groups: groups, calls, columns: columns)
    case .window(let input, let window, let columns):
      return .window(body(input), window, columns: columns)
    case .unnest(let input, let unnest, let columns):
      return .unnest(body(input), unnest, columns: columns)
    case .distinct(let input): return .distinct(body(input))
    case .sort(let input, let keys): return .sort(body(input), keys)
    case .limit(let input, let count, let offset):
      return .limit(body(input), count: count, offset: offset)
    case .join(var join):
      join.left = body(join.left)
      join.right = body(join.right)
      return .join(join)
    case .union(let inputs, let columns): return .union(inputs.map(body), columns: columns)
    }
  }

  /// The same operator with every expression rewritten.
  func mappingExpressions(_ body: (ScalarExpression) -> ScalarExpression) -> LogicalPlan {
    switch self {
    case .scan(var scan):
      scan.filters = scan.filters.map(body)
      return .scan(scan)
    case .singleRow, .tableFunction, .file, .distinct, .limit, .union, .recursion, .workingTable:
      return self
    case .values(let rows, let columns):
      return .values(rows: rows.map { $0.map(body) }, columns: columns)
    case .filter(let input, let terms): return .filter(input, terms.map(body))
    case .project(let input, let expressions, let columns):
      return .project(input, expressions.map(body), columns: columns)
    case .aggregate(let input, let groups, let calls, let columns):
      let newCalls = calls.map { call in
        var copy = call
        copy.arguments = call.arguments.map(body)
        copy.filter = call.filter.map(body)
        return copy
      }
      return .aggregate(input, groups: groups.map(body), newCalls, columns: columns)
    case .window(let input, let window, let columns):
      return .window(input, window.mappingExpressions(body), columns: columns)
    case .unnest(let input, var unnest, let columns):
      unnest.lists = unnest.lists.map(body)
      return .unnest(input, unnest, columns: columns)
    case .sort(let input, let keys):
      return .sort(
        input,
        keys.map { key in
          var copy = key
          copy.expression = body(key.expression)
          return copy
        })
    case .join(var join):
      join.keys = join.keys.map { $0.mapping(left: body, right: body) }
      join.residual = join.residual.map(body)
      if let sky = join.sky {
        join.sky?.left = sky.left.mapping(body)
        join.sky?.right = sky.right.mapping(body)
      }
      return .join(join)
    }
  }
}
