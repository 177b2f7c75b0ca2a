import Synchronization

/// How far a query is: work units done of a total, and rows and bytes read. Written by workers with
/// relaxed atomics once a batch, read by whoever draws the progress line.
public final class QueryProgress: Sendable {
  public enum Phase: UInt8, Sendable {
    case running
    /// Rows are read and brought into the order of their table.
    case sorting
    /// Sorted rows are written.
    case writing
  }

  private let currentPhase = Atomic<UInt8>(Phase.running.rawValue)
  private let writingUnits = Atomic<Int>(0)
  private let unitsWritten = Atomic<Int>(0)
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

  public var phase: Phase { Phase(rawValue: currentPhase.load(ordering: .relaxed)) ?? .running }

  /// Rows have to be sorted: writing them in order will take about as long as reading them does.
  public func beginSorting() {
    currentPhase.store(Phase.sorting.rawValue, ordering: .relaxed)
    let units = max(1, unitsTotal)
    writingUnits.store(units, ordering: .relaxed)
    addTotal(units)
  }

  public func beginWriting() { currentPhase.store(Phase.writing.rawValue, ordering: .relaxed) }

  /// So many of the sorted rows are written.
  public func noteWritten(_ rowCount: Int, of totalRows: Int) {
    let share = Double(rowCount) / Double(max(1, totalRows))
    let units = Int(Double(writingUnits.load(ordering: .relaxed)) * min(1, share))
    addDone(max(0, units - unitsWritten.exchange(units, ordering: .relaxed)))
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
