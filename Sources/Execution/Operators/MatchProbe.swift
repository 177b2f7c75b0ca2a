import Base
import Plans
import Vectors

/// For `x IN (…)`: which sets there are, one for each value of the keys before the last, and which
/// of them hold a NULL.
///
/// Memory: a key and a byte a set, on the query's account.
final class MatchedSets: @unchecked Sendable {
  private let keys: KeyTable
  private var holdsNull: [Bool] = []
  private let reservation: MemoryReservation

  init(
    _ store: RowStore, keys nodes: [CompiledExpression], types: [LogicalType],
    evaluation: EvaluationContext
  ) throws(SQLError) {
    reservation = MemoryReservation(evaluation.query.memory)
    keys = KeyTable(types: types.count < 2 ? [.int32] : Array(types.dropLast()))
    var groups = [UInt32](repeating: 0, count: Batch.capacity)
    var reservedBytes = 0
    for batch in store.batches {
      let columns = try JoinTable.keyColumns(nodes, batch, evaluation)
      guard let tested = columns.last else { continue }
      let outer = try Self.outer(columns, batch.rowCount)
      if groups.count < batch.rowCount {
        groups = [UInt32](repeating: 0, count: batch.rowCount)
      }
      groups.withUnsafeMutableBufferPointer { pointer in
        guard let start = pointer.baseAddress else { return }
        keys.findOrInsert(outer, count: batch.rowCount, groups: start)
      }
      while holdsNull.count < keys.count { holdsNull.append(false) }
      if tested.validity != nil {
        for row in 0..<batch.rowCount where tested.isNull(row) {
          holdsNull[Int(groups[row])] = true
        }
      }
      let bytes = keys.sizeBytes + holdsNull.count
      if bytes > reservedBytes {
        try reservation.grow(by: bytes - reservedBytes)
        reservedBytes = bytes
      }
      try evaluation.query.checkpoint()
    }
  }

  /// The keys before the last one; a constant where there are none.
  private static func outer(_ columns: [Vector], _ count: Int) throws(SQLError) -> [Vector] {
    if columns.count > 1 { return Array(columns.dropLast()) }
    return [Vector.constant(.integer(0), type: .int32, count: count).flattened()]
  }

  /// Rows whose membership is not known, among those that found no equal value: theirs is a set
  /// that holds a NULL, or they are NULL and theirs is not empty.
  func unknown(_ columns: [Vector], count: Int) throws(SQLError) -> [Bool] {
    var groups = [UInt32](repeating: KeyTable.absent, count: max(1, count))
    let outer = try Self.outer(columns, count)
    groups.withUnsafeMutableBufferPointer { pointer in
      guard let start = pointer.baseAddress else { return }
      keys.find(outer, count: count, groups: start)
    }
    let tested = columns[columns.count - 1]
    return (0..<count).map { row in
      groups[row] != KeyTable.absent && (holdsNull[Int(groups[row])] || tested.isNull(row))
    }
  }
}

/// Decides for each left row whether it has a partner, and gives out the left rows in their order:
/// those with one (semi), without one (anti), all with the answer (mark), or all with the values of
/// their only partner (single).
final class MatchProbe: Transform {
  private let table: JoinTable
  private let kind: JoinPlan.Kind
  private let sets: MatchedSets?
  private let keys: [CompiledExpression]
  private let residual: [CompiledExpression]
  private let evaluation: EvaluationContext
  private var input: Batch?
  private var columns: [Vector] = []
  private var firsts: [UInt32] = []
  /// Where the pairs that the residual conditions decide go on.
  private var row = 0
  private var chain = JoinTable.none
  private var matched: [Bool] = []

  init(
    table: JoinTable, kind: JoinPlan.Kind, sets: MatchedSets?, keys: [CompiledExpression],
    residual: [CompiledExpression], evaluation: EvaluationContext
  ) {
    self.table = table
    self.kind = kind
    self.sets = sets
    self.keys = keys
    self.residual = residual
    self.evaluation = evaluation
  }

  func accept(_ batch: Batch) throws(SQLError) {
    columns = try JoinTable.keyColumns(keys, batch, evaluation)
    firsts = [UInt32](repeating: JoinTable.none, count: batch.rowCount)
    firsts.withUnsafeMutableBufferPointer { pointer in
      if let start = pointer.baseAddress {
        table.find(columns, count: batch.rowCount, into: start)
      }
    }
    input = batch
    matched = firsts.map { $0 != JoinTable.none }
    guard !residual.isEmpty else {
      row = batch.rowCount
      return
    }
    matched = [Bool](repeating: false, count: batch.rowCount)
    row = 0
    chain = firsts.first ?? JoinTable.none
  }

