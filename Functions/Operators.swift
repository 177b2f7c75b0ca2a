import Base
import FunctionKit
import Vectors

/// The arithmetic operators, by the names the binder looks up: `+ - * / %`, also with one operand.
///
/// Integers overflow with an error in `sql` and to NULL with a warning in `adql`. `/` of integers
/// drops the fraction in both dialects, `%` keeps the sign of the dividend.
enum Operators {
  static let functions: [ScalarFunction] =
    integers(Int8.self, .int8) + integers(Int16.self, .int16) + integers(Int32.self, .int32)
    + integers(Int64.self, .int64) + floats(Float.self, Int32.self, .float32)
    + floats(Double.self, Int64.self, .float64)

  static func binary(
    _ name: String, _ left: LogicalType, _ right: LogicalType, _ result: LogicalType,
    _ summary: String, _ example: Example, _ kernel: Kernel
  ) -> ScalarFunction {
    ScalarFunction(
      name, takes: Quantity("a", left), Quantity("b", right), returns: Quantity("result", result),
      summary: summary, examples: [example], kernel: kernel)
  }

  static func unary(
    _ name: String, _ type: LogicalType, _ summary: String, _ example: Example, _ kernel: Kernel
  ) -> ScalarFunction {
    ScalarFunction(
      name, takes: Quantity("a", type), returns: Quantity("result", type), summary: summary,
      examples: [example], kernel: kernel)
  }
}

// MARK: Integers

extension Operators {
  @inline(__always)
  private static func integers<T: FixedWidthInteger & SignedInteger & VectorElement>(
    _: T.Type, _ type: LogicalType
  ) -> [ScalarFunction] {
    [
      binary("+", type, type, type, "Adds.", Example("2 + 3", gives: "5"), addition(T.self)),
      binary(
        "-", type, type, type, "Subtracts.", Example("2 - 3", gives: "-1"), difference(T.self)),
      binary("*", type, type, type, "Multiplies.", Example("2 * 3", gives: "6"), product(T.self)),
      binary(
        "/", type, type, type, "Divides integers and drops the fraction.",
        Example("-7 / 2", gives: "-3"), quotient(T.self)),
      binary(
        "%", type, type, type, "Gives the remainder, with the sign of the dividend.",
        Example("-7 % 2", gives: "-1"), remainder(T.self)),
      unary("-", type, "Changes the sign.", Example("-(3)", gives: "-3"), negation(T.self)),
      unary("+", type, "Gives the operand itself.", Example("+3", gives: "3"), identity),
    ]
  }

  private static let identity = Kernel.vectors {
    (arguments: [Vector], _, _, _) throws(SQLError) -> Vector in arguments[0]
  }

  @inline(__always)
  private static func addition<T: FixedWidthInteger & SignedInteger & VectorElement>(
    _: T.Type
  ) -> Kernel {
    .arithmetic(
      fast: { (a: T, b: T) -> (T, T) in
        let sum = a &+ b
        return (sum, (a ^ sum) & (b ^ sum))
      },
      exact: { (a: T, b: T) -> RowOutcome<T> in outcome(a.addingReportingOverflow(b)) })
  }

  @inline(__always)
  private static func difference<T: FixedWidthInteger & SignedInteger & VectorElement>(
    _: T.Type
  ) -> Kernel {
    .arithmetic(
      fast: { (a: T, b: T) -> (T, T) in
        let difference = a &- b
        return (difference, (a ^ b) & (a ^ difference))
      },
      exact: { (a: T, b: T) -> RowOutcome<T> in outcome(a.subtractingReportingOverflow(b)) })
  }

  @inline(__always)
  private static func product<T: FixedWidthInteger & SignedInteger & VectorElement>(
    _: T.Type
  ) -> Kernel {
    .arithmetic(
      fast: { (a: T, b: T) -> (T, T) in
        let (product, overflow) = a.multipliedReportingOverflow(by: b)
        return (product, overflow ? -1 : 0)
      },
      exact: { (a: T, b: T) -> RowOutcome<T> in outcome(a.multipliedReportingOverflow(by: b)) })
  }

  @inline(__always)
  private static func quotient<T: FixedWidthInteger & SignedInteger & VectorElement>(
    _: T.Type
  ) -> Kernel {
    .arithmetic(
      fast: { (a: T, b: T) -> (T, T) in
        // 0 and -1 are the only divisors that can fail: divide by 1 there and look closer.
        let isSpecial = b == 0 || b == -1
        return (a / (isSpecial ? 1 : b), isSpecial ? -1 : 0)
      },
      exact: { (a: T, b: T) -> RowOutcome<T> in
        b == 0 ? .divisionByZero : outcome(a.dividedReportingOverflow(by: b))
      })
  }

