import Base
import Engine

/// A SCRAM exchange and whether its first message has come.
final class ScramExchange {
  var server: ScramServer?
  var hasChallenged = false
}

extension ServerConnection {
  // MARK: Start-up

  func readStartup() throws(SQLError) -> Step? {
    if speaksHTTP {
      throw SQLError.protocolViolation("this is a database server, not a web server")
    }
    guard let message = try nextStartup() else { return .read }
    switch message {
    case .sslRequest:
      guard !hasTLS else { throw SQLError.protocolViolation("TLS is on already") }
      // Bytes that came along in the clear would be taken as if TLS had protected them.
      guard unreadCount == 0 else {
        phase = .closed
        return nil
      }
      output.append(offersTLS ? UInt8(ascii: "S") : UInt8(ascii: "N"))
      return offersTLS ? .startTLS : nil
    case .gssEncryptionRequest:
      output.append(UInt8(ascii: "N"))
      return nil
    case .cancel(let processID, let secret):
      service.cancellation.cancel(processID, secret: secret)
      phase = .closed
      return nil
    case .startup(let minor, let parameters):
      try start(minor, parameters)
      return nil
    }
  }

  private func start(
    _ minor: Int32, _ parameters: [StartupMessage.Parameter]
  ) throws(SQLError) {
    startParameters = parameters
    minorVersion = min(minor, 2)
    guard let name = parameters.first(where: { $0.name == "user" })?.value, !name.isEmpty,
      name.utf8.count <= 128
    else { throw SQLError(.invalidAuthorization, "no user name was given") }
    user = name
    let unknown = parameters.map(\.name).filter { $0.hasPrefix("_pq_.") }
    // 3.1 was never used; what we speak are 3.0 and 3.2.
    if minor > 2 || minor == 1 || !unknown.isEmpty {
      if minor == 1 { minorVersion = 0 }
      send(.negotiateProtocolVersion(3 << 16 | minorVersion, unknownOptions: unknown))
    }
    switch service.authentication {
    case .trust: try welcome()
    case .scram:
      let mechanisms = certificateHash == nil
        ? [ScramServer.plain] : [ScramServer.bound, ScramServer.plain]
      send(.authentication(.sasl(mechanisms: mechanisms)))
      phase = .authenticating(ScramExchange())
    }
  }

  // MARK: SCRAM

  func authenticate(
    _ exchange: ScramExchange, _ message: FrontendMessage
  ) throws(SQLError) {
    guard case .password(let bytes) = message else {
      throw SQLError.protocolViolation("a password message was expected")
    }
    do throws(SQLError) {
      if !exchange.hasChallenged {
        exchange.hasChallenged = true
        send(.authentication(.saslContinue(try challenge(exchange, bytes))))
        return
      }
      guard let server = exchange.server else { throw SQLError.protocolViolation("no challenge") }
      send(.authentication(.saslFinal(try server.answer(final: bytes))))
    } catch {
      guard error.state == .invalidPassword else { throw error }
      throw SQLError(.invalidPassword, "password authentication failed for user \"\(user)\"")
    }
    try welcome()
  }

  /// Reads the client's first message: mechanism, length, contents.
  private func challenge(
    _ exchange: ScramExchange, _ bytes: [UInt8]
  ) throws(SQLError) -> [UInt8] {
    var body = MessageReader(bytes, 0..<bytes.count)
    let mechanism = try body.readText()
    guard let first = try body.readValue() else {
      throw SQLError.protocolViolation("the first SCRAM message is missing")
    }
    try body.requireEnd()
    let verifier = service.verifier(of: user)
      ?? ScramVerifier.mock(user: user, secret: service.mockSecret)
    var server = try ScramServer(
      verifier: verifier, mechanism: mechanism, binding: certificateHash)
    let challenge = try server.answer(first: first)
    exchange.server = server
    return challenge
  }

  // MARK: Welcome

  private func welcome() throws(SQLError) {
    try service.admit()
    isAdmitted = true
    let session = service.database.makeSession()
    session.standardInput = .awaited
    session.identity.userName = user
    session.identity.databaseName = startParameters.first { $0.name == "database" }?.value
    for parameter in startParameters { try apply(parameter, to: session) }
    startParameters = []
    self.session = session
    reportedName = session.setting(Self.applicationName) ?? ""
    send(.authentication(.ok))
    for (name, value) in reported { send(.parameterStatus(name: name, value: value)) }
    let key = try service.cancellation.register(
      cancelTarget, secretSizeBytes: minorVersion >= 2 ? 32 : 4)
    processID = key.processID
    session.identity.processID = key.processID
    send(.backendKeyData(processID: key.processID, secret: key.secret))
    phase = .ready
    send(.readyForQuery(.idle))
  }

  /// Settings that came with the start-up message. What we do not know is left alone, as drivers send
  /// much that matters elsewhere only.
  private func apply(
    _ parameter: StartupMessage.Parameter, to session: Session
  ) throws(SQLError) {
    switch parameter.name {
    case "user", "database", "replication": return
    case "client_encoding":
      let name = parameter.value.lowercased().filter { $0.isLetter || $0.isNumber }
      guard ["utf8", "unicode", "sqlascii"].contains(name) else {
        throw SQLError(
          .invalidParameterValue, "client encoding is not supported: \"\(parameter.value)\"",
          hint: "Use UTF8.")
      }
    case "options":
      for (name, value) in Self.options(in: parameter.value) {
        try session.set(name, to: value)
      }
    default:
      if parameter.name.hasPrefix("_pq_.") { return }
      do throws(SQLError) {
        try session.set(parameter.name, to: parameter.value)
      } catch {
        // A driver says what its machine is set to; it does not ask for it.
        if error.state != .undefinedObject && error.state != .invalidParameterValue { throw error }
      }
    }
  }

  /// `-c name=value` and `--name=value`; a backslash protects the next character.
  private static func options(in text: String) -> [(name: String, value: String)] {
    var words: [String] = [""]
    var isProtected = false
    for character in text {
      if isProtected || character != "\\" && character != " " {
        words[words.count - 1].append(character)
        isProtected = false
      } else if character == "\\" {
        isProtected = true
      } else if words.last?.isEmpty == false {
        words.append("")
      }
    }
    var found: [(String, String)] = []
    for word in words where word != "-c" {
      let hasMark = word.hasPrefix("--") || word.hasPrefix("-c")
      let setting = hasMark ? word.dropFirst(2) : word[...]
      let parts = setting.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { continue }
      found.append((String(parts[0].replacing("-", with: "_")), String(parts[1])))
    }
    return found
  }

  /// What clients are told at the start, as PostgreSQL 15 does.
  private var reported: [(String, String)] {
    [
      (Self.applicationName, reportedName),
      ("client_encoding", "UTF8"),
      ("DateStyle", "ISO, MDY"),
      ("default_transaction_read_only", "off"),
      ("in_hot_standby", "off"),
      ("integer_datetimes", "on"),
      ("IntervalStyle", "postgres"),
      ("is_superuser", "off"),
      ("server_encoding", "UTF8"),
      ("server_version", "15.0 (Zij \(service.version))"),
      ("session_authorization", user),
      ("standard_conforming_strings", "on"),
      ("TimeZone", "UTC"),
    ]
  }
}
