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
    word(call.frame.countsRows ? "rows" : "range")
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
    let countsRows = try cursor.word(of: ["rows", "range"]) == "rows"
    let frame = WindowFrame(countsRows: countsRows, start: try readBound(), end: try readBound())
    try cursor.open("arguments")
    let arguments = try readExpressions()
    try checkCount(arguments, argumentTypes, from: start)
    let filter = cursor.isAtClose() ? nil : try readExpression()
    try cursor.close()
    return WindowCall(
      name: name, isAggregate: head == "aggregatecall", argumentTypes: argumentTypes,
      arguments: arguments, filter: filter, frame: frame, type: type)
  }

  private mutating func readBound() throws(SQLError) -> WindowFrame.Bound {
    switch try cursor.word(of: ["first", "last", "current", "preceding", "following"]) {
    case "first": return .unboundedPreceding
    case "last": return .unboundedFollowing
    case "preceding": return .preceding(try cursor.integer(in: 0...Int.max))
    case "following": return .following(try cursor.integer(in: 0...Int.max))
    default: return .currentRow
    }
  }
}
