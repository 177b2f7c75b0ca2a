import Base
import Vectors

/// SHORT, INT, LONG and DATE: signed run-length encoded integers.
final class IntegerColumnDecoder: ColumnDecoder {
  private let data: IntegerDecoder

  init(_ type: LogicalType, present: BooleanDecoder?, data: IntegerDecoder) {
    self.data = data
    super.init(type, present: present)
  }

  override func readValues(
    _ count: Int, validity: ValidityMask?, validCount: Int
  ) throws(SQLError) -> Vector {
    let vector = Vector(type: type, count: count, validity: validity)
    switch vector.physical {
    case .int16: try read(Int16.self, vector, validCount)
    case .int32: try read(Int32.self, vector, validCount)
    default:
      let values = vector.values(as: Int64.self)
      try data.read(into: values, count: validCount)
      NullExpansion.expand(values, count: validCount, rows: count, mask: validity)
    }
    return vector
  }

  private func read<T: FixedWidthInteger & SignedInteger & BitwiseCopyable>(
    _: T.Type, _ vector: Vector, _ validCount: Int
  ) throws(SQLError) {
    let values = vector.values(as: T.self)
    try data.read(narrowingInto: values, count: validCount)
    NullExpansion.expand(
      values, count: validCount, rows: vector.count, mask: vector.validity)
  }
}

/// FLOAT and DOUBLE: little-endian IEEE numbers, where they lie if nothing stands in the way.
final class FloatColumnDecoder: ColumnDecoder {
  private let cursor: StreamCursor

  init(_ type: LogicalType, present: BooleanDecoder?, data cursor: StreamCursor) {
    self.cursor = cursor
    super.init(type, present: present)
  }

  override func readValues(
    _ count: Int, validity: ValidityMask?, validCount: Int
  ) throws(SQLError) -> Vector {
    let width = type.physical.widthBytes
    if validity == nil {
      let bytes = try cursor.take(validCount * width)
      return Vector(type: type, count: count, storage: cursor.buffer(bytes, alignment: width))
    }
    let vector = Vector(type: type, count: count, validity: validity)
    try cursor.copy(validCount * width, to: vector.base)
    if width == 4 {
      NullExpansion.expand(
        vector.values(as: Float.self), count: validCount, rows: count, mask: validity)
    } else {
      NullExpansion.expand(
        vector.values(as: Double.self), count: validCount, rows: count, mask: validity)
    }
    return vector
  }
}

extension StreamCursor {
  /// A buffer over bytes that `take` gave: the bytes themselves if they are aligned and have the
  /// padding that kernels rely on, a copy otherwise.
  func buffer(_ bytes: ByteRegion, alignment: Int) -> Buffer {
    if isPadded(bytes), Int(bitPattern: bytes.base) & (alignment - 1) == 0 {
      return Buffer(borrowing: bytes)
    }
    if let whole = bytes.owner as? Buffer, whole.base == UnsafeMutableRawPointer(mutating: bytes.base),
      whole.isOwned, whole.sizeBytes == bytes.count
    {
      return whole
    }
    let copy = Buffer(sizeBytes: bytes.count)
    copy.base.copyMemory(from: bytes.base, byteCount: bytes.count)
    return copy
  }
}

/// BYTE: run-length encoded bytes.
final class ByteColumnDecoder: ColumnDecoder {
  private let data: ByteDecoder

  init(_ type: LogicalType, present: BooleanDecoder?, data: ByteDecoder) {
    self.data = data
    super.init(type, present: present)
  }

  override func readValues(
    _ count: Int, validity: ValidityMask?, validCount: Int
  ) throws(SQLError) -> Vector {
    let vector = Vector(type: type, count: count, validity: validity)
    let values = vector.values(as: UInt8.self)
    try data.read(into: values, count: validCount)
    NullExpansion.expand(values, count: validCount, rows: count, mask: validity)
    return vector
  }
}

/// BOOLEAN: bits in run-length encoded bytes.
final class BooleanColumnDecoder: ColumnDecoder {
  private let data: BooleanDecoder

  init(_ type: LogicalType, present: BooleanDecoder?, data: BooleanDecoder) {
    self.data = data
    super.init(type, present: present)
  }

  override func readValues(
    _ count: Int, validity: ValidityMask?, validCount: Int
  ) throws(SQLError) -> Vector {
    let vector = Vector(type: type, count: count, validity: validity)
    let values = vector.values(as: UInt8.self)
    try data.read(bytesInto: values, count: validCount)
    NullExpansion.expand(values, count: validCount, rows: count, mask: validity)
    return vector
  }
}
