import Base
import HTTP
import Testing

@Suite("Forms")
struct FormTests {
  private static func pairs(_ fields: [FormField]) -> [String] {
    fields.map { "\($0.name)=\($0.text ?? "?")" }
  }

  static let encoded: [(String, [String])] = [
    ("", []),
    ("a=1", ["a=1"]),
    ("a=1&b=2&a=3", ["a=1", "b=2", "a=3"]),
    ("q=SELECT+1%20%2B%202", ["q=SELECT 1 + 2"]),
    ("flag&empty=&=x", ["flag=", "empty=", "=x"]),
    ("a=b=c", ["a=b=c"]),
    ("%C3%A9=%e2%82%ac", ["é=€"]),
    ("&&a=1&", ["a=1"]),
  ]

  @Test("url-encoded fields", arguments: encoded)
  func urlEncoded(_ text: String, _ wanted: [String]) throws {
    #expect(try Self.pairs(Form.urlEncoded(Array(text.utf8))) == wanted)
  }

  @Test("broken encodings are refused", arguments: ["a=%", "a=%1", "%zz=1", "a=%ff", "a=%C3"])
  func broken(_ text: String) {
    #expect(throws: SQLError.self) { try Form.urlEncoded(Array(text.utf8)) }
  }

  @Test("too many fields are refused")
  func tooMany() {
    let text = [String](repeating: "a=1", count: Form.fieldLimit + 1).joined(separator: "&")
    #expect(throws: SQLError.self) { try Form.urlEncoded(Array(text.utf8)) }
  }

  private static let parts =
    "preamble\r\n--xy\r\nContent-Disposition: form-data; name=\"LANG\"\r\n\r\nADQL\r\n"
    + "--xy  \r\ncontent-type: text/xml\r\n"
    + "content-disposition: form-data; name=\"t\"; filename=\"a \\\"b\\\";c.xml\"\r\n\r\n"
    + "line\r\n--x\r\n\r\n--xy--\r\nepilogue"

  @Test("multipart fields and files")
  func multipart() throws {
    let fields = try Form.multipart(Array(Self.parts.utf8), boundary: "xy")
    #expect(Self.pairs(fields) == ["LANG=ADQL", "t=line\r\n--x\r\n"])
    #expect(fields[0].fileName == nil)
    #expect(fields[1].fileName == "a \"b\";c.xml")
    #expect(fields[1].mediaType == "text/xml")
  }

  @Test("delimiters begin lines, and have 70 characters at most")
  func delimiters() throws {
    let part = "\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"
    let text = "--xy\(part)1--xy2\r\n--xy--"
    #expect(try Self.pairs(Form.multipart(Array(text.utf8), boundary: "xy")) == ["a=1--xy2"])
    for length in [70, 71] {
      let boundary = String(repeating: "-", count: length)
      let text = "--\(boundary)\(part)1\r\n--\(boundary)--"
      let fields = try? Form.multipart(Array(text.utf8), boundary: boundary)
      #expect((fields != nil) == (length == 70))
    }
  }

  @Test("a multipart form cut anywhere before its end is refused")
  func cutShort() {
    let bytes = Array(Self.parts.utf8)
    let end = bytes.count - "--\r\nepilogue".utf8.count
    for count in 0..<end {
      #expect(throws: SQLError.self) {
        try Form.multipart(Array(bytes[..<count]), boundary: "xy")
      }
    }
  }

  @Test("parts without headers or a name are refused", arguments: ["", "\r\n", "a: b\r\n\r\n"])
  func nameless(_ part: String) {
    let body = "--xy\r\n\(part)\r\n--xy--"
    for text in [body, "--xy\r\n--xy--"] {
      #expect(throws: SQLError.self) { try Form.multipart(Array(text.utf8), boundary: "xy") }
    }
  }

  static let targets: [(String, [String]?, String)] = [
    ("/tap/sync?a=b?c", ["tap", "sync"], "a=b?c"),
    ("/", [], ""),
    ("//tap//x/", ["tap", "x"], ""),
    ("/a%2Fb/%C3%A9#f", ["a/b", "é"], ""),
    ("http://host:80/tap?x", ["tap"], "x"),
    ("http://host", [], ""),
    ("/..", [".."], ""),
    ("*", nil, ""), ("", nil, ""), ("/%", nil, ""), ("/%00", nil, ""), ("/%ff", nil, ""),
  ]

  @Test("targets", arguments: targets)
  func target(_ text: String, _ segments: [String]?, _ query: String) {
    let target = HTTPTarget(text)
    #expect(target?.segments == segments)
    #expect(target?.query ?? "" == query)
  }

  static let types: [(String, String?, [String: String])] = [
    ("text/csv", "text/csv", [:]),
    ("Text/CSV ; Header=present", "text/csv", ["header": "present"]),
    ("a/b;x=\"1;2\";y= z ", "a/b", ["x": "1;2", "y": "z"]),
    ("", nil, [:]), (";x=1", nil, [:]), ("a/b;x", nil, [:]), ("a/b;x=\"1", nil, [:]),
  ]

  @Test("media types", arguments: types)
  func mediaType(_ text: String, _ name: String?, _ parameters: [String: String]) {
    let type = MediaType(text)
    #expect(type?.name == name)
    #expect(type?.parameters ?? [:] == parameters)
  }

  @Test("addresses to listen on")
  func listening() throws {
    let options = try HTTPServerOptions(listeningOn: "[::1]:8080")
    #expect(options.address == "::1" && options.port == 8080)
    #expect(try HTTPServerOptions(listeningOn: "81").port == 81)
    #expect(try HTTPServerOptions(listeningOn: "localhost:0").address == "127.0.0.1")
    for text in ["", "x", "1.2.3.4", "h:70000", "h:-1"] {
      #expect(throws: SQLError.self) { try HTTPServerOptions(listeningOn: text) }
    }
  }
}
