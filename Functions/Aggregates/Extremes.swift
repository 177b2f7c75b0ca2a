import Base
import FunctionKit
import Vectors

/// `min` and `max` of everything that has an order. NaN is the greatest number.
enum Extremes {
  static let functions: [AggregateFunction] =
    integers(Int8.self, .int8) + integers(Int16.self, .int16) + integers(Int32.self, .int32)
    + integers(Int64.self, .int64) + integers(UInt8.self, .boolean) + integers(Int32.self, .date)
    + integers(Int64.self, .timestamp) + both(FloatOrder.self, .exactly(.float32), .float32)
    + both(DoubleOrder.self, .exactly(.float64), .float64)
    + both(IntegerOrder<Int128>.self, .anyDecimal, .decimal(precision: 38, scale: 10))
    + bytes(.text) + bytes(.binary)

  static func function(
    _ name: String, _ type: ParameterType, _ example: String, _ answer: String,
    _ state: @escaping @Sendable ([LogicalType]) -> any AggregateState
  ) -> AggregateFunction {
    AggregateFunction(
      name, takes: Quantity("x", type), returns: Quantity(name, .sameAs(0)),
      summary: name == "min"
        ? "Gives the least value that is not NULL." : "Gives the greatest value that is not NULL.",
      examples: [Example("SELECT \(name)(x) FROM (VALUES \(example)) AS t(x)", gives: answer)],
      state: state)
  }

  @inline(__always)
  private static func integers<T: FixedWidthInteger & VectorElement>(
    _: T.Type, _ type: LogicalType
  ) -> [AggregateFunction] {
    both(IntegerOrder<T>.self, .exactly(type), type)
  }

  @inline(__always)
  private static func both<O: ElementOrder>(
    _: O.Type, _ type: ParameterType, _ logical: LogicalType
  ) -> [AggregateFunction] {
    let (low, high) = samples(logical)
    let rows = "(\(low)), (\(high)), (NULL)"
    return [
      function("min", type, rows, ValueText.text(ofPlain: sampleValue(low), type: .text)) {
        (_) -> any AggregateState in ExtremeState<O>(wantsMaximum: false)
      },
      function("max", type, rows, ValueText.text(ofPlain: sampleValue(high), type: .text)) {
        (_) -> any AggregateState in ExtremeState<O>(wantsMaximum: true)
      },
    ]
  }

  private static func sampleValue(_ sql: String) -> Value {
    switch sql {
    case "false": .text("f")
    case "true": .text("t")
    case "date '2024-01-01'": .text("2024-01-01")
    case "date '2024-01-02'": .text("2024-01-02")
    case "timestamp '2024-01-01'": .text("2024-01-01 00:00:00")
    case "timestamp '2024-01-02'": .text("2024-01-02 00:00:00")
    default: .text(sql)
    }
  }

  private static func samples(_ type: LogicalType) -> (String, String) {
    switch type {
    case .boolean: ("false", "true")
    case .date: ("date '2024-01-01'", "date '2024-01-02'")
    case .timestamp: ("timestamp '2024-01-01'", "timestamp '2024-01-02'")
    case .float32, .float64, .decimal: ("1.5", "2.5")
    default: ("1", "2")
    }
  }

  private static func bytes(_ type: LogicalType) -> [AggregateFunction] {
    [
      function("min", .exactly(type), "('a'), ('b')", "a") { (_) -> any AggregateState in
        ByteExtremeState(wantsMaximum: false)
      },
      function("max", .exactly(type), "('a'), ('b')", "b") { (_) -> any AggregateState in
        ByteExtremeState(wantsMaximum: true)
      },
    ]
  }
}

/// The extreme of each group, of a fixed-width type.
final class ExtremeState<O: ElementOrder>: SlidingAggregate {
  private let best: StateColumn<O.Element>
  private let seen = StateColumn<UInt8>(0)
  private let wantsMaximum: Bool

  init(wantsMaximum: Bool) {
    self.wantsMaximum = wantsMaximum
    best = StateColumn(wantsMaximum ? O.least : O.greatest)
  }

  func resize(groupCount: Int) {
    best.resize(groupCount)
    seen.resize(groupCount)
  }

  // Called through a protocol, a generic class is not specialised by itself: 60 ns a row then.
  @_specialize(where O == IntegerOrder<UInt8>)
  @_specialize(where O == IntegerOrder<Int8>)
  @_specialize(where O == IntegerOrder<Int16>)
  @_specialize(where O == IntegerOrder<Int32>)
  @_specialize(where O == IntegerOrder<Int64>)
  @_specialize(where O == IntegerOrder<Int128>)
  @_specialize(where O == FloatOrder)
  @_specialize(where O == DoubleOrder)
  func update(_ inputs: [Vector], groups: UnsafePointer<UInt32>, count: Int) throws(SQLError) {
    let best = best.values
    let seen = seen.values
    if wantsMaximum {
      ColumnLoops.forEach(inputs[0], O.Element.self, groups: groups, count: count) {
        (value: O.Element, group: Int) in
        if O.isLess(best[group], value) { best[group] = value }
        seen[group] = 1
      }
    } else {
      ColumnLoops.forEach(inputs[0], O.Element.self, groups: groups, count: count) {
        (value: O.Element, group: Int) in
        if O.isLess(value, best[group]) { best[group] = value }
        seen[group] = 1
      }
    }
  }

