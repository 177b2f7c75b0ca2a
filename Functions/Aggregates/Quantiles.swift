import Base
import FunctionKit
import Vectors

/// `median` and `quantile`: exact, so all values are kept until the end.
enum Quantiles {
  static let functions: [AggregateFunction] = [
    AggregateFunction(
      "median", takes: Quantity("x", .double), returns: Quantity("median", .double),
      summary: "Gives the middle value, or the mean of the two in the middle.",
      details: "Exact: keeps 20 bytes a row. NaN counts as the greatest number.",
      examples: [
        Example("SELECT median(x) FROM (VALUES (1), (2), (30), (40)) AS t(x)", gives: "16")
      ],
      state: { (_) -> any AggregateState in QuantileState() }),
    AggregateFunction(
      "quantile", aliases: ["percentile_cont"], takes: Quantity("x", .double),
      Quantity("fraction", .double, meaning: "0 to 1; that of the group's first row counts"),
      returns: Quantity("quantile", .double),
      summary:
        "Gives the value below which a fraction of the values lies, by linear interpolation.",
      details: "Exact: keeps 20 bytes a row. NULL for a fraction outside 0…1.",
      source: "Hyndman & Fan 1996, Am. Stat. 50, 361, definition 7",
      examples: [
        Example("SELECT quantile(x, 0.25) FROM (VALUES (1), (2), (3), (4)) AS t(x)", gives: "1.75")
      ],
      state: { (_) -> any AggregateState in QuantileState() }),
  ]
}

/// All values with their groups, in the order they came, and the fraction wanted of each group.
/// 20 bytes a value: it is copied once more to stand beside those of its group.
final class QuantileState: AggregateState {
  /// Values in the order they came. `mapping` leads from the groups of the state that collected them
  /// to those of this one; nil if they are the same.
  private struct Piece {
    let rows: QuantileRows
    var mapping: [UInt32]?
  }

  private var merged: [Piece] = []
  /// What `merged` holds, counted as it grows: a table of 10^9 rows has 30,000 pieces.
  private var mergedBytes = 0
  private let own = QuantileRows()
  private let fractions = StateColumn<Double>(-1)
  /// Made by `prepareToFinish`; then several threads may ask for the answers of different groups.
  private var buckets: GroupBuckets?

  func resize(groupCount: Int) { fractions.resize(groupCount) }

  func update(_ inputs: [Vector], groups: UnsafePointer<UInt32>, count: Int) throws(SQLError) {
    add(inputs, 0..<count) { groups[$0] }
  }

  func update(_ inputs: [Vector], from start: Int, count: Int, group: Int) throws(SQLError) {
    add(inputs, start..<start + count) { _ in UInt32(truncatingIfNeeded: group) }
  }

  @inline(__always)
  private func add(_ inputs: [Vector], _ rows: Range<Int>, _ group: (Int) -> UInt32) {
    let flat = inputs[0].flattened()
    let wanted = inputs.count > 1 ? inputs[1].flattened() : nil
    let fractions = fractions.values
    own.append(flat, rows, group) { (target, row) in
      if fractions[Int(target)] == -1 { fractions[Int(target)] = Self.fraction(wanted, row) }
    }
    buckets = nil
  }

  /// NaN stands for a fraction that is none.
  private static func fraction(_ wanted: Vector?, _ row: Int) -> Double {
    guard let wanted else { return 0.5 }
    let value = wanted.isNull(row) ? .nan : wanted.values(as: Double.self)[row]
    return value >= 0 && value <= 1 ? value : .nan
  }

  /// Keeps the other's values where they are.
  func merge(
    _ other: any AggregateState, mapping: UnsafePointer<UInt32>, groups: Range<Int>
  ) throws(SQLError) {
    guard let other = other as? QuantileState else { throw StateMismatch.error }
    for group in groups where fractions.values[Int(mapping[group])] == -1 {
      fractions.values[Int(mapping[group])] = other.fractions.values[group]
    }
    if groups.lowerBound == 0 { takePieces(of: other, mapping) }
  }

