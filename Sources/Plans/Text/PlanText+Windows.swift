import Base
import Vectors

/// Windows in the text of plans.
extension PlanTextWriter {
  mutating func write(_ window: WindowPlan) {
    expressions(window.partitions, as: "partitions")
    open("order")
    for key in window.order { write(key) }
    close()
    for call in window.calls { write(call) }
  }

  private mutating func write(_ call: WindowCall) {
    open(call.isAggregate ? "aggregatecall" : "windowcall")
    quoted(call.name)
    type(call.type)
    types(call.argumentTypes, as: "")
    switch call.frame.units {
    case .rows: word("rows")
    case .range: word("range")
    case .groups: word("groups")
    }
    write(call.frame.start)
    write(call.frame.end)
    expressions(call.arguments, as: "arguments")
    if let filter = call.filter { write(filter) }
    close()
  }

  private mutating func write(_ bound: WindowFrame.Bound) {
    switch bound {
    case .unboundedPreceding: word("first")
    case .unboundedFollowing: word("last")
    case .currentRow: word("current")
    case .preceding(let count):
      word("preceding")
      integer(count)
    case .following(let count):
      word("following")
      integer(count)
    case .precedingBy(let value):
      word("below")
      write(value)
    case .followingBy(let value):
      word("above")
      write(value)
    }
  }
}

extension PlanTextReader {
  mutating func readWindow() throws(SQLError) -> WindowPlan {
    try cursor.open("partitions")
    let partitions = try readExpressions()
    try cursor.open("order")
    let order = try readSortKeys()
    let calls = try readRest { (reader) throws(SQLError) in try reader.readWindowCall() }
    return WindowPlan(partitions: partitions, order: order, calls: calls)
  }

  private mutating func readWindowCall() throws(SQLError) -> WindowCall {
    let start = cursor.mark()
    let head = try cursor.open()
    guard head == "windowcall" || head == "aggregatecall" else {
      throw cursor.error("\"(windowcall\" or \"(aggregatecall\" expected", at: start)
    }
    let name = try cursor.quoted()
    let type = try cursor.type()
    let argumentTypes = try readTypes("")
    let units = try readUnits()
    let frame = WindowFrame(units: units, start: try readBound(), end: try readBound())
    try cursor.open("arguments")
    let arguments = try readExpressions()
    try checkCount(arguments, argumentTypes, from: start)
    let filter = cursor.isAtClose() ? nil : try readExpression()
    try cursor.close()
    return WindowCall(
      name: name, isAggregate: head == "aggregatecall", argumentTypes: argumentTypes,
      arguments: arguments, filter: filter, frame: frame, type: type)
  }

  private mutating func readUnits() throws(SQLError) -> WindowFrame.Units {
    switch try cursor.word(of: ["rows", "range", "groups"]) {
    case "rows": return .rows
    case "groups": return .groups
    default: return .range
    }
  }

  private mutating func readBound() throws(SQLError) -> WindowFrame.Bound {
    let words = ["first", "last", "current", "preceding", "following", "below", "above"]
    switch try cursor.word(of: words) {
    case "first": return .unboundedPreceding
    case "last": return .unboundedFollowing
    case "preceding": return .preceding(try cursor.integer(in: 0...Int.max))
    case "following": return .following(try cursor.integer(in: 0...Int.max))
    case "below": return .precedingBy(try readValue())
    case "above": return .followingBy(try readValue())
    default: return .currentRow
    }
  }
}
