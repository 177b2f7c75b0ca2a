import Base
import Engine
import Vectors

/// Rows on their way to the client.
final class Delivery {
  enum Goal {
    /// A statement of a simple query, or Execute without a limit that matters.
    case statement
    /// Execute with a limit: what is left waits for the next one.
    case execute
    /// FETCH, or MOVE, which counts and sends nothing.
    case fetch(tag: String)
  }

  enum Sink {
    case rows(RowWriter)
    case copy(CopyOut)
    case nothing
  }

  let portal: Portal
  let stream: ResultStream
  let sink: Sink
  let goal: Goal
  /// Rows that may still be sent.
  var remaining: Int
  var count = 0

  init(_ portal: Portal, _ stream: ResultStream, to sink: Sink, goal: Goal, atMost limit: Int) {
    self.portal = portal
    self.stream = stream
    self.sink = sink
    self.goal = goal
    remaining = limit
  }
}

extension ServerConnection {
  /// Sends rows until the client or the query has to catch up.
  func deliver(_ delivery: Delivery) throws(SQLError) -> Step? {
    while unsentCount < Self.highWaterBytes {
      guard delivery.remaining > 0 else {
        finish(delivery, atEnd: false)
        return nil
      }
      let portal = delivery.portal
      var batch: Batch
      if let rest = portal.rest {
        batch = rest
        portal.rest = nil
      } else {
        switch try delivery.stream.poll(wake) {
        case .batch(let next): batch = next
        case .pending:
          if case .copy(let copy) = delivery.sink { copy.flushLines(into: &output) }
          return .wait
        case .end:
          try finishAtEnd(delivery)
          return nil
        }
      }
      let surplus = batch.rowCount - delivery.remaining
      if surplus > 0 {
        portal.rest = batch.slice(from: delivery.remaining, count: surplus)
        batch = batch.slice(from: 0, count: delivery.remaining)
      }
      delivery.remaining -= batch.rowCount
      delivery.count += batch.rowCount
      switch delivery.sink {
      case .rows(let writer): try writer.append(batch, into: &output)
      case .copy(let copy): try copy.append(batch, into: &output)
      case .nothing: break
      }
    }
    return nil
  }

  private func finishAtEnd(_ delivery: Delivery) throws(SQLError) {
    delivery.portal.state = .done
    for (reason, rows) in delivery.stream.context.warnings.all {
      notice("\(rows) \(rows == 1 ? "row" : "rows") NULL: \(reason)", severity: "WARNING", state: "01000")
    }
    if case .copy(let copy) = delivery.sink {
      try copy.finish(into: &output)
      send(.copyDone)
    }
    finish(delivery, atEnd: true)
  }

  private func finish(_ delivery: Delivery, atEnd: Bool) {
    self.delivery = nil
    cancelTarget.end()
    switch delivery.goal {
    case .execute where !atEnd: send(.portalSuspended)
    case .statement, .execute:
      let tag = delivery.portal.tag
      let counts = tag == "SELECT" || tag == "COPY"
      send(.commandComplete(counts ? "\(tag) \(delivery.count)" : tag))
    case .fetch(let tag): send(.commandComplete("\(tag) \(delivery.count)"))
    }
  }
}
