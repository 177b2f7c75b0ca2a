import Base
import Vectors

extension SegmentSchema {
  /// A batch of a table's visible columns with its hidden ones.
  func completed(_ batch: Batch) throws(SQLError) -> Batch {
    if sky == nil, batch.columns.count == columns.count { return batch }
    var all = types.map { Vector.nulls($0, count: batch.rowCount) }
    for (position, index) in visible.enumerated() { all[index] = batch.columns[position] }
    if let sky {
      let cells = SkyCells.vector(lon: all[sky.lon], lat: all[sky.lat])
      if columns[sky.cell].isHidden {
        all[sky.cell] = cells
      } else if !SkyCells.areEqual(all[sky.cell], cells) {
        throw SQLError(
          .dataException, "column \"\(Self.cellColumn)\" does not agree with the position",
          hint: "It must hold the NESTED HEALPix index of order 29, or be left out.")
      }
    }
    return Batch(columns: all, rowCount: batch.rowCount)
  }
}

/// How rows of a table's visible columns become rows of all its columns, and back.
public struct TableRows: Sendable {
  private let schema: SegmentSchema

  public init(_ table: StoredTable) throws(SQLError) { schema = try SegmentSchema(table) }

  public var visibleTypes: [LogicalType] { schema.visible.map { schema.types[$0] } }

  public func completed(_ batch: Batch) throws(SQLError) -> Batch { try schema.completed(batch) }

  public func visible(_ batch: Batch) -> Batch {
    batch.columns.count == schema.visible.count ? batch : batch.projected(to: schema.visible)
  }
}
