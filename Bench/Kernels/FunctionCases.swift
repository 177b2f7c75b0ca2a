import Base
import FunctionKit
import Functions
import Vectors

/// Scalar functions as the executor calls them: one result vector a batch.
enum FunctionCases {
  static var all: [KernelCase] { comparisons + arithmetic }

  private static var comparisons: [KernelCase] {
    [
      call("compare: double < double", "<") { [$0.doubles(), $0.doubles()] },
      call("compare: double < constant", "<") {
        [$0.doubles(), constant(.float64(0.5), .float64)]
      },
      call("compare: int64 = int64", "=") { [$0.integers(below: 3), $0.integers(below: 3)] },
      call("compare: int64 = constant", "=") {
        [$0.integers(below: 3), constant(.integer(1), .int64)]
      },
      call("compare: text = text", "=") {
        [$0.words(distinctCount: 50), $0.words(distinctCount: 50)]
      },
      call("compare: text = constant", "=") {
        [$0.words(distinctCount: 50), constant(.text("star-a"), .text)]
      },
    ]
  }

  private static var arithmetic: [KernelCase] {
    [
      call("arithmetic: double + double", "+") { [$0.doubles(), $0.doubles()] },
      call("arithmetic: double * constant", "*") {
        [$0.doubles(), constant(.float64(2.5), .float64)]
      },
      call("arithmetic: double / double", "/") { [$0.doubles(), $0.near(5, radius: 1)] },
      call("arithmetic: int64 + int64, checked", "+") {
        [$0.integers(below: 1 << 40), $0.integers(below: 1 << 40)]
      },
      call("arithmetic: int64 * int64, checked", "*") {
        [$0.integers(below: 1 << 30), $0.integers(below: 1 << 30)]
      },
      call("arithmetic: double + double with NULLs", "+") {
        [$0.withNulls($0.doubles(), oneIn: 10), $0.doubles()]
      },
      call("maths: sqrt", "sqrt") { [$0.doubles()] },
      call("maths: sin", "sin") { [$0.doubles(below: 6)] },
      call("maths: log10", "log10") { [$0.near(5, radius: 1)] },
    ]
  }

  private static func constant(_ value: Value, _ type: LogicalType) -> Vector {
    Vector.constant(value, type: type, count: Batch.capacity)
  }

  /// A call of the SQL function on a batch. Bytes are those of its columns.
  static func call(
    _ name: String, _ function: String, _ arguments: @escaping (SampleColumns) -> [Vector]
  ) -> KernelCase {
    KernelCase(name) {
      let vectors = arguments(SampleColumns())
      let resolved = try BuiltInFunctions.all.resolveScalar(
        function, vectors.map { ArgumentType($0.type) }, at: nil)
      precondition(resolved.argumentTypes == vectors.map(\.type), "no casts in a benchmark")
      let context = FunctionContext()
      let sizeBytes = vectors.reduce(0) { $0 + ($1.isConstant ? 0 : $1.sizeBytes) }
      return .init(Batch.capacity, sizeBytes: sizeBytes) {
        _ = try resolved.function.evaluate(
          vectors, count: Batch.capacity, returning: resolved.resultType, in: context)
      }
    }
  }
}
