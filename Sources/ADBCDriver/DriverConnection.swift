import Base
import CArrow
import Engine
import Glibc
import Synchronization

/// A connection of the driver's user: one session.
final class DriverConnection: DriverObject {
  static let what = "connection"
  let processID = getpid()
  private(set) var owner: DriverDatabase?
  private var session: Session?
  private var isReadOnly = false
  private var isAutocommit = true
  /// Statements of one connection may come from several threads; they take turns.
  private let turn = Monitor()
  /// The thread that asks the driver's user for rows to be stored, while it does.
  private let hostThread = Mutex<pthread_t?>(nil)

  static let autocommit = "adbc.connection.autocommit"
  private static let readOnly = "adbc.connection.readonly"
  private static let isolation = "adbc.connection.transaction.isolation_level"
  private static let catalog = "adbc.connection.catalog"
  private static let schema = "adbc.connection.db_schema"

  func set(_ key: String, _ value: String?) throws(DriverError) {
    switch key {
    case Self.autocommit:
      guard value == "true" || value == "false" else { throw Self.wrong(key) }
      if value == "true", hasTransaction { try end(by: "COMMIT") }
      isAutocommit = value == "true"
    case Self.readOnly:
      guard value == "true" || value == "false" else { throw Self.wrong(key) }
      isReadOnly = value == "true"
      try applyReadOnly()
    case Self.isolation:
      guard
        value == "adbc.connection.transaction.isolation.default"
          || value == "adbc.connection.transaction.isolation.read_committed"
      else {
        throw DriverError(.notImplemented, "isolation level is not there: \"\(value ?? "")\"")
      }
    case Self.catalog:
      guard value == Metadata.catalog else {
        throw DriverError(.notFound, "there is one catalog, \"\(Metadata.catalog)\"")
      }
    case Self.schema:
      guard value == Metadata.defaultSchema else {
        throw DriverError(
          .notImplemented, "the current schema is always \"\(Metadata.defaultSchema)\"")
      }
    default:
      guard key.hasPrefix("zij.") else {
        throw DriverError(.notImplemented, "unknown option of a connection: \"\(key)\"")
      }
      // A setting of the session, as in SET.
      try run("SET \(try Self.identifier(key)) = \(SQLText.literal(value ?? ""))")
    }
  }

  private static func wrong(_ key: String) -> DriverError {
    DriverError(.invalidArgument, "option \"\(key)\" must be true or false")
  }

  /// `queue` of `zij.queue`.
  private static func identifier(_ key: String) throws(DriverError) -> String {
    SQLText.identifier(String(key.dropFirst(4)))
  }

  func option(_ key: String) -> String? {
    switch key {
    case Self.autocommit: return isAutocommit ? "true" : "false"
    case Self.readOnly: return isReadOnly ? "true" : "false"
    case Self.isolation: return "adbc.connection.transaction.isolation.read_committed"
    case Self.catalog: return Metadata.catalog
    case Self.schema: return Metadata.defaultSchema
    default: return key.hasPrefix("zij.") ? session?.setting(String(key.dropFirst(4))) : nil
    }
  }

  func open(_ owner: DriverDatabase) throws(DriverError) {
    guard session == nil else { throw DriverError(.invalidState, "the connection is open already") }
    session = try owner.opened().makeSession()
    self.owner = owner
    owner.addConnection()
    try applyReadOnly()
  }

  private func applyReadOnly() throws(DriverError) {
    guard session != nil else { return }
    try run(
      "SET SESSION CHARACTERISTICS AS TRANSACTION READ \(isReadOnly ? "ONLY" : "WRITE")")
  }

  private func run(_ sql: String) throws(DriverError) {
    _ = try withSession(of: sql) { (session) throws(SQLError) in try session.run(sql) }
  }

