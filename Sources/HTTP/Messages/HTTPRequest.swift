/// A request whose body has been read. What it holds came from the network and means nothing yet.
public struct HTTPRequest: Sendable {
  public var method: String
  /// As in the request line: path and query, still percent-encoded.
  public var target: String
  /// In the order in which they came, names as sent.
  public var headers: [HTTPHeader]
  public var body: [UInt8]

  public init(
    method: String, target: String, headers: [HTTPHeader] = [], body: [UInt8] = []
  ) {
    self.method = method
    self.target = target
    self.headers = headers
    self.body = body
  }

  /// The first header of that name, without regard to case.
  public func header(_ name: String) -> String? {
    let wanted = name.lowercased()
    return headers.first { $0.name.lowercased() == wanted }?.value
  }
}

public struct HTTPHeader: Hashable, Sendable {
  public var name: String
  public var value: String

  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}
