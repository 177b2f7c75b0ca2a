import Base
import Synchronization
import Zij

/// A client that runs queries of the batch class one after another until it is stopped.
final class BatchClient: Sendable {
  private let stopping = Atomic<Bool>(false)
  private let done = Atomic<Int>(0)
  private let failure = Mutex<SQLError?>(nil)

  /// Queries that have ended.
  var doneCount: Int { done.load(ordering: .relaxed) }

  /// Ends when stopped, or with the first error.
  func run(_ queries: [CatBenchQuery], in session: Session) {
    do throws(SQLError) {
      while true {
        for query in queries {
          if stopping.load(ordering: .relaxed) { return }
          guard let stream = try session.run(query.sql).stream else { continue }
          while try stream.next() != nil {}
          done.wrappingAdd(1, ordering: .relaxed)
        }
      }
    } catch {
      failure.withLock { $0 = error }
    }
  }

  func stop() { stopping.store(true, ordering: .relaxed) }

  func check() throws(SQLError) {
    if let error = failure.withLock({ $0 }) { throw error }
  }
}
