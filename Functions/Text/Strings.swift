import Base
import FunctionKit
import Vectors

/// Text functions. Positions count characters (Unicode code points) from 1.
enum Strings {
  static let functions: [ScalarFunction] = cases + lengths + parts + edits + trims

  /// A function from texts and integers to text: `body` appends the answer for one row.
  static func text(
    _ name: String, aliases: [String] = [], _ parameters: [Quantity], _ summary: String,
    _ sql: String, _ answer: String,
    _ body: @escaping @Sendable (TextRow, inout ByteWriter) -> Void
  ) -> ScalarFunction {
    var function = ScalarFunction(
      name, aliases: aliases, returns: Quantity("result", .text), summary: summary,
      examples: [Example(sql, gives: answer)],
      kernel: .vectors {
        (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
        let flat = arguments.map { $0.flattened() }
        let validity = Kernel.commonValidity(flat, count: count)
        return try Kernel.buildText(count, type, validity: validity, context) {
          (row, out) throws(SQLError) -> Bool in
          guard out.count <= Int(UInt32.max) else { return false }
          body(TextRow(flat, row), &out)
          return true
        }
      }.onDictionaryValues())
    function.parameters = parameters
    return function
  }

  static let source = Quantity("text", .text)
  static func count(_ name: String) -> Quantity { Quantity(name, .integer) }

  // MARK: Case and length

  private static let cases: [ScalarFunction] = [
    folding("lower", "Turns letters into small ones.", "lower('NGC')", "ngc") { (text, out) in
      fold(text, &out, from: UInt8(ascii: "A")) { $0.lowercased() }
    },
    folding("upper", "Turns letters into capitals.", "upper('ngc')", "NGC") { (text, out) in
      fold(text, &out, from: UInt8(ascii: "a")) { $0.uppercased() }
    },
  ]

  private static func folding(
    _ name: String, _ summary: String, _ sql: String, _ answer: String,
    _ body: @escaping @Sendable (UnsafeRawBufferPointer, inout ByteWriter) -> Void
  ) -> ScalarFunction {
    ScalarFunction(
      name, takes: source, returns: Quantity("result", .text), summary: summary,
      source: "ADQL 2.1", examples: [Example(sql, gives: answer)],
      kernel: Kernel.mapText(body).onDictionaryValues())
  }

  /// ASCII letters from `first` on change bit 5; text beyond ASCII takes Unicode's way.
  private static func fold(
    _ text: UnsafeRawBufferPointer, _ out: inout ByteWriter, from first: UInt8,
    _ unicode: (String) -> String
  ) {
    guard let start = text.baseAddress else { return }
    out.reserve(text.count)
    let source = start.assumingMemoryBound(to: UInt8.self)
    let target = out.end.assumingMemoryBound(to: UInt8.self)
    var seen: UInt8 = 0
    for index in 0..<text.count {
      let byte = source[index]
      seen |= byte
      target[index] = byte ^ (byte &- first < 26 ? 0x20 : 0)
    }
    if seen < 0x80 { return out.advance(text.count) }
    out.append(unicode(String(decoding: text, as: UTF8.self)))
  }

  private static func measure(
    _ name: String, aliases: [String] = [], _ summary: String, _ sql: String, _ answer: String,
    _ body: @escaping @Sendable (UnsafeRawBufferPointer) -> Int32
  ) -> ScalarFunction {
    ScalarFunction(
      name, aliases: aliases, takes: source, returns: Quantity("count", LogicalType.int32),
      summary: summary, examples: [Example(sql, gives: answer)],
      kernel: Kernel.measureText(body).onDictionaryValues())
  }

  private static let lengths: [ScalarFunction] = [
    measure(
      "length", aliases: ["char_length", "character_length"], "Counts the characters.",
      "length('Þór')", "3"
    ) { (text) -> Int32 in
      Int32(truncatingIfNeeded: Characters.count(text))
    },
    measure("octet_length", "Counts the bytes of the UTF-8 form.", "octet_length('Þór')", "5") {
      (text) -> Int32 in Int32(truncatingIfNeeded: text.count)
    },
    ScalarFunction(
      "octet_length", takes: Quantity("bytes", LogicalType.binary),
      returns: Quantity("count", LogicalType.int32), summary: "Counts bytes.",
      examples: [Example("octet_length(CAST('abc' AS bytea))", gives: "3")],
      kernel: .measureText { (bytes) -> Int32 in Int32(truncatingIfNeeded: bytes.count) }),
    ScalarFunction(
      "position", aliases: ["strpos"], takes: source, Quantity("part", .text),
      returns: Quantity("position", LogicalType.int32),
      summary: "Gives the position of the first occurrence of a part, 0 if there is none.",
      details: "SQL's POSITION(part IN text) has its arguments the other way round.",
      examples: [Example("strpos('M31 M33', 'M33')", gives: "5")],
      kernel: .measureText { (text, part) -> Int32 in
        guard let offset = TextSearch.offset(of: part, in: text, from: 0) else { return 0 }
        let before = UnsafeRawBufferPointer(rebasing: text[..<min(offset, text.count)])
        return Int32(truncatingIfNeeded: Characters.count(before) + 1)
      }),
    ScalarFunction(
      "starts_with", takes: source, Quantity("prefix", .text),
      returns: Quantity("answer", .boolean), summary: "True if the text begins with the prefix.",
      examples: [Example("starts_with('NGC 1', 'NGC')", gives: "t")],
      kernel: .measureText { (text, prefix) -> Bool in text.starts(with: prefix) }),
  ]

  // MARK: Parts

  private static let parts: [ScalarFunction] = [
    text(
      "substring", aliases: ["substr"], [source, count("from")],
      "Gives the text from a position on.", "substring('NGC 1976', 5)", "1976"
    ) { (row, out) in
      Characters.append(row.bytes(0), from: row.integer(1), until: .max, to: &out)
    },
    text(
      "substring", aliases: ["substr"], [source, count("from"), count("length")],
      "Gives so many characters from a position on.", "substring('NGC 1976', 1, 3)", "NGC"
    ) { (row, out) in
      let (end, overflow) = row.integer(1).addingReportingOverflow(max(0, row.integer(2)))
      Characters.append(
        row.bytes(0), from: row.integer(1), until: overflow ? .max : end, to: &out)
    },
    text(
      "left", [source, count("count")],
      "Gives the first characters; a negative count leaves out so many at the end.",
      "left('NGC 1976', 3)", "NGC"
    ) { (row, out) in
      let end = edge(row.integer(1), row.bytes(0))
      Characters.append(row.bytes(0), from: 1, until: end, to: &out)
    },
    text(
      "right", [source, count("count")],
      "Gives the last characters; a negative count leaves out so many at the start.",
      "right('NGC 1976', 4)", "1976"
    ) { (row, out) in
      let length = Int64(Characters.count(row.bytes(0)))
      let wanted = row.integer(1)
      let start =
        wanted >= 0 ? length &- min(wanted, length) &+ 1 : (0 &- max(wanted, -length)) &+ 1
      Characters.append(row.bytes(0), from: start, until: .max, to: &out)
    },
    text(
      "split_part", [source, Quantity("separator", .text), count("n")],
      "Gives the n-th part between separators, from the end for negative n; else empty text.",
      "split_part('a,b,c', ',', 2)", "b"
    ) { (row, out) in
      let separator = row.bytes(1)
      guard separator.count > 0 else {
        if row.integer(2).magnitude == 1 { out.append(row.bytes(0)) }
        return
      }
      let pieces = Characters.split(row.bytes(0), by: separator)
      let wanted = row.integer(2)
      let index = wanted > 0 ? wanted - 1 : wanted &+ Int64(pieces.count)
      if wanted != 0, index >= 0, index < pieces.count { out.append(pieces[Int(index)]) }
    },
  ]

  private static func edge(_ count: Int64, _ text: UnsafeRawBufferPointer) -> Int64 {
    if count >= 0 { return count == .max ? .max : count + 1 }
    return max(1, Int64(Characters.count(text)) &+ max(count, .min / 2) &+ 1)
  }

  // MARK: Edits

  private static let edits: [ScalarFunction] = [
    text(
      "replace", [source, Quantity("from", .text), Quantity("to", .text)],
      "Replaces every occurrence of a part.", "replace('a-b-c', '-', '+')", "a+b+c"
    ) { (row, out) in
      if row.bytes(1).isEmpty { return out.append(row.bytes(0)) }
      for (index, piece) in Characters.split(row.bytes(0), by: row.bytes(1)).enumerated() {
        if index > 0 { out.append(row.bytes(2)) }
        out.append(piece)
      }
    },
    text(
      "reverse", [source], "Gives the characters in the opposite order.", "reverse('abc')", "cba"
    ) { (row, out) in
      let scalars = String(decoding: row.bytes(0), as: UTF8.self).unicodeScalars
      out.append(String(String.UnicodeScalarView(scalars.reversed())))
    },
    text("||", [source, Quantity("more", .text)], "Joins two texts.", "'a' || 'b'", "ab") {
      (row, out) in
      out.append(row.bytes(0))
      out.append(row.bytes(1))
    },
    ScalarFunction(
      "concat", takes: Quantity("x", .any), variadic: true, returns: Quantity("result", .text),
      summary: "Joins the texts of all arguments; NULLs are left out.",
      examples: [Example("concat('M', 31, NULL)", gives: "M31")], nulls: .custom,
      kernel: .vectors {
        (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
        let flat = arguments.map { $0.flattened() }
        return try Kernel.buildText(count, type, validity: nil, context) {
          (row, out) throws(SQLError) -> Bool in
          for vector in flat where !vector.isNull(row) {
            try ValueText.append(vector, row, into: &out)
          }
          return true
        }
      }),
    sized(
      "repeat", [source, count("count")], "Repeats the text.", "repeat('ab', 2)", "abab",
      size: { (row) in
        Int64(row.bytes(0).count).multipliedReportingOverflow(by: max(0, row.integer(1)))
      }
    ) { (row, out) in
      for _ in 0..<max(0, row.integer(1)) { out.append(row.bytes(0)) }
    },
    sized(
      "lpad", [source, count("length"), Quantity("fill", .text)],
      "Fills up at the start to a length, or cuts off at the end.", "lpad('7', 3, '0')", "007",
      size: padSize
    ) { (row, out) in
      appendPadding(row, &out)
      Characters.append(row.bytes(0), from: 1, until: row.integer(1) &+ 1, to: &out)
    },
    sized(
      "rpad", [source, count("length"), Quantity("fill", .text)],
      "Fills up or cuts off at the end to a length.", "rpad('7', 3, '-')", "7--", size: padSize
    ) { (row, out) in
      Characters.append(row.bytes(0), from: 1, until: row.integer(1) &+ 1, to: &out)
      appendPadding(row, &out)
    },
  ]

  private static func padSize(_ row: TextRow) -> (Int64, Bool) {
    max(0, row.integer(1)).multipliedReportingOverflow(by: 4)
  }

  private static func appendPadding(_ row: TextRow, _ out: inout ByteWriter) {
    let fill = row.bytes(2)
    let fillLength = Int64(Characters.count(fill))
    var missing = row.integer(1) &- Int64(Characters.count(row.bytes(0)))
    while missing > 0, fillLength > 0 {
      Characters.append(fill, from: 1, until: min(missing, fillLength) + 1, to: &out)
      missing -= fillLength
    }
  }

  /// A function whose answer may be huge: more than 1 GiB is an error before it is built.
  private static func sized(
    _ name: String, _ parameters: [Quantity], _ summary: String, _ sql: String, _ answer: String,
    size: @escaping @Sendable (TextRow) -> (Int64, Bool),
    _ body: @escaping @Sendable (TextRow, inout ByteWriter) -> Void
  ) -> ScalarFunction {
    var function = text(name, parameters, summary, sql, answer, body)
    let plain = function.kernel
    function.kernel = .vectors {
      (arguments: [Vector], count: Int, type: LogicalType, context) throws(SQLError) -> Vector in
      let flat = arguments.map { $0.flattened() }
      let validity = Kernel.commonValidity(flat, count: count)
      var total: Int64 = 0
      for row in 0..<count where validity?.isValid(row) ?? true {
        let (bytes, overflow) = size(TextRow(flat, row))
        total = overflow ? .max : min(total, 1 << 40) + min(bytes, 1 << 40)
        if total > 1 << 30 {
          throw SQLError(
            .programLimitExceeded, "text of more than 1 GiB in one batch", at: context.range)
        }
      }
      return try plain.evaluate(arguments, count, type, context)
    }
    return function
  }

  // MARK: Trimming

  private static let trims: [ScalarFunction] =
    trim("trim", aliases: ["btrim"], "both ends", "  a  ", start: true, end: true)
    + trim("ltrim", aliases: [], "the start", "  a", start: true, end: false)
    + trim("rtrim", aliases: [], "the end", "a  ", start: false, end: true)

  private static func trim(
    _ name: String, aliases: [String], _ place: String, _ sample: String, start: Bool, end: Bool
  ) -> [ScalarFunction] {
    [
      text(
        name, aliases: aliases, [source], "Drops blanks at \(place).", "\(name)('\(sample)')", "a"
      ) { (row, out) in
        out.append(Characters.trimmed(row.bytes(0), [" "], atStart: start, atEnd: end))
      },
      text(
        name, aliases: aliases, [source, Quantity("characters", .text)],
        "Drops characters of a set at \(place).", "\(name)('xax', 'x') <> 'xax'", "t"
      ) { (row, out) in
        let set = Array(String(decoding: row.bytes(1), as: UTF8.self).unicodeScalars)
        out.append(Characters.trimmed(row.bytes(0), set, atStart: start, atEnd: end))
      },
    ]
  }
}

/// The arguments of one row of a text function; none is NULL.
struct TextRow {
  private let arguments: [Vector]
  private let row: Int

  init(_ arguments: [Vector], _ row: Int) {
    self.arguments = arguments
    self.row = row
  }

  func bytes(_ index: Int) -> UnsafeRawBufferPointer { arguments[index].bytes(at: row) }
  func integer(_ index: Int) -> Int64 { arguments[index].values(as: Int64.self)[row] }
}
