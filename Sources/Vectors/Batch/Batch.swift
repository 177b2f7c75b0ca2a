/// At most 1024 rows, and at most a byte budget, as one vector a column.
public struct Batch: Sendable {
  /// Rows of a full batch.
  public static let capacity = 1024
  /// A source cuts a batch short when its rows take more than this.
  public static let byteBudget = 4 << 20

  public var columns: [Vector]
  public var rowCount: Int

  /// `columns` all have `rowCount` rows.
  public init(columns: [Vector], rowCount: Int) {
    self.columns = columns
    self.rowCount = rowCount
  }

  public func filtered(by selection: SelectionVector) -> Batch {
    Batch(columns: columns.map { $0.gathered(by: selection) }, rowCount: selection.count)
  }

  public func slice(from offset: Int, count: Int) -> Batch {
    Batch(columns: columns.map { $0.slice(from: offset, count: count) }, rowCount: count)
  }

  public func projected(to indices: [Int]) -> Batch {
    Batch(columns: indices.map { columns[$0] }, rowCount: rowCount)
  }

  /// Roughly the bytes the batch keeps alive.
  public var sizeBytes: Int { columns.reduce(0) { $0 + $1.sizeBytes } }

  /// The rows of both, copied; the columns have the same types.
  public func joined(with other: Batch) -> Batch {
    let both = columns.indices.map { index -> Vector in
      let builder = VectorBuilder(type: columns[index].type)
      for row in 0..<rowCount { builder.append(columns[index], row: row) }
      for row in 0..<other.rowCount { builder.append(other.columns[index], row: row) }
      return builder.finish()
    }
    return Batch(columns: both, rowCount: rowCount + other.rowCount)
  }
}
