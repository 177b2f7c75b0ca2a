import Base
import Plans
import Sky
import Vectors

/// Finds the partners of each row among the held ones: rows come out in the order of this side, the
/// partners of one row in the order of the held side.
///
/// Pairs of an inner join are kept back until they fill a batch. Rows of a left join without a
/// partner come behind the pairs of their batch, with NULLs.
/// Memory: at most 32 batches or 4 MiB of them as they came, and one batch of pairs.
final class SkyJoinProbe: Transform {
  struct Side: Sendable {
    var own: SkyJoinSide
    var residual: [CompiledExpression]
    var isLeftJoin: Bool
    /// The held rows' columns come first.
    var holdsLeft: Bool
  }

  /// Pairs tested between two looks at the query's state.
  private static let testsPerCheckpoint = 1 << 18
  private static let keptBatchLimit = 32

  private let table: SkyJoinTable
  private let side: Side
  private let evaluation: EvaluationContext
  private var hasEnded = false

  // The batch at work.
  private var input: Batch?
  private var places: SkyPlaces?
  private let candidates = UnsafeMutablePointer<UInt16>.allocate(capacity: Batch.capacity)
  private var candidateCount = 0
  private var candidate = 0
  private var entries = 0..<0
  /// The rows of a left join's batch that have a partner.
  private var matched: [Bool] = []

  // Pairs that have not come out, and the batches of their rows.
  private var kept: [Batch] = []
  /// The batch at work is the last of them.
  private var isKept = false
  private var keptBytes = 0
  private let own = UnsafeMutablePointer<RowReference>.allocate(capacity: Batch.capacity)
  private let held = UnsafeMutablePointer<RowReference>.allocate(capacity: Batch.capacity)
  private var pairCount = 0

  init(table: SkyJoinTable, side: Side, evaluation: EvaluationContext) {
    self.table = table
    self.side = side
    self.evaluation = evaluation
  }

  deinit {
    candidates.deallocate()
    own.deallocate()
    held.deallocate()
  }

  func accept(_ batch: Batch) throws(SQLError) {
    let places = try SkyPlaces(batch, side.own, evaluation)
    self.places = places
    input = Batch(columns: side.own.columns(batch), rowCount: batch.rowCount)
    isKept = false
    matched = side.isLeftJoin ? [Bool](repeating: false, count: batch.rowCount) : []
    candidateCount = table.candidates(places.cells, count: places.count, into: candidates)
    candidate = 0
    if candidateCount > 0 { enter(places) }
  }

  func finish() { hasEnded = true }

  func next() throws(SQLError) -> Batch? {
    while let places, let input {
      while candidate < candidateCount, pairCount < Batch.capacity { try collect(places, input) }
      let isAtEnd = candidate == candidateCount
      if isAtEnd { self.places = nil }
      if isFull || (isAtEnd && side.isLeftJoin), let pairs = try joined() { return pairs }
    }
    if side.isLeftJoin, let input {
      self.input = nil
      return unmatched(input)
    }
    return hasEnded ? try joined() : nil
  }

  private var isFull: Bool {
    pairCount == Batch.capacity || kept.count == Self.keptBatchLimit
      || keptBytes > Batch.byteBudget
  }

  // MARK: Finding pairs

  private func enter(_ places: SkyPlaces) {
    entries = table.entries(ofCell: places.cells[Int(candidates[candidate])])
  }

  /// More pairs, until there is a batch of them, no row is left, or many pairs have been tested.
  private func collect(_ places: SkyPlaces, _ input: Batch) throws(SQLError) {
    try evaluation.query.checkpoint()
    let before = pairCount
    let number = isKept ? kept.count - 1 : kept.count
    var budget = Self.testsPerCheckpoint
    while candidate < candidateCount {
      let end = min(entries.upperBound, entries.lowerBound + budget)
      let stop = test(places, entries.lowerBound..<end, RowStore.reference(batch: number, row: 0))
      budget -= stop - entries.lowerBound
      entries = stop..<entries.upperBound
      if pairCount == Batch.capacity || budget <= 0 { break }
      if entries.isEmpty {
        candidate += 1
        if candidate < candidateCount { enter(places) }
      }
    }
    if pairCount > before, !isKept {
      isKept = true
      kept.append(input)
      keptBytes += input.sizeBytes
    }
  }

  /// Tests entries against the candidate until the batch is full; the first entry not tested.
  private func test(_ places: SkyPlaces, _ range: Range<Int>, _ first: RowReference) -> Int {
    let row = Int(candidates[candidate])
    let (lonDeg, latDeg) = (places.lonDeg[row], places.latDeg[row])
    let latLimitDeg = table.latLimitDeg
    let rows = table.entries.base
    var vector: UnitVector?
    for entry in range {
      if abs(rows[entry].row.latDeg - latDeg) > latLimitDeg { continue }
      let place = vector ?? UnitVector(lonDeg: lonDeg, latDeg: latDeg)
      vector = place
      if !table.isPartner(rows[entry].row, of: place, lonDeg: lonDeg, latDeg: latDeg) { continue }
      own[pairCount] = first | RowReference(truncatingIfNeeded: row)
      held[pairCount] = rows[entry].row.reference
      pairCount += 1
      if pairCount == Batch.capacity { return entry + 1 }
    }
    return range.upperBound
  }

  // MARK: Giving them out

  /// The pairs kept back that pass the residual conditions; nil if there are none.
  private func joined() throws(SQLError) -> Batch? {
    let count = pairCount
    guard count > 0 else { return nil }
    let references = UnsafeBufferPointer(start: held, count: count)
    let heldColumns = table.gatherers.map { $0.gather(references) }
    var pairs = Batch(columns: arranged(ownColumns(count), heldColumns), rowCount: count)
    pairCount = 0
    kept = []
    keptBytes = 0
    isKept = false
    var survivors = side.isLeftJoin ? (0..<count).map { Int(own[$0] & 0xFFFF) } : []
    for condition in side.residual {
      let truth = try condition.evaluate(pairs, evaluation)
      guard let passed = truth.selectionOfTrue() else { continue }
      if passed.count == 0 { return nil }
      if side.isLeftJoin { survivors = passed.rows.map { survivors[Int($0)] } }
      pairs = pairs.filtered(by: passed)
    }
    for row in survivors { matched[row] = true }
    return pairs
  }

  private func ownColumns(_ count: Int) -> [Vector] {
    guard let first = kept.first, kept.count > 1 else {
      let rows = (0..<count).map { UInt16(truncatingIfNeeded: own[$0]) }
      return kept.first?.filtered(by: SelectionVector(rows)).columns ?? []
    }
    let references = UnsafeBufferPointer(start: own, count: count)
    return first.columns.indices.map { index in
      RowGatherer(kept.map { $0.columns[index].flattened() }, type: first.columns[index].type)
        .gather(references)
    }
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
