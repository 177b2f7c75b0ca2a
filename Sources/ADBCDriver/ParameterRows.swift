import Base
import Vectors

/// Bound rows one by one, as values of parameters.
final class ParameterRows {
  private let rows: BoundRows
  private var batch: Batch?
  private var row = 0

  init(_ rows: BoundRows) { self.rows = rows }

  func next() throws(DriverError) -> [Value]? {
    while batch == nil || row == batch?.rowCount {
      do throws(SQLError) { batch = try rows.nextBatch() } catch { throw DriverError(error) }
      row = 0
      if batch == nil { return nil }
    }
    defer { row += 1 }
    return batch?.columns.map { $0.value(at: row) }
  }
}
