/// BEGIN, COMMIT, ROLLBACK and their kin.
public enum TransactionCommand: Hashable, Sendable {
  /// `BEGIN` or, spelled out, `START TRANSACTION`.
  case begin(TransactionModes, isSpelledOut: Bool)
  /// `COMMIT` or `END`.
  case commit
  /// `ROLLBACK` or `ABORT`.
  case rollback
  case savepoint(Identifier)
  case release(Identifier)
  case rollbackTo(Identifier)
  /// `SET TRANSACTION …`: of the transaction that runs.
  case set(TransactionModes)
  /// `SET SESSION CHARACTERISTICS AS TRANSACTION …`: of those to come.
  case setDefaults(TransactionModes)
}

/// What a transaction is asked to be; nil where nothing is said.
public struct TransactionModes: Hashable, Sendable {
  public enum Isolation: String, Hashable, Sendable, CaseIterable {
    case readUncommitted = "READ UNCOMMITTED"
    case readCommitted = "READ COMMITTED"
    case repeatableRead = "REPEATABLE READ"
    case serializable = "SERIALIZABLE"
  }

  public var isolation: Isolation?
  public var isReadOnly: Bool?
  /// Says something of serializable transactions only.
  public var isDeferrable: Bool?

  public init(isolation: Isolation? = nil, isReadOnly: Bool? = nil, isDeferrable: Bool? = nil) {
    self.isolation = isolation
    self.isReadOnly = isReadOnly
    self.isDeferrable = isDeferrable
  }
}
