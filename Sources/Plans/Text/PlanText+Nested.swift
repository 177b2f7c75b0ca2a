import Base
import Vectors

/// Unnesting, and what is read of nested columns, in the text of plans.
extension PlanTextWriter {
  mutating func write(_ unnest: UnnestPlan, over input: PhysicalPlan) {
    open("unnest")
    write(input)
    word(unnest.isOuter ? "outer" : "inner")
    integers(unnest.passed, as: "passed")
    expressions(unnest.lists, as: "lists")
    open("outputs")
    for output in unnest.outputs {
      switch output {
      case .element(let list): integers([list], as: "element")
      case .field(let list, let field): integers([list, field], as: "field")
      case .ordinal: integers([], as: "ordinal")
      }
    }
    close()
  }

  /// Nothing if all columns are read whole.
  mutating func write(_ uses: [FieldUse]) {
    if uses.isEmpty { return }
    open("uses")
    for use in uses { write(use) }
    close()
  }

  private mutating func write(_ use: FieldUse) {
    guard case .parts(let parts) = use else { return word("whole") }
    open("parts")
    for (index, part) in parts.sorted(by: { $0.key < $1.key }) {
      integer(index)
      write(part)
    }
    close()
  }
}

extension PlanTextReader {
  mutating func readUnnest(
    over types: [LogicalType]
  ) throws(SQLError) -> UnnestPlan {
    let isOuter = try cursor.word(of: ["outer", "inner"]) == "outer"
    let start = cursor.mark()
    let passed = try readIndices("passed", below: types.count)
    if types.isEmpty, !passed.isEmpty { throw cursor.error("no such column", at: start) }
    try cursor.open("lists")
    let lists = try readExpressions()
    guard !lists.isEmpty, lists.allSatisfy({ UnnestPlan.elementType(of: $0.type) != nil }) else {
      throw cursor.error("only lists are unnested", at: start)
    }
    let outputs = try readGroup("outputs") { (reader) throws(SQLError) in
      try reader.readOutput(of: lists)
    }
    try cursor.close()
    return UnnestPlan(lists: lists, passed: passed, outputs: outputs, isOuter: isOuter)
  }

  private mutating func readOutput(
    of lists: [ScalarExpression]
  ) throws(SQLError) -> UnnestPlan.Output {
    let start = cursor.mark()
    let head = try cursor.open()
    var numbers: [Int] = []
    while !cursor.isAtClose() { numbers.append(try cursor.integer(in: 0...Int.max)) }
    try cursor.close()
    switch (head, numbers.count) {
    case ("ordinal", 0): return .ordinal
    case ("element", 1) where numbers[0] < lists.count: return .element(numbers[0])
    case ("field", 2) where numbers[0] < lists.count:
      let element = UnnestPlan.elementType(of: lists[numbers[0]].type)
      if case .structure(let fields) = element, numbers[1] < fields.count {
        return .field(numbers[0], numbers[1])
      }
    default: break
    }
    throw cursor.error("no such output of lists", at: start)
  }

  /// Empty where nothing is written.
  mutating func readUses(_ types: [LogicalType]) throws(SQLError) -> [FieldUse] {
    guard cursor.isAtOpen() else { return [] }
    let start = cursor.mark()
    guard try cursor.openIfPresent(["uses"]) != nil else { return [] }
    let uses = try readRest { (reader) throws(SQLError) in try reader.readUse(depth: 0) }
    guard uses.count == types.count else {
      throw cursor.error("not a use for each column", at: start)
    }
    return zip(uses, types).map { $0.simplified(for: $1) }
  }

  private mutating func readUse(depth: Int) throws(SQLError) -> FieldUse {
    guard cursor.isAtOpen() else {
      _ = try cursor.word(of: ["whole"])
      return .whole
    }
    try cursor.open("parts")
    guard depth < 64 else { throw cursor.error("parts of parts, nested too deeply") }
    var parts: [Int: FieldUse] = [:]
    while !cursor.isAtClose() {
      let index = try cursor.integer(in: 0...Int.max)
      parts[index] = try readUse(depth: depth + 1)
    }
    try cursor.close()
    return .parts(parts)
  }
}
