import Base
import FunctionKit
import Vectors

/// Choices between values: coalesce, nullif, greatest, least.
enum Conditionals {
  static let functions: [ScalarFunction] = [
    ScalarFunction(
      "coalesce", takes: Quantity("x", .any), Quantity("more", .sameAs(0)), variadic: true,
      returns: Quantity("first", .sameAs(0)), summary: "Gives the first argument that is not NULL.",
      source: "ADQL 2.1", examples: [Example("coalesce(NULL, 2, 3)", gives: "2")], nulls: .custom,
      kernel: choosing { (flat: [Vector], row: Int) -> Int in
        flat.firstIndex { !$0.isNull(row) } ?? -1
      }),
    ScalarFunction(
      "nullif", takes: Quantity("a", .anyOrdered), Quantity("b", .sameAs(0)),
      returns: Quantity("a", .sameAs(0)), summary: "Gives NULL if both are equal, else the first.",
      examples: [Example("nullif(1, 1)", gives: "NULL"), Example("nullif(1, 2)", gives: "1")],
      nulls: .custom,
      kernel: choosing { (flat: [Vector], row: Int) -> Int in
        if flat[0].isNull(row) { return -1 }
        return !flat[1].isNull(row) && RowOrder.compare(flat[0], flat[1], row) == 0 ? -1 : 0
      }),
    extreme("greatest", "greatest", "3", 1), extreme("least", "least", "1", -1),
  ]

  private static func extreme(
    _ name: String, _ word: String, _ answer: String, _ sign: Int32
  ) -> ScalarFunction {
    ScalarFunction(
      name, takes: Quantity("x", .anyOrdered), Quantity("more", .sameAs(0)), variadic: true,
      returns: Quantity(name, .sameAs(0)),
      summary: "Gives the \(word) argument; NULLs are left out, NaN is the greatest number.",
      examples: [Example("\(name)(1, 3, NULL, 2)", gives: answer)], nulls: .custom,
      kernel: choosing { (flat: [Vector], row: Int) -> Int in
        var best = -1
        for index in flat.indices where !flat[index].isNull(row) {
          if best < 0 || RowOrder.compare(flat[index], flat[best], row) * sign > 0 { best = index }
        }
        return best
      })
  }

  private static func choosing(
    _ choose: @escaping @Sendable ([Vector], Int) -> Int
  ) -> Kernel {
    .vectors { (arguments: [Vector], count: Int, type: LogicalType, _) throws(SQLError) -> Vector in
      let flat = arguments.map { $0.flattened() }
      return withUnsafeTemporaryAllocation(of: Int32.self, capacity: max(1, count)) { choice in
        for row in 0..<count { choice[row] = Int32(truncatingIfNeeded: choose(flat, row)) }
        guard let start = choice.baseAddress else { return Vector.nulls(type, count: count) }
        return RowChoice.assemble(flat, choice: start, count: count, type: type)
      }
    }
  }
}

/// The order of two values of the same type, row by row: not for hot loops.
enum RowOrder {
  /// -1, 0 or 1 as `a` sorts before, with or after `b`; both flat and not NULL there.
  static func compare(_ a: Vector, _ b: Vector, _ row: Int) -> Int32 {
    switch a.physical {
    case .bool8: plain(UInt8.self, a, b, row)
    case .int8: plain(Int8.self, a, b, row)
    case .int16: plain(Int16.self, a, b, row)
    case .int32: plain(Int32.self, a, b, row)
    case .int64: plain(Int64.self, a, b, row)
    case .int128: plain(Int128.self, a, b, row)
    case .float32: float(Float.self, a, b, row)
    case .float64: float(Double.self, a, b, row)
    case .bytes: Comparisons.order(a.bytes(at: row), b.bytes(at: row)).signum()
    case .list, .structure: 0
    }
  }

  private static func plain<T: Comparable>(
    _: T.Type, _ a: Vector, _ b: Vector, _ row: Int
  ) -> Int32 {
    let (left, right) = (a.values(as: T.self)[row], b.values(as: T.self)[row])
    return left < right ? -1 : (left > right ? 1 : 0)
  }

  private static func float<T: BinaryFloatingPoint>(
    _: T.Type, _ a: Vector, _ b: Vector, _ row: Int
  ) -> Int32 {
    let (left, right) = (a.values(as: T.self)[row], b.values(as: T.self)[row])
    return Comparisons.isLess(left, right) ? -1 : (Comparisons.isLess(right, left) ? 1 : 0)
  }
}
