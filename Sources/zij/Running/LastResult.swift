import Base
import Engine
import Vectors

/// What the plots draw: the numbers of the last result. Their memory is bounded; of a longer result
/// only its text is kept, and a plot runs it again.
final class LastResult {
  /// 16 MiB of numbers.
  private static let valueLimit = 2 << 20

  let sql: String
  let columns: [ResultColumn]
  private(set) var rowCount = 0
  /// Values of numeric columns as doubles, NaN for NULL; empty for other columns.
  private(set) var values: [[Double]]
  /// Whether `values` has all rows.
  private(set) var isComplete = true

  init(sql: String, columns: [ResultColumn]) {
    self.sql = sql
    self.columns = columns
    values = columns.map { _ in [] }
  }

  private var numericIndices: [Int] { columns.indices.filter { columns[$0].type.isNumeric } }

  func add(_ batch: Batch) {
    rowCount += batch.rowCount
    guard isComplete else { return }
    let numeric = numericIndices
    guard rowCount * numeric.count <= Self.valueLimit else {
      isComplete = false
      values = columns.map { _ in [] }
      return
    }
    for index in numeric { Self.append(batch.columns[index], to: &values[index]) }
  }

  /// Appends a numeric vector's values as doubles.
  static func append(_ vector: Vector, to out: inout [Double]) {
    let flat = vector.flattened()
    let start = out.count
    switch flat.physical {
    case .int8: append(flat.values(as: Int8.self), flat.count) { Double($0) }
    case .int16: append(flat.values(as: Int16.self), flat.count) { Double($0) }
    case .int32: append(flat.values(as: Int32.self), flat.count) { Double($0) }
    case .int64: append(flat.values(as: Int64.self), flat.count) { Double($0) }
    case .float32: append(flat.values(as: Float.self), flat.count) { Double($0) }
    case .float64: append(flat.values(as: Double.self), flat.count) { $0 }
    case .int128:
      guard case .decimal(_, let scale) = flat.type else { return }
      let divisor = Double(PowerOfTen.int128[scale])
      append(flat.values(as: Int128.self), flat.count) { Double($0) / divisor }
    case .bool8, .bytes, .list, .structure: return
    }
    guard flat.validity != nil else { return }
    for row in 0..<flat.count where flat.isNull(row) { out[start + row] = .nan }

    func append<T>(_ source: UnsafeMutablePointer<T>, _ count: Int, _ number: (T) -> Double) {
      for row in 0..<count { out.append(number(source[row])) }
    }
  }
}
