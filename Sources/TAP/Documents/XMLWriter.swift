import Base
import Formats
import HTTP
import Vectors

/// An XML document, element by element. Everything that is not a name is escaped.
struct XMLWriter {
  private(set) var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
  private var open: [String] = []

  /// `inside` writes the children.
  mutating func element(
    _ name: String, _ attributes: [(name: String, value: String?)] = [],
    _ inside: (inout XMLWriter) -> Void
  ) {
    begin(name, attributes)
    text += ">\n"
    open.append(name)
    inside(&self)
    open.removeLast()
    indent()
    text += "</\(name)>\n"
  }

  /// An element with text; nothing at all without it.
  mutating func element(
    _ name: String, _ attributes: [(name: String, value: String?)] = [], text value: String?
  ) {
    guard let value else { return }
    begin(name, attributes)
    text += ">" + XMLText.escaped(value) + "</\(name)>\n"
  }

  mutating func empty(_ name: String, _ attributes: [(name: String, value: String?)] = []) {
    begin(name, attributes)
    text += "/>\n"
  }

  private mutating func begin(_ name: String, _ attributes: [(name: String, value: String?)]) {
    indent()
    text += "<" + name
    for case (let attribute, let value?) in attributes {
      text += " \(attribute)=\"\(XMLText.escaped(value))\""
    }
  }

  private mutating func indent() { text += String(repeating: "  ", count: open.count) }

  var response: HTTPResponse {
    HTTPResponse(.ok, type: "text/xml;charset=UTF-8", text: text)
  }
}

/// Names of XML that several documents use.
enum Namespace {
  static let instance = "http://www.w3.org/2001/XMLSchema-instance"
  static let resource = "http://www.ivoa.net/xml/VOResource/v1.0"
  static let dataService = "http://www.ivoa.net/xml/VODataService/v1.1"
  static let capabilities = "http://www.ivoa.net/xml/VOSICapabilities/v1.0"
  static let availability = "http://www.ivoa.net/xml/VOSIAvailability/v1.0"
  static let tables = "http://www.ivoa.net/xml/VOSITables/v1.0"
  static let tapRegExt = "http://www.ivoa.net/xml/TAPRegExt/v1.0"
  static let jobs = "http://www.ivoa.net/xml/UWS/v1.0"
  static let links = "http://www.w3.org/1999/xlink"
}

/// Times as the VO writes them: `2026-03-01T12:00:00.000Z`.
enum VOTime {
  static func text(microseconds: Int64) -> String {
    var out = ByteWriter()
    let (seconds, rest) = DateText.floorDivide(microseconds, 1_000_000)
    DateText.append(timestamp: seconds &* 1_000_000_000, separator: 84, to: &out)
    let milliseconds = String(rest / 1000)
    let zeros = String(repeating: "0", count: 3 - milliseconds.count)
    return String(decoding: out.bytes, as: UTF8.self) + "." + zeros + milliseconds + "Z"
  }
}
