import Base
import FunctionKit
import Plans
import Vectors

/// Groups the rows of one morsel and gives them out at its end, behind the morsel's number: as
/// `AggregateSink` has them before it merges, so that whoever merges them in the order of the
/// morsels gets the same bits.
///
/// Memory: keys and states of the morsel's groups, on the query's account.
final class PartialAggregate: Transform {
  private let aggregation: Aggregation
  private let firstMorsel: Int
  private let states: GroupedStates
  private var morsel = 0
  private var remaining = 0..<0
  private var isFinished = false

  init(_ aggregation: Aggregation, firstMorsel: Int) {
    self.aggregation = aggregation
    self.firstMorsel = firstMorsel
    states = aggregation.makeStates()
  }

  func begin(morsel: Int) { self.morsel = firstMorsel + morsel }

  func accept(_ batch: Batch) throws(SQLError) { try aggregation.add(batch, to: states) }

  func finish() {
    isFinished = true
    remaining = 0..<states.count
  }

  func next() throws(SQLError) -> Batch? {
    guard isFinished, !remaining.isEmpty else { return nil }
    if remaining.lowerBound == 0 { try states.prepareToFinish() }
    let range = remaining.prefix(Batch.capacity)
    remaining = range.upperBound..<remaining.upperBound
    var batch = try states.finish(range, types: aggregation.aggregates.map(\.type))
    let number = Vector.constant(.integer(Int64(morsel)), type: .int64, count: range.count)
    batch.columns.insert(number, at: 0)
    return batch
  }
}

extension PhysicalPlan {
  /// The morsels that the one scan below reads, if it does not read all.
  var scannedMorsels: Range<Int>? {
    if case .tableScan(let scan) = self { return scan.morsels }
    return inputs.count == 1 ? inputs[0].scannedMorsels : nil
  }
}
