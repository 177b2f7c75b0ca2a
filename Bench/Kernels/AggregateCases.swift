import Base
import FunctionKit
import Functions
import Vectors

/// Aggregates over 64 batches, from an empty state to the answer, over all rows and in 1000 groups.
/// Finding a row's group is not part of it.
enum AggregateCases {
  private static let groupCount = 1000
  private static let batchCount = 64
  /// So many different batches, 64 KiB of doubles, which stay in the caches.
  private static let distinctCount = 8

  static var all: [KernelCase] {
    [false, true].flatMap { isGrouped in
      [
        aggregate("count", "int64", isGrouped) { $0.integers(below: 1000) },
        aggregate("sum", "double", isGrouped) { $0.doubles() },
        aggregate("sum", "int64", isGrouped) { $0.integers(below: 1000) },
        aggregate("min", "double", isGrouped) { $0.doubles() },
        aggregate("avg", "double with NULLs", isGrouped) { $0.withNulls($0.doubles(), oneIn: 10) },
        aggregate("stddev", "double", isGrouped) { $0.doubles() },
        aggregate("min", "text", isGrouped) { $0.words(distinctCount: 1000) },
        aggregate("median", "double", isGrouped) { $0.doubles() },
      ]
    }
  }

  private static func aggregate(
    _ function: String, _ what: String, _ isGrouped: Bool,
    _ column: @escaping (SampleColumns) -> Vector
  ) -> KernelCase {
    KernelCase("aggregate: \(function)(\(what))\(isGrouped ? ", \(groupCount) groups" : "")") {
      let samples = (0..<distinctCount).map { SampleColumns(seed: UInt64($0) + 1) }
      let columns = samples.map(column)
      let groups = samples.map { $0.groups(below: groupCount) }
      let resolved = try BuiltInFunctions.all.resolveAggregate(
        function, [ArgumentType(columns[0].type)], at: nil)
      let rowCount = batchCount * Batch.capacity
      let batchBytes = columns[0].sizeBytes + (isGrouped ? Batch.capacity * 4 : 0)
      return .init(
        rowCount, sizeBytes: batchCount * batchBytes, blockSizeBytes: batchBytes
      ) {
        let state = resolved.function.makeState(resolved.argumentTypes)
        state.resize(groupCount: isGrouped ? groupCount : 1)
        for batch in 0..<batchCount {
          let index = batch % distinctCount
          if isGrouped {
            try groups[index].withUnsafeBufferPointer { numbers in
              guard let start = numbers.baseAddress else { return }
              try state.update([columns[index]], groups: start, count: Batch.capacity)
            }
          } else {
            try state.update([columns[index]], from: 0, count: Batch.capacity, group: 0)
          }
        }
        _ = try state.finish(0..<(isGrouped ? groupCount : 1), as: resolved.resultType)
      }
    }
  }
}
