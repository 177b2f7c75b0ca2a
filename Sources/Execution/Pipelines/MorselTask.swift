import Base
import Synchronization
import Vectors

/// One morsel on its way through a pipeline. Its state lies in the operators, not on a stack, so a
/// task can stop after any batch and go on later on another thread.
final class MorselTask {
  enum Outcome {
    case finished
    /// The sink is full; the query wakes the task later.
    case blocked
    /// The query has failed elsewhere.
    case stopped
  }

  let pipeline: Pipeline
  let morsel: Int
  private let reader: any MorselReader
  private let transforms: [any Transform]
  let part: any SinkPart
  private let context: QueryContext
  private let clock: any Clock
  /// Transforms that know of the end of the input; nil before the source's.
  private var finishedCount: Int?

  init(pipeline: Pipeline, morsel: Int, source: any Source, context: QueryContext, clock: any Clock)
    throws(SQLError)
  {
    self.pipeline = pipeline
    self.morsel = morsel
    self.context = context
    self.clock = clock
    reader = try source.reader(ofMorsel: morsel)
    transforms = pipeline.transforms.map { $0.make() }
    for transform in transforms { transform.begin(morsel: morsel) }
    part = pipeline.sink.makePart(morsel: morsel)
  }

  /// Pushes batches until the morsel ends, the sink is full or has enough, or the query has failed.
  func run(unless hasFailed: borrowing Atomic<Bool>) throws(SQLError) -> Outcome {
    while true {
      if hasFailed.load(ordering: .relaxed) { return .stopped }
      try context.checkpoint()
      guard !pipeline.sink.isSatisfied, let (batch, level) = try nextBatch() else { break }
      guard batch.rowCount > 0, let output = try push(batch, from: level) else { continue }
      switch try consume(output) {
      case .more: continue
      case .blocked: return .blocked
      case .done:
        try part.close()
        return .finished
      }
    }
    try part.close()
    return .finished
  }

  /// The output of the last transform that has some left, else a new batch from the source; with it
  /// the number of transforms that it has passed.
  private func nextBatch() throws(SQLError) -> (Batch, Int)? {
    while true {
      var level = transforms.count
      while level > 0 {
        if let batch = try timed(level - 1) { return (batch, level) }
        level -= 1
      }
      if finishedCount == nil {
        if let batch = try read() { return (batch, 0) }
        finishedCount = 0
      }
      guard let index = finishedCount, index < transforms.count else { return nil }
      transforms[index].finish()
      finishedCount = index + 1
    }
  }

  private func read() throws(SQLError) -> Batch? {
    let start = clock.monotonicNS()
    let batch = try reader.next()
    pipeline.sourceMetrics.add(
      rows: batch?.rowCount ?? 0, timeNS: Int(clock.monotonicNS() - start))
    return batch
  }

  private func timed(_ index: Int) throws(SQLError) -> Batch? {
    let start = clock.monotonicNS()
    let batch = try transforms[index].next()
    pipeline.transforms[index].metrics.add(
      rows: batch?.rowCount ?? 0, timeNS: Int(clock.monotonicNS() - start))
    return batch
  }

  /// Passes a batch through the transforms from `level` on; nil if one of them gives nothing.
  private func push(_ batch: Batch, from level: Int) throws(SQLError) -> Batch? {
    var current = batch
    for index in level..<transforms.count {
      let start = clock.monotonicNS()
      try transforms[index].accept(current)
      pipeline.transforms[index].metrics.add(timeNS: Int(clock.monotonicNS() - start))
      guard let output = try timed(index), output.rowCount > 0 else { return nil }
      current = output
    }
    return current
  }

  private func consume(_ batch: Batch) throws(SQLError) -> Demand {
    guard let metrics = pipeline.sinkMetrics else { return try part.consume(batch) }
    let start = clock.monotonicNS()
    let demand = try part.consume(batch)
    metrics.add(timeNS: Int(clock.monotonicNS() - start))
    return demand
  }
}
