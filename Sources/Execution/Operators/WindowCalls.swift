import Base
import FunctionKit
import Plans
import Vectors

/// A window call ready to run.
struct CompiledWindowCall: Sendable {
  let call: WindowCall
  /// Exactly one of the two.
  private let function: WindowFunction?
  private let aggregate: AggregateFunction?

  init(_ call: WindowCall, functions: FunctionSet) throws(SQLError) {
    self.call = call
    let types = call.argumentTypes.map { ArgumentType($0) }
    if call.isAggregate {
      aggregate = try functions.resolveAggregate(call.name, types, at: nil).function
      function = nil
    } else {
      function = try functions.resolveWindow(call.name, types, at: nil).function
      aggregate = nil
    }
  }

  /// The answers of all rows in window order. `inputs`: the arguments, then the filter's truth.
  func evaluate(
    _ rows: WindowRows, _ inputs: [Vector], _ evaluation: EvaluationContext
  ) throws(SQLError) -> Vector {
    let frames = rows.frames(call.frame)
    if let function {
      return try evaluate(function.kernel, rows, inputs, frames, evaluation)
    }
    guard let aggregate else { return Vector.nulls(call.type, count: rows.count) }
    let frame = FrameAggregate(
      state: aggregate, call: call, starts: frames.starts, ends: frames.ends,
      context: evaluation.query)
    guard call.filter != nil, let truth = inputs.last else {
      return try frame.evaluate(inputs)
    }
    return try frame.filtered(by: truth).evaluate(frame.kept(Array(inputs.dropLast()), truth))
  }

  private func evaluate(
    _ kernel: WindowKernel, _ rows: WindowRows, _ arguments: [Vector],
    _ frames: (starts: [UInt32], ends: [UInt32]), _ evaluation: EvaluationContext
  ) throws(SQLError) -> Vector {
    switch kernel {
    case .integers(let body):
      let mask = ValidityMask(count: rows.count, allValid: true)
      let result = Vector(type: call.type, count: rows.count, validity: mask)
      let out = result.values(as: Int64.self)
      try forEachPartition(rows, frames, evaluation) { (partition) throws(SQLError) in
        try body(partition, arguments, out)
      }
      for row in 0..<rows.count where out[row] == WindowPartition.null { mask.setNull(row) }
      return result
    case .doubles(let body):
      let result = Vector(type: call.type, count: rows.count)
      let out = result.values(as: Double.self)
      try forEachPartition(rows, frames, evaluation) { (partition) throws(SQLError) in
        try body(partition, arguments, out)
      }
      return result
    case .choice(let body):
      let chosen = UnsafeMutablePointer<UInt32>.allocate(capacity: rows.count + 1)
      defer { chosen.deallocate() }
      try forEachPartition(rows, frames, evaluation) { (partition) throws(SQLError) in
        try body(partition, arguments, chosen)
      }
      return picked(arguments, chosen, rows.count)
    }
  }

  private func forEachPartition(
    _ rows: WindowRows, _ frames: (starts: [UInt32], ends: [UInt32]),
    _ evaluation: EvaluationContext, _ body: (WindowPartition) throws(SQLError) -> Void
  ) throws(SQLError) {
    let copies = [rows.peerStarts, rows.peerEnds, frames.starts, frames.ends].map { array in
      let copy = UnsafeMutablePointer<UInt32>.allocate(capacity: array.count + 1)
      for index in array.indices { copy[index] = array[index] }
      return copy
    }
    defer { for copy in copies { copy.deallocate() } }
    for (index, partition) in rows.partitions.enumerated() {
      if index & 1023 == 0 { try evaluation.query.checkpoint() }
      try body(
        WindowPartition(
          rows: partition, peerStarts: copies[0], peerEnds: copies[1], frameStarts: copies[2],
          frameEnds: copies[3]))
    }
  }

  /// The values of the chosen rows.
  private func picked(
    _ arguments: [Vector], _ chosen: UnsafeMutablePointer<UInt32>, _ count: Int
  ) -> Vector {
    let defaults = arguments.count > 2 ? arguments[2] : nil
    var missing: ValidityMask?
    var others = false
    for row in 0..<count {
      if chosen[row] == WindowPartition.none {
        if missing == nil { missing = ValidityMask(count: count, allValid: true) }
        missing?.setNull(row)
        chosen[row] = 0
      } else if chosen[row] == WindowPartition.otherwise {
        others = true
      }
    }
    guard others, let defaults else {
      let result = arguments[0].gathered(by: UnsafePointer(chosen), count: count)
      result.validity = ValidityMask.and(result.validity, missing, count: count)
      return result
    }
    // Rows that take their default are rare: one by one.
    let builder = VectorBuilder(type: call.type)
    for row in 0..<count {
      if missing?.isValid(row) == false {
        builder.appendNull()
      } else if chosen[row] == WindowPartition.otherwise {
        builder.append(defaults, row: row)
      } else {
        builder.append(arguments[0], row: Int(chosen[row]))
      }
    }
    return builder.finish()
  }
}
