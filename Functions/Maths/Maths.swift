import Base
import FunctionKit
import Glibc
import Vectors

/// ADQL's mathematical functions. NaN gives NaN; arguments outside a function's domain are an error
/// in `sql` and NULL with a warning in `adql`.
enum Maths {
  static let functions: [ScalarFunction] = roundings + powers + logarithms + others

  static func real(
    _ name: String, aliases: [String] = [], _ summary: String, _ sql: String, _ answer: String,
    within tolerance: Double = 0, error: String? = nil, _ kernel: Kernel
  ) -> ScalarFunction {
    ScalarFunction(
      name, aliases: aliases, takes: Quantity("x", .double), returns: Quantity(name, .double),
      summary: summary, errorBound: error,
      examples: [Example(sql, gives: answer, within: tolerance)], kernel: kernel)
  }

  static let libm = "below 1 ulp (glibc)"

  // MARK: Rounding

  private static let roundings: [ScalarFunction] = [
    real(
      "ceiling", aliases: ["ceil"], "Rounds up to a whole number.", "ceiling(-1.5e0)", "-1",
      .map { (x: Double) -> Double in WholeNumber.above(x) }),
    real(
      "floor", "Rounds down to a whole number.", "floor(-1.5e0)", "-2",
      .map { (x: Double) -> Double in WholeNumber.below(x) }),
    real(
      "round", "Rounds to the nearest whole number, halves to the even one.", "round(2.5e0)", "2",
      .map { (x: Double) -> Double in WholeNumber.nearest(x) }),
    real(
      "truncate", aliases: ["trunc"], "Drops the digits behind the point.", "truncate(-1.5e0)",
      "-1", .map { (x: Double) -> Double in x.rounded(.towardZero) }),
    places(
      "round", "Rounds to n digits behind the point; a negative n rounds before it.",
      "round(1234.567e0, -2)", "1200", .toNearestOrEven),
    places(
      "truncate", "Drops all but n digits behind the point; a negative n drops before it.",
      "truncate(1234.567e0, 1)", "1234.5", .towardZero),
  ]

  private static func places(
    _ name: String, _ summary: String, _ sql: String, _ answer: String,
    _ rule: FloatingPointRoundingRule
  ) -> ScalarFunction {
    ScalarFunction(
      name, aliases: name == "truncate" ? ["trunc"] : [], takes: Quantity("x", .double),
      Quantity("n", .integer), returns: Quantity(name, .double), summary: summary,
      source: "ADQL 2.1", examples: [Example(sql, gives: answer, within: 1e-9)],
      kernel: .map { (x: Double, n: Int64) -> Double in rounded(x, n, rule) })
  }

  /// Scaling by a power of ten that a double holds exactly keeps the error at one rounding.
  static func rounded(_ x: Double, _ places: Int64, _ rule: FloatingPointRoundingRule) -> Double {
    if places > 300 || !x.isFinite { return x }
    if places < -308 { return 0 }
    let factor = pow(10, Double(places.magnitude))
    if places < 0 { return (x / factor).rounded(rule) * factor }
    let scaled = x * factor
    return scaled.isFinite ? scaled.rounded(rule) / factor : x
  }

  // MARK: Powers and logarithms

  private static let powers: [ScalarFunction] = [
    real(
      "sqrt", "Gives the square root.", "sqrt(2.25e0)", "1.5", error: "correctly rounded",
      .vectors(squareRoot)),
    real(
      "cbrt", "Gives the cube root.", "cbrt(-27e0)", "-3", within: 1e-15, error: libm,
      .map { (x: Double) -> Double in cbrt(x) }),
    real(
      "exp", "Gives e to the power of x.", "exp(0)", "1", error: libm,
      .mapChecked(.outOfRange) { (x: Double) -> Double? in
        let value = exp(x)
        return value.isInfinite && x.isFinite ? nil : value
      }),
    ScalarFunction(
      "power", aliases: ["pow"], takes: Quantity("x", .double), Quantity("y", .double),
      returns: Quantity("power", .double), summary: "Gives x to the power of y.",
      errorBound: libm, examples: [Example("power(2, 10)", gives: "1024")],
      kernel: .mapChecked(.argument("no real power, or one out of range")) {
        (x: Double, y: Double) -> Double? in
        let value = pow(x, y)
        if value.isFinite || !x.isFinite || !y.isFinite { return value }
        return nil
      }),
  ]

