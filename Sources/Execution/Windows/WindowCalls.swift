import Base
import FunctionKit
import Plans
import Vectors

/// A window call ready to run.
struct CompiledWindowCall: Sendable {
  private enum Body: Sendable {
    case function(WindowFunction)
    case aggregate(AggregateFunction)
  }

  private let call: WindowCall
  private let body: Body
  private let arguments: [Int]
  private let filter: Int?

  /// `arguments` and `filter` are columns of what `evaluate` gets.
  init(
    _ call: WindowCall, arguments: [Int], filter: Int?, functions: FunctionSet
  ) throws(SQLError) {
    self.call = call
    self.arguments = arguments
    self.filter = filter
    let types = call.argumentTypes.map { ArgumentType($0) }
    body = call.isAggregate
      ? .aggregate(try functions.resolveAggregate(call.name, types, at: nil).function)
      : .function(try functions.resolveWindow(call.name, types, at: nil).function)
  }

  /// The answers of all rows of a chunk.
  func evaluate(
    _ columns: [Vector], _ chunk: WindowChunk, _ context: QueryContext
  ) throws(SQLError) -> Vector {
    let inputs = arguments.map { columns[$0] }
    switch body {
    case .function(let function): return try evaluate(function, inputs, chunk, context)
    case .aggregate(let function):
      return try FrameAggregate(function: function, call: call, context: context)
        .evaluate(inputs, filter: filter.map { columns[$0] }, chunk)
    }
  }

  private func evaluate(
    _ function: WindowFunction, _ inputs: [Vector], _ chunk: WindowChunk, _ context: QueryContext
  ) throws(SQLError) -> Vector {
    let place = PartitionPlaces(function.needs, call.frame, chunk)
    switch function.kernel {
    case .integers(let body):
      let mask = ValidityMask(count: chunk.count, allValid: true)
      let result = Vector(type: call.type, count: chunk.count)
      let out = result.values(as: Int64.self)
      try place.forEach(chunk, context) { (partition) throws(SQLError) in
        try body(partition, inputs, out)
      }
      var hasNulls = false
      for row in 0..<chunk.count where out[row] == WindowPartition.null {
        mask.setNull(row)
        hasNulls = true
      }
      if hasNulls { result.validity = mask }
      return result
    case .doubles(let body):
      let result = Vector(type: call.type, count: chunk.count)
      let out = result.values(as: Double.self)
      try place.forEach(chunk, context) { (partition) throws(SQLError) in
        try body(partition, inputs, out)
      }
      return result
    case .choice(let body):
      let chosen = RowNumbers(count: chunk.count)
      try place.forEach(chunk, context) { (partition) throws(SQLError) in
        try body(partition, inputs, chosen.values)
      }
      return picked(inputs, chosen.values, chunk.count)
    }
  }

  /// The values of the chosen rows.
  private func picked(
    _ inputs: [Vector], _ chosen: UnsafeMutablePointer<UInt32>, _ count: Int
  ) -> Vector {
    var missing: ValidityMask?
    var hasOthers = false
    for row in 0..<count where chosen[row] >= WindowPartition.otherwise {
      if chosen[row] == WindowPartition.otherwise {
        hasOthers = true
        continue
      }
      if missing == nil { missing = ValidityMask(count: count, allValid: true) }
      missing?.setNull(row)
      chosen[row] = 0
    }
    guard hasOthers, inputs.count > 2 else {
      let result = inputs[0].gathered(by: UnsafePointer(chosen), count: count)
      result.validity = ValidityMask.and(result.validity, missing, count: count)
      return result
    }
    // Rows that take their default are rare: one by one.
    let builder = VectorBuilder(type: call.type)
    for row in 0..<count {
      if missing?.isValid(row) == false {
        builder.appendNull()
      } else if chosen[row] == WindowPartition.otherwise {
        builder.append(inputs[2], row: row)
      } else {
        builder.append(inputs[0], row: Int(chosen[row]))
      }
    }
    return builder.finish()
  }
}

/// Gives the partitions of a chunk to a kernel, with what it needs.
private struct PartitionPlaces {
  private let peers: (starts: RowNumbers, ends: RowNumbers)
  private let frames: (starts: RowNumbers, ends: RowNumbers)

  init(_ needs: Set<WindowFunction.Need>, _ frame: WindowFrame, _ chunk: WindowChunk) {
    // What nobody needs must still be an address.
    let unused = (starts: chunk.partitionStarts, ends: chunk.partitionStarts)
    peers = needs.contains(.peers) ? chunk.peers() : unused
    frames = needs.contains(.frames) ? chunk.frames(frame) : unused
  }

  func forEach(
    _ chunk: WindowChunk, _ context: QueryContext,
    _ body: (WindowPartition) throws(SQLError) -> Void
  ) throws(SQLError) {
    for index in 0..<chunk.partitionCount {
      if index & 1023 == 0 { try context.checkpoint() }
      try body(
        WindowPartition(
          rows: chunk.rows(ofPartition: index), peerStarts: peers.starts.values,
          peerEnds: peers.ends.values, frameStarts: frames.starts.values,
          frameEnds: frames.ends.values))
    }
  }
}
