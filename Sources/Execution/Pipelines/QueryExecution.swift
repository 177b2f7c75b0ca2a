import Base
import Synchronization
import Vectors

/// A running query: its pipelines, what is left to do, and its result.
///
/// Whoever has a thread to give (a scheduler's worker, a test) calls `runNext` until it says that
/// there is nothing to do right now; `onWork` tells when there is again.
public final class QueryExecution: @unchecked Sendable {
  public enum Step: Sendable {
    /// Did a piece of work; there may be more.
    case worked
    /// Nothing to do until somebody else finishes or the client reads.
    case idle
    /// The query has ended.
    case ended
  }

  public let context: QueryContext
  public let result: ResultQueue
  /// One a plan operator, in preorder.
  public let metrics: [OperatorMetrics]
  /// Called, from any thread, when work may have become available.
  public var onWork: @Sendable () -> Void = {}

  /// Emptied at the end, so that operators give their memory back before the client hears of it.
  private var pipelines: [Pipeline]
  private let clock: any Clock
  private let lock = Monitor()
  private var progress: [Pipeline.Progress]
  /// Tasks whose sink was full; tried again when the client has read.
  private var parked: [MorselTask] = []
  private var woken: [MorselTask] = []
  private var failure: SQLError?
  /// Says the same without the lock, to tasks between batches.
  private let hasFailed = Atomic<Bool>(false)
  private var unfinished: Int
  private var runningCount = 0

  init(
    pipelines: [Pipeline], result: ResultQueue, metrics: [OperatorMetrics],
    context: QueryContext, clock: any Clock = SystemClock()
  ) {
    self.pipelines = pipelines
    self.result = result
    self.metrics = metrics
    self.context = context
    self.clock = clock
    progress = pipelines.map { _ in Pipeline.Progress() }
    unfinished = pipelines.count
    result.onDrain = { [weak self] in self?.wakeParked() }
  }

  /// Does one piece of work on the calling thread: a morsel, or the end of a pipeline.
  public func runNext() -> Step {
    if step() { return finishStep() }
    let (ended, error) = lock.locked { (isEnded, failure) }
    // Cancelled while no thread was at work: nobody else tells the client.
    if ended { end(error) }
    return ended ? .ended : .idle
  }

  /// Does a piece of work; false if there is none. What it worked on is let go when it returns.
  private func step() -> Bool {
    switch lock.locked({ takeWork() }) {
    case .none: return false
    case .start(let pipeline): start(pipeline)
    case .resume(let task): run(task)
    case .morsel(let pipeline, let morsel, let source):
      do throws(SQLError) {
        run(
          try MorselTask(
            pipeline: pipeline, morsel: morsel, source: source, context: context, clock: clock))
      } catch {
        fail(error)
      }
    }
    return true
  }

  /// Runs to the end on the calling thread, as long as the result has room.
  public func runToEnd() { while runNext() == .worked {} }

  /// Stops the query; what it has given so far stays readable, then comes the error.
  public func cancel() {
    context.cancel()
    lock.locked {
      woken += parked
      parked.removeAll()
    }
    onWork()
  }

  // MARK: taking work

  private enum Work {
    case none
    case start(Pipeline)
    case resume(MorselTask)
    case morsel(Pipeline, Int, any Source)
  }

  private var isEnded: Bool { runningCount == 0 && (failure != nil || unfinished == 0) }

  /// Under the lock.
  private func takeWork() -> Work {
    if failure != nil { return .none }
    if context.isCancelled {
      failure = SQLError(.queryCanceled, "query cancelled")
      return .none
    }
    let work = findWork()
    if case .none = work { return work }
    runningCount += 1
    return work
  }

  private func findWork() -> Work {
    if !woken.isEmpty { return .resume(woken.removeFirst()) }
    for pipeline in pipelines {
      let state = progress[pipeline.number]
      if state.isFinished { continue }
      if !state.isStarted {
        guard pipeline.dependencies.allSatisfy({ progress[$0].isFinished }) else { continue }
        progress[pipeline.number].isStarted = true
        return .start(pipeline)
      }
      guard let source = state.source, !pipeline.sink.isSatisfied else { continue }
      // Parts may run ahead of the first unfinished morsel only so far: they wait in memory.
      let next = pipeline.cursor.load(ordering: .relaxed)
      let end = state.combined + pipeline.sink.lookahead(threadCount: context.team.threadCount)
      guard next < min(end, pipeline.morselCount.load(ordering: .relaxed)) else { continue }
      return .morsel(pipeline, pipeline.cursor.wrappingAdd(1, ordering: .relaxed).oldValue, source)
    }
    return .none
  }