  private static let checkedRoot = Kernel.mapChecked(
    .argument("cannot take the square root of a negative number")
  ) { (x: Double) -> Double? in x < 0 ? nil : x.squareRoot() }

  /// Takes all roots without a branch; only when a number was negative are rows looked at one by one.
  private static func squareRoot(
    _ arguments: [Vector], _ count: Int, _ type: LogicalType, _ context: FunctionContext
  ) throws(SQLError) -> Vector {
    let flat = arguments[0].flattened()
    let result = Vector(type: type, count: count, validity: flat.validity)
    let input = flat.values(as: Double.self)
    let out = result.values(as: Double.self)
    var negative: UInt64 = 0
    for row in 0..<count {
      out[row] = input[row].squareRoot()
      negative |= input[row] < 0 ? 1 : 0
    }
    return negative == 0 ? result : try checkedRoot.evaluate([flat], count, type, context)
  }

  private static let noLogarithm = DomainRule.argument(
    "cannot take the logarithm of a number that is not positive")

  private static let logarithms: [ScalarFunction] = [
    real(
      "ln", aliases: ["log"], "Gives the natural logarithm, as ADQL's LOG does.", "log(1)", "0",
      error: libm,
      .mapChecked(noLogarithm) { (x: Double) -> Double? in x <= 0 ? nil : log(x) }),
    real(
      "log10", "Gives the logarithm to the base 10.", "log10(1000)", "3", error: libm,
      .mapChecked(noLogarithm) { (x: Double) -> Double? in x <= 0 ? nil : log10(x) }),
  ]

  // MARK: Signs, remainders, constants

  private static let others: [ScalarFunction] =
    absolutes + remainders + [
      real(
        "sign", "Gives -1, 0 or 1, as x is below, at or above zero.", "sign(-2.5e0)", "-1",
        .map { (x: Double) -> Double in x > 0 ? 1 : (x < 0 ? -1 : x + 0) }),
      ScalarFunction(
        "isnan", takes: Quantity("x", .double), returns: Quantity("answer", .boolean),
        summary: "True for NaN, which is not NULL.",
        examples: [Example("isnan('NaN'::double precision)", gives: "t")],
        kernel: .map { (x: Double) -> Bool in x.isNaN }),
      ScalarFunction(
        "pi", returns: Quantity("pi", .double), summary: "Gives the number π.",
        examples: [Example("pi()", gives: "3.141592653589793")],
        kernel: .vectors { (_, count, type, _) in
          Vector.constant(.float64(Double.pi), type: type, count: count)
        }),
      random(takesSeed: false), random(takesSeed: true), bucket,
    ]

  private static func absolute<T: FixedWidthInteger & SignedInteger & VectorElement>(
    _: T.Type, _ type: LogicalType
  ) -> ScalarFunction {
    ScalarFunction(
      "abs", takes: Quantity("x", type), returns: Quantity("abs", type),
      summary: "Drops the sign.", examples: [Example("abs(-3)", gives: "3")],
      kernel: .arithmetic(
        fast: { (x: T) -> (T, T) in
          let value = x < 0 ? 0 &- x : x
          return (value, value)
        },
        exact: { (x: T) -> RowOutcome<T> in x == .min ? .outOfRange : .value(abs(x)) }))
  }

