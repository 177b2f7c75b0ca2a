import Base
import Vectors

extension PlanTextReader {
  /// What stands before the operands of an expression.
  private struct Opening {
    var head: String
    var start: Int
    /// How many operands there can be.
    var childLimit: Int
    var name = ""
    var type = LogicalType.null
    var argumentTypes: [LogicalType] = []
  }

  /// Recursive, so all but the operands is read elsewhere: a small frame allows deep expressions.
  mutating func readExpression() throws(SQLError) -> ScalarExpression {
    let opening = try readOpening()
    var children: [ScalarExpression] = []
    while children.count < opening.childLimit, cursor.isAtOpen() {
      children.append(try readExpression())
    }
    return try finish(opening, children)
  }

  private mutating func readOpening() throws(SQLError) -> Opening {
    let start = cursor.mark()
    var opening = Opening(head: try cursor.open(), start: start, childLimit: 0)
    switch opening.head {
    case "column", "parameter", "literal": break
    case "not", "isnull", "isnotnull", "cast", "field", "in", "inornull", "like", "ilike":
      opening.childLimit = 1
    case "cone": opening.childLimit = 2
    case "and", "or": opening.childLimit = .max
    case "case":
      opening.childLimit = .max
      opening.type = try cursor.type()
    case "call":
      opening.childLimit = .max
      opening.name = try cursor.quoted()
      opening.type = try cursor.type()
      opening.argumentTypes = try readTypes("")
    default: throw cursor.error("no expression is called \"\(opening.head)\"", at: start)
    }
    return opening
  }

  /// Reads what stands behind the operands.
  private mutating func finish(
    _ opening: Opening, _ children: [ScalarExpression]
  ) throws(SQLError) -> ScalarExpression {
    if opening.childLimit < 3, children.count < opening.childLimit {
      throw cursor.error("an expression expected")
    }
    let expression: ScalarExpression
    switch opening.head {
    case "column", "parameter", "literal": expression = try readLeaf(opening)
    case "and": expression = .and(children)
    case "or": expression = .or(children)
    case "case": expression = Self.caseWhen(children, opening.type)
    case "call":
      try checkCount(children, opening.argumentTypes, from: opening.start)
      expression = .call(
        FunctionCallExpression(
          name: opening.name, argumentTypes: opening.argumentTypes, arguments: children,
          type: opening.type))
    case "cone": expression = .inCone(lon: children[0], lat: children[1], try readCone())
    default: expression = try finishUnary(opening.head, children[0])
    }
    try cursor.close()
    return expression
  }

  private mutating func finishUnary(
    _ head: String, _ inner: ScalarExpression
  ) throws(SQLError) -> ScalarExpression {
    switch head {
    case "cast": return .cast(inner, try cursor.type())
    case "field":
      let start = cursor.mark()
      let index = try cursor.integer(in: 0...Int.max)
      let type = try cursor.type()
      guard inner.type.fieldType(index) == type else {
        throw cursor.error("\(inner.type) has no field \(index) of type \(type)", at: start)
      }
      return .field(inner, index, type)
    case "in", "inornull": return .inSet(inner, try readValues(), hasNull: head == "inornull")
    case "like", "ilike":
      let pattern = try cursor.quoted()
      let escape = try readOptional()
      return .like(inner, pattern: pattern, escape: escape, isCaseInsensitive: head == "ilike")
    case "not": return .not(inner)
    default: return .isNull(inner, isNegated: head == "isnotnull")
    }
  }

  private mutating func readLeaf(_ opening: Opening) throws(SQLError) -> ScalarExpression {
    switch opening.head {
    case "literal":
      let value = try readValue()
      return .literal(value, try cursor.type())
    case "parameter":
      let number = try cursor.integer(in: 1...Int.max)
      return .parameter(number, try cursor.type())
    default: break
    }
    let index = try cursor.integer(in: 0...Int.max)
    let type = try cursor.type()
    guard index < scope.count else {
      throw cursor.error("column \(index) of \(scope.count)", at: opening.start)
    }
    // A column read with another type would be other bytes.
    guard scope[index] == type else {
      throw cursor.error("column \(index) is \(scope[index]), not \(type)", at: opening.start)
    }
    return .column(index, type)
  }

  /// Conditions and results by turns; an odd one at the end is that of ELSE.
  private static func caseWhen(
    _ children: [ScalarExpression], _ type: LogicalType
  ) -> ScalarExpression {
    let branches = (0..<children.count / 2).map {
      CaseBranch(condition: children[2 * $0], result: children[2 * $0 + 1])
    }
    return .caseWhen(
      branches, otherwise: children.count % 2 == 1 ? children.last : nil, type)
  }

  private mutating func readCone() throws(SQLError) -> Cone {
    let lonDeg = try cursor.double()
    let latDeg = try cursor.double()
    let radiusDeg = try cursor.double()
    let isInclusive = try cursor.word(of: ["closed", "open"]) == "closed"
    return Cone(lonDeg: lonDeg, latDeg: latDeg, radiusDeg: radiusDeg, isInclusive: isInclusive)
  }
}

// MARK: Values

extension PlanTextReader {
  /// Recursive only here: a small frame allows deep values.
  mutating func readValue() throws(SQLError) -> Value {
    guard let head = try cursor.openIfPresent(["list", "struct"]) else { return try readScalar() }
    let values = try readValues()
    try cursor.close()
    return head == "list" ? .list(values) : .structure(values)
  }

  /// Values up to the closing parenthesis, which is not read.
  private mutating func readValues() throws(SQLError) -> [Value] {
    var values: [Value] = []
    while !cursor.isAtClose() { values.append(try readValue()) }
    return values
  }

  private mutating func readScalar() throws(SQLError) -> Value {
    if cursor.isAtQuote() { return .text(try cursor.quoted()) }
    let start = cursor.mark()
    if cursor.isAtOpen() { return try readTagged(from: start) }
    let atom = try cursor.atom()
    switch atom {
    case "null": return .null
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    default: break
    }
    if let number = Int64(atom) { return .integer(number) }
    if let number = PlanTextCursor.double(atom) { return .float64(number) }
    throw cursor.error("not a value: \(atom.prefix(40))", at: start)
  }

  private mutating func readTagged(from start: Int) throws(SQLError) -> Value {
    let head = try cursor.open()
    let value: Value
    switch head {
    case "real": value = .float32(try cursor.float())
    case "decimal":
      let digits = try cursor.integer(Int128.self)
      value = .decimal(digits, scale: try cursor.integer(in: 0...38))
    case "binary": value = .binary(cursor.isAtClose() ? [] : try readHex())
    case "date": value = .date(try cursor.integer(Int32.self))
    case "timestamp": value = .timestamp(try cursor.integer(Int64.self))
    default: throw cursor.error("no value is called \"\(head)\"", at: start)
    }
    try cursor.close()
    return value
  }

  private mutating func readHex() throws(SQLError) -> [UInt8] {
    let start = cursor.mark()
    let digits = Array(try cursor.atom().utf8)
    var bytes = ByteWriter(capacity: digits.count / 2)
    guard digits.withUnsafeBytes({ Hexadecimal.decode($0, to: &bytes) }) else {
      throw cursor.error("not bytes in hexadecimal digits", at: start)
    }
    return Array(bytes.bytes)
  }
}
