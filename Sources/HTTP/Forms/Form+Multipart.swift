import Base

/// `multipart/form-data` as RFC 7578 and RFC 2046 describe it.
extension Form {
  private static let headerLimitBytes = 8 << 10

  /// The parts of a body that `boundary` divides. Throws for one that is cut short.
  public static func multipart(
    _ body: [UInt8], boundary: String
  ) throws(SQLError) -> [FormField] {
    guard !boundary.isEmpty, boundary.utf8.count <= 200 else { throw broken("its boundary") }
    let delimiter = Array("--\(boundary)".utf8)
    guard var position = find(delimiter, in: body, from: 0) else { throw broken("no part") }
    var fields: [FormField] = []
    while true {
      position += delimiter.count
      if body[position...].starts(with: [45, 45]) { return fields }
      position = skipBlanks(body, from: position)
      guard body[position...].starts(with: [13, 10]) else { throw broken("a delimiter") }
      guard let end = find([13, 10] + delimiter, in: body, from: position) else {
        throw broken("its end")
      }
      guard fields.count < fieldLimit else {
        throw SQLError(.programLimitExceeded, "form has more than \(fieldLimit) parts")
      }
      fields.append(try part(body[position..<end]))
      position = end + 2
    }
  }

  private static func broken(_ what: String) -> SQLError {
    SQLError(.invalidParameterValue, "multipart form is not whole: \(what)")
  }

  private static func skipBlanks(_ body: [UInt8], from start: Int) -> Int {
    var position = start
    while position < body.count, body[position] == 32 || body[position] == 9 { position += 1 }
    return position
  }

  /// The first place of `pattern`, whose first byte is rare.
  static func find(_ pattern: [UInt8], in body: [UInt8], from start: Int) -> Int? {
    guard let first = pattern.first, body.count >= pattern.count else { return nil }
    var position = start
    let last = body.count - pattern.count
    while position <= last {
      guard let place = body[position...last].firstIndex(of: first) else { return nil }
      if body[place...].starts(with: pattern) { return place }
      position = place + 1
    }
    return nil
  }

  /// A part from the line break before its headers on.
  private static func part(_ bytes: ArraySlice<UInt8>) throws(SQLError) -> FormField {
    guard bytes.count >= 2 else { throw broken("the headers of a part") }
    var field: FormField?
    var mediaType: String?
    var position = bytes.startIndex + 2
    while true {
      let window = bytes[position..<min(bytes.endIndex, position + headerLimitBytes)]
      guard let end = window.firstIndex(of: 13), end + 1 < bytes.endIndex, bytes[end + 1] == 10
      else { throw broken("the headers of a part") }
      let line = String(decoding: bytes[position..<end], as: UTF8.self)
      position = end + 2
      if line.isEmpty { break }
      guard let colon = line.firstIndex(of: ":") else { throw broken("a header of a part") }
      let value = String(line[line.index(after: colon)...])
      switch line[..<colon].lowercased() {
      case "content-disposition": field = disposition(value)
      case "content-type": mediaType = MediaType(value)?.name
      default: break
      }
    }
    guard var field else { throw broken("a part without a name") }
    field.mediaType = mediaType
    field.value = Array(bytes[position...])
    return field
  }

  /// `form-data; name="a"; filename="b.xml"`.
  private static func disposition(_ value: String) -> FormField? {
    guard let type = MediaType(value), type.name == "form-data",
      let name = type.parameters["name"]
    else { return nil }
    return FormField(name: name, value: [], fileName: type.parameters["filename"])
  }
}
