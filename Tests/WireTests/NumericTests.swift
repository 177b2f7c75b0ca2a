import Base
import Testing

@testable import Wire

@Suite("Numeric parameters")
struct NumericTests {
  static let cases: [(String, String, String)] = [
    ("$1", "1.50", "1.50"),
    ("$1", "0.000000000001234", "0.000000000001234"),
    ("$1", "12345678901234567890123456789012", "12345678901234567890123456789012"),
    ("$1", "-0.1", "-0.1"),
    ("$1", "1E-7", "0.0000001"),
    ("$1", "1E+5", "100000"),
    ("$1", "0", "0"),
    ("$1::double precision", "6.62607015e-34", "6.62607015e-34"),
    ("$1::double precision", "NaN", "NaN"),
    ("$1 * 1e12::double precision", "0.00000000001", "10"),
    ("$1 < 1", "0.99999999999999999999", "t"),
    ("$1 = 0", "0.00000000000000000000001", "f"),
  ]

  private static func answer(
    _ expression: String, _ type: UInt32, _ value: [UInt8], isBinary: Bool = false
  ) throws -> [BackendMessage] {
    try Client.ofEmptyDatabase().say(
      .parse(name: "", sql: "SELECT \(expression)", parameterTypes: [type]),
      .bind(.init(parameterFormats: [isBinary ? 1 : 0], parameters: [value])),
      .execute(portal: "", maxRows: 0), .sync)
  }

  @Test("lose no digit", arguments: cases)
  func digits(expression: String, value: String, wanted: String) throws {
    let heard = try Self.answer(expression, 1700, Array(value.utf8))
    #expect(try heard.firstValues == [wanted], "\(heard.kinds)")
  }

  @Test("come in binary form, too")
  func binary() throws {
    // 6.62607015e-34: three groups, the first worth 10,000 to the power of -9; 42 digits.
    let planck: [UInt8] = [0, 3, 0xFF, 0xF7, 0, 0, 0, 42, 0x02, 0x96, 0x17, 0xB6, 0x05, 0xDC]
    let heard = try Self.answer("$1::double precision", 1700, planck, isBinary: true)
    #expect(try heard.firstValues == ["6.62607015e-34"], "\(heard.kinds)")
    let infinity: [UInt8] = [0, 0, 0, 0, 0xD0, 0, 0, 0]
    #expect(try Self.answer("$1::double precision", 1700, infinity, isBinary: true).firstValues == ["Infinity"])
  }

  @Test("of lists have room for every element")
  func lists() throws {
    let heard = try Self.answer("$1", 1231, Array("{1.5,NULL,0.000000000001}".utf8))
    #expect(try heard.firstValues == ["{1.500000000000,NULL,0.000000000001}"], "\(heard.kinds)")
  }

  @Test("are refused when nothing holds them")
  func refused() throws {
    for value in ["1.2345678901234567890123456789012345678901", "1234567890123456e-50"] {
      #expect(try Self.answer("$1", 1700, Array(value.utf8)).kinds == "1 E(22003) Z(I)")
    }
  }
}
