import Base
import FunctionKit
import Vectors

/// `sum` and `avg`. Sums of integers and decimals are exact; averages divide the exact sum once.
enum Sums {
  static let functions: [AggregateFunction] =
    both(Int8.self, .int8) + both(Int16.self, .int16) + both(Int32.self, .int32)
    + both(Int64.self, .int64) + both(Float.self, .float32) + both(Double.self, .float64) + decimals

  static func sumType(of type: LogicalType) -> LogicalType {
    switch type {
    case .int8, .int16, .int32: .int64
    case .int64: .decimal(precision: 38, scale: 0)
    default: .float64
    }
  }

  @inline(__always)
  private static func both<T: SummableElement>(
    _: T.Type, _ type: LogicalType
  ) -> [AggregateFunction] {
    [
      AggregateFunction(
        "sum", takes: Quantity("x", type), returns: Quantity("sum", sumType(of: type)),
        summary: "Adds up the values that are not NULL; NULL if there is none.",
        details: type.isFloat
          ? "Partial sums are kept in a fixed order, so the same rows give the same bits." : nil,
        examples: [
          Example("SELECT sum(x) FROM (VALUES (1), (2), (NULL)) AS t(x)", gives: "3")
        ], state: { (_) -> any AggregateState in SumState<T>(scale: 0, isMean: false) }),
      AggregateFunction(
        "avg", takes: Quantity("x", type), returns: Quantity("mean", LogicalType.float64),
        summary: "Gives the mean of the values that are not NULL; NULL if there is none.",
        examples: [
          Example("SELECT avg(x) FROM (VALUES (1), (2), (NULL)) AS t(x)", gives: "1.5")
        ], state: { (_) -> any AggregateState in SumState<T>(scale: 0, isMean: true) }),
    ]
  }

  private static let decimals: [AggregateFunction] = [
    AggregateFunction(
      "sum", takes: Quantity("x", .anyDecimal), returns: Quantity("sum", .decimalResult(.total)),
      summary: "Adds up the values that are not NULL; NULL if there is none.",
      examples: [Example("SELECT sum(x) FROM (VALUES (1.5), (2.25)) AS t(x)", gives: "3.75")],
      state: { (_) -> any AggregateState in SumState<Int128>(scale: 0, isMean: false) }),
    AggregateFunction(
      "avg", takes: Quantity("x", .anyDecimal), returns: Quantity("mean", LogicalType.float64),
      summary: "Gives the mean of the values that are not NULL; NULL if there is none.",
      examples: [Example("SELECT avg(x) FROM (VALUES (1.5), (2.5)) AS t(x)", gives: "2")],
      state: { (types: [LogicalType]) -> any AggregateState in
        SumState<Int128>(scale: types.first.map(Decimals.scale) ?? 0, isMean: true)
      }),
  ]
}

/// Sums and counts of the groups. 24 bytes a group at most.
final class SumState<T: SummableElement>: SlidingAggregate {
  private let sums = StateColumn<T.Total>(.zero)
  private let counts = StateColumn<Int64>(0)
  private let scale: Int
  private let isMean: Bool

  /// `scale` is that of decimal values, which means divide by.
  init(scale: Int, isMean: Bool) {
    self.scale = scale
    self.isMean = isMean
  }

  func resize(groupCount: Int) {
    sums.resize(groupCount)
    counts.resize(groupCount)
  }

  // Called through a protocol, a generic class is not specialised by itself: 20 ns a row then.
  @_specialize(where T == Int8)
  @_specialize(where T == Int16)
  @_specialize(where T == Int32)
  @_specialize(where T == Int64)
  @_specialize(where T == Int128)
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  func update(_ inputs: [Vector], groups: UnsafePointer<UInt32>, count: Int) throws(SQLError) {
    let sums = sums.values
    let counts = counts.values
    var overflowed = false
    ColumnLoops.forEach(inputs[0], T.self, groups: groups, count: count) { (value: T, group: Int) in
      let (sum, overflow) = sums[group].addingReporting(value.widened)
      sums[group] = sum
      counts[group] &+= 1
      overflowed = overflowed || overflow
    }
    try check(overflowed)
  }

