import Base
import Plans
import Vectors

/// Collects the held side of a sky join and builds its table.
///
/// Memory: all of its rows, 56 bytes a row while they come, and what `SkyJoinTable` says, on the
/// query's account.
final class SkyJoinBuildSink: Sink, @unchecked Sendable {
  private let side: SkyJoinSide
  private let condition: SkyJoinCondition
  private let evaluation: EvaluationContext
  /// The held rows.
  let store: RowStore
  private let storeReservation: MemoryReservation
  private let rowsReservation: MemoryReservation
  private var parts: [SkyJoinRows] = []
  private var table: SkyJoinTable?

  init(_ side: SkyJoinSide, condition: SkyJoinCondition, evaluation: EvaluationContext) {
    self.side = side
    self.condition = condition
    self.evaluation = evaluation
    store = RowStore(types: side.types)
    storeReservation = MemoryReservation(evaluation.query.memory)
    rowsReservation = MemoryReservation(evaluation.query.memory)
  }

  func makePart(morsel: Int) -> any SinkPart { Part(self) }

  func combine(_ part: any SinkPart, morsel: Int) throws(SQLError) {
    guard let part = part as? Part else { return }
    part.rows.moveBatches(by: store.batches.count)
    store.append(part.store)
    parts.append(part.rows)
  }

  func finish() throws(SQLError) {
    let parts = parts
    self.parts = []
    table = try SkyJoinTable(store, parts, condition: condition, query: evaluation.query)
    rowsReservation.shrink(by: .max)
  }

  /// The finished table.
  var built: SkyJoinTable {
    guard let table else { preconditionFailure("one side waits for the other") }
    return table
  }

  private final class Part: SinkPart {
    let store: RowStore
    var rows = SkyJoinRows()
    private let sink: SkyJoinBuildSink

    init(_ sink: SkyJoinBuildSink) {
      self.sink = sink
      store = RowStore(types: sink.side.types)
    }

    func consume(_ batch: Batch) throws(SQLError) -> Demand {
      let number = store.batches.count
      let kept = Batch(columns: sink.side.columns(batch), rowCount: batch.rowCount)
      try sink.storeReservation.grow(by: store.append(kept))
      try sink.rowsReservation.grow(by: batch.rowCount * SkyJoinRows.bytesPerRow)
      let places = try SkyPlaces(batch, sink.side, sink.evaluation)
      if sink.condition.radiusDeg >= 0 { rows.append(places, batch: number) }
      return .more
    }
  }
}
