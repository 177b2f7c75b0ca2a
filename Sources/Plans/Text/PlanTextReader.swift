import Base
import Sky
import Vectors

/// Reads plans as `PhysicalPlan.text` describes them.
struct PlanTextReader {
  var cursor: PlanTextCursor
  /// The columns that the expressions being read may name.
  var scope: [LogicalType] = []

  /// A plan and its `types`, so that no level asks the levels below again.
  private typealias Typed = (plan: PhysicalPlan, types: [LogicalType])

  init(_ text: String) { cursor = PlanTextCursor(text) }

  mutating func readWholePlan() throws(SQLError) -> PhysicalPlan {
    let plan = try readPlan().plan
    try cursor.finish()
    return plan
  }

  /// Items up to the closing parenthesis, which is read too.
  mutating func readRest<T>(
    _ item: (inout PlanTextReader) throws(SQLError) -> T
  ) throws(SQLError) -> [T] {
    var items: [T] = []
    while !cursor.isAtClose() { items.append(try item(&self)) }
    try cursor.close()
    return items
  }

  /// A parenthesis of items behind `head`.
  mutating func readGroup<T>(
    _ head: String, _ item: (inout PlanTextReader) throws(SQLError) -> T
  ) throws(SQLError) -> [T] {
    try cursor.open(head)
    return try readRest(item)
  }

  mutating func readTypes(_ head: String = "types") throws(SQLError) -> [LogicalType] {
    try readGroup(head) { (reader) throws(SQLError) in try reader.cursor.type() }
  }

  mutating func readIndices(
    _ head: String, below limit: Int = .max
  ) throws(SQLError) -> [Int] {
    try readGroup(head) { (reader) throws(SQLError) in
      try reader.cursor.integer(in: 0...max(limit - 1, 0))
    }
  }

  /// Expressions up to the closing parenthesis, which is read too.
  mutating func readExpressions() throws(SQLError) -> [ScalarExpression] {
    try readRest { (reader) throws(SQLError) in try reader.readExpression() }
  }

  /// A quoted text or `none`.
  mutating func readOptional() throws(SQLError) -> String? {
    if cursor.isAtQuote() { return try cursor.quoted() }
    _ = try cursor.word(of: ["none"])
    return nil
  }

  // MARK: Plans

  /// Recursive, so all but the inputs is read elsewhere: a small frame allows deep plans.
  private mutating func readPlan() throws(SQLError) -> Typed {
    let start = cursor.mark()
    let head = try cursor.open()
    let inputCount =
      head == "union"
      ? try cursor.integer(in: 1...Self.mostInputs) : try inputCount(of: head, at: start)
    var inputs: [Typed] = []
    while inputs.count < inputCount { inputs.append(try readPlan()) }
    return try finishPlan(head, inputs)
  }

  /// As many inputs as a union has at most.
  private static let mostInputs = 1 << 20

  /// By head, the kinds of joins by hash.
  private static let joinKinds: [String: JoinPlan.Kind] = [
    "innerjoin": .inner, "leftjoin": .left, "fulljoin": .full, "semijoin": .semi,
    "antijoin": .anti, "singlejoin": .single, "markjoin": .mark, "markinjoin": .markIn,
  ]

  private func inputCount(of head: String, at start: Int) throws(SQLError) -> Int {
    switch head {
    case "scan", "singlerow", "values", "function", "file", "workingtable": return 0
    case "recursion", "recursionall": return 2
    case "filter", "project", "aggregate", "partialaggregate", "window", "sort", "topn", "limit",
      "unnest":
      return 1
    case "innerskyjoin", "leftskyjoin": return 2
    case _ where Self.joinKinds[head] != nil: return 2
    default: throw cursor.error("no operator is called \"\(head)\"", at: start)
    }
  }

