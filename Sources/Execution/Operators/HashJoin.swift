import Base
import Plans
import Vectors

/// The built side of a hash join: rows in storage order and, by key, the chain of rows that have it.
final class JoinTable: Sendable {
  static let none = UInt32.max

  let gatherers: [RowGatherer]
  let types: [LogicalType]
  let rowCount: Int
  private let keys: KeyTable
  /// By key: may it be NULL?
  private let matchesNulls: [Bool]
  /// By key group: its first row. By row: the next one with the same key.
  private let heads: [UInt32]
  private let nexts: [UInt32]
  private let references: [RowReference]
  private let reservation: MemoryReservation

  /// Rows with a NULL among their keys match nothing and are left out of the chains, unless the
  /// key matches NULLs.
  init(
    _ store: RowStore, keys nodes: [CompiledExpression], types keyTypes: [LogicalType],
    matchesNulls: [Bool], evaluation: EvaluationContext
  ) throws(SQLError) {
    reservation = MemoryReservation(evaluation.query.memory)
    try reservation.grow(by: store.rowCount * 24)
    let table = KeyTable(types: keyTypes.isEmpty ? [.int32] : keyTypes)
    var groups = [UInt32](repeating: Self.none, count: store.rowCount)
    var row = 0
    var tableBytes = 0
    for batch in store.batches {
      try Self.group(
        batch, nodes, table, matchesNulls, evaluation, into: &groups, from: row)
      row += batch.rowCount
      try reservation.grow(by: table.sizeBytes - tableBytes)
      tableBytes = table.sizeBytes
      try evaluation.query.checkpoint()
    }
    // Backwards, so that every chain is in storage order.
    var heads = [UInt32](repeating: Self.none, count: max(1, table.count))
    var nexts = [UInt32](repeating: Self.none, count: store.rowCount)
    for row in stride(from: store.rowCount - 1, through: 0, by: -1)
    where groups[row] != Self.none {
      nexts[row] = heads[Int(groups[row])]
      heads[Int(groups[row])] = UInt32(truncatingIfNeeded: row)
    }
    keys = table
    self.matchesNulls = matchesNulls
    rowCount = store.rowCount
    self.heads = heads
    self.nexts = nexts
    references = store.allReferences()
    gatherers = store.gatherers()
    types = store.types
  }

  /// Tells a filter all keys.
  func fill(_ filter: JoinKeyFilter) throws(SQLError) {
    if rowCount == 0 { return filter.fillWithNothing() }
    guard let words = keys.words else { return }
    try filter.fill(words, count: keys.count)
  }

  private static func group(
    _ batch: Batch, _ nodes: [CompiledExpression], _ table: KeyTable, _ matchesNulls: [Bool],
    _ evaluation: EvaluationContext, into groups: inout [UInt32], from first: Int
  ) throws(SQLError) {
    let columns = try keyColumns(nodes, batch, evaluation)
    groups.withUnsafeMutableBufferPointer { pointer in
      guard let start = pointer.baseAddress else { return }
      table.findOrInsert(columns, count: batch.rowCount, groups: start + first)
      guard let valid = validity(columns, matchesNulls, batch.rowCount) else { return }
      for row in 0..<batch.rowCount where !valid.isValid(row) { start[first + row] = none }
    }
  }

  /// Rows with all keys that must be there; nil for all rows.
  private static func validity(
    _ columns: [Vector], _ matchesNulls: [Bool], _ count: Int
  ) -> ValidityMask? {
    var mask: ValidityMask?
    for (index, column) in columns.enumerated()
    where !(matchesNulls.indices.contains(index) && matchesNulls[index]) {
      mask = ValidityMask.and(mask, column.validity, count: count)
    }
    return mask
  }

  /// Without keys (a cross join) all rows have the same one.
  static func keyColumns(
    _ nodes: [CompiledExpression], _ batch: Batch, _ evaluation: EvaluationContext
  ) throws(SQLError) -> [Vector] {
    guard !nodes.isEmpty else {
      return [Vector.constant(.integer(0), type: .int32, count: batch.rowCount).flattened()]
    }
    var columns: [Vector] = []
    for node in nodes { columns.append(try node.evaluate(batch, evaluation).flattened()) }
    return columns
  }

  /// The first row of each probe row's chain, or `none`.
  func find(_ columns: [Vector], count: Int, into firsts: UnsafeMutablePointer<UInt32>) {
    keys.find(columns, count: count, groups: firsts)
    heads.withUnsafeBufferPointer { heads in
      for row in 0..<count where firsts[row] != KeyTable.absent {
        firsts[row] = heads[Int(firsts[row])]
      }
    }
    guard let valid = Self.validity(columns, matchesNulls, count) else { return }
    for row in 0..<count where !valid.isValid(row) { firsts[row] = Self.none }
  }

