import Base
import FunctionKit
import Functions
import Testing
import Vectors

/// Answers that examples do not show: edges, by direct calls.
@Suite("Functions give")
struct ValueTests {
  private func call(
    _ name: String, _ arguments: [(Value, LogicalType)],
    _ context: FunctionContext = FunctionContext()
  ) throws -> String {
    let types = arguments.map { ArgumentType($0.1) }
    let call = try BuiltInFunctions.all.resolveScalar(name, types, at: nil)
    var vectors: [Vector] = []
    for (argument, type) in zip(arguments, call.argumentTypes) {
      let vector = Vector.of([argument.0], type: argument.1)
      let kernel = try #require(Casts.kernel(from: argument.1, to: type))
      vectors.append(try kernel.evaluate([vector], 1, type, context))
    }
    let answer = try call.function.evaluate(
      vectors, count: 1, returning: call.resultType, in: context)
    return try ValueText.text(of: answer.value(at: 0), type: call.resultType)
  }

  static func f(_ value: Double) -> (Value, LogicalType) { (.float64(value), .float64) }
  static func i(_ value: Int64) -> (Value, LogicalType) { (.integer(value), .int64) }
  static func t(_ value: String) -> (Value, LogicalType) { (.text(value), .text) }
  static func d(_ value: Int128, _ scale: Int) -> (Value, LogicalType) {
    (.decimal(value, scale: scale), .decimal(precision: 20, scale: scale))
  }
  static func p(_ lon: Double, _ lat: Double) -> (Value, LogicalType) {
    (.structure([.float64(lon), .float64(lat)]), .point)
  }
  static func c(_ lon: Double, _ lat: Double, _ radius: Double) -> (Value, LogicalType) {
    (.structure([.float64(lon), .float64(lat), .float64(radius)]), .circle)
  }

  struct Call: Sendable {
    var name: String
    var arguments: [(Value, LogicalType)]
    var answer: String
    init(_ name: String, _ arguments: [(Value, LogicalType)], _ answer: String) {
      self.name = name
      self.arguments = arguments
      self.answer = answer
    }
  }

  static let numbers = [
    Call("/", [i(-7), i(2)], "-3"), Call("%", [i(-7), i(-1)], "0"),
    Call("mod", [f(-5.5), f(2)], "-1.5"),
    Call("<", [f(1), f(.nan)], "t"), Call("=", [f(.nan), f(.nan)], "t"),
    Call(">", [f(.nan), f(.infinity)], "t"),
    Call("<>", [f(.nan), f(1)], "t"), Call("=", [f(-0.0), f(0)], "t"),
    Call("<", [f(.nan), f(.nan)], "f"),
    Call("+", [d(125, 2), d(25, 1)], "3.75"), Call("*", [d(15, 1), d(-5, 1)], "-0.75"),
    Call("/", [d(1, 0), d(3, 0)], "0.333333"), Call("/", [d(2, 0), d(-3, 0)], "-0.666667"),
    Call("%", [d(55, 1), d(2, 0)], "1.5"), Call("=", [d(150, 2), d(15, 1)], "t"),
    Call("<", [d(-150, 2), d(-15, 1)], "f"), Call("<", [d(149, 2), d(15, 1)], "t"),
    Call("round", [f(-2.5)], "-2"), Call("round", [f(1250), i(-2)], "1200"),
    Call("truncate", [f(-1.999), i(2)], "-1.99"), Call("sign", [f(.nan)], "NaN"),
    Call("sind", [f(180)], "0"), Call("cosd", [f(-90)], "0"), Call("sind", [f(-390)], "-0.5"),
    Call("greatest", [f(1), f(.nan)], "NaN"), Call("least", [(.null, .float64), f(2)], "2"),
    Call("width_bucket", [f(10), f(0), f(10), i(5)], "6"),
    Call("width_bucket", [f(-1), f(0), f(10), i(5)], "0"),
    Call("abs", [(.integer(-127), .int8)], "127"),
  ]

