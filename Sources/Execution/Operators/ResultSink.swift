import Base
import Synchronization
import Vectors

/// The end of a query: batches go to the client in storage order, LIMIT and OFFSET included.
///
/// Memory: the queue's budget and, for each morsel that runs ahead, a share.
final class ResultSink: Sink {
  fileprivate let queue: ResultQueue
  private let offset: Int
  /// OFFSET and LIMIT together: rows after so many are not wanted.
  private let end: Int?
  /// Rows seen in order so far; changed only by the head morsel.
  private let seen = Atomic<Int>(0)

  init(queue: ResultQueue, limit: Int?, offset: Int) {
    self.queue = queue
    self.offset = offset
    end = limit.map { $0.addingReportingOverflow(offset) }.map {
      $0.overflow ? .max : $0.partialValue
    }
  }

  func makePart(morsel: Int) -> any SinkPart { Part(sink: self, morsel: morsel) }

  func combine(_ part: any SinkPart, morsel: Int) throws(SQLError) {
    if let part = part as? Part { _ = part.flush() }
    queue.setHead(morsel + 1)
  }

  /// Parts hold rows here, not states: a share each and what their readers have decoded.
  func lookahead(threadCount: Int) -> Int { min(64, threadCount + 2) }

  var isSatisfied: Bool {
    guard let end else { return false }
    return seen.load(ordering: .relaxed) >= end
  }

  /// The rows of `batch` that lie within OFFSET and LIMIT. Called in order.
  fileprivate func cut(_ batch: Batch) -> Batch? {
    guard end != nil || offset > 0 else { return batch }
    let before = seen.load(ordering: .relaxed)
    seen.store(before + batch.rowCount, ordering: .relaxed)
    let start = max(0, offset - before)
    let end = min(batch.rowCount, (end ?? .max) - before)
    return start < end ? batch.slice(from: start, count: end - start) : nil
  }

  private final class Part: SinkPart {
    private let sink: ResultSink
    private let morsel: Int
    private var waiting: [Batch] = []
    private var waitingBytes = 0

    init(sink: ResultSink, morsel: Int) {
      self.sink = sink
      self.morsel = morsel
    }

    func consume(_ batch: Batch) throws(SQLError) -> Demand {
      try sink.queue.hold(batch)
      waiting.append(batch)
      waitingBytes += batch.sizeBytes
      if sink.queue.isHead(morsel) { return flush() }
      return waitingBytes < sink.queue.share(of: ResultQueue.waitingBytes) ? .more : .blocked
    }

    /// Hands over what waits; the caller's morsel is the head.
    func flush() -> Demand {
      let ready = waiting.compactMap { sink.cut($0) }
      waiting.removeAll(keepingCapacity: true)
      sink.queue.release(waitingBytes - ready.reduce(0) { $0 + $1.sizeBytes })
      waitingBytes = 0
      let demand = sink.queue.push(ready)
      return sink.isSatisfied ? .done : demand
    }
  }
}
