import Synchronization

/// Who may take a core from whom: interactive work takes one from batch work at the next batch.
public enum QueryClass: UInt8, Sendable, CaseIterable { case interactive, batch }

/// What every query carries from its start: class, cancellation, deadline, memory account, warnings.
///
/// `checkpoint()` is called between batches and every few thousand rows inside long loops, with no
/// lock held: there cancellation takes effect, and another query may run nested on the same stack.
public final class QueryContext: Sendable {
  public let queryClass: QueryClass
  public let memory: MemoryAccount
  public let warnings = WarningCounter()
  public let progress = QueryProgress()
  /// Monotonic nanoseconds after which the query is cancelled, or `.max`.
  public let deadlineNS: Int64
  private let clock: any Clock
  private let cancelled = Atomic<Bool>(false)
  private let preemption: any PreemptionPoint
  /// Who helps with work that can be divided.
  public let team: any WorkTeam

  public init(
    queryClass: QueryClass = .interactive, memory: MemoryAccount = MemoryAccount(),
    deadlineNS: Int64 = .max, clock: any Clock = SystemClock(),
    preemption: any PreemptionPoint = NeverPreempted(), team: any WorkTeam = SingleThread()
  ) {
    self.queryClass = queryClass
    self.memory = memory
    self.deadlineNS = deadlineNS
    self.clock = clock
    self.preemption = preemption
    self.team = team
  }

  /// Asks the query to stop at its next checkpoint. Safe from any thread and from a signal handler's
  /// helper thread.
  public func cancel() { cancelled.store(true, ordering: .relaxed) }
  public var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

  /// Throws `.queryCanceled` when the query was cancelled or its deadline has passed; otherwise may
  /// run other queries before it returns.
  public func checkpoint() throws(SQLError) {
    if isCancelled { throw SQLError(.queryCanceled, "query cancelled") }
    if deadlineNS != .max, clock.monotonicNS() > deadlineNS {
      throw SQLError(
        .queryCanceled, "query cancelled: its time limit has passed",
        hint: "Raise it with SET statement_timeout.")
    }
    preemption.yieldIfWanted(by: self)
  }
}

/// Where a query offers its core to a more urgent one; the scheduler implements it.
public protocol PreemptionPoint: AnyObject, Sendable {
  func yieldIfWanted(by query: QueryContext)
}

public final class NeverPreempted: PreemptionPoint {
  public init() {}
  public func yieldIfWanted(by query: QueryContext) {}
}
