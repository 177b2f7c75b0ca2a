import Base
import Catalog
import Engine
import Parsing
import Vectors

/// Running statements, in whichever way they were asked for.
extension ServerConnection {
  /// What a statement's text asks for.
  func kind(of sql: String) throws(SQLError) -> PreparedStatement.Kind {
    if WordReader(sql).isAtEnd { return .empty }
    return try SessionCommand.read(sql).map(PreparedStatement.Kind.command) ?? .statement
  }

  func requireSession() throws(SQLError) -> Session {
    guard let session else { throw SQLError.protocolViolation("nobody has signed on") }
    return session
  }

  /// Runs the next statement of a simple query, or ends it.
  func runNextStatement() throws(SQLError) {
    guard let statement = script?.next() else {
      if script?.count == 0 { send(.emptyQueryResponse) }
      try commitImplicitTransaction()
      script = nil
      portals[""] = nil
      sendReady()
      return
    }
    if script?.hasMore == true { try beginImplicitTransaction(before: statement.text) }
    let prepared = PreparedStatement(
      sql: statement.text, kind: try kind(of: statement.text), parameterOIDs: [],
      parameterTypes: [], columns: [])
    try start(Portal(name: "", statement: prepared), goal: .statement, limit: .max)
  }

  /// Starts or goes on with what a portal stands for.
  func start(_ portal: Portal, goal: Delivery.Goal, limit: Int) throws(SQLError) {
    try requireSoundTransaction(for: portal)
    switch portal.statement.kind {
    case .empty: send(.emptyQueryResponse)
    case .command(let command): try perform(command, portal)
    case .statement:
      switch portal.state {
      case .new: try begin(portal, goal: goal, limit: limit)
      case .open(let stream): try resume(portal, stream, goal: goal, limit: limit)
      case .done: try repeatEnd(of: portal)
      }
    }
  }

  private func begin(
    _ portal: Portal, goal: Delivery.Goal, limit: Int
  ) throws(SQLError) {
    let result = try run(portal)
    if let copy = result.awaitedCopy {
      cancelTarget.end()
      return try beginCopy(copy, portal)
    }
    guard let stream = result.stream else {
      portal.state = .done
      cancelTarget.end()
      return send(.commandComplete(result.tag))
    }
    try requireColumns(stream.columns, of: portal)
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

  /// Throws when a prepared statement gives other columns than the client was told.
  private func requireColumns(_ columns: [ResultColumn], of portal: Portal) throws(SQLError) {
    let told = portal.statement.columns
    let isSame = told.isEmpty || told.count == columns.count && zip(told, columns).allSatisfy {
      $0.name == $1.name && $0.postgresOID == $1.postgresOID
    }
    guard !isSame else { return }
    portal.state = .done
    throw SQLError(
      .featureNotSupported, "cached plan must not change result type",
      hint: "Tables have changed since the statement was prepared: prepare it again.")
  }

  /// Lets the engine begin a portal's statement.
  func run(_ portal: Portal) throws(SQLError) -> StatementResult {
    let session = try requireSession()
    cancelTarget.begin(session)
    let statement = portal.statement
    let result = try session.run(
      statement.sql, parameters: portal.parameters, parameterTypes: portal.parameterTypes)
    // Clients need not know of a transaction that they did not begin.
    if let text = result.notice, !isTransactionImplicit { notice(text) }
    portal.tag = result.tag
    noteTransaction(after: result.tag)
    if let stream = result.stream {
      portal.state = .open(stream)
      portal.columns = stream.columns
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
}
