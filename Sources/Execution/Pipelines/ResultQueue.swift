import Base
import Vectors

/// What a client that does not wait finds.
public enum PolledBatch {
  case batch(Batch)
  /// Nothing yet.
  case pending
  case end
}

/// The batches that a query has ready for its client, in order, within a byte budget.
///
/// The first unfinished morsel writes to the queue; later ones keep their batches in their parts
/// until their turn. Each side is bounded: the queue by `budgetBytes`, a waiting part by a share, both
/// by less when memory is short. What waits is held on the query's account: a client that opens many
/// queries and reads none of them fills its limit and not the machine.
public final class ResultQueue: @unchecked Sendable {
  static let budgetBytes = 8 << 20
  static let waitingBytes = 6 << 20

  private let account: MemoryAccount
  private let reservation: MemoryReservation
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
  /// Called once when a batch or the end arrives after `poll` had nothing.
  private var onReady: (@Sendable () -> Void)?

  init(_ account: MemoryAccount) {
    self.account = account
    reservation = MemoryReservation(account)
  }

  /// What a part of the queue may hold: little when many others hold much.
  func share(of bytes: Int) -> Int { min(bytes, account.availableBytes / 8) }

  /// Counts a batch that waits here or in a part.
  func hold(_ batch: Batch) throws(SQLError) { try reservation.grow(by: batch.sizeBytes) }

  /// Rows of a part that are not wanted.
  func release(_ bytes: Int) { reservation.shrink(by: bytes) }

  /// Under the lock. An empty queue always has room: the query has to get on.
  private func hasRoom(within bytes: Int) -> Bool {
    readyBytes == 0 || readyBytes < share(of: bytes)
  }

  // MARK: the client's side

  /// The next batch, waiting for it; nil at the end.
  public func next() throws(SQLError) -> Batch? {
    lock.lock()
    while readIndex >= ready.count, !hasEnded { lock.wait() }
    return try takeAndUnlock()
  }

  /// The next batch if there is one. Otherwise `pending`, and `notify` is called once, on any thread
  /// and with no lock held, when a batch or the end has come.
  public func poll(_ notify: @escaping @Sendable () -> Void) throws(SQLError) -> PolledBatch {
    lock.lock()
    guard readIndex < ready.count || hasEnded else {
      onReady = notify
      lock.unlock()
      return .pending
    }
    return try takeAndUnlock().map(PolledBatch.batch) ?? .end
  }

  /// Under the lock, which it gives back.
  private func takeAndUnlock() throws(SQLError) -> Batch? {
    guard readIndex < ready.count else {
      let error = failure
      lock.unlock()
      if let error { throw error }
      return nil
    }
    let batch = ready[readIndex]
    readIndex += 1
    readyBytes -= batch.sizeBytes
    release(batch.sizeBytes)
    // A queue that never runs empty must not keep what was read.
    if readIndex == ready.count || readIndex >= 64 {
      ready.removeFirst(readIndex)
      readIndex = 0
    }
    let hasRoom = hasRoom(within: Self.budgetBytes / 2)
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
      release(readyBytes)
      readyBytes = 0
      onReady = nil
    }
    onDrain()
  }

  // MARK: the query's side

  func isHead(_ morsel: Int) -> Bool { lock.locked { headMorsel == morsel } }

  func hasRoom(forMorsel morsel: Int) -> Bool {
    lock.locked { headMorsel == morsel && hasRoom(within: Self.budgetBytes) }
  }

  func push(_ batches: [Batch]) -> Demand {
    let (demand, notify) = lock.locked { () -> (Demand, (@Sendable () -> Void)?) in
      if isClosed {
        release(batches.reduce(0) { $0 + $1.sizeBytes })
        return (.done, nil)
      }
      for batch in batches {
        ready.append(batch)
        readyBytes += batch.sizeBytes
      }
      lock.notifyAll()
      let demand: Demand = hasRoom(within: Self.budgetBytes) ? .more : .blocked
      return (demand, batches.isEmpty ? nil : takeNotification())
    }
    notify?()
    return demand
  }

  /// Under the lock.
  private func takeNotification() -> (@Sendable () -> Void)? {
    defer { onReady = nil }
    return onReady
  }

  /// The morsel before `morsel` is complete.
  func setHead(_ morsel: Int) {
    lock.locked { headMorsel = morsel }
    onDrain()
  }

  func end(_ error: SQLError?) {
    let notify = lock.locked { () -> (@Sendable () -> Void)? in
      guard !hasEnded else { return nil }
      hasEnded = true
      failure = error
      lock.notifyAll()
      return takeNotification()
    }
    notify?()
  }
}
