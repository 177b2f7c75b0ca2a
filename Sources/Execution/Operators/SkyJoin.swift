import Base
import Plans
import Sky
import Vectors

/// Collects the held side of a sky join and builds its table.
///
/// Memory: all of its rows and what `SkyJoinTable` says, on the query's account.
final class SkyJoinBuildSink: Sink, @unchecked Sendable {
  private let collector: CollectSink
  private let position: SkyPositionNodes
  private let condition: SkyJoinCondition
  private let evaluation: EvaluationContext
  private var table: SkyJoinTable?

  init(
    types: [LogicalType], position: SkyPositionNodes, condition: SkyJoinCondition,
    evaluation: EvaluationContext
  ) {
    collector = CollectSink(types: types, context: evaluation.query)
    self.position = position
    self.condition = condition
    self.evaluation = evaluation
  }

  func makePart(morsel: Int) -> any SinkPart { collector.makePart(morsel: morsel) }

  func combine(_ part: any SinkPart, morsel: Int) throws(SQLError) {
    try collector.combine(part, morsel: morsel)
  }

  func finish() throws(SQLError) {
    table = try SkyJoinTable(
      collector.store, position: position, condition: condition, evaluation: evaluation)
  }

  /// A probe of the finished table.
  func probe(_ side: SkyJoinProbe.Side, _ evaluation: EvaluationContext) -> any Transform {
    guard let table else { preconditionFailure("one side waits for the other") }
    return SkyJoinProbe(table: table, side: side, evaluation: evaluation)
  }
}

/// Finds the partners of each row among the held ones: rows come out in the order of this side, the
/// partners of one row in the order of the held side.
///
/// Rows of a left join without a partner come behind the pairs of their batch, with NULLs.
/// Memory: one batch and its pairs, at most 1024 at a time.
final class SkyJoinProbe: Transform {
  struct Side: Sendable {
    var position: SkyPositionNodes
    var residual: [CompiledExpression]
    var isLeftJoin: Bool
    /// The held rows' columns come first.
    var holdsLeft: Bool
  }

  /// Pairs tested between two looks at the query's state.
  private static let testsPerCheckpoint = 1 << 18

  private let table: SkyJoinTable
  private let side: Side
  private let evaluation: EvaluationContext
  private var input: Batch?
  private var places = SkyPlaces()
  private var row = 0
  private var entries = 0..<0
  private var vector = UnitVector(x: 0, y: 0, z: 0)
  private var matched: [Bool] = []

  init(table: SkyJoinTable, side: Side, evaluation: EvaluationContext) {
    self.table = table
    self.side = side
    self.evaluation = evaluation
  }

  func accept(_ batch: Batch) throws(SQLError) {
    places = SkyPlaces()
    try places.append(batch, side.position, evaluation)
    input = batch
    row = 0
    matched = side.isLeftJoin ? [Bool](repeating: false, count: batch.rowCount) : []
    if batch.rowCount > 0 { enterRow() }
  }

  func next() throws(SQLError) -> Batch? {
    guard let batch = input else { return nil }
    var own: [UInt16] = []
    var held: [RowReference] = []
    while row < batch.rowCount, own.count < Batch.capacity {
      try collect(&own, &held, batch.rowCount)
    }
    if own.isEmpty {
      input = nil
      return unmatched(batch)
    }
    return try joined(batch, own, held)
  }

  /// Looks up the row's tile; the vector only where there is something in it.
  private func enterRow() {
    entries = table.entries(ofTile: places.cells[row] &>> table.tileShift)
    if entries.isEmpty { return }
    vector = UnitVector(lonDeg: places.lonDeg[row], latDeg: places.latDeg[row])
  }

  /// More pairs, until there is a batch of them, no row is left, or many pairs have been tested.
  private func collect(
    _ own: inout [UInt16], _ held: inout [RowReference], _ count: Int
  ) throws(SQLError) {
    try evaluation.query.checkpoint()
    var budget = Self.testsPerCheckpoint
    while row < count {
      let end = min(entries.upperBound, entries.lowerBound + budget)
      let stop = test(entries.lowerBound..<end, &own, &held)
      budget -= stop - entries.lowerBound
      entries = stop..<entries.upperBound
      if own.count == Batch.capacity || budget <= 0 { return }
      if entries.isEmpty {
        row += 1
        if row < count { enterRow() }
      }
    }
  }

  /// Tests entries against the row until the batch is full; the first entry not tested.
  private func test(
    _ range: Range<Int>, _ own: inout [UInt16], _ held: inout [RowReference]
  ) -> Int {
    let vector = vector
    for entry in range {
      let (dx, dy, dz) = (
        table.x[entry] - vector.x, table.y[entry] - vector.y, table.z[entry] - vector.z
      )
      let squaredChord = dx * dx + dy * dy + dz * dz
      if squaredChord > table.outside { continue }
      if squaredChord >= table.inside,
        !table.isWithin(
          entry: entry, lonDeg: places.lonDeg[row], latDeg: places.latDeg[row])
      {
        continue
      }
      own.append(UInt16(truncatingIfNeeded: row))
      held.append(table.reference(ofEntry: entry))
      if own.count == Batch.capacity { return entry + 1 }
    }
    return range.upperBound
  }

  /// The pairs that pass the residual conditions, perhaps none.
  private func joined(
    _ batch: Batch, _ own: [UInt16], _ held: [RowReference]
  ) throws(SQLError) -> Batch {
    let ownColumns = batch.filtered(by: SelectionVector(own)).columns
    let heldColumns = held.withUnsafeBufferPointer { pointer in
      table.gatherers.map { $0.gather(pointer) }
    }
    var pairs = Batch(columns: arranged(ownColumns, heldColumns), rowCount: own.count)
    var survivors = own
    for condition in side.residual {
      let truth = try condition.evaluate(pairs, evaluation)
      guard let passed = truth.selectionOfTrue() else { continue }
      if passed.count == 0 { return pairs.filtered(by: passed) }
      survivors = passed.rows.map { survivors[Int($0)] }
      pairs = pairs.filtered(by: passed)
    }
    if side.isLeftJoin { for row in survivors { matched[Int(row)] = true } }
    return pairs
  }

  private func arranged(_ own: [Vector], _ held: [Vector]) -> [Vector] {
    side.holdsLeft ? held + own : own + held
  }

  private func unmatched(_ batch: Batch) -> Batch? {
    let rows = matched.indices.filter { !matched[$0] }.map { UInt16(truncatingIfNeeded: $0) }
    guard !rows.isEmpty else { return nil }
    let own = batch.filtered(by: SelectionVector(rows)).columns
    let nulls = table.types.map { Vector.nulls($0, count: rows.count) }
    return Batch(columns: arranged(own, nulls), rowCount: rows.count)
  }
}
