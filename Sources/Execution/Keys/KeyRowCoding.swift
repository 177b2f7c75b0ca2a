import Base
import Glibc
import Vectors

/// Keys of several columns, or of text, as rows of bytes that are equal exactly when the keys are.
///
/// A row is its columns one behind the other: one byte 1 for NULL (then nothing) or 0, then the
/// value: fixed-width bits (floats with one NaN and one zero), or a 32-bit length and the bytes;
/// structures are their fields, lists a 32-bit count and their elements.
enum KeyRowCoding {
  struct Rows: ~Copyable {
    var bytes: ByteWriter
    /// Where each row begins, and the end of the last.
    var offsets: [Int]

    func withRows(_ body: (_ row: Int, _ bytes: UnsafeRawPointer, _ sizeBytes: Int) -> Void) {
      let base = UnsafeRawPointer(bytes.base)
      for row in 0..<offsets.count - 1 {
        body(row, base + offsets[row], offsets[row + 1] - offsets[row])
      }
    }

    func withRow<R>(_ row: Int, _ body: (UnsafeRawPointer, Int) -> R) -> R {
      body(UnsafeRawPointer(bytes.base) + offsets[row], offsets[row + 1] - offsets[row])
    }
  }

  static func encode(_ columns: [Vector], count: Int) -> Rows {
    let flat = columns.map { $0.flattened() }
    var offsets = [Int](repeating: 0, count: count + 1)
    for column in flat { addSizes(of: column, to: &offsets, count: count) }
    var total = 0
    for row in 0..<count {
      let size = offsets[row]
      offsets[row] = total
      total += size
    }
    offsets[count] = total
    var bytes = ByteWriter(capacity: total + 16)
    bytes.reserve(total)
    var cursors = offsets
    for column in flat { write(column, at: &cursors, base: bytes.base, count: count) }
    bytes.advance(total)
    return Rows(bytes: bytes, offsets: offsets)
  }

  private static func addSizes(of column: Vector, to sizes: inout [Int], count: Int) {
    switch column.physical {
    case .bytes:
      let views = column.values(as: View.self)
      for row in 0..<count { sizes[row] += column.isNull(row) ? 1 : 5 + views[row].count }
    case .list, .structure:
      for row in 0..<count { sizes[row] += nestedSize(column, row) }
    default:
      let width = column.physical.widthBytes + 1
      for row in 0..<count { sizes[row] += column.isNull(row) ? 1 : width }
    }
  }

  private static func write(
    _ column: Vector, at cursors: inout [Int], base: UnsafeMutableRawPointer, count: Int
  ) {
    switch column.physical {
    case .bool8, .int8: writeFixed(column, UInt8.self, &cursors, base, count) { $0 }
    case .int16: writeFixed(column, UInt16.self, &cursors, base, count) { $0 }
    case .int32: writeFixed(column, UInt32.self, &cursors, base, count) { $0 }
    case .int64: writeFixed(column, UInt64.self, &cursors, base, count) { $0 }
    case .int128: writeFixed(column, UInt128.self, &cursors, base, count) { $0 }
    case .float32: writeFixed(column, Float.self, &cursors, base, count, KeyWords.canonical)
    case .float64: writeFixed(column, Double.self, &cursors, base, count, KeyWords.canonical)
    case .bytes, .list, .structure:
      for row in 0..<count { cursors[row] += writeNested(column, row, base + cursors[row]) }
    }
  }

  @inline(__always)
  private static func writeFixed<T: BitwiseCopyable>(
    _ column: Vector, _: T.Type, _ cursors: inout [Int], _ base: UnsafeMutableRawPointer,
    _ count: Int, _ canonical: (T) -> T
  ) {
    let values = column.values(as: T.self)
    let validity = column.validity
    for row in 0..<count {
      let target = base + cursors[row]
      if let validity, !validity.isValid(row) {
        target.storeBytes(of: 1, as: UInt8.self)
        cursors[row] &+= 1
      } else {
        target.storeBytes(of: 0, as: UInt8.self)
        (target + 1).storeBytes(of: canonical(values[row]), as: T.self)
        cursors[row] &+= 1 &+ MemoryLayout<T>.size
      }
    }
  }

  // MARK: nested values, one by one

