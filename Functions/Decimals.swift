import Base
import FunctionKit
import Vectors

/// Arithmetic and comparison of decimals of any precision and scale.
///
/// Answers have the type `DecimalRule` says; quotients are rounded half away from zero. More than 38
/// digits are out of range.
enum Decimals {
  static let functions: [ScalarFunction] = arithmetic + comparisons

  private static let arithmetic: [ScalarFunction] = [
    operation("+", .sum, "Adds.", "1.25 + 2.5", "3.75") {
      (a: Int128, b: Int128) -> RowOutcome<Int128> in
      outcome(a.addingReportingOverflow(b))
    },
    operation("-", .sum, "Subtracts.", "1.25 - 2.5", "-1.25") {
      (a: Int128, b: Int128) -> RowOutcome<Int128> in
      outcome(a.subtractingReportingOverflow(b))
    },
    operation(
      "%", .remainder, "Gives the remainder, with the sign of the dividend.", "5.5 % 2", "1.5"
    ) {
      (a: Int128, b: Int128) -> RowOutcome<Int128> in
      b == 0 ? .divisionByZero : .value(b == -1 ? 0 : a % b)
    },
    binary("*", .product, "Multiplies.", "1.5 * 0.5", "0.75", .vectors(product)),
    binary("/", .quotient, "Divides.", "1.0 / 8", "0.125000", .vectors(quotient)),
    ScalarFunction(
      "-", takes: Quantity("a", .anyDecimal), returns: Quantity("result", .sameAs(0)),
      summary: "Changes the sign.", examples: [Example("-(1.5)", gives: "-1.5")],
      kernel: .map { (a: Int128) -> Int128 in 0 &- a }),
    ScalarFunction(
      "+", takes: Quantity("a", .anyDecimal), returns: Quantity("result", .sameAs(0)),
      summary: "Gives the operand itself.", examples: [Example("+1.5", gives: "1.5")],
      kernel: .map { (a: Int128) -> Int128 in a }),
  ]

  private static let comparisons: [ScalarFunction] = Comparisons.Order.allCases.map { order in
    Comparisons.comparison(
      order, .anyDecimal, "1.5", "2.5",
      .vectors { (arguments: [Vector], count: Int, type, context) throws(SQLError) -> Vector in
        let scaleA = scale(arguments[0].type)
        let scaleB = scale(arguments[1].type)
        return try rows(arguments, count, type, context) {
          (a: Int128, b: Int128) -> RowOutcome<Bool> in
          .value(order.holds(compare(a, scaleA, b, scaleB)))
        }
      })
  }

  static func scale(_ type: LogicalType) -> Int {
    if case .decimal(_, let scale) = type { return scale }
    return 0
  }

  /// The smallest number with more digits than `type` has.
  static func limit(_ type: LogicalType) -> Int128 {
    if case .decimal(let precision, _) = type { return PowerOfTen.int128[precision] }
    return .max
  }

  private static func binary(
    _ name: String, _ rule: DecimalRule, _ summary: String, _ sql: String, _ answer: String,
    _ kernel: Kernel
  ) -> ScalarFunction {
    ScalarFunction(
      name, takes: Quantity("a", .anyDecimal), Quantity("b", .anyDecimal),
      returns: Quantity("result", .decimalResult(rule)), summary: summary,
      examples: [Example(sql, gives: answer)], kernel: kernel)
  }

  /// An operation on numbers brought to the answer's scale.
  private static func operation(
    _ name: String, _ rule: DecimalRule, _ summary: String, _ sql: String, _ answer: String,
    _ body: @escaping @Sendable (Int128, Int128) -> RowOutcome<Int128>
  ) -> ScalarFunction {
    let kernel = Kernel.vectors {
      (arguments: [Vector], count: Int, type, context) throws(SQLError) -> Vector in
      let factorA = factor(arguments[0].type, to: type)
      let factorB = factor(arguments[1].type, to: type)
      let limit = limit(type)
      return try rows(arguments, count, type, context) {
        (a: Int128, b: Int128) -> RowOutcome<Int128> in
        let (left, overflowA) = a.multipliedReportingOverflow(by: factorA)
        let (right, overflowB) = b.multipliedReportingOverflow(by: factorB)
        if overflowA || overflowB { return .outOfRange }
        return within(limit, body(left, right))
      }
    }
    return binary(name, rule, summary, sql, answer, kernel)
  }