  static let texts = [
    Call("upper", [t("þórr ß")], "ÞÓRR SS"), Call("length", [t("a\u{1F30C}b")], "3"),
    Call("substring", [t("Þórr"), i(2), i(2)], "ór"),
    Call("substring", [t("abc"), i(-1), i(3)], "a"),
    Call("left", [t("abc"), i(-1)], "ab"), Call("right", [t("abc"), i(-1)], "bc"),
    Call("right", [t("abc"), i(9)], "abc"),
    Call("trim", [t("xyax"), t("xy")], "a"), Call("replace", [t("aaa"), t("aa"), t("b")], "ba"),
    Call("strpos", [t("Þab"), t("b")], "3"), Call("strpos", [t("ab"), t("")], "1"),
    Call("strpos", [t(""), t("a")], "0"),
    Call("split_part", [t("a,b,c"), t(","), i(-1)], "c"),
    Call("split_part", [t("a,b"), t(","), i(5)], ""),
    Call("lpad", [t("abc"), i(2), t("x")], "ab"), Call("rpad", [t("a"), i(4), t("xy")], "axyx"),
    Call("repeat", [t("ab"), i(-3)], ""), Call("reverse", [t("Þa")], "aÞ"),
    Call("ivo_hasword", [t("A starry night"), t("star")], "0"),
    Call("ivo_hashlist_has", [t("a#b"), t("")], "0"),
    Call("ivo_hms_to_degrees", [t("-00:30:00")], "-7.5"),
    Call("ivo_hms_to_degrees", [t("1:60:0")], "NULL"),
  ]

  static let sky = [
    Call("point", [f(-10), f(5)], "(350,5)"), Call("point", [f(360), f(90)], "(0,90)"),
    Call("point", [f(0), f(90.5)], "NULL"), Call("point", [f(.nan), f(0)], "NULL"),
    Call("circle", [f(10), f(20), f(-1)], "NULL"), Call("point", [t("ICRS"), f(1), f(2)], "(1,2)"),
    Call("contains", [p(0.5, 0), c(359.9, 0, 0.7)], "1"),
    Call("contains", [p(0.5, 0), c(359.9, 0, 0.5)], "0"),
    Call("contains", [p(11, 0), c(10, 0, 1)], "1"),
    Call("contains", [c(10, 0, 1), c(10, 0, 1)], "1"),
    Call("intersects", [c(10, 0, 1), c(12, 0, 1)], "1"),
    Call("intersects", [c(10, 0, 1), c(13, 0, 1)], "0"),
    Call("distance", [p(359, 0), p(1, 0)], "2"),
    Call("distance", [f(0), f(91), f(0), f(0)], "NULL"),
    Call("healpix_index", [i(29), f(0), f(-90)], "2305843009213693952"),
    Call("healpix_index", [i(30), f(0), f(0)], "NULL"),
    Call("healpix_center", [i(0), i(12)], "NULL"),
    Call("healpix_parent", [i(75), i(2), i(0)], "4"),
  ]

  static let times = [
    Call("date_part", [t("week"), (.date(0), .date)], "1"),
    Call("date_part", [t("dow"), (.date(-1), .date)], "3"),
    Call("date_trunc", [t("week"), (.timestamp(0), .timestamp)], "1969-12-29 00:00:00"),
    Call("date_trunc", [t("hours"), (.timestamp(-1), .timestamp)], "1969-12-31 23:00:00"),
    Call("+", [(.date(0), .date), (.integer(31), .int32)], "1970-02-01"),
    Call("-", [(.date(31), .date), (.date(0), .date)], "31"),
    Call("list_element", [(.list([.integer(4), .null]), .list(.int32)), i(2)], "NULL"),
  ]

  @Test("the right values", arguments: (numbers + texts + sky + times).indices)
  func values(_ index: Int) throws {
    let all = Self.numbers + Self.texts + Self.sky + Self.times
    let wanted = all[index]
    let answer = try call(wanted.name, wanted.arguments)
    #expect(answer == wanted.answer, "\(wanted.name) \(wanted.arguments.map(\.0))")
  }

