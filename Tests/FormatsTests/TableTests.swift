import Base
import Engine
import Formats
import Testing
import Vectors

@Suite("Tables as psql draws them")
struct TableTests {
  struct Golden: Sendable, CustomTestStringConvertible {
    var name: String
    var style: TableStyle
    var columns: [ResultColumn]
    var batches: [Batch]
    var text: String
    var testDescription: String { name }

    init(
      _ name: String, _ columns: [(String, LogicalType, [Value])], text: String,
      style change: (inout TableStyle) -> Void = { _ in }
    ) {
      self.name = name
      self.columns = columns.map { ResultColumn($0.0, $0.1) }
      batches = columns.isEmpty ? [] : [batch(columns.map { ($0.1, $0.2) })]
      self.text = text
      style = TableStyle()
      change(&style)
    }
  }

  static let lines: [(String, LogicalType, [Value])] = [
    ("x", .text, [.text("a\nbc")]), ("y", .int32, [.integer(1)]), ("z", .text, [.text("p\nq")]),
  ]
  static let pairs: [(String, LogicalType, [Value])] = [
    ("a", .int32, [.integer(1), .integer(3)]), ("b", .int32, [.integer(2), .integer(4)]),
  ]
  static let none: [(String, LogicalType, [Value])] = [("a", .int32, [])]

  // Every text below is what psql 15.18 prints for the same values.
  static let goldens = [
    Golden(
      "several lines in a cell", lines,
      text: " x  | y | z \n----+---+---\n"
        + " a +| 1 | p+\n bc |   | q\n(1 row)\n\n"),
    Golden(
      "wide, combining and control characters",
      [
        ("ra", .text, [.text("é"), .text("a\u{1}\t|\r")]),
        ("日", .text, [.text("日本"), .text("e\u{301}")]),
        ("n", .text, [.null, .text("x")]),
        ("b", .boolean, [.boolean(true), .boolean(false)]),
        ("f", .float64, [.float64(1.5), .float64(-22)]),
      ],
      text: "     ra      |  日  | n | b |  f  \n-------------+------+---+---+-----\n"
        + " é           | 日本 |   | t | 1.5\n a\\x01   |\\r | e\u{301}    | x | f | -22\n"
        + "(2 rows)\n\n"),
    Golden("no rows", none, text: " a \n---\n(0 rows)\n\n"),
    Golden("tuples only", pairs, text: " 1 | 2\n 3 | 4\n\n") { $0.tuplesOnly = true },
    Golden("without footer", pairs, text: " a | b \n---+---\n 1 | 2\n 3 | 4\n\n") {
      $0.hasFooter = false
    },
    Golden("null text", [("n", .text, [.null])], text: "  n   \n------\n NULL\n(1 row)\n\n") {
      $0.nullText = "NULL"
    },
    Golden("expanded", pairs, text: "-[ RECORD 1 ]\na | 1\nb | 2\n-[ RECORD 2 ]\na | 3\nb | 4\n\n")
    {
      $0.isExpanded = true
    },
    Golden(
      "expanded, several lines",
      [
        ("x", .text, [.text("a\nbc"), .text("zzzzzzzzzzzzz")]),
        ("yyyyyyyyyyyyyyyyy", .int32, [.integer(1), .integer(2)]),
        ("z", .text, [.text("p\nq"), .null]),
      ],
      text: """
        -[ RECORD 1 ]-----+--------------
        x                 | a            +
                          | bc
        yyyyyyyyyyyyyyyyy | 1
        z                 | p            +
                          | q
        -[ RECORD 2 ]-----+--------------
        x                 | zzzzzzzzzzzzz
        yyyyyyyyyyyyyyyyy | 2
        z                 | \n

        """
    ) { $0.isExpanded = true },
    Golden("expanded, no rows", none, text: "(0 rows)\n\n") { $0.isExpanded = true },
    Golden("expanded tuples", pairs, text: "a | 1\nb | 2\n--+--\na | 3\nb | 4\n\n") {
      $0.isExpanded = true
      $0.tuplesOnly = true
    },
    Golden("unaligned", pairs, text: "a|b\n1|2\n3|4\n(2 rows)\n") { $0.layout = .unaligned },
    Golden("unaligned tuples", pairs, text: "1|2\n3|4\n") {
      $0.layout = .unaligned
      $0.tuplesOnly = true
    },
    Golden("unaligned expanded", pairs, text: "a|1\nb|2\n\na|3\nb|4\n") {
      $0.layout = .unaligned
      $0.isExpanded = true
    },
    Golden("unaligned with a separator", pairs, text: "a, b\n1, 2\n3, 4\n(2 rows)\n") {
      $0.layout = .unaligned
      $0.fieldSeparator = ", "
    },
  ]

