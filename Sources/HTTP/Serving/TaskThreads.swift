import Base

/// A few threads that run short tasks, now or at a time. What waits is a task in a list, not a
/// thread.
public final class TaskThreads: @unchecked Sendable {
  public typealias Task = @Sendable () -> Void

  private let lock = Monitor()
  private let clock: any Clock
  private var ready: [Task] = []
  private var readIndex = 0
  /// Sorted by time, the earliest last.
  private var timed: [(timeNS: Int64, number: Int, task: Task)] = []
  private var lastNumber = 0
  private var isStopped = false
  private var threads: [WorkerThread] = []

  public init(threadCount: Int, clock: any Clock = SystemClock()) throws(SQLError) {
    self.clock = clock
    for _ in 0..<max(1, threadCount) {
      guard let thread = WorkerThread({ [unowned self] in run() }) else {
        stop()
        throw SQLError(.outOfMemory, "the system has no thread to give")
      }
      threads.append(thread)
    }
  }

  /// Runs `task` soon. After `stop` it is dropped.
  public func submit(_ task: @escaping Task) {
    lock.locked {
      guard !isStopped else { return }
      ready.append(task)
      lock.notifyAll()
    }
  }

  /// Runs `task` after `milliseconds`. The number given back can take it out of the list again.
  @discardableResult
  public func submit(afterMS milliseconds: Int, _ task: @escaping Task) -> Int {
    lock.locked {
      guard !isStopped else { return 0 }
      let timeNS = clock.monotonicNS() &+ Int64(max(0, milliseconds)) &* 1_000_000
      lastNumber += 1
      let place = timed.firstIndex { $0.timeNS <= timeNS } ?? timed.count
      timed.insert((timeNS, lastNumber, task), at: place)
      lock.notifyAll()
      return lastNumber
    }
  }

  /// Takes a timed task out of the list; nothing happens if it has started.
  public func withdraw(_ number: Int) {
    lock.locked { timed.removeAll { $0.number == number } }
  }

  /// Drops what has not started, waits for what has, and joins the threads. Called once.
  public func stop() {
    lock.locked {
      isStopped = true
      ready.removeAll()
      readIndex = 0
      timed.removeAll()
      lock.notifyAll()
    }
    for thread in threads { thread.join() }
    threads.removeAll()
  }

  private func run() {
    while let task = next() { task() }
  }

  /// Waits for a task; nil when the threads stop.
  private func next() -> Task? {
    lock.lock()
    defer { lock.unlock() }
    while !isStopped {
      if let due = timed.last, due.timeNS <= clock.monotonicNS() {
        timed.removeLast()
        return due.task
      }
      if readIndex < ready.count { return takeReady() }
      if let due = timed.last {
        let milliseconds = (due.timeNS &- clock.monotonicNS()) / 1_000_000 + 1
        _ = lock.wait(milliseconds: Int(min(60_000, max(1, milliseconds))))
      } else {
        lock.wait()
      }
    }
    return nil
  }

  private func takeReady() -> Task {
    let task = ready[readIndex]
    readIndex += 1
    if readIndex == ready.count {
      ready.removeAll(keepingCapacity: true)
      readIndex = 0
    } else if readIndex >= 256 {
      ready.removeFirst(readIndex)
      readIndex = 0
    }
    return task
  }
}
