/// A media type with parameters: `text/csv;header=present`. The same form is used by the header
/// Content-Disposition.
public struct MediaType: Hashable, Sendable {
  /// Lower case.
  public var name: String
  /// Names in lower case, values as written, without their quotes.
  public var parameters: [String: String]

  /// Nil if there is no name, or a parameter without a name or with an open quote.
  public init?(_ text: String) {
    var rest = Substring(text)
    let end = rest.firstIndex(of: ";") ?? rest.endIndex
    name = Self.trimmed(rest[..<end]).lowercased()
    parameters = [:]
    guard !name.isEmpty else { return nil }
    rest = rest[end...].dropFirst()
    while !Self.trimmed(rest).isEmpty {
      guard let equals = rest.firstIndex(of: "=") else { return nil }
      let key = Self.trimmed(rest[..<equals]).lowercased()
      guard !key.isEmpty, let value = Self.value(&rest, from: rest.index(after: equals)) else {
        return nil
      }
      parameters[key] = value
    }
  }

  /// Takes a value, quoted or not, and the semicolon behind it.
  private static func value(_ rest: inout Substring, from start: Substring.Index) -> String? {
    rest = rest[start...].drop { $0 == " " || $0 == "\t" }
    guard rest.first == "\"" else {
      let end = rest.firstIndex(of: ";") ?? rest.endIndex
      defer { rest = rest[end...].dropFirst() }
      return String(trimmed(rest[..<end]))
    }
    rest = rest.dropFirst()
    var value = ""
    while let character = rest.popFirst() {
      if character == "\"" {
        rest = rest[(rest.firstIndex(of: ";") ?? rest.endIndex)...].dropFirst()
        return value
      }
      // Browsers escape quotes in names of files as %22, others with a backslash.
      if character == "\\", let next = rest.first, next == "\"" || next == "\\" {
        value.append(next)
        rest = rest.dropFirst()
      } else {
        value.append(character)
      }
    }
    return nil
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " || $0 == "\t" }
    while let last = text.last, last == " " || last == "\t" { text = text.dropLast() }
    return text
  }
}
