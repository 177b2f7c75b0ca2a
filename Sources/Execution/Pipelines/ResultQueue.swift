import Base
import Vectors

/// The batches that a query has ready for its client, in order, within a byte budget.
///
/// The first unfinished morsel writes to the queue; later ones keep their batches in their parts
/// until their turn. Each side is bounded: the queue by `budgetBytes`, a waiting part by a share.
public final class ResultQueue: @unchecked Sendable {
  static let budgetBytes = 8 << 20
  static let waitingBytes = 6 << 20

  private let lock = Monitor()
  private var ready: [Batch] = []
  private var readIndex = 0
  private var readyBytes = 0
  private var headMorsel = 0
  private var hasEnded = false
  private var failure: SQLError?
  private var isClosed = false
  /// Called when the client has made room.
  var onDrain: @Sendable () -> Void = {}

  init() {}

  // MARK: the client's side

  /// The next batch, waiting for it; nil at the end.
  public func next() throws(SQLError) -> Batch? {
    lock.lock()
    while readIndex >= ready.count, !hasEnded { lock.wait() }
    guard readIndex < ready.count else {
      let error = failure
      lock.unlock()
      if let error { throw error }
      return nil
    }
    let batch = ready[readIndex]
    readIndex += 1
    readyBytes -= batch.sizeBytes
    // A queue that never runs empty must not keep what was read.
    if readIndex == ready.count || readIndex >= 64 {
      ready.removeFirst(readIndex)
      readIndex = 0
    }
    let hasRoom = readyBytes < Self.budgetBytes / 2
    lock.unlock()
    if hasRoom { onDrain() }
    return batch
  }

  /// True when `next` will not wait; waits at most so long for that.
  public func waitForBatch(milliseconds: Int) -> Bool {
    lock.locked {
      if readIndex < ready.count || hasEnded { return true }
      _ = lock.wait(milliseconds: milliseconds)
      return readIndex < ready.count || hasEnded
    }
  }

  /// The client wants no more.
  public func close() {
    lock.locked {
      isClosed = true
      ready.removeAll()
      readIndex = 0
      readyBytes = 0
    }
    onDrain()
  }

  // MARK: the query's side

  func isHead(_ morsel: Int) -> Bool { lock.locked { headMorsel == morsel } }

  func hasRoom(forMorsel morsel: Int) -> Bool {
    lock.locked { headMorsel == morsel && readyBytes < Self.budgetBytes }
  }

  func push(_ batches: [Batch]) -> Demand {
    lock.locked {
      if isClosed { return .done }
      for batch in batches {
        ready.append(batch)
        readyBytes += batch.sizeBytes
      }
      lock.notifyAll()
      return readyBytes < Self.budgetBytes ? .more : .blocked
    }
  }

  /// The morsel before `morsel` is complete.
  func setHead(_ morsel: Int) {
    lock.locked { headMorsel = morsel }
    onDrain()
  }

  func end(_ error: SQLError?) {
    lock.locked {
      guard !hasEnded else { return }
      hasEnded = true
      failure = error
      lock.notifyAll()
    }
  }
}
