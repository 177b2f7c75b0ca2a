import Base
import Engine
import Synchronization

/// The server's side of one conversation, without its socket.
///
/// Whoever has the socket gives what arrives to `receive`, calls `advance` and does what it asks for,
/// and sends what is `unsent`. One thread at a time may do so; which one does not matter. Nothing here
/// waits for the client or for rows: `advance` returns instead. It does wait for statements that do
/// all their work at once, such as INSERT, so it is not called on a thread that serves others.
public final class ServerConnection {
  /// What has to happen before `advance` can go on.
  public enum Step: Sendable {
    /// More bytes from the client.
    case read
    /// The client has to take some of what is unsent.
    case write
    /// `wake` will be called.
    case wait
    /// Everything unsent, then a TLS handshake; then `didStartTLS`.
    case startTLS
    /// Everything unsent, then the end.
    case close
  }

  enum Phase {
    case startup
    case authenticating(ScramExchange)
    case ready
    /// After an error in the extended protocol: everything until Sync is left out.
    case skipping
    case copyIn(CopyIn)
    case closed
  }

  /// Which of its two ways of asking the client uses: they differ in what follows an error.
  enum Mode { case simple, extended }

  static let highWaterBytes = 256 << 10

  let service: WireService
  /// Called, on any thread, when rows have come for which `advance` answered `wait`.
  let wake: @Sendable () -> Void
  /// Whether TLS can be had.
  let offersTLS: Bool
  private(set) var hasTLS = false
  /// The hash of the server's certificate, for channel binding.
  private(set) var certificateHash: [UInt8]?

  var phase = Phase.startup
  var mode = Mode.simple
  var session: Session?
  /// Has a place among the sessions.
  var isAdmitted = false
  var user = ""
  var minorVersion: Int32 = 0
  /// The application's name as the client knows it to be known.
  var reportedName = ""
  /// Kept until the client is believed.
  var startParameters: [StartupMessage.Parameter] = []
  let cancelTarget = CancelTarget()
  var processID: Int32?
  private let stopped = Atomic<Bool>(false)

  /// For what the client has the server keep.
  let memory: MemoryAccount
  let unreadReservation: MemoryReservation
  var unreadBytes = 0
  var messageReservation: MemoryReservation?

  private var frames = FrameReader()
  var output = ByteWriter(capacity: 4 << 10)
  private var sentCount = 0

  // What is being done.
  var script: Script?
  /// The rest of a simple query while rows come for a COPY of it.
  var pausedScript: Script?
  /// A transaction is open that the client did not begin.
  var isTransactionImplicit = false
  var delivery: Delivery?
  var statements: [String: PreparedStatement] = [:]
  var portals: [String: Portal] = [:]

  public init(
    service: WireService, offersTLS: Bool, wake: @escaping @Sendable () -> Void
  ) {
    self.service = service
    self.offersTLS = offersTLS
    self.wake = wake
    memory = MemoryAccount(parent: service.database.memory)
    unreadReservation = MemoryReservation(memory)
  }

  deinit {
    if let processID { service.cancellation.remove(processID) }
    if isAdmitted { service.leave() }
  }

  // MARK: Bytes

  public func receive(_ bytes: UnsafeRawBufferPointer) { frames.append(bytes) }

