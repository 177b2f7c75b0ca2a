import Vectors

extension ExplainText {
  /// A window and what it computes; the caller gives it its labels.
  static func windowNode(_ window: WindowPlan, over input: ExplainNode) -> ExplainNode {
    var node = ExplainNode(head: "Window", inputs: [input], labels: input.labels)
    if !window.partitions.isEmpty {
      let keys = list(window.partitions.count) {
        ExpressionText.text(of: window.partitions[$0], input.labels)
      }
      node.details.append("Partitions: " + keys)
    }
    if !window.order.isEmpty {
      node.details.append("Order: " + sortKeys(window.order, input.labels))
    }
    let first = input.labels.count
    let outputs = list(window.calls.count) {
      "#\(first + $0) := " + text(window.calls[$0], input.labels)
    }
    node.details.append("Output: " + outputs)
    return node
  }

  private static func text(_ call: WindowCall, _ labels: ColumnLabels) -> String {
    let plain = AggregateCall(
      name: call.name, argumentTypes: call.argumentTypes, arguments: call.arguments,
      filter: call.filter, type: call.type)
    // An aggregate without arguments is count(*); a window function without is just itself.
    let text = call.isAggregate || !call.arguments.isEmpty
      ? aggregate(plain, labels) : call.name + "()"
    if call.frame == .standard { return text }
    let units = call.frame.units.rawValue.uppercased()
    return text + " \(units) BETWEEN \(bound(call.frame.start)) AND \(bound(call.frame.end))"
  }

  private static func bound(_ bound: WindowFrame.Bound) -> String {
    switch bound {
    case .unboundedPreceding: "UNBOUNDED PRECEDING"
    case .preceding(let count): "\(count) PRECEDING"
    case .precedingBy(let value): "\(number(value)) PRECEDING"
    case .currentRow: "CURRENT ROW"
    case .following(let count): "\(count) FOLLOWING"
    case .followingBy(let value): "\(number(value)) FOLLOWING"
    case .unboundedFollowing: "UNBOUNDED FOLLOWING"
    }
  }

  private static func number(_ value: Value) -> String {
    if case .float64 = value { return ValueText.text(ofPlain: value, type: .float64) }
    return ValueText.text(ofPlain: value, type: .int64)
  }
}
