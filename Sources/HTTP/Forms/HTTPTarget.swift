/// The target of a request line, taken apart: decoded path segments and the raw query.
public struct HTTPTarget: Hashable, Sendable {
  /// Decoded, without the empty ones that doubled slashes leave; nil where the encoding is broken.
  public var segments: [String]
  /// Behind the `?`, still encoded.
  public var query: String

  /// Nil for a target whose path is not well encoded, has NUL in it, or does not begin with `/`.
  /// The absolute form `http://host/path` is understood, too.
  public init?(_ target: String) {
    var rest = Substring(target)
    if !rest.hasPrefix("/"), let colon = rest.firstIndex(of: ":"), rest[colon...].hasPrefix("://") {
      let behind = rest[colon...].dropFirst(3)
      rest = behind.firstIndex(of: "/").map { behind[$0...] } ?? "/"
    }
    if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
    let mark = rest.firstIndex(of: "?")
    query = mark.map { String(rest[rest.index(after: $0)...]) } ?? ""
    let path = mark.map { rest[..<$0] } ?? rest
    guard path.hasPrefix("/") else { return nil }
    segments = []
    for part in path.split(separator: "/") {
      guard let decoded = PercentEncoding.decode(part.utf8, plusIsBlank: false),
        !decoded.utf8.contains(0)
      else { return nil }
      segments.append(decoded)
    }
  }
}
