import Base
import Testing
import Vectors

@Suite("Values as text")
struct ValueTextTests {
  static let pair = LogicalType.structure([StructField("a", .int32), StructField("b", .text)])

  static let cases: [(Value, LogicalType, String)] = [
    (.boolean(true), .boolean, "t"), (.boolean(false), .boolean, "f"),
    (.integer(-5), .int8, "-5"),
    (.decimal(-1234, scale: 2), .decimal(precision: 9, scale: 2), "-12.34"),
    (.float32(0.1), .float32, "0.1"), (.text("a b"), .text, "a b"),
    (.binary([0, 255, 16]), .binary, "\\x00ff10"), (.date(0), .date, "1970-01-01"),
    (.list([.integer(1), .null, .integer(3)]), .list(.int32), "{1,NULL,3}"),
    (.list([]), .list(.int32), "{}"),
    (
      .list([.text("a"), .text(""), .text("null"), .text("x,y"), .text("q\"\\")]), .list(.text),
      "{a,\"\",\"null\",\"x,y\",\"q\\\"\\\\\"}"
    ),
    (
      .list([.list([.integer(1)]), .list([.integer(2)])]), .list(.list(.int64)), "{{1},{2}}"
    ),
    (.list([.timestamp(0)]), .list(.timestamp), "{\"1970-01-01 00:00:00\"}"),
    (.structure([.integer(1), .text("a b")]), pair, "(1,\"a b\")"),
    (.structure([.null, .text("say \"hi\"")]), pair, "(,\"say \"\"hi\"\"\")"),
    (.structure([.float64(10), .float64(20)]), .point, "(10,20)"),
    (.structure([.float64(10), .float64(20), .float64(1)]), .circle, "<(10,20),1>"),
    (
      .list([.structure([.float64(0), .float64(0)]), .structure([.float64(1), .float64(0.5)])]),
      .polygon, "((0,0),(1,0.5))"
    ),
    (.list([.structure([.float64(1), .float64(2)])]), .list(.point), "{\"(1,2)\"}"),
    (.null, .int32, "NULL"),
  ]

  @Test("has PostgreSQL's form", arguments: cases)
  func form(_ value: Value, _ type: LogicalType, _ text: String) throws {
    #expect(try ValueText.text(of: value, type: type) == text)
  }

  @Test("quotes within quotes have an end")
  func quotes() {
    var type = LogicalType.text
    var value = Value.text("\"")
    for _ in 0..<40 {
      type = .structure([StructField("a", type)])
      value = .structure([value])
    }
    do throws(SQLError) {
      _ = try ValueText.text(of: value, type: type)
      Issue.record("2^40 quotes were written")
    } catch {
      #expect(error.state == .programLimitExceeded)
    }
  }

  @Test("is the same for every encoding")
  func encodings() throws {
    var out = [String]()
    let flat = Vector.of([.integer(7), .integer(9)], type: .int64)
    let constant = Vector.constant(.integer(9), type: .int64, count: 2)
    let sequence = Vector.sequence(start: 7, step: 2, count: 2)
    for vector in [flat, constant, sequence] {
      var text = ByteWriter()
      try ValueText.append(vector, 1, into: &text)
      out.append(String(decoding: text.bytes, as: UTF8.self))
    }
    #expect(out == ["9", "9", "9"])
  }
}
