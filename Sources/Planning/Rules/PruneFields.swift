import Plans
import Vectors

/// Tells scans which parts of nested columns somebody above reads: fields of structures, elements of
/// lists or only their number. The columns keep their types; what is not read is NULL.
enum PruneFields {
  static func apply(_ plan: LogicalPlan) -> LogicalPlan {
    prune(plan, plan.columns.map { _ in .whole })
  }

  /// What is read of columns, by position.
  private typealias Uses = [Int: FieldUse]

  /// `uses`: what is read of each of the plan's columns; nil for nothing.
  private static func prune(_ plan: LogicalPlan, _ uses: [FieldUse?]) -> LogicalPlan {
    switch plan {
    case .scan(var scan):
      scan.uses = scanUses(scan, uses)
      return .scan(scan)
    case .file(var file):
      for (position, use) in zip(file.projection, uses) {
        let simple = (use ?? .parts([:])).simplified(for: file.fileColumns[position].type)
        if simple != .whole { file.uses[position] = simple }
      }
      return .file(file)
    case .singleRow, .values, .tableFunction, .workingTable: return plan
    case .join(let join): return prune(join, uses)
    case .union(let inputs, let columns):
      return .union(inputs.map { prune($0, uses) }, columns: columns)
    default:
      let below = inputUses(of: plan, uses)
      return plan.mappingInputs { input in
        prune(input, input.columns.indices.map { below[$0] })
      }
    }
  }

  private static func scanUses(_ scan: TableScan, _ uses: [FieldUse?]) -> Uses {
    var all: Uses = [:]
    for (position, use) in zip(scan.projection, uses) { add(use ?? .parts([:]), to: position, &all) }
    for filter in scan.filters { collect(filter, .whole, &all) }
    var partial: Uses = [:]
    for (position, use) in all {
      let simple = use.simplified(for: scan.tableColumns[position].type)
      if simple != .whole { partial[position] = simple }
    }
    return partial
  }

  /// What an operator of one input reads of it.
  private static func inputUses(of plan: LogicalPlan, _ uses: [FieldUse?]) -> Uses {
    var below: Uses = [:]
    func pass(_ count: Int) {
      for index in 0..<count { if let use = uses[index] { add(use, to: index, &below) } }
    }
    switch plan {
    case .filter(let input, let terms):
      pass(input.columns.count)
      for term in terms { collect(term, .whole, &below) }
    case .project(_, let expressions, _):
      for (expression, use) in zip(expressions, uses) {
        if let use { collect(expression, use, &below) }
      }
    case .window(let input, let window, _):
      pass(input.columns.count)
      for expression in window.expressions { collect(expression, .whole, &below) }
    case .sort(let input, let keys):
      pass(input.columns.count)
      for key in keys { collect(key.expression, .whole, &below) }
    case .limit(let input, _, _): pass(input.columns.count)
    case .unnest(_, let unnest, _): collect(unnest, uses, &below)
    case .aggregate(_, let groups, let calls, _):
      for group in groups { collect(group, .whole, &below) }
      for call in calls {
        for argument in call.arguments { collect(argument, use(of: call), &below) }
        if let filter = call.filter { collect(filter, .whole, &below) }
      }
    default: for input in plan.inputs { for index in input.columns.indices { below[index] = .whole } }
    }
    return below
  }

  /// Counting rows looks only whether a value is there.
  private static func use(of call: AggregateCall) -> FieldUse {
    call.name == "count" && !call.isDistinct ? .parts([:]) : .whole
  }

  private static func prune(_ join: JoinPlan, _ uses: [FieldUse?]) -> LogicalPlan {
    var join = join
    let leftWidth = join.left.columns.count
    let rightWidth = join.right.columns.count
    var left: Uses = [:]
    var right: Uses = [:]
    func add(_ index: Int, _ use: FieldUse) {
      if index < leftWidth { Self.add(use, to: index, &left) }
      if index >= leftWidth { Self.add(use, to: index - leftWidth, &right) }
    }
    for (index, use) in uses.enumerated() where index < leftWidth + rightWidth {
      if let use { add(index, use) }
    }
    var residual: Uses = [:]
    for term in join.residual { collect(term, .whole, &residual) }
    for (index, use) in residual { add(index, use) }
    for key in join.keys {
      collect(key.left, .whole, &left)
      collect(key.right, .whole, &right)
    }
    if let sky = join.sky {
      for part in [sky.left.lon, sky.left.lat] { collect(part, .whole, &left) }
      for part in [sky.right.lon, sky.right.lat] { collect(part, .whole, &right) }
    }
    join.left = prune(join.left, (0..<leftWidth).map { left[$0] })
    join.right = prune(join.right, (0..<rightWidth).map { right[$0] })
    return .join(join)
  }

  private static func collect(_ unnest: UnnestPlan, _ uses: [FieldUse?], _ below: inout Uses) {
    for (position, use) in zip(unnest.passed, uses) { if let use { add(use, to: position, &below) } }
    var elements = [FieldUse?](repeating: nil, count: unnest.lists.count)
    for (output, use) in zip(unnest.outputs, uses.dropFirst(unnest.passed.count)) {
      guard let use else { continue }
      switch output {
      case .ordinal: break
      case .element(let list): elements[list] = elements[list]?.union(use) ?? use
      case .field(let list, let field):
        let part = FieldUse.parts([field: use])
        elements[list] = elements[list]?.union(part) ?? part
      }
    }
    for (list, element) in zip(unnest.lists, elements) {
      collect(list, .parts(element.map { [0: $0] } ?? [:]), &below)
    }
  }

  // MARK: expressions

  private static func add(_ use: FieldUse, to column: Int, _ uses: inout Uses) {
    uses[column] = uses[column]?.union(use) ?? use
  }

  /// What an expression reads of columns if `use` is read of its value.
  private static func collect(_ expression: ScalarExpression, _ use: FieldUse, _ uses: inout Uses) {
    switch expression {
    case .column(let index, _): add(use, to: index, &uses)
    case .field(let base, let index, _):
      guard case .list = base.type else { return collect(base, .parts([index: use]), &uses) }
      let element = use.child(0).map { [index: $0] } ?? [:]
      collect(base, .parts([0: .parts(element)]), &uses)
    case .isNull(let base, _): collect(base, .parts([:]), &uses)
    case .call(let call) where call.name == "cardinality":
      for argument in call.arguments { collect(argument, .parts([:]), &uses) }
    case .call(let call) where call.name == "list_element" && call.arguments.count == 2:
      collect(call.arguments[0], .parts([0: use]), &uses)
      collect(call.arguments[1], .whole, &uses)
    case .call(let call) where call.name == "list_slice" && call.arguments.count == 3:
      collect(call.arguments[0], use, &uses)
      for bound in call.arguments.dropFirst() { collect(bound, .whole, &uses) }
    default: for child in expression.children { collect(child, .whole, &uses) }
    }
  }
}
