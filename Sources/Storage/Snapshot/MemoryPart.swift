import Base
import Sky
import Vectors

/// Rows in memory: a `:memory:` table, the tail of a stored one, a virtual table. A group is a batch.
public final class MemoryPart: TablePart {
  public let batches: [Batch]
  public let rowMask: RowMask?
  /// What the rows are charged to; it lives as long as they do.
  private let reservation: MemoryReservation?

  public init(
    batches: [Batch], rowMask: RowMask? = nil, reservation: MemoryReservation? = nil
  ) {
    self.batches = batches
    self.rowMask = rowMask
    self.reservation = reservation
  }

  public var groupCount: Int { batches.count }
  public func rowCount(ofGroup group: Int) -> Int { batches[group].rowCount }
  public func zone(ofGroup group: Int) -> GroupZone { GroupZone() }
  public func columnZone(ofGroup group: Int, column: Int) -> ColumnZone { ColumnZone() }

  public func read(group: Int, columns: [Int]) throws(SQLError) -> [Vector] {
    columns.map { batches[group].columns[$0] }
  }

  public func sizeBytes(ofGroup group: Int, columns: [Int]) -> Int {
    columns.reduce(0) { $0 + batches[group].columns[$1].sizeBytes }
  }
}
