import Base
import Vectors

/// A morsel's rows behind the transforms above its source.
final class StepReader: MorselReader {
  private let reader: any MorselReader
  private let steps: [TransformStep]
  private let transforms: [any Transform]
  /// nil where rows are read a second time, which does not count.
  private let metrics: OperatorMetrics?
  /// Asked between batches, where the caller does not.
  private let context: QueryContext?
  private let clock = SystemClock()
  /// How many transforms know that there is no more input; nil while there is.
  private var finishedCount: Int?

  init(
    _ reader: any MorselReader, _ steps: [TransformStep], _ metrics: OperatorMetrics?,
    context: QueryContext? = nil
  ) {
    self.reader = reader
    self.steps = steps
    self.metrics = metrics
    self.context = context
    transforms = steps.map { $0.make() }
  }

  /// Never an empty batch; nil at the end.
  func next() throws(SQLError) -> Batch? {
    while true {
      try context?.checkpoint()
      guard let (batch, level) = try deepest() else { return nil }
      if batch.rowCount > 0, let output = try push(batch, from: level) { return output }
    }
  }

  /// What the last transform that has some left gives, else a new batch, else what transforms kept
  /// back; with it the number of transforms that it has passed.
  private func deepest() throws(SQLError) -> (Batch, Int)? {
    while true {
      for index in transforms.indices.reversed() {
        if let batch = try output(of: index) { return (batch, index + 1) }
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
    metrics?.add(rows: batch?.rowCount ?? 0, timeNS: Int(clock.monotonicNS() - start))
    return batch
  }

  private func push(_ batch: Batch, from level: Int) throws(SQLError) -> Batch? {
    var current = batch
    for index in level..<transforms.count {
      let start = clock.monotonicNS()
      try transforms[index].accept(current)
      if metrics != nil { steps[index].metrics.add(timeNS: Int(clock.monotonicNS() - start)) }
      guard let output = try output(of: index), output.rowCount > 0 else { return nil }
      current = output
    }
    return current.rowCount > 0 ? current : nil
  }

  private func output(of index: Int) throws(SQLError) -> Batch? {
    let batch = try transforms[index].next()
    if metrics != nil { steps[index].metrics.add(rows: batch?.rowCount ?? 0) }
    return batch
  }
}
