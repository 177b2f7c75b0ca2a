import Base
import Engine

/// Transactions that nobody has asked for: the statements of one simple query, and those of the
/// extended protocol up to Sync, take effect together, unless they say themselves where transactions
/// begin and end.
extension ServerConnection {
  /// Opens one before a statement that is not the last of its group, if none is open. A statement that
  /// is alone goes without: then the engine may run it again after a conflict.
  func beginImplicitTransaction(before sql: String) throws(SQLError) {
    guard let session, session.transactionStatus == .idle else { return }
    switch WordReader(sql).peekWord() {
    case "begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release": return
    default: break
    }
    _ = try session.run("BEGIN")
    isTransactionImplicit = true
  }

  /// What a statement's tag says about the transaction.
  func noteTransaction(after tag: String) {
    switch tag {
    case "BEGIN", "START TRANSACTION": isTransactionImplicit = false
    case "COMMIT", "ROLLBACK":
      guard session?.transactionStatus == .idle else { return }
      isTransactionImplicit = false
      // What a transaction has opened goes with it.
      endTransaction()
    default: break
    }
  }

  /// The end of the group.
  func commitImplicitTransaction() throws(SQLError) {
    guard isTransactionImplicit else { return }
    isTransactionImplicit = false
    guard let session, session.transactionStatus != .idle else { return }
    _ = try session.run("COMMIT")
  }

  /// After an error nothing of the group stays.
  func abandonImplicitTransaction() {
    guard isTransactionImplicit else { return }
    isTransactionImplicit = false
    // ROLLBACK of a transaction that is open does not fail.
    _ = try? session?.run("ROLLBACK")
  }

  /// What does not outlive a transaction goes.
  func endTransaction() {
    portals = portals.filter { $0.value.isHeld }
  }

  /// After a failure everything is refused but the statements that end the transaction. Those that
  /// have not begun are the session's to judge.
  func requireSoundTransaction(for portal: Portal) throws(SQLError) {
    guard session?.transactionStatus == .failed else { return }
    if case .statement = portal.statement.kind, case .new = portal.state { return }
    if case .empty = portal.statement.kind { return }
    throw Self.inFailedTransaction
  }

  static let inFailedTransaction = SQLError(
    .inFailedTransaction,
    "current transaction is aborted, commands ignored until end of transaction block",
    hint: "Send ROLLBACK, or ROLLBACK TO a savepoint.")
}
