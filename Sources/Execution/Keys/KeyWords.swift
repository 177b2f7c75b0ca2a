import Base
import Vectors

/// Keys of one fixed-width column as 64-bit words: the value's bits, with one NaN and one zero.
enum KeyWords {
  static func fits(_ type: LogicalType) -> Bool {
    switch type.physical {
    case .bool8, .int8, .int16, .int32, .int64, .float32, .float64: true
    case .int128, .bytes, .list, .structure: false
    }
  }

  /// Loads the keys of a flat column; rows that are NULL give anything.
  static func load(_ column: Vector, count: Int, into out: UnsafeMutablePointer<UInt64>) {
    switch column.physical {
    case .bool8, .int8: widen(column.values(as: UInt8.self), count, out)
    case .int16: widen(column.values(as: UInt16.self), count, out)
    case .int32: widen(column.values(as: UInt32.self), count, out)
    case .float32:
      let values = column.values(as: Float.self)
      for row in 0..<count { out[row] = UInt64(canonical(values[row]).bitPattern) }
    case .float64:
      let values = column.values(as: Double.self)
      for row in 0..<count { out[row] = canonical(values[row]).bitPattern }
    default:
      out.update(from: column.values(as: UInt64.self), count: count)
    }
  }

  @inline(__always)
  private static func widen<T: FixedWidthInteger & UnsignedInteger>(
    _ values: UnsafeMutablePointer<T>, _ count: Int, _ out: UnsafeMutablePointer<UInt64>
  ) {
    for row in 0..<count { out[row] = UInt64(truncatingIfNeeded: values[row]) }
  }

  @inline(__always)
  static func canonical<F: BinaryFloatingPoint>(_ value: F) -> F {
    value != value ? F.nan : value + 0
  }

  /// The values of groups `range` again.
  static func vector(
    _ words: UnsafeMutablePointer<UInt64>, _ range: Range<Int>, type: LogicalType, nullGroup: Int?
  ) -> Vector {
    let result = Vector(type: type, count: range.count)
    let start = words + range.lowerBound
    switch type.physical {
    case .bool8, .int8: narrow(start, result.values(as: UInt8.self), range.count)
    case .int16: narrow(start, result.values(as: UInt16.self), range.count)
    case .int32, .float32: narrow(start, result.values(as: UInt32.self), range.count)
    default: result.values(as: UInt64.self).update(from: start, count: range.count)
    }
    if let nullGroup, range.contains(nullGroup) {
      let mask = ValidityMask(count: range.count, allValid: true)
      mask.setNull(nullGroup - range.lowerBound)
      result.validity = mask
    }
    return result
  }

  @inline(__always)
  private static func narrow<T: FixedWidthInteger & UnsignedInteger>(
    _ words: UnsafeMutablePointer<UInt64>, _ out: UnsafeMutablePointer<T>, _ count: Int
  ) {
    for row in 0..<count { out[row] = T(truncatingIfNeeded: words[row]) }
  }
}
