import Base

/// Something a thread of the pool can do.
protocol PoolJob: AnyObject, Sendable {
  func run()
}

/// A few threads that do what connections ask for, and more of them when all are held up by statements
/// that do their work at once. Threads that have nothing to do for a while end.
final class WorkPool: @unchecked Sendable {
  private static let idleMS = 10_000
  private static let stackBytes = 8 << 20

  private let lock = Monitor()
  private let standing: Int
  private let most: Int
  // Under the lock.
  private var queue: [any PoolJob] = []
  private var queueStart = 0
  private var threadCount = 0
  private var idleCount = 0
  private var taken = 0
  private var takenAtLastLook = -1
  private var isStopping = false
  private var ended: [WorkerThread] = []
  private var threads: [Int: WorkerThread] = [:]
  private var nextThread = 0

  /// `standing` threads are started as they are wanted, up to `most` when those are held up.
  init(standing: Int, most: Int) {
    self.standing = max(1, standing)
    self.most = max(most, self.standing)
  }

  private var waitingCount: Int { queue.count - queueStart }

  func submit(_ job: any PoolJob) {
    lock.locked {
      queue.append(job)
      if idleCount > 0 {
        lock.notifyOne()
      }
      if waitingCount > idleCount, threadCount < standing { startThread() }
    }
  }

  /// Whether somebody waits for a thread: then a thread should give its connection's turn away.
  var isWanted: Bool { lock.locked { waitingCount > idleCount } }

  /// Called every now and then: when jobs wait and none has been taken since the last time, another
  /// thread is started.
  func growIfStuck() {
    let finished = lock.locked { () -> [WorkerThread] in
      if waitingCount > 0, idleCount == 0, taken == takenAtLastLook, threadCount < most {
        startThread()
      }
      takenAtLastLook = taken
      defer { ended = [] }
      return ended
    }
    for thread in finished { thread.join() }
  }

  /// Under the lock.
  private func startThread() {
    let number = nextThread
    guard let thread = WorkerThread(stackBytes: Self.stackBytes, { [unowned self] in work(number) })
    else { return }
    nextThread += 1
    threads[number] = thread
    threadCount += 1
  }

  private func work(_ number: Int) {
    lock.lock()
    while true {
      if queueStart < queue.count {
        let job = queue[queueStart]
        queueStart += 1
        taken += 1
        if queueStart == queue.count || queueStart >= 256 {
          queue.removeFirst(queueStart)
          queueStart = 0
        }
        lock.unlock()
        job.run()
        lock.lock()
        continue
      }
      if isStopping { break }
      idleCount += 1
      let wasCalled = lock.wait(milliseconds: Self.idleMS)
      idleCount -= 1
      if !wasCalled, queueStart == queue.count, threadCount > standing { break }
    }
    threadCount -= 1
    if !isStopping, let thread = threads.removeValue(forKey: number) { ended.append(thread) }
    lock.unlock()
  }

  /// Ends the threads when nothing is queued any more.
  func stop() {
    let all = lock.locked { () -> [WorkerThread] in
      isStopping = true
      lock.notifyAll()
      defer { (threads, ended) = ([:], []) }
      return Array(threads.values) + ended
    }
    for thread in all { thread.join() }
  }
}
