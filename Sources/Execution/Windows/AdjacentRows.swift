import Base
import Glibc
import Vectors

/// Compares rows with the ones before them, as PARTITION BY and ORDER BY do: NULLs are equal, NaNs
/// are equal, −0 is equal to 0.
enum AdjacentRows {
  /// Sets `flags[row]` where a row of a flat column differs from the one before it; the first row's
  /// flag stays.
  static func markChanges(_ column: Vector, _ flags: UnsafeMutablePointer<UInt8>) {
    switch column.physical {
    case .bool8, .int8: mark(column, flags) { same($0, $1, column.values(as: UInt8.self)) }
    case .int16: mark(column, flags) { same($0, $1, column.values(as: UInt16.self)) }
    case .int32: mark(column, flags) { same($0, $1, column.values(as: UInt32.self)) }
    case .int64: mark(column, flags) { same($0, $1, column.values(as: UInt64.self)) }
    case .int128: mark(column, flags) { same($0, $1, column.values(as: UInt128.self)) }
    case .float32: mark(column, flags) { sameNumber($0, $1, column.values(as: Float.self)) }
    case .float64: mark(column, flags) { sameNumber($0, $1, column.values(as: Double.self)) }
    case .bytes: mark(column, flags) { sameBytes(column.bytes(at: $0), column.bytes(at: $1)) }
    case .list, .structure: break
    }
  }

  @inline(__always)
  private static func mark(
    _ column: Vector, _ flags: UnsafeMutablePointer<UInt8>, _ areSame: (Int, Int) -> Bool
  ) {
    guard column.count > 1 else { return }
    guard let validity = column.validity else {
      for row in 1..<column.count { flags[row] |= areSame(row &- 1, row) ? 0 : 1 }
      return
    }
    for row in 1..<column.count {
      let (a, b) = (validity.isValid(row &- 1), validity.isValid(row))
      let isChange = a != b || (a && !areSame(row &- 1, row))
      flags[row] |= isChange ? 1 : 0
    }
  }

  @inline(__always)
  private static func same<T: FixedWidthInteger>(
    _ a: Int, _ b: Int, _ values: UnsafeMutablePointer<T>
  ) -> Bool { values[a] == values[b] }

  @inline(__always)
  private static func sameNumber<T: BinaryFloatingPoint>(
    _ a: Int, _ b: Int, _ values: UnsafeMutablePointer<T>
  ) -> Bool {
    let (x, y) = (values[a], values[b])
    return x == y || (x != x && y != y)
  }

  private static func sameBytes(
    _ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer
  ) -> Bool {
    guard a.count == b.count else { return false }
    guard let x = a.baseAddress, let y = b.baseAddress, a.count > 0 else { return true }
    return memcmp(x, y, a.count) == 0
  }

  /// How many rows at the front of sorted `keys` are equal to row 0 of `key`.
  static func countOfFirst(_ keys: [Vector], _ count: Int, equalTo key: [Vector]) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if areEqual(keys, middle, key, 0) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Is row `a` of some columns equal to row `b` of others of the same types? All are flat.
  static func areEqual(_ first: [Vector], _ a: Int, _ second: [Vector], _ b: Int) -> Bool {
    for (x, y) in zip(first, second) {
      let rows = [x.slice(from: a, count: 1), y.slice(from: b, count: 1)]
      let pair = Vector.joining(rows, type: x.type)
      var flags: (UInt8, UInt8) = (0, 0)
      let isChange = withUnsafeMutableBytes(of: &flags) { bytes -> Bool in
        guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return true }
        markChanges(pair, base)
        return base[1] != 0
      }
      if isChange { return false }
    }
    return true
  }
}