  @Test("draws", arguments: goldens)
  func golden(_ golden: Golden) throws {
    let encoder = golden.style.encoder(for: golden.columns)
    #expect(try encode(encoder, golden.batches) == golden.text)
  }

  @Test("no columns at all")
  func noColumns() throws {
    let encoder = TableStyle().encoder(for: [])
    #expect(try encode(encoder, [Batch(columns: [], rowCount: 1)]) == "--\n(1 row)\n\n")
  }

  @Test("constant, dictionary and sequence vectors look like flat ones")
  func encodings() throws {
    let count = 1024
    let dictionary = Vector(
      type: .text, encoding: .dictionary, count: count,
      storage: Buffer(sizeBytes: count * 4, zeroed: true),
      children: [Vector.of([.text("only")], type: .text)])
    let mixed = Batch(
      columns: [
        .constant(.float64(0.5), type: .float64, count: count), dictionary,
        .sequence(start: 1, step: 2, count: count), .nulls(.text, count: count),
      ], rowCount: count)
    let columns = [
      ResultColumn("c", .float64), ResultColumn("d", .text), ResultColumn("s", .int64),
      ResultColumn("n", .text),
    ]
    var style = TableStyle()
    style.layout = .unaligned
    style.tuplesOnly = true
    let text = try encode(style.encoder(for: columns), [mixed])
    let wanted = (0..<count).map { "0.5|only|\(1 + 2 * $0)|\n" }.joined()
    #expect(text == wanted)
  }

  @Test("later rows stick out instead of being cut, and nothing waits for the end")
  func streaming() throws {
    let encoder = TableStyle().encoder(for: [ResultColumn("n", .int64), ResultColumn("t", .text)])
    let narrow = Batch(
      columns: [
        .sequence(start: 0, step: 0, count: 1000), .constant(.text("x"), type: .text, count: 1000),
      ], rowCount: 1000)
    var out = ByteWriter()
    try encoder.header(into: &out)
    try encoder.append(narrow, into: &out)
    #expect(out.count > 5000)
    out.removeAll()
    try encoder.append(batch([(.int64, [.integer(12345)]), (.text, [.text("yyy")])]), into: &out)
    #expect(String(decoding: out.bytes, as: UTF8.self) == " 12345 | yyy\n")
  }

  @Test(
    "no byte of data reaches the terminal as a control character",
    arguments: [
      TableStyle.Layout.aligned, .unaligned,
    ])
  func injection(_ layout: TableStyle.Layout) throws {
    var evil: [UInt8] = Array(0..<32) + [0x7F, 0xC2, 0x9B, 0xE2, 0x80, 0xAE, 0xFF, 0xC0]
    evil.removeAll { $0 == 10 }
    let vector = VectorBuilder(type: .text)
    evil.withUnsafeBytes { _ = vector.append(bytes: $0) }
    var style = TableStyle()
    style.layout = layout
    let one = Batch(columns: [vector.finish()], rowCount: 1)
    let text = try encode(style.encoder(for: [ResultColumn("\u{1B}[2J", .text)]), [one])
    for byte in text.utf8 { #expect(byte >= 0x20 && byte != 0x7F || byte == 10) }
    #expect(!text.unicodeScalars.contains("\u{9B}") && !text.unicodeScalars.contains("\u{202E}"))
    #expect(text.contains("\\x1B") && text.contains("\\u009B") && text.contains("\\xFF"))
  }
}

@Suite("CSV and JSON writers")
struct WriterTests {
  static let columns = [
    ResultColumn("id", .int64), ResultColumn("a,b", .text), ResultColumn("f", .float64),
    ResultColumn("d", .date), ResultColumn("l", .list(.int64)),
  ]
  static let rows = batch([
    (.int64, [.integer(.min), .null, .integer(7)]),
    (.text, [.text(""), .null, .text("q\"u, o\nte")]),
    (.float64, [.float64(.nan), .float64(1e300), .float64(0.1)]),
    (.date, [.date(0), .null, .date(19782)]),
    (.list(.int64), [.list([.integer(1), .null]), .list([]), .null]),
  ])

