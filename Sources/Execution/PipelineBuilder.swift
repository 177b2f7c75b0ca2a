import Base
import FunctionKit
import Plans
import Storage
import Vectors

/// What a plan needs to run.
public struct ExecutionEnvironment: Sendable {
  public var functions: FunctionSet
  /// The rows of a table as the statement sees them.
  public var snapshot:
    @Sendable (_ schema: String, _ name: String) throws(SQLError) -> TableSnapshot
  /// Opens a file in FROM.
  public var file:
    @Sendable (PhysicalFile, QueryContext) throws(SQLError) -> FileParts
  public var domainErrors: FunctionContext.DomainErrors

  public init(
    functions: FunctionSet, domainErrors: FunctionContext.DomainErrors = .raise,
    snapshot: @escaping @Sendable (String, String) throws(SQLError) -> TableSnapshot,
    file: @escaping @Sendable (PhysicalFile, QueryContext) throws(SQLError) -> FileParts
  ) {
    self.functions = functions
    self.domainErrors = domainErrors
    self.snapshot = snapshot
    self.file = file
  }
}

/// Cuts a physical plan into pipelines: a new one begins wherever an operator must have seen all of
/// its input.
public struct PipelineBuilder {
  private let environment: ExecutionEnvironment
  private let evaluation: EvaluationContext
  private let compiler: ExpressionCompiler
  private var pipelines: [Pipeline] = []
  private var metrics: [OperatorMetrics] = []

  /// A pipeline whose end is still open.
  private struct Open {
    var dependencies: [Int] = []
    var sourceMetrics: OperatorMetrics
    var makeSource: @Sendable () throws(SQLError) -> any Source
    var transforms: [TransformStep] = []
  }

  public static func execution(
    of plan: PhysicalPlan, in environment: ExecutionEnvironment, context: QueryContext
  ) throws(SQLError) -> QueryExecution {
    var builder = PipelineBuilder(environment, context)
    let queue = ResultQueue()
    var top = plan
    var bounds: (count: Int?, offset: Int) = (nil, 0)
    if case .limit(let input, let count, let offset) = plan {
      // The last LIMIT is applied on the way to the client.
      builder.metrics.append(OperatorMetrics())
      top = input
      bounds = (count, offset)
    }
    let open = try builder.build(top)
    let sink = ResultSink(queue: queue, limit: bounds.count, offset: bounds.offset)
    builder.close(open, sink, nil)
    return QueryExecution(
      pipelines: builder.pipelines, result: queue, metrics: builder.metrics, context: context)
  }

  private init(_ environment: ExecutionEnvironment, _ context: QueryContext) {
    self.environment = environment
    evaluation = EvaluationContext(query: context, domainErrors: environment.domainErrors)
    compiler = ExpressionCompiler(functions: environment.functions, memory: context.memory)
  }

  @discardableResult
  private mutating func close(
    _ open: Open, _ sink: any Sink, _ sinkMetrics: OperatorMetrics?
  ) -> Int {
    let number = pipelines.count
    pipelines.append(
      Pipeline(
        number: number, dependencies: open.dependencies, sourceMetrics: open.sourceMetrics,
        makeSource: open.makeSource, transforms: open.transforms, sink: sink,
        sinkMetrics: sinkMetrics))
    return number
  }

  /// Operators get their metrics in preorder. A scan `near` the held side of a sky join leaves out
  /// what is far from it.
  private mutating func build(
    _ plan: PhysicalPlan, near held: SkyJoinBuildSink? = nil
  ) throws(SQLError) -> Open {
    let own = OperatorMetrics()
    metrics.append(own)
    switch plan {
    case .tableScan(let scan): return try tableScan(scan, own, near: held)
    case .singleRow: return source(own) { BatchSource([Batch(columns: [], rowCount: 1)]) }
    case .values(let rows, let types):
      return source(own) { BatchSource(rows: rows, types: types) }
    case .tableFunction(let name, let arguments, _):
      guard let function = environment.functions.table(named: name) else {
        throw SQLError(.undefinedFunction, "table function does not exist: \"\(name)\"")
      }
      return source(own) {
        GeneratorSource { () throws(SQLError) in try function.open(arguments) }
      }
    case .file(let read):
      let (file, context) = (environment.file, evaluation.query)
      return source(own) { () throws(SQLError) in
        FileScanSource(try file(read, context), context: context, metrics: own)
      }
    case .filter(let input, let terms):
      let (conditions, evaluation) = (try compiler.compile(terms), evaluation)
      return try adding(own, to: input, near: held) { Filter(conditions, evaluation) }
    case .project(let input, let expressions):
      let (nodes, evaluation) = (try compiler.compile(expressions), evaluation)
      return try adding(own, to: input, near: held) { Project(nodes, evaluation) }
    case .aggregate(let input, let groups, let calls):
      return try aggregate(input, groups, calls, own)
    case .window(let input, let window): return try self.window(input, window, own)
    case .sort(let input, let keys): return try sort(input, keys, SortSink.Bounds(), own)
    case .topN(let input, let keys, let count, let offset):
      return try sort(input, keys, SortSink.Bounds(count: count, offset: offset), own)
    case .limit(let input, let count, let offset): return try limit(input, count, offset, own)
    case .hashJoin(let join): return try hashJoin(join, own)
    case .skyJoin(let join): return try skyJoin(join, own)
    }
  }