  @_specialize(where O == IntegerOrder<UInt8>)
  @_specialize(where O == IntegerOrder<Int8>)
  @_specialize(where O == IntegerOrder<Int16>)
  @_specialize(where O == IntegerOrder<Int32>)
  @_specialize(where O == IntegerOrder<Int64>)
  @_specialize(where O == IntegerOrder<Int128>)
  @_specialize(where O == FloatOrder)
  @_specialize(where O == DoubleOrder)
  func update(_ inputs: [Vector], from start: Int, count: Int, group: Int) throws(SQLError) {
    ColumnLoops.withRun(inputs[0], O.Element.self, from: start, count: count) {
      (values: UnsafePointer<O.Element>, kept: Int) in
      if kept == 0 { return }
      take(wantsMaximum ? O.maximum(values, count: kept) : O.minimum(values, count: kept), group)
    }
  }

  @inline(__always)
  private func take(_ value: O.Element, _ group: Int) {
    let current = best.values[group]
    let isBetter = wantsMaximum ? O.isLess(current, value) : O.isLess(value, current)
    if isBetter { best.values[group] = value }
    seen.values[group] = 1
  }

  @_specialize(where O == IntegerOrder<Int16>)
  @_specialize(where O == IntegerOrder<Int32>)
  @_specialize(where O == IntegerOrder<Int64>)
  @_specialize(where O == FloatOrder)
  @_specialize(where O == DoubleOrder)
  func merge(
    _ other: any AggregateState, mapping: UnsafePointer<UInt32>, groups: Range<Int>
  ) throws(SQLError) {
    guard let other = other as? ExtremeState<O> else { throw StateMismatch.error }
    let (theirs, theirSeen) = (other.best.values, other.seen.values)
    for group in groups where theirSeen[group] != 0 {
      take(theirs[group], Int(mapping[group]))
    }
  }

  @_specialize(where O == IntegerOrder<Int16>)
  @_specialize(where O == IntegerOrder<Int32>)
  @_specialize(where O == IntegerOrder<Int64>)
  @_specialize(where O == FloatOrder)
  @_specialize(where O == DoubleOrder)
  func finish(_ range: Range<Int>, as type: LogicalType) throws(SQLError) -> Vector {
    let mask = ValidityMask(count: range.count, allValid: true)
    let result = Vector(type: type, count: range.count, validity: mask)
    let out = result.values(as: O.Element.self)
    let (best, seen) = (best.values + range.lowerBound, seen.values + range.lowerBound)
    for row in 0..<range.count {
      out[row] = best[row]
      if seen[row] == 0 { mask.setNull(row) }
    }
    return result
  }

  private struct Partial: BitwiseCopyable {
    var best: O.Element
    var isSeen: Bool
  }

  @_specialize(where O == IntegerOrder<UInt8>)
  @_specialize(where O == IntegerOrder<Int8>)
  @_specialize(where O == IntegerOrder<Int16>)
  @_specialize(where O == IntegerOrder<Int32>)
  @_specialize(where O == IntegerOrder<Int64>)
  @_specialize(where O == IntegerOrder<Int128>)
  @_specialize(where O == FloatOrder)
  @_specialize(where O == DoubleOrder)
  func slide(
    _ inputs: [Vector], over frames: FrameRows, as type: LogicalType
  ) throws(SQLError) -> Vector {
    let values = inputs[0].values(as: O.Element.self)
    let validity = inputs[0].validity
    let mask = ValidityMask(count: frames.count, allValid: true)
    let result = Vector(type: type, count: frames.count, validity: mask)
    let out = result.values(as: O.Element.self)
    let zero = Partial(best: wantsMaximum ? O.least : O.greatest, isSeen: false)
    let wantsMaximum = wantsMaximum
    SlidingFrames.forEach(
      frames, zero: zero,
      load: { row in
        validity?.isValid(row) == false ? zero : Partial(best: values[row], isSeen: true)
      },
      combine: { a, b in
        let isLess = O.isLess(a.best, b.best)
        let isSecond = !a.isSeen || (b.isSeen && isLess == wantsMaximum)
        return isSecond ? b : a
      },
      emit: { row, value in
        out[row] = value.best
        if !value.isSeen { mask.setNull(row) }
      })
    return result
  }

  var sizeBytes: Int { best.sizeBytes + seen.sizeBytes }

  func serialise(groupCount: Int, into out: inout ByteWriter) {
    best.serialise(groupCount, into: &out)
    seen.serialise(groupCount, into: &out)
  }

  func deserialise(groupCount: Int, from bytes: inout ByteReader) throws(SQLError) {
    try best.deserialise(groupCount, from: &bytes)
    try seen.deserialise(groupCount, from: &bytes)
  }
}
