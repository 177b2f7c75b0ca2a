import Base
import FunctionKit
import Plans
import Vectors

/// An aggregate over the frame of each row.
///
/// Where the frame is the whole partition every partition is a group. Sums, extremes, moments slide
/// (`SlidingAggregate`). For other aggregates, frames that only grow are computed by adding the new
/// rows to one state, rows with the same frame share the answer, and any other frame is computed
/// from its rows: then a sliding frame costs its width for every row.
struct FrameAggregate {
  let function: AggregateFunction
  let call: WindowCall
  let context: QueryContext

  /// `filter`: which rows count, or nil for all. All vectors are flat.
  func evaluate(
    _ arguments: [Vector], filter: Vector?, _ chunk: WindowChunk
  ) throws(SQLError) -> Vector {
    let kept = filter.map { KeptRows($0) }
    let inputs = kept.map { $0.gather(arguments) } ?? arguments
    if call.frame.isWholePartition(hasOrder: chunk.hasOrder) {
      return try wholePartitions(inputs, kept, chunk)
    }
    var frames = chunk.frames(call.frame)
    if let kept { frames = (kept.renumbered(frames.starts), kept.renumbered(frames.ends)) }
    let rows = FrameRows(
      starts: frames.starts.values, ends: frames.ends.values, count: chunk.count)
    let state = function.makeState(call.argumentTypes)
    if let sliding = state as? any SlidingAggregate {
      return try sliding.slide(inputs, over: rows, as: call.type)
    }
    return try oneByOne(inputs, rows)
  }

  // MARK: whole partitions

  private func wholePartitions(
    _ inputs: [Vector], _ kept: KeptRows?, _ chunk: WindowChunk
  ) throws(SQLError) -> Vector {
    let groups = RowNumbers(count: chunk.count)
    for index in 0..<chunk.partitionCount {
      let rows = chunk.rows(ofPartition: index)
      (groups.values + rows.lowerBound)
        .update(repeating: UInt32(truncatingIfNeeded: index), count: rows.count)
    }
    let state = function.makeState(call.argumentTypes)
    state.resize(groupCount: chunk.partitionCount)
    if chunk.partitionCount == 1 {
      try add(inputs, 0..<(kept?.count ?? chunk.count), to: state)
    } else if let kept {
      let own = kept.gather(groups)
      try state.update(inputs, groups: own.values, count: kept.count)
    } else {
      try state.update(inputs, groups: groups.values, count: chunk.count)
    }
    let working = MemoryReservation(context.memory)
    try working.grow(by: state.sizeBytes)
    let answers = try state.finish(0..<chunk.partitionCount, as: call.type)
    try working.grow(by: answers.sizeBytes)
    return answers.gathered(by: groups.values, count: chunk.count)
  }

  // MARK: any aggregate, frame by frame

  private func oneByOne(_ inputs: [Vector], _ frames: FrameRows) throws(SQLError) -> Vector {
    let slots = RowNumbers(count: frames.count)
    let answers = VectorBuilder(type: call.type)
    var answerCount = 0
    var current = function.makeState(call.argumentTypes)
    current.resize(groupCount: 1)
    var (start, end) = (0, 0)
    // Lists and texts grow with the square of the rows: each answer holds all before it.
    let working = MemoryReservation(context.memory)
    var (answerBytes, heldBytes) = (0, 0)
    for row in 0..<frames.count {
      let (newStart, newEnd) = (Int(frames.starts[row]), Int(frames.ends[row]))
      if row & 1023 == 0 || newEnd - newStart > 4096 { try context.checkpoint() }
      if row == 0 || newStart != start || newEnd != end {
        if newStart != start || newEnd < end {
          current = function.makeState(call.argumentTypes)
          current.resize(groupCount: 1)
          (start, end) = (newStart, newStart)
        }
        try add(inputs, end..<newEnd, to: current)
        end = newEnd
        // Not by `merge`, behind which the state could not go on.
        let answer = try current.finish(0..<1, as: call.type)
        answers.append(answer, row: 0)
        answerCount += 1
        answerBytes += answer.sizeBytes
        let bytes = answerBytes + current.sizeBytes
        if bytes > heldBytes {
          try working.grow(by: bytes - heldBytes)
          heldBytes = bytes
        }
      }
      slots.values[row] = UInt32(truncatingIfNeeded: answerCount - 1)
    }
    return answers.finish().gathered(by: slots.values, count: frames.count)
  }

  private func add(
    _ inputs: [Vector], _ rows: Range<Int>, to state: any AggregateState
  ) throws(SQLError) {
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: 65_536) {
      if start > rows.lowerBound { try context.checkpoint() }
      try state.update(inputs, from: start, count: min(65_536, rows.upperBound - start), group: 0)
    }
  }
}

/// The rows that pass a FILTER, and how they are numbered among themselves.
struct KeptRows {
  let count: Int
  private let rowCount: Int
  private let rows: RowNumbers
  /// By row, and for the end: how many rows before it pass.
  private let before: RowNumbers

  init(_ truth: Vector) {
    let values = truth.values(as: UInt8.self)
    rows = RowNumbers(count: truth.count)
    before = RowNumbers(count: truth.count + 1)
    var kept = 0
    for row in 0..<truth.count {
      before.values[row] = UInt32(truncatingIfNeeded: kept)
      guard values[row] != 0, truth.validity?.isValid(row) != false else { continue }
      rows.values[kept] = UInt32(truncatingIfNeeded: row)
      kept &+= 1
    }
    before.values[truth.count] = UInt32(truncatingIfNeeded: kept)
    rowCount = truth.count
    count = kept
  }

  func gather(_ columns: [Vector]) -> [Vector] {
    columns.map { $0.gathered(by: rows.values, count: count) }
  }

  func gather(_ numbers: RowNumbers) -> RowNumbers {
    let result = RowNumbers(count: count)
    for row in 0..<count { result.values[row] = numbers.values[Int(rows.values[row])] }
    return result
  }

  /// Borders of frames, one for each of all rows, as borders among the rows that pass.
  func renumbered(_ borders: RowNumbers) -> RowNumbers {
    let result = RowNumbers(count: rowCount)
    for row in 0..<rowCount { result.values[row] = before.values[Int(borders.values[row])] }
    return result
  }
}