  private func source(
    _ own: OperatorMetrics, _ make: @escaping @Sendable () throws(SQLError) -> any Source
  ) -> Open {
    Open(sourceMetrics: own, makeSource: make)
  }

  private mutating func adding(
    _ own: OperatorMetrics, to input: PhysicalPlan, near held: SkyJoinBuildSink?,
    _ make: @escaping @Sendable () -> any Transform
  ) throws(SQLError) -> Open {
    var open = try build(input, near: held)
    open.transforms.append(TransformStep(metrics: own, make: make))
    return open
  }

  /// Builds the input of a sort with a limit, and lets a scan at its bottom see the limit's
  /// threshold.
  private mutating func build(
    _ plan: PhysicalPlan, below threshold: SortThreshold?, _ key: ScalarExpression
  ) throws(SQLError) -> Open {
    // Where errors become NULL and a warning, the warnings must still be one a row.
    guard let threshold, evaluation.domainErrors == .raise || Self.isNumeric(key) else {
      return try build(plan)
    }
    switch plan {
    case .tableScan(let scan):
      let own = OperatorMetrics()
      metrics.append(own)
      let key = try compiler.compile(key.mappingColumns { scan.output[$0] })
      return try tableScan(scan, own, ScanThreshold(key: key, threshold: threshold, evaluation))
    case .project(let input, let expressions):
      let own = OperatorMetrics()
      metrics.append(own)
      let nodes = try compiler.compile(expressions)
      var open = try build(input, below: threshold, key.replacingColumns(by: expressions))
      let evaluation = evaluation
      open.transforms.append(TransformStep(metrics: own) { Project(nodes, evaluation) })
      return open
    default: return try build(plan)
    }
  }

  /// Arithmetic on numbers alone, which is NULL wherever a part of it is.
  private static func isNumeric(_ expression: ScalarExpression) -> Bool {
    switch expression {
    case .column, .literal: expression.type.isNumeric
    case .call, .cast: expression.type.isNumeric && expression.children.allSatisfy(isNumeric)
    default: false
    }
  }

  private func tableScan(
    _ scan: PhysicalScan, _ own: OperatorMetrics, _ threshold: ScanThreshold? = nil,
    near held: SkyJoinBuildSink? = nil
  ) throws(SQLError) -> Open {
    let snapshot = try environment.snapshot(scan.schema, scan.name)
    let filters = try compiler.compile(scan.filters)
    let evaluation = evaluation
    return source(own) {
      TableScanSource(
        scan, snapshot: snapshot, near: held?.built.coverage(), filters: filters,
        threshold: threshold, context: evaluation, metrics: own)
    }
  }

  private mutating func aggregate(
    _ input: PhysicalPlan, _ groups: [ScalarExpression], _ calls: [AggregateCall],
    _ own: OperatorMetrics
  ) throws(SQLError) -> Open {
    if groups.isEmpty, case .tableScan(let scan) = input {
      let snapshot = try environment.snapshot(scan.schema, scan.name)
      if let row = ZoneAnswers.row(calls, over: scan, snapshot) {
        let unused = OperatorMetrics()
        unused.setTotal(groups: snapshot.parts.reduce(0) { $0 + $1.groupCount })
        metrics.append(unused)
        return source(own) { BatchSource(rows: [row], types: calls.map(\.type)) }
      }
    }
    let open = try build(input)
    var aggregates: [CompiledAggregate] = []
    for call in calls { aggregates.append(try compile(call)) }
    let sink = AggregateSink(
      groups: try compiler.compile(groups), groupTypes: groups.map(\.type),
      aggregates: aggregates, evaluation: evaluation)
    let number = close(open, sink, own)
    return Open(dependencies: [number], sourceMetrics: own) { sink.source() }
  }

  private func compile(_ call: AggregateCall) throws(SQLError) -> CompiledAggregate {
    let resolved = try environment.functions.resolveAggregate(
      call.name, call.argumentTypes.map { ArgumentType($0) }, at: nil)
    return CompiledAggregate(
      function: resolved.function, arguments: try compiler.compile(call.arguments),
      argumentTypes: call.argumentTypes,
      filter: try call.filter.map { (filter) throws(SQLError) in try compiler.compile(filter) },
      isDistinct: call.isDistinct, type: call.type)
  }

