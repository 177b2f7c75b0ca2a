/// Batches from rows of single values: VALUES, system tables, a statement's small answers.
extension Batch {
  /// A batch of at most 1024 rows, each with a value for every type.
  public init(rows: some Collection<[Value]>, types: [LogicalType]) {
    self.init(
      columns: types.indices.map { index in
        Vector.of(rows.map { $0[index] }, type: types[index])
      }, rowCount: rows.count)
  }

  /// The rows cut into full batches and a rest.
  public static func batches(of rows: [[Value]], types: [LogicalType]) -> [Batch] {
    stride(from: 0, to: rows.count, by: capacity).map { start in
      Batch(rows: rows[start..<min(rows.count, start + capacity)], types: types)
    }
  }
}
