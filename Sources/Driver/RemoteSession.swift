import Base
import Synchronization
import Wire

/// A conversation with a server: one statement at a time.
///
/// Used by one thread at a time; `cancel` may come from any.
public final class RemoteSession: @unchecked Sendable {
  public let address: ServerAddress
  /// What the server said of itself and of the session's settings, by name.
  public private(set) var parameters: [String: String] = [:]
  public private(set) var status = BackendMessage.TransactionStatus.idle
  /// What the server said besides its answers since the last call of `takeNotices`.
  private var notices: [NoticeFields] = []
  private let messages: MessageStream
  /// The server's number and secret for this session, for `cancel`.
  private var key: (processID: Int32, secret: [UInt8])?
  private let isRunning = Atomic<Bool>(false)
  private weak var openRows: RemoteRows?
  /// The connection is over, or the server has said what cannot be understood.
  private var isBroken = false
  private var hasStarted = false
  /// More than these are not kept of what a server says beside its answers.
  private static let mostNotices = 1000
  private static let mostParameters = 1000
  /// How long a request to cancel may take, and then the end of what was cancelled.
  private static let cancelMS = 5000
  private static let drainMS = 10_000

  /// Connects and authenticates. Throws `.connectionFailure`, or what the server refuses with.
  public init(_ address: ServerAddress) throws(SQLError) {
    self.address = address
    let deadline = Deadline(inMS: address.connectTimeoutSeconds.map { $0 * 1000 } ?? .max)
    messages = try Self.connect(address, by: deadline)
    try start()
    hasStarted = true
    messages.deadline = nil
  }

  deinit { if !isBroken { try? messages.send([.terminate]) } }

  /// Whether the server is a Zij and not PostgreSQL.
  public var isZij: Bool { parameters["server_version"]?.lowercased().contains("zij") ?? false }

  public func takeNotices() -> [NoticeFields] {
    defer { notices = [] }
    return notices
  }

  /// Runs one statement. `input` gives the bytes that a `COPY … FROM STDIN` asks for, then nil.
  public func run(
    _ sql: String, input: () throws(SQLError) -> [UInt8]?
  ) throws(SQLError) -> RemoteResult {
    openRows?.close()
    guard !isBroken else {
      throw SQLError(
        .connectionFailure, "the connection to the server is lost", hint: "Connect again.")
    }
    guard !sql.utf8.contains(0) else {
      throw SQLError(.syntaxError, "a statement holds a zero byte")
    }
    isRunning.store(true, ordering: .releasing)
    do throws(SQLError) {
      try messages.send([.query(sql)])
      return try firstAnswer(to: sql, input)
    } catch {
      isRunning.store(false, ordering: .releasing)
      throw error
    }
  }

  private func firstAnswer(
    to sql: String, _ input: () throws(SQLError) -> [UInt8]?
  ) throws(SQLError) -> RemoteResult {
    var tag = ""
    while true {
      switch try next() {
      case .rowDescription(let fields):
        let rows = RemoteRows(self, sql, RowColumns(fields, isZij: isZij))
        openRows = rows
        try rows.settleColumns()
        return RemoteResult(tag: "SELECT", rows: rows)
      case .copyOutResponse:
        let rows = RemoteRows(self, sql, nil)
        openRows = rows
        return RemoteResult(tag: "COPY", rows: rows, isCopy: true)
      case .copyInResponse: try sendRows(input)
      case .commandComplete(let text): tag = text
      case .readyForQuery: return RemoteResult(tag: tag)
      case .errorResponse(let fields): throw failure(fields, in: sql)
      default: break
      }
    }
  }

  private func sendRows(_ input: () throws(SQLError) -> [UInt8]?) throws(SQLError) {
    do throws(SQLError) {
      while let bytes = try input() { try messages.send([.copyData(bytes)]) }
    } catch {
      return try messages.send([.copyFail(error.message)])
    }
    try messages.send([.copyDone])
  }

  /// Asks the server to end the running statement, over a connection of its own. Returns when the
  /// server has read the request, after a few seconds at the latest.
  public func cancel() {
    guard isRunning.load(ordering: .acquiring), let key,
      let stream = try? Self.connect(address, by: Deadline(inMS: Self.cancelMS))
    else { return }
    try? stream.send(.cancel(processID: key.processID, secret: key.secret))
    // The server closes it when the request has been read.
    _ = try? stream.next()
  }

  /// Cancels the running statement and reads on to its end. A server that does not come to an end is
  /// listened to no more.
  func abandon() {
    guard !isBroken else { return }
    cancel()
    let deadline = Deadline(inMS: Self.drainMS)
    messages.deadline = deadline
    defer { messages.deadline = nil }
    while deadline.leftMS > 0, let message = try? next() {
      if case .readyForQuery = message { return }
    }
    isBroken = true
  }

  // MARK: messages

