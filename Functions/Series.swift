import Base
import FunctionKit
import Vectors

/// Table functions.
enum Series {
  static let tables: [TableFunction] = [
    TableFunction(
      "generate_series", takes: Quantity("start", .integer), Quantity("stop", .integer),
      Quantity("step", .integer), optional: 1,
      returns: [StructField("generate_series", .int64)],
      summary: "Gives the integers from start to stop, both included; NULL bounds give no rows.",
      examples: [
        Example("SELECT sum(generate_series) FROM generate_series(1, 10)", gives: "55"),
        Example("SELECT count(*) FROM generate_series(10, 1, -3)", gives: "4"),
      ],
      open: { (arguments: [Value]) throws(SQLError) -> any BatchGenerator in
        guard arguments.count >= 2, case .integer(let start) = arguments[0],
          case .integer(let stop) = arguments[1]
        else { return SeriesGenerator(start: 1, stop: 0, step: 1) }
        var step: Int64 = 1
        if arguments.count > 2 {
          guard case .integer(let given) = arguments[2] else {
            return SeriesGenerator(start: 1, stop: 0, step: 1)
          }
          step = given
        }
        if step == 0 {
          throw SQLError(.invalidParameterValue, "the step of a series must not be 0")
        }
        return SeriesGenerator(start: start, stop: stop, step: step)
      })
  ]
}

/// Gives sequences of a full batch each.
final class SeriesGenerator: BatchGenerator {
  private var upcoming: Int64
  private var remaining: UInt64
  private let step: Int64

  /// `step` is not 0.
  init(start: Int64, stop: Int64, step: Int64) {
    upcoming = start
    self.step = step
    let isEmpty = step > 0 ? start > stop : start < stop
    let span = UInt64(bitPattern: step > 0 ? stop &- start : start &- stop)
    let steps = span / step.magnitude
    remaining = isEmpty ? 0 : (steps == .max ? .max : steps + 1)
  }

  func next() throws(SQLError) -> Batch? {
    guard remaining > 0 else { return nil }
    let count = Int(min(remaining, UInt64(Batch.capacity)))
    let column = Vector.sequence(start: upcoming, step: step, count: count)
    upcoming = upcoming &+ step &* Int64(count)
    remaining -= UInt64(count)
    return Batch(columns: [column], rowCount: count)
  }
}
