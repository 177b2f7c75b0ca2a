import Base
import Glibc

/// `multipart/form-data` as RFC 7578 and RFC 2046 describe it.
extension Form {
  private static let headerLimitBytes = 8 << 10
  /// RFC 2046, section 5.1.1.
  private static let boundaryLimitBytes = 70

  /// The parts of a body that `boundary` divides. Throws for one that is cut short.
  public static func multipart(
    _ body: [UInt8], boundary: String
  ) throws(SQLError) -> [FormField] {
    guard !boundary.isEmpty, boundary.utf8.count <= boundaryLimitBytes else {
      throw broken("its boundary")
    }
    // Delimiters begin lines; the first one may begin the body.
    let delimiter = Array("\r\n--\(boundary)".utf8)
    var position = delimiter.count - 2
    if !body.starts(with: delimiter[2...]) {
      guard let first = find(delimiter, in: body, from: 0) else { throw broken("no part") }
      position = first + delimiter.count
    }
    var fields: [FormField] = []
    while true {
      if body[position...].starts(with: [45, 45]) { return fields }
      position = skipBlanks(body, from: position)
      guard body[position...].starts(with: [13, 10]) else { throw broken("a delimiter") }
      guard let end = find(delimiter, in: body, from: position) else {
        throw broken("its end")
      }
      guard fields.count < fieldLimit else {
        throw SQLError(.programLimitExceeded, "form has more than \(fieldLimit) parts")
      }
      fields.append(try part(body[position..<end]))
      position = end + delimiter.count
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

  /// The first place from `start` on of a delimiter, which begins with a line break and has no other:
  /// so every byte is looked at twice at most.
  private static func find(_ delimiter: [UInt8], in body: [UInt8], from start: Int) -> Int? {
    body.withUnsafeBytes { body in
      guard let base = body.baseAddress, body.count >= delimiter.count else { return nil }
      let last = body.count - delimiter.count
      var place = start
      while place <= last {
        guard let found = memchr(base + place + 1, 10, last + 1 - place) else { return nil }
        place = UnsafeRawPointer(found) - base - 1
        if memcmp(base + place, delimiter, delimiter.count) == 0 { return place }
        place += 1
      }
      return nil
    }
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
