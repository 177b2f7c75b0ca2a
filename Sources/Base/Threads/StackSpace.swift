import CPlatform

/// Room for recursion over plans and expressions, whose depth is limited but not small.
public enum StackSpace {
  /// Measured in release: 400 levels of NOT and OR take 2.3 MiB, of anything else less.
  private static let ampleBytes = 4 << 20
  private static let ownStackBytes = 16 << 20

  private struct Unchecked<Value>: @unchecked Sendable { let value: Value }

  private final class Outcome<R>: @unchecked Sendable {
    var result: Result<R, SQLError>?
  }

  /// Runs `body` here if the thread has stack enough left, else on a thread of its own, waiting for
  /// it. `.outOfMemory` if there is no thread to be had.
  public static func ensure<R>(_ body: () throws(SQLError) -> R) throws(SQLError) -> R {
    if zij_stack_left() >= ampleBytes { return try body() }
    let outcome = Outcome<R>()
    withoutActuallyEscaping(body) { body in
      let work = Unchecked(value: body)
      let thread = WorkerThread(stackBytes: ownStackBytes) {
        do throws(SQLError) {
          outcome.result = .success(try work.value())
        } catch {
          outcome.result = .failure(error)
        }
      }
      thread?.join()
    }
    guard let result = outcome.result else {
      throw SQLError(.outOfMemory, "no thread could be started")
    }
    return try result.get()
  }
}
