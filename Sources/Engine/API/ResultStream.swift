import Base
import Execution
import Vectors

/// The rows of a running query, in order, batch by batch. It may stay suspended for any time without
/// holding a worker; what it buffers is bounded.
///
/// Used by one thread at a time. When the value goes away, the query ends.
public final class ResultStream: @unchecked Sendable {
  public let columns: [ResultColumn]
  public let context: QueryContext
  private let execution: QueryExecution?
  private var ready: [Batch]
  /// Keeps what the query reads from being removed.
  private var retained: [AnyObject]
  private var isClosed = false
  /// Fails with the stream.
  var transaction: Transaction?

  init(
    columns: [ResultColumn], execution: QueryExecution, retaining retained: [AnyObject] = []
  ) {
    self.columns = columns
    self.execution = execution
    context = execution.context
    ready = []
    self.retained = retained
  }

  /// Rows that are there already.
  init(columns: [ResultColumn], batches: [Batch], context: QueryContext) {
    self.columns = columns
    self.context = context
    execution = nil
    ready = batches.reversed()
    retained = []
  }

  deinit { close() }

  /// The next batch, waiting for it; nil at the end. Throws what the query failed with.
  public func next() throws(SQLError) -> Batch? {
    if isClosed { return nil }
    guard let execution else { return ready.popLast() }
    do throws(SQLError) {
      return try execution.result.next()
    } catch {
      transaction?.fail()
      throw error
    }
  }

  /// The next batch if it is there. Otherwise `pending`, and `notify` is called once, on any thread,
  /// when polling again gives a batch or the end: so that a server needs no thread for a stream.
  /// `notify` must not block and must not call the stream. Throws what the query failed with.
  public func poll(_ notify: @escaping @Sendable () -> Void) throws(SQLError) -> PolledBatch {
    if isClosed { return .end }
    guard let execution else { return ready.popLast().map(PolledBatch.batch) ?? .end }
    do throws(SQLError) {
      return try execution.result.poll(notify)
    } catch {
      transaction?.fail()
      throw error
    }
  }

  /// True if a batch or the end is there without waiting; waits at most that long for it.
  public func waitForBatch(milliseconds: Int) -> Bool {
    guard !isClosed, let execution else { return true }
    return execution.result.waitForBatch(milliseconds: milliseconds)
  }

  /// Makes the query stop; its stream then ends with an error. May be called from any thread.
  public func cancel() {
    context.cancel()
    execution?.cancel()
  }

  /// Ends the query early. Also happens when the stream goes away.
  public func close() {
    guard !isClosed else { return }
    isClosed = true
    execution?.result.close()
    execution?.cancel()
    retained.removeAll()
  }

  /// The figures of the plan's operators in preorder; meaningful after the end.
  var metrics: [OperatorMetrics] { execution?.metrics ?? [] }
}
