import Base
import Catalog
import Engine
import Parsing
import Vectors

/// Doing what a `SessionCommand` says.
extension ServerConnection {
  func perform(_ command: SessionCommand, _ portal: Portal) throws(SQLError) {
    switch command {
    case .declare(let cursor): try declare(cursor, portal)
    case .fetch(let fetch): try perform(fetch, portal)
    case .closeCursor(let name):
      if let name {
        guard portals[name]?.isCursor == true else { throw Self.undefinedCursor(name) }
        portals[name] = nil
      } else {
        portals = portals.filter { !$0.value.isCursor }
      }
      done(name == nil ? "CLOSE CURSOR ALL" : "CLOSE CURSOR")
    case .deallocate(let name):
      if let name {
        _ = try statement(named: name)
        statements[name] = nil
      } else {
        statements.removeAll()
      }
      done(name == nil ? "DEALLOCATE ALL" : "DEALLOCATE")
    case .discard(let what): try discard(what)
    case .prepare(let name, let types, let query): try prepare(name, types, query)
    case .execute(let name, let arguments): try execute(name, arguments, portal.resultFormats)
    case .listen(let tag): done(tag)
    case .set, .setNothing, .resetAll: try performSetting(command)
    case .show(let sql): try show(sql, portal)
    }
  }

  private var isInTransaction: Bool { session.map { $0.transactionStatus != .idle } ?? false }

  private func done(_ tag: String) { send(.commandComplete(tag)) }

  // MARK: Cursors

  private static func undefinedCursor(_ name: String) -> SQLError {
    SQLError(.invalidCursorName, "cursor does not exist: \"\(name)\"")
  }

  private func declare(
    _ cursor: SessionCommand.Cursor, _ portal: Portal
  ) throws(SQLError) {
    guard isInTransaction || cursor.isHeld else {
      throw SQLError(
        .noActiveTransaction, "DECLARE CURSOR can only be used in transaction blocks",
        hint: "Or declare it WITH HOLD.")
    }
    guard portals[cursor.name] == nil else {
      throw SQLError(.duplicateCursor, "cursor exists already: \"\(cursor.name)\"")
    }
    try requireRoomForPortal()
    // Anything else must not even begin.
    let dialect = try requireSession().dialect
    guard case .query = try SQLParser.parse(cursor.query, dialect: dialect).statement else {
      throw SQLError(.syntaxError, "DECLARE CURSOR takes a query")
    }
    let query = PreparedStatement(
      sql: cursor.query, kind: .statement, parameterOIDs: portal.statement.parameterOIDs,
      parameterTypes: portal.statement.parameterTypes, columns: portal.statement.columns)
    let made = Portal(
      name: cursor.name, statement: query, parameters: portal.parameters,
      parameterTypes: portal.parameterTypes, resultFormats: cursor.isBinary ? [1] : [])
    made.isCursor = true
    made.isHeld = cursor.isHeld
    made.reservation = portal.reservation
    _ = try run(made)
    cancelTarget.end()
    portals[cursor.name] = made
    done("DECLARE CURSOR")
  }

  private func perform(_ fetch: SessionCommand.Fetch, _ portal: Portal) throws(SQLError) {
    guard let cursor = portals[fetch.cursor] else { throw Self.undefinedCursor(fetch.cursor) }
    let tag = fetch.isMove ? "MOVE" : "FETCH"
    let columns = cursor.columns
    // Formats of this statement's own count for more than those of DECLARE.
    let asked = portal.resultFormats.isEmpty ? cursor : portal
    let isBinary = try asked.binaryColumns(of: columns.count)
    if mode == .simple, !fetch.isMove {
      send(.rowDescription(zip(columns, isBinary).map { FieldDescription($0, isBinary: $1) }))
    }
    guard case .open(let stream) = cursor.state, fetch.count != 0 else { return done("\(tag) 0") }
    cancelTarget.deliver(stream)
    let sink = fetch.isMove
      ? Delivery.Sink.nothing
      : .rows(RowWriter(columns.map(\.type), isBinary: isBinary, frame: .dataRow))
    delivery = Delivery(
      cursor, stream, to: sink, goal: .fetch(tag: tag), atMost: fetch.count ?? .max)
  }

