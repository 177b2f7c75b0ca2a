import Base
import Plans
import Vectors

extension PipelineBuilder {
  mutating func recursion(
    _ recursion: PhysicalRecursion, _ own: OperatorMetrics
  ) throws(SQLError) -> Open {
    let open = try build(recursion.anchor)
    let (environment, context) = (environment, evaluation.query)
    let anchor = CollectSink(types: recursion.anchor.types, context: context)
    let number = close(open, anchor, nil)
    let stepMetrics = (0..<recursion.step.operatorCount).map { _ in OperatorMetrics() }
    metrics += stepMetrics
    return Open(dependencies: [number], sourceMetrics: own) {
      RecursionSource(anchor, isDistinct: recursion.isDistinct, context: context) {
        (batches) throws(SQLError) in
        var inner = environment
        inner.workingTables[recursion.number] = batches
        return try Self.rows(of: recursion.step, in: inner, context, stepMetrics)
      }
    }
  }

  /// The rows of a plan, computed on the calling thread.
  private static func rows(
    of plan: PhysicalPlan, in environment: ExecutionEnvironment, _ context: QueryContext,
    _ metrics: [OperatorMetrics]
  ) throws(SQLError) -> CollectSink {
    var builder = PipelineBuilder(environment, context)
    let open = try builder.build(plan)
    let sink = CollectSink(types: plan.types, context: context)
    builder.close(open, sink, nil)
    let execution = QueryExecution(
      pipelines: builder.pipelines, result: ResultQueue(context.memory), metrics: builder.metrics,
      context: context)
    execution.runToEnd()
    guard case .end = try execution.result.poll({}) else {
      throw SQLError(.internalError, "a step of a recursion did not end")
    }
    for (sum, part) in zip(metrics, builder.metrics) {
      sum.add(
        rows: part.rows, timeNS: part.timeNS, bytes: part.bytesRead, groups: part.groupsRead)
    }
    return sink
  }
}

extension PhysicalPlan {
  fileprivate var operatorCount: Int { 1 + inputs.reduce(0) { $0 + $1.operatorCount } }
}
