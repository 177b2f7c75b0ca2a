import Base
import Engine
import Formats
import Testing
import Vectors

@Suite("CSV reader")
struct CSVReaderTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var text: String
    var options: [String: Value?]
    var contents: CSVContents
    var testDescription: String { name }

    init(
      _ name: String, _ text: String, options: [String: Value?] = [:],
      _ columns: [(String, LogicalType)], rows: [[Value]]
    ) {
      self.name = name
      self.text = text
      self.options = options
      contents = CSVContents(names: columns.map(\.0), types: columns.map(\.1), rows: rows)
    }
  }

  static let cases = [
    Case(
      "header, integers, doubles, NULL", "id,ra\n1,2.5\n2,\n", [("id", .int64), ("ra", .float64)],
      rows: [[.integer(1), .float64(2.5)], [.integer(2), .null]]),
    Case(
      "no header", "1,x\n2,y\n", [("column1", .int64), ("column2", .text)],
      rows: [[.integer(1), .text("x")], [.integer(2), .text("y")]]),
    Case(
      "all text with names", "name,class\nAlcor,star\nM31,galaxy\n",
      [("name", .text), ("class", .text)],
      rows: [[.text("Alcor"), .text("star")], [.text("M31"), .text("galaxy")]]),
    Case(
      "CRLF, quotes, line feeds and doubled quotes", "a,b\r\n\"x\r\ny\",\"say \"\"hi\"\"\"\r\n",
      [("a", .text), ("b", .text)], rows: [[.text("x\r\ny"), .text("say \"hi\"")]]),
    Case(
      "CR alone", "a,b\r1,2\r3,4", [("a", .int64), ("b", .int64)],
      rows: [[.integer(1), .integer(2)], [.integer(3), .integer(4)]]),
    Case("no line end at the end", "a\n1", [("a", .int64)], rows: [[.integer(1)]]),
    Case(
      "NULL and the empty string", "a,b\n,\"\"\nx,y\n", [("a", .text), ("b", .text)],
      rows: [[.null, .text("")], [.text("x"), .text("y")]]),
    Case(
      "null marker", "a,b\nNA,1\n2,NA\n", options: ["null": .text("NA")],
      [("a", .int64), ("b", .int64)], rows: [[.null, .integer(1)], [.integer(2), .null]]),
    Case(
      "one column keeps empty lines", "a\n1\n\n3\n", [("a", .int64)],
      rows: [[.integer(1)], [.null], [.integer(3)]]),
    Case(
      "several columns skip them", "\na,b\n\n1,2\n\n", [("a", .int64), ("b", .int64)],
      rows: [[.integer(1), .integer(2)]]),
    Case(
      "other delimiter", "a;b\n1,5;2\n", options: ["delimiter": .text(";")],
      [("a", .text), ("b", .int64)], rows: [[.text("1,5"), .integer(2)]]),
    Case(
      "semicolons", "a;b\n1,5;2\n3;4\n", [("a", .text), ("b", .int64)],
      rows: [[.text("1,5"), .integer(2)], [.text("3"), .integer(4)]]),
    Case(
      "tabs", "a\tb\nx, y\t2\n", [("a", .text), ("b", .int64)],
      rows: [[.text("x, y"), .integer(2)]]),
    Case(
      "bars, and a bar in quotes", "a|b\n\"x|y\"|2\n", [("a", .text), ("b", .int64)],
      rows: [[.text("x|y"), .integer(2)]]),
    Case(
      "blanks between numbers", "ra dec\n1.5 -2\n3 4\n", [("ra", .float64), ("dec", .int64)],
      rows: [[.float64(1.5), .integer(-2)], [.float64(3), .integer(4)]]),
    Case(
      "blanks between words", "NGC 7000\nNGC 224\n", options: ["header": .boolean(false)],
      [("column1", .text)],
      rows: [[.text("NGC 7000")], [.text("NGC 224")]]),
    Case(
      "one column of timestamps", "2024-01-01 00:00:01\n1970-01-01 00:00:00\n",
      [("column1", .timestamp)],
      rows: [[.timestamp(1_704_067_201_000_000_000)], [.timestamp(0)]]),
    Case(
      "semicolons in one column of text", "note\na; b\nc\n", [("note", .text)],
      rows: [[.text("a; b")], [.text("c")]]),
    Case(
      "names of one's own", "1,2\n", options: ["names": .list([.text("x"), .text("y")])],
      [("x", .int64), ("y", .int64)], rows: [[.integer(1), .integer(2)]]),
    Case(
      "chosen columns", "a,b,c\n1,2,x\n", options: ["columns": .text("C, a")],
      [("c", .text), ("a", .int64)], rows: [[.text("x"), .integer(1)]]),
    Case(
      "NaN as NULL", "a,b\nNaN,1\n2.5,nan\n", options: ["nan": .text("null")],
      [("a", .float64), ("b", .float64)],
      rows: [[.null, .float64(1)], [.float64(2.5), .null]]),
    Case(
      "header off", "a,b\n", options: ["header": .boolean(false)],
      [("column1", .text), ("column2", .text)], rows: [[.text("a"), .text("b")]]),
    Case(
      "header on", "1,2\n3,4\n", options: ["header": nil],
      [("1", .int64), ("2", .int64)], rows: [[.integer(3), .integer(4)]]),
    Case(
      "names repaired", "a,,A\n1,2,3\n", [("a", .int64), ("column2", .int64), ("A_2", .int64)],
      rows: [[.integer(1), .integer(2), .integer(3)]]),
    Case(
      "booleans, dates, timestamps", "b,d,t\ntrue,2024-02-29,2024-02-29T12:00:00Z\nf,1970-01-01,\n",
      [("b", .boolean), ("d", .date), ("t", .timestamp)],
      rows: [
        [.boolean(true), .date(19782), .timestamp(1_709_208_000_000_000_000)],
        [.boolean(false), .date(0), .null],
      ]),
    Case(
      "huge integers stay exact as text", "id\n18446744073709551616\n1\n", [("id", .text)],
      rows: [[.text("18446744073709551616")], [.text("1")]]),
    Case(
      "blanks around numbers", "a, b\n 1 , 2.0\n", [("a", .int64), ("b", .float64)],
      rows: [[.integer(1), .float64(2)]]),
    Case(
      "a byte order mark", "\u{FEFF}a,b\n1,2\n", [("a", .int64), ("b", .int64)],
      rows: [[.integer(1), .integer(2)]]),
    Case(
      "quotes inside an unquoted field", "a,b\n5\" dome,1\n", [("a", .text), ("b", .int64)],
      rows: [[.text("5\" dome"), .integer(1)]]),
    Case(
      "NaN and infinity", "a\nNaN\n-inf\n1\n", [("a", .float64)],
      rows: [[.float64(.nan)], [.float64(-.infinity)], [.float64(1)]]),
    Case("only a header", "a,b\n", [("a", .text), ("b", .text)], rows: []),
    Case("nothing", "", [], rows: []),
    Case("UTF-8", "名,b\né,1\n", [("名", .text), ("b", .int64)], rows: [[.text("é"), .integer(1)]]),
  ]

  @Test("reads", arguments: cases)
  func reads(_ wanted: Case) throws {
    let found = try readCSV(wanted.text, options: wanted.options)
    #expect("\(found)" == "\(wanted.contents)")
  }

  @Test("reads the same from a pipe that gives a byte at a time", arguments: cases)
  func pipes(_ wanted: Case) throws {
    let found = try readCSV(wanted.text, options: wanted.options, chunkSizeBytes: 1)
    #expect("\(found)" == "\(wanted.contents)")
  }

  @Test("reads the same in pieces of any size", arguments: cases)
  func pieces(_ wanted: Case) throws {
    for size in 1...24 {
      let found = try readCSV(
        bytes: Array(wanted.text.utf8), options: wanted.options, pieceSizeBytes: size)
      #expect("\(found)" == "\(wanted.contents)", "\(size)")
    }
  }

  struct Bad: Sendable, CustomTestStringConvertible {
    var name: String
    var text: String
    var expected: [ResultColumn]?
    var message: String
    var testDescription: String { name }

    init(_ name: String, _ text: String, expected: [ResultColumn]? = nil, _ message: String) {
      self.name = name
      self.text = text
      self.expected = expected
      self.message = message
    }
  }

  static let pair = [ResultColumn("id", .int64), ResultColumn("ra", .float64)]
  static let bad = [
    Bad("too many fields", "a,b\n1,2\n1,2,3\n", "t.csv, line 3: 3 fields instead of 2"),
    Bad("too few fields", "a,b\n1\n", "t.csv, line 2: 1 field instead of 2"),
    Bad("unclosed quote", "a,b\n1,\"x\n", "t.csv, line 2, field 2: the quote is never closed"),
    Bad(
      "text behind a quote", "a,b\n1,\"x\"y\n",
      "t.csv, line 2, field 2: text behind the closing quote"),
    Bad(
      "not a number", "id,ra\n1,2\n\"2\",x\n", expected: pair,
      "t.csv, line 3, column \"ra\": not of type double precision: \"x\""),
    Bad(
      "lines inside quotes count", "a,b\n\"1\n2\",3\nx,y\n",
      expected: [ResultColumn("a", .text), ResultColumn("b", .int64)],
      "t.csv, line 4, column \"b\": not of type bigint: \"y\""),
    Bad(
      "out of range", "40000,1\n", expected: [ResultColumn("s", .int16), ResultColumn("i", .int8)],
      "t.csv, line 1, column \"s\": not of type smallint: \"40000\""),
    Bad(
      "empty quoted number", "\"\",1\n", expected: pair,
      "t.csv, line 1, column \"id\": not of type bigint: \"\""),
    Bad(
      "columns in another order", "ra,id\n1,2\n", expected: pair,
      "t.csv, line 1: the columns are in another order than the table's"),
    Bad(
      "another number of columns", "1,2,3\n", expected: pair,
      "t.csv, line 1: 3 fields instead of 2"),
    Bad("FITS", "SIMPLE  =   T", "t.csv: not CSV but a FITS file"),
    Bad("NUL bytes", "a,b\u{0}\n", "t.csv: not CSV but a binary file"),
  ]

  @Test("refuses and says where", arguments: bad)
  func refuses(_ bad: Bad) {
    let error = #expect(throws: SQLError.self) { try readCSV(bad.text, expected: bad.expected) }
    #expect(error?.message == bad.message)
    #expect(error?.state == .badCopyFileFormat)
  }

  @Test("text that is not UTF-8 is refused with its line")
  func notUTF8() {
    let error = #expect(throws: SQLError.self) {
      try readCSV(bytes: Array("a,b\nx,1\ny".utf8) + [0xE9] + Array(",2\n".utf8))
    }
    #expect(error?.message == "t.csv, line 3, column \"a\": text is not UTF-8")
  }

  @Test("a wrong name in the header is refused")
  func nameNotUTF8() {
    let error = #expect(throws: SQLError.self) { try readCSV(bytes: [0xE9] + Array(",b\n1,2".utf8)) }
    #expect(error?.message == "t.csv, line 1, field 1: the name is not UTF-8")
    #expect(error?.hint?.contains("LATIN1") == true)
  }

  static let lateSurprise =
    "id,v\n" + (0..<200_000).map { "\($0),\($0 == 150_000 ? "x" : "1")\n" }.joined()

  @Test("a value that no sample saw is an error with its line, and none with the whole file seen")
  func lateValue() throws {
    let error = #expect(throws: SQLError.self) { try readCSV(Self.lateSurprise) }
    #expect(
      error?.message == "t.csv, line 150002, column \"v\": not of type bigint: \"x\"")
    #expect(error?.hint?.contains("sample => 'all'") == true)
    let found = try readCSV(Self.lateSurprise, options: ["sample": .text("all")])
    #expect(found.types == [.int64, .text])
    let front = try readCSV(Self.lateSurprise, options: ["sample": .integer(160_000)])
    #expect(front.types == [.int64, .text])
  }

  @Test("a sample is taken behind the first block too")
  func places() throws {
    let text = "id,v\n" + (0..<300_000).map { "\($0),\($0 < 200_000 ? "1" : "1.5")\n" }.joined()
    #expect(try readCSV(text).types == [.int64, .float64])
  }

  @Test("more columns than anybody means are refused")
  func manyColumns() {
    let error = #expect(throws: SQLError.self) {
      try readCSV(String(repeating: ",", count: 20_000) + "\n")
    }
    #expect(error?.state == .programLimitExceeded)
  }

  @Test("fills the types of a table")
  func expected() throws {
    let columns: [ResultColumn] = [
      ResultColumn("i8", .int8), ResultColumn("i16", .int16), ResultColumn("i32", .int32),
      ResultColumn("f", .float32), ResultColumn("d", .decimal(precision: 10, scale: 2)),
      ResultColumn("x", .binary), ResultColumn("b", .boolean),
    ]
    let found = try readCSV("-128,32767,5,0.5,1.25,\\x00ff,1\n,,,,,,\n", expected: columns)
    #expect(
      found.rows == [
        [
          .integer(-128), .integer(32767), .integer(5), .float32(0.5), .decimal(125, scale: 2),
          .binary([0, 255]), .boolean(true),
        ],
        [Value](repeating: .null, count: 7),
      ])
  }

  @Test("rows before a bad one are given first")
  func goodRowsFirst() throws {
    let lines = (0..<3000).map { "\($0),\($0)" }.joined(separator: "\n") + "\n1,2,3\n"
    let scan = try CSVReader().open(
      "t.csv", on: TextDisk(Array(lines.utf8)), expected: nil, options: FileOptions(),
      context: QueryContext())
    let generator = try scan.open(part: 0, columns: [1], context: QueryContext())
    var rowCount = 0
    let error = #expect(throws: SQLError.self) {
      while let batch = try generator.next() { rowCount += batch.rowCount }
    }
    #expect(rowCount == 3000)
    #expect(error?.message == "t.csv, line 3001: 3 fields instead of 2")
  }

  @Test("a field longer than the first block, and one that never ends")
  func hugeFields() throws {
    let long = String(repeating: "x", count: 3 << 20)
    let found = try readCSV("a,b\n1,\(long)\n2,y\n")
    #expect(found.rows.map { $0[0] } == [.integer(1), .integer(2)])
    #expect(found.rows.first?[1] == .text(long))
    let endless = [UInt8](repeating: UInt8(ascii: "x"), count: 65 << 20)
    let error = #expect(throws: SQLError.self) { try readCSV(bytes: endless) }
    #expect(error?.state == .programLimitExceeded)
  }

  @Test("what the writer writes comes back", arguments: [",", ";", "\t", "|", " "])
  func roundTrip(_ delimiter: String) throws {
    var random = SplitMix(state: 1)
    let pieces = ["", "a", ",", "\"", "\n", "\r", "é", " ", ";", "\t", "|", "\\.", "NULL"]
    let texts: [Value] = (0..<300).map { row in
      row % 7 == 0
        ? .null
        : .text((0..<(row % 5)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined())
    }
    let numbers: [Value] = (0..<300).map { row in
      row % 5 == 0
        ? .null : .float64(Double(bitPattern: .random(in: 0...(.max >> 12), using: &random)))
    }
    let times: [Value] = (0..<300).map { .timestamp(Int64($0) * 86_400_123_456_789) }
    let all = batch([(.text, texts), (.float64, numbers), (.timestamp, times)])
    let columns = [
      ResultColumn("t", .text), ResultColumn("n", .float64), ResultColumn("time", .timestamp),
    ]
    let options: [String: Value?] = ["delimiter": .text(delimiter)]
    let text = try encode(CSVFormat().begin(columns, options: FileOptions(options)), [all])
    let found = try readCSV(text, options: options, expected: columns)
    #expect(found.rows == (0..<300).map { [texts[$0], numbers[$0], times[$0]] })
  }

  @Test("mutated files give rows or an error, never a crash", arguments: 0..<8)
  func fuzz(_ seed: UInt64) {
    var random = SplitMix(state: seed)
    let original = Array(
      "id,name,when,v\n1,\"a\"\"b\",2024-01-01,1.5\r\n2,,1970-01-01,\n3,\"x\ny\",2000-02-29,1e300\n"
        .utf8)
    for _ in 0..<400 {
      var bytes = original
      for _ in 0..<Int(random.next() % 6 + 1) { mutate(&bytes, &random) }
      let chunk = Int(random.next() % 64) + 1
      let whole = Result { try readCSV(bytes: bytes) }
      let pieces = Result { try readCSV(bytes: bytes, chunkSizeBytes: chunk) }
      #expect("\(whole)" == "\(pieces)")
      let parts = Result { try readCSV(bytes: bytes, pieceSizeBytes: chunk) }
      #expect("\(whole)" == "\(parts)")
    }
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix) {
    let special = Array("\",\n\r\u{0}é;1-\u{7F}".utf8)
    let at = Int(random.next() % UInt64(max(1, bytes.count)))
    switch random.next() % 4 {
    case 0 where !bytes.isEmpty: bytes[at] = UInt8(truncatingIfNeeded: random.next())
    case 1 where !bytes.isEmpty: bytes.remove(at: at)
    case 2:
      bytes.insert(special[Int(random.next() % UInt64(special.count))], at: min(at, bytes.count))
    default: bytes.removeLast(min(bytes.count, Int(random.next() % 8)))
    }
  }
}

/// A small generator with a seed, so that failures repeat.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
