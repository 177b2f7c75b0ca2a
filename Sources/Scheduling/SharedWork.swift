import Synchronization

/// Independent pieces of work that idle workers help with, while the thread that needs them done
/// works on them, too.
final class SharedWork: @unchecked Sendable {
  let isInteractive: Bool
  /// Workers inside `help`; under the scheduler's lock.
  var helperCount = 0
  private let count: Int
  private let next = Atomic<Int>(0)
  /// Nil once all is done: a helper may let go of this object later than the caller returns.
  private var body: (@Sendable (Int) -> Void)?

  init(count: Int, isInteractive: Bool, _ body: @escaping @Sendable (Int) -> Void) {
    self.count = count
    self.isInteractive = isInteractive
    self.body = body
  }

  /// True if pieces are left that nobody has begun.
  var hasMore: Bool { next.load(ordering: .relaxed) < count }

  /// Does pieces until none is left, or until `isWanted` elsewhere.
  func help(until isWanted: () -> Bool) {
    guard let body else { return }
    while !isWanted() {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      body(index)
    }
  }

  /// Lets go of the body, which may not outlive its caller; nobody helps any more.
  func close() { body = nil }
}
