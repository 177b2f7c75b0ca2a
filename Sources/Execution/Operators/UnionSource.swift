import Base
import Vectors

/// The morsels of several sources, one source after the other, each behind the transforms of its own
/// part of the plan. Nothing is kept.
final class UnionSource: Source {
  struct Input: Sendable {
    let source: any Source
    let steps: [TransformStep]
    let metrics: OperatorMetrics

    init(_ source: any Source, _ steps: [TransformStep], _ metrics: OperatorMetrics) {
      self.source = source
      self.steps = steps
      self.metrics = metrics
    }
  }

  private let inputs: [Input]
  /// By input: the number of its first morsel here; at the end the number of all morsels.
  private let starts: [Int]
  private let context: QueryContext

  init(_ inputs: [Input], context: QueryContext) {
    self.inputs = inputs
    self.context = context
    var starts = [0]
    for input in inputs { starts.append(starts[starts.count - 1] + input.source.morselCount) }
    self.starts = starts
  }

  var morselCount: Int { starts[starts.count - 1] }

  func reader(ofMorsel morsel: Int) throws(SQLError) -> any MorselReader {
    // The last input that begins here or before: ones without morsels are skipped.
    var (low, high) = (0, inputs.count - 1)
    while low < high {
      let middle = (low + high + 1) / 2
      if starts[middle] <= morsel { low = middle } else { high = middle - 1 }
    }
    let input = inputs[low]
    let reader = try input.source.reader(ofMorsel: morsel - starts[low])
    return StepReader(reader, input.steps, input.metrics, context: context)
  }
}
