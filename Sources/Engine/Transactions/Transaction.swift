import Base
import Parsing
import Synchronization

/// Where a session stands between BEGIN and COMMIT.
public enum TransactionStatus: Sendable {
  case idle, inTransaction
  /// A statement failed: everything but ROLLBACK is refused.
  case failed
}

/// A transaction that BEGIN started.
///
/// Its session alone changes it; only that it has failed may be noted from any thread, by a stream.
final class Transaction: @unchecked Sendable {
  var isReadOnly: Bool
  /// What ROLLBACK gives back.
  let settingsBefore: Settings
  /// What COMMIT gives back, once SET LOCAL has changed something for the time until then.
  var lastingSettings: Settings?
  var savepoints: [Savepoint] = []
  /// What COMMIT will make durable.
  var changes = ChangeSet()
  /// Each keeps what the transaction had done until then.
  static let mostSavepoints = 10_000
  private let failed = Atomic<Bool>(false)

  struct Savepoint {
    let name: Identifier
    let settings: Settings
    let lastingSettings: Settings?
    let changes: ChangeSet

    func isNamed(_ other: Identifier) -> Bool {
      name.isDelimited || other.isDelimited
        ? name.text == other.text : name.text.lowercased() == other.text.lowercased()
    }
  }

  init(isReadOnly: Bool, settings: Settings) {
    self.isReadOnly = isReadOnly
    settingsBefore = settings
  }

  var hasFailed: Bool { failed.load(ordering: .relaxed) }
  func fail() { failed.store(true, ordering: .relaxed) }
  func recover() { failed.store(false, ordering: .relaxed) }
}