  /// What is to be sent next.
  public var unsent: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: output.bytes[sentCount...])
  }

  public var unsentCount: Int { output.count - sentCount }

  public func didSend(_ count: Int) {
    sentCount += count
    guard sentCount == output.count else { return }
    sentCount = 0
    // An idle connection keeps little.
    if output.capacity > 64 << 10, delivery == nil {
      output = ByteWriter(capacity: 4 << 10)
    } else {
      output.removeAll()
    }
  }

  public func didStartTLS(certificateHash: [UInt8]?) {
    hasTLS = true
    self.certificateHash = certificateHash
  }

  func send(_ message: BackendMessage) { message.append(to: &output) }

  // MARK: Turns

  /// Whether the client has said who it is and was believed.
  public var isAuthenticated: Bool { session != nil }

  /// Whether a statement runs or rows are on their way.
  public var isBusy: Bool { delivery != nil || script != nil }

  /// Makes the connection end at its next turn between statements. May be called from any thread.
  public func stop() { stopped.store(true, ordering: .releasing) }

  /// Cancels the statement that runs. May be called from any thread.
  public var running: CancelTarget { cancelTarget }

  /// Goes on until something has to happen first.
  public func advance() -> Step {
    while true {
      if case .closed = phase { return .close }
      if unsentCount >= Self.highWaterBytes { return .write }
      do throws(SQLError) {
        if let step = try turn() { return step }
      } catch {
        fail(error)
      }
    }
  }

  private func turn() throws(SQLError) -> Step? {
    if let delivery { return try deliver(delivery) }
    if script != nil {
      try runNextStatement()
      return nil
    }
    if service.isDraining || stopped.load(ordering: .acquiring) {
      end(SQLError(.adminShutdown, "terminating connection: the server is stopping"))
      return nil
    }
    if case .startup = phase { return try readStartup() }
    messageReservation = nil
    guard let message = try nextMessage() else {
      countUnread()
      if case .closed = phase { return nil }
      return .read
    }
    try handle(message)
    return nil
  }

  /// The next message that counts.
  private func nextMessage() throws(SQLError) -> FrontendMessage? {
    while let frame = nextFrame() {
      let type = Character(Unicode.Scalar(frame.type))
      switch phase {
      // What is left out is not even looked into: an error in it would be one too many.
      case .skipping where type != "S" && type != "X": continue
      case .skipping: return type == "S" ? .sync : .terminate
      // What is left of a COPY that has failed.
      case .ready where ["d", "c", "f"].contains(type): continue
      case .ready: noteMode(of: type)
      default: break
      }
      try countMessage(frame.body.remaining)
      return try FrontendMessage(frame)
    }
    return nil
  }

  /// The next message of a type that may come now; nil until it is there, and after the last one.
  private func nextFrame() -> FrameReader.Frame? {
    let isKnown = isAuthenticated
    do throws(SQLError) {
      return try frames.next {
        isKnown || $0 == UInt8(ascii: "p") ? FrontendMessage.limit(of: $0) : nil
      }
    } catch {
      // Where the next message begins is not known any more.
      end(error)
      return nil
    }
  }

  /// Decides what an error in the message itself leads to.
  private func noteMode(of type: Character) {
    switch type {
    case "Q", "F", "p": mode = .simple
    case "S", "X": break
    default: mode = .extended
    }
  }

  /// Whether the client has sent the end of the group behind the message at hand.
  var isSyncNext: Bool { frames.peek() == UInt8(ascii: "S") }

  func nextStartup() throws(SQLError) -> StartupMessage? {
    guard let reader = try frames.nextStartup() else { return nil }
    return try StartupMessage(reader)
  }

  /// Memory of the bytes that have come, if it is worth counting.
  var frameBytes: Int { frames.heldBytes }

  func forgetUnread() { frames = FrameReader() }

  /// Bytes that have come and were not read.
  var unreadCount: Int { frames.count }

  /// The client has taken this for a web server.
  var speaksHTTP: Bool {
    frames.hasPrefix("GET ") || frames.hasPrefix("POST") || frames.hasPrefix("HEAD")
  }

  private func handle(_ message: FrontendMessage) throws(SQLError) {
    switch phase {
    case .startup, .closed: return
    case .authenticating(let exchange): try authenticate(exchange, message)
    case .skipping:
      switch message {
      case .sync: sync()
      case .terminate: phase = .closed
      default: break
      }
    case .copyIn(let copy): try continueCopy(copy, message)
    case .ready: try handleReady(message)
    }
  }

  private func handleReady(_ message: FrontendMessage) throws(SQLError) {
    switch message {
    case .query(let sql): script = Script(sql)
    case .parse(let name, let sql, let types): try parse(name, sql, types)
    case .bind(let bind): try self.bind(bind)
    case .describe(let subject, let name): try describe(subject, name)
    case .execute(let portal, let maxRows): try execute(portal, maxRows)
    case .close(let subject, let name): close(subject, name)
    case .sync: sync()
    case .terminate: phase = .closed
    case .flush, .copyData, .copyDone, .copyFail: break
    case .functionCall:
      throw SQLError(.featureNotSupported, "calling functions by number is not supported")
    case .password: throw SQLError.protocolViolation("a password was not asked for")
    }
  }

  /// Ends the extended protocol's group of messages.
  private func sync() {
    phase = .ready
    do throws(SQLError) {
      try commitImplicitTransaction()
    } catch {
      send(.errorResponse(NoticeFields(error, severity: "ERROR", in: nil)))
    }
    sendReady()
  }

  /// Says that the next statement may come. Outside of a transaction block portals are over.
  func sendReady() {
    let status = session?.transactionStatus ?? .idle
    if status == .idle { endTransaction() }
    reportApplicationName()
    switch status {
    case .idle: send(.readyForQuery(.idle))
    case .inTransaction: send(.readyForQuery(.inTransaction))
    case .failed: send(.readyForQuery(.failed))
    }
  }

  /// Tells the client of the one setting among those that it is told of at the start which changes.
  private func reportApplicationName() {
    guard let name = session?.setting(Self.applicationName), name != reportedName else { return }
    reportedName = name
    send(.parameterStatus(name: Self.applicationName, value: name))
  }

  static let applicationName = "application_name"

  // MARK: Errors

  /// What an error does to the conversation.
  private func fail(_ error: SQLError) {
    let text = script?.current
    script = nil
    pausedScript = nil
    if let delivery {
      delivery.portal.state = .done
      delivery.portal.rest = nil
      self.delivery = nil
    }
    cancelTarget.end()
    guard isAuthenticated else { return end(error) }
    session?.failTransaction()
    abandonImplicitTransaction()
    send(.errorResponse(NoticeFields(error, severity: "ERROR", in: text ?? statementText)))
    switch mode {
    case .simple:
      phase = .ready
      sendReady()
    case .extended: phase = .skipping
    }
  }

  /// The statement at hand in the extended protocol, for the places of errors.
  var statementText: Script.Statement?

  /// Says why, and ends the conversation.
  func end(_ error: SQLError) {
    send(.errorResponse(NoticeFields(error, severity: "FATAL", in: nil)))
    phase = .closed
  }

  func notice(_ message: String, severity: String = "NOTICE", state: String = "00000") {
    var fields = NoticeFields()
    fields["S"] = severity
    fields["V"] = severity
    fields["C"] = state
    fields["M"] = message
    send(.noticeResponse(fields))
  }
}

extension NoticeFields {
  /// An error as clients see it; its place counts characters from 1.
  init(_ error: SQLError, severity: String, in statement: Script.Statement?) {
    self.init()
    self["S"] = severity
    self["V"] = severity
    self["C"] = error.state.rawValue
    self["M"] = error.message
    self["H"] = error.hint
    if let range = error.range, let statement,
      let position = statement.position(ofByte: range.offset)
    {
      self["P"] = String(position)
    }
  }
}
