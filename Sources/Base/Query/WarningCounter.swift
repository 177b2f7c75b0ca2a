import Synchronization

/// Counts rows whose value became NULL instead of an error, by reason; shown once after the result.
public final class WarningCounter: Sendable {
  private let counts = Mutex<[String: Int]>([:])

  public init() {}

  /// Adds `rows` under `reason`, a lower-case phrase such as "latitude outside -90…90". Called at
  /// most once a batch.
  public func add(_ rows: Int, _ reason: String) {
    guard rows > 0 else { return }
    counts.withLock { $0[reason, default: 0] += rows }
  }

  /// All reasons with their counts, sorted by reason.
  public var all: [(reason: String, rows: Int)] {
    counts.withLock { $0.sorted { $0.key < $1.key }.map { (reason: $0.key, rows: $0.value) } }
  }
}
