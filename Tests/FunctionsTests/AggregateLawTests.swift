import Base
import FunctionKit
import Functions
import Testing
import Vectors

/// What must hold for every aggregate function.
@Suite("Every aggregate function")
struct AggregateLawTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var function: AggregateFunction
    var testDescription: String { function.signature }
  }

  static let cases: [Case] = BuiltInFunctions.all.aggregates.map { Case(function: $0) }
  private static let groupCount = 5

  private struct Rows {
    var inputs: [Vector]
    var groups: [UInt32]
    var types: [LogicalType]
  }

  private func rows(_ function: AggregateFunction, count: Int, seed: UInt64) -> Rows {
    var random = Sequence64(seed)
    let types = Samples.types(function.parameters.map(\.type))
    var inputs = types.enumerated().map { index, type in
      Samples.column(
        type, function: function.name, parameter: index, count: count, nulls: true, &random)
    }
    if function.name == "quantile" {
      inputs[1] = Vector.constant(.float64(0.3), type: .float64, count: count)
    }
    if function.name.hasPrefix("stddev") || function.name.hasPrefix("var")
      || function.name.hasPrefix("co")
    {
      // NaN would hide everything else.
      inputs = inputs.map { input in
        input.type != .float64
          ? input
          : Vector.of(
            (0..<count).map { $0 % 5 == 0 ? .null : .float64(Double($0 * $0 % 97)) }, type: .float64
          )
      }
    }
    // Group 4 gets no rows.
    return Rows(
      inputs: inputs, groups: (0..<count).map { _ in UInt32(random.next() % 4) }, types: types)
  }

  private func state(
    _ function: AggregateFunction, _ rows: Rows, _ range: Range<Int>
  ) throws -> any AggregateState {
    let state = function.makeState(rows.types)
    state.resize(groupCount: Self.groupCount)
    let inputs = rows.inputs.map { $0.slice(from: range.lowerBound, count: range.count) }
    try Array(rows.groups[range]).withUnsafeBufferPointer {
      guard let start = $0.baseAddress else { return }
      try state.update(inputs, groups: start, count: range.count)
    }
    return state
  }

  private func answers(
    _ state: any AggregateState, _ function: AggregateFunction, _ rows: Rows
  ) throws -> [Value] {
    let type = Samples.resultType(function.result.type, rows.types)
    let vector = try state.finish(0..<Self.groupCount, as: type)
    #expect(vector.count == Self.groupCount)
    return (0..<Self.groupCount).map { vector.value(at: $0) }
  }

  private func agree(_ a: [Value], _ b: [Value]) -> Bool {
    zip(a, b).allSatisfy { x, y in
      guard case .float64(let left) = x, case .float64(let right) = y else {
        // As text, so that NaN equals NaN inside lists.
        return "\(x)" == "\(y)"
      }
      if left.isNaN || right.isNaN { return left.isNaN && right.isNaN }
      return abs(left - right) <= 1e-12 * max(1, abs(left))
    }
  }

  @Test("merges parts to the whole, also through bytes", arguments: cases)
  func mergeLaw(_ named: Case) throws {
    let function = named.function
    for seed in 1...6 as ClosedRange<UInt64> {
      let rows = rows(function, count: 300, seed: seed)
      let whole = try answers(state(function, rows, 0..<300), function, rows)
      var random = Sequence64(seed &* 77)
      let cuts = [0] + (0..<3).map { _ in Int(random.next() % 301) }.sorted() + [300]
      let merged = function.makeState(rows.types)
      merged.resize(groupCount: Self.groupCount)
      for (start, end) in zip(cuts, cuts.dropFirst()) {
        let part = try state(function, rows, start..<end)
        var bytes = ByteWriter()
        part.serialise(groupCount: Self.groupCount, into: &bytes)
        let copy = function.makeState(rows.types)
        var reader = ByteReader(bytes.region())
        try copy.deserialise(groupCount: Self.groupCount, from: &reader)
        #expect(reader.isAtEnd)
        let mapping: [UInt32] = [0, 1, 2, 3, 4]
        try mapping.withUnsafeBufferPointer {
          guard let map = $0.baseAddress else { return }
          try merged.merge(seed % 2 == 0 ? copy : part, mapping: map, groups: 0..<Self.groupCount)
        }
      }
      let parts = try answers(merged, function, rows)
      #expect(agree(whole, parts), "\(whole) but merged \(parts)")
    }
  }

  @Test("gives the same with and without groups, in any batch size", arguments: cases)
  func ungrouped(_ named: Case) throws {
    let function = named.function
    for size in [0, 1, 63, 64, 65, 300] {
      var rows = rows(function, count: 300, seed: 3)
      rows.groups = [UInt32](repeating: 2, count: 300)
      let grouped = try answers(state(function, rows, 0..<size), function, rows)
      let single = function.makeState(rows.types)
      single.resize(groupCount: Self.groupCount)
      var start = 0
      while start < size {
        let count = min(17, size - start)
        try single.update(rows.inputs, from: start, count: count, group: 2)
        start += count
      }
      let answers = try answers(single, function, rows)
      #expect(agree(grouped, answers), "\(size) rows: \(grouped) but \(answers)")
      // Groups without rows give the empty value.
      #expect(answers[4] == function.emptyValue)
      if size == 0 { #expect(answers[2] == function.emptyValue) }
    }
  }

  @Test("refuses bytes cut short", arguments: cases)
  func truncatedBytes(_ named: Case) throws {
    let rows = rows(named.function, count: 20, seed: 5)
    var bytes = ByteWriter()
    try state(named.function, rows, 0..<20).serialise(groupCount: Self.groupCount, into: &bytes)
    let region = bytes.region()
    for length in 0..<region.count {
      let copy = named.function.makeState(rows.types)
      var reader = ByteReader(region[0..<length])
      #expect(throws: SQLError.self) {
        try copy.deserialise(groupCount: Self.groupCount, from: &reader)
      }
    }
  }
}