  @_specialize(where T == Int8)
  @_specialize(where T == Int16)
  @_specialize(where T == Int32)
  @_specialize(where T == Int64)
  @_specialize(where T == Int128)
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  func update(_ inputs: [Vector], from start: Int, count: Int, group: Int) throws(SQLError) {
    let sums = sums.values
    let counts = counts.values
    let overflowed = ColumnLoops.withRun(inputs[0], T.self, from: start, count: count) {
      (values: UnsafePointer<T>, kept: Int) -> Bool in
      counts[group] &+= Int64(kept)
      if T.self == Int128.self {
        // Decimals may come near the limit within a batch: check every step.
        var any = false
        for row in 0..<kept {
          let (sum, overflow) = sums[group].addingReporting(values[row].widened)
          sums[group] = sum
          any = any || overflow
        }
        return any
      }
      let (sum, overflow) = sums[group].addingReporting(T.total(values, count: kept))
      sums[group] = sum
      return overflow
    }
    try check(overflowed)
  }

  private func check(_ overflowed: Bool) throws(SQLError) {
    if overflowed { throw SQLError(.numericValueOutOfRange, "value out of range: sum") }
  }

  @_specialize(where T == Int16)
  @_specialize(where T == Int32)
  @_specialize(where T == Int64)
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  func merge(
    _ other: any AggregateState, mapping: UnsafePointer<UInt32>, groups: Range<Int>
  ) throws(SQLError) {
    guard let other = other as? SumState<T> else { throw StateMismatch.error }
    let (sums, counts) = (sums.values, counts.values)
    let (theirs, theirCounts) = (other.sums.values, other.counts.values)
    var overflowed = false
    for group in groups {
      let target = Int(mapping[group])
      let (sum, overflow) = sums[target].addingReporting(theirs[group])
      sums[target] = sum
      counts[target] &+= theirCounts[group]
      overflowed = overflowed || overflow
    }
    try check(overflowed)
  }

  @_specialize(where T == Int16)
  @_specialize(where T == Int32)
  @_specialize(where T == Int64)
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  func finish(_ range: Range<Int>, as type: LogicalType) throws(SQLError) -> Vector {
    let mask = ValidityMask(count: range.count, allValid: true)
    let result = Vector(type: type, count: range.count, validity: mask)
    for (row, group) in range.enumerated() {
      if counts.values[group] == 0 { mask.setNull(row) }
      if isMean {
        result.values(as: Double.self)[row] = mean(group)
      } else {
        result.values(as: T.Total.self)[row] = sums.values[group]
      }
    }
    return result
  }

  private func mean(_ group: Int) -> Double {
    mean(of: sums.values[group], count: counts.values[group])
  }

  @inline(__always)
  private func mean(of sum: T.Total, count: Int64) -> Double {
    let total: Double
    if T.self == Int128.self, scale > 0, let sum = sum as? Int128 {
      total = Casts.double(sum, scale: scale)
    } else {
      total = sum.asDouble
    }
    return total / Double(max(1, count))
  }

  private struct Partial: BitwiseCopyable {
    var sum: T.Total
    var count: Int64
  }

  @_specialize(where T == Int8)
  @_specialize(where T == Int16)
  @_specialize(where T == Int32)
  @_specialize(where T == Int64)
  @_specialize(where T == Int128)
  @_specialize(where T == Float)
  @_specialize(where T == Double)
  func slide(
    _ inputs: [Vector], over frames: FrameRows, as type: LogicalType
  ) throws(SQLError) -> Vector {
    let values = inputs[0].values(as: T.self)
    let validity = inputs[0].validity
    let mask = ValidityMask(count: frames.count, allValid: true)
    let result = Vector(type: type, count: frames.count, validity: mask)
    let means = result.values(as: Double.self)
    let totals = result.values(as: T.Total.self)
    let zero = Partial(sum: .zero, count: 0)
    var overflowed = false
    SlidingFrames.forEach(
      frames, zero: zero,
      load: { row in
        validity?.isValid(row) == false ? zero : Partial(sum: values[row].widened, count: 1)
      },
      combine: { a, b in
        let (sum, overflow) = a.sum.addingReporting(b.sum)
        overflowed = overflowed || overflow
        return Partial(sum: sum, count: a.count &+ b.count)
      },
      emit: { row, value in
        if value.count == 0 { mask.setNull(row) }
        if isMean {
          means[row] = mean(of: value.sum, count: value.count)
        } else {
          totals[row] = value.sum
        }
      })
    try check(overflowed)
    return result
  }

  var sizeBytes: Int { sums.sizeBytes + counts.sizeBytes }

  func serialise(groupCount: Int, into out: inout ByteWriter) {
    sums.serialise(groupCount, into: &out)
    counts.serialise(groupCount, into: &out)
  }

  func deserialise(groupCount: Int, from bytes: inout ByteReader) throws(SQLError) {
    try sums.deserialise(groupCount, from: &bytes)
    try counts.deserialise(groupCount, from: &bytes)
  }
}