  private static let absolutes: [ScalarFunction] = [
    absolute(Int8.self, .int8), absolute(Int16.self, .int16), absolute(Int32.self, .int32),
    absolute(Int64.self, .int64),
    ScalarFunction(
      "abs", takes: Quantity("x", LogicalType.float32),
      returns: Quantity("abs", LogicalType.float32),
      summary: "Drops the sign.", kernel: .map { (x: Float) -> Float in x.magnitude }),
    ScalarFunction(
      "abs", takes: Quantity("x", .anyDecimal), returns: Quantity("abs", .sameAs(0)),
      summary: "Drops the sign.", kernel: .map { (x: Int128) -> Int128 in x < 0 ? 0 &- x : x }),
    real(
      "abs", "Drops the sign.", "abs(-1.5e0)", "1.5", .map { (x: Double) -> Double in x.magnitude }),
  ]

  private static let remainders: [ScalarFunction] = [
    Operators.binary(
      "mod", .int32, .int32, .int32, "Gives the remainder of x / y, with the sign of x.",
      Example("mod(-7, 3)", gives: "-1"), Operators.remainder(Int32.self)),
    Operators.binary(
      "mod", .int64, .int64, .int64, "Gives the remainder of x / y, with the sign of x.",
      Example("mod(-7, 3)", gives: "-1"), Operators.remainder(Int64.self)),
    Operators.binary(
      "mod", .float64, .float64, .float64, "Gives the remainder of x / y, with the sign of x.",
      Example("mod(-5.5e0, 2e0)", gives: "-1.5"),
      .mapChecked(.divisionByZero) { (x: Double, y: Double) -> Double? in
        y == 0 ? nil : fmod(x, y)
      }),
  ]

  private static func random(takesSeed: Bool) -> ScalarFunction {
    var function = ScalarFunction(
      "rand", aliases: ["random"], returns: Quantity("number", .double),
      summary: "Gives a random number from 0 up to but not 1.",
      details: takesSeed ? "The seed is accepted as ADQL asks, and has no effect." : nil,
      source: "ADQL 2.1",
      examples: [Example(takesSeed ? "rand(1) < 1" : "rand() < 1", gives: "t")],
      isDeterministic: false,
      kernel: .vectors { (_, count: Int, type: LogicalType, _) throws(SQLError) -> Vector in
        let result = Vector(type: type, count: count)
        let out = result.values(as: Double.self)
        var state = UInt64.random(in: 0 ... .max)
        for row in 0..<count {
          // SplitMix64; Steele, Lea & Flood 2014.
          state &+= 0x9E37_79B9_7F4A_7C15
          var bits = (state ^ (state &>> 30)) &* 0xBF58_476D_1CE4_E5B9
          bits = (bits ^ (bits &>> 27)) &* 0x94D0_49BB_1331_11EB
          out[row] = Double((bits ^ (bits &>> 31)) &>> 11) * 0x1p-53
        }
        return result
      })
    if takesSeed { function.parameters = [Quantity("seed", .double)] }
    return function
  }

  private static let bucket = ScalarFunction(
    "width_bucket", takes: Quantity("x", .double), Quantity("low", .double),
    Quantity("high", .double), Quantity("count", .integer),
    returns: Quantity("bucket", LogicalType.int64),
    summary: "Gives the number, from 1, of the bucket of equal width that holds x.",
    details: "0 below the first and count + 1 above the last; low may be above high.",
    examples: [Example("width_bucket(5.35, 0.024, 10.06, 5)", gives: "3")],
    kernel: .mapChecked(.argument("buckets need a count above 0 and two different finite bounds")) {
      (x: Double, low: Double, high: Double, count: Int64) -> Int64? in
      guard count > 0, count < 1 << 52, low != high, low.isFinite, high.isFinite, !x.isNaN else {
        return nil
      }
      let fraction = (x - low) / (high - low)
      if fraction < 0 { return 0 }
      if fraction >= 1 { return count + 1 }
      return min(count, Int64(fraction * Double(count)) + 1)
    })
}
