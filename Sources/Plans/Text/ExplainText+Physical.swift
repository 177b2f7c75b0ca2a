import Vectors

extension ExplainText {
  static func node(of plan: PhysicalPlan) -> ExplainNode {
    // Plans are deep where they have one input: that way takes little of the stack.
    let inputs = plan.inputs
    if inputs.count == 1 { return unaryNode(of: plan, over: node(of: inputs[0])) }
    return leafOrJoinNode(of: plan)
  }

  private static func leafOrJoinNode(of plan: PhysicalPlan) -> ExplainNode {
    switch plan {
    case .tableScan(let scan): return node(of: scan)
    case .singleRow: return ExplainNode(head: "SingleRow", labels: ColumnLabels(names: []))
    case .values(let rows, let types):
      let counts = counted(rows.count, "row") + ", " + counted(types.count, "column")
      return ExplainNode(head: "Values " + counts, labels: ColumnLabels(count: types.count))
    case .tableFunction(let name, let arguments, let types):
      return ExplainNode(
        head: tableFunction(name, arguments), labels: ColumnLabels(count: types.count))
    case .file(let read):
      let labels = ColumnLabels(names: read.names)
      return ExplainNode(
        head: file(read.source) + " " + bracketed(labels),
        details: parts(read.uses, read.types, read.names), labels: labels)
    case .hashJoin(let join): return node(of: join)
    case .skyJoin(let join): return node(of: join)
    case .union(let inputs):
      let nodes = inputs.map { node(of: $0) }
      return ExplainNode(
        head: "Union", inputs: nodes, labels: nodes.first?.labels ?? ColumnLabels(names: []))
    case .recursion(let recursion):
      let nodes = [node(of: recursion.anchor), node(of: recursion.step)]
      return ExplainNode(
        head: self.recursion(recursion.number, isDistinct: recursion.isDistinct), inputs: nodes,
        labels: nodes[0].labels)
    case .workingTable(let number, let types):
      return ExplainNode(head: "WorkingTable \(number)", labels: ColumnLabels(count: types.count))
    case .filter, .project, .aggregate, .partialAggregate, .window, .sort, .topN, .limit, .unnest:
      return ExplainNode(head: "", labels: ColumnLabels(names: []))
    }
  }

  static func recursion(_ number: Int, isDistinct: Bool) -> String {
    "Recursion \(number) union" + (isDistinct ? "" : " all")
  }

  private static func unaryNode(of plan: PhysicalPlan, over input: ExplainNode) -> ExplainNode {
    var node = ExplainNode(head: "", inputs: [input], labels: input.labels)
    switch plan {
    case .filter(_, let terms): node.head = "Filter " + condition(terms, input.labels)
    case .project(_, let expressions):
      node.labels = input.labels.following(expressions)
      node.head = "Project " + list(expressions.count) { shown(expressions[$0], input.labels, $0) }
    case .aggregate(_, let groups, let calls), .partialAggregate(_, let groups, let calls):
      node.head = "Aggregate"
      node.labels = input.labels.following(groups) + ColumnLabels(count: calls.count)
      if case .partialAggregate = plan {
        node.head = "PartialAggregate"
        node.labels = ColumnLabels(names: ["morsel"]) + node.labels
      }
      if !groups.isEmpty {
        let keys = list(groups.count) { shown(groups[$0], input.labels, $0) }
        node.details.append("Keys: " + keys)
      }
      if !calls.isEmpty {
        let outputs = list(calls.count) {
          "#\(groups.count + $0) := " + aggregate(calls[$0], input.labels)
        }
        node.details.append("Output: " + outputs)
      }
    case .window(_, let window):
      node = windowNode(window, over: input)
      node.labels = input.labels + ColumnLabels(count: window.calls.count)
    case .union: node.head = "Union"
    case .unnest(_, let unnest):
      node.head = "Unnest " + self.unnest(unnest, input.labels)
      node.labels = input.labels.picking(unnest.passed) + ColumnLabels(count: unnest.outputs.count)
    case .sort(_, let keys): node.head = "Sort by " + sortKeys(keys, input.labels)
    case .topN(_, let keys, let count, let offset):
      node.head = "TopN" + limit(count, offset: offset) + " by " + sortKeys(keys, input.labels)
    case .limit(_, let count, let offset): node.head = "Limit" + limit(count, offset: offset)
    default: break
    }
    return node
  }

  private static func node(of scan: PhysicalScan) -> ExplainNode {
    let all = ColumnLabels(names: scan.columnNames, table: scan.name)
    let labels = all.picking(scan.output)
    return ExplainNode(
      head: "TableScan \(ColumnLabels.name(scan.schema)).\(ColumnLabels.name(scan.name)) "
        + bracketed(labels),
      details: scanDetails(scan.filters, all, cellRangeCount: scan.cells?.count)
        + parts(scan.uses, scan.columnTypes, scan.columnNames), labels: labels)
  }

  private static func node(of join: PhysicalJoin) -> ExplainNode {
    let left = node(of: join.left)
    let right = node(of: join.right)
    return ExplainNode(
      head: "HashJoin \(join.kind.rawValue)",
      details: joinDetails(join.keys, join.residual, left.labels, right.labels),
      inputs: [left, right], labels: labels(of: join.kind, left.labels, right.labels))
  }

  private static func node(of join: PhysicalSkyJoin) -> ExplainNode {
    let left = node(of: join.left)
    let right = node(of: join.right)
    let leftLabels = left.labels.dropping(join.leftHasCells ? 1 : 0)
    let rightLabels = right.labels.dropping(join.rightHasCells ? 1 : 0)
    return ExplainNode(
      head: "SkyJoin \(join.kind.rawValue)",
      details: [
        skyDetail(join.condition, leftLabels, rightLabels),
        "Held: " + held(join),
      ] + joinDetails([], join.residual, leftLabels, rightLabels),
      inputs: [left, right], labels: leftLabels + rightLabels)
  }

  private static func held(_ join: PhysicalSkyJoin) -> String {
    guard join.buildsLeft else { return "right" }
    return join.kind == .inner ? "left" : "left, then what of right is near it"
  }

  /// A named column, or `#2 := expression`, as which the operators above will show it.
  private static func shown(
    _ expression: ScalarExpression, _ labels: ColumnLabels, _ index: Int
  ) -> String {
    let text = ExpressionText.text(of: expression, labels)
    if case .column(let column, _) = expression, labels.isNamed(column) { return text }
    return "#\(index) := " + text
  }
}