  /// Reads what stands behind the inputs of an operator.
  private mutating func finishPlan(_ head: String, _ inputs: [Typed]) throws(SQLError) -> Typed {
    switch head {
    case "scan": return try readScan()
    case "values": return try readValuesPlan()
    case "function": return try readFunction()
    case "file": return try readFile()
    case "recursion", "recursionall":
      return try readRecursion(inputs[0], inputs[1], isDistinct: head == "recursion")
    case "workingtable":
      let number = try cursor.integer(in: 0...Int.max)
      let types = try readTypes()
      try cursor.close()
      return (.workingTable(number, types: types), types)
    default: break
    }
    if head == "innerskyjoin" || head == "leftskyjoin" {
      return try readSkyJoin(head == "leftskyjoin" ? .left : .inner, inputs[0], inputs[1])
    }
    if head == "union" { return try readUnion(inputs) }
    if let kind = Self.joinKinds[head] { return try readJoin(kind, inputs[0], inputs[1]) }
    if let input = inputs.first {
      scope = input.types
      return try readUnary(head, input)
    }
    try cursor.close()
    return (.singleRow, [])
  }

  private mutating func readUnion(_ inputs: [Typed]) throws(SQLError) -> Typed {
    let start = cursor.mark()
    try cursor.close()
    guard let first = inputs.first, inputs.allSatisfy({ $0.types == first.types }) else {
      throw cursor.error("the inputs of a union have the same types", at: start)
    }
    return (.union(inputs.map(\.plan)), first.types)
  }

  private mutating func readRecursion(
    _ anchor: Typed, _ step: Typed, isDistinct: Bool
  ) throws(SQLError) -> Typed {
    let start = cursor.mark()
    let number = try cursor.integer(in: 0...Int.max)
    try cursor.close()
    guard anchor.types == step.types else {
      throw cursor.error("the inputs of a recursion have the same types", at: start)
    }
    let recursion = PhysicalRecursion(
      anchor: anchor.plan, step: step.plan, number: number, isDistinct: isDistinct)
    return (.recursion(recursion), anchor.types)
  }

  private mutating func readUnary(_ head: String, _ input: Typed) throws(SQLError) -> Typed {
    switch head {
    case "filter": return (.filter(input.plan, try readExpressions()), input.types)
    case "project":
      let expressions = try readExpressions()
      return (.project(input.plan, expressions), expressions.map(\.type))
    case "aggregate", "partialaggregate":
      try cursor.open("groups")
      let groups = try readExpressions()
      let calls = try readRest { (reader) throws(SQLError) in try reader.readAggregateCall() }
      let plan: PhysicalPlan =
        head == "aggregate"
        ? .aggregate(input.plan, groups: groups, calls)
        : .partialAggregate(input.plan, groups: groups, calls)
      return (plan, plan.types)
    case "window":
      let window = try readWindow()
      return (.window(input.plan, window), input.types + window.types)
    case "sort": return (.sort(input.plan, try readSortKeys()), input.types)
    case "unnest":
      let unnest = try readUnnest(over: input.types)
      return (.unnest(input.plan, unnest), unnest.types(over: input.types))
    case "topn":
      let count = try cursor.integer(in: 0...Int.max)
      let offset = try cursor.integer(in: 0...Int.max)
      let keys = try readSortKeys()
      return (.topN(input.plan, keys, count: count, offset: offset), input.types)
    default:
      let count = try readCount()
      let offset = try cursor.integer(in: 0...Int.max)
      try cursor.close()
      return (.limit(input.plan, count: count, offset: offset), input.types)
    }
  }

  private mutating func readCount() throws(SQLError) -> Int? {
    var ahead = cursor
    if try ahead.atom() == "all" {
      cursor = ahead
      return nil
    }
    return try cursor.integer(in: 0...Int.max)
  }

