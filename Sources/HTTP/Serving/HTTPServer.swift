import Base

/// A server of HTTP/1.1.
public protocol HTTPServer: AnyObject, Sendable {
  /// The TCP port that it listens on.
  var port: Int { get }
  /// Takes no more connections, lets exchanges end within the time, breaks off the rest, and joins
  /// the server's threads. Called once.
  func stop(withinMS milliseconds: Int)
}

/// Answers requests.
public protocol HTTPHandler: AnyObject, Sendable {
  /// Called on a thread of the server's `TaskThreads`; answers now or later, from any thread, and
  /// does not wait for anything that takes long.
  func handle(_ exchange: any HTTPExchange)
}

/// A request and the one response to it.
public protocol HTTPExchange: AnyObject, Sendable {
  var request: HTTPRequest { get }
  /// Sends the response; a second one is dropped.
  func respond(_ response: HTTPResponse)
  /// `body` is called once, from any thread, if the client goes before everything is sent; at once
  /// if it has gone already.
  func onDisconnect(_ body: @escaping @Sendable () -> Void)
}

/// Where a server listens and what it takes from a client.
public struct HTTPServerOptions: Sendable {
  /// An IPv4 or IPv6 address.
  public var address = "127.0.0.1"
  /// 0: any free one.
  public var port = 0
  /// Threads that move bytes; no request waits on one.
  public var threadCount = 2
  public var connectionLimit = 1000
  /// A connection on which nothing moves for so long is closed.
  public var idleSeconds = 120
  /// From its first byte until it is complete a request has so long.
  public var requestSeconds = 60
  /// Memory of a connection for the request line, the headers and the bytes on their way out.
  public var connectionBytes = 128 << 10
  public var bodyLimitBytes = 8 << 20
  /// Bodies of all requests at one time; more are told to come back later.
  public var allBodiesLimitBytes = 512 << 20

  public init() {}

  /// Reads `host:port`, `[v6]:port`, `:port` or `port`.
  public init(listeningOn text: String) throws(SQLError) {
    var host = Substring("127.0.0.1")
    var digits = Substring(text)
    if let colon = text.lastIndex(of: ":") {
      host = text[..<colon]
      digits = text[text.index(after: colon)...]
      if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
    }
    guard let port = UInt16(digits) else {
      throw SQLError(
        .invalidParameterValue, "not an address to listen on: \"\(text)\"",
        hint: "Write it as 127.0.0.1:8080.")
    }
    if !host.isEmpty { address = host == "localhost" ? "127.0.0.1" : String(host) }
    self.port = Int(port)
  }
}
