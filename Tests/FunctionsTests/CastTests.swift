import Base
import FunctionKit
import Functions
import Testing
import Vectors

@Suite("Casts")
struct CastTests {
  static let decimal = LogicalType.decimal(precision: 6, scale: 2)

  static let good: [(Value, LogicalType, LogicalType, String)] = [
    (.integer(300), .int64, .int16, "300"), (.integer(5), .int32, .boolean, "t"),
    (.boolean(true), .boolean, .int64, "1"),
    (.float64(2.5), .float64, .int32, "2"), (.float64(3.5), .float64, .int64, "4"),
    (.float64(-0.4), .float64, .int8, "0"),
    (.float64(1.005), .float64, decimal, "1.01"), (.float64(0.1), .float64, .float32, "0.1"),
    (.float32(0.1), .float32, .float64, "0.10000000149011612"),
    (.decimal(250, scale: 2), decimal, .int32, "3"),
    (.decimal(-250, scale: 2), decimal, .int32, "-3"),
    (.decimal(125, scale: 2), decimal, .float64, "1.25"),
    (.decimal(125, scale: 2), decimal, .decimal(precision: 9, scale: 1), "1.3"),
    (.integer(12), .int16, decimal, "12.00"),
    (.text(" 42 "), .text, .int32, "42"), (.text("1e3"), .text, .float64, "1000"),
    (.text("NaN"), .text, .float32, "NaN"),
    (.text("yes"), .text, .boolean, "t"), (.text("1.239"), .text, decimal, "1.24"),
    (.text("2024-02-29"), .text, .date, "2024-02-29"),
    (.text("2024-02-29T01:00+01"), .text, .timestamp, "2024-02-29 00:00:00"),
    (.text("\\x00FF"), .text, .binary, "\\x00ff"), (.text("ab"), .text, .binary, "\\x6162"),
    (.text("10 20"), .text, .point, "(10,20)"),
    (.text("<(10,20),1>"), .text, .circle, "<(10,20),1>"),
    (.text("0 0 1 0 0 1"), .text, .polygon, "((0,0),(1,0),(0,1))"),
    (.text("{1, NULL,3}"), .text, .list(.int32), "{1,NULL,3}"),
    (.text("{\"a,b\",c}"), .text, .list(.text), "{\"a,b\",c}"),
    (.text("{{1},{2,3}}"), .text, .list(.list(.int8)), "{{1},{2,3}}"),
    (.boolean(true), .boolean, .text, "true"), (.float64(1e20), .float64, .text, "1e+20"),
    (.date(0), .date, .timestamp, "1970-01-01 00:00:00"),
    (.timestamp(-1), .timestamp, .date, "1969-12-31"),
    (.list([.integer(1), .null]), .list(.int64), .list(.text), "{1,NULL}"),
    (.list([]), .list(.int64), .list(.float64), "{}"), (.null, .null, .date, "NULL"),
  ]

  @Test("convert", arguments: good.indices)
  func converts(_ index: Int) throws {
    let (value, from, to, text) = Self.good[index]
    let kernel = try #require(Casts.kernel(from: from, to: to))
    let answer = try kernel.evaluate([Vector.of([value], type: from)], 1, to, FunctionContext())
    #expect(answer.type == to)
    #expect(try ValueText.text(of: answer.value(at: 0), type: to) == text, "\(value) to \(to)")
  }

  static let bad: [(Value, LogicalType, LogicalType, SQLState, String)] = [
    (.integer(300), .int64, .int8, .numericValueOutOfRange, "value out of range"),
    (.float64(.nan), .float64, .int64, .numericValueOutOfRange, "value out of range"),
    (.float64(9.3e18), .float64, .int64, .numericValueOutOfRange, "value out of range"),
    (.float64(1e39), .float64, .float32, .numericValueOutOfRange, "value out of range"),
    (.float64(12345), .float64, decimal, .numericValueOutOfRange, "value out of range"),
    (
      .text("12x"), .text, .int32, .invalidTextRepresentation,
      "invalid input for type integer: \"12x\""
    ),
    (
      .text(""), .text, .float64, .invalidTextRepresentation,
      "invalid input for type double precision: \"\""
    ),
    (
      .text("128"), .text, .int8, .numericValueOutOfRange,
      "value out of range for type tinyint: \"128\""
    ),
    (
      .text("2024-02-30"), .text, .date, .datetimeOverflow,
      "value out of range for type date: \"2024-02-30\""
    ),
    (
      .text("10"), .text, .point, .invalidTextRepresentation, "invalid input for type point: \"10\""
    ),
    (
      .text("{1,"), .text, .list(.int32), .invalidTextRepresentation,
      "invalid input for type integer[]: \"{1,\""
    ),
    (
      .text("\\x0"), .text, .binary, .invalidTextRepresentation,
      "invalid input for type bytea: \"\\x0\""
    ),
  ]

  @Test("refuse what cannot be converted", arguments: bad.indices)
  func refuses(_ index: Int) throws {
    let (value, from, to, state, message) = Self.bad[index]
    let kernel = try #require(Casts.kernel(from: from, to: to))
    let source = Vector.of([value], type: from)
    do throws(SQLError) {
      _ = try kernel.evaluate([source], 1, to, FunctionContext())
      Issue.record("no error")
    } catch {
      #expect(error.state == state)
      #expect(error.message == message)
    }
    let answer = try kernel.evaluate([source], 1, to, FunctionContext(domainErrors: .null))
    #expect(answer.value(at: 0) == .null)
  }

  @Test("exist for every pair that the rules name, and no other")
  func matrix() {
    let plain: [LogicalType] = [
      .boolean, .int8, .int16, .int32, .int64, .float32, .float64, Self.decimal, .date, .timestamp,
      .binary, .point,
    ]
    for from in plain {
      #expect(Casts.kernel(from: from, to: .text) != nil)
      #expect(Casts.kernel(from: .text, to: from) != nil)
      for to in plain {
        let numbers = from.isNumeric && to.isNumeric
        let truth = (from == .boolean && to.isInteger) || (from.isInteger && to == .boolean)
        let times = [from, to].allSatisfy { $0 == .date || $0 == .timestamp }
        #expect(
          (Casts.kernel(from: from, to: to) != nil) == (from == to || numbers || truth || times),
          "\(from) \(to)")
      }
    }
  }
}
