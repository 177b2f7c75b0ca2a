import Synchronization

/// Threads that share independent pieces of work; the scheduler implements it.
public protocol WorkTeam: AnyObject, Sendable {
  /// Threads that may be at work at once, at least 1.
  var threadCount: Int { get }
  /// Calls `body` once with each of `0..<count`, in any order, on the calling thread and on others
  /// that have nothing more urgent to do. Returns after the last. Calls may be nested; bodies must
  /// not wait for each other.
  func forEach(_ count: Int, queryClass: QueryClass, _ body: @Sendable (Int) -> Void)
}

/// Does everything on the calling thread.
public final class SingleThread: WorkTeam {
  public init() {}

  public var threadCount: Int { 1 }

  public func forEach(_ count: Int, queryClass: QueryClass, _ body: @Sendable (Int) -> Void) {
    for index in 0..<count { body(index) }
  }
}

extension WorkTeam {
  public func forEach(_ count: Int, _ body: @Sendable (Int) -> Void) {
    forEach(count, queryClass: .batch, body)
  }

  /// As `forEach`, with results in order; throws the error of the lowest number that failed.
  public func map<Result: Sendable>(
    _ count: Int, queryClass: QueryClass = .batch,
    _ body: @Sendable (Int) throws(SQLError) -> Result
  ) throws(SQLError) -> [Result] {
    let outcomes = Mutex<[Swift.Result<Result, SQLError>?]>(Array(repeating: nil, count: count))
    forEach(count, queryClass: queryClass) { index in
      let outcome: Swift.Result<Result, SQLError>
      do throws(SQLError) { outcome = .success(try body(index)) } catch { outcome = .failure(error) }
      outcomes.withLock { $0[index] = outcome }
    }
    var results: [Result] = []
    results.reserveCapacity(count)
    for case .some(let outcome) in outcomes.withLock({ $0 }) { results.append(try outcome.get()) }
    return results
  }
}
