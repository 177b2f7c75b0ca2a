import Base
import Synchronization
import Vectors

/// Keeps rows in order, at most `limit` behind `offset`: LIMIT inside a query, the built side of a
/// join, the input of a sort.
///
/// Memory: all kept rows, on the query's account.
final class CollectSink: Sink, @unchecked Sendable {
  let store: RowStore
  private let offset: Int
  /// OFFSET and LIMIT together: rows after so many are not wanted.
  private let end: Int?
  private let reservation: MemoryReservation
  private let seen = Atomic<Int>(0)

  init(types: [LogicalType], limit: Int? = nil, offset: Int = 0, context: QueryContext) {
    store = RowStore(types: types)
    self.offset = offset
    end = limit.map { $0.addingReportingOverflow(offset) }.map {
      $0.overflow ? .max : $0.partialValue
    }
    reservation = MemoryReservation(context.memory)
  }

  func makePart(morsel: Int) -> any SinkPart {
    Part(RowStore(types: store.types), most: end, reservation)
  }

  func combine(_ part: any SinkPart, morsel: Int) throws(SQLError) {
    guard let part = part as? Part else { return }
    guard end != nil || offset > 0 else {
      store.append(part.store)
      return
    }
    for batch in part.store.batches {
      let before = seen.load(ordering: .relaxed)
      seen.store(before + batch.rowCount, ordering: .relaxed)
      let start = max(0, offset - before)
      let end = min(batch.rowCount, (end ?? .max) - before)
      if start < end { store.append(batch.slice(from: start, count: end - start)) }
    }
  }

  var isSatisfied: Bool {
    guard let end else { return false }
    return seen.load(ordering: .relaxed) >= end
  }

  private final class Part: SinkPart {
    let store: RowStore
    private let most: Int?
    private let reservation: MemoryReservation

    init(_ store: RowStore, most: Int?, _ reservation: MemoryReservation) {
      self.store = store
      self.most = most
      self.reservation = reservation
    }

    func consume(_ batch: Batch) throws(SQLError) -> Demand {
      if let most, store.rowCount >= most { return .done }
      try reservation.grow(by: store.append(batch))
      return .more
    }
  }
}
