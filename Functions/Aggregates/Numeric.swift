import FunctionKit
import Vectors

/// A number that sums and averages take, and how it is added up exactly.
protocol SummableElement: VectorElement {
  /// Holds the sum of more rows than any table has, or reports overflow.
  associatedtype Total: SumHolder
  var widened: Total { get }
  /// The sum of a run without NULLs, of fewer than 2³¹ rows.
  static func total(_ values: UnsafePointer<Self>, count: Int) -> Total
}

extension SummableElement {
  @inline(__always)
  static func total(_ values: UnsafePointer<Self>, count: Int) -> Total {
    RunSum.plain(values, count: count)
  }
}

/// What sums are held in.
protocol SumHolder: BitwiseCopyable, Sendable {
  static var zero: Self { get }
  /// The sum; the second member is true on overflow.
  func addingReporting(_ other: Self) -> (Self, Bool)
  var asDouble: Double { get }
}

extension Int64: SumHolder {
  @inline(__always)
  func addingReporting(_ other: Int64) -> (Int64, Bool) {
    let (sum, overflow) = addingReportingOverflow(other)
    return (sum, overflow)
  }
  var asDouble: Double { Double(self) }
}

extension Int128: SumHolder {
  @inline(__always)
  func addingReporting(_ other: Int128) -> (Int128, Bool) {
    let (sum, overflow) = addingReportingOverflow(other)
    return (sum, overflow)
  }
  var asDouble: Double { Double(self) }
}

extension Double: SumHolder {
  @inline(__always)
  func addingReporting(_ other: Double) -> (Double, Bool) { (self + other, false) }
  var asDouble: Double { self }
}

extension Int8: SummableElement {
  @inline(__always) var widened: Int64 { Int64(self) }
  @inline(__always)
  static func total(_ values: UnsafePointer<Int8>, count: Int) -> Int64 {
    RunSum.wrapping(values, count: count)
  }
}

extension Int16: SummableElement {
  @inline(__always) var widened: Int64 { Int64(self) }
  @inline(__always)
  static func total(_ values: UnsafePointer<Int16>, count: Int) -> Int64 {
    RunSum.wrapping(values, count: count)
  }
}

extension Int32: SummableElement {
  @inline(__always) var widened: Int64 { Int64(self) }
  @inline(__always)
  static func total(_ values: UnsafePointer<Int32>, count: Int) -> Int64 {
    RunSum.wrapping(values, count: count)
  }
}

extension Int64: SummableElement {
  @inline(__always) var widened: Int128 { Int128(self) }
  @inline(__always)
  static func total(_ values: UnsafePointer<Int64>, count: Int) -> Int128 {
    RunSum.ofInt64(values, count: count)
  }
}

extension Int128: SummableElement { @inline(__always) var widened: Int128 { self } }
extension Float: SummableElement { @inline(__always) var widened: Double { Double(self) } }
extension Double: SummableElement {
  @inline(__always) var widened: Double { self }
  @inline(__always)
  static func total(_ values: UnsafePointer<Double>, count: Int) -> Double {
    RunSum.ofDoubles(values, count: count)
  }
}

/// Sums of a run of rows without NULLs.
enum RunSum {
  @inline(__always)
  static func plain<T: SummableElement>(_ values: UnsafePointer<T>, count: Int) -> T.Total {
    var total = T.Total.zero
    for row in 0..<count { total = total.addingReporting(values[row].widened).0 }
    return total
  }

  /// A batch of 32-bit integers or less cannot overflow 64 bits, so the loop may vectorise.
  @inline(__always)
  static func wrapping<T: FixedWidthInteger>(_ values: UnsafePointer<T>, count: Int) -> Int64 {
    var total: Int64 = 0
    for row in 0..<count { total &+= Int64(truncatingIfNeeded: values[row]) }
    return total
  }

  /// Sums 64-bit integers as halves: the low 32 bits and the high ones, each without overflow for
  /// less than 2³¹ rows.
  @inline(__always)
  static func ofInt64(_ values: UnsafePointer<Int64>, count: Int) -> Int128 {
    var low: Int64 = 0
    var high: Int64 = 0
    for row in 0..<count {
      low &+= values[row] & 0xFFFF_FFFF
      high &+= values[row] &>> 32
    }
    return Int128(high) << 32 + Int128(low)
  }

  /// Sixteen partial sums in a fixed order: the same rows always give the same bits, whatever the
  /// processor or the number of threads.
  static func ofDoubles(_ values: UnsafePointer<Double>, count: Int) -> Double {
    var first = SIMD8<Double>.zero
    var second = SIMD8<Double>.zero
    let raw = UnsafeRawPointer(values)
    var row = 0
    while row &+ 16 <= count {
      first += raw.loadUnaligned(fromByteOffset: row &* 8, as: SIMD8<Double>.self)
      second += raw.loadUnaligned(fromByteOffset: row &* 8 &+ 64, as: SIMD8<Double>.self)
      row &+= 16
    }
    let lanes = first + second
    let four = lanes.lowHalf + lanes.highHalf
    let two = four.lowHalf + four.highHalf
    var total = two.x + two.y
    while row < count {
      total += values[row]
      row &+= 1
    }
    return total
  }
}
