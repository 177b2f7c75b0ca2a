import Base
import Synchronization
import Vectors

/// Source → transforms → sink. Its morsels are taken from one atomic cursor.
final class Pipeline: Sendable {
  /// What a running pipeline has beyond its plan.
  struct Progress {
    var source: (any Source)?
    var isStarted = false
    /// Morsels whose part is combined.
    var combined = 0
    /// Finished parts that wait for earlier ones.
    var waiting: [Int: any SinkPart] = [:]
    var isCombining = false
    var isFinished = false
  }

  let number: Int
  /// Pipelines that must have finished before this one may start.
  let dependencies: [Int]
  let makeSource: @Sendable () throws(SQLError) -> any Source
  let sourceMetrics: OperatorMetrics
  let transforms: [TransformStep]
  let sink: any Sink
  let sinkMetrics: OperatorMetrics?
  let cursor = Atomic<Int>(0)
  let morselCount = Atomic<Int>(0)

  init(
    number: Int, dependencies: [Int], sourceMetrics: OperatorMetrics,
    makeSource: @escaping @Sendable () throws(SQLError) -> any Source,
    transforms: [TransformStep], sink: any Sink, sinkMetrics: OperatorMetrics?
  ) {
    self.number = number
    self.dependencies = dependencies
    self.sourceMetrics = sourceMetrics
    self.makeSource = makeSource
    self.transforms = transforms
    self.sink = sink
    self.sinkMetrics = sinkMetrics
  }
}

/// A transform of a pipeline: how to make one for a morsel, and where its figures go.
struct TransformStep: Sendable {
  let metrics: OperatorMetrics
  let make: @Sendable () -> any Transform
}