  // MARK: doing work

  private func start(_ pipeline: Pipeline) {
    do throws(SQLError) {
      let source = try pipeline.makeSource()
      pipeline.morselCount.store(source.morselCount, ordering: .relaxed)
      context.progress.addTotal(source.morselCount)
      lock.locked { progress[pipeline.number].source = source }
      if source.morselCount == 0 || pipeline.sink.isSatisfied { try finish(pipeline) }
    } catch {
      fail(error)
    }
  }

  private func run(_ task: MorselTask) {
    do throws(SQLError) {
      switch try task.run(unless: hasFailed) {
      case .stopped:
        break
      case .blocked:
        park(task)
      case .finished:
        context.progress.addDone(1)
        try combine(task)
      }
    } catch {
      fail(error)
    }
  }

  private func park(_ task: MorselTask) {
    lock.locked { parked.append(task) }
    // The client may have read between the refusal and here.
    if result.hasRoom(forMorsel: task.morsel) { wakeParked() }
  }

  /// Wakes the task that may write now; woken early, the others would hold one more batch each time.
  private func wakeParked() {
    let any = lock.locked { () -> Bool in
      guard let index = parked.firstIndex(where: { result.hasRoom(forMorsel: $0.morsel) }) else {
        return false
      }
      woken.append(parked.remove(at: index))
      return true
    }
    if any { onWork() }
  }

  /// Hands a finished part to the sink once all earlier ones are there. One thread combines at a
  /// time; another that comes meanwhile only leaves its part.
  private func combine(_ task: MorselTask) throws(SQLError) {
    let number = task.pipeline.number
    let mayCombine = lock.locked { () -> Bool in
      progress[number].waiting[task.morsel] = task.part
      if progress[number].isCombining { return false }
      progress[number].isCombining = true
      return true
    }
    guard mayCombine else { return }
    while true {
      let next = lock.locked { () -> (any SinkPart, Int)? in
        let morsel = progress[number].combined
        if let part = progress[number].waiting.removeValue(forKey: morsel) { return (part, morsel) }
        progress[number].isCombining = false
        return nil
      }
      guard let (part, morsel) = next else { break }
      try task.pipeline.sink.combine(part, morsel: morsel)
      lock.locked { progress[number].combined += 1 }
      try context.checkpoint()
    }
    let isLast = lock.locked { () -> Bool in
      let state = progress[number]
      let wanted = task.pipeline.sink.isSatisfied
        ? min(
          task.pipeline.cursor.load(ordering: .relaxed),
          task.pipeline.morselCount.load(ordering: .relaxed))
        : task.pipeline.morselCount.load(ordering: .relaxed)
      return !state.isCombining && !state.isFinished && state.combined >= wanted
        && claimFinish(number)
    }
    if isLast { try end(task.pipeline) } else { onWork() }
  }

  /// Under the lock: true for the one thread that finishes the pipeline.
  private func claimFinish(_ number: Int) -> Bool {
    if progress[number].isCombining { return false }
    progress[number].isCombining = true
    return true
  }

  private func finish(_ pipeline: Pipeline) throws(SQLError) {
    if lock.locked({ claimFinish(pipeline.number) }) { try end(pipeline) }
  }

  private func end(_ pipeline: Pipeline) throws(SQLError) {
    let start = clock.monotonicNS()
    try pipeline.sink.finish()
    pipeline.sinkMetrics?.add(timeNS: Int(clock.monotonicNS() - start))
    lock.locked {
      progress[pipeline.number].isFinished = true
      progress[pipeline.number].source = nil
      unfinished -= 1
    }
    onWork()
  }

  private func fail(_ error: SQLError) {
    lock.locked { if failure == nil { failure = error } }
    hasFailed.store(true, ordering: .relaxed)
    onWork()
  }

  private func finishStep() -> Step {
    let (ended, error) = lock.locked { () -> (Bool, SQLError?) in
      runningCount -= 1
      if isEnded {
        parked.removeAll()
        woken.removeAll()
      }
      return (isEnded, failure)
    }
    guard ended else { return .worked }
    end(error)
    onWork()
    return .ended
  }

  /// Nobody works on the query any more: operators go, then the client is told.
  private func end(_ error: SQLError?) {
    letGo()
    result.end(error)
  }

  /// Gives up the operators with their memory, when nothing is locked: last references may lead far.
  private func letGo() {
    let gone = lock.locked {
      defer {
        pipelines = []
        progress = []
        parked = []
        woken = []
      }
      return (pipelines, progress, parked, woken)
    }
    withExtendedLifetime(gone) {}
  }
}
