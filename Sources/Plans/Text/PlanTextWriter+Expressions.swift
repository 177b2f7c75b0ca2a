import Base
import Sky
import Vectors

extension PlanTextWriter {
  mutating func write(_ expression: ScalarExpression) {
    switch expression {
    case .column(let index, let type): numbered("column", index, type)
    case .parameter(let number, let type): numbered("parameter", number, type)
    case .literal(let value, let type):
      open("literal")
      write(value)
      self.type(type)
      close()
    case .call(let call): write(call)
    case .cast(let inner, let type):
      open("cast")
      write(inner)
      self.type(type)
      close()
    case .field(let inner, let index, let type):
      open("field")
      write(inner)
      integer(index)
      self.type(type)
      close()
    case .and(let terms): expressions(terms, as: "and")
    case .or(let terms): expressions(terms, as: "or")
    case .not(let inner): expressions([inner], as: "not")
    case .isNull(let inner, let isNegated):
      expressions([inner], as: isNegated ? "isnotnull" : "isnull")
    case .caseWhen(let branches, let otherwise, let type): write(branches, otherwise, type)
    case .inSet(let inner, let values, let hasNull):
      open(hasNull ? "inornull" : "in")
      write(inner)
      for value in values { write(value) }
      close()
    case .like(let inner, let pattern, let escape, let isCaseInsensitive):
      open(isCaseInsensitive ? "ilike" : "like")
      write(inner)
      quoted(pattern)
      optional(escape)
      close()
    case .inCone(let lon, let lat, let cone): write(cone, lon, lat)
    }
  }

  private mutating func numbered(_ head: StaticString, _ number: Int, _ type: LogicalType) {
    open(head)
    integer(number)
    self.type(type)
    close()
  }

  private mutating func write(_ call: FunctionCallExpression) {
    open("call")
    quoted(call.name)
    type(call.type)
    types(call.argumentTypes, as: "")
    for argument in call.arguments { write(argument) }
    close()
  }

  private mutating func write(
    _ branches: [CaseBranch], _ otherwise: ScalarExpression?, _ type: LogicalType
  ) {
    open("case")
    self.type(type)
    // Conditions and results lie flat, two by two; one more expression is that of ELSE.
    for branch in branches {
      write(branch.condition)
      write(branch.result)
    }
    if let otherwise { write(otherwise) }
    close()
  }

  private mutating func write(_ cone: Cone, _ lon: ScalarExpression, _ lat: ScalarExpression) {
    open("cone")
    write(lon)
    write(lat)
    for degrees in [cone.lonDeg, cone.latDeg, cone.radiusDeg] { write(degrees) }
    word(cone.isInclusive ? "closed" : "open")
    close()
  }
}

// MARK: Values

extension PlanTextWriter {
  mutating func values(_ values: [Value], as head: StaticString) {
    open(head)
    for value in values { write(value) }
    close()
  }

  mutating func write(_ value: Value) {
    switch value {
    case .null: word("null")
    case .boolean(let truth): word(truth ? "true" : "false")
    case .integer(let number): integer(number)
    case .float64(let number): write(number)
    case .text(let text): quoted(text)
    case .list(let elements): values(elements, as: "list")
    case .structure(let fields): values(fields, as: "struct")
    case .float32(let number):
      open("real")
      write(number)
      close()
    case .decimal(let digits, let scale):
      open("decimal")
      integer(digits)
      integer(scale)
      close()
    case .binary(let bytes):
      open("binary")
      if !bytes.isEmpty { atom(Self.hex(bytes)) }
      close()
    case .date(let days):
      open("date")
      integer(days)
      close()
    case .timestamp(let nanoseconds):
      open("timestamp")
      integer(nanoseconds)
      close()
    }
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    var digits = ByteWriter(capacity: bytes.count * 2)
    bytes.withUnsafeBytes { Hexadecimal.encode($0, to: &digits) }
    return String(decoding: digits.bytes, as: UTF8.self)
  }

  // Swift's descriptions are the shortest digits that give a number back, always with a point or
  // an exponent, so that they never look like integers.
  mutating func write(_ number: Double) {
    atom(number.isNaN ? "nan:" + String(number.bitPattern, radix: 16) : number.description)
  }

  mutating func write(_ number: Float) {
    atom(number.isNaN ? "nan:" + String(number.bitPattern, radix: 16) : number.description)
  }
}
