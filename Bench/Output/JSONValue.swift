import Base
import Vectors

/// A JSON document to be written; members keep their order.
indirect enum JSONValue {
  case text(String)
  /// NaN and infinities, which JSON does not know, become null.
  case number(Double)
  case integer(Int)
  case list([JSONValue])
  case object([(String, JSONValue)])

  /// The document with a line for each member and a short object on one line.
  var rendered: String { Self.render(self, indent: "") + "\n" }

  private static func render(_ value: JSONValue, indent: String) -> String {
    let inner = indent + "  "
    switch value {
    case .text(let text): return quoted(text)
    case .number(let number): return number.isFinite ? "\(number)" : "null"
    case .integer(let number): return "\(number)"
    case .list(let items):
      let lines = items.map { inner + flat($0) }
      return items.isEmpty ? "[]" : "[\n" + lines.joined(separator: ",\n") + "\n\(indent)]"
    case .object(let members):
      let lines = members.map { inner + quoted($0.0) + ": " + render($0.1, indent: inner) }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
    }
  }

  /// Everything on one line.
  private static func flat(_ value: JSONValue) -> String {
    switch value {
    case .object(let members):
      "{" + members.map { quoted($0.0) + ": " + flat($0.1) }.joined(separator: ", ") + "}"
    case .list(let items): "[" + items.map(flat).joined(separator: ", ") + "]"
    default: render(value, indent: "")
    }
  }

  private static func quoted(_ text: String) -> String {
    var out = ByteWriter()
    JSONText.append(string: text, into: &out)
    return String(decoding: out.bytes, as: UTF8.self)
  }
}

/// Writes a file in one go.
enum OutputFile {
  static func write(_ text: String, to path: String) throws(SQLError) {
    let file = try PosixDisk().create(path, replacing: true)
    var out = ByteWriter(capacity: text.utf8.count)
    out.append(text)
    try file.write(out.bytes)
    try file.close()
  }
}
