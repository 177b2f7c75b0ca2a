import Base
import Engine
import Testing
import Vectors

@testable import Formats

@Suite("VOTables")
struct VOTableTests {
  static let texts: [(name: String, bytes: [UInt8], xml: String)] = [
    ("plain", Array("a b".utf8), "a b"), ("empty", [], ""),
    ("markup", Array("<a href=\"x\">&'".utf8), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;"),
    ("blanks that readers would change", [9, 10, 13], "&#9;&#10;&#13;"),
    ("letters of all lengths", Array("é€🜨".utf8), "é€🜨"),
    ("control characters", [97, 0, 98, 0x1B, 0x7F], "a\u{FFFD}b\u{FFFD}&#127;"),
    ("no UTF-8", [0xFF, 97, 0xC3], "\u{FFFD}a\u{FFFD}"),
    ("no characters of XML", Array("\u{FFFE}\u{FFFF}x".utf8), "\u{FFFD}\u{FFFD}x"),
  ]

  @Test("text never becomes markup", arguments: texts)
  func text(_ name: String, _ bytes: [UInt8], _ xml: String) {
    var out = ByteWriter()
    bytes.withUnsafeBytes { XMLText.append($0, into: &out) }
    #expect(String(decoding: out.bytes, as: UTF8.self) == xml)
  }

  /// RFC 4648, section 10.
  static let base64 = [
    "": "", "f": "Zg==", "fo": "Zm8=", "foo": "Zm9v", "foob": "Zm9vYg==", "fooba": "Zm9vYmE=",
    "foobar": "Zm9vYmFy",
  ]

  @Test("Base64 is the same in whatever pieces", arguments: base64.keys.sorted())
  func pieces(_ text: String) {
    let bytes = Array(text.utf8)
    for first in 0...bytes.count {
      for second in first...bytes.count {
        var writer = Base64Writer()
        var out = ByteWriter()
        for piece in [bytes[..<first], bytes[first..<second], bytes[second...]] {
          Array(piece).withUnsafeBytes { writer.append($0, into: &out) }
        }
        writer.finish(into: &out)
        #expect(String(decoding: out.bytes, as: UTF8.self) == Self.base64[text])
      }
    }
  }

  /// A column with its cells in both serializations, the second as hexadecimal digits of a row: a byte
  /// with the NULL bit, then the value.
  static let cells: [(type: LogicalType, value: Value, cell: String, row: String)] = [
    (.boolean, .boolean(true), "T", "0054"), (.boolean, .null, "", "803f"),
    (.int8, .integer(-2), "-2", "00fffe"), (.int16, .integer(258), "258", "000102"),
    (.int32, .integer(-1), "-1", "00ffffffff"), (.int64, .null, "", "800000000000000000"),
    (.float64, .float64(1.5), "1.5", "003ff8000000000000"),
    (.float64, .float64(-.infinity), "-Inf", "00fff0000000000000"),
    (.float32, .float32(.nan), "NaN", "007fc00000"),
    (.decimal(precision: 5, scale: 2), .decimal(150, scale: 2), "1.50", "003ff8000000000000"),
    (.text, .text("a<"), "a&lt;", "0000000002613c"), (.text, .text(""), "", "0000000000"),
    (.text, .null, "", "8000000000"), (.binary, .binary([1, 255]), "1 255", "000000000201ff"),
    (.date, .date(0), "1970-01-01", "000000000a313937302d30312d3031"),
    (.point, .structure([.float64(1), .float64(-0.5)]), "1 -0.5",
      "003ff0000000000000bfe0000000000000"),
    (.point, .null, "NaN NaN", "807ff80000000000007ff8000000000000"),
    (.list(.int16), .list([.integer(1), .null]), "1 -32768", "000000000200018000"),
    (.list(.boolean), .list([.boolean(false)]), "F", "000000000146"),
    (.list(.text), .list([.text("x"), .null]), "[&quot;x&quot;,null]",
      "000000000a5b2278222c6e756c6c5d"),
    (.null, .null, "", "8000000000"),
  ]

  @Test("cells of every type", arguments: cells.indices)
  func cell(_ index: Int) {
    let (type, value, cell, row) = Self.cells[index]
    let batch = Batch(columns: [Vector.of([value], type: type)], rowCount: 1)
    let column = [ResultColumn("x", type)]
    let text = Self.document(column, .tabledata, batch)
    #expect(text.contains("<TR><TD>\(cell)</TD></TR>"), "\(text)")
    var writer = Base64Writer()
    var out = ByteWriter()
    let digits = Array(row)
    let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(digits[$0...($0 + 1)]), radix: 16)
    }
    bytes.withUnsafeBytes { writer.append($0, into: &out) }
    writer.finish(into: &out)
    let wanted = "\n" + String(decoding: out.bytes, as: UTF8.self) + "\n</STREAM>"
    let binary = Self.document(column, .binary2, batch)
    #expect(binary.contains(wanted), "\(binary) has no \(wanted)")
  }

  private static func document(
    _ columns: [ResultColumn], _ serialization: VOTableFormat.Serialization, _ batch: Batch
  ) -> String {
    let encoder = VOTableEncoder(columns, serialization)
    var out = ByteWriter()
    encoder.header(into: &out)
    do throws(SQLError) {
      try encoder.append(batch, into: &out)
    } catch {
      Issue.record("\(error)")
    }
    encoder.finish(error: nil, into: &out)
    return String(decoding: out.bytes, as: UTF8.self)
  }

  @Test("fields say what is known, and only what VOTable allows")
  func field() {
    var column = ResultColumn("a\"b", .list(.int32), unit: "deg", ucd: "pos.eq.ra;meta.main")
    column.description = "x < y"
    var out = ByteWriter()
    VOTableField.append(column, into: &out)
    let wanted = "<FIELD name=\"a&quot;b\" datatype=\"int\" arraysize=\"*\" unit=\"deg\" "
      + "ucd=\"pos.eq.ra;meta.main\"><DESCRIPTION>x &lt; y</DESCRIPTION>"
      + "<VALUES null=\"-2147483648\"/></FIELD>\n"
    #expect(String(decoding: out.bytes, as: UTF8.self) == wanted)
    out.removeAll()
    VOTableField.append(ResultColumn("x", .boolean, ucd: "a<b"), into: &out)
    #expect(String(decoding: out.bytes, as: UTF8.self) == "<FIELD name=\"x\" datatype=\"boolean\"/>\n")
  }

  @Test("overflow and errors are said behind the table")
  func status() {
    for (isCut, error) in [(true, nil), (false, SQLError(.divisionByZero, "1 & 0"))] {
      let encoder = VOTableEncoder([], .tabledata)
      encoder.hasOverflowed = isCut
      var out = ByteWriter()
      encoder.header(into: &out)
      encoder.finish(error: error, into: &out)
      let tail = String(decoding: out.bytes, as: UTF8.self).split(separator: "</TABLE>").last ?? ""
      #expect(tail.contains(isCut ? "value=\"OVERFLOW\"/>" : "value=\"ERROR\">1 &amp; 0</INFO>"))
    }
  }

  @Test("an unknown option is refused")
  func options() {
    for options: [String: Value?] in [["serialization": .text("fits")], ["header": .boolean(true)]] {
      #expect(throws: SQLError.self) { try VOTableFormat().check(FileOptions(options)) }
    }
  }
}
