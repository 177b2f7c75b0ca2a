import Base
import Testing
import Vectors

@Suite("Numbers as text")
struct NumberTextTests {
  private func written(_ body: (inout ByteWriter) -> Void) -> String {
    var out = ByteWriter()
    body(&out)
    return String(decoding: out.bytes, as: UTF8.self)
  }

  private func parsed<R>(
    _ text: String, _ body: (UnsafeRawBufferPointer) throws -> R
  ) rethrows -> R {
    var copy = text
    return try copy.withUTF8 { try body(UnsafeRawBufferPointer($0)) }
  }

  static let doubles: [(Double, String)] = [
    (0, "0"), (-0.0, "-0"), (1, "1"), (-12.5, "-12.5"), (0.1, "0.1"), (0.0001, "0.0001"),
    (0.00001, "1e-05"), (1e14, "100000000000000"), (1e15, "1e+15"), (1e16, "1e+16"),
    (123_456_789_012_345.6, "123456789012345.6"), (1.5e300, "1.5e+300"),
    (2.2250738585072014e-308, "2.2250738585072014e-308"), (.nan, "NaN"), (.infinity, "Infinity"),
    (-.infinity, "-Infinity"), (0.1 + 0.2, "0.30000000000000004"),
    (1_234_567_890_123_456, "1.234567890123456e+15"), (266.4168166, "266.4168166"),
    (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
  ]

  @Test("writes doubles as PostgreSQL does", arguments: doubles)
  func writesDoubles(_ value: Double, _ text: String) {
    #expect(written { NumberText.append(value, to: &$0) } == text)
  }

  static let floats: [(Float, String)] = [
    (0.1, "0.1"), (1e6, "1e+06"), (999_999, "999999"), (1_234_567, "1.234567e+06"), (1e-5, "1e-05"),
    (3.4028235e38, "3.4028235e+38"), (-.nan, "NaN"),
  ]

  @Test("writes floats", arguments: floats)
  func writesFloats(_ value: Float, _ text: String) {
    #expect(written { NumberText.append(value, to: &$0) } == text)
  }

  @Test("writes integers of every length")
  func writesIntegers() {
    var edges: [Int64] = [0, .min, .max]
    var power: Int64 = 1
    for _ in 0..<19 {
      edges += [power, power - 1, power + 1, -power, -power + 1]
      power &*= 10
    }
    for value in edges {
      #expect(written { NumberText.append(value, to: &$0) } == value.description)
      #expect(parsed(value.description) { try? NumberText.parseInt64($0) } == value)
    }
  }

  @Test("writes wide integers and decimals")
  func writesDecimals() {
    var power: Int128 = 1
    for _ in 0..<38 {
      for value in [power, power - 1, -power, power * 7 / 3] {
        #expect(written { NumberText.append(value, to: &$0) } == value.description)
      }
      power *= 10
    }
    #expect(written { NumberText.append(decimal: -150, scale: 2, to: &$0) } == "-1.50")
    #expect(written { NumberText.append(decimal: 5, scale: 3, to: &$0) } == "0.005")
    let one = Int128(10)
    #expect(
      written { NumberText.append(decimal: one, scale: 38, to: &$0) }
        == "0." + String(repeating: "0", count: 36) + "10")
  }

  @Test("reads back every double it writes")
  func roundTrip() throws {
    var bits: UInt64 = 0x9E37_79B9_7F4A_7C15
    for _ in 0..<20_000 {
      bits = bits &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let value = Double(bitPattern: bits)
      guard value.isFinite else { continue }
      let text = written { NumberText.append(value, to: &$0) }
      let back = try parsed(text) { try NumberText.parseDouble($0) }
      #expect(back == value, "\(text)")
    }
  }

