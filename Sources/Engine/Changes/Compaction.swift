import Base
import Storage
import Synchronization

/// Brings tails into segments and lets the log begin later.
extension Database {
  /// What CHECKPOINT does: all tables, each by a commit of its own.
  func compact() throws(SQLError) {
    try requireWritable()
    guard directory != nil else { return }
    for table in ownTables {
      try commitLock.locked { () throws(SQLError) in
        guard table.hasUnsaved, ownTables.contains(where: { $0 === table }) else { return }
        let rewrite = TableRewrite(TableChanges(table: table), in: self, isMerging: true)
        try rewrite.prepare()
        try commit(rewrite.manifestChanges, [rewrite])
      }
    }
  }

  /// Keeps the memory of tails, and the log, bounded: beyond the limits a thread of our own compacts,
  /// beyond twice the limits those who change rows do, or wait until it is done.
  func boundTails() throws(SQLError) {
    let logLimitBytes = max(64 << 20, 2 * tailLimitBytes)
    let (tailBytes, logBytes) = (tailMemory.usedBytes, log?.sizeBytes ?? 0)
    if tailBytes > 2 * tailLimitBytes || logBytes > 2 * logLimitBytes {
      try compact()
    } else if tailBytes > tailLimitBytes || logBytes > logLimitBytes {
      compactor.wake { [weak self] in try? self?.compact() }
    }
  }

  /// For work that no statement waits for.
  func makeBackgroundContext() -> QueryContext {
    QueryContext(
      queryClass: .batch, memory: MemoryAccount(parent: memory), preemption: scheduler,
      team: scheduler)
  }
}

/// A thread that works once each time it is woken; started by the first call, joined by `stop`.
final class BackgroundWorker: @unchecked Sendable {
  private let lock = Monitor()
  private var thread: WorkerThread?
  private var work: (@Sendable () -> Void)?
  private var isStopped = false

  /// Runs `work` soon; while work waits to be begun, further calls are one with it.
  func wake(_ work: @escaping @Sendable () -> Void) {
    lock.locked {
      guard !isStopped, self.work == nil else { return }
      self.work = work
      if thread == nil { thread = WorkerThread(stackBytes: 8 << 20) { [self] in run() } }
      lock.notifyAll()
    }
  }

  /// Waits for the work at hand.
  func stop() {
    lock.lock()
    isStopped = true
    work = nil
    let joined = thread
    thread = nil
    lock.notifyAll()
    lock.unlock()
    joined?.join()
  }

  private func run() {
    while true {
      lock.lock()
      while work == nil, !isStopped { lock.wait() }
      let next = isStopped ? nil : work
      lock.unlock()
      guard let next else { return }
      next()
      lock.locked { if !isStopped { work = nil } }
    }
  }
}