  private static func nestedSize(_ column: Vector, _ row: Int) -> Int {
    if column.isNull(row) { return 1 }
    switch column.physical {
    case .bytes: return 5 + column.bytes(at: row).count
    case .list:
      let view = column.values(as: View.self)[row]
      let child = column.children[0].flattened()
      return (view.start..<view.start + view.count).reduce(5) { $0 + nestedSize(child, $1) }
    case .structure:
      return column.children.reduce(1) { $0 + nestedSize($1.flattened(), row) }
    default: return 1 + column.physical.widthBytes
    }
  }

  /// Writes one value; returns its size.
  private static func writeNested(
    _ column: Vector, _ row: Int, _ target: UnsafeMutableRawPointer
  ) -> Int {
    guard !column.isNull(row) else {
      target.storeBytes(of: 1, as: UInt8.self)
      return 1
    }
    target.storeBytes(of: 0, as: UInt8.self)
    switch column.physical {
    case .bytes:
      let bytes = column.bytes(at: row)
      (target + 1).storeBytes(of: UInt32(truncatingIfNeeded: bytes.count), as: UInt32.self)
      if let start = bytes.baseAddress { memcpy(target + 5, start, bytes.count) }
      return 5 + bytes.count
    case .list:
      let view = column.values(as: View.self)[row]
      (target + 1).storeBytes(of: view.length, as: UInt32.self)
      let child = column.children[0].flattened()
      var size = 5
      for element in view.start..<view.start + view.count {
        size += writeNested(child, element, target + size)
      }
      return size
    case .structure:
      return column.children.reduce(1) { $0 + writeNested($1.flattened(), row, target + $0) }
    case .float32:
      let value = KeyWords.canonical(column.values(as: Float.self)[row])
      (target + 1).storeBytes(of: value, as: Float.self)
      return 5
    case .float64:
      let value = KeyWords.canonical(column.values(as: Double.self)[row])
      (target + 1).storeBytes(of: value, as: Double.self)
      return 9
    default:
      let width = column.physical.widthBytes
      memcpy(target + 1, column.base + row * width, width)
      return 1 + width
    }
  }

  // MARK: decoding

  /// The columns of the rows that begin at `starts` in an arena of rows.
  static func decode(
    starts: [Int], types: [LogicalType], arena: UnsafeRawBufferPointer
  ) -> [Vector] {
    var cursors = starts
    guard let base = arena.baseAddress else {
      return types.map { Vector.nulls($0, count: starts.count) }
    }
    return types.map { type in
      let builder = VectorBuilder(type: type)
      for index in cursors.indices { cursors[index] += read(base + cursors[index], type, builder) }
      return builder.finish()
    }
  }

  private static func read(
    _ source: UnsafeRawPointer, _ type: LogicalType, _ builder: VectorBuilder
  ) -> Int {
    guard source.load(as: UInt8.self) == 0 else {
      builder.appendNull()
      return 1
    }
    let value = source + 1
    switch type.physical {
    case .bool8, .int8: builder.append(fixed: value.load(as: UInt8.self))
    case .int16: builder.append(fixed: value.loadUnaligned(as: UInt16.self))
    case .int32, .float32: builder.append(fixed: value.loadUnaligned(as: UInt32.self))
    case .int64, .float64: builder.append(fixed: value.loadUnaligned(as: UInt64.self))
    case .int128: builder.append(fixed: value.loadUnaligned(as: UInt128.self))
    case .bytes:
      let count = Int(value.loadUnaligned(as: UInt32.self))
      builder.append(bytes: UnsafeRawBufferPointer(start: value + 4, count: count))
      return 5 + count
    case .list, .structure:
      let (decoded, size) = readValue(source, type)
      builder.append(decoded)
      return size
    }
    return 1 + type.physical.widthBytes
  }

  private static func readValue(
    _ source: UnsafeRawPointer, _ type: LogicalType
  ) -> (Value, Int) {
    guard source.load(as: UInt8.self) == 0 else { return (.null, 1) }
    switch type.physical {
    case .list:
      let count = Int((source + 1).loadUnaligned(as: UInt32.self))
      var elements: [Value] = []
      var size = 5
      for _ in 0..<count {
        let (element, elementSize) = readValue(source + size, type.childTypes[0])
        elements.append(element)
        size += elementSize
      }
      return (.list(elements), size)
    case .structure:
      var fields: [Value] = []
      var size = 1
      for child in type.childTypes {
        let (field, fieldSize) = readValue(source + size, child)
        fields.append(field)
        size += fieldSize
      }
      return (.structure(fields), size)
    default:
      let builder = VectorBuilder(type: type)
      let size = read(source, type, builder)
      return (builder.finish().value(at: 0), size)
    }
  }
}