  @Test("CSV tells NULL from the empty string and quotes what needs it")
  func csv() throws {
    let encoder = try CSVFormat().begin(Self.columns, options: FileOptions())
    #expect(
      try encode(encoder, [Self.rows]) == """
        id,"a,b",f,d,l
        -9223372036854775808,"",NaN,1970-01-01,"{1,NULL}"
        ,,1e+300,,{}
        7,"q""u, o\nte",0.1,2024-02-29,

        """)
  }

  @Test("CSV options")
  func csvOptions() throws {
    let options = FileOptions([
      "header": .boolean(false), "delimiter": .text(";"), "null": .text("7"),
    ])
    let encoder = try CSVFormat().begin(Self.columns, options: options)
    #expect(
      try encode(encoder, [Self.rows]) == """
        -9223372036854775808;"";NaN;1970-01-01;{1,NULL}
        7;7;1e+300;7;{}
        "7";"q""u, o\nte";0.1;2024-02-29;7

        """)
  }

  @Test("JSON", arguments: [JSONFormat.Layout.array, .lines])
  func json(_ layout: JSONFormat.Layout) throws {
    let encoder = try JSONFormat(layout).begin(Self.columns, options: FileOptions())
    let objects = [
      #"{"id":-9223372036854775808,"a,b":"","f":"NaN","d":"1970-01-01","l":[1,null]}"#,
      #"{"id":null,"a,b":null,"f":1e+300,"d":null,"l":[]}"#,
      #"{"id":7,"a,b":"q\"u, o\nte","f":0.1,"d":"2024-02-29","l":null}"#,
    ]
    let wanted =
      layout == .array
      ? "[\n" + objects.joined(separator: ",\n") + "\n]\n" : objects.joined(separator: "\n") + "\n"
    #expect(try encode(encoder, [Self.rows]) == wanted)
  }

  @Test("JSON keys are distinct, and no rows are an empty array")
  func jsonEdges() throws {
    let twins = [ResultColumn("n", .int64), ResultColumn("n", .int64), ResultColumn("n_2", .int64)]
    let ones = batch((0..<3).map { _ in (.int64, [.integer(1)]) })
    let format = JSONFormat(.lines)
    let text = try encode(format.begin(twins, options: FileOptions()), [ones])
    #expect(text == "{\"n\":1,\"n_3\":1,\"n_2\":1}\n")
    let empty = try JSONFormat(.array).begin(twins, options: FileOptions())
    #expect(try encode(empty, []) == "[]\n")
  }

  @Test("after an error the array stays open")
  func jsonError() throws {
    let encoder = try JSONFormat(.array).begin([ResultColumn("n", .int64)], options: FileOptions())
    var out = ByteWriter()
    try encoder.header(into: &out)
    try encoder.finish(error: SQLError(.queryCanceled, "query cancelled"), into: &out)
    #expect(String(decoding: out.bytes, as: UTF8.self) == "[")
  }

  @Test("formats refuse what they do not know")
  func unknownOptions() {
    let options = FileOptions(["delimitr": .text(";")])
    let error = #expect(throws: SQLError.self) { try CSVFormat().begin([], options: options) }
    #expect(
      error?.hint == "Did you mean \"delimiter\"? Options are header, delimiter and null.")
    #expect(throws: SQLError.self) { try JSONFormat(.array).begin([], options: options) }
    for bad in ["", ";;", "a", "5", "\"", "\n", "-", ".", "é"] {
      #expect(throws: SQLError.self, "\(bad)") {
        try CSVFormat().begin([], options: FileOptions(["delimiter": .text(bad)]))
      }
    }
  }
}