  private static func factor(_ type: LogicalType, to result: LogicalType) -> Int128 {
    PowerOfTen.int128[max(0, scale(result) - scale(type))]
  }

  private static func rows<R: VectorElement>(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext,
    _ body: (Int128, Int128) -> RowOutcome<R>
  ) throws(SQLError) -> Vector {
    let a = arguments[0].flattened()
    let b = arguments[1].flattened()
    let left = a.values(as: Int128.self)
    let right = b.values(as: Int128.self)
    let validity = ValidityMask.and(a.validity, b.validity, count: count)
    return try Kernel.decide(count, type, validity, context) { (row) -> RowOutcome<R> in
      body(left[row], right[row])
    }
  }

  static func outcome(_ result: (partialValue: Int128, overflow: Bool)) -> RowOutcome<Int128> {
    result.overflow ? .outOfRange : .value(result.partialValue)
  }

  private static func within(_ limit: Int128, _ outcome: RowOutcome<Int128>) -> RowOutcome<Int128> {
    if case .value(let value) = outcome, value.magnitude >= limit.magnitude { return .outOfRange }
    return outcome
  }
}

// MARK: Products, quotients, order

extension Decimals {
  private static func product(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    let excess = scale(arguments[0].type) + scale(arguments[1].type) - scale(type)
    let limit = limit(type)
    return try rows(arguments, count, type, context) {
      (a: Int128, b: Int128) -> RowOutcome<Int128> in
      within(limit, scaledQuotient(a, b, PowerOfTen.int128[max(0, min(38, excess))]))
    }
  }

  private static func quotient(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    // a/10^s₁ ÷ b/10^s₂ at scale s is a·10^(s-s₁+s₂) ÷ b.
    let places = scale(type) - scale(arguments[0].type) + scale(arguments[1].type)
    let limit = limit(type)
    return try rows(arguments, count, type, context) {
      (a: Int128, b: Int128) -> RowOutcome<Int128> in
      if b == 0 { return .divisionByZero }
      if a == 0 { return .value(0) }
      if places > 38 { return .outOfRange }
      if places < 0 { return .value(0) }
      return within(limit, scaledQuotient(a, PowerOfTen.int128[places], b))
    }
  }

  /// a · b ÷ c, rounded half away from zero, through 256 bits. `c` is not 0.
  static func scaledQuotient(_ a: Int128, _ b: Int128, _ c: Int128) -> RowOutcome<Int128> {
    let wide = a.magnitude.multipliedFullWidth(by: b.magnitude)
    let divisor = c.magnitude
    guard wide.high < divisor else { return .outOfRange }
    var (quotient, remainder) = divisor.dividingFullWidth(wide)
    if remainder >= divisor - remainder { quotient &+= 1 }
    guard quotient <= UInt128(Int128.max) else { return .outOfRange }
    let isNegative = ((a < 0) != (b < 0)) != (c < 0)
    return .value(isNegative ? -Int128(quotient) : Int128(quotient))
  }

  /// The order of a/10^s₁ and b/10^s₂, exactly.
  static func compare(_ a: Int128, _ scaleA: Int, _ b: Int128, _ scaleB: Int) -> Int32 {
    if scaleA == scaleB { return a < b ? -1 : (a > b ? 1 : 0) }
    let (wholeA, restA) = a.quotientAndRemainder(dividingBy: PowerOfTen.int128[scaleA])
    let (wholeB, restB) = b.quotientAndRemainder(dividingBy: PowerOfTen.int128[scaleB])
    if wholeA != wholeB { return wholeA < wholeB ? -1 : 1 }
    let scale = max(scaleA, scaleB)
    // A rest has at most as many digits as its scale, so 38 digits hold both.
    let left = restA &* PowerOfTen.int128[scale - scaleA]
    let right = restB &* PowerOfTen.int128[scale - scaleB]
    return left < right ? -1 : (left > right ? 1 : 0)
  }
}