  static let failures: [(Call, SQLState)] = [
    (Call("+", [i(.max), i(1)], ""), .numericValueOutOfRange),
    (Call("-", [(.integer(-128), .int8)], ""), .numericValueOutOfRange),
    (Call("*", [i(.max), i(2)], ""), .numericValueOutOfRange),
    (Call("/", [i(.min), i(-1)], ""), .numericValueOutOfRange),
    (Call("/", [i(1), i(0)], ""), .divisionByZero), (Call("%", [i(1), i(0)], ""), .divisionByZero),
    (Call("/", [f(1), f(0)], ""), .divisionByZero),
    (Call("*", [f(1e300), f(1e300)], ""), .numericValueOutOfRange),
    (Call("/", [d(1, 0), d(0, 0)], ""), .divisionByZero),
    (Call("sqrt", [f(-1)], ""), .invalidArgumentForFunction),
    (Call("ln", [f(0)], ""), .invalidArgumentForFunction),
    (Call("acos", [f(1.1)], ""), .invalidArgumentForFunction),
    (Call("power", [f(-1), f(0.5)], ""), .invalidArgumentForFunction),
    (Call("exp", [f(1000)], ""), .numericValueOutOfRange),
  ]

  @Test("errors in sql, and NULL with a warning in adql", arguments: failures.indices)
  func fails(_ index: Int) throws {
    let (wanted, state) = Self.failures[index]
    do {
      let answer = try call(wanted.name, wanted.arguments)
      Issue.record("\(wanted.name) gave \(answer)")
    } catch let error as SQLError {
      #expect(error.state == state, "\(wanted.name)")
    }
    let context = FunctionContext(domainErrors: .null)
    #expect(try call(wanted.name, wanted.arguments, context) == "NULL")
    #expect(context.warnings.all.map(\.rows) == [1])
  }

  static let patterns: [(text: String, pattern: String, matches: Bool)] = [
    ("", "", true), ("a", "", false), ("", "%", true), ("abc", "abc", true), ("abc", "ab", false),
    ("abc", "a%", true), ("abc", "%c", true), ("abc", "%b%", true), ("abc", "%d%", false),
    ("abc", "a_c", true),
    ("aÞc", "a_c", true), ("ac", "a_c", false), ("abcabd", "%ab_", true), ("abcabd", "a%b%d", true),
    ("a%c", "a\\%c", true), ("abc", "a\\%c", false), ("abc", "%%b%%", true), ("abc", "___", true),
    ("abc", "____", false), ("mississippi", "%iss%pp%", true), ("aaa", "%a_a", true),
    ("ab", "%_%_%", true),
    ("a", "%_%_%", false), ("NGC", "ngc", false),
  ]

  @Test("LIKE's answers", arguments: patterns.indices)
  func like(_ index: Int) throws {
    let (text, pattern, matches) = Self.patterns[index]
    #expect(
      try call("like", [Self.t(text), Self.t(pattern)]) == (matches ? "t" : "f"),
      "\(text) \(pattern)")
  }

  @Test("ILIKE's answers and errors of escapes")
  func ilike() throws {
    #expect(try call("ilike", [Self.t("NGC"), Self.t("n_C")]) == "t")
    #expect(try call("ilike", [Self.t("ÞÓR"), Self.t("þ%")]) == "t")
    #expect(try call("like", [Self.t("a_"), Self.t("a!_"), Self.t("!")]) == "t")
    #expect(try call("like", [Self.t("a\\b"), Self.t("a\\b"), Self.t("")]) == "t")
    #expect(throws: SQLError.self) { try call("like", [Self.t("a"), Self.t("a\\")]) }
    #expect(throws: SQLError.self) { try call("like", [Self.t("a"), Self.t("a"), Self.t("xy")]) }
  }
}
