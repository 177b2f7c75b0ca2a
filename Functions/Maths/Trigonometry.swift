import FunctionKit
import Glibc
import Vectors

/// Angles: radians as ADQL has them, and the `…d` forms in degrees, exact at multiples of 90.
enum Trigonometry {
  static let functions: [ScalarFunction] = conversions + radians + inverses + degreeForms

  private static let conversions: [ScalarFunction] = [
    converting(
      "degrees", "rad", "deg", "Converts radians to degrees.", "degrees(pi())", "180",
      .map { (x: Double) -> Double in x * (180 / Double.pi) }),
    converting(
      "radians", "deg", "rad", "Converts degrees to radians.", "radians(180)",
      "3.141592653589793", .map { (x: Double) -> Double in x * (Double.pi / 180) }),
  ]

  private static func converting(
    _ name: String, _ from: String, _ to: String, _ summary: String, _ sql: String,
    _ answer: String, _ kernel: Kernel
  ) -> ScalarFunction {
    ScalarFunction(
      name, takes: Quantity("x", .double, unit: from), returns: Quantity(name, .double, unit: to),
      summary: summary, errorBound: "1 ulp",
      examples: [Example(sql, gives: answer, within: 1e-13)], kernel: kernel)
  }

  private static func direct(
    _ name: String, _ word: String, unit: String, _ sql: String, _ answer: String, _ kernel: Kernel
  ) -> ScalarFunction {
    ScalarFunction(
      name, takes: Quantity("x", .double, unit: unit), returns: Quantity(name, .double),
      summary: "Gives the \(word) of an angle.", errorBound: "below 2 ulp",
      examples: [Example(sql, gives: answer, within: 1e-15)], kernel: kernel)
  }

  private static let infinite = DomainRule.argument("an infinite angle")

  private static let radians: [ScalarFunction] = [
    direct("sin", "sine", unit: "rad", "sin(0)", "0", checked { (x: Double) -> Double in sin(x) }),
    direct(
      "cos", "cosine", unit: "rad", "cos(0)", "1", checked { (x: Double) -> Double in cos(x) }),
    direct(
      "tan", "tangent", unit: "rad", "tan(0)", "0", checked { (x: Double) -> Double in tan(x) }),
    direct(
      "cot", "cotangent", unit: "rad", "cot(pi() / 4)", "1",
      .mapChecked(.divisionByZero) { (x: Double) -> Double? in
        let tangent = tan(x)
        return tangent == 0 ? nil : 1 / tangent
      }),
  ]

  private static func checked(_ body: @escaping @Sendable (Double) -> Double) -> Kernel {
    .mapChecked(infinite) { (x: Double) -> Double? in x.isInfinite ? nil : body(x) }
  }

  private static func inverse(
    _ name: String, _ word: String, _ sql: String, _ answer: String, unit: String = "rad",
    _ kernel: Kernel
  ) -> ScalarFunction {
    ScalarFunction(
      name, takes: Quantity("x", .double), returns: Quantity("angle", .double, unit: unit),
      summary: "Gives the angle whose \(word) is x.", errorBound: "below 2 ulp",
      examples: [Example(sql, gives: answer, within: 1e-13)], kernel: kernel)
  }

  private static let outsideOne = DomainRule.argument("the argument lies outside -1…1")

  private static let inverses: [ScalarFunction] = [
    inverse(
      "asin", "sine", "asin(1)", "1.5707963267948966",
      .mapChecked(outsideOne) { (x: Double) -> Double? in x.magnitude > 1 ? nil : asin(x) }),
    inverse(
      "acos", "cosine", "acos(1)", "0",
      .mapChecked(outsideOne) { (x: Double) -> Double? in x.magnitude > 1 ? nil : acos(x) }),
    inverse(
      "atan", "tangent", "atan(1)", "0.7853981633974483", .map { (x: Double) -> Double in atan(x) }),
    ScalarFunction(
      "atan2", takes: Quantity("y", .double), Quantity("x", .double),
      returns: Quantity("angle", .double, unit: "rad"),
      summary: "Gives the angle of the point (x, y), from -π to π.", errorBound: "below 1 ulp",
      examples: [Example("atan2(1, -1)", gives: "2.356194490192345", within: 1e-15)],
      kernel: .map { (y: Double, x: Double) -> Double in atan2(y, x) }),
  ]

  private static let degreeForms: [ScalarFunction] = [
    direct(
      "sind", "sine", unit: "deg", "sind(30)", "0.5", checked { (x: Double) -> Double in sine(x) }),
    direct(
      "cosd", "cosine", unit: "deg", "cosd(60)", "0.5",
      checked { (x: Double) -> Double in sine(90 - fmod(x.magnitude, 360)) }),
    direct(
      "tand", "tangent", unit: "deg", "tand(45)", "1",
      .mapChecked(.divisionByZero) { (x: Double) -> Double? in
        let cosine = sine(90 - fmod(x.magnitude, 360))
        return cosine == 0 || x.isInfinite ? nil : sine(x) / cosine
      }),
    inverse(
      "asind", "sine", "asind(1)", "90", unit: "deg",
      .mapChecked(outsideOne) { (x: Double) -> Double? in
        x.magnitude > 1 ? nil : asin(x) * (180 / Double.pi)
      }),
    inverse(
      "acosd", "cosine", "acosd(0)", "90", unit: "deg",
      .mapChecked(outsideOne) { (x: Double) -> Double? in
        x.magnitude > 1 ? nil : acos(x) * (180 / Double.pi)
      }),
    inverse(
      "atand", "tangent", "atand(1)", "45", unit: "deg",
      .map { (x: Double) -> Double in atan(x) * (180 / Double.pi) }),
  ]

  /// Sine of degrees, folded to 0…90 before it becomes radians, so that multiples of 90 are exact.
  static func sine(_ xDeg: Double) -> Double {
    let reduced = fmod(xDeg, 360)
    let turned = reduced > 180 ? reduced - 360 : (reduced < -180 ? reduced + 360 : reduced)
    let folded = turned > 90 ? 180 - turned : (turned < -90 ? -180 - turned : turned)
    // sin(30°) is 0.5 exactly; radians would give the neighbour.
    if folded.magnitude == 30 { return folded < 0 ? -0.5 : 0.5 }
    return sin(folded * (Double.pi / 180))
  }
}