  func next(_ row: UInt32) -> UInt32 { nexts[Int(row)] }
  func reference(_ row: UInt32) -> RowReference { references[Int(row)] }

  /// The columns of some held rows.
  func gather(_ rows: [UInt32]) -> [Vector] {
    let wanted = rows.map { references[Int($0)] }
    return wanted.withUnsafeBufferPointer { pointer in gatherers.map { $0.gather(pointer) } }
  }
}

/// Looks up each left row among the built rows and gives out the pairs, left order first.
///
/// Left rows without a partner come, for a left or full join, behind the pairs of their batch, with
/// NULLs. A full join marks the right rows that find a partner.
final class HashJoinProbe: Transform {
  private let table: JoinTable
  private let keys: [CompiledExpression]
  private let residual: [CompiledExpression]
  private let isLeftJoin: Bool
  private let partners: PartnerMarks?
  private let evaluation: EvaluationContext
  private var input: Batch?
  private var firsts: [UInt32] = []
  private var row = 0
  private var chain = JoinTable.none
  private var matched: [Bool] = []

  init(
    table: JoinTable, keys: [CompiledExpression], residual: [CompiledExpression],
    isLeftJoin: Bool, partners: PartnerMarks? = nil, evaluation: EvaluationContext
  ) {
    self.table = table
    self.keys = keys
    self.residual = residual
    self.isLeftJoin = isLeftJoin
    self.partners = partners
    self.evaluation = evaluation
  }

  func accept(_ batch: Batch) throws(SQLError) {
    let columns = try JoinTable.keyColumns(keys, batch, evaluation)
    firsts = [UInt32](repeating: JoinTable.none, count: batch.rowCount)
    firsts.withUnsafeMutableBufferPointer { pointer in
      if let start = pointer.baseAddress {
        table.find(columns, count: batch.rowCount, into: start)
      }
    }
    input = batch
    row = 0
    chain = firsts.first ?? JoinTable.none
    matched = isLeftJoin ? [Bool](repeating: false, count: batch.rowCount) : []
  }

  func next() throws(SQLError) -> Batch? {
    guard let batch = input else { return nil }
    var leftRows: [UInt16] = []
    var rightRows: [UInt32] = []
    collect(&leftRows, &rightRows, batch.rowCount)
    if leftRows.isEmpty {
      input = nil
      return isLeftJoin ? unmatched(batch) : nil
    }
    return try joined(batch, leftRows, rightRows)
  }

  /// The next up to 1024 pairs.
  private func collect(
    _ leftRows: inout [UInt16], _ rightRows: inout [UInt32], _ count: Int
  ) {
    leftRows.reserveCapacity(Batch.capacity)
    rightRows.reserveCapacity(Batch.capacity)
    while row < count, leftRows.count < Batch.capacity {
      if chain == JoinTable.none {
        row += 1
        chain = row < count ? firsts[row] : JoinTable.none
        continue
      }
      leftRows.append(UInt16(truncatingIfNeeded: row))
      rightRows.append(chain)
      chain = table.next(chain)
    }
  }

  /// The pairs that pass the residual conditions, perhaps none: the pipeline looks around between
  /// any two batches of pairs.
  private func joined(
    _ batch: Batch, _ leftRows: [UInt16], _ rightRows: [UInt32]
  ) throws(SQLError) -> Batch {
    let left = batch.filtered(by: SelectionVector(leftRows))
    let right = table.gather(rightRows)
    var pairs = Batch(columns: left.columns + right, rowCount: leftRows.count)
    var survivors = leftRows
    var partnerRows = partners == nil ? [] : rightRows
    for condition in residual {
      let truth = try condition.evaluate(pairs, evaluation)
      guard let passed = truth.selectionOfTrue() else { continue }
      if passed.count == 0 { return pairs.filtered(by: passed) }
      let rows = passed.rows
      survivors = rows.map { survivors[Int($0)] }
      if partners != nil { partnerRows = rows.map { partnerRows[Int($0)] } }
      pairs = pairs.filtered(by: passed)
    }
    if isLeftJoin { for row in survivors { matched[Int(row)] = true } }
    partners?.mark(partnerRows)
    return pairs
  }

  private func unmatched(_ batch: Batch) -> Batch? {
    let rows = matched.indices.filter { !matched[$0] }.map { UInt16(truncatingIfNeeded: $0) }
    guard !rows.isEmpty else { return nil }
    let left = batch.filtered(by: SelectionVector(rows))
    let nulls = table.types.map { Vector.nulls($0, count: rows.count) }
    return Batch(columns: left.columns + nulls, rowCount: rows.count)
  }
}