  /// Lets `body` use the session; `sql` is where errors of `body` have their places.
  func withSession<Result>(
    of sql: String? = nil, _ body: (Session) throws(SQLError) -> Result
  ) throws(DriverError) -> Result {
    guard let session else {
      throw DriverError(.invalidState, "the connection was not initialised")
    }
    guard hostThread.withLock({ $0 }) != pthread_self() else {
      throw DriverError(
        .invalidState, "the connection waits for the rows that it is to make",
        state: "55000")
    }
    turn.lock()
    defer { turn.unlock() }
    do throws(SQLError) { return try body(session) } catch { throw DriverError(error, in: sql) }
  }

  /// Lets `body` call the driver's user for rows that the session waits for. What it asks of this
  /// connection meanwhile, on this thread, would wait for ever and is refused.
  func callingHost<Result>(_ body: () -> Result) -> Result {
    hostThread.withLock { $0 = pthread_self() }
    defer { hostThread.withLock { $0 = nil } }
    return body()
  }

  func opened() throws(DriverError) -> Database {
    guard let owner else { throw DriverError(.invalidState, "the connection was not initialised") }
    return try owner.opened()
  }

  /// From any thread.
  func cancel() { session?.cancel() }

  // MARK: Transactions

  private var hasTransaction: Bool { session.map { $0.transactionStatus != .idle } ?? false }

  /// Opens a transaction, if there must be one for a statement and none is open.
  func begin() throws(DriverError) {
    if !isAutocommit, !hasTransaction { try run("BEGIN") }
  }

  /// Ends the transaction by COMMIT or ROLLBACK; the next statement opens another one.
  func end(by command: String) throws(DriverError) {
    guard let session else {
      throw DriverError(.invalidState, "the connection was not initialised")
    }
    guard !isAutocommit else {
      throw DriverError(.invalidState, "no transaction is open: autocommit is on", state: "25P01")
    }
    let hasFailed = session.transactionStatus == .failed
    if hasTransaction { try run(command) }
    if hasFailed, command == "COMMIT" {
      throw DriverError(
        .invalidState, "a statement had failed: the transaction was rolled back", state: "25P02")
    }
  }

  func close() {
    if hasTransaction { try? run("ROLLBACK") }
    if owner != nil { owner?.removeConnection() }
    owner = nil
    session = nil
  }
}

/// Names and texts as SQL.
enum SQLText {
  static func identifier(_ name: String) -> String { quoted(name, by: UInt8(ascii: "\"")) }
  static func literal(_ text: String) -> String { quoted(text, by: UInt8(ascii: "'")) }

  private static func quoted(_ text: String, by quote: UInt8) -> String {
    var bytes = [quote]
    for byte in text.utf8 {
      if byte == quote { bytes.append(quote) }
      bytes.append(byte)
    }
    return String(decoding: bytes + [quote], as: UTF8.self)
  }
}

extension DriverTable {
  static func fillConnection(_ driver: Driver) {
    driver.pointee.ConnectionNew = { Entry.make($0, $1, DriverConnection()) }
    driver.pointee.ConnectionSetOption = { handle, key, value, error in
      Entry.call(handle, error) { (connection) throws(DriverError) in
        try connection.set(Entry.text(key) ?? "", Entry.text(value))
      }
    }
    driver.pointee.ConnectionInit = { handle, database, error in
      Entry.call(handle, error) { (connection) throws(DriverError) in
        try connection.open(try Entry.object(of: database))
      }
    }
    driver.pointee.ConnectionCommit = { handle, error in
      Entry.call(handle, error) { (connection) throws(DriverError) in
        try connection.end(by: "COMMIT")
      }
    }
    driver.pointee.ConnectionRollback = { handle, error in
      Entry.call(handle, error) { (connection) throws(DriverError) in
        try connection.end(by: "ROLLBACK")
      }
    }
    driver.pointee.ConnectionRelease = { handle, error in
      Entry.release(handle, error) { (connection) throws(DriverError) in connection.close() }
    }
    driver.pointee.ConnectionReadPartition = { _, _, _, _, error in
      DriverError(.notImplemented, "results have no partitions").report(to: error)
    }
  }
}
