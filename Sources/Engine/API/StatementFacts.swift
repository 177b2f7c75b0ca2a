import Base
import FunctionKit
import Synchronization
import SystemCatalogs

/// What functions have asked to change; the session does it with its next statement.
final class PendingSettings: Sendable {
  /// By name in small letters: the last value wins, so there are as many as settings.
  let changes = Mutex<[String: String]>([:])
}

/// What a statement's functions may ask of its session and of the catalogue that it sees.
final class StatementFacts: SessionFacts {
  let userName: String
  let databaseName: String
  let processID: Int32
  let isReadOnly: Bool
  private let system: SystemCatalog
  /// Changes are made by `set_config` while the statement runs, on any thread.
  private let values: Mutex<Settings>
  /// Shared with the session, which is not kept: it holds the database, and a query may end last.
  private let pending: PendingSettings
  private let access: SessionAccess

  init(_ session: Session, _ system: SystemCatalog) {
    pending = session.pendingSettings
    access = session.access
    self.system = system
    userName = session.identity.userName
    databaseName = session.identity.databaseName ?? session.database.name
    processID = session.identity.processID
    isReadOnly = session.database.options.isReadOnly
    values = Mutex(session.settings)
  }

  var names: any ObjectNames { system.names }

  func setting(_ name: String) -> String? {
    let folded = name.lowercased()
    return values.withLock { $0[folded] }
  }

  func changeSetting(_ name: String, to value: String) throws(SQLError) {
    guard access == .everything else {
      throw SQLError(.insufficientPrivilege, "set_config is not possible here: queries only")
    }
    let place = SourceRange(offset: 0, length: 0)
    try values.withLock { (settings) throws(SQLError) in
      try settings.set(name, to: value, at: place)
    }
    pending.changes.withLock { $0[name.lowercased()] = value }
  }

  var settings: [(name: String, value: String, summary: String)] {
    values.withLock { $0.all } + FixedSettings.all.map { ($0.key, $0.value, "fixed") }
  }
}
