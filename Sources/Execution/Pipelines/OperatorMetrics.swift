import Synchronization

/// What one operator did, added up over all workers; for EXPLAIN ANALYZE.
public final class OperatorMetrics: Sendable {
  private let rowCounter = Atomic<Int>(0)
  private let timeCounter = Atomic<Int>(0)
  private let byteCounter = Atomic<Int>(0)
  private let groupCounter = Atomic<Int>(0)
  private let groupTotal = Atomic<Int>(0)

  init() {}

  func add(rows: Int = 0, timeNS: Int = 0, bytes: Int = 0, groups: Int = 0) {
    if rows != 0 { rowCounter.wrappingAdd(rows, ordering: .relaxed) }
    if timeNS != 0 { timeCounter.wrappingAdd(timeNS, ordering: .relaxed) }
    if bytes != 0 { byteCounter.wrappingAdd(bytes, ordering: .relaxed) }
    if groups != 0 { groupCounter.wrappingAdd(groups, ordering: .relaxed) }
  }

  func setTotal(groups: Int) { groupTotal.store(groups, ordering: .relaxed) }

  public var rows: Int { rowCounter.load(ordering: .relaxed) }
  /// Time of all workers together.
  public var timeNS: Int { timeCounter.load(ordering: .relaxed) }
  public var bytesRead: Int { byteCounter.load(ordering: .relaxed) }
  public var groupsRead: Int { groupCounter.load(ordering: .relaxed) }
  public var groupsTotal: Int { groupTotal.load(ordering: .relaxed) }
}
