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
  private var portions: RowPortions

  init(_ portal: Portal, _ stream: ResultStream, to sink: Sink, goal: Goal, atMost limit: Int) {
    self.portal = portal
    self.stream = stream
    self.sink = sink
    self.goal = goal
    remaining = limit
    var bytesPerRow = 0
    if case .copy(let copy) = sink { bytesPerRow = copy.bytesPerRow }
    portions = RowPortions(stream.context.memory, bytesPerRow: bytesPerRow)
  }

  /// Takes rows that may be sent now off a batch and leaves the others to the portal.
  func take(from batch: Batch) throws(SQLError) -> Batch {
    var rest = batch
    var taken: Batch
    if case .nothing = sink {
      // Nothing is written.
      taken = batch
      rest = Batch(columns: [], rowCount: 0)
    } else {
      taken = try portions.take(from: &rest)
    }
    if taken.rowCount > remaining {
      rest = batch.slice(from: remaining, count: batch.rowCount - remaining)
      taken = taken.slice(from: 0, count: remaining)
    }
    portal.rest = rest.rowCount > 0 ? rest : nil
    remaining -= taken.rowCount
    count += taken.rowCount
    return taken
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
      batch = try delivery.take(from: batch)
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
