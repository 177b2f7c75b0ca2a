import Base
import Vectors

/// Kernels from a closure for one row that has an answer for every input. The closure also runs for
/// NULL rows, on unspecified values, and its answer there is dropped: it must not trap.
extension Kernel {
  @inlinable
  public static func map<A: VectorElement, R: VectorElement>(
    _ body: @escaping @Sendable (A) -> R
  ) -> Kernel {
    Kernel { arguments, count, type, _ throws(SQLError) in
      let a = arguments[0].flattened()
      let result = Vector(type: type, count: count, validity: a.validity)
      let input = a.values(as: A.self)
      let out = result.values(as: R.self)
      for row in 0..<count { out[row] = body(input[row]) }
      return result
    }
  }

  @inlinable
  public static func map<A: VectorElement, B: VectorElement, R: VectorElement>(
    _ body: @escaping @Sendable (A, B) -> R
  ) -> Kernel {
    Kernel { arguments, count, type, _ throws(SQLError) in
      let result: Vector
      // A constant side stays in a register; both constant was folded before.
      if arguments[1].isConstant, !arguments[0].isConstant {
        let a = arguments[0].flattened()
        result = Vector(type: type, count: count, validity: a.validity)
        let left = a.values(as: A.self)
        let right = arguments[1].values(as: B.self)[0]
        let out = result.values(as: R.self)
        for row in 0..<count { out[row] = body(left[row], right) }
      } else if arguments[0].isConstant {
        let b = arguments[1].flattened()
        result = Vector(type: type, count: count, validity: b.validity)
        let left = arguments[0].values(as: A.self)[0]
        let right = b.values(as: B.self)
        let out = result.values(as: R.self)
        for row in 0..<count { out[row] = body(left, right[row]) }
      } else {
        let a = arguments[0].flattened()
        let b = arguments[1].flattened()
        result = Vector(
          type: type, count: count,
          validity: ValidityMask.and(a.validity, b.validity, count: count))
        let left = a.values(as: A.self)
        let right = b.values(as: B.self)
        let out = result.values(as: R.self)
        for row in 0..<count { out[row] = body(left[row], right[row]) }
      }
      if arguments[0].isConstantNull || arguments[1].isConstantNull {
        return Vector.nulls(type, count: count)
      }
      return result
    }
  }

  @inlinable
  public static func map<A: VectorElement, B: VectorElement, C: VectorElement, R: VectorElement>(
    _ body: @escaping @Sendable (A, B, C) -> R
  ) -> Kernel {
    Kernel { arguments, count, type, _ throws(SQLError) in
      let flat = arguments.map { $0.flattened() }
      let result = Vector(
        type: type, count: count, validity: Kernel.commonValidity(flat, count: count))
      let a = flat[0].values(as: A.self)
      let b = flat[1].values(as: B.self)
      let c = flat[2].values(as: C.self)
      let out = result.values(as: R.self)
      for row in 0..<count { out[row] = body(a[row], b[row], c[row]) }
      return result
    }
  }

  @inlinable
  public static func map<
    A: VectorElement, B: VectorElement, C: VectorElement, D: VectorElement, R: VectorElement
  >(_ body: @escaping @Sendable (A, B, C, D) -> R) -> Kernel {
    Kernel { arguments, count, type, _ throws(SQLError) in
      let flat = arguments.map { $0.flattened() }
      let result = Vector(
        type: type, count: count, validity: Kernel.commonValidity(flat, count: count))
      let a = flat[0].values(as: A.self)
      let b = flat[1].values(as: B.self)
      let c = flat[2].values(as: C.self)
      let d = flat[3].values(as: D.self)
      let out = result.values(as: R.self)
      for row in 0..<count { out[row] = body(a[row], b[row], c[row], d[row]) }
      return result
    }
  }

  /// Rows that are valid in all of `vectors` (flat ones).
  public static func commonValidity(_ vectors: [Vector], count: Int) -> ValidityMask? {
    vectors.reduce(nil) { ValidityMask.and($0, $1.validity, count: count) }
  }
}