  @inline(__always)
  static func remainder<T: FixedWidthInteger & SignedInteger & VectorElement>(
    _: T.Type
  ) -> Kernel {
    .arithmetic(
      fast: { (a: T, b: T) -> (T, T) in
        let isSpecial = b == 0 || b == -1
        return (a % (isSpecial ? 1 : b), b == 0 ? -1 : 0)
      },
      exact: { (a: T, b: T) -> RowOutcome<T> in
        b == 0 ? .divisionByZero : .value(b == -1 ? 0 : a % b)
      })
  }

  @inline(__always)
  private static func negation<T: FixedWidthInteger & SignedInteger & VectorElement>(
    _: T.Type
  ) -> Kernel {
    .arithmetic(
      fast: { (a: T) -> (T, T) in (0 &- a, a & (0 &- a)) },
      exact: { (a: T) -> RowOutcome<T> in a == .min ? .outOfRange : .value(0 &- a) })
  }

  @inline(__always)
  private static func outcome<T: VectorElement>(
    _ result: (partialValue: T, overflow: Bool)
  ) -> RowOutcome<T> {
    result.overflow ? .outOfRange : .value(result.partialValue)
  }
}

// MARK: Floating point

extension Operators {
  @inline(__always)
  private static func floats<
    T: BinaryFloatingPoint & VectorElement, Flag: FixedWidthInteger & SignedInteger & Sendable
  >(_: T.Type, _: Flag.Type, _ type: LogicalType) -> [ScalarFunction] {
    [
      binary(
        "+", type, type, type, "Adds.", Example("0.5e0 + 0.25e0", gives: "0.75"),
        floatKernel(T.self, Flag.self) { (a: T, b: T) -> T in a + b }),
      binary(
        "-", type, type, type, "Subtracts.", Example("0.5e0 - 0.25e0", gives: "0.25"),
        floatKernel(T.self, Flag.self) { (a: T, b: T) -> T in a - b }),
      binary(
        "*", type, type, type, "Multiplies.", Example("0.5e0 * 0.25e0", gives: "0.125"),
        floatKernel(T.self, Flag.self) { (a: T, b: T) -> T in a * b }),
      binary(
        "/", type, type, type, "Divides.", Example("1e0 / 4e0", gives: "0.25"),
        floatDivision(T.self, Flag.self) { (a: T, b: T) -> T in a / b }),
      binary(
        "%", type, type, type, "Gives the remainder, with the sign of the dividend.",
        Example("-5.5e0 % 2e0", gives: "-1.5"),
        floatDivision(T.self, Flag.self) { (a: T, b: T) -> T in
          a.truncatingRemainder(dividingBy: b)
        }),
      unary(
        "-", type, "Changes the sign.", Example("-(0.5e0)", gives: "-0.5"),
        .map { (a: T) -> T in -a }),
      unary("+", type, "Gives the operand itself.", Example("+0.5e0", gives: "0.5"), identity),
    ]
  }

  /// Finite operands with an infinite answer are out of range; NaN and infinity pass through.
  @inline(__always)
  private static func floatKernel<
    T: BinaryFloatingPoint & VectorElement, Flag: FixedWidthInteger & SignedInteger & Sendable
  >(
    _: T.Type, _: Flag.Type, _ body: @escaping @Sendable (T, T) -> T
  ) -> Kernel {
    .arithmetic(
      fast: { (a: T, b: T) -> (T, Flag) in
        let value = body(a, b)
        return (value, value.magnitude <= T.greatestFiniteMagnitude ? 0 : -1)
      },
      exact: { (a: T, b: T) -> RowOutcome<T> in
        let value = body(a, b)
        return value.isInfinite && a.isFinite && b.isFinite ? .outOfRange : .value(value)
      })
  }

  @inline(__always)
  private static func floatDivision<
    T: BinaryFloatingPoint & VectorElement, Flag: FixedWidthInteger & SignedInteger & Sendable
  >(_: T.Type, _: Flag.Type, _ body: @escaping @Sendable (T, T) -> T) -> Kernel {
    .arithmetic(
      fast: { (a: T, b: T) -> (T, Flag) in
        let value = body(a, b)
        // A zero divisor gives an infinity or NaN, so one test finds everything.
        return (value, value.magnitude <= T.greatestFiniteMagnitude ? 0 : -1)
      },
      exact: { (a: T, b: T) -> RowOutcome<T> in
        if b == 0 { return a.isNaN ? .value(a) : .divisionByZero }
        let value = body(a, b)
        return value.isInfinite && a.isFinite ? .outOfRange : .value(value)
      })
  }
}
