import Base
import Catalog
import Execution
import Parsing
import Planning
import Synchronization
import Vectors

/// One user's conversation: settings and one statement at a time.
///
/// A session is used by one thread at a time; `cancel` may come from any.
public final class Session: @unchecked Sendable {
  public let database: Database
  var settings = Settings()
  /// Nil outside of BEGIN … COMMIT.
  var transaction: Transaction?
  /// Of transactions to come.
  var defaultModes = TransactionModes()
  /// Who asks; a server sets it before the first statement.
  public var identity = SessionIdentity()
  /// Changes that a query asked for by `set_config`; they hold from the next statement on.
  let pendingSettings = PendingSettings()
  /// What `COPY … FROM STDIN` reads.
  public var standardInput = StandardInput.none
  /// Types that the client declared for the parameters of the statement at hand.
  private var declaredTypes: [LogicalType?] = []
  private var parsed: [String: (dialect: Dialect, statement: ParsedStatement)] = [:]
  private let running = Mutex<RunningStatement?>(nil)

  /// What its statements may do.
  public let access: SessionAccess

  init(database: Database, access: SessionAccess = .everything) {
    self.database = database
    self.access = access
  }

  /// Runs one statement. Rows come through `StatementResult.stream`; everything else is done when
  /// this returns.
  ///
  /// `parameters` are the values of `$1`, `$2` …; text takes the type that its place wants, or the
  /// one that `parameterTypes` declares.
  public func run(
    _ sql: String, parameters: [Value] = [], parameterTypes: [LogicalType?] = []
  ) throws(SQLError) -> StatementResult {
    declaredTypes = parameterTypes
    defer { declaredTypes = [] }
    return try asStatement { () throws(SQLError) in
      let parsed = try parse(sql)
      let result = try run(parsed.statement, parameters)
      result.stream?.transaction = transaction
      return result
    }
  }

  /// Runs `body` as any statement runs, however the user has put it: a failure fails the transaction.
  func asStatement<Result>(
    _ body: () throws(SQLError) -> Result
  ) throws(SQLError) -> Result {
    try database.requireOpen()
    try applyPendingSettings()
    return try failingTransaction { () throws(SQLError) in try StackSpace.ensure(body) }
  }

  /// Parses, binds and infers the types of parameters and columns without running. Types in
  /// `parameterTypes` are taken as they are.
  public func prepare(
    _ sql: String, parameterTypes: [LogicalType?] = []
  ) throws(SQLError) -> PreparedQuery {
    try database.requireOpen()
    declaredTypes = parameterTypes
    defer { declaredTypes = [] }
    return try failingTransaction { () throws(SQLError) in
      try StackSpace.ensure { () throws(SQLError) in try prepareHere(sql) }
    }
  }

  private func prepareHere(_ sql: String) throws(SQLError) -> PreparedQuery {
    let parsed = try SQLParser.parse(sql, dialect: dialect)
    try requireAllowed(parsed.statement)
    if case .transaction = parsed.statement {
      return PreparedQuery(parameterTypes: [], columns: [])
    }
    try requireSoundTransaction()
    let environment = try bindingEnvironment(parameters: nil, files: StatementFiles(self))
    switch parsed.statement {
    case .query(let query):
      let bound = try Binder.bind(query, in: environment)
      return PreparedQuery(
        parameterTypes: bound.parameterTypes, columns: bound.columns.map(ResultColumn.init))
    case .insert(let insert):
      let table = try requireTable(insert.table)
      let bound = try bindSource(of: insert, into: table, in: environment)
      return PreparedQuery(parameterTypes: bound.parameterTypes, columns: [])
    case .update(let update):
      let table = try requireTable(update.table)
      let bound = try Binder.bind(try query(update, of: table, withAddresses: false), in: environment)
      return PreparedQuery(parameterTypes: bound.parameterTypes, columns: [])
    case .delete(let delete):
      let bound = try Binder.bind(Self.rows(of: delete), in: environment)
      return PreparedQuery(parameterTypes: bound.parameterTypes, columns: [])
    case .createTable(let create):
      guard let query = create.query else { break }
      let bound = try Binder.bind(query, in: environment)
      return PreparedQuery(parameterTypes: bound.parameterTypes, columns: [])
    case .copy(let copy) where !copy.isFrom:
      let bound = try Binder.bind(try Self.query(of: copy), in: environment)
      return PreparedQuery(parameterTypes: bound.parameterTypes, columns: [])
    case .fragment(let fragment):
      let columns = try self.columns(of: fragment, parameters: [])
      return PreparedQuery(parameterTypes: [], columns: columns)
    case .explain(let explain) where explain.fragmentCount != nil:
      return PreparedQuery(
        parameterTypes: [], columns: Self.fragmentColumns.map { ResultColumn($0, .text) })
    case .explain(let explain):
      let bound = try Binder.bind(explain.statement, in: environment)
      return PreparedQuery(
        parameterTypes: bound.parameterTypes, columns: [ResultColumn(Self.planColumn, .text)])
    case .show(let variable):
      return PreparedQuery(
        parameterTypes: [], columns: Self.columns(of: variable).map { ResultColumn($0, .text) })
    default: break
    }
    return PreparedQuery(parameterTypes: [], columns: [])
  }

