import Vectors

extension ExplainText {
  static func node(of plan: LogicalPlan) -> ExplainNode {
    switch plan {
    case .scan(let scan): return node(of: scan)
    case .singleRow: return ExplainNode(head: "SingleRow", labels: ColumnLabels(names: []))
    case .values(let rows, let columns):
      let labels = ColumnLabels(columns)
      return ExplainNode(
        head: "Values \(counted(rows.count, "row")) \(bracketed(labels))", labels: labels)
    case .tableFunction(let name, let arguments, let columns):
      let labels = ColumnLabels(columns)
      return ExplainNode(
        head: tableFunction(name, arguments) + " " + bracketed(labels), labels: labels)
    case .file(let read):
      let labels = ColumnLabels(read.outputColumns)
      return ExplainNode(head: file(read.source) + " " + bracketed(labels), labels: labels)
    case .join(let join): return node(of: join)
    case .union(let inputs, let columns):
      return ExplainNode(
        head: "Union", inputs: inputs.map { node(of: $0) }, labels: ColumnLabels(columns))
    case .recursion(let recursion):
      let nodes = [node(of: recursion.anchor), node(of: recursion.step)]
      return ExplainNode(
        head: self.recursion(recursion.number, isDistinct: recursion.isDistinct), inputs: nodes,
        labels: nodes[0].labels)
    case .workingTable(let number, let columns):
      let labels = ColumnLabels(columns)
      return ExplainNode(head: "WorkingTable \(number) " + bracketed(labels), labels: labels)
    case .filter(let input, _), .project(let input, _, _), .aggregate(let input, _, _, _),
      .window(let input, _, _), .distinct(let input), .sort(let input, _), .limit(let input, _, _),
      .unnest(let input, _, _):
      return unaryNode(of: plan, over: node(of: input))
    }
  }

  private static func unaryNode(of plan: LogicalPlan, over input: ExplainNode) -> ExplainNode {
    var node = ExplainNode(head: "", inputs: [input], labels: input.labels)
    switch plan {
    case .filter(_, let terms): node.head = "Filter " + condition(terms, input.labels)
    case .unnest(_, let unnest, let columns):
      node.head = "Unnest " + self.unnest(unnest, input.labels)
      node.labels = ColumnLabels(columns)
    case .project(_, let expressions, let columns):
      node.labels = ColumnLabels(columns)
      let names = node.labels
      let items = list(expressions.count) {
        named(expressions[$0], input.labels, names, $0)
      }
      node.head = "Project " + items
    case .aggregate(_, let groups, let calls, let columns):
      node.head = "Aggregate"
      node.labels = ColumnLabels(columns)
      let names = node.labels
      if !groups.isEmpty {
        let keys = list(groups.count) { named(groups[$0], input.labels, names, $0) }
        node.details.append("Keys: " + keys)
      }
      if !calls.isEmpty {
        let outputs = list(calls.count) {
          names.text(of: groups.count + $0) + " := " + aggregate(calls[$0], input.labels)
        }
        node.details.append("Output: " + outputs)
      }
    case .window(_, let window, let columns):
      node = windowNode(window, over: input)
      node.labels = ColumnLabels(columns)
    case .distinct: node.head = "Distinct"
    case .sort(_, let keys): node.head = "Sort by " + sortKeys(keys, input.labels)
    case .limit(_, let count, let offset): node.head = "Limit" + limit(count, offset: offset)
    default: break
    }
    return node
  }

  private static func node(of scan: TableScan) -> ExplainNode {
    let all = ColumnLabels(scan.tableColumns, table: scan.name)
    let labels = all.picking(scan.projection)
    return ExplainNode(
      head: "TableScan \(ColumnLabels.name(scan.schema)).\(ColumnLabels.name(scan.name)) "
        + bracketed(labels),
      details: scanDetails(scan.filters, all, cellRangeCount: scan.cells?.count), labels: labels)
  }

  private static func node(of join: JoinPlan) -> ExplainNode {
    let left = node(of: join.left)
    let right = node(of: join.right)
    return ExplainNode(
      head: "Join \(join.kind.rawValue)",
      details: (join.sky.map { [skyDetail($0, left.labels, right.labels)] } ?? [])
        + joinDetails(join.keys, join.residual, left.labels, right.labels),
      inputs: [left, right], labels: labels(of: join.kind, left.labels, right.labels))
  }

  static func labels(
    of kind: JoinPlan.Kind, _ left: ColumnLabels, _ right: ColumnLabels
  ) -> ColumnLabels {
    if kind.hasRightColumns { return left + right }
    return kind.hasMark ? left + ColumnLabels(count: 1) : left
  }

  /// `name := expression`, or only the name of a column that keeps it.
  private static func named(
    _ expression: ScalarExpression, _ inner: ColumnLabels, _ outer: ColumnLabels, _ index: Int
  ) -> String {
    let text = ExpressionText.text(of: expression, inner)
    if case .column(let column, _) = expression, inner.isSameName(column, outer, index) {
      return text
    }
    return outer.text(of: index) + " := " + text
  }
}