  private mutating func readScan() throws(SQLError) -> Typed {
    let schema = try cursor.quoted()
    let name = try cursor.quoted()
    let start = cursor.mark()
    let columns = try readIndices("columns")
    let types = try readTypes()
    let names = try readGroup("names") { (reader) throws(SQLError) in try reader.cursor.quoted() }
    guard types.count == columns.count, names.count == columns.count else {
      throw cursor.error("not a type and a name for each column", at: start)
    }
    let uses = try readUses(types)
    let outputAt = cursor.mark()
    let output = try readIndices("output", below: columns.count)
    if columns.isEmpty, !output.isEmpty { throw cursor.error("no such column", at: outputAt) }
    scope = types
    try cursor.open("filters")
    let filters = try readExpressions()
    let cells = try readCells()
    let morsels = try readMorsels()
    try cursor.close()
    let scan = PhysicalScan(
      schema: schema, name: name, columns: columns, columnTypes: types, columnNames: names,
      output: output, filters: filters, cells: cells, uses: uses, morsels: morsels)
    return (.tableScan(scan), scan.types)
  }

  private mutating func readCells() throws(SQLError) -> [HEALPixRange]? {
    guard cursor.isAtOpen() else {
      _ = try cursor.word(of: ["anywhere"])
      return nil
    }
    return try readGroup("cells") { (reader) throws(SQLError) in
      try reader.cursor.open("")
      let lower = try reader.cursor.integer(Int64.self)
      let upper = try reader.cursor.integer(Int64.self)
      try reader.cursor.close()
      return HEALPixRange(lower: lower, upper: upper)
    }
  }

  private mutating func readMorsels() throws(SQLError) -> Range<Int>? {
    guard cursor.isAtOpen() else {
      _ = try cursor.word(of: ["all"])
      return nil
    }
    try cursor.open("morsels")
    let lower = try cursor.integer(in: 0...Int.max)
    let upper = try cursor.integer(in: lower...Int.max)
    try cursor.close()
    return lower..<upper
  }

  private mutating func readValuesPlan() throws(SQLError) -> Typed {
    let types = try readTypes()
    let rows = try readRest { (reader) throws(SQLError) in
      let start = reader.cursor.mark()
      let row = try reader.readGroup("row") { (reader) throws(SQLError) in
        try reader.readValue()
      }
      guard row.count == types.count else {
        throw reader.cursor.error("\(row.count) values for \(types.count) columns", at: start)
      }
      return row
    }
    return (.values(rows, types: types), types)
  }

  private mutating func readFunction() throws(SQLError) -> Typed {
    let name = try cursor.quoted()
    let arguments = try readGroup("arguments") { (reader) throws(SQLError) in
      try reader.readValue()
    }
    let types = try readTypes()
    try cursor.close()
    return (.tableFunction(name: name, arguments: arguments, types: types), types)
  }

  private mutating func readFile() throws(SQLError) -> Typed {
    let path = try cursor.quoted()
    let format = try readOptional()
    let options = try readGroup("options") { (reader) throws(SQLError) in
      let name = try reader.cursor.quoted()
      let values = try reader.readGroup("") { (reader) throws(SQLError) in
        try reader.readValue()
      }
      return (name, values.first)
    }
    let start = cursor.mark()
    let columns = try readIndices("columns")
    let types = try readTypes()
    let names = try readGroup("names") { (reader) throws(SQLError) in try reader.cursor.quoted() }
    guard types.count == columns.count, names.count == columns.count else {
      throw cursor.error("not a type and a name for each column", at: start)
    }
    let uses = try readUses(types)
    try cursor.close()
    let source = FileSource(
      path, format: format, options: Dictionary(options) { first, _ in first })
    let file = PhysicalFile(source, columns: columns, types: types, names: names, uses: uses)
    return (.file(file), types)
  }

  private mutating func readJoin(
    _ kind: JoinPlan.Kind, _ left: Typed, _ right: Typed
  ) throws(SQLError) -> Typed {
    let keys = try readGroup("keys") { (reader) throws(SQLError) in
      let start = reader.cursor.mark()
      let head = try reader.cursor.open()
      guard head == "key" || head == "same" else {
        throw reader.cursor.error("\"(key\" or \"(same\" expected", at: start)
      }
      reader.scope = left.types
      let leftKey = try reader.readExpression()
      reader.scope = right.types
      let rightKey = try reader.readExpression()
      try reader.cursor.close()
      return JoinKey(left: leftKey, right: rightKey, matchesNulls: head == "same")
    }
    let types = kind.types(left: left.types, right: right.types)
    scope = left.types + right.types
    try cursor.open("residual")
    let residual = try readExpressions()
    try cursor.close()
    let join = PhysicalJoin(
      kind: kind, left: left.plan, right: right.plan, keys: keys, residual: residual)
    return (.hashJoin(join), types)
  }

