import Base
import FunctionKit
import Plans
import Vectors

/// An aggregate over the frame of each row.
///
/// Frames that only grow are computed by adding the new rows to one state; rows with the same frame
/// share the answer; any other frame is computed from its rows. So a sliding frame costs its width
/// for every row.
struct FrameAggregate {
  let state: AggregateFunction
  let call: WindowCall
  /// By row: the rows of its frame.
  var starts: [UInt32]
  var ends: [UInt32]
  let context: QueryContext

  func evaluate(_ arguments: [Vector]) throws(SQLError) -> Vector {
    let builder = VectorBuilder(type: call.type)
    var current = state.makeState(call.argumentTypes)
    current.resize(groupCount: 1)
    var (start, end) = (0, 0)
    var answer: Vector?
    for row in starts.indices {
      if row & 1023 == 0 { try context.checkpoint() }
      let (newStart, newEnd) = (Int(starts[row]), Int(ends[row]))
      if answer == nil || newStart != start || newEnd != end {
        if answer == nil || newStart != start || newEnd < end {
          current = state.makeState(call.argumentTypes)
          current.resize(groupCount: 1)
          (start, end) = (newStart, newStart)
        }
        try add(arguments, end..<newEnd, to: current)
        end = newEnd
        answer = try current.finish(0..<1, as: call.type)
      }
      if let answer { builder.append(answer, row: 0) }
    }
    return builder.finish()
  }

  private func add(
    _ arguments: [Vector], _ rows: Range<Int>, to state: any AggregateState
  ) throws(SQLError) {
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: 65_536) {
      if start > rows.lowerBound { try context.checkpoint() }
      try state.update(
        arguments, from: start, count: min(65_536, rows.upperBound - start), group: 0)
    }
  }

  // MARK: FILTER

  /// The same frames among the rows that pass a filter.
  func filtered(by truth: Vector) -> FrameAggregate {
    var before = [UInt32](repeating: 0, count: truth.count + 1)
    let values = truth.values(as: UInt8.self)
    for row in 0..<truth.count {
      before[row + 1] = before[row] + (!truth.isNull(row) && values[row] != 0 ? 1 : 0)
    }
    var result = self
    for row in starts.indices {
      result.starts[row] = before[Int(starts[row])]
      result.ends[row] = before[Int(ends[row])]
    }
    return result
  }

  /// The arguments of the rows that pass.
  func kept(_ arguments: [Vector], _ truth: Vector) -> [Vector] {
    let values = truth.values(as: UInt8.self)
    var rows: [UInt32] = []
    for row in 0..<truth.count where !truth.isNull(row) && values[row] != 0 {
      rows.append(UInt32(truncatingIfNeeded: row))
    }
    return rows.withUnsafeBufferPointer { pointer in
      guard let start = pointer.baseAddress else { return arguments.map { $0.slice(from: 0, count: 0) } }
      return arguments.map { $0.gathered(by: start, count: rows.count) }
    }
  }
}
