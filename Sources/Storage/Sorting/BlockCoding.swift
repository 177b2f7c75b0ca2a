import Base
import Glibc
import Vectors

/// The bytes of a block of rows in a run file, ours and for this process only:
///
/// | bytes | contents |
/// |--:|---|
/// | 8 | bytes behind the header |
/// | 4 | rows |
/// | 4 | crc32c of the bytes behind the header |
///
/// Then each column: values in it (4), 1 if a mask follows (4), the mask's words, the values in memory
/// form; of text and binary the heap's size (8) and the heap; and the columns below. Everything begins
/// at a multiple of 8, so that vectors lie in the block as it was read.
enum BlockCoding {
  static let headerBytes = 16

  static func encode(_ batch: Batch) -> ByteWriter {
    var out = ByteWriter(capacity: batch.sizeBytes + batch.columns.count * 64 + headerBytes)
    out.append(repeating: 0, count: headerBytes)
    for column in batch.columns { append(column.flattened(), to: &out) }
    let content = UnsafeRawBufferPointer(rebasing: out.bytes[headerBytes...])
    let checksum = CRC32C.checksum(content)
    out.base.storeBytes(of: UInt64(content.count), as: UInt64.self)
    out.base.storeBytes(of: UInt32(batch.rowCount), toByteOffset: 8, as: UInt32.self)
    out.base.storeBytes(of: checksum, toByteOffset: 12, as: UInt32.self)
    return out
  }

  private static func append(_ vector: Vector, to out: inout ByteWriter) {
    out.appendLittleEndian(UInt32(truncatingIfNeeded: vector.count))
    out.appendLittleEndian(UInt32(vector.validity == nil ? 0 : 1))
    if let validity = vector.validity {
      let wordBytes = ValidityMask.wordCount(vector.count) * 8
      out.append(UnsafeRawBufferPointer(start: validity.pointer, count: wordBytes))
    }
    let valueBytes = vector.count * vector.physical.widthBytes
    out.append(UnsafeRawBufferPointer(start: vector.base, count: valueBytes))
    align(&out)
    if vector.physical == .bytes {
      let size = vector.heap?.sizeBytes ?? 0
      out.appendLittleEndian(UInt64(size))
      if let heap = vector.heap { out.append(UnsafeRawBufferPointer(start: heap.base, count: size)) }
      align(&out)
    }
    for child in vector.children { append(child.flattened(), to: &out) }
  }

  private static func align(_ out: inout ByteWriter) {
    out.append(repeating: 0, count: -out.count & 7)
  }

  /// The vectors of a block whose bytes behind the header are `content`.
  static func decode(
    _ content: Buffer, rowCount: Int, types: [LogicalType]
  ) throws(SQLError) -> Batch {
    var reader = Reader(content)
    var columns: [Vector] = []
    for type in types {
      let column = try reader.vector(type)
      guard column.count == rowCount else { throw damaged }
      columns.append(column)
    }
    return Batch(columns: columns, rowCount: rowCount)
  }

  static var damaged: SQLError {
    SQLError(
      .dataCorrupted, "scratch data of a sort is damaged", hint: "The disk may be failing.")
  }

  private struct Reader {
    let buffer: Buffer
    var offset = 0

    init(_ buffer: Buffer) { self.buffer = buffer }

    /// Passes over `count` bytes and what aligns them; gives where they begin.
    mutating func take(_ count: Int) throws(SQLError) -> Int {
      guard count >= 0, count <= buffer.sizeBytes - offset else { throw BlockCoding.damaged }
      defer { offset = min(buffer.sizeBytes, (offset + count + 7) & ~7) }
      return offset
    }

    mutating func vector(_ type: LogicalType) throws(SQLError) -> Vector {
      let start = try take(8)
      let count = Int(buffer.base.load(fromByteOffset: start, as: UInt32.self))
      var mask: ValidityMask?
      if buffer.base.load(fromByteOffset: start + 4, as: UInt32.self) != 0 {
        let words = ValidityMask.wordCount(count)
        let place = try take(words * 8)
        let copy = ValidityMask(count: count, allValid: false)
        memcpy(copy.pointer, buffer.base + place, words * 8)
        mask = copy
      }
      let values = try take(count * type.physical.widthBytes)
      let heap = type.physical == .bytes ? try self.heap() : nil
      var children: [Vector] = []
      for child in type.childTypes { children.append(try vector(child)) }
      return Vector(
        type: type, count: count, storage: buffer, offsetBytes: values, validity: mask, heap: heap,
        children: children)
    }

    private mutating func heap() throws(SQLError) -> Buffer {
      let sizeStart = try take(8)
      let size = buffer.base.load(fromByteOffset: sizeStart, as: UInt64.self)
      guard size <= UInt64(buffer.sizeBytes) else { throw BlockCoding.damaged }
      let start = try take(Int(size))
      return Buffer(
        borrowing: ByteRegion(base: buffer.base + start, count: Int(size), owner: buffer))
    }
  }
}
