import Base
import Execution
import Synchronization

/// Worker threads, one a core, and the queries they work on, in two classes.
///
/// *Interactive* queries take what they want. *Batch* queries take what is idle, and one turn in ten
/// besides. A batch query offers its core at every checkpoint: if interactive work waits, it runs
/// nested on the batch worker's stack, and the batch query goes on afterwards, nothing lost.
///
/// Threads start with the first query and are joined by `shutdown`.
public final class Scheduler: PreemptionPoint, WorkTeam {
  private struct Entry {
    let execution: QueryExecution
    let isInteractive: Bool
    /// False while there is nothing to do until somebody else finishes or a client reads.
    var isRunnable = true
    /// Counts announcements of work, so that one that comes while a worker finds nothing is seen.
    var announcements = 0
    /// Since when it waits for a first core; nil once a worker has been there.
    var waitsSinceNS: Int64?
  }

  private struct State {
    var entries: [Entry] = []
    /// Work that is being divided, oldest first.
    var shared: [SharedWork] = []
    var nextIndex = 0
    var turn = 0
    var threads: [WorkerThread] = []
    var isStarted = false
    var isStopping = false
  }

  private let workerCount: Int
  public var threadCount: Int { workerCount }
  private let lock = Monitor()
  nonisolated(unsafe) private var state = State()
  /// How many interactive queries have work; batch workers look at it at every checkpoint.
  private let interactiveWaiting = Atomic<Int>(0)
  private static let batchTurn = 10
  private let isPreemptive: Bool
  private let clock = SystemClock()
  private let turns = CoreTurns()
  /// How long interactive queries waited for their first core.
  public let startDelays = StartDelays()

  /// Without preemption batch queries keep their cores: what preemption costs can be measured so.
  public init(workerCount: Int, isPreemptive: Bool = true) {
    precondition(workerCount >= 1)
    self.workerCount = workerCount
    self.isPreemptive = isPreemptive
  }

  /// Starts working on a query. Fails if the scheduler was shut down or no thread can be had.
  public func submit(_ execution: QueryExecution) throws(SQLError) {
    execution.onWork = { [weak self, weak execution] in
      guard let self, let execution else { return }
      self.announce(execution)
    }
    lock.lock()
    defer { lock.unlock() }
    guard !state.isStopping else {
      throw SQLError(.adminShutdown, "the database is closed")
    }
    if !state.isStarted { try startThreads() }
    state.entries.append(
      Entry(
        execution: execution, isInteractive: execution.context.queryClass == .interactive,
        waitsSinceNS: clock.monotonicNS()))
    updateWaiting()
    lock.notifyAll()
  }

  /// Under the lock.
  private func startThreads() throws(SQLError) {
    for _ in 0..<workerCount {
      if let thread = WorkerThread(stackBytes: 8 << 20, { [unowned self] in self.turns.counting(self.work) }) {
        state.threads.append(thread)
      }
    }
    guard !state.threads.isEmpty else {
      throw SQLError(.outOfMemory, "no worker thread could be started")
    }
    state.isStarted = true
  }

  /// True on a worker, which cannot wait for itself.
  public var isOnWorker: Bool { lock.locked { state.threads.contains { $0.isCurrent } } }

  /// Cancels what runs and joins all threads.
  public func shutdown() {
    let (threads, running) = lock.locked { () -> ([WorkerThread], [QueryExecution]) in
      state.isStopping = true
      defer { state.threads = [] }
      return (state.threads, state.entries.map(\.execution))
    }
    for execution in running { execution.cancel() }
    lock.locked { lock.notifyAll() }
    for thread in threads { thread.join() }
  }

  // MARK: workers

  private enum Work {
    case execution(QueryExecution, announcements: Int)
    case shared(SharedWork)
  }

  private func work() {
    while let work = waitForWork() {
      switch work {
      case .execution(let execution, let announcements):
        let step = execution.runNext()
        finish(execution, step, announcements)
      case .shared(let work):
        work.help { [unowned self] in
          !work.isInteractive && interactiveWaiting.load(ordering: .relaxed) > 0
        }
        leave(work)
      }
    }
  }

  /// What to work on next, waiting for it; nil when the scheduler stops.
  private func waitForWork() -> Work? {
    lock.lock()
    defer { lock.unlock() }
    while true {
      if let work = takeShared() { return .shared(work) }
      if let (execution, announcements) = take(interactiveOnly: false) {
        return .execution(execution, announcements: announcements)
      }
      if state.isStopping && state.entries.isEmpty { return nil }
      lock.wait()
    }
  }

