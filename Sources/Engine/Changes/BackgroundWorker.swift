import Base

/// A thread that works once each time it is woken; started by the first call, joined by `stop`.
///
/// After a failure it rests before it works again, twice as long each time.
final class BackgroundWorker: @unchecked Sendable {
  private static let shortestRestNS: Int64 = 100_000_000
  private static let longestRestNS: Int64 = 60_000_000_000

  private let clock: any Clock
  private let lock = Monitor()
  private var thread: WorkerThread?
  private var work: (@Sendable () -> Bool)?
  private var isStopped = false
  private var restNS: Int64 = 0
  private var restEndNS = Int64.min

  init(clock: any Clock = SystemClock()) { self.clock = clock }

  /// Runs `work`, which says whether it succeeded, soon; while work waits to be begun, further calls are
  /// one with it, and while the thread rests they are for nothing.
  func wake(_ work: @escaping @Sendable () -> Bool) {
    lock.locked {
      guard !isStopped, self.work == nil, clock.monotonicNS() >= restEndNS else { return }
      if thread == nil { thread = WorkerThread(stackBytes: 8 << 20) { [self] in run() } }
      // Without a thread the next call tries again.
      if thread != nil { self.work = work }
      lock.notifyAll()
    }
  }

  /// Waits for the work at hand, unless it is that work which calls.
  func stop() {
    lock.lock()
    isStopped = true
    work = nil
    let ended = thread
    thread = nil
    lock.notifyAll()
    lock.unlock()
    guard let ended else { return }
    if ended.isCurrent { ended.detach() } else { ended.join() }
  }

  private func run() {
    while true {
      lock.lock()
      while work == nil, !isStopped { lock.wait() }
      let next = isStopped ? nil : work
      lock.unlock()
      guard let next else { return }
      let succeeded = next()
      lock.locked {
        work = nil
        restNS = succeeded ? 0 : min(max(Self.shortestRestNS, restNS * 2), Self.longestRestNS)
        restEndNS = clock.monotonicNS() &+ restNS
      }
    }
  }
}