  func next() throws(SQLError) -> Batch? {
    guard let batch = input else { return nil }
    if row < batch.rowCount {
      try testPairs(batch)
      // The pipeline looks around between any two batches of pairs.
      if row < batch.rowCount { return Batch(columns: [], rowCount: 0) }
    }
    input = nil
    return try answer(batch)
  }

  // MARK: residual conditions

  /// Tests the next up to 1024 pairs of rows that have found no partner yet.
  private func testPairs(_ batch: Batch) throws(SQLError) {
    var leftRows: [UInt16] = []
    var rightRows: [UInt32] = []
    while row < batch.rowCount, leftRows.count < Batch.capacity {
      if chain == JoinTable.none || isDecided(row) {
        row += 1
        chain = row < batch.rowCount ? firsts[row] : JoinTable.none
        continue
      }
      leftRows.append(UInt16(truncatingIfNeeded: row))
      rightRows.append(chain)
      chain = table.next(chain)
    }
    guard !leftRows.isEmpty else { return }
    let left = batch.filtered(by: SelectionVector(leftRows))
    var pairs = Batch(columns: left.columns + table.gather(rightRows), rowCount: leftRows.count)
    for condition in residual {
      let truth = try condition.evaluate(pairs, evaluation)
      guard let passed = truth.selectionOfTrue() else { continue }
      let rows = passed.rows
      leftRows = rows.map { leftRows[Int($0)] }
      rightRows = rows.map { rightRows[Int($0)] }
      if rows.isEmpty { return }
      pairs = pairs.filtered(by: passed)
    }
    for (left, right) in zip(leftRows, rightRows) {
      if kind == .single {
        if matched[Int(left)] { throw Self.severalRows }
        firsts[Int(left)] = right
      }
      matched[Int(left)] = true
    }
  }

  /// One partner is enough, but for a single join a second one is an error.
  private func isDecided(_ row: Int) -> Bool { kind != .single && matched[row] }

  // MARK: answers

  private func answer(_ batch: Batch) throws(SQLError) -> Batch? {
    switch kind {
    case .semi: return kept(batch, where: true)
    case .anti: return kept(batch, where: false)
    case .single: return try withPartner(batch)
    default: return try marked(batch)
    }
  }

  private func kept(_ batch: Batch, where wanted: Bool) -> Batch? {
    var rows: [UInt16] = []
    for row in 0..<batch.rowCount where matched[row] == wanted {
      rows.append(UInt16(truncatingIfNeeded: row))
    }
    if rows.count == batch.rowCount { return batch }
    return rows.isEmpty ? nil : batch.filtered(by: SelectionVector(rows))
  }

  private func marked(_ batch: Batch) throws(SQLError) -> Batch {
    var mask: ValidityMask?
    if let sets, matched.contains(false) {
      let unknown = try sets.unknown(columns, count: batch.rowCount)
      for row in 0..<batch.rowCount where unknown[row] && !matched[row] {
        let own = mask ?? ValidityMask(count: batch.rowCount, allValid: true)
        own.setNull(row)
        mask = own
      }
    }
    let mark = Vector(type: .boolean, count: batch.rowCount, validity: mask)
    let out = mark.values(as: Bool.self)
    for row in 0..<batch.rowCount { out[row] = matched[row] }
    return Batch(columns: batch.columns + [mark], rowCount: batch.rowCount)
  }

  private func withPartner(_ batch: Batch) throws(SQLError) -> Batch {
    let mask = ValidityMask(count: batch.rowCount, allValid: true)
    var rows = [UInt32](repeating: 0, count: batch.rowCount)
    var isComplete = true
    for row in 0..<batch.rowCount {
      guard matched[row] else {
        mask.setNull(row)
        isComplete = false
        continue
      }
      rows[row] = firsts[row]
      if residual.isEmpty, table.next(firsts[row]) != JoinTable.none { throw Self.severalRows }
    }
    var right: [Vector]
    if table.rowCount == 0 {
      right = table.types.map { Vector.nulls($0, count: batch.rowCount) }
    } else {
      right = table.gather(rows)
      if !isComplete { right = right.map { $0.masked(by: mask, count: batch.rowCount) } }
    }
    return Batch(columns: batch.columns + right, rowCount: batch.rowCount)
  }

  private static let severalRows = SQLError(
    .cardinalityViolation, "more than one row from a subquery that stands for a value",
    hint: "LIMIT 1, max(…) or another aggregate make it one.")
}