  // MARK: Prepared statements

  private func discard(_ what: String) throws(SQLError) {
    switch what {
    case "all":
      guard !isInTransaction else {
        throw SQLError(
          .objectNotInPrerequisiteState, "DISCARD ALL cannot run inside a transaction block")
      }
      statements.removeAll()
      portals.removeAll()
      session?.resetSettings()
    case "plans", "sequences", "temp", "temporary": break
    default: throw SQLError(.syntaxError, "DISCARD takes ALL, PLANS, SEQUENCES or TEMP")
    }
    done("DISCARD \(what.uppercased())")
  }

  private func prepare(
    _ name: String, _ types: [String], _ query: String
  ) throws(SQLError) {
    guard statements[name] == nil else {
      throw SQLError(.duplicateStatement, "prepared statement exists already: \"\(name)\"")
    }
    var oids: [UInt32] = []
    for type in types {
      guard let known = LogicalType(text: type) else {
        throw SQLError(.undefinedObject, "type does not exist: \"\(type)\"")
      }
      oids.append(PostgresType.oid(of: known))
    }
    guard statements.count < Self.maximumStatements else {
      throw SQLError(.programLimitExceeded, "too many prepared statements: \(statements.count)")
    }
    statements[name] = try kept(prepare(query, oids))
    done("PREPARE")
  }

  private func execute(
    _ name: String, _ arguments: [WordReader.Word], _ formats: [Int16]
  ) throws(SQLError) {
    let statement = try statement(named: name)
    let values = try Self.values(of: arguments)
    guard values.count == statement.parameterOIDs.count else {
      throw SQLError(
        .syntaxError, "\(values.count) values for \(statement.parameterOIDs.count) parameters")
    }
    guard case .statement = statement.kind else {
      throw SQLError(.featureNotSupported, "this statement cannot be run by EXECUTE")
    }
    try start(
      Portal(
        name: "", statement: statement, parameters: values,
        parameterTypes: try statement.types(of: values), resultFormats: formats),
      goal: .statement, limit: .max)
  }

  /// Literals between commas: numbers, strings, TRUE, FALSE, NULL.
  private static func values(of words: [WordReader.Word]) throws(SQLError) -> [Value] {
    var values: [Value] = []
    var sign = ""
    for word in words {
      switch word {
      case .sign(UInt8(ascii: ",")): continue
      case .sign(UInt8(ascii: "-")):
        sign = "-"
        continue
      case .string(let text): values.append(.text(text))
      case .number(let digits): values.append(.text(sign + digits))
      case .name("null", _): values.append(.null)
      case .name("true", _): values.append(.boolean(true))
      case .name("false", _): values.append(.boolean(false))
      default: throw SQLError(.featureNotSupported, "EXECUTE takes literals only")
      }
      sign = ""
    }
    return values
  }

  // MARK: Settings

  private func performSetting(_ command: SessionCommand) throws(SQLError) {
    let session = try requireSession()
    switch command {
    case .set(let name, let value, let isLocal):
      if isLocal, !isInTransaction {
        notice(
          "SET LOCAL can only be used in transaction blocks", severity: "WARNING",
          state: SQLState.noActiveTransaction.rawValue)
      } else {
        try session.set(name, to: value, isLocal: isLocal)
      }
      done("SET")
    case .resetAll:
      session.resetSettings()
      done("RESET")
    default: done("SET")
    }
  }

  private func show(_ sql: String, _ portal: Portal) throws(SQLError) {
    let statement = PreparedStatement(
      sql: sql, kind: .statement, parameterOIDs: [], parameterTypes: [],
      columns: portal.statement.columns)
    try start(
      Portal(name: "", statement: statement, resultFormats: portal.resultFormats),
      goal: .statement, limit: .max)
  }
}
