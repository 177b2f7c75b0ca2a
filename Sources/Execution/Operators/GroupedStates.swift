import Base
import FunctionKit
import Vectors

/// Groups with the states of all aggregates: what one morsel, or the whole query, has so far.
final class GroupedStates: @unchecked Sendable {
  /// The arguments of one aggregate for one batch, all flat; `rows` names the batch's rows they
  /// stand for, nil for all.
  struct Input {
    let arguments: [Vector]
    let rows: SelectionVector?
  }

  /// Groups that are merged between two checkpoints.
  private static let mergedGroupCount = 8192

  private let keyTable: KeyTable?
  private let aggregates: [CompiledAggregate]
  private let states: [any AggregateState]
  /// For DISTINCT aggregates: the (group, arguments) seen so far.
  private let seen: [KeyTable?]
  private let context: QueryContext
  private var reservedBytes = 0
  /// The group of each row of the batch at hand.
  private var groupsBuffer = Buffer(sizeBytes: 0)

  init(
    _ groupTypes: [LogicalType], _ aggregates: [CompiledAggregate], _ context: QueryContext
  ) {
    keyTable = groupTypes.isEmpty ? nil : KeyTable(types: groupTypes, expectsOrder: true)
    self.aggregates = aggregates
    self.context = context
    states = aggregates.map { $0.function.makeState($0.argumentTypes) }
    seen = aggregates.map { $0.isDistinct ? KeyTable(types: [.int32] + $0.argumentTypes) : nil }
    if groupTypes.isEmpty { for state in states { state.resize(groupCount: 1) } }
  }

  deinit { context.memory.release(reservedBytes) }

  var count: Int { keyTable?.count ?? 1 }

  func update(_ keys: [Vector], _ inputs: [Input], rowCount: Int) throws(SQLError) {
    guard let keyTable else { return try updateSingle(inputs, rowCount) }
    if groupsBuffer.sizeBytes < rowCount * 4 { groupsBuffer = Buffer(sizeBytes: rowCount * 4) }
    let groups = groupsBuffer.base.bindMemory(to: UInt32.self, capacity: rowCount)
    keyTable.findOrInsert(keys, count: rowCount, groups: groups)
    for (index, input) in inputs.enumerated() {
      states[index].resize(groupCount: keyTable.count)
      try update(index, input, groups, rowCount)
    }
    try account()
  }

  /// Without keys all rows go to group 0, unless DISTINCT has to pick them.
  private func updateSingle(_ inputs: [Input], _ rowCount: Int) throws(SQLError) {
    for (index, input) in inputs.enumerated() {
      let rows = input.rows?.count ?? rowCount
      if seen[index] == nil {
        try states[index].update(input.arguments, from: 0, count: rows, group: 0)
      } else {
        let groups = UnsafeMutablePointer<UInt32>.allocate(capacity: rows + 1)
        defer { groups.deallocate() }
        groups.update(repeating: 0, count: rows)
        try updateDistinct(index, input.arguments, groups, rows)
      }
    }
    try account()
  }

  private func update(
    _ index: Int, _ input: Input, _ groups: UnsafeMutablePointer<UInt32>, _ rowCount: Int
  ) throws(SQLError) {
    guard let rows = input.rows else {
      if seen[index] != nil {
        return try updateDistinct(index, input.arguments, groups, rowCount)
      }
      return try states[index].update(input.arguments, groups: groups, count: rowCount)
    }
    let chosen = UnsafeMutablePointer<UInt32>.allocate(capacity: rows.count + 1)
    defer { chosen.deallocate() }
    for position in 0..<rows.count { chosen[position] = groups[Int(rows.indices[position])] }
    if seen[index] != nil {
      try updateDistinct(index, input.arguments, chosen, rows.count)
    } else {
      try states[index].update(input.arguments, groups: chosen, count: rows.count)
    }
  }