  private mutating func readSkyJoin(
    _ kind: JoinPlan.Kind, _ left: Typed, _ right: Typed
  ) throws(SQLError) -> Typed {
    let leftHasCells = try readHasCells(left.types)
    let rightHasCells = try readHasCells(right.types)
    let buildsLeft = try cursor.word(of: ["buildleft", "buildright"]) == "buildleft"
    let first = try readPosition(over: left.types)
    let second = try readPosition(over: right.types)
    let radiusDeg = try cursor.double()
    let isInclusive = try cursor.word(of: ["closed", "open"]) == "closed"
    let types = Array(left.types.dropLast(leftHasCells ? 1 : 0))
      + Array(right.types.dropLast(rightHasCells ? 1 : 0))
    scope = types
    try cursor.open("residual")
    let residual = try readExpressions()
    try cursor.close()
    let condition = SkyJoinCondition(
      left: first, right: second, radiusDeg: radiusDeg, isInclusive: isInclusive)
    let join = PhysicalSkyJoin(
      kind: kind, left: left.plan, right: right.plan, leftHasCells: leftHasCells,
      rightHasCells: rightHasCells, condition: condition, buildsLeft: buildsLeft,
      residual: residual)
    return (.skyJoin(join), types)
  }

  private mutating func readHasCells(_ types: [LogicalType]) throws(SQLError) -> Bool {
    let start = cursor.mark()
    guard try cursor.word(of: ["cells", "nocells"]) == "cells" else { return false }
    guard types.last == .int64 else { throw cursor.error("cells are bigint", at: start) }
    return true
  }

  private mutating func readPosition(
    over types: [LogicalType]
  ) throws(SQLError) -> SkyPosition {
    scope = types
    let start = cursor.mark()
    let lon = try readExpression()
    let lat = try readExpression()
    // Read as other bytes they would be other numbers.
    guard lon.type == .float64, lat.type == .float64 else {
      throw cursor.error("a position is two doubles", at: start)
    }
    return SkyPosition(lon: lon, lat: lat)
  }

  // MARK: Parts of plans

  mutating func readSortKeys() throws(SQLError) -> [SortKey] {
    try readRest { (reader) throws(SQLError) in
      let start = reader.cursor.mark()
      let head = try reader.cursor.open()
      guard head == "asc" || head == "desc" else {
        throw reader.cursor.error("\"(asc\" or \"(desc\" expected", at: start)
      }
      let nulls = try reader.cursor.word(of: ["first", "last"])
      let expression = try reader.readExpression()
      try reader.cursor.close()
      return SortKey(expression, isDescending: head == "desc", nullsFirst: nulls == "first")
    }
  }

  private mutating func readAggregateCall() throws(SQLError) -> AggregateCall {
    try cursor.open("call")
    let start = cursor.mark()
    let name = try cursor.quoted()
    let type = try cursor.type()
    let argumentTypes = try readTypes("")
    let isDistinct = try cursor.word(of: ["all", "distinct"]) == "distinct"
    try cursor.open("arguments")
    let arguments = try readExpressions()
    try checkCount(arguments, argumentTypes, from: start)
    let filter = cursor.isAtClose() ? nil : try readExpression()
    try cursor.close()
    return AggregateCall(
      name: name, argumentTypes: argumentTypes, arguments: arguments, isDistinct: isDistinct,
      filter: filter, type: type)
  }

  func checkCount(
    _ arguments: [ScalarExpression], _ types: [LogicalType], from start: Int
  ) throws(SQLError) {
    if arguments.count == types.count { return }
    throw cursor.error("\(arguments.count) arguments of \(types.count) types", at: start)
  }
}
