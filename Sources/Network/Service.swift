import Base

/// A door of the server: something that listens, and can be told to stop.
public protocol Service: AnyObject, Sendable {
  /// What users connect to, such as `postgresql://127.0.0.1:5433`; known after `start`.
  var address: String { get }
  /// Begins to listen. Throws if the address cannot be had.
  func start() throws(SQLError)
  /// Reads certificates and users anew; on failure everything stays as it was.
  func reload() throws(SQLError)
  /// Accepts nobody any more, lets what runs end within the time, cancels the rest, and returns when
  /// all is over.
  func stop(withinMS milliseconds: Int)
}

/// A numeric address and a port, as in `127.0.0.1:5433` or `[::1]:5433`.
public struct ListenAddress: Hashable, Sendable {
  public var host: String
  public var port: UInt16

  /// Nil for anything else. Port 0 stands for any that is free.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"),
      let port = UInt16(text[text.index(after: colon)...])
    else { return nil }
    var host = text[..<colon]
    if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
    self.host = host == "localhost" ? "127.0.0.1" : String(host)
    self.port = port
    if NumericAddress.isLoopback(self.host) == nil { return nil }
  }

  /// Only this machine can reach it.
  public var isLoopback: Bool { NumericAddress.isLoopback(host) ?? false }

  public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
