import CMicroHTTPD
import Synchronization

/// A request on its way through libmicrohttpd.
///
/// Its connection is *suspended* while the handler works or while a body has nothing to send: no
/// thread waits. `wake` resumes it from any thread. libmicrohttpd's own pointer is used only under
/// the lock, and is gone before the library frees it.
final class MicroExchange: HTTPExchange, @unchecked Sendable {
  private struct State: @unchecked Sendable {
    var connection: OpaquePointer?
    var isSuspended = false
    /// Resumed, and the library has not come back yet.
    var isResuming = false
    /// Something came between finding nothing and suspending.
    var isAwake = false
    var isClosing = false
    var isAnswered = false
    var response: HTTPResponse?
    var disconnect: [@Sendable () -> Void] = []
    var hasDisconnected = false
  }

  let target: String
  let link: MicroConnection
  private let state: Mutex<State>
  /// Set by the connection's thread before the handler sees it.
  private(set) var request: HTTPRequest
  private(set) var isBodyTooLarge = false
  /// The bodies of all requests together left no room for this one.
  private(set) var isCrowdedOut = false
  var isHandled = false

  init(target: String, connection: OpaquePointer, link: MicroConnection) {
    self.target = target
    self.link = link
    state = Mutex(State(connection: connection))
    request = HTTPRequest(method: "", target: target)
  }

  // MARK: reading the request, on the connection's thread

  func begin(method: String, headers: [HTTPHeader]) {
    request.method = method
    request.headers = headers
  }

  /// Appends to the body; false once so much too much came that reading on is pointless.
  func receive(_ bytes: UnsafeRawBufferPointer, for server: MicroServer) -> Bool {
    let limitBytes = server.options.bodyLimitBytes
    if request.body.count + bytes.count > limitBytes { isBodyTooLarge = true }
    if !isBodyTooLarge, !isCrowdedOut { isCrowdedOut = !server.takeBodyBytes(bytes.count) }
    if isBodyTooLarge || isCrowdedOut {
      discardedBytes += bytes.count
      request.body = []
      giveBody(to: server)
      return discardedBytes <= limitBytes
    }
    takenBytes += bytes.count
    request.body.append(contentsOf: bytes)
    return true
  }

  /// The body counts no longer.
  func giveBody(to server: MicroServer) {
    server.giveBodyBytes(takenBytes)
    takenBytes = 0
  }

  private var discardedBytes = 0
  private var takenBytes = 0

  // MARK: the handler's side

  func respond(_ response: HTTPResponse) {
    let isFirst = state.withLock { state in
      guard !state.isAnswered, state.connection != nil else { return false }
      state.isAnswered = true
      state.response = response
      return true
    }
    if isFirst {
      wake()
    } else if case .stream(let stream) = response.body {
      stream.close()
    }
  }

  func onDisconnect(_ body: @escaping @Sendable () -> Void) {
    let isLate = state.withLock { state in
      if !state.hasDisconnected { state.disconnect.append(body) }
      return state.hasDisconnected
    }
    if isLate { body() }
  }

  // MARK: suspending

  /// The response, if there is one; otherwise the connection is suspended until there is.
  func takeResponseOrSuspend() -> HTTPResponse? {
    state.withLock { state in
      state.isResuming = false
      if let response = state.response {
        state.response = nil
        return response
      }
      if state.isClosing { return HTTPResponse(.serviceUnavailable) }
      suspend(&state)
      return nil
    }
  }

  /// Suspends the connection after a body had nothing to send. False if something has come since.
  func suspendForBody() -> Bool {
    state.withLock { state in
      if state.isAwake || state.isClosing {
        state.isAwake = false
        return false
      }
      suspend(&state)
      return true
    }
  }

  private func suspend(_ state: inout State) {
    guard let connection = state.connection, !state.isSuspended else { return }
    state.isSuspended = true
    MHD_suspend_connection(connection)
  }

  /// Something has come that the connection waits for.
  func wake() {
    state.withLock { state in
      guard let connection = state.connection else { return }
      if state.isSuspended {
        state.isSuspended = false
        state.isResuming = true
        MHD_resume_connection(connection)
      } else {
        state.isAwake = true
      }
    }
  }

  /// The library reads the body: a wake up to now is about what it will find.
  func beginReading() {
    state.withLock { state in
      state.isAwake = false
      state.isResuming = false
    }
  }

  var isSuspended: Bool { state.withLock { $0.isSuspended } }

  /// In the library's list of suspended connections, as far as is known here.
  var isOutOfTurn: Bool { state.withLock { $0.isSuspended || $0.isResuming } }

  // MARK: ending

  /// The client has gone, or the server stops: whoever works for this exchange may stop.
  func disconnect() {
    let bodies = state.withLock { state in
      state.hasDisconnected = true
      state.isClosing = true
      defer { state.disconnect.removeAll() }
      return state.disconnect
    }
    for body in bodies { body() }
    wake()
  }

  var isClosing: Bool { state.withLock { $0.isClosing } }

  /// libmicrohttpd is done with the request; its pointer must not be used any more.
  func complete(isWhole: Bool) {
    let (bodies, response) = state.withLock { state in
      state.connection = nil
      state.isSuspended = false
      state.isResuming = false
      state.isAnswered = true
      let bodies = isWhole ? [] : state.disconnect
      if !isWhole { state.hasDisconnected = true }
      state.disconnect.removeAll()
      defer { state.response = nil }
      return (bodies, state.response)
    }
    for body in bodies { body() }
    if case .stream(let stream) = response?.body { stream.close() }
  }
}
