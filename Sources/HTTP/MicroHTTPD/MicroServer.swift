import Base
import CMicroHTTPD
import Glibc
import Synchronization

/// HTTP/1.1 by GNU libmicrohttpd: a few threads over epoll move bytes, requests are handled on
/// `TaskThreads`, and a connection that waits for either is suspended.
public final class MicroServer: HTTPServer, @unchecked Sendable {
  /// How often clients that went away and requests that take too long are looked for.
  private static let sweepMS = 250

  public let port: Int
  let options: HTTPServerOptions
  let tasks: TaskThreads
  private let handler: any HTTPHandler
  private let clock = SystemClock()
  private var daemon: OpaquePointer?
  private let connections = Mutex<[ObjectIdentifier: MicroConnection]>([:])
  private let exchanges = Mutex<[ObjectIdentifier: MicroExchange]>([:])
  private let isStopping = Atomic<Bool>(false)
  /// Bytes of all bodies that there are.
  private let bodyBytes = Atomic<Int>(0)

  /// Starts to listen. `tasks` stay the caller's and must outlive the server.
  public init(
    _ options: HTTPServerOptions, tasks: TaskThreads, handler: any HTTPHandler
  ) throws(SQLError) {
    self.options = options
    self.tasks = tasks
    self.handler = handler
    let listening = try ListeningSocket(address: options.address, port: options.port)
    port = listening.port
    let settings = zij_http_options(
      listening_socket: listening.descriptor, threads: UInt32(max(1, options.threadCount)),
      connections: UInt32(max(1, options.connectionLimit)),
      idle_seconds: UInt32(max(0, options.idleSeconds)),
      connection_bytes: max(16 << 10, options.connectionBytes))
    daemon = zij_http_start(
      settings, Unmanaged.passUnretained(self).toOpaque(), MicroCallbacks.access,
      MicroCallbacks.target, MicroCallbacks.completed, MicroCallbacks.connection)
    guard daemon != nil else {
      close(listening.descriptor)
      throw SQLError(.outOfMemory, "the HTTP server did not start: no threads or no memory")
    }
    scheduleSweep()
  }

  public func stop(withinMS milliseconds: Int) {
    guard let daemon, !isStopping.exchange(true, ordering: .acquiringAndReleasing) else { return }
    let listening = MHD_quiesce_daemon(daemon)
    if listening >= 0 { close(listening) }
    let deadlineNS = clock.monotonicNS() &+ Int64(max(0, milliseconds)) &* 1_000_000
    while clock.monotonicNS() < deadlineNS, exchanges.withLock({ !$0.isEmpty }) { usleep(1000) }
    // The library ends the process if it has a suspended connection when it stops.
    while true {
      let open = exchanges.withLock { Array($0.values) }
      for exchange in open { exchange.disconnect() }
      if !open.contains(where: \.isOutOfTurn) { break }
      usleep(1000)
    }
    MHD_stop_daemon(daemon)
    self.daemon = nil
  }

  // MARK: connections

  func add(_ connection: MicroConnection) {
    connections.withLock { $0[ObjectIdentifier(connection)] = connection }
  }

  /// Called before the socket is closed, so that nobody reaches another connection by its number.
  func remove(_ connection: MicroConnection) {
    connections.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(connection)) }
  }

  var requestDeadlineNS: Int64 {
    clock.monotonicNS() &+ Int64(options.requestSeconds) &* 1_000_000_000
  }

  /// Until then the next request must have begun; bytes alone do not put it off.
  var idleDeadlineNS: Int64 {
    clock.monotonicNS() &+ Int64(max(1, options.idleSeconds)) &* 1_000_000_000
  }

  /// Room for `count` more bytes of bodies; false if there is none.
  func takeBodyBytes(_ count: Int) -> Bool {
    let all = bodyBytes.wrappingAdd(count, ordering: .relaxed).newValue
    if all <= options.allBodiesLimitBytes { return true }
    giveBodyBytes(count)
    return false
  }

  func giveBodyBytes(_ count: Int) { bodyBytes.wrappingSubtract(count, ordering: .relaxed) }

  private func scheduleSweep() {
    tasks.submit(afterMS: Self.sweepMS) { [weak self] in
      guard let self, !isStopping.load(ordering: .relaxed) else { return }
      sweep()
      scheduleSweep()
    }
  }

  private func sweep() {
    let now = clock.monotonicNS()
    connections.withLock { connections in
      for connection in connections.values
      where connection.deadlineNS.load(ordering: .relaxed) < now {
        connection.breakOff()
      }
    }
    // While a connection is suspended the library does not look at its socket.
    let suspended = exchanges.withLock { Array($0.values) }.filter(\.isSuspended)
    for exchange in suspended where hasLost(exchange.link) { exchange.disconnect() }
  }

  private func hasLost(_ link: MicroConnection) -> Bool {
    connections.withLock { $0[ObjectIdentifier(link)] != nil && link.clientHasGone }
  }

  // MARK: exchanges

  func add(_ exchange: MicroExchange) {
    exchanges.withLock { $0[ObjectIdentifier(exchange)] = exchange }
  }

  func remove(_ exchange: MicroExchange) {
    exchanges.withLock { _ = $0.removeValue(forKey: ObjectIdentifier(exchange)) }
  }

  /// A complete request goes to the handler; its connection is suspended by the caller.
  func handle(_ exchange: MicroExchange) {
    if isStopping.load(ordering: .relaxed) {
      return exchange.respond(HTTPResponse(.serviceUnavailable))
    }
    tasks.submit { [handler] in handler.handle(exchange) }
  }
}