  /// The columns that the rows of a `COPY … FROM` have.
  public func copyColumns(of copy: Copy) throws(SQLError) -> [ResultColumn] {
    guard case .table(let name, let columns) = copy.subject else {
      throw SQLError(.syntaxError, "COPY FROM needs a table", at: copy.range)
    }
    let table = try requireTable(name)
    let visible = table.visibleColumns
    if columns.isEmpty { return visible.map { ResultColumn($0) } }
    return try columnPositions(columns, of: table).map { ResultColumn(visible[$0]) }
  }

  /// Changes a setting; nil gives it its initial value again. `isLocal`: until the transaction ends.
  public func set(_ name: String, to value: String?, isLocal: Bool = false) throws(SQLError) {
    try changeSettings(isLocal: isLocal) { (settings) throws(SQLError) in
      try settings.set(name, to: value, at: nil)
    }
  }

  /// Gives all settings their initial values again.
  public func resetSettings() {
    settings = Settings()
    if transaction?.lastingSettings != nil { transaction?.lastingSettings = settings }
  }

  /// Cancels the running statement, if there is one.
  public func cancel() { running.withLock { $0 }?.cancel() }

  /// The context of the running statement, from any thread: its progress can be shown while `run` has
  /// not returned yet. Nil when nothing runs.
  public var runningContext: QueryContext? { running.withLock { $0?.context } }

  /// A setting's text, e.g. "memory_limit", "statement_timeout", "dialect"; nil for unknown names.
  public func setting(_ name: String) -> String? { settings[name] }

  /// Changes a setting as SET does, also in a session that may only ask.
  public func set(_ name: String, to value: String) throws(SQLError) {
    try changeSettings { (settings) throws(SQLError) in
      try settings.set(name, to: value, at: SourceRange(offset: 0, length: 0))
    }
  }

  public var dialect: Dialect { settings.dialect }

  private func applyPendingSettings() throws(SQLError) {
    let changes = pendingSettings.changes.withLock { pending in
      defer { pending = [:] }
      return pending
    }
    for (name, value) in changes { try set(name, to: value) }
  }

  /// Statements that are run again and again, with other parameters, are parsed once.
  private func parse(_ sql: String) throws(SQLError) -> ParsedStatement {
    let dialect = dialect
    if let known = parsed[sql], known.dialect == dialect { return known.statement }
    let statement = try SQLParser.parse(sql, dialect: dialect)
    guard statement.parameterCount > 0, sql.utf8.count <= Self.longestKept else { return statement }
    if parsed.count >= Self.mostKept { parsed.removeAll() }
    parsed[sql] = (dialect, statement)
    return statement
  }

  private static let mostKept = 64
  private static let longestKept = 4096

  // MARK: for statements

  func makeContext() -> QueryContext {
    let clock = SystemClock()
    let deadline = settings.timeoutMS.map { clock.monotonicNS() + Int64($0) * 1_000_000 }
    let memory = MemoryAccount(
      limitBytes: settings.memoryLimitBytes ?? .max, parent: database.memory)
    let context = QueryContext(
      queryClass: settings.queryClass, memory: memory, deadlineNS: deadline ?? .max, clock: clock,
      preemption: database.scheduler, team: database.scheduler)
    setRunning(RunningStatement(context: context))
    return context
  }

  func setRunning(_ statement: RunningStatement?) { running.withLock { $0 = statement } }

  func bindingEnvironment(
    parameters: [Value]?, files: StatementFiles
  ) throws(SQLError) -> BindingEnvironment {
    let catalog = try catalog()
    var environment = BindingEnvironment(
      catalog: catalog.snapshot, functions: database.functions, dialect: dialect,
      parameters: parameters)
    environment.facts = StatementFacts(self, catalog.system)
    environment.parameterTypes = declaredTypes
    environment.fileColumns = { (source, file) throws(SQLError) in
      do throws(SQLError) {
        return try files.columns(of: source, file.options)
      } catch {
        throw error.at(file.range)
      }
    }
    return environment
  }
}

/// What `cancel` stops. It keeps nothing alive: an ended statement's memory goes with its result.
struct RunningStatement: Sendable {
  weak let context: QueryContext?
  /// Woken, so that it sees the cancellation at once.
  private weak let execution: QueryExecution?

  init(context: QueryContext, execution: QueryExecution? = nil) {
    self.context = context
    self.execution = execution
  }

  func cancel() {
    context?.cancel()
    execution?.cancel()
  }
}
