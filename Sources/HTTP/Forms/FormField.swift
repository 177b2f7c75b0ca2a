import Base

/// A field of a form or of a query.
public struct FormField: Hashable, Sendable {
  public var name: String
  public var value: [UInt8]
  /// Of a part of a multipart form that is a file: its name, which may be empty.
  public var fileName: String?
  /// Of a part that has one: its media type.
  public var mediaType: String?

  public init(
    name: String, value: [UInt8], fileName: String? = nil, mediaType: String? = nil
  ) {
    self.name = name
    self.value = value
    self.fileName = fileName
    self.mediaType = mediaType
  }

  /// The value as text; nil if it is not UTF-8.
  public var text: String? { String(validating: value, as: UTF8.self) }
}

/// Forms as browsers and scripts send them. Every function is one of bytes alone, and what it gives
/// is bounded by what it was given.
public enum Form {
  /// A form with more fields than this is refused.
  public static let fieldLimit = 1000

  /// All fields of a request: those of the query first, then those of the body. Throws
  /// `.invalidParameterValue` for a form that cannot be read.
  public static func fields(of request: HTTPRequest) throws(SQLError) -> [FormField] {
    var fields: [FormField] = []
    if let target = HTTPTarget(request.target) { fields = try urlEncoded(Array(target.query.utf8)) }
    guard !request.body.isEmpty else { return fields }
    let type = MediaType(request.header("Content-Type") ?? "application/x-www-form-urlencoded")
    switch type?.name {
    case "application/x-www-form-urlencoded": fields += try urlEncoded(request.body)
    case "multipart/form-data":
      guard let boundary = type?.parameters["boundary"] else {
        throw SQLError(.invalidParameterValue, "multipart form without a boundary")
      }
      fields += try multipart(request.body, boundary: boundary)
    default:
      throw SQLError(
        .invalidParameterValue, "media type of the body is not known",
        hint: "Send application/x-www-form-urlencoded or multipart/form-data.")
    }
    guard fields.count <= fieldLimit else { throw tooMany }
    return fields
  }

  private static var tooMany: SQLError {
    SQLError(.programLimitExceeded, "form has more than \(fieldLimit) fields")
  }

  /// `a=1&b=%20x+y`.
  public static func urlEncoded(_ bytes: [UInt8]) throws(SQLError) -> [FormField] {
    var fields: [FormField] = []
    for pair in bytes.split(separator: UInt8(ascii: "&")) {
      guard fields.count < fieldLimit else { throw tooMany }
      let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
      let rest = pair[equals...].dropFirst()
      guard let name = PercentEncoding.decode(pair[..<equals], plusIsBlank: true),
        let value = PercentEncoding.decode(rest, plusIsBlank: true)
      else {
        throw SQLError(
          .invalidParameterValue, "parameter is not well encoded",
          hint: "Encode values as UTF-8 with % and two hexadecimal digits.")
      }
      fields.append(FormField(name: name, value: Array(value.utf8)))
    }
    return fields
  }
}