  /// Passes on only rows whose (group, arguments) was not there before.
  private func updateDistinct(
    _ index: Int, _ arguments: [Vector], _ groups: UnsafeMutablePointer<UInt32>, _ rowCount: Int
  ) throws(SQLError) {
    guard let table = seen[index], rowCount > 0 else { return }
    let groupColumn = Vector(type: .int32, count: rowCount)
    groupColumn.values(as: UInt32.self).update(from: groups, count: rowCount)
    let before = table.count
    let numbers = UnsafeMutablePointer<UInt32>.allocate(capacity: rowCount)
    defer { numbers.deallocate() }
    table.findOrInsert([groupColumn] + arguments, count: rowCount, groups: numbers)
    // New keys are numbered in the order in which they appear: the first row of each is taken.
    var rows: [UInt16] = []
    var next = before
    for row in 0..<rowCount where Int(numbers[row]) == next {
      rows.append(UInt16(truncatingIfNeeded: row))
      next += 1
    }
    guard !rows.isEmpty else { return }
    let selection = SelectionVector(rows)
    let chosen = rows.map { groups[Int($0)] }
    let inputs = arguments.map { $0.gathered(by: selection) }
    let failure = chosen.withUnsafeBufferPointer { (pointer) -> SQLError? in
      guard let start = pointer.baseAddress else { return nil }
      do throws(SQLError) {
        try states[index].update(inputs, groups: start, count: rows.count)
        return nil
      } catch {
        return error
      }
    }
    if let failure { throw failure }
  }

  // MARK: merging

  /// Adds the groups of a later part.
  func merge(_ other: GroupedStates) throws(SQLError) {
    let mapping = UnsafeMutablePointer<UInt32>.allocate(capacity: other.count + 1)
    defer { mapping.deallocate() }
    try mapGroups(of: other, into: mapping)
    for index in states.indices {
      states[index].resize(groupCount: count)
      if seen[index] != nil {
        try mergeDistinct(index, other, mapping)
      } else {
        try mergeStates(index, other, mapping)
      }
    }
    try account()
  }

  private func mergeStates(
    _ index: Int, _ other: GroupedStates, _ mapping: UnsafePointer<UInt32>
  ) throws(SQLError) {
    for start in stride(from: 0, to: other.count, by: Self.mergedGroupCount) {
      try states[index].merge(
        other.states[index], mapping: mapping,
        groups: start..<min(other.count, start + Self.mergedGroupCount))
      try context.checkpoint()
    }
  }

  private func mapGroups(
    of other: GroupedStates, into mapping: UnsafeMutablePointer<UInt32>
  ) throws(SQLError) {
    guard let keyTable, let theirs = other.keyTable else {
      mapping[0] = 0
      return
    }
    try keyTable.absorb(theirs, mapping: mapping) { () throws(SQLError) in
      try context.checkpoint()
    }
  }

  /// DISTINCT states are merged value by value: what both parts saw counts once.
  private func mergeDistinct(
    _ index: Int, _ other: GroupedStates, _ mapping: UnsafeMutablePointer<UInt32>
  ) throws(SQLError) {
    guard let theirs = other.seen[index] else { return }
    let groups = UnsafeMutablePointer<UInt32>.allocate(capacity: Batch.capacity)
    defer { groups.deallocate() }
    for start in stride(from: 0, to: theirs.count, by: Batch.capacity) {
      let end = min(theirs.count, start + Batch.capacity)
      let columns = theirs.keys(start..<end)
      let numbers = columns[0].values(as: UInt32.self)
      for row in 0..<end - start { groups[row] = mapping[Int(numbers[row])] }
      try updateDistinct(index, Array(columns.dropFirst()), groups, end - start)
      try context.checkpoint()
    }
  }

  // MARK: results

  /// Called once before `finish`, by one thread.
  func prepareToFinish() throws(SQLError) {
    for state in states {
      state.resize(groupCount: count)
      try state.prepareToFinish { () throws(SQLError) in try context.checkpoint() }
    }
  }

  /// What all groups hold, keys left out.
  var stateBytes: Int { states.reduce(0) { $0 + $1.sizeBytes } }

  func finish(_ range: Range<Int>, types: [LogicalType]) throws(SQLError) -> Batch {
    var columns = keyTable?.keys(range) ?? []
    for (index, type) in types.enumerated() {
      columns.append(try states[index].finish(range, as: type) { () throws(SQLError) in try context.checkpoint() })
    }
    return Batch(columns: columns, rowCount: range.count)
  }

  private func account() throws(SQLError) {
    let now =
      (keyTable?.sizeBytes ?? 0) + states.reduce(0) { $0 + $1.sizeBytes }
      + seen.reduce(0) { $0 + ($1?.sizeBytes ?? 0) }
    if now > reservedBytes {
      try context.memory.reserve(now - reservedBytes)
      reservedBytes = now
    }
  }
}
