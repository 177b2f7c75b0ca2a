import Base
import Synchronization
import Wire

/// A client's socket and conversation. Whatever happens to it, a thread of the pool takes its turn, one
/// at a time; between turns it is only an entry in the list of the one thread that waits.
final class SocketConnection: PoolJob, @unchecked Sendable {
  private enum State {
    static let parked = 0
    static let running = 1
    /// Something has happened since the turn began.
    static let again = 2
  }

  /// What to wait for; nil: the connection is over.
  private typealias Parking = SocketEvents?

  /// Bytes after which a thread gives the turn away if others wait for one.
  private static let turnBytes = 8 << 20

  let number: UInt64
  let openedNS: Int64
  private unowned let server: WireServer
  private let channel: SocketChannel
  private let tlsContext: TLSContext?
  private let wire: ServerConnection
  private let state = Atomic<Int>(State.parked)
  private let hasHungUp = Atomic<Bool>(false)
  private let mustEnd = Atomic<Bool>(false)
  private let authenticated = Atomic<Bool>(false)
  private let closingSinceNS = Atomic<Int64>(0)
  private var hasBegun = false
  private var isHandshaking = false
  private var isDirectTLS = false

  init(number: UInt64, socket: Int32, server: WireServer, openedNS: Int64) {
    self.number = number
    self.openedNS = openedNS
    self.server = server
    channel = SocketChannel(socket)
    tlsContext = server.tlsContext
    let wakeUp = WakeUp()
    wire = ServerConnection(
      service: server.service, offersTLS: tlsContext != nil, wake: { wakeUp.connection?.schedule() })
    wakeUp.connection = self
  }

  var socket: Int32 { channel.socket }
  var isAuthenticated: Bool { authenticated.load(ordering: .relaxed) }
  /// When everything was said and only has to be sent; 0 before.
  var closingSince: Int64 { closingSinceNS.load(ordering: .relaxed) }

  // MARK: From any thread

  /// Gives the connection a turn.
  func schedule() {
    while true {
      let now = state.load(ordering: .acquiring)
      let next = now == State.parked ? State.running : State.again
      if now == State.again { return }
      guard
        state.compareExchange(expected: now, desired: next, ordering: .acquiringAndReleasing).exchanged
      else { continue }
      if now == State.parked { server.pool.submit(self) }
      return
    }
  }

  func noteHangup() { hasHungUp.store(true, ordering: .releasing) }

  func cancel() { wire.running.cancel() }

  /// Ends the connection whatever it does.
  func abort() {
    mustEnd.store(true, ordering: .releasing)
    wire.running.cancel()
    schedule()
  }

  // MARK: Turns

  func run() {
    while true {
      state.store(State.running, ordering: .releasing)
      switch turn() {
      case .over: return server.remove(self)
      case .giveAway: return server.pool.submit(self)
      case .park(let events):
        server.polls.change(socket, number: number, events)
        if state.compareExchange(
          expected: State.running, desired: State.parked, ordering: .acquiringAndReleasing
        ).exchanged { return }
      }
    }
  }

  private enum Outcome {
    case over
    case giveAway
    case park(SocketEvents)
  }

  private func turn() -> Outcome {
    if !hasBegun {
      // Nobody would learn why, before a word is said.
      if mustEnd.load(ordering: .acquiring) || server.isEnding { return .over }
      if let outcome = begin() { return outcome }
    }
    var sent = 0
    while true {
      if mustEnd.load(ordering: .acquiring) { return .over }
      if isHandshaking, let outcome = handshake() { return outcome }
      let step = wire.advance()
      if wire.isAuthenticated { authenticated.store(true, ordering: .relaxed) }
      let flushed = flush(&sent)
      if case .closed = flushed { return .over }
      switch step {
      case .read:
        if let outcome = receive(flushed) { return outcome }
      case .write:
        if case .blocked(let events) = flushed { return parkForWriting(events) }
        if sent > Self.turnBytes, server.pool.isWanted { return .giveAway }
      case .wait: return parkForRows(flushed)
      case .startTLS:
        guard case .all = flushed, let tlsContext, channel.startTLS(tlsContext) else { return .over }
        isHandshaking = true
      case .close:
        guard case .blocked(let events) = flushed else { return .over }
        if closingSince == 0 { closingSinceNS.store(SystemClock().monotonicNS(), ordering: .relaxed) }
        return .park(events)
      }
    }
  }

  /// TLS may begin at once: its first byte is none that a start-up message has.
  private func begin() -> Outcome? {
    guard let first = channel.peek() else {
      if hasHungUp.load(ordering: .acquiring) { return .over }
      return .park([.read, .hangup])
    }
    hasBegun = true
    if first == 0x16 {
      guard let tlsContext, channel.startTLS(tlsContext) else { return .over }
      isHandshaking = true
      isDirectTLS = true
    }
    return nil
  }

  private func handshake() -> Outcome? {
    guard let tls = channel.tls else { return .over }
    switch tls.handshake() {
    case .wantsRead: return .park([.read])
    case .wantsWrite: return .park([.write])
    case .closed: return .over
    case .done:
      if isDirectTLS, !tls.namesProtocol { return .over }
      isHandshaking = false
      wire.didStartTLS(certificateHash: tls.certificateHash)
      return nil
    }
  }

  // MARK: Bytes

  private enum Flushed {
    case all
    case blocked(SocketEvents)
    case closed
  }

  private func flush(_ sent: inout Int) -> Flushed {
    while wire.unsentCount > 0 {
      switch channel.send(wire.unsent) {
      case .done(let count):
        wire.didSend(count)
        sent += count
      case .wantsWrite: return .blocked([.write])
      case .wantsRead: return .blocked([.read])
      case .closed: return .closed
      }
    }
    return .all
  }

  private func receive(_ flushed: Flushed) -> Outcome? {
    withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer -> Outcome? in
      switch channel.receive(into: buffer) {
      case .done(let count):
        wire.receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        return nil
      case .wantsRead:
        if case .blocked(let events) = flushed { return .park(events.union(.read)) }
        return .park([.read])
      case .wantsWrite: return .park([.write])
      case .closed: return .over
      }
    }
  }

  /// The client is slow: nothing is asked of the query until it has read.
  private func parkForWriting(_ events: SocketEvents) -> Outcome {
    hasHungUp.load(ordering: .acquiring) ? .over : .park(events.union(.hangup))
  }

  private func parkForRows(_ flushed: Flushed) -> Outcome {
    // Nobody is there who would read the rows.
    if hasHungUp.load(ordering: .acquiring) { return .over }
    if case .blocked(let events) = flushed { return .park(events.union(.hangup)) }
    return .park([.hangup])
  }
}

/// What a query that has rows calls. Made before the connection that it wakes.
private final class WakeUp: @unchecked Sendable {
  weak var connection: SocketConnection?
}