  /// The next message that is an answer; what the server says in between is kept.
  func next() throws(SQLError) -> BackendMessage {
    while true {
      let message: BackendMessage
      do throws(SQLError) {
        message = try messages.next()
      } catch {
        isBroken = true
        throw error
      }
      switch message {
      case .noticeResponse(let fields):
        if notices.count < Self.mostNotices { notices.append(fields) }
      case .parameterStatus(let name, let value):
        if parameters.count < Self.mostParameters || parameters[name] != nil {
          parameters[name] = value
        }
      case .notificationResponse: break
      case .backendKeyData(let processID, let secret):
        // Later another thread may be reading it.
        if !hasStarted { key = (processID, secret) }
      case .readyForQuery(let now):
        status = now
        isRunning.store(false, ordering: .releasing)
        return message
      default: return message
      }
    }
  }

  /// The error that the server has sent, when it is ready again or gone.
  func failure(_ fields: NoticeFields, in sql: String) -> SQLError {
    while let message = try? next() { if case .readyForQuery = message { break } }
    return Self.error(fields, in: sql)
  }

  static func error(_ fields: NoticeFields, in sql: String) -> SQLError {
    var range: SourceRange?
    if let position = fields.position, position > 0 {
      let before = sql.unicodeScalars.prefix(position - 1)
      range = SourceRange(offset: before.reduce(0) { $0 + UTF8.width($1) }, length: 1)
    }
    let state = SQLState(rawValue: fields.state) ?? .internalError
    let hints = [fields.detail, fields.hint].compactMap { $0 }
    return SQLError(
      state, fields.message, at: range, hint: hints.isEmpty ? nil : hints.joined(separator: " "))
  }

  // MARK: beginning

  private static func connect(
    _ address: ServerAddress, by deadline: Deadline
  ) throws(SQLError) -> MessageStream {
    let stream = MessageStream(
      try ClientSocket(host: address.host, port: address.port, by: deadline))
    let isLocal = address.host.hasPrefix("/")
    guard !isLocal, address.tlsMode != .disable, address.tlsMode != .allow else { return stream }
    try stream.send(.sslRequest)
    switch try stream.answerByte() {
    case UInt8(ascii: "S"):
      let tls = try ClientTLS(address)
      try stream.startTLS(tls)
      stream.certificateHash = tls.certificateHash
    case UInt8(ascii: "N") where address.tlsMode == .prefer: break
    case let answer where answer != UInt8(ascii: "N"):
      throw SQLError(
        .protocolViolation, "the server's answer to a request for TLS is not understood: \(answer)")
    default:
      throw SQLError(
        .connectionFailure, "the server does not offer TLS",
        hint: "Add sslmode=disable to the address to go without.")
    }
    return stream
  }

  private func start() throws(SQLError) {
    var settings: [StartupMessage.Parameter] = [
      .init("user", address.user), .init("database", address.database),
    ]
    if !address.settings.contains(where: { $0.name == "application_name" }) {
      settings.append(.init("application_name", "zij"))
    }
    settings += address.settings.map { .init($0.name, $0.value) }
    try messages.send(.startup(minor: 0, parameters: settings))
    var scram: ScramClient?
    var isLetIn = false
    while true {
      switch try next() {
      case .authentication(.ok) where !isLetIn && scram?.isVerified != false: isLetIn = true
      case .authentication(let step) where !isLetIn: try authenticate(step, &scram)
      case .negotiateProtocolVersion: break
      case .errorResponse(let fields): throw Self.error(fields, in: "")
      case .readyForQuery where isLetIn: return
      default: throw Self.unexpected
      }
    }
  }

  private func authenticate(
    _ step: BackendMessage.Authentication, _ scram: inout ScramClient?
  ) throws(SQLError) {
    switch step {
    case .ok:
      throw SQLError(
        .invalidAuthorization, "the server did not show that it knows the password")
    case .sasl(let mechanisms):
      guard scram == nil else { throw Self.unexpected }
      let client = try ScramClient(
        mechanisms: mechanisms, password: try requirePassword(),
        binding: messages.certificateHash)
      try messages.send([.password(client.first)])
      scram = client
    case .saslContinue(let challenge):
      guard var client = scram else { throw Self.unexpected }
      try messages.send([.password(try client.answer(challenge))])
      scram = client
    case .saslFinal(let outcome):
      guard var client = scram else { throw Self.unexpected }
      try client.check(outcome)
      scram = client
    case .cleartextPassword:
      guard scram == nil else { throw Self.unexpected }
      guard messages.certificateHash != nil || address.host.hasPrefix("/") else {
        throw SQLError(
          .invalidAuthorization, "the server wants the password in clear text, without TLS")
      }
      try messages.send([.password(Array(try requirePassword().utf8) + [0])])
    case .other(let number):
      throw SQLError(
        .invalidAuthorization, "the server wants an unknown kind of authentication: \(number)",
        hint: "Zij knows SCRAM-SHA-256.")
    }
  }

  private func requirePassword() throws(SQLError) -> String {
    guard let password = address.password else {
      throw SQLError(
        .invalidPassword, "the server wants a password",
        hint: "Set PGPASSWORD, or write it into the address.")
    }
    return password
  }

  private static var unexpected: SQLError {
    SQLError(.protocolViolation, "the server's authentication is out of order")
  }
}

/// What a statement gave.
public struct RemoteResult {
  public var tag: String
  public var rows: RemoteRows?
  /// The rows are pieces of a file: one column of bytes.
  public var isCopy = false
}
