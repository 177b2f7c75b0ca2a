import Base
import FunctionKit
import Plans
import Storage
import Vectors

/// Operators that put rows in order, or use the order in which a table is stored.
extension PipelineBuilder {
  mutating func sort(
    _ input: PhysicalPlan, _ keys: [SortKey], _ bounds: SortSink.Bounds, _ own: OperatorMetrics
  ) throws(SQLError) -> Open {
    let threshold = bounds.count == nil ? nil : keys.first.map { SortThreshold($0) }
    let open = try build(input, below: threshold, keys.first?.expression)
    let sink = SortSink(
      inputTypes: input.types, keys: keys, keyNodes: try compiler.compile(keys.map(\.expression)),
      bounds: bounds, threshold: threshold, evaluation: evaluation)
    let number = close(open, sink, own)
    return Open(dependencies: [number], sourceMetrics: own) { sink.source() }
  }

  /// Builds the input of an operator that will know which rows it can use by their `key`, and lets a
  /// scan at the input's bottom see it.
  mutating func build(
    _ plan: PhysicalPlan, below restriction: (any ScanRestriction)?, _ key: ScalarExpression?
  ) throws(SQLError) -> Open {
    // The key is computed twice: it must be the same then, and where errors become NULL and a
    // warning, the warnings must still be one a row.
    guard let restriction, let key, key.isDeterministic(environment.functions),
      evaluation.domainErrors == .raise || Self.isNumeric(key)
    else { return try build(plan) }
    switch plan {
    case .tableScan(let scan):
      let own = OperatorMetrics()
      metrics.append(own)
      let stored = key.mappingColumns { scan.output[$0] }
      let restricted = RestrictedKey(
        key: try compiler.compile(stored),
        column: GroupPruning.plainColumn(stored).map { scan.columns[$0] }, restriction, evaluation)
      return try tableScan(scan, own, restricted)
    case .project(let input, let expressions):
      let own = OperatorMetrics()
      metrics.append(own)
      let nodes = try compiler.compile(expressions)
      var open = try build(input, below: restriction, key.replacingColumns(by: expressions))
      let evaluation = evaluation
      open.transforms.append(TransformStep(metrics: own) { Project(nodes, evaluation) })
      return open
    default: return try build(plan)
    }
  }

  /// Arithmetic on numbers alone, which is NULL wherever a part of it is.
  static func isNumeric(_ expression: ScalarExpression) -> Bool {
    switch expression {
    case .column, .literal: expression.type.isNumeric
    case .call, .cast: expression.type.isNumeric && expression.children.allSatisfy(isNumeric)
    default: false
    }
  }

  mutating func window(
    _ input: PhysicalPlan, _ window: WindowPlan, _ own: OperatorMetrics
  ) throws(SQLError) -> Open {
    let open = try build(input)
    let compiled = try CompiledWindow(
      window, inputTypes: input.types, compiler: compiler, evaluation: evaluation)
    if let order = try storedOrder(of: window, over: input) {
      return Open(dependencies: open.dependencies, sourceMetrics: own) { () throws(SQLError) in
        let source = try open.makeSource()
        guard let scan = source as? TableScanSource else {
          throw SQLError(.internalError, "a window in stored order reads no table")
        }
        return OrderedWindowSource(
          scan, steps: open.transforms, window: compiled, tableColumns: order.partitionColumns,
          scanMetrics: open.sourceMetrics)
      }
    }
    let sink = WindowSink(compiled)
    let number = close(open, sink, own)
    return Open(dependencies: [number], sourceMetrics: own) { () throws(SQLError) in
      try sink.source()
    }
  }

  func storedOrder(
    of window: WindowPlan, over input: PhysicalPlan
  ) throws(SQLError) -> StoredOrder? {
    guard let scan = input.scanBelowSteps else { return nil }
    let snapshot = try environment.snapshot(scan.schema, scan.name)
    guard let sorted = StoredOrder.common(snapshot),
      let order = StoredOrder(window, over: input, sortedBy: sorted),
      try order.holds(across: snapshot)
    else { return nil }
    return order
  }
}
