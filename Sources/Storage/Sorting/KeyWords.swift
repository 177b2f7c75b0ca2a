import Base
import Vectors

/// The sort keys of some rows, as numbers that order as they do: ascending, NULLs last, NaN above all
/// numbers. What a number cannot tell is compared value by value.
struct KeyWords: @unchecked Sendable {
  let rowCount: Int
  /// Row `r` of key `k` is at `k * rowCount + r`.
  let words: UnsafePointer<UInt64>
  private let owner: Buffer
  private let columns: [Vector]
  /// True for keys whose word says all, but for `.max`: NULL, NaN or the greatest integer.
  private let areExact: [Bool]

  /// Of the columns `keys` of a batch, most significant first.
  init(_ batch: Batch, keys: [Int]) {
    rowCount = batch.rowCount
    columns = keys.map { batch.columns[$0].flattened() }
    owner = Buffer(sizeBytes: keys.count * batch.rowCount * 8)
    areExact = columns.map { $0.physical.isFixed && $0.physical != .int128 }
    let target = owner.base.bindMemory(to: UInt64.self, capacity: keys.count * batch.rowCount)
    for (index, column) in columns.enumerated() {
      Self.fill(target + index * batch.rowCount, column)
    }
    words = UnsafePointer(target)
  }

  /// Below 0, 0 or above 0.
  @inline(__always)
  func compare(_ row: Int, _ other: KeyWords, _ otherRow: Int) -> Int {
    for key in 0..<columns.count {
      let mine = words[key &* rowCount &+ row]
      let theirs = other.words[key &* other.rowCount &+ otherRow]
      if mine != theirs { return mine < theirs ? -1 : 1 }
      if areExact[key] && mine != .max { continue }
      let order = Self.compare(columns[key], row, other.columns[key], otherRow)
      if order != 0 { return order }
    }
    return 0
  }

  /// True if rows with the same word of the first key, unless it is `.max`, are equal.
  var firstWordDecides: Bool { areExact == [true] }

  /// True if no row comes before its predecessor.
  var isAscending: Bool {
    for row in 1..<max(1, rowCount) where compare(row &- 1, self, row) > 0 { return false }
    return true
  }

  // MARK: words

  private static func fill(_ target: UnsafeMutablePointer<UInt64>, _ column: Vector) {
    switch column.physical {
    case .bool8: fill(target, column, UInt8.self) { UInt64($0) }
    case .int8: fill(target, column, Int8.self) { SortKey.of($0) }
    case .int16: fill(target, column, Int16.self) { SortKey.of($0) }
    case .int32: fill(target, column, Int32.self) { SortKey.of($0) }
    case .int64: fill(target, column, Int64.self) { SortKey.of($0) }
    case .float32: fill(target, column, Float.self) { SortKey.of(Double($0)) }
    case .float64: fill(target, column, Double.self) { SortKey.of($0) }
    case .int128:
      fill(target, column, Int128.self) { SortKey.of(Int64(truncatingIfNeeded: $0 >> 64)) }
    case .bytes:
      for row in 0..<column.count where !column.isNull(row) {
        target[row] = SortKey.prefix(column.bytes(at: row))
      }
    case .list, .structure: target.update(repeating: 0, count: column.count)
    }
    guard let validity = column.validity else { return }
    for row in 0..<column.count where !validity.isValid(row) { target[row] = .max }
  }

  @inline(__always)
  private static func fill<T: BitwiseCopyable>(
    _ target: UnsafeMutablePointer<UInt64>, _ column: Vector, _: T.Type, _ key: (T) -> UInt64
  ) {
    let values = column.values(as: T.self)
    for row in 0..<column.count { target[row] = key(values[row]) }
  }

  /// Compares values whose words are equal.
  private static func compare(_ a: Vector, _ row: Int, _ b: Vector, _ otherRow: Int) -> Int {
    let (isNull, otherIsNull) = (a.isNull(row), b.isNull(otherRow))
    if isNull || otherIsNull { return isNull == otherIsNull ? 0 : isNull ? 1 : -1 }
    switch a.physical {
    case .int128:
      let (mine, theirs) = (a.values(as: Int128.self)[row], b.values(as: Int128.self)[otherRow])
      return mine < theirs ? -1 : mine > theirs ? 1 : 0
    case .bytes: return SortKey.compare(a.bytes(at: row), b.bytes(at: otherRow))
    default: return 0
    }
  }
}
