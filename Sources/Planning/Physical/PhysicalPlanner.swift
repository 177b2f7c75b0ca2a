import Base
import FunctionKit
import Plans
import Vectors

/// Chooses operators for a rewritten logical plan.
public struct PhysicalPlanner {
  let functions: FunctionSet

  let tables: (any TableOrders)?

  /// `tables` tells how many rows there are, to hold the smaller side of a sky join.
  public init(functions: FunctionSet, tables: (any TableOrders)? = nil) {
    self.functions = functions
    self.tables = tables
  }

  public func plan(_ logical: LogicalPlan) -> PhysicalPlan {
    switch logical {
    case .scan(let scan): return self.scan(scan)
    case .singleRow: return .singleRow
    case .values(let rows, let columns): return values(rows, columns)
    case .tableFunction(let name, let arguments, let columns):
      return .tableFunction(name: name, arguments: arguments, types: columns.map(\.type))
    case .file(let file): return .file(PhysicalFile(file))
    case .filter(let input, let terms): return .filter(plan(input), ConjunctOrder.sorted(terms))
    case .project(let input, let expressions, _): return project(plan(input), expressions)
    case .aggregate(let input, let groups, let calls, _):
      return .aggregate(plan(input), groups: groups, calls)
    case .window(let input, let window, _): return .window(plan(input), window)
    case .unnest(let input, let unnest, _): return .unnest(plan(input), unnest)
    case .distinct(let input):
      let below = plan(input)
      let all = below.types.enumerated().map { ScalarExpression.column($0, $1) }
      return .aggregate(below, groups: all, [])
    case .sort(let input, let keys): return .sort(plan(input), keys)
    case .limit(let input, let count, let offset): return limit(input, count, offset)
    case .union(let inputs, _): return .union(inputs.map { plan($0) })
    case .recursion(let recursion):
      return .recursion(
        PhysicalRecursion(
          anchor: plan(recursion.anchor), step: plan(recursion.step), number: recursion.number,
          isDistinct: recursion.isDistinct))
    case .workingTable(let number, let columns):
      return .workingTable(number, types: columns.map(\.type))
    case .join(let join):
      if let sky = join.sky { return skyJoin(join, sky) }
      return hashJoin(join)
    }
  }

  /// The right side is held; of an inner join with keys, the smaller one is put there.
  private func hashJoin(_ join: JoinPlan) -> PhysicalPlan {
    guard join.kind == .inner, !join.keys.isEmpty,
      estimate(join.left) < estimate(join.right)
    else {
      return .hashJoin(
        PhysicalJoin(
          kind: join.kind, left: plan(join.left), right: plan(join.right), keys: join.keys,
          residual: join.residual))
    }
    let (leftWidth, rightWidth) = (join.left.columns.count, join.right.columns.count)
    let swapped = PhysicalPlan.hashJoin(
      PhysicalJoin(
        kind: .inner, left: plan(join.right), right: plan(join.left),
        keys: join.keys.map {
          JoinKey(left: $0.right, right: $0.left, matchesNulls: $0.matchesNulls)
        },
        residual: join.residual.map { term in
          term.mappingColumns { $0 < leftWidth ? $0 + rightWidth : $0 - leftWidth }
        }))
    let types = swapped.types
    let order = Array(rightWidth..<rightWidth + leftWidth) + Array(0..<rightWidth)
    return project(swapped, order.map { .column($0, types[$0]) })
  }

  /// Roughly how many rows come out: filters pass a third, equality with a constant a hundredth,
  /// groups have eight rows. Unknown inputs are large.
  func estimate(_ plan: LogicalPlan) -> Int {
    switch plan {
    case .scan(let scan):
      (tables?.rowCount(schema: scan.schema, name: scan.name) ?? .max) / share(scan.filters)
    case .singleRow: 1
    case .values(let rows, _): rows.count
    case .tableFunction, .file: .max
    case .project(let input, _, _), .sort(let input, _), .window(let input, _, _):
      estimate(input)
    case .recursion: .max
    case .unnest(let input, _, _): unnested(estimate(input))
    case .workingTable: 1000
    case .filter(let input, let terms): estimate(input) / share(terms)
    case .distinct(let input): estimate(input) / 8
    case .aggregate(let input, let groups, _, _): groups.isEmpty ? 1 : estimate(input) / 8
    case .limit(let input, let count, _): min(count ?? .max, estimate(input))
    case .join(let join): joined(join.kind, estimate(join.left), estimate(join.right))
    case .union(let inputs, _):
      inputs.reduce(0) { sum, input in
        let (result, isTooLarge) = sum.addingReportingOverflow(estimate(input))
        return isTooLarge ? .max : result
      }
    }
  }

  /// Lists hold sixteen elements; a single one, as of a series, may hold any number.
  private func unnested(_ rows: Int) -> Int {
    if rows == 1 { return .max }
    let (result, isTooLarge) = rows.multipliedReportingOverflow(by: 16)
    return isTooLarge ? .max : result
  }

  private func joined(_ kind: JoinPlan.Kind, _ left: Int, _ right: Int) -> Int {
    kind == .inner && min(left, right) == 0 ? 0 : max(left, right)
  }

  /// One row in how many passes.
  private func share(_ filters: [ScalarExpression]) -> Int {
    if filters.isEmpty { return 1 }
    return filters.contains(where: isEquality) ? 100 : 3
  }

  private func isEquality(_ filter: ScalarExpression) -> Bool {
    switch filter {
    case .and(let terms): return terms.contains(where: isEquality)
    case .call(let call) where call.name == "=" && call.arguments.count == 2:
      if case .literal = call.arguments[0] { return true }
      if case .literal = call.arguments[1] { return true }
      return false
    default: return false
    }
  }