  @Test("reads decimal numbers exactly as the standard library does")
  func agreesWithStandardLibrary() throws {
    var state: UInt64 = 42
    for _ in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let digits = String(state >> 4).prefix(Int(state >> 60) + 1)
      let text = "\(digits.prefix(3)).\(digits.dropFirst(3))e\(Int(state >> 20 & 63) - 32)"
      let value = try parsed(text) { try NumberText.parseDouble($0) }
      #expect(value == Double(text), "\(text)")
    }
  }

  @Test("rounds long numbers as the standard library does", arguments: -21...19)
  func longNumbers(_ exponent: Int) throws {
    var state = UInt64(bitPattern: Int64(exponent)) &* 0x9E37_79B9_7F4A_7C15 | 1
    for round in 0..<100 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      // Halfway between two doubles or floats and next to it, where rounding is hard; then any.
      let half: UInt64 = round & 1 == 0 ? (state >> 10 | 1) << 10 : (state >> 39 | 1) << 39
      let mantissas = [half, half &+ 1, half &- 1, state, state >> (state & 63), .max, 1 << 53 + 1]
      for mantissa in mantissas where mantissa <= 9_999_999_999_999_999_999 {
        for text in ["\(mantissa)e\(exponent)", "-\(mantissa)e\(exponent)"] {
          let double = try parsed(text) { try NumberText.parseDouble($0) }
          #expect(double.bitPattern == Double(text)?.bitPattern, "\(text)")
          let float = try parsed(text) { try NumberText.parseFloat($0) }
          #expect(float.bitPattern == Float(text)?.bitPattern, "\(text)")
        }
      }
    }
  }

  static let notNumbers = [
    "", " ", "-", "+", ".", "e5", "1e", "1e+", "1.2.3", "0x10", "1 2", "abc", "nanx", "--1",
  ]

  @Test("refuses what is no number", arguments: notNumbers)
  func refuses(_ text: String) {
    #expect(throws: NumberText.Failure.notANumber) {
      try parsed(text) { try NumberText.parseDouble($0) }
    }
    #expect(throws: NumberText.Failure.notANumber) {
      try parsed(text) { try NumberText.parseInt64($0) }
    }
    #expect(throws: NumberText.Failure.notANumber) {
      try parsed(text) { try NumberText.parseDecimal($0, precision: 38, scale: 2) }
    }
  }

  @Test("tells numbers out of range from garbage")
  func outOfRange() {
    for text in ["9223372036854775808", "-9223372036854775809", "99999999999999999999999"] {
      #expect(throws: NumberText.Failure.outOfRange) {
        try parsed(text) { try NumberText.parseInt64($0) }
      }
    }
    #expect(throws: NumberText.Failure.outOfRange) {
      try parsed("1e999999999999") { try NumberText.parseDouble($0) }
    }
    #expect(throws: NumberText.Failure.outOfRange) {
      try parsed("1000") { try NumberText.parseDecimal($0, precision: 5, scale: 2) }
    }
  }

  static let decimals: [(String, Int, Int128)] = [
    ("1.5", 2, 150), ("-1.005", 2, -101), ("1.004999999999999999999999", 2, 100), ("2e3", 0, 2000),
    ("0.5", 0, 1), ("0.49", 0, 0), ("-0.5", 0, -1), (" 7 ", 1, 70), ("1e-50", 10, 0),
    ("12345678901234567890.125", 2, 1_234_567_890_123_456_789_013),
    ("0.00000000000000000000012345", 25, 1235), ("9.99", 1, 100),
  ]

  @Test("rounds decimals half away from zero", arguments: decimals)
  func readsDecimals(_ text: String, _ scale: Int, _ value: Int128) throws {
    #expect(
      try parsed(text) { try NumberText.parseDecimal($0, precision: 38, scale: scale) } == value)
  }

  @Test("reads booleans")
  func booleans() {
    for text in ["t", "TRUE", " yes", "on", "1"] {
      #expect(parsed(text) { NumberText.parseBoolean($0) } == true)
    }
    for text in ["f", "False", "no", "off", "0"] {
      #expect(parsed(text) { NumberText.parseBoolean($0) } == false)
    }
    for text in ["", "2", "o", "truth", "\u{11}"] {
      #expect(parsed(text) { NumberText.parseBoolean($0) } == nil)
    }
  }
}
