import Base
import FunctionKit
import Vectors

/// The loops over rows that hold a value, shared by all aggregates of fixed-width values. The body is
/// inlined.
enum ColumnLoops {
  /// Runs `body(value, group)` for each row that is not NULL.
  @inline(__always)
  static func forEach<T: VectorElement>(
    _ input: Vector, _: T.Type, groups: UnsafePointer<UInt32>, count: Int,
    _ body: (T, Int) -> Void
  ) {
    let flat = input.flattened()
    let values = flat.values(as: T.self)
    guard let validity = flat.validity else {
      for row in 0..<count { body(values[row], Int(groups[row])) }
      return
    }
    for row in 0..<count where validity.isValid(row) { body(values[row], Int(groups[row])) }
  }

  /// The rows `start ..< start + count` that are not NULL as one run of values: the vector's own
  /// memory when none is NULL, else a copy without the gaps.
  @inline(__always)
  static func withRun<T: VectorElement, R>(
    _ input: Vector, _: T.Type, from start: Int, count: Int,
    _ body: (UnsafePointer<T>, Int) -> R
  ) -> R {
    let flat = input.flattened()
    let values = flat.values(as: T.self) + start
    guard let validity = flat.validity else { return body(values, count) }
    return withUnsafeTemporaryAllocation(of: T.self, capacity: max(1, count)) { scratch in
      guard let target = scratch.baseAddress else { return body(values, 0) }
      var kept = 0
      for row in 0..<count {
        target[kept] = values[row]
        kept &+= validity.isValid(start &+ row) ? 1 : 0
      }
      return body(target, kept)
    }
  }
}