  private mutating func window(
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

  private func storedOrder(
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

  private mutating func sort(
    _ input: PhysicalPlan, _ keys: [SortKey], _ bounds: SortSink.Bounds, _ own: OperatorMetrics
  ) throws(SQLError) -> Open {
    let threshold = bounds.count == nil ? nil : keys.first.map { SortThreshold($0) }
    let open = try build(input, below: threshold, keys[0].expression)
    let sink = SortSink(
      inputTypes: input.types, keys: keys, keyNodes: try compiler.compile(keys.map(\.expression)),
      bounds: bounds, threshold: threshold, evaluation: evaluation)
    let number = close(open, sink, own)
    return Open(dependencies: [number], sourceMetrics: own) { sink.source() }
  }

  private mutating func limit(
    _ input: PhysicalPlan, _ count: Int?, _ offset: Int, _ own: OperatorMetrics
  ) throws(SQLError) -> Open {
    let open = try build(input)
    let sink = CollectSink(
      types: input.types, limit: count, offset: offset, context: evaluation.query)
    let number = close(open, sink, own)
    return Open(dependencies: [number], sourceMetrics: own) { BatchSource(sink.store.batches) }
  }

  private mutating func hashJoin(
    _ join: PhysicalJoin, _ own: OperatorMetrics
  ) throws(SQLError) -> Open {
    var left = try build(join.left)
    let right = try build(join.right)
    let sink = JoinBuildSink(
      types: join.right.types, keys: try compiler.compile(join.keys.map(\.right)),
      keyTypes: join.keys.map(\.right.type), evaluation: evaluation)
    left.dependencies.append(close(right, sink, own))
    let keys = try compiler.compile(join.keys.map(\.left))
    let residual = try compiler.compile(join.residual)
    let evaluation = evaluation
    let isLeftJoin = join.kind == .left
    left.transforms.append(
      TransformStep(metrics: own) {
        sink.probe(keys: keys, residual: residual, isLeftJoin: isLeftJoin, evaluation)
      })
    return left
  }

  private mutating func skyJoin(
    _ join: PhysicalSkyJoin, _ own: OperatorMetrics
  ) throws(SQLError) -> Open {
    let left = SkyJoinSide(
      types: join.leftTypes, position: try compile(join.condition.left),
      hasCells: join.leftHasCells)
    let right = SkyJoinSide(
      types: join.rightTypes, position: try compile(join.condition.right),
      hasCells: join.rightHasCells)
    let residual = try compiler.compile(join.residual)
    let sink = SkyJoinBuildSink(
      join.buildsLeft ? left : right, condition: join.condition, evaluation: evaluation)
    if join.kind == .left, join.buildsLeft {
      return try reducedSkyJoin(join, left, right, residual, sink, own)
    }
    let side = SkyJoinProbe.Side(
      own: join.buildsLeft ? right : left, residual: residual, isLeftJoin: join.kind == .left,
      holdsLeft: join.buildsLeft)
    let near = side.own.hasCells && !side.isLeftJoin ? sink : nil
    let first = try build(join.left, near: join.buildsLeft ? nil : near)
    let second = try build(join.right, near: join.buildsLeft ? near : nil)
    var open = join.buildsLeft ? second : first
    open.dependencies.append(close(join.buildsLeft ? first : second, sink, own))
    probe(sink, side, own, &open)
    return open
  }

  private func probe(
    _ sink: SkyJoinBuildSink, _ side: SkyJoinProbe.Side, _ own: OperatorMetrics, _ open: inout Open
  ) {
    let evaluation = evaluation
    open.transforms.append(
      TransformStep(metrics: own) {
        SkyJoinProbe(table: sink.built, side: side, evaluation: evaluation)
      })
  }

  /// Holds the left side, then the rows of the right one that are near it, and joins the held left
  /// side with these.
  private mutating func reducedSkyJoin(
    _ join: PhysicalSkyJoin, _ left: SkyJoinSide, _ right: SkyJoinSide,
    _ residual: [CompiledExpression], _ heldLeft: SkyJoinBuildSink, _ own: OperatorMetrics
  ) throws(SQLError) -> Open {
    let leftNumber = close(try build(join.left), heldLeft, own)
    var near = try build(join.right, near: right.hasCells ? heldLeft : nil)
    near.dependencies.append(leftNumber)
    let evaluation = evaluation
    near.transforms.append(
      TransformStep(metrics: OperatorMetrics()) {
        SkyNear(table: heldLeft.built, side: right, evaluation: evaluation)
      })
    var again = right
    again.warns = false
    let heldRight = SkyJoinBuildSink(again, condition: join.condition, evaluation: evaluation)
    let rightNumber = close(near, heldRight, own)
    var open = Open(dependencies: [rightNumber], sourceMetrics: OperatorMetrics()) {
      BatchSource(heldLeft.store.batches)
    }
    let side = SkyJoinSide(
      types: left.types, position: left.position, hasCells: false, warns: false)
    probe(
      heldRight,
      SkyJoinProbe.Side(own: side, residual: residual, isLeftJoin: true, holdsLeft: false), own,
      &open)
    return open
  }

  private func compile(_ position: SkyPosition) throws(SQLError) -> SkyPositionNodes {
    if let point = position.point { return .point(try compiler.compile(point)) }
    return .coordinates(
      lon: try compiler.compile(position.lon), lat: try compiler.compile(position.lat))
  }
}