  /// Under the lock: round robin among runnable queries, interactive ones first but for every tenth
  /// turn.
  private func take(interactiveOnly: Bool) -> (QueryExecution, Int)? {
    let count = state.entries.count
    guard count > 0 else { return nil }
    state.turn += 1
    let prefersBatch = !interactiveOnly && state.turn % Self.batchTurn == 0
    for wantsInteractive in prefersBatch ? [false, true] : [true, false] {
      if interactiveOnly && !wantsInteractive { continue }
      for step in 0..<count {
        let index = (state.nextIndex + step) % count
        let entry = state.entries[index]
        if entry.isRunnable, entry.isInteractive == wantsInteractive {
          state.nextIndex = (index + 1) % count
          noteStart(index)
          return (entry.execution, entry.announcements)
        }
      }
    }
    return nil
  }

  /// Under the lock.
  private func noteStart(_ index: Int) {
    guard let since = state.entries[index].waitsSinceNS else { return }
    state.entries[index].waitsSinceNS = nil
    if state.entries[index].isInteractive { startDelays.add(clock.monotonicNS() - since) }
  }

  private func finish(
    _ execution: QueryExecution, _ step: QueryExecution.Step, _ announcements: Int
  ) {
    lock.locked {
      guard let index = state.entries.firstIndex(where: { $0.execution === execution }) else {
        return
      }
      switch step {
      case .worked:
        // Another worker may have found nothing, or be about to say so, because this one was at work
        // on what comes before.
        state.entries[index].announcements += 1
        guard !state.entries[index].isRunnable else { return }
        state.entries[index].isRunnable = true
        lock.notifyAll()
      case .ended:
        state.entries.remove(at: index)
        if state.isStopping { lock.notifyAll() }
      case .idle:
        guard state.entries[index].announcements == announcements else { return }
        state.entries[index].isRunnable = false
      }
      updateWaiting()
    }
  }

  private func announce(_ execution: QueryExecution) {
    lock.locked {
      guard let index = state.entries.firstIndex(where: { $0.execution === execution }) else {
        return
      }
      state.entries[index].announcements += 1
      state.entries[index].isRunnable = true
      updateWaiting()
      lock.notifyAll()
    }
  }

  /// Under the lock.
  private func updateWaiting() {
    let waiting = state.entries.reduce(0) { $0 + ($1.isInteractive && $1.isRunnable ? 1 : 0) }
    interactiveWaiting.store(waiting, ordering: .relaxed)
  }

  // MARK: shared work

  /// Under the lock: what somebody waits for comes before new morsels of the same class.
  private func takeShared() -> SharedWork? {
    let mustBeInteractive = interactiveWaiting.load(ordering: .relaxed) > 0
    for work in state.shared where work.hasMore && (work.isInteractive || !mustBeInteractive) {
      work.helperCount += 1
      return work
    }
    return nil
  }

  private func leave(_ work: SharedWork) {
    lock.locked {
      work.helperCount -= 1
      if work.helperCount == 0 { lock.notifyAll() }
    }
  }

  public func forEach(_ count: Int, queryClass: QueryClass, _ body: @Sendable (Int) -> Void) {
    if count <= 1 || workerCount == 1 {
      for index in 0..<count { body(index) }
      return
    }
    withoutActuallyEscaping(body) { body in
      let work = SharedWork(count: count, isInteractive: queryClass == .interactive, body)
      lock.locked {
        if !state.isStarted, !state.isStopping { try? startThreads() }
        state.shared.append(work)
        lock.notifyAll()
      }
      work.help(until: { false })
      lock.lock()
      state.shared.removeAll { $0 === work }
      while work.helperCount > 0 { lock.wait() }
      lock.unlock()
      work.close()
    }
  }

  // MARK: preemption

  /// Runs interactive work on the stack of a batch query, as long as there is any, and now and then
  /// lets those who would bring some have the core.
  public func yieldIfWanted(by query: QueryContext) {
    guard query.queryClass == .batch, isPreemptive else { return }
    turns.offerCore()
    guard interactiveWaiting.load(ordering: .relaxed) > 0 else { return }
    while let (execution, announcements) = lock.locked({ take(interactiveOnly: true) }) {
      let step = execution.runNext()
      finish(execution, step, announcements)
    }
    turns.giveCore()
  }
}
