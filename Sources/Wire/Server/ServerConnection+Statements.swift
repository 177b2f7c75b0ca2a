import Base
import Catalog
import Engine
import Parsing
import Vectors

/// Running statements, in whichever way they were asked for.
extension ServerConnection {
  static let copyWord = "copy"

  /// What a statement's text asks for.
  func kind(of sql: String) throws(SQLError) -> PreparedStatement.Kind {
    let words = WordReader(sql)
    guard let first = words.peekWord() else { return words.isAtEnd ? .empty : .statement }
    if let command = try SessionCommand.read(sql) { return .command(command) }
    if first == Self.copyWord, let session,
      case .copy(let copy) = try SQLParser.parse(sql, dialect: session.dialect).statement,
      copy.isFrom, copy.target == .standardStream
    {
      return .copyIn(copy)
    }
    return .statement
  }

  func requireSession() throws(SQLError) -> Session {
    guard let session else { throw SQLError.protocolViolation("nobody has signed on") }
    return session
  }

  /// Runs the next statement of a simple query, or ends it.
  func runNextStatement() throws(SQLError) {
    guard let statement = script?.next() else {
      if script?.count == 0 { send(.emptyQueryResponse) }
      if script?.isOneTransaction == true, let session, session.transactionStatus != .idle {
        _ = try session.run("COMMIT")
      }
      script = nil
      portals[""] = nil
      sendReady()
      return
    }
    try beginTransaction(before: statement.text)
    let prepared = PreparedStatement(
      sql: statement.text, kind: try kind(of: statement.text), parameterOIDs: [],
      parameterTypes: [], columns: [])
    try start(Portal(name: "", statement: prepared), goal: .statement, limit: .max)
  }

  /// Several statements of one message are one transaction, unless they say themselves where
  /// transactions begin and end.
  private func beginTransaction(before sql: String) throws(SQLError) {
    guard let session else { return }
    switch WordReader(sql).peekWord() {
    case "begin", "start": script?.isOneTransaction = false
    case "commit", "end", "rollback", "abort", "savepoint", "release": break
    default:
      let isOne = script.map { $0.isOneTransaction || $0.count == 1 && $0.hasMore } ?? false
      guard isOne, session.transactionStatus == .idle else { return }
      _ = try session.run("BEGIN")
      script?.isOneTransaction = true
    }
  }

  /// Starts or goes on with what a portal stands for.
  func start(_ portal: Portal, goal: Delivery.Goal, limit: Int) throws(SQLError) {
    if case .new = portal.state { try requireSoundTransaction(for: portal.statement) }
    switch portal.statement.kind {
    case .empty: send(.emptyQueryResponse)
    case .command(let command): try perform(command, portal)
    case .copyIn(let copy): try beginCopy(copy, portal)
    case .statement:
      switch portal.state {
      case .new: try begin(portal, goal: goal, limit: limit)
      case .open(let stream): try resume(portal, stream, goal: goal, limit: limit)
      case .done: try repeatEnd(of: portal)
      }
    }
  }

  /// The session looks after its own statements.
  private func requireSoundTransaction(
    for statement: PreparedStatement
  ) throws(SQLError) {
    guard case .command = statement.kind, session?.transactionStatus == .failed else { return }
    throw SQLError(
      .inFailedTransaction,
      "current transaction is aborted, commands ignored until end of transaction block")
  }

  private func begin(
    _ portal: Portal, goal: Delivery.Goal, limit: Int
  ) throws(SQLError) {
    let result = try run(portal)
    guard let stream = result.stream else {
      portal.state = .done
      cancelTarget.end()
      return send(.commandComplete(result.tag))
    }
    if let encoder = result.copyEncoder {
      portal.copy = try CopyOut(encoder, isBinary: result.copyIsBinary, columns: stream.columns)
      let format: Int16 = result.copyIsBinary ? 1 : 0
      send(
        .copyOutResponse(
          isBinary: result.copyIsBinary, formats: stream.columns.map { _ in format }))
    } else if mode == .simple {
      send(.rowDescription(stream.columns.map { FieldDescription($0, isBinary: false) }))
    }
    try resume(portal, stream, goal: goal, limit: limit)
  }

  /// Lets the engine begin a portal's statement.
  func run(_ portal: Portal) throws(SQLError) -> StatementResult {
    let session = try requireSession()
    cancelTarget.begin(session)
    let statement = portal.statement
    let result = try session.run(
      statement.sql, parameters: portal.parameters, parameterTypes: statement.parameterTypes)
    if let text = result.notice { notice(text) }
    portal.tag = result.tag
    // What a transaction has opened goes with it.
    if result.tag == "COMMIT" || result.tag == "ROLLBACK", session.transactionStatus == .idle {
      endTransaction()
    }
    if let stream = result.stream {
      portal.state = .open(stream)
      cancelTarget.deliver(stream)
    }
    return result
  }

  private func resume(
    _ portal: Portal, _ stream: ResultStream, goal: Delivery.Goal, limit: Int
  ) throws(SQLError) {
    cancelTarget.deliver(stream)
    let sink: Delivery.Sink
    if let copy = portal.copy {
      sink = .copy(copy)
    } else {
      sink = .rows(
        RowWriter(
          stream.columns.map(\.type),
          isBinary: try portal.binaryColumns(of: stream.columns.count), frame: .dataRow))
    }
    let most = portal.copy == nil ? limit : .max
    delivery = Delivery(portal, stream, to: sink, goal: goal, atMost: most)
  }

  /// Execute for a portal whose rows have all been sent.
  private func repeatEnd(of portal: Portal) throws(SQLError) {
    guard portal.tag == "SELECT" else {
      throw SQLError(
        .objectNotInPrerequisiteState, "portal \"\(portal.name)\" has been run already")
    }
    send(.commandComplete("SELECT 0"))
  }

  /// What does not outlive a transaction goes.
  func endTransaction() {
    portals = portals.filter { $0.value.isHeld }
  }
}
