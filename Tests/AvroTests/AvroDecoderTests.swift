import Avro
import Base
import Testing
import Vectors

private let refusedRecords: [(name: String, bytes: [UInt8], reason: String)] = [
  ("a branch that is not there", [2, 4], "branch"),
  ("a length beyond the end", [2, 2, 0x7E, 65], "too early"),
  ("a number of 70 bits", [UInt8](repeating: 0xFF, count: 10), "64 bits"),
  ("a list of 2⁶² elements", [2, 0, 0xFE] + [UInt8](repeating: 0xFF, count: 7) + [0x7F], "early"),
  ("bytes that are not UTF-8", [2, 2, 2, 0xC0, 0, 0], "UTF-8"),
  ("a symbol that is not there", [2, 0, 0, 4], "symbol"),
  ("a byte too many", AvroDecoderTests.records[1] + [0], "left over"),
]

@Suite("Avro decoder")
struct AvroDecoderTests {
  static let schema = """
    {"type": "record", "name": "alert", "fields": [
      {"name": "id", "type": "long"},
      {"name": "name", "type": ["null", "string"]},
      {"name": "curve", "type": {"type": "array", "items":
        {"type": "record", "name": "point", "fields": [
          {"name": "jd", "type": "double"}, {"name": "stamp", "type": ["bytes", "null"]}]}}},
      {"name": "kind", "type": {"type": "enum", "name": "kinds", "symbols": ["A", "B"]}}]}
    """

  static func record(_ id: Int64, _ name: String?, _ points: [(Double, [UInt8]?)], _ kind: Int64) -> [UInt8] {
    var out = AvroBytes()
    out.number(id)
    out.number(name == nil ? 0 : 1)
    if let name { out.text(name) }
    if !points.isEmpty { out.number(Int64(points.count)) }
    for (jd, stamp) in points {
      out.double(jd)
      out.number(stamp == nil ? 1 : 0)
      guard let stamp else { continue }
      out.number(Int64(stamp.count))
      out.bytes += stamp
    }
    out.number(0)
    out.number(kind)
    return out.bytes
  }

  static let records: [[UInt8]] = [
    record(1, "one", [(1.5, [1, 2]), (2.5, nil)], 0), record(-7, nil, [], 1),
    record(Int64.min, "þ", [(-0.0, [])], 1),
  ]
  static let file = AvroBytes.file(
    schema, [(2, records[0] + records[1]), (1, records[2]), (0, [])])
  static let values: [[Value]] = [
    [
      .integer(1), .text("one"),
      .list([
        .structure([.float64(1.5), .binary([1, 2])]), .structure([.float64(2.5), .null]),
      ]), .text("A"),
    ],
    [.integer(-7), .null, .list([]), .text("B")],
    [.integer(.min), .text("þ"), .list([.structure([.float64(-0.0), .binary([])])]), .text("B")],
  ]

  @Test("gives the values that were written")
  func values() throws { #expect(try readAll(Self.file) == Self.values) }

  @Test("passes over what nobody reads")
  func projection() throws {
    let uses: [FieldUse] = [.whole, .parts([:]), .parts([0: .parts([0: .whole])]), .whole]
    let rows = try readAll(Self.file, uses: uses)
    #expect(rows.map { $0[0] } == Self.values.map { $0[0] })
    #expect(
      rows[0][2] == .list([
        .structure([.float64(1.5), .null]), .structure([.float64(2.5), .null]),
      ]))
    let lengths = try readAll(Self.file, uses: [.whole, .whole, .parts([:]), .whole])
    #expect(lengths[0][2] == .list([.null, .null]))
    #expect(lengths.map { $0[3] } == Self.values.map { $0[3] })
  }

  @Test("a file cut short anywhere is refused, but for whole blocks")
  func cut() throws {
    for length in 0..<Self.file.count {
      let rows = try? readAll(Array(Self.file.prefix(length)))
      #expect([0, 2, 3].contains(rows?.count ?? 0))
      #expect(rows.map { $0 == Array(Self.values.prefix($0.count)) } ?? true)
    }
  }

  @Test("a turned bit anywhere gives rows or an error")
  func damage() {
    for place in Self.file.indices {
      for bit in 0..<8 {
        var bytes = Self.file
        bytes[place] ^= 1 << UInt8(bit)
        _ = try? readAll(bytes)
      }
    }
  }

  @Test("says what is wrong", arguments: refusedRecords.indices)
  func refusal(index: Int) {
    let (name, bytes, reason) = refusedRecords[index]
    do throws(SQLError) {
      _ = try readAll(AvroBytes.file(Self.schema, [(1, bytes)]))
      Issue.record("\(name) was read")
    } catch {
      #expect(error.message.contains(reason), "\(name): \(error.message)")
    }
  }

  @Test("blocks of elements of no bytes have an end", arguments: [FieldUse.whole, .parts([:])])
  func emptyBlocks(use: FieldUse) {
    let schema = """
      {"type": "record", "name": "r", "fields": [
        {"name": "l", "type": {"type": "array", "items": "null"}}]}
      """
    var out = AvroBytes()
    for _ in 0..<4000 { out.number(1 << 20) }
    out.number(0)
    #expect(throws: SQLError.self) {
      try readAll(AvroBytes.file(schema, [(1, out.bytes)]), uses: [use])
    }
  }

  @Test("elements of no bytes cannot fill the memory")
  func emptyElements() {
    let schema = """
      {"type": "record", "name": "r", "fields": [
        {"name": "l", "type": {"type": "array", "items": "null"}}]}
      """
    var out = AvroBytes()
    out.number(1 << 40)
    out.number(0)
    #expect(throws: SQLError.self) { try readAll(AvroBytes.file(schema, [(1, out.bytes)])) }
  }
}
