import Base
import ORC
import Zij

/// All rows of a result in one contiguous typed array a column, as a program keeps them that goes on
/// to work with them. It is what an Arrow table is for the benchmark's other peers: nothing of the
/// engine stays alive through it.
final class ResultArrays {
  private let names: [String]
  private let arrays: [any ColumnArray]
  private(set) var rowCount = 0

  init(_ columns: [ResultColumn]) throws(SQLError) {
    names = columns.map(\.name)
    var arrays: [any ColumnArray] = []
    for column in columns { arrays.append(try Self.array(of: column.type)) }
    self.arrays = arrays
  }

  private static func array(of type: LogicalType) throws(SQLError) -> any ColumnArray {
    switch type.physical {
    case .bool8: FixedArray<UInt8>(type)
    case .int8: FixedArray<Int8>(type)
    case .int16: FixedArray<Int16>(type)
    case .int32: FixedArray<Int32>(type)
    case .int64: FixedArray<Int64>(type)
    case .int128: FixedArray<Int128>(type)
    case .float32: FixedArray<Float>(type)
    case .float64: FixedArray<Double>(type)
    case .bytes: TextArray(type)
    case .list, .structure:
      throw SQLError(.featureNotSupported, "no arrays are kept of type \(type)")
    }
  }

  func append(_ batch: Batch) {
    for (array, vector) in zip(arrays, batch.columns) { array.append(vector.flattened()) }
    rowCount += batch.rowCount
  }

  /// Writes the rows as an ORC file.
  func write(to path: String) throws(SQLError) {
    let file = try PosixDisk().create(path, replacing: true)
    let writer = try ORCWriter(
      file: file, columns: zip(names, arrays).map { ORCColumnSchema(name: $0, type: $1.type) })
    for start in stride(from: 0, to: rowCount, by: Batch.capacity) {
      let rows = start..<min(start + Batch.capacity, rowCount)
      try writer.append(
        Batch(columns: arrays.map { $0.vector(of: rows) }, rowCount: rows.count))
    }
    _ = try writer.finish()
    try file.close()
  }
}

private protocol ColumnArray: AnyObject {
  var type: LogicalType { get }
  /// Appends the rows of a flat vector.
  func append(_ vector: Vector)
  func vector(of rows: Range<Int>) -> Vector
}

/// One bit a row, 1 for a value; empty until the first NULL.
private struct ValidityBits {
  private var words: [UInt64] = []

  mutating func append(_ mask: ValidityMask?, count: Int, at start: Int) {
    guard mask != nil || !words.isEmpty else { return }
    while words.count * 64 < start + count { words.append(~0) }
    guard let mask else { return }
    for row in 0..<count where !mask.isValid(row) {
      words[(start + row) >> 6] &= ~(1 << UInt64((start + row) & 63))
    }
  }

  func mask(of rows: Range<Int>) -> ValidityMask? {
    guard !words.isEmpty else { return nil }
    let mask = ValidityMask(count: rows.count, allValid: true)
    for row in rows where words[row >> 6] >> UInt64(row & 63) & 1 == 0 {
      mask.setNull(row - rows.lowerBound)
    }
    return mask
  }
}

private final class FixedArray<Element: BitwiseCopyable>: ColumnArray {
  let type: LogicalType
  private var values: [Element] = []
  private var validity = ValidityBits()

  init(_ type: LogicalType) { self.type = type }

  func append(_ vector: Vector) {
    validity.append(vector.validity, count: vector.count, at: values.count)
    values.append(
      contentsOf: UnsafeBufferPointer(start: vector.values(as: Element.self), count: vector.count))
  }

  func vector(of rows: Range<Int>) -> Vector {
    let result = Vector(type: type, count: rows.count, validity: validity.mask(of: rows))
    let target = result.values(as: Element.self)
    for (index, row) in rows.enumerated() { target[index] = values[row] }
    return result
  }
}

private final class TextArray: ColumnArray {
  let type: LogicalType
  private var bytes: [UInt8] = []
  /// Where each row ends.
  private var ends: [Int] = []
  private var validity = ValidityBits()

  init(_ type: LogicalType) { self.type = type }

  func append(_ vector: Vector) {
    validity.append(vector.validity, count: vector.count, at: ends.count)
    for row in 0..<vector.count {
      if !vector.isNull(row) { bytes.append(contentsOf: vector.bytes(at: row)) }
      ends.append(bytes.count)
    }
  }

  func vector(of rows: Range<Int>) -> Vector {
    let builder = VectorBuilder(type: type)
    let mask = validity.mask(of: rows)
    for (index, row) in rows.enumerated() {
      guard mask?.isValid(index) ?? true else {
        builder.appendNull()
        continue
      }
      let start = row == 0 ? 0 : ends[row - 1]
      bytes[start..<ends[row]].withUnsafeBytes { _ = builder.append(bytes: $0) }
    }
    return builder.finish()
  }
}
