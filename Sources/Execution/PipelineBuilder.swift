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
  /// What functions may ask of the session.
  public var facts: (any SessionFacts)?
  /// By the number of a recursion: the rows that its step reads.
  var workingTables: [Int: [Batch]] = [:]

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
  let environment: ExecutionEnvironment
  let evaluation: EvaluationContext
  let compiler: ExpressionCompiler
  var pipelines: [Pipeline] = []
  var metrics: [OperatorMetrics] = []

  /// A pipeline whose end is still open.
  struct Open {
    var dependencies: [Int] = []
    var sourceMetrics: OperatorMetrics
    var makeSource: @Sendable () throws(SQLError) -> any Source
    var transforms: [TransformStep] = []
  }

  public static func execution(
    of plan: PhysicalPlan, in environment: ExecutionEnvironment, context: QueryContext
  ) throws(SQLError) -> QueryExecution {
    var builder = PipelineBuilder(environment, context)
    let queue = ResultQueue(context.memory)
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

  init(_ environment: ExecutionEnvironment, _ context: QueryContext) {
    self.environment = environment
    evaluation = EvaluationContext(
      query: context, domainErrors: environment.domainErrors, facts: environment.facts)
    compiler = ExpressionCompiler(functions: environment.functions, memory: context.memory)
  }

  @discardableResult
  mutating func close(
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
  mutating func build(
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
    case .unnest(let input, let unnest):
      let (lists, evaluation) = (try compiler.compile(unnest.lists), evaluation)
      return try adding(own, to: input, near: held) {
        UnnestTransform(unnest, lists, evaluation)
      }
    case .aggregate(let input, let groups, let calls):
      return try aggregate(input, groups, calls, own)
    case .partialAggregate(let input, let groups, let calls):
      return try partialAggregate(input, groups, calls, own)
    case .window(let input, let window): return try self.window(input, window, own)
    case .sort(let input, let keys): return try sort(input, keys, SortSink.Bounds(), own)
    case .topN(let input, let keys, let count, let offset):
      return try sort(input, keys, SortSink.Bounds(count: count, offset: offset), own)
    case .limit(let input, let count, let offset): return try limit(input, count, offset, own)
    case .hashJoin(let join): return try hashJoin(join, own)
    case .skyJoin(let join): return try skyJoin(join, own)
    case .union(let inputs): return try union(inputs, own)
    case .recursion(let recursion): return try self.recursion(recursion, own)
    case .workingTable(let number, _):
      guard let batches = environment.workingTables[number] else {
        throw SQLError(.internalError, "a working table without its recursion")
      }
      return source(own) { BatchSource(batches) }
    }
  }

  func source(
    _ own: OperatorMetrics, _ make: @escaping @Sendable () throws(SQLError) -> any Source
  ) -> Open {
    Open(sourceMetrics: own, makeSource: make)
  }

  mutating func adding(
    _ own: OperatorMetrics, to input: PhysicalPlan, near held: SkyJoinBuildSink?,
    _ make: @escaping @Sendable () -> any Transform
  ) throws(SQLError) -> Open {
    var open = try build(input, near: held)
    open.transforms.append(TransformStep(metrics: own, make: make))
    return open
  }

  func tableScan(
    _ scan: PhysicalScan, _ own: OperatorMetrics, _ restricted: RestrictedKey? = nil,
    near held: SkyJoinBuildSink? = nil
  ) throws(SQLError) -> Open {
    let snapshot = try environment.snapshot(scan.schema, scan.name)
    let filters = try compiler.compile(scan.filters)
    let evaluation = evaluation
    return source(own) {
      TableScanSource(
        scan, snapshot: snapshot, near: held?.built.coverage(), filters: filters,
        restricted: restricted, context: evaluation, metrics: own)
    }
  }

  mutating func aggregate(
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
      Aggregation(
        groups: try compiler.compile(groups), groupTypes: groups.map(\.type),
        aggregates: aggregates, evaluation: evaluation))
    let number = close(open, sink, own)
    return Open(dependencies: [number], sourceMetrics: own) { sink.source() }
  }

  private mutating func partialAggregate(
    _ input: PhysicalPlan, _ groups: [ScalarExpression], _ calls: [AggregateCall],
    _ own: OperatorMetrics
  ) throws(SQLError) -> Open {
    var aggregates: [CompiledAggregate] = []
    for call in calls { aggregates.append(try compile(call)) }
    let aggregation = Aggregation(
      groups: try compiler.compile(groups), groupTypes: groups.map(\.type),
      aggregates: aggregates, evaluation: evaluation)
    let firstMorsel = input.scannedMorsels?.lowerBound ?? 0
    return try adding(own, to: input, near: nil) {
      PartialAggregate(aggregation, firstMorsel: firstMorsel)
    }
  }

  func compile(_ call: AggregateCall) throws(SQLError) -> CompiledAggregate {
    let resolved = try environment.functions.resolveAggregate(
      call.name, call.argumentTypes.map { ArgumentType($0) }, at: nil)
    return CompiledAggregate(
      function: resolved.function, arguments: try compiler.compile(call.arguments),
      argumentTypes: call.argumentTypes,
      filter: try call.filter.map { (filter) throws(SQLError) in try compiler.compile(filter) },
      isDistinct: call.isDistinct, type: call.type)
  }

  mutating func limit(
    _ input: PhysicalPlan, _ count: Int?, _ offset: Int, _ own: OperatorMetrics
  ) throws(SQLError) -> Open {
    let open = try build(input)
    let sink = CollectSink(
      types: input.types, limit: count, offset: offset, context: evaluation.query)
    let number = close(open, sink, own)
    return Open(dependencies: [number], sourceMetrics: own) { BatchSource(sink.store.batches) }
  }
}
