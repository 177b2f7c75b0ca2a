import Base
import ORC
import Vectors

/// The bounds and counts of one column in every row group of a segment, as plain arrays.
struct ColumnZones: Hashable, Sendable {
  enum Kind: UInt8, Sendable {
    case none, integers, floats

    /// What is kept of columns of `type`.
    init(_ type: LogicalType) {
      switch type {
      case .int8, .int16, .int32, .int64, .date, .timestamp: self = .integers
      case .float32, .float64: self = .floats
      default: self = .none
      }
    }
  }

  let kind: Kind
  /// Of integers; a group without values has the minimum above the maximum.
  var integerBounds: [IntegerBounds] = []
  /// Of floats, NaN left aside; a group without values has the minimum above the maximum.
  var floatBounds: [FloatBounds] = []
  var nullCounts: [UInt32] = []
  var nanCounts: [UInt32] = []

  init(_ kind: Kind) { self.kind = kind }

  func zone(ofGroup group: Int) -> ColumnZone {
    ColumnZone(
      bounds: bounds(group), nullCount: Int(nullCounts[group]), nanCount: Int(nanCounts[group]))
  }

  private func bounds(_ group: Int) -> ColumnZone.Bounds {
    switch kind {
    case .none: return .unknown
    case .integers:
      let bounds = integerBounds[group]
      return bounds.minimum <= bounds.maximum ? .integers(bounds.minimum, bounds.maximum) : .none
    case .floats:
      let bounds = floatBounds[group]
      return bounds.minimum <= bounds.maximum ? .floats(bounds.minimum, bounds.maximum) : .none
    }
  }
}

extension ColumnZones {
  /// What the writer of a file has found out on its way.
  init(_ statistics: ORCGroupStatistics) {
    switch statistics.bounds {
    case .none: self.init(.none)
    case .integers(let minimum, let maximum):
      self.init(.integers)
      integerBounds = zip(minimum, maximum).map { IntegerBounds(minimum: $0, maximum: $1) }
    case .doubles(let minimum, let maximum):
      self.init(.floats)
      floatBounds = zip(minimum, maximum).map { FloatBounds(minimum: $0, maximum: $1) }
    }
    nullCounts = statistics.nullCounts.map { UInt32(clamping: $0) }
    nanCounts = statistics.nanCounts.map { UInt32(clamping: $0) }
  }
}

struct IntegerBounds: Hashable, Sendable {
  var minimum = Int64.max
  var maximum = Int64.min
}

struct FloatBounds: Hashable, Sendable {
  var minimum = Double.infinity
  var maximum = -Double.infinity
}

/// Finds the zones of one column while its rows pass by.
struct ColumnZonesBuilder {
  private(set) var zones: ColumnZones
  private let physical: PhysicalType
  private var integers = IntegerBounds()
  private var floats = FloatBounds()
  private var nullCount = 0
  private var nanCount = 0

  init(type: LogicalType) {
    zones = ColumnZones(ColumnZones.Kind(type))
    physical = type.physical
  }

  /// Rows of the group in the making.
  mutating func append(_ vector: Vector) {
    let nulls = vector.nullCount
    nullCount &+= nulls
    if zones.kind == .none || nulls == vector.count { return }
    let flat = vector.flattened()
    let validity = nulls == 0 ? nil : flat.validity
    switch (zones.kind, physical) {
    case (.integers, .int8): widen(flat, validity, Int8.self)
    case (.integers, .int16): widen(flat, validity, Int16.self)
    case (.integers, .int32): widen(flat, validity, Int32.self)
    case (.integers, .int64): widen(flat, validity, Int64.self)
    case (.floats, .float32): widen(flat, validity, Float.self)
    case (.floats, .float64): widen(flat, validity, Double.self)
    default: break
    }
  }

  mutating func endGroup() {
    switch zones.kind {
    case .none: break
    case .integers: zones.integerBounds.append(integers)
    case .floats: zones.floatBounds.append(floats)
    }
    zones.nullCounts.append(UInt32(clamping: nullCount))
    zones.nanCounts.append(UInt32(clamping: nanCount))
    (integers, floats, nullCount, nanCount) = (IntegerBounds(), FloatBounds(), 0, 0)
  }

  private mutating func widen<T: FixedWidthInteger & SignedInteger & BitwiseCopyable>(
    _ vector: Vector, _ validity: ValidityMask?, _: T.Type
  ) {
    let values = vector.values(as: T.self)
    var minimum = T.max
    var maximum = T.min
    if let words = validity?.pointer {
      for row in 0..<vector.count {
        let isValid = words[row &>> 6] &>> UInt64(row & 63) & 1 != 0
        let value = values[row]
        minimum = isValid && value < minimum ? value : minimum
        maximum = isValid && value > maximum ? value : maximum
      }
    } else {
      for row in 0..<vector.count {
        minimum = min(minimum, values[row])
        maximum = max(maximum, values[row])
      }
    }
    integers.minimum = min(integers.minimum, Int64(minimum))
    integers.maximum = max(integers.maximum, Int64(maximum))
  }

  private mutating func widen<T: BinaryFloatingPoint & BitwiseCopyable>(
    _ vector: Vector, _ validity: ValidityMask?, _: T.Type
  ) {
    let values = vector.values(as: T.self)
    var bounds = FloatChains<T>()
    if let words = validity?.pointer {
      bounds.widen(vector.count) { row in
        words[row &>> 6] &>> UInt64(row & 63) & 1 != 0 ? values[row] : .nan
      }
      nanCount &-= vector.nullCount
    } else {
      bounds.widen(vector.count) { values[$0] }
    }
    nanCount &+= bounds.nanCount
    floats.minimum = min(floats.minimum, Double(bounds.minimum))
    floats.maximum = max(floats.maximum, Double(bounds.maximum))
  }
}

/// Bounds and NaNs of floats in two chains, because each waits for its own comparisons. Scalars:
/// generic SIMD types were slower.
private struct FloatChains<T: BinaryFloatingPoint> {
  private var low = (T.infinity, T.infinity)
  private var high = (-T.infinity, -T.infinity)
  private(set) var nanCount = 0

  var minimum: T { min(low.0, low.1) }
  var maximum: T { max(high.0, high.1) }

  @inline(__always)
  mutating func widen(_ count: Int, _ value: (Int) -> T) {
    var row = 0
    while row &+ 1 < count {
      // A comparison with NaN is false, so NaN never becomes a bound.
      let (even, odd) = (value(row), value(row &+ 1))
      low.0 = even < low.0 ? even : low.0
      low.1 = odd < low.1 ? odd : low.1
      high.0 = even > high.0 ? even : high.0
      high.1 = odd > high.1 ? odd : high.1
      nanCount &+= (even != even ? 1 : 0) &+ (odd != odd ? 1 : 0)
      row &+= 2
    }
    guard row < count else { return }
    let last = value(row)
    low.0 = last < low.0 ? last : low.0
    high.0 = last > high.0 ? last : high.0
    nanCount &+= last != last ? 1 : 0
  }
}
