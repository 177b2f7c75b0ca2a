import Arrow
import Base
import CArrow
import Engine
import Glibc
import Synchronization
import Vectors

/// A statement of the driver's user.
final class DriverStatement: DriverObject {
  static let what = "statement"
  let processID = getpid()
  let connection: DriverConnection
  private(set) var sql: String?
  private var bound: BoundRows?
  private var ingestion = Ingestion()
  /// What the last execution left running, for `cancel`.
  private let running = Mutex<RunningQuery>(RunningQuery())

  private struct RunningQuery {
    var isInCall = false
    var isCancelled = false
    weak var context: QueryContext?
  }

  init(_ connection: DriverConnection) { self.connection = connection }

  func setQuery(_ sql: String) {
    self.sql = sql
    ingestion = Ingestion()
  }

  func requireSQL() throws(DriverError) -> String {
    guard let sql else { throw DriverError(.invalidState, "the statement has no query") }
    return sql
  }

  func prepare() throws(DriverError) {
    _ = try described()
  }

  func described() throws(DriverError) -> PreparedQuery {
    let sql = try requireSQL()
    return try connection.withSession(of: sql) { (session) throws(SQLError) in
      try session.prepare(sql)
    }
  }

  // MARK: Execution

  func bind(_ rows: BoundRows) { bound = rows }

  /// Runs the query, once or for each row of parameters, or stores the bound rows. Rows of results go
  /// to `out`; without `out` they are thrown away. Returns how many rows were changed, or -1.
  func execute(into out: UnsafeMutablePointer<ArrowArrayStream>?) throws(DriverError) -> Int64 {
    defer { bound = nil }
    try connection.begin()
    if ingestion.table != nil {
      let count = try ingest()
      if let out { DriverStream.export(QueryRows([], of: "", first: nil), to: out) }
      return count
    }
    let sql = try requireSQL()
    if let bound { return try execute(sql, with: bound, into: out) }
    let result = try run(sql, [])
    let rows = QueryRows(result.stream?.columns ?? [], of: sql, first: result.stream)
    if let out { DriverStream.export(rows, to: out) } else { try rows.drain() }
    return Int64(result.affectedRowCount ?? -1)
  }

  private func run(_ sql: String, _ parameters: [Value]) throws(DriverError) -> StatementResult {
    try cancellable { () throws(DriverError) in
      try connection.withSession(of: sql) { (session) throws(SQLError) in
        try session.run(sql, parameters: parameters)
      }
    }
  }

  private func execute(
    _ sql: String, with bound: BoundRows, into out: UnsafeMutablePointer<ArrowArrayStream>?
  ) throws(DriverError) -> Int64 {
    if let count = try insert(sql, bound) {
      if let out { DriverStream.export(QueryRows([], of: sql, first: nil), to: out) }
      return Int64(count)
    }
    let described = try described()
    guard described.parameterTypes.count == bound.columns.count else {
      throw DriverError(
        .invalidArgument,
        "\(described.parameterTypes.count) parameters wanted, \(bound.columns.count) given")
    }
    let parameters = ParameterRows(bound)
    if described.columns.isEmpty {
      var changed = 0
      while let row = try parameters.next() {
        changed += try run(sql, row).affectedRowCount ?? 0
      }
      if let out { DriverStream.export(QueryRows([], of: sql, first: nil), to: out) }
      return Int64(changed)
    }
    let more = { [self] () throws(DriverError) -> ResultStream? in
      guard let row = try parameters.next() else { return nil }
      return try run(sql, row).stream
    }
    let rows = QueryRows(described.columns, of: sql, first: try more(), more: more)
    if let out { DriverStream.export(rows, to: out) } else { try rows.drain() }
    return -1
  }

  private func ingest() throws(DriverError) -> Int64 {
    guard let bound else { throw DriverError(.invalidState, "no rows were bound to be stored") }
    guard let table = ingestion.table else { return -1 }
    let (schema, mode) = (ingestion.schema, ingestion.mode)
    return Int64(
      try storing { (session) throws(SQLError) in
        try session.ingest(bound, into: table, schema: schema, mode: mode)
      })
  }

  /// An INSERT of parameters takes all bound rows at once; nil for other statements.
  private func insert(_ sql: String, _ bound: BoundRows) throws(DriverError) -> Int? {
    try storing(sql) { (session) throws(SQLError) in try session.insert(sql, of: bound) }
  }

  private func storing<Result>(
    _ sql: String? = nil, _ body: (Session) throws(SQLError) -> Result
  ) throws(DriverError) -> Result {
    running.withLock { $0 = RunningQuery(isInCall: true) }
    defer { running.withLock { $0.isInCall = false } }
    bound?.waiting = connection
    return try connection.withSession(of: sql, body)
  }

  /// Runs `body` so that `cancel` from another thread ends it, and what it leaves running.
  private func cancellable(
    _ body: () throws(DriverError) -> StatementResult
  ) throws(DriverError) -> StatementResult {
    running.withLock { $0 = RunningQuery(isInCall: true) }
    defer { running.withLock { $0.isInCall = false } }
    let result = try body()
    let isCancelled = running.withLock { running in
      running.context = result.context
      return running.isCancelled
    }
    if isCancelled { result.context.cancel() }
    return result
  }

