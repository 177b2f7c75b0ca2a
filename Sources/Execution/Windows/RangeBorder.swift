import Vectors

/// A border of RANGE frames with an offset: the first row, from the front, that is not too far
/// before the current one's value (for a start), or is too far behind it (for an end).
///
/// NULLs are equal to NULLs only, so their frames are their peers; NaN likewise. Integers are
/// compared exactly; sums of floats are rounded.
struct RangeBorder {
  private let offset: Value
  /// PRECEDING, not FOLLOWING.
  private let isBelow: Bool
  private let isEnd: Bool

  init(_ offset: Value, isBelow: Bool, isEnd: Bool) {
    self.offset = offset
    self.isBelow = isBelow
    self.isEnd = isEnd
  }

  /// By row: the border, within its partition.
  func fill(_ out: UnsafeMutablePointer<UInt32>, _ chunk: WindowChunk) {
    guard let keys = chunk.order.first else { return Self.nothing(out, chunk) }
    switch (keys.physical, offset) {
    case (.int8, .integer(let offset)): exact(keys.values(as: Int8.self), offset, out, chunk)
    case (.int16, .integer(let offset)): exact(keys.values(as: Int16.self), offset, out, chunk)
    case (.int32, .integer(let offset)): exact(keys.values(as: Int32.self), offset, out, chunk)
    case (.int64, .integer(let offset)): exact(keys.values(as: Int64.self), offset, out, chunk)
    case (.float32, .float64(let offset)):
      let values = keys.values(as: Float.self)
      fill(out, chunk, { Double(values[$0]) }, { $0 + $1 * offset }, Self.isLess)
    case (.float64, .float64(let offset)):
      let values = keys.values(as: Double.self)
      fill(out, chunk, { values[$0] }, { $0 + $1 * offset }, Self.isLess)
    default: Self.nothing(out, chunk)
    }
  }

  /// A plan that the binder did not make may name what has no differences: its frames are empty.
  private static func nothing(_ out: UnsafeMutablePointer<UInt32>, _ chunk: WindowChunk) {
    out.update(from: chunk.peers().starts.values, count: chunk.count)
  }

  @inline(__always)
  private func exact<T: FixedWidthInteger>(
    _ values: UnsafeMutablePointer<T>, _ offset: Int64, _ out: UnsafeMutablePointer<UInt32>,
    _ chunk: WindowChunk
  ) {
    let offset = Int128(offset)
    fill(
      out, chunk, { Int128(values[$0]) }, { $1 < 0 ? $0 &- offset : $0 &+ offset }, { $0 < $1 })
  }

  /// NaN is above all numbers.
  private static func isLess(_ a: Double, _ b: Double) -> Bool { a < b || (a == a && b != b) }

  /// `moved`: a value with the offset added, or taken away for the sign -1.
  @inline(__always)
  private func fill<T>(
    _ out: UnsafeMutablePointer<UInt32>, _ chunk: WindowChunk, _ value: (Int) -> T,
    _ moved: (T, Double) -> T, _ isLess: (T, T) -> Bool
  ) {
    let validity = chunk.order.first?.validity
    let isDescending = chunk.isDescending
    let sign = isBelow != isDescending ? -1.0 : 1.0
    for index in 0..<chunk.partitionCount {
      let rows = chunk.rows(ofPartition: index)
      let valid = Self.validRows(rows, validity)
      let nulls = valid.lowerBound > rows.lowerBound
        ? rows.lowerBound..<valid.lowerBound : valid.upperBound..<rows.upperBound
      for row in nulls {
        out[row] = UInt32(truncatingIfNeeded: isEnd ? nulls.upperBound : nulls.lowerBound)
      }
      var border = valid.lowerBound
      for row in valid {
        let limit = moved(value(row), sign)
        while border < valid.upperBound {
          let key = value(border)
          let isKeyBefore = isDescending ? isLess(limit, key) : isLess(key, limit)
          let isKeyBehind = isDescending ? isLess(key, limit) : isLess(limit, key)
          if isEnd ? isKeyBehind : !isKeyBefore { break }
          border &+= 1
        }
        out[row] = UInt32(truncatingIfNeeded: border)
      }
    }
  }

  /// NULLs of a partition are all at its front or all at its end.
  private static func validRows(_ rows: Range<Int>, _ validity: ValidityMask?) -> Range<Int> {
    guard let validity else { return rows }
    var (start, end) = (rows.lowerBound, rows.upperBound)
    while start < end, !validity.isValid(start) { start &+= 1 }
    while start < end, !validity.isValid(end &- 1) { end &-= 1 }
    return start..<end
  }
}
