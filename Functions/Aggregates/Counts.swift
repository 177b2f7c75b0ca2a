import Base
import FunctionKit
import Vectors

/// `count(*)` and `count(x)`.
enum Counts {
  static let functions: [AggregateFunction] = [
    AggregateFunction(
      "count", returns: Quantity("rows", LogicalType.int64), summary: "Counts the rows.",
      examples: [Example("SELECT count(*) FROM (VALUES (1), (NULL)) AS t(x)", gives: "2")],
      empty: .integer(0), state: { (_) -> any AggregateState in CountState() }),
    AggregateFunction(
      "count", takes: Quantity("x", .any), returns: Quantity("rows", LogicalType.int64),
      summary: "Counts the rows where x is not NULL.",
      examples: [Example("SELECT count(x) FROM (VALUES (1), (NULL)) AS t(x)", gives: "1")],
      empty: .integer(0), state: { (_) -> any AggregateState in CountState() }),
  ]
}

final class CountState: SlidingAggregate {
  private let counts = StateColumn<Int64>(0)

  func resize(groupCount: Int) { counts.resize(groupCount) }

  func update(_ inputs: [Vector], groups: UnsafePointer<UInt32>, count: Int) throws(SQLError) {
    let counts = counts.values
    guard let input = inputs.first, input.validity != nil else {
      for row in 0..<count { counts[Int(groups[row])] &+= 1 }
      return
    }
    let flat = input.flattened()
    guard let validity = flat.validity else {
      for row in 0..<count { counts[Int(groups[row])] &+= 1 }
      return
    }
    for row in 0..<count where validity.isValid(row) { counts[Int(groups[row])] &+= 1 }
  }

  func update(_ inputs: [Vector], from start: Int, count: Int, group: Int) throws(SQLError) {
    var nulls = 0
    if let input = inputs.first, input.validity != nil {
      for row in start..<start + count where input.isNull(row) { nulls &+= 1 }
    }
    counts.values[group] &+= Int64(count &- nulls)
  }

  func merge(
    _ other: any AggregateState, mapping: UnsafePointer<UInt32>, groups: Range<Int>
  ) throws(SQLError) {
    guard let other = other as? CountState else { throw StateMismatch.error }
    let (mine, theirs) = (counts.values, other.counts.values)
    for group in groups { mine[Int(mapping[group])] &+= theirs[group] }
  }

  func finish(_ range: Range<Int>, as type: LogicalType) throws(SQLError) -> Vector {
    let result = Vector(type: type, count: range.count)
    result.values(as: Int64.self).update(from: counts.values + range.lowerBound, count: range.count)
    return result
  }

  func slide(
    _ inputs: [Vector], over frames: FrameRows, as type: LogicalType
  ) throws(SQLError) -> Vector {
    let result = Vector(type: type, count: frames.count)
    let out = result.values(as: Int64.self)
    guard let input = inputs.first, let validity = input.validity else {
      for frame in 0..<frames.count {
        out[frame] = Int64(frames.ends[frame]) &- Int64(frames.starts[frame])
      }
      return result
    }
    SlidingFrames.forEach(
      frames, zero: Int64(0), load: { validity.isValid($0) ? 1 : 0 }, combine: { $0 &+ $1 },
      emit: { out[$0] = $1 })
    return result
  }

  var sizeBytes: Int { counts.sizeBytes }
  func serialise(groupCount: Int, into out: inout ByteWriter) {
    counts.serialise(groupCount, into: &out)
  }
  func deserialise(groupCount: Int, from bytes: inout ByteReader) throws(SQLError) {
    try counts.deserialise(groupCount, from: &bytes)
  }
}

enum StateMismatch {
  static let error = SQLError(.internalError, "aggregate states of different kinds cannot merge")
}