  private func takePieces(of other: QuantileState, _ mapping: UnsafePointer<UInt32>) {
    let groups = Array(UnsafeBufferPointer(start: mapping, count: other.fractions.count))
    for piece in other.pieces where piece.rows.count > 0 {
      let translated = piece.mapping.map { $0.map { groups[Int($0)] } } ?? groups
      merged.append(Piece(rows: piece.rows, mapping: translated))
      mergedBytes += piece.rows.sizeBytes + translated.count * 4
    }
    buckets = nil
  }

  /// In the order in which `merge` and `update` brought them.
  private var pieces: [Piece] { merged + [Piece(rows: own, mapping: nil)] }

  func prepareToFinish(checkpoint: () throws(SQLError) -> Void) throws(SQLError) {
    buckets = try makeBuckets(checkpoint: checkpoint)
  }

  func finish(_ range: Range<Int>, as type: LogicalType) throws(SQLError) -> Vector {
    try finish(range, as: type) { () throws(SQLError) in }
  }

  func finish(
    _ range: Range<Int>, as type: LogicalType, checkpoint: () throws(SQLError) -> Void
  ) throws(SQLError) -> Vector {
    if buckets == nil { buckets = try makeBuckets(checkpoint: checkpoint) }
    guard let buckets else { throw StateMismatch.error }
    let mask = ValidityMask(count: range.count, allValid: true)
    let result = Vector(type: type, count: range.count, validity: mask)
    for (row, group) in range.enumerated() {
      let value = try buckets.quantile(
        ofGroup: group, fractions.values[group], checkpoint: checkpoint)
      result.values(as: Double.self)[row] = value ?? 0
      if value == nil { mask.setNull(row) }
    }
    return result
  }

  private func makeBuckets(
    checkpoint: () throws(SQLError) -> Void
  ) throws(SQLError) -> GroupBuckets {
    let pieces = pieces
    let buckets = GroupBuckets(
      groupCount: fractions.count, valueCount: pieces.reduce(0) { $0 + $1.rows.count })
    for piece in pieces {
      buckets.count(piece.rows, piece.mapping)
      try checkpoint()
    }
    buckets.place()
    for piece in pieces {
      buckets.add(piece.rows, piece.mapping)
      try checkpoint()
    }
    return buckets
  }

  /// With what the answers will take: the values by group, and two places a group.
  var sizeBytes: Int {
    fractions.sizeBytes + mergedBytes + own.sizeBytes + fractions.count * 16
  }

  func serialise(groupCount: Int, into out: inout ByteWriter) {
    fractions.serialise(groupCount, into: &out)
    let pieces = pieces
    out.appendLittleEndian(UInt64(pieces.reduce(0) { $0 + $1.rows.count }))
    for piece in pieces {
      out.append(UnsafeRawBufferPointer(start: piece.rows.values, count: piece.rows.count * 8))
    }
    for piece in pieces {
      for row in 0..<piece.rows.count {
        let group = piece.rows.groups[row]
        out.appendLittleEndian(piece.mapping.map { $0[Int(group)] } ?? group)
      }
    }
  }

  func deserialise(groupCount: Int, from bytes: inout ByteReader) throws(SQLError) {
    try fractions.deserialise(groupCount, from: &bytes)
    let count = Int(clamping: try bytes.readLittleEndian(UInt64.self))
    guard count <= bytes.remaining / 12 else { throw bytes.corrupt("values cut short") }
    let values = try bytes.read(count * 8)
    let groups = try bytes.read(count * 4)
    merged = []
    mergedBytes = 0
    buckets = nil
    guard own.replace(by: values.base, groups.base, count, groupCount: groupCount) else {
      throw bytes.corrupt("group number too large")
    }
  }
}
