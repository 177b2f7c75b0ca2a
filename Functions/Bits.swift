import Base
import FunctionKit
import Vectors

/// The operators on the bits of integers in two's complement: `& | # ~ << >>`, with PostgreSQL's
/// names and precedence; the longer names are those of ADQL's drafts.
///
/// A shift count below 0 or not below the width of the left operand is an error in `sql`, NULL with
/// a warning in `adql`; PostgreSQL takes it modulo the width, so that `1 << 40` is silently 256.
enum Bits {
  static let functions: [ScalarFunction] =
    family(Int8.self, .int8) + family(Int16.self, .int16) + family(Int32.self, .int32)
    + family(Int64.self, .int64)

  @inline(__always)
  private static func family<T: FixedWidthInteger & SignedInteger & VectorElement>(
    _: T.Type, _ type: LogicalType
  ) -> [ScalarFunction] {
    [
      combination(
        "&", ["bitwise_and"], type, "Keeps the bits that are set in both operands.",
        [Example("6 & 3", gives: "2"), Example("(5 & 4) = 4", gives: "t")],
        .map { (a: T, b: T) -> T in a & b }),
      combination(
        "|", ["bitwise_or"], type, "Sets the bits that are set in either operand.",
        [Example("6 | 3", gives: "7")], .map { (a: T, b: T) -> T in a | b }),
      combination(
        "#", ["bitwise_xor", "xor"], type, "Sets the bits in which the operands differ.",
        [Example("6 # 3", gives: "5")], .map { (a: T, b: T) -> T in a ^ b }),
      complement(type, .map { (a: T) -> T in ~a }),
      shift(
        "<<", type, "Shifts the bits to the left; what leaves the type at the top is lost.",
        Example("1 << 4", gives: "16"), kernel(T.self) { (a: T, count: T) -> T in a &<< count }),
      shift(
        ">>", type, "Shifts the bits to the right and fills up with the sign.",
        Example("-16 >> 2", gives: "-4"), kernel(T.self) { (a: T, count: T) -> T in a &>> count }),
    ]
  }

  private static func combination(
    _ name: String, _ aliases: [String], _ type: LogicalType, _ summary: String,
    _ examples: [Example], _ kernel: Kernel
  ) -> ScalarFunction {
    ScalarFunction(
      name, aliases: aliases, takes: Quantity("a", type), Quantity("b", type),
      returns: Quantity("result", type), summary: summary, examples: examples, kernel: kernel)
  }

  private static func complement(_ type: LogicalType, _ kernel: Kernel) -> ScalarFunction {
    ScalarFunction(
      "~", aliases: ["bitwise_not"], takes: Quantity("a", type),
      returns: Quantity("result", type), summary: "Turns every bit over.",
      examples: [Example("~5", gives: "-6")], kernel: kernel)
  }

  private static func shift(
    _ name: String, _ type: LogicalType, _ summary: String, _ example: Example, _ kernel: Kernel
  ) -> ScalarFunction {
    ScalarFunction(
      name, takes: Quantity("a", type), Quantity("count", LogicalType.int64),
      returns: Quantity("result", type), summary: summary,
      details: "The count must not be negative and must be less than the width of a in bits.",
      examples: [example], kernel: kernel)
  }

  /// Almost all counts are constants: looked at once, the loop has nothing to check.
  @inline(__always)
  private static func kernel<T: FixedWidthInteger & SignedInteger & VectorElement>(
    _: T.Type, _ body: @escaping @Sendable (T, T) -> T
  ) -> Kernel {
    let counts = 0..<Int64(T.bitWidth)
    let rule = DomainRule(
      .numericValueOutOfRange, "shift count is not within 0 to \(T.bitWidth - 1)")
    let checked = Kernel.mapChecked(rule) { (a: T, count: Int64) -> T? in
      counts.contains(count) ? body(a, T(truncatingIfNeeded: count)) : nil
    }
    return .vectors { (arguments, count, type, context) throws(SQLError) -> Vector in
      guard arguments[1].isConstant, !arguments[1].isConstantNull, !arguments[0].isConstant,
        counts.contains(arguments[1].values(as: Int64.self)[0])
      else { return try checked.evaluate(arguments, count, type, context) }
      let places = T(truncatingIfNeeded: arguments[1].values(as: Int64.self)[0])
      let a = arguments[0].flattened()
      let result = Vector(type: type, count: count, validity: a.validity)
      let input = a.values(as: T.self)
      let out = result.values(as: T.self)
      for row in 0..<count { out[row] = body(input[row], places) }
      return result
    }
  }
}
