import Base
import Glibc

/// Where a server is and who wants to talk to it: `postgresql://user:password@host:port/database`.
///
/// What the address leaves out comes from PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, PGSSLMODE,
/// PGSSLROOTCERT and PGCONNECT_TIMEOUT, then from what libpq takes: 127.0.0.1, 5432, the user's name
/// twice, `prefer`.
public struct ServerAddress: Sendable {
  /// When TLS is used, in libpq's words.
  public enum TLSMode: String, Sendable {
    case disable, allow, prefer, require
    case verifyCA = "verify-ca"
    case verifyFull = "verify-full"
  }

  /// A name, a number, or the directory of a Unix socket.
  public var host: String
  public var port: Int
  public var user: String
  public var password: String?
  public var database: String
  public var tlsMode: TLSMode
  /// Certificates to trust in PEM form; nil: those of the system.
  public var rootCertificatePath: String?
  /// How long connecting and saying who one is may take together; nil: without limit.
  public var connectTimeoutSeconds: Int? = 30
  /// Sent when the connection begins: `application_name`, `options`.
  public var settings: [(name: String, value: String)] = []

  public static func isAddress(_ text: String) -> Bool {
    text.hasPrefix("postgresql://") || text.hasPrefix("postgres://")
  }

  public init(_ uri: String) throws(SQLError) {
    guard let rest = Self.afterScheme(uri) else { throw Self.malformed(uri, "no postgresql://") }
    let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let path = (parts.first ?? "").split(
      separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let authority = path.first ?? ""
    var place = authority
    var account: Substring = ""
    if let at = authority.lastIndex(of: "@") {
      account = authority[..<at]
      place = authority[authority.index(after: at)...]
    }
    let names = account.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let given = Self.splitPlace(place)
    host = try Self.decoded(given.host, uri) ?? Self.environment("PGHOST") ?? "127.0.0.1"
    let portText = try Self.decoded(given.port, uri) ?? Self.environment("PGPORT") ?? "5432"
    guard let number = Int(portText), (1...65_535).contains(number) else {
      throw Self.malformed(uri, "no port: \(portText)")
    }
    port = number
    let user = try Self.decoded(names.first ?? "", uri) ?? Self.environment("PGUSER")
      ?? Self.systemUser
    self.user = user
    password = try (names.count > 1 ? Self.decoded(names[1], uri) : nil)
      ?? Self.environment("PGPASSWORD")
    database = try (path.count > 1 ? Self.decoded(path[1], uri) : nil)
      ?? Self.environment("PGDATABASE") ?? user
    tlsMode = Self.environment("PGSSLMODE").flatMap(TLSMode.init) ?? .prefer
    rootCertificatePath = Self.environment("PGSSLROOTCERT")
    if let text = Self.environment("PGCONNECT_TIMEOUT") { try setTimeout(text, uri) }
    if parts.count > 1 { try readParameters(parts[1], uri) }
  }

  /// The address without its password.
  public var text: String { "postgresql://\(user)@\(host):\(port)/\(database)" }

  private mutating func readParameters(_ text: Substring, _ uri: String) throws(SQLError) {
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let value = try Self.decoded(parts[1], uri) else {
        throw Self.malformed(uri, "a parameter without a value: \(pair)")
      }
      switch parts[0] {
      case "host": host = value
      case "port":
        guard let number = Int(value), (1...65_535).contains(number) else {
          throw Self.malformed(uri, "no port: \(value)")
        }
        port = number
      case "user": user = value
      case "password": password = value
      case "dbname": database = value
      case "connect_timeout": try setTimeout(value, uri)
      case "sslrootcert": rootCertificatePath = value == "system" ? nil : value
      case "sslmode":
        guard let mode = TLSMode(rawValue: value) else {
          throw Self.malformed(uri, "unknown sslmode: \(value)")
        }
        tlsMode = mode
      case "application_name", "options", "client_encoding":
        settings.append((String(parts[0]), value))
      default: throw Self.malformed(uri, "unknown parameter: \(parts[0])")
      }
    }
  }

  /// Zero and less stand for no limit, as in libpq.
  private mutating func setTimeout(_ text: String, _ uri: String) throws(SQLError) {
    guard let seconds = Int(text) else { throw Self.malformed(uri, "no seconds: \(text)") }
    connectTimeoutSeconds = seconds > 0 ? min(seconds, 86_400) : nil
  }

  private static func afterScheme(_ uri: String) -> Substring? {
    for scheme in ["postgresql://", "postgres://"] where uri.hasPrefix(scheme) {
      return uri.dropFirst(scheme.count)
    }
    return nil
  }

  /// `host:port`, with the host in brackets if it is a number of IPv6.
  private static func splitPlace(_ place: Substring) -> (host: Substring, port: Substring) {
    if place.hasPrefix("["), let end = place.firstIndex(of: "]") {
      let rest = place[place.index(after: end)...]
      return (place[place.index(after: place.startIndex)..<end], rest.dropFirst())
    }
    guard let colon = place.lastIndex(of: ":") else { return (place, "") }
    return (place[..<colon], place[place.index(after: colon)...])
  }

  /// Nil for nothing; `%41` is a byte.
  private static func decoded(_ text: Substring, _ uri: String) throws(SQLError) -> String? {
    if text.isEmpty { return nil }
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      guard digits.utf8.count == 2, let value = UInt8(digits, radix: 16), value != 0 else {
        throw malformed(uri, "% without two digits")
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The address is not repeated: it may hold a password.
  private static func malformed(_ uri: String, _ what: String) -> SQLError {
    SQLError(
      .invalidParameterValue, "malformed address of a server: \(what)",
      hint: "Write postgresql://user:password@host:port/database.")
  }

  private static func environment(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }

  private static var systemUser: String {
    environment("USER") ?? environment("LOGNAME") ?? "zij"
  }
}
