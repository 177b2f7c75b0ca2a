import Synchronization

/// How far a query is: work units done of a total, and rows and bytes read. Written by workers with
/// relaxed atomics once a batch, read by whoever draws the progress line.
public final class QueryProgress: Sendable {
  private let done = Atomic<Int>(0)
  private let total = Atomic<Int>(0)
  private let rows = Atomic<Int>(0)
  private let bytes = Atomic<Int>(0)

  public init() {}

  public func addTotal(_ units: Int) { total.wrappingAdd(units, ordering: .relaxed) }
  public func addDone(_ units: Int) { done.wrappingAdd(units, ordering: .relaxed) }
  public func addRead(rows rowCount: Int, bytes byteCount: Int) {
    rows.wrappingAdd(rowCount, ordering: .relaxed)
    bytes.wrappingAdd(byteCount, ordering: .relaxed)
  }

  public var unitsDone: Int { done.load(ordering: .relaxed) }
  public var unitsTotal: Int { total.load(ordering: .relaxed) }
  public var rowsRead: Int { rows.load(ordering: .relaxed) }
  public var bytesRead: Int { bytes.load(ordering: .relaxed) }
  /// 0…1, or nil while the total is not known.
  public var fraction: Double? {
    unitsTotal > 0 ? min(1, Double(unitsDone) / Double(unitsTotal)) : nil
  }
}
