import Base
import CPlatform
import Synchronization
import Wire

/// Listens for clients of the PostgreSQL protocol.
public final class WireServer: Service, @unchecked Sendable {
  public struct Options: Sendable {
    public var listen: ListenAddress
    /// A Unix socket as well.
    public var socketPath: String?
    public var tls: (certificatePath: String, keyPath: String)?
    /// How long a client may take to say who it is.
    public var authenticationMS = 30_000
    /// Threads at work while none is held up.
    public var threadCount: Int

    public init(listen: ListenAddress, threadCount: Int) {
      self.listen = listen
      self.threadCount = threadCount
    }
  }

  private static let firstConnection: UInt64 = 16
  /// Connections that have not said who they are, beyond those that may be.
  private static let spareConnections = 64
  private static let lingerNS: Int64 = 5_000_000_000
  private static let pauseNS: Int64 = 100_000_000

  let service: WireService
  let pool: WorkPool
  let polls: PollSet
  private let options: Options
  private let tls: Mutex<TLSContext?>
  private let connections = Mutex<[UInt64: SocketConnection]>([:])
  private let isStopping = Atomic<Bool>(false)
  private let isAccepting = Atomic<Bool>(true)
  private var listeners: [UInt64: Int32] = [:]
  /// Tells the file of our Unix socket from another of its name.
  private var socketNumber: UInt64 = 0
  /// Listeners that nobody is accepted from for now, and until when. Only of the thread that waits.
  private var paused: [UInt64: Int64] = [:]
  private var thread: WorkerThread?
  private var nextNumber = firstConnection
  public private(set) var address = ""

  public init(_ service: WireService, options: Options) throws(SQLError) {
    self.service = service
    self.options = options
    tls = Mutex(try Self.context(options))
    pool = WorkPool(
      standing: options.threadCount, most: max(options.threadCount, min(256, service.maximumConnections)))
    polls = try PollSet()
  }

  private static func context(_ options: Options) throws(SQLError) -> TLSContext? {
    guard let paths = options.tls else { return nil }
    return try TLSContext(certificatePath: paths.certificatePath, keyPath: paths.keyPath)
  }

  var tlsContext: TLSContext? { tls.withLock { $0 } }

  // MARK: Service

  public func start() throws(SQLError) {
    let socket = zij_listen(options.listen.host, options.listen.port, 1024)
    guard socket >= 0 else {
      throw SQLError(
        .ioError, "cannot listen on \(options.listen.description): \(Self.systemText())",
        hint: "Choose another address with --listen.")
    }
    var bound = options.listen
    bound.port = zij_bound_port(socket)
    address = "postgresql://\(bound.description)"
    try listen(socket, number: 1)
    if let path = options.socketPath {
      let local = zij_listen_unix(path, 1024, &socketNumber)
      guard local >= 0 else {
        throw SQLError(
          .ioError, "cannot listen on \"\(path)\": \(Self.systemText())",
          hint: "A file, or the socket of a server that runs, stays where it is.")
      }
      try listen(local, number: 2)
    }
    thread = WorkerThread(stackBytes: 1 << 20) { [unowned self] in wait() }
    guard thread != nil else { throw SQLError(.outOfMemory, "no thread could be started") }
  }

  private func listen(_ socket: Int32, number: UInt64) throws(SQLError) {
    listeners[number] = socket
    guard polls.add(socket, number: number, .read, always: true) else {
      throw SQLError(.ioError, "cannot wait for connections: \(Self.systemText())")
    }
  }

  private static func systemText() -> String { String(cString: zij_error_text(zij_last_error())) }

  public func reload() throws(SQLError) {
    let context = try Self.context(options)
    tls.withLock { $0 = context }
  }

  /// From now on these users may connect.
  public func setUsers(_ users: UserStore) { service.setUsers(users) }

  public func stop(withinMS milliseconds: Int) {
    isAccepting.store(false, ordering: .releasing)
    service.drain()
    for connection in all { connection.schedule() }
    waitForEnd(milliseconds)
    for connection in all { connection.cancel() }
    waitForEnd(1000)
    for connection in all { connection.abort() }
    waitForEnd(5000)
    isStopping.store(true, ordering: .releasing)
    polls.wake()
    thread?.join()
    thread = nil
    pool.stop()
    connections.withLock { $0.removeAll() }
    if let path = options.socketPath, listeners[2] != nil { zij_unlink_unix(path, socketNumber) }
    for socket in listeners.values { zij_close(socket) }
    listeners = [:]
  }

  private func waitForEnd(_ milliseconds: Int) {
    let clock = SystemClock()
    let until = clock.monotonicNS() + Int64(milliseconds) * 1_000_000
    let pause = Monitor()
    while connections.withLock({ !$0.isEmpty }), clock.monotonicNS() < until {
      pause.locked { _ = pause.wait(milliseconds: 10) }
    }
  }

  /// Nobody is accepted any more.
  var isEnding: Bool { !isAccepting.load(ordering: .acquiring) }

  // MARK: Connections

  private var all: [SocketConnection] { connections.withLock { Array($0.values) } }

  func remove(_ connection: SocketConnection) {
    polls.remove(connection.socket)
    _ = connections.withLock { $0.removeValue(forKey: connection.number) }
  }

  /// The one thread that waits.
  private func wait() {
    let clock = SystemClock()
    var lastLookNS = clock.monotonicNS()
    while !isStopping.load(ordering: .acquiring) {
      polls.wait(milliseconds: pool.isWanted ? 5 : 200) { number, events in
        if let listener = listeners[number] { return accept(listener, number: number) }
        guard let connection = connections.withLock({ $0[number] }) else { return }
        if !events.isDisjoint(with: [.hangup, .error]) { connection.noteHangup() }
        connection.schedule()
      }
      pool.growIfStuck()
      let now = clock.monotonicNS()
      resumeListening(now)
      if now - lastLookNS > 500_000_000 {
        lastLookNS = now
        endOverdue(now)
      }
    }
  }

  private func accept(_ listener: Int32, number: UInt64) {
    // Others have their turn after a burst.
    for _ in 0..<64 {
      let socket = zij_accept(listener)
      if socket < 0 {
        if zij_lacks_descriptors() == 1 { pause(listener, number: number) }
        return
      }
      let count = connections.withLock { $0.count }
      guard isAccepting.load(ordering: .acquiring),
        count < service.maximumConnections + Self.spareConnections
      else {
        zij_close(socket)
        continue
      }
      let connection = SocketConnection(
        number: nextNumber, socket: socket, server: self, openedNS: SystemClock().monotonicNS())
      nextNumber += 1
      connections.withLock { $0[connection.number] = connection }
      if !polls.add(socket, number: connection.number, [.read]) { remove(connection) }
    }
  }

  /// Without a descriptor to spare nobody can be accepted, and who waits at the door would have us look
  /// again and again.
  private func pause(_ listener: Int32, number: UInt64) {
    polls.remove(listener)
    paused[number] = SystemClock().monotonicNS() + Self.pauseNS
  }

  private func resumeListening(_ now: Int64) {
    for (number, until) in paused where now >= until {
      guard let listener = listeners[number],
        polls.add(listener, number: number, .read, always: true)
      else { continue }
      paused[number] = nil
    }
  }

  /// Clients that do not say who they are, or do not read the last words.
  private func endOverdue(_ now: Int64) {
    let limitNS = Int64(options.authenticationMS) * 1_000_000
    for connection in all {
      let isLate = !connection.isAuthenticated && now - connection.openedNS > limitNS
      let closing = connection.closingSince
      if isLate || closing > 0 && now - closing > Self.lingerNS { connection.abort() }
    }
  }
}
