import Base
import Catalog
import Engine
import Vectors

/// Parse, Bind, Describe, Execute, Close.
extension ServerConnection {
  static let maximumStatements = 10_000
  static let maximumPortals = 1000

  func parse(_ name: String, _ sql: String, _ oids: [UInt32]) throws(SQLError) {
    statementText = Script.Statement(text: sql)
    guard name.isEmpty || statements[name] == nil else {
      throw SQLError(.duplicateStatement, "prepared statement exists already: \"\(name)\"")
    }
    guard statements.count < Self.maximumStatements else {
      throw SQLError(
        .programLimitExceeded, "too many prepared statements: \(statements.count)",
        hint: "DEALLOCATE those that are not needed.")
    }
    statements[name] = try kept(prepare(sql, oids))
    send(.parseComplete)
  }

  /// A statement that stays until it is closed.
  func kept(_ statement: PreparedStatement) throws(SQLError) -> PreparedStatement {
    var result = statement
    result.reservation = try held(statement.sizeBytes)
    return result
  }

  /// Finds out what a statement takes and gives.
  func prepare(_ sql: String, _ oids: [UInt32]) throws(SQLError) -> PreparedStatement {
    var script = Script(sql)
    guard let only = script.next() else {
      return PreparedStatement(
        sql: "", kind: .empty, parameterOIDs: oids, parameterTypes: [], columns: [])
    }
    if script.next() != nil {
      throw SQLError(
        .syntaxError, "cannot insert multiple commands into a prepared statement")
    }
    let sql = only.text
    let kind = try kind(of: sql)
    let declared = oids.map(PostgresType.logicalType(ofOID:))
    let text: String?
    switch kind {
    case .statement: text = sql
    case .command(let command): text = command.query
    case .empty: text = nil
    }
    let session = try requireSession()
    guard let text else {
      if session.transactionStatus == .failed { throw Self.inFailedTransaction }
      return PreparedStatement(
        sql: sql, charactersBefore: only.charactersBefore, kind: kind, parameterOIDs: oids,
        parameterTypes: declared, columns: [])
    }
    statementText = only
    cancelTarget.begin(session)
    defer { cancelTarget.end() }
    let found = try session.prepare(text, parameterTypes: declared)
    var types = declared
    var known = oids
    for (index, type) in found.parameterTypes.enumerated() {
      if index >= types.count {
        types.append(type)
        known.append(PostgresType.oid(of: type))
      } else if types[index] == nil {
        types[index] = type
        if known[index] == 0 { known[index] = PostgresType.oid(of: type) }
      }
    }
    return PreparedStatement(
      sql: text, charactersBefore: only.charactersBefore, kind: kind, parameterOIDs: known,
      parameterTypes: types, columns: found.columns)
  }

  func bind(_ message: FrontendMessage.BindMessage) throws(SQLError) {
    let statement = try statement(named: message.statement)
    statementText = statement.source
    guard message.parameters.count == statement.parameterOIDs.count else {
      throw SQLError.protocolViolation(
        "bind message supplies \(message.parameters.count) parameters, but prepared statement "
          + "\"\(message.statement)\" requires \(statement.parameterOIDs.count)")
    }
    let reservation = try held(0)
    var values: [Value] = []
    for (index, bytes) in message.parameters.enumerated() {
      let format = message.parameterFormats.count == 1
        ? message.parameterFormats[0] : message.parameterFormats.isEmpty ? 0 : message.parameterFormats[index]
      values.append(
        try ParameterValue.read(
          bytes, oid: statement.parameterOIDs[index], isBinary: format == 1, on: reservation))
    }
    guard message.portal.isEmpty || portals[message.portal] == nil else {
      throw SQLError(.duplicateCursor, "cursor exists already: \"\(message.portal)\"")
    }
    try requireRoomForPortal()
    let portal = Portal(
      name: message.portal, statement: statement, parameters: values,
      parameterTypes: try statement.types(of: values), resultFormats: message.resultFormats)
    portal.reservation = reservation
    portals[message.portal] = portal
    send(.bindComplete)
  }

  func requireRoomForPortal() throws(SQLError) {
    guard portals.count < Self.maximumPortals else {
      throw SQLError(
        .programLimitExceeded, "too many open portals: \(portals.count)",
        hint: "Close those that are not needed.")
    }
  }

  func statement(named name: String) throws(SQLError) -> PreparedStatement {
    if let statement = statements[name] { return statement }
    throw SQLError(.invalidStatementName, "prepared statement does not exist: \"\(name)\"")
  }

  func portal(named name: String) throws(SQLError) -> Portal {
    if let portal = portals[name] { return portal }
    throw SQLError(.invalidCursorName, "portal does not exist: \"\(name)\"")
  }

  func describe(
    _ subject: FrontendMessage.Subject, _ name: String
  ) throws(SQLError) {
    switch subject {
    case .statement:
      let statement = try statement(named: name)
      send(.parameterDescription(statement.parameterOIDs))
      let columns = describedColumns(of: statement)
      sendDescription(columns, Array(repeating: false, count: columns.count))
    case .portal:
      let portal = try portal(named: name)
      let columns = portal.isCursor ? portal.columns : describedColumns(of: portal.statement)
      sendDescription(columns, try portal.binaryColumns(of: columns.count))
    }
  }

  /// The columns that Execute will send; of FETCH those of its cursor.
  private func describedColumns(of statement: PreparedStatement) -> [ResultColumn] {
    switch statement.kind {
    case .command(.fetch(let fetch)) where !fetch.isMove: portals[fetch.cursor]?.columns ?? []
    case .command(.execute(let name, _)): statements[name]?.columns ?? []
    case .command: []
    default: statement.columns
    }
  }

  private func sendDescription(_ columns: [ResultColumn], _ isBinary: [Bool]) {
    if columns.isEmpty { return send(.noData) }
    send(.rowDescription(zip(columns, isBinary).map { FieldDescription($0, isBinary: $1) }))
  }

  func execute(_ name: String, _ maxRows: Int32) throws(SQLError) {
    let portal = try portal(named: name)
    let statement = portal.statement
    statementText = statement.source
    // Queries change nothing: the first statement that does begins the transaction.
    if case .new = portal.state, case .statement = statement.kind, statement.columns.isEmpty,
      !isSyncNext
    {
      try beginImplicitTransaction(before: statement.sql)
    }
    try start(portal, goal: .execute, limit: maxRows > 0 ? Int(maxRows) : .max)
  }

  func close(_ subject: FrontendMessage.Subject, _ name: String) {
    switch subject {
    case .statement: statements[name] = nil
    case .portal: portals[name] = nil
    }
    send(.closeComplete)
  }
}
