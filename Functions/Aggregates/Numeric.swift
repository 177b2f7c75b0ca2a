import FunctionKit
import Vectors

/// A number that sums and averages take, and how it is added up exactly.
protocol SummableElement: VectorElement {
  /// Holds the sum of more rows than any table has, or reports overflow.
  associatedtype Total: SIMDSum
  var widened: Total { get }
}

/// What sums are held in.
protocol SIMDSum: BitwiseCopyable, Sendable {
  static var zero: Self { get }
  /// The sum; the second member is true on overflow.
  func addingReporting(_ other: Self) -> (Self, Bool)
  var asDouble: Double { get }
}

extension Int64: SIMDSum {
  @inline(__always)
  func addingReporting(_ other: Int64) -> (Int64, Bool) {
    let (sum, overflow) = addingReportingOverflow(other)
    return (sum, overflow)
  }
  var asDouble: Double { Double(self) }
}

extension Int128: SIMDSum {
  @inline(__always)
  func addingReporting(_ other: Int128) -> (Int128, Bool) {
    let (sum, overflow) = addingReportingOverflow(other)
    return (sum, overflow)
  }
  var asDouble: Double { Double(self) }
}

extension Double: SIMDSum {
  @inline(__always)
  func addingReporting(_ other: Double) -> (Double, Bool) { (self + other, false) }
  var asDouble: Double { self }
}

extension Int8: SummableElement { @inline(__always) var widened: Int64 { Int64(self) } }
extension Int16: SummableElement { @inline(__always) var widened: Int64 { Int64(self) } }
extension Int32: SummableElement { @inline(__always) var widened: Int64 { Int64(self) } }
extension Int64: SummableElement { @inline(__always) var widened: Int128 { Int128(self) } }
extension Int128: SummableElement { @inline(__always) var widened: Int128 { self } }
extension Float: SummableElement { @inline(__always) var widened: Double { Double(self) } }
extension Double: SummableElement { @inline(__always) var widened: Double { self } }

/// Sums of a run of rows without NULLs.
enum RunSum {
  /// Sixteen partial sums in a fixed order: the same rows always give the same bits, whatever the
  /// processor or the number of threads.
  @inline(__always)
  static func of<T: SummableElement>(_ values: UnsafePointer<T>, count: Int) -> T.Total {
    if let doubles = values as? UnsafePointer<Double>, T.self == Double.self {
      let sum = ofDoubles(doubles, count: count)
      if let total = sum as? T.Total { return total }
    }
    var total = T.Total.zero
    for row in 0..<count { total = total.addingReporting(values[row].widened).0 }
    return total
  }

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
