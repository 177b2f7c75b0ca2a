import Base
import Vectors

extension PlanTextReader {
  mutating func readExpression() throws(SQLError) -> ScalarExpression {
    let start = cursor.mark()
    let head = try cursor.open()
    switch head {
    case "column": return try readColumn(from: start)
    case "literal", "parameter": return try readLeaf(head)
    case "call": return try readCall()
    case "cast":
      let inner = try readExpression()
      let type = try cursor.type()
      try cursor.close()
      return .cast(inner, type)
    case "and": return .and(try readExpressions())
    case "or": return .or(try readExpressions())
    case "not", "isnull", "isnotnull":
      let inner = try readExpression()
      try cursor.close()
      return head == "not" ? .not(inner) : .isNull(inner, isNegated: head == "isnotnull")
    case "case": return try readCase()
    case "in", "inornull":
      let inner = try readExpression()
      let values = try readRest { (reader) throws(SQLError) in try reader.readValue() }
      return .inSet(inner, values, hasNull: head == "inornull")
    case "like", "ilike": return try readLike(isCaseInsensitive: head == "ilike")
    case "cone": return try readCone()
    default: throw cursor.error("no expression is called \"\(head)\"", at: start)
    }
  }

  private mutating func readColumn(from start: Int) throws(SQLError) -> ScalarExpression {
    let index = try cursor.integer(in: 0...Int.max)
    let type = try cursor.type()
    try cursor.close()
    guard index < scope.count else {
      throw cursor.error("column \(index) of \(scope.count)", at: start)
    }
    // A column read with another type would be other bytes.
    guard scope[index] == type else {
      throw cursor.error("column \(index) is \(scope[index]), not \(type)", at: start)
    }
    return .column(index, type)
  }

  private mutating func readLeaf(_ head: String) throws(SQLError) -> ScalarExpression {
    let expression: ScalarExpression
    if head == "literal" {
      let value = try readValue()
      expression = .literal(value, try cursor.type())
    } else {
      let number = try cursor.integer(in: 1...Int.max)
      expression = .parameter(number, try cursor.type())
    }
    try cursor.close()
    return expression
  }

  private mutating func readCall() throws(SQLError) -> ScalarExpression {
    let start = cursor.mark()
    let name = try cursor.quoted()
    let type = try cursor.type()
    let argumentTypes = try readTypes("")
    let arguments = try readExpressions()
    try checkCount(arguments, argumentTypes, from: start)
    return .call(
      FunctionCallExpression(
        name: name, argumentTypes: argumentTypes, arguments: arguments, type: type))
  }

  private mutating func readCase() throws(SQLError) -> ScalarExpression {
    let type = try cursor.type()
    let branches = try readGroup("when") { (reader) throws(SQLError) in
      let condition = try reader.readExpression()
      return CaseBranch(condition: condition, result: try reader.readExpression())
    }
    let otherwise = cursor.isAtClose() ? nil : try readExpression()
    try cursor.close()
    return .caseWhen(branches, otherwise: otherwise, type)
  }

  private mutating func readLike(isCaseInsensitive: Bool) throws(SQLError) -> ScalarExpression {
    let inner = try readExpression()
    let pattern = try cursor.quoted()
    let escape = try readOptional()
    try cursor.close()
    return .like(inner, pattern: pattern, escape: escape, isCaseInsensitive: isCaseInsensitive)
  }

  private mutating func readCone() throws(SQLError) -> ScalarExpression {
    let lon = try readExpression()
    let lat = try readExpression()
    let lonDeg = try cursor.double()
    let latDeg = try cursor.double()
    let radiusDeg = try cursor.double()
    let isInclusive = try cursor.word(of: ["closed", "open"]) == "closed"
    try cursor.close()
    let cone = Cone(
      lonDeg: lonDeg, latDeg: latDeg, radiusDeg: radiusDeg, isInclusive: isInclusive)
    return .inCone(lon: lon, lat: lat, cone)
  }
}

// MARK: Values

extension PlanTextReader {
  mutating func readValue() throws(SQLError) -> Value {
    if cursor.isAtQuote() { return .text(try cursor.quoted()) }
    let start = cursor.mark()
    if cursor.isAtOpen() { return try readCompound(from: start) }
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

  private mutating func readCompound(from start: Int) throws(SQLError) -> Value {
    let head = try cursor.open()
    let value: Value
    switch head {
    case "list":
      return .list(try readRest { (reader) throws(SQLError) in try reader.readValue() })
    case "struct":
      return .structure(try readRest { (reader) throws(SQLError) in try reader.readValue() })
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
    let digits = try cursor.atom().utf8.map(Self.hexDigit)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard index + 1 < digits.count, let high = digits[index], let low = digits[index + 1] else {
        throw cursor.error("not bytes in hexadecimal digits", at: start)
      }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
