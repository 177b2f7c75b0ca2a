import Base
import Catalog
import Parsing

/// BEGIN, COMMIT, ROLLBACK and savepoints.
extension Session {
  /// For the wire protocol's ReadyForQuery and for prompts.
  public var transactionStatus: TransactionStatus {
    guard let transaction else { return .idle }
    return transaction.hasFailed ? .failed : .inTransaction
  }

  /// Runs `body`; when it throws inside a transaction, that has failed.
  func failingTransaction<Result>(
    _ body: () throws(SQLError) -> Result
  ) throws(SQLError) -> Result {
    do throws(SQLError) {
      return try body()
    } catch {
      transaction?.fail()
      throw error
    }
  }

  /// Something has gone wrong that the session did not see, such as in the protocol.
  public func failTransaction() { transaction?.fail() }

  /// Refuses statements after a failure.
  func requireSoundTransaction() throws(SQLError) {
    guard transactionStatus == .failed else { return }
    throw SQLError(
      .inFailedTransaction,
      "current transaction is aborted, commands ignored until end of transaction block",
      hint: "Send ROLLBACK, or ROLLBACK TO a savepoint.")
  }

  /// Refuses `command` where nothing may be changed.
  func requireMayWrite(_ command: String, at range: SourceRange) throws(SQLError) {
    if transaction?.isReadOnly ?? defaultModes.isReadOnly ?? false {
      throw SQLError(
        .readOnlyTransaction, "cannot execute \(command) in a read-only transaction", at: range)
    }
  }

  /// Does something to tables: within a transaction as part of it, else at once. Nothing is done when
  /// `body` or the commit throws.
  func change<Result>(
    _ body: (inout ChangeSet) throws(SQLError) -> Result
  ) throws(SQLError) -> Result {
    var changes = transaction?.changes ?? ChangeSet()
    let result = try body(&changes)
    if let transaction {
      transaction.changes = changes
    } else {
      try database.commit(changes)
    }
    return result
  }

  /// Changes settings: those of now and, unless that is for this transaction only, those after COMMIT.
  func changeSettings(
    isLocal: Bool = false, _ change: (inout Settings) throws(SQLError) -> Void
  ) throws(SQLError) {
    guard let transaction, isLocal || transaction.lastingSettings != nil else {
      return try change(&settings)
    }
    var lasting = transaction.lastingSettings ?? settings
    try change(&settings)
    if !isLocal { try change(&lasting) }
    transaction.lastingSettings = lasting
  }

  /// Tables as the session sees them.
  func catalog() throws(SQLError) -> CatalogVersion {
    try database.requireOpen()
    guard let changes = transaction?.changes, !changes.isEmpty else {
      return database.currentCatalog()
    }
    return database.currentCatalog(with: changes)
  }

  func run(_ command: TransactionCommand) throws(SQLError) -> StatementResult {
    if transactionStatus == .failed {
      switch command {
      case .commit, .rollback, .rollbackTo: break
      default: try requireSoundTransaction()
      }
    }
    switch command {
    case .begin(let modes, let isSpelledOut):
      return try begin(modes, tag: isSpelledOut ? "START TRANSACTION" : "BEGIN")
    case .commit: return try commitTransaction()
    case .rollback: return rollbackTransaction()
    case .savepoint(let name):
      let transaction = try requireTransaction("SAVEPOINT", name.range)
      guard transaction.savepoints.count < Transaction.mostSavepoints else {
        throw SQLError(
          .programLimitExceeded, "more than \(Transaction.mostSavepoints) savepoints",
          at: name.range, hint: "Send RELEASE for those that are not needed any more.")
      }
      transaction.savepoints.append(
        .init(
          name: name, settings: settings, lastingSettings: transaction.lastingSettings,
          changes: transaction.changes))
      return done("SAVEPOINT")
    case .release(let name):
      let transaction = try requireTransaction("RELEASE SAVEPOINT", name.range)
      transaction.savepoints.removeSubrange(try index(of: name, transaction)...)
      return done("RELEASE")
    case .rollbackTo(let name):
      let transaction = try requireTransaction("ROLLBACK TO SAVEPOINT", name.range)
      let index = try index(of: name, transaction)
      settings = transaction.savepoints[index].settings
      transaction.lastingSettings = transaction.savepoints[index].lastingSettings
      transaction.changes = transaction.savepoints[index].changes
      transaction.savepoints.removeSubrange((index + 1)...)
      transaction.recover()
      return done("ROLLBACK")
    case .set(let modes): return try setModes(modes)
    case .setDefaults(let modes):
      try Self.check(modes)
      defaultModes.isReadOnly = modes.isReadOnly ?? defaultModes.isReadOnly
      defaultModes.isolation = modes.isolation ?? defaultModes.isolation
      return done("SET")
    }
  }

  private func begin(_ modes: TransactionModes, tag: String) throws(SQLError) -> StatementResult {
    try Self.check(modes)
    if transaction != nil {
      return done(tag, notice: "there is already a transaction in progress")
    }
    transaction = Transaction(
      isReadOnly: modes.isReadOnly ?? defaultModes.isReadOnly ?? false, settings: settings)
    return done(tag)
  }

  private func commitTransaction() throws(SQLError) -> StatementResult {
    guard let transaction else {
      return done("COMMIT", notice: "there is no transaction in progress")
    }
    if transaction.hasFailed { return rollbackTransaction() }
    // Also when it fails: then it is rolled back.
    self.transaction = nil
    do throws(SQLError) {
      try database.commit(transaction.changes)
    } catch {
      settings = transaction.settingsBefore
      throw error
    }
    settings = transaction.lastingSettings ?? settings
    return done("COMMIT")
  }

  private func rollbackTransaction() -> StatementResult {
    guard let transaction else {
      return done("ROLLBACK", notice: "there is no transaction in progress")
    }
    settings = transaction.settingsBefore
    self.transaction = nil
    return done("ROLLBACK")
  }

  private func setModes(_ modes: TransactionModes) throws(SQLError) -> StatementResult {
    try Self.check(modes)
    guard let transaction else {
      return done("SET", notice: "SET TRANSACTION can only be used in transaction blocks")
    }
    transaction.isReadOnly = modes.isReadOnly ?? transaction.isReadOnly
    return done("SET")
  }

  /// Every statement sees what was committed when it began; who asks for more is told.
  private static func check(_ modes: TransactionModes) throws(SQLError) {
    switch modes.isolation {
    case nil, .readUncommitted, .readCommitted: return
    case .repeatableRead, .serializable:
      throw SQLError(
        .featureNotSupported,
        "isolation level is not supported: \(modes.isolation?.rawValue ?? "")",
        hint: "Transactions are READ COMMITTED.")
    }
  }

  private func requireTransaction(
    _ command: String, _ range: SourceRange
  ) throws(SQLError) -> Transaction {
    if let transaction { return transaction }
    throw SQLError(
      .noActiveTransaction, "\(command) can only be used in transaction blocks", at: range,
      hint: "Send BEGIN first.")
  }

  private func index(
    of name: Identifier, _ transaction: Transaction
  ) throws(SQLError) -> Int {
    if let index = transaction.savepoints.lastIndex(where: { $0.isNamed(name) }) { return index }
    throw SQLError(
      .invalidSavepoint, "savepoint does not exist: \"\(name.text)\"", at: name.range)
  }

  private func done(_ tag: String, notice: String? = nil) -> StatementResult {
    StatementResult(tag: tag, notice: notice, context: makeContext())
  }
}