  /// From any thread.
  func cancel() {
    let (isInCall, context) = running.withLock { running in
      running.isCancelled = true
      return (running.isInCall, running.context)
    }
    context?.cancel()
    if isInCall { connection.cancel() }
  }

  /// What is done of what has to be, 0…1; nil if nobody knows.
  var progress: Double? { running.withLock { $0.context }?.progress.fraction }

  func set(_ key: String, _ value: String?) throws(DriverError) {
    if try ingestion.set(key, value) {
      sql = nil
      return
    }
    switch key {
    case "adbc.statement.bind_by_name", "adbc.statement.exec.incremental":
      guard value == "false" else {
        throw DriverError(.notImplemented, "option cannot be on: \"\(key)\"")
      }
    default: throw DriverError(.notImplemented, "unknown option of a statement: \"\(key)\"")
    }
  }

  func option(_ key: String) -> String? {
    switch key {
    case "adbc.statement.exec.progress": progress.map { "\($0)" } ?? "0"
    case "adbc.statement.exec.max_progress": "1"
    default: ingestion.option(key)
    }
  }
}

extension DriverTable {
  static func fillStatement(_ driver: Driver) {
    driver.pointee.StatementNew = { connection, handle, error in
      do throws(DriverError) {
        return Entry.make(handle, error, DriverStatement(try Entry.object(of: connection)))
      } catch let failure {
        return failure.report(to: error)
      }
    }
    driver.pointee.StatementSetSqlQuery = { handle, query, error in
      Entry.call(handle, error) { (statement) throws(DriverError) in
        statement.setQuery(Entry.text(query) ?? "")
      }
    }
    driver.pointee.StatementPrepare = { handle, error in
      Entry.call(handle, error) { (statement) throws(DriverError) in try statement.prepare() }
    }
    driver.pointee.StatementSetOption = { handle, key, value, error in
      Entry.call(handle, error) { (statement) throws(DriverError) in
        try statement.set(Entry.text(key) ?? "", Entry.text(value))
      }
    }
    driver.pointee.StatementExecuteQuery = { handle, out, affected, error in
      Entry.call(handle, error) { (statement) throws(DriverError) in
        affected?.pointee = -1
        let rows = try statement.execute(into: out)
        affected?.pointee = rows
      }
    }
    driver.pointee.StatementGetParameterSchema = { handle, out, error in
      Entry.call(handle, error) { (statement) throws(DriverError) in
        let out = try Entry.required(out)
        let types = try statement.described().parameterTypes
        let fields = types.enumerated().map { ArrowField("$\($0.offset + 1)", $0.element) }
        ArrowField.export(columns: fields, to: out)
      }
    }
    driver.pointee.StatementRelease = { handle, error in
      Entry.release(handle, error) { (_) throws(DriverError) in }
    }
    driver.pointee.StatementBind = { handle, array, schema, error in
      Entry.call(handle, error) { (statement) throws(DriverError) in
        guard let array, let schema else {
          throw DriverError(.invalidArgument, "a null pointer for rows")
        }
        statement.bind(try BoundRows(array: array, schema: schema))
      }
    }
    driver.pointee.StatementBindStream = { handle, stream, error in
      Entry.call(handle, error) { (statement) throws(DriverError) in
        guard let stream else { throw DriverError(.invalidArgument, "a null pointer for rows") }
        statement.bind(try BoundRows(stream: stream))
      }
    }
    driver.pointee.StatementExecutePartitions = { _, _, _, _, error in
      DriverError(.notImplemented, "results have no partitions").report(to: error)
    }
    driver.pointee.StatementSetSubstraitPlan = { _, _, _, error in
      DriverError(.notImplemented, "plans in Substrait are not understood").report(to: error)
    }
  }

  /// Functions of version 1.1.0.
  static func fillNewer(_ driver: Driver) {
    driver.pointee.ConnectionCancel = { handle, error in
      Entry.call(handle, error) { (connection) throws(DriverError) in connection.cancel() }
    }
    driver.pointee.StatementCancel = { handle, error in
      Entry.call(handle, error) { (statement) throws(DriverError) in statement.cancel() }
    }
    driver.pointee.StatementExecuteSchema = { handle, out, error in
      Entry.call(handle, error) { (statement) throws(DriverError) in
        let out = try Entry.required(out)
        let columns = try statement.described().columns
        ArrowField.export(columns: columns.map { ArrowField($0) }, to: out)
      }
    }
    driver.pointee.ConnectionGetStatistics = { _, _, _, _, _, _, error in
      DriverError(.notImplemented, "statistics are not there yet").report(to: error)
    }
    driver.pointee.ConnectionGetStatisticNames = { _, _, error in
      DriverError(.notImplemented, "statistics are not there yet").report(to: error)
    }
  }
}