  private func scan(_ scan: TableScan) -> PhysicalPlan {
    var used = Set(scan.projection)
    for filter in scan.filters { filter.collectColumns(into: &used) }
    let columns = used.sorted()
    var position: [Int: Int] = [:]
    for (new, old) in columns.enumerated() { position[old] = new }
    return .tableScan(
      PhysicalScan(
        schema: scan.schema, name: scan.name, columns: columns,
        columnTypes: columns.map { scan.tableColumns[$0].type },
        columnNames: columns.map { scan.tableColumns[$0].name },
        output: scan.projection.map { position[$0] ?? 0 },
        filters: ConjunctOrder.sorted(scan.filters).map { $0.mappingColumns { position[$0] ?? 0 } },
        cells: scan.cells,
        uses: scan.uses.isEmpty ? [] : columns.map { scan.uses[$0] ?? .whole }))
  }

  private func values(_ rows: [[ScalarExpression]], _ columns: [PlanColumn]) -> PhysicalPlan {
    var constants: [[Value]] = []
    constants.reserveCapacity(rows.count)
    for row in rows {
      var values: [Value] = []
      for expression in row {
        guard case .literal(let value, _) = expression else { return union(rows, columns) }
        values.append(value)
      }
      constants.append(values)
    }
    return .values(constants, types: columns.map(\.type))
  }

  /// Rows that are not all constants: each is a projection of a numbered row, chosen by CASE.
  private func union(_ rows: [[ScalarExpression]], _ columns: [PlanColumn]) -> PhysicalPlan {
    let numbers = rows.indices.map { [Value.integer(Int64($0))] }
    let expressions = columns.indices.map { index -> ScalarExpression in
      let branches = rows.indices.map { row in
        CaseBranch(
          condition: .inSet(.column(0, .int64), [.integer(Int64(row))], hasNull: false),
          result: rows[row][index])
      }
      return .caseWhen(branches, otherwise: nil, columns[index].type)
    }
    return .project(.values(numbers, types: [.int64]), expressions)
  }

  /// Leaves out a projection that changes nothing, and joins two that follow one another when the
  /// upper one only picks columns.
  private func project(
    _ input: PhysicalPlan, _ expressions: [ScalarExpression]
  ) -> PhysicalPlan {
    let positions = expressions.compactMap { expression -> Int? in
      if case .column(let index, _) = expression { return index }
      return nil
    }
    guard positions.count == expressions.count else { return .project(input, expressions) }
    if positions == Array(input.types.indices) { return input }
    if case .project(let below, let inner) = input {
      return project(below, positions.map { inner[$0] })
    }
    if case .tableScan(var scan) = input {
      scan.output = positions.map { scan.output[$0] }
      return .tableScan(scan)
    }
    if case .file(let file) = input {
      return .file(
        PhysicalFile(
          file.source, columns: positions.map { file.columns[$0] },
          types: positions.map { file.types[$0] }, names: positions.map { file.names[$0] },
          uses: file.uses.isEmpty ? [] : positions.map { file.uses[$0] }))
    }
    return .project(input, expressions)
  }

  private func limit(_ input: LogicalPlan, _ count: Int?, _ offset: Int) -> PhysicalPlan {
    // Projections above a sort change no row counts: sort only what is kept.
    if case .project(let below, let expressions, _) = input, Self.isSorted(below) {
      return project(limit(below, count, offset), expressions)
    }
    if case .sort(let below, let keys) = input, let count, count <= 100_000, offset <= 100_000 {
      return .topN(plan(below), keys, count: count, offset: offset)
    }
    return .limit(plan(input), count: count, offset: offset)
  }

  /// A sort, perhaps below projections.
  private static func isSorted(_ plan: LogicalPlan) -> Bool {
    switch plan {
    case .sort: true
    case .project(let below, _, _): isSorted(below)
    default: false
    }
  }
}

/// Puts conditions that cannot fail before those that can, cheap ones first; those that can fail keep
/// the order in which they were written, so that one may protect the next.
enum ConjunctOrder {
  static func sorted(_ terms: [ScalarExpression]) -> [ScalarExpression] {
    let safe = terms.enumerated().filter { !canFail($0.element) }.sorted { a, b in
      let (x, y) = (cost(a.element), cost(b.element))
      return x == y ? a.offset < b.offset : x < y
    }
    return safe.map(\.element) + terms.filter(canFail)
  }

  private static let comparisons: Set<String> = ["=", "<>", "<", "<=", ">", ">="]

  /// True if evaluating the expression may raise an error for some row.
  static func canFail(_ expression: ScalarExpression) -> Bool {
    switch expression {
    case .call(let call):
      let isSafe =
        comparisons.contains(call.name)
        || (["+", "-", "*"].contains(call.name) && call.type.isFloat)
      if !isSafe { return true }
    case .cast(let inner, let type):
      if !(inner.type.isNumeric && type == .float64) { return true }
    default: break
    }
    return expression.children.contains(where: canFail)
  }

  private static func cost(_ expression: ScalarExpression) -> Int {
    let own: Int
    switch expression {
    case .column, .literal, .parameter, .field: own = 0
    case .call(let call): own = call.argumentTypes.first == .text ? 4 : 1
    case .cast: own = 2
    case .isNull, .and, .or, .not: own = 1
    case .inSet: own = 6
    case .like, .caseWhen: own = 20
    case .inCone: own = 12
    }
    return expression.children.reduce(own) { $0 + cost($1) }
  }
}
