import Base
import FunctionKit
import Glibc
import Vectors

/// The comparison operators `= <> < <= > >=`.
///
/// NaN equals itself and is greater than every number, as PostgreSQL orders. Text compares by bytes,
/// which for UTF-8 is the order of code points.
enum Comparisons {
  static let functions: [ScalarFunction] =
    integers(UInt8.self, .boolean, "false", "true") + integers(Int8.self, .int8, "1", "2")
    + integers(Int16.self, .int16, "1", "2") + integers(Int32.self, .int32, "1", "2")
    + integers(Int64.self, .int64, "1", "2") + floats(Float.self, .float32)
    + floats(Double.self, .float64)
    + integers(Int32.self, .date, "date '2024-01-01'", "date '2024-01-02'")
    + integers(Int64.self, .timestamp, "timestamp '2024-01-01'", "timestamp '2024-01-02'")
    + bytes(.text, "'a'", "'b'") + bytes(.binary, "'\\x00'::bytea", "'\\x01'::bytea") + points

  enum Order: String, CaseIterable {
    case equal = "="
    case notEqual = "<>"
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="

    /// Whether the order holds for a number below, at or above zero.
    @inline(__always)
    func holds(_ difference: Int32) -> Bool {
      switch self {
      case .equal: difference == 0
      case .notEqual: difference != 0
      case .less: difference < 0
      case .lessOrEqual: difference <= 0
      case .greater: difference > 0
      case .greaterOrEqual: difference >= 0
      }
    }

    var summary: String {
      switch self {
      case .equal: "True if both are equal."
      case .notEqual: "True if they differ."
      case .less: "True if the first is below the second."
      case .lessOrEqual: "True if the first is not above the second."
      case .greater: "True if the first is above the second."
      case .greaterOrEqual: "True if the first is not below the second."
      }
    }
  }

  static func comparison(
    _ order: Order, _ type: ParameterType, _ low: String, _ high: String, _ kernel: Kernel
  ) -> ScalarFunction {
    ScalarFunction(
      order.rawValue, takes: Quantity("a", type), Quantity("b", type),
      returns: Quantity("result", LogicalType.boolean), summary: order.summary,
      examples: [
        Example("\(low) \(order.rawValue) \(high)", gives: order.holds(-1) ? "t" : "f")
      ], kernel: kernel)
  }

  private static func all(
    _ type: LogicalType, _ low: String, _ high: String, _ kernels: [Kernel]
  ) -> [ScalarFunction] {
    zip(Order.allCases, kernels).map { comparison($0, .exactly(type), low, high, $1) }
  }
}

// MARK: Numbers

extension Comparisons {
  @inline(__always)
  private static func integers<T: FixedWidthInteger & VectorElement>(
    _: T.Type, _ type: LogicalType, _ low: String, _ high: String
  ) -> [ScalarFunction] {
    let kernels: [Kernel] = [
      .map { (a: T, b: T) -> Bool in a == b }, .map { (a: T, b: T) -> Bool in a != b },
      .map { (a: T, b: T) -> Bool in a < b }, .map { (a: T, b: T) -> Bool in a <= b },
      .map { (a: T, b: T) -> Bool in a > b }, .map { (a: T, b: T) -> Bool in a >= b },
    ]
    return all(type, low, high, kernels)
  }

  @inline(__always)
  private static func floats<T: BinaryFloatingPoint & VectorElement>(
    _: T.Type, _ type: LogicalType
  ) -> [ScalarFunction] {
    let kernels: [Kernel] = [
      .map { (a: T, b: T) -> Bool in areEqual(a, b) },
      .map { (a: T, b: T) -> Bool in !areEqual(a, b) },
      .map { (a: T, b: T) -> Bool in isLess(a, b) },
      .map { (a: T, b: T) -> Bool in !isLess(b, a) },
      .map { (a: T, b: T) -> Bool in isLess(b, a) },
      .map { (a: T, b: T) -> Bool in !isLess(a, b) },
    ]
    return all(type, "1e0", "2e0", kernels)
  }

  @inline(__always)
  static func areEqual<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> Bool {
    a == b || (a != a && b != b)
  }

  /// True if `a` sorts before `b`: not (a ≥ b) holds for a < b and for NaN on either side; NaN in
  /// `a` is never less.
  @inline(__always)
  static func isLess<T: BinaryFloatingPoint>(_ a: T, _ b: T) -> Bool {
    !(a >= b) && a == a
  }
}

// MARK: Text, binary, points

extension Comparisons {
  private static func bytes(
    _ type: LogicalType, _ low: String, _ high: String
  ) -> [ScalarFunction] {
    Order.allCases.map { order in
      let kernel = Kernel.vectors {
        (arguments: [Vector], count: Int, type: LogicalType, _) throws(SQLError) -> Vector in
        compareBytes(ByteColumn(arguments[0]), ByteColumn(arguments[1]), count, type, order)
      }
      return comparison(order, .exactly(type), low, high, kernel.onDictionaryValues())
    }
  }

  private static func compareBytes(
    _ a: ByteColumn, _ b: ByteColumn, _ count: Int, _ type: LogicalType, _ order: Order
  ) -> Vector {
    let validity = ValidityMask.and(a.validity, b.validity, count: count)
    let result = Vector(type: type, count: count, validity: validity)
    let out = result.values(as: Bool.self)
    for row in 0..<count {
      guard validity?.isValid(row) ?? true else {
        out[row] = false
        continue
      }
      let left = a.bytes(row)
      let right = b.bytes(row)
      if order == .equal || order == .notEqual, left.count != right.count {
        out[row] = order == .notEqual
      } else {
        out[row] = order.holds(Self.order(left, right))
      }
    }
    return result
  }

  /// Below, at or above zero as `a` sorts before, with or after `b`.
  @inline(__always)
  static func order(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int32 {
    let common = min(a.count, b.count)
    if common > 0, let left = a.baseAddress, let right = b.baseAddress {
      let difference = memcmp(left, right, common)
      if difference != 0 { return difference }
    }
    return a.count < b.count ? -1 : (a.count > b.count ? 1 : 0)
  }

  private static let points: [ScalarFunction] = [Order.equal, Order.notEqual].map { order in
    comparison(
      order, .point, "POINT(1, 2)", "POINT(1, 3)",
      .vectors { (arguments: [Vector], count: Int, type, _) throws(SQLError) -> Vector in
        let a = arguments[0].flattened()
        let b = arguments[1].flattened()
        let result = Vector(
          type: type, count: count,
          validity: ValidityMask.and(a.validity, b.validity, count: count))
        let out = result.values(as: Bool.self)
        let (lonA, latA) = (
          a.children[0].values(as: Double.self), a.children[1].values(as: Double.self)
        )
        let (lonB, latB) = (
          b.children[0].values(as: Double.self), b.children[1].values(as: Double.self)
        )
        for row in 0..<count {
          let isEqual = areEqual(lonA[row], lonB[row]) && areEqual(latA[row], latB[row])
          out[row] = isEqual == (order == .equal)
        }
        return result
      })
  }
}
