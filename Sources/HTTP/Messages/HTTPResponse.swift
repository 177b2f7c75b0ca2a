/// What a handler answers.
public struct HTTPResponse: Sendable {
  public enum Body: Sendable {
    case none
    case bytes([UInt8])
    case stream(any HTTPBodyStream)
  }

  public var status: HTTPStatus
  public var headers: [HTTPHeader]
  public var body: Body

  public init(_ status: HTTPStatus, headers: [HTTPHeader] = [], body: Body = .none) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  public init(_ status: HTTPStatus, type: String, text: String) {
    self.init(status, headers: [HTTPHeader("Content-Type", type)], body: .bytes(Array(text.utf8)))
  }

  /// Sends the client on to `location` with GET.
  public static func redirect(to location: String) -> HTTPResponse {
    HTTPResponse(.seeOther, headers: [HTTPHeader("Location", location)])
  }
}

/// A body that is made while it is sent. Used by one thread at a time.
public protocol HTTPBodyStream: AnyObject, Sendable {
  /// Bytes of the whole body if they are known; then exactly so many come.
  var sizeBytes: Int? { get }
  /// Writes the next bytes to `target`, which has room for at least one. After `.pending`, `notify`
  /// is called once, on any thread, when reading again gives something else.
  func read(
    into target: UnsafeMutableRawBufferPointer, notify: @escaping @Sendable () -> Void
  ) -> HTTPBodyProgress
  /// The body has been sent, or nobody wants it any more. Called once.
  func close()
}

public enum HTTPBodyProgress: Hashable, Sendable {
  /// So many bytes were written, at least one.
  case bytes(Int)
  case pending
  case end
  /// The body cannot be completed: the connection breaks off, so that no client takes it for whole.
  case broken
}
