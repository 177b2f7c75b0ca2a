import Base
import Synchronization

/// An asynchronous query. Safe to use from any thread.
final class Job: Sendable {
  /// Where a result is and what it is.
  struct Result: Sendable {
    var path: String
    var mediaType: String
    var sizeBytes: Int
    var rowCount: Int
  }

  struct State: Sendable {
    var phase = JobPhase.pending
    var parameters: TAPParameters
    var startMicroseconds: Int64?
    var endMicroseconds: Int64?
    var destructionMicroseconds: Int64
    /// 0: no limit.
    var executionSeconds: Int
    var fault: TAPFault?
    var result: Result?
    var feed: QueryFeed?
    var isDeleted = false
    fileprivate var waiters: [Int: @Sendable () -> Void] = [:]
    fileprivate var lastWaiter = 0
  }

  /// 128 random bits: who does not know it cannot guess it.
  let id: String
  let creationMicroseconds: Int64
  private let state: Mutex<State>

  init(id: String, parameters: TAPParameters, options: TAPOptions, nowMicroseconds: Int64) {
    self.id = id
    creationMicroseconds = nowMicroseconds
    state = Mutex(
      State(
        parameters: parameters,
        destructionMicroseconds: nowMicroseconds + Int64(options.retentionSeconds) * 1_000_000,
        executionSeconds: options.jobSeconds))
  }

  /// What it is now.
  var snapshot: State { state.withLock { $0 } }

  var phase: JobPhase { state.withLock { $0.phase } }

  /// Changes the job, or answers why not. Whoever waits for another phase is told.
  func change<R: Sendable>(
    _ body: (inout State) throws(TAPFault) -> R
  ) throws(TAPFault) -> R {
    let outcome = state.withLock { state -> (Swift.Result<R, TAPFault>, [@Sendable () -> Void]) in
      let before = state.phase
      var answer: Swift.Result<R, TAPFault>
      do throws(TAPFault) { answer = .success(try body(&state)) } catch { answer = .failure(error) }
      guard state.phase != before || state.isDeleted else { return (answer, []) }
      defer { state.waiters.removeAll() }
      return (answer, Array(state.waiters.values))
    }
    for waiter in outcome.1 { waiter() }
    return try outcome.0.get()
  }

  /// Calls `body` once when the phase is no longer `phase`; nil if it is another one already.
  func whenLeaving(_ phase: JobPhase, _ body: @escaping @Sendable () -> Void) -> Int? {
    state.withLock { state in
      guard state.phase == phase, !state.isDeleted else { return nil }
      state.lastWaiter += 1
      state.waiters[state.lastWaiter] = body
      return state.lastWaiter
    }
  }

  func stopWaiting(_ number: Int) {
    state.withLock { _ = $0.waiters.removeValue(forKey: number) }
  }
}
