import Base
import Vectors

/// The values of one column of a commit, so that reading them needs no trust:
///
/// | bytes | contents |
/// |--:|---|
/// | 4 | size of what follows |
/// | 1 | 1 if a mask follows |
/// | (rows + 7) / 8 | the mask, 1 for a value |
///
/// then the values, little-endian; of text and binary the lengths (32 bits each), then the bytes of
/// all; of lists the lengths, then the elements as a column; of structures each field as a column.
enum LogColumnCoding {
  /// Types nest at most this deep; `LogicalType(text:)` allows no more.
  private static let deepest = 64

  static func append(_ vector: Vector, to out: inout ByteWriter) {
    let start = out.count
    out.appendLittleEndian(UInt32(0))
    out.append(UInt8(vector.validity == nil ? 0 : 1))
    if let validity = vector.validity {
      let bytes = UnsafeRawBufferPointer(
        start: validity.pointer, count: (vector.count + 7) / 8)
      out.append(bytes)
    }
    switch vector.physical {
    case .bytes: appendBytes(vector, to: &out)
    case .list: appendLists(vector, to: &out)
    case .structure: for child in vector.children { append(child.flattened(), to: &out) }
    default:
      let count = vector.count * vector.physical.widthBytes
      out.append(UnsafeRawBufferPointer(start: vector.base, count: count))
    }
    out.base.storeBytes(
      of: UInt32(truncatingIfNeeded: out.count - start - 4).littleEndian, toByteOffset: start,
      as: UInt32.self)
  }

  private static func appendBytes(_ vector: Vector, to out: inout ByteWriter) {
    let views = vector.values(as: View.self)
    for row in 0..<vector.count {
      out.appendLittleEndian(vector.isNull(row) ? UInt32(0) : views[row].length)
    }
    for row in 0..<vector.count where !vector.isNull(row) { out.append(vector.bytes(at: row)) }
  }

  private static func appendLists(_ vector: Vector, to out: inout ByteWriter) {
    let views = vector.values(as: View.self)
    let elements = vector.children[0].flattened()
    var indices: [UInt32] = []
    for row in 0..<vector.count {
      let view = vector.isNull(row) ? View(offset: 0, length: 0) : views[row]
      out.appendLittleEndian(view.length)
      for element in view.start..<view.start + view.count {
        indices.append(UInt32(truncatingIfNeeded: element))
      }
    }
    let gathered = indices.withUnsafeBufferPointer { buffer in
      buffer.baseAddress.map { elements.gathered(by: $0, count: indices.count) }
    }
    let child = gathered ?? VectorBuilder(type: elements.type).finish()
    out.appendLittleEndian(UInt32(truncatingIfNeeded: child.count))
    append(child.flattened(), to: &out)
  }

  // MARK: Reading

  static func skip(_ reader: inout ByteReader) throws(SQLError) {
    try reader.skip(Int(try reader.readLittleEndian(UInt32.self)))
  }

  static func read(
    _ reader: inout ByteReader, type: LogicalType, count: Int, depth: Int = 0
  ) throws(SQLError) -> Vector {
    guard depth < deepest else { throw reader.corrupt("types nest too deep") }
    let size = Int(try reader.readLittleEndian(UInt32.self))
    var inner = ByteReader(try reader.read(size))
    let mask = try mask(&inner, count: count)
    let vector: Vector
    switch type.physical {
    case .bytes: vector = try bytes(&inner, type, count, mask)
    case .list: vector = try lists(&inner, type, count, mask, depth)
    case .structure:
      var children: [Vector] = []
      for child in type.childTypes {
        children.append(try read(&inner, type: child, count: count, depth: depth + 1))
      }
      vector = Vector(type: type, count: count, validity: mask, children: children)
    default: vector = try fixed(&inner, type, count, mask)
    }
    guard inner.isAtEnd else { throw inner.corrupt("bytes behind a column") }
    return vector
  }

  private static func mask(
    _ reader: inout ByteReader, count: Int
  ) throws(SQLError) -> ValidityMask? {
    guard try reader.readByte() != 0 else { return nil }
    let bytes = try reader.read((count + 7) / 8)
    let mask = ValidityMask(count: count, allValid: false)
    UnsafeMutableRawPointer(mask.pointer).copyMemory(from: bytes.base, byteCount: bytes.count)
    return mask
  }

  private static func fixed(
    _ reader: inout ByteReader, _ type: LogicalType, _ count: Int, _ mask: ValidityMask?
  ) throws(SQLError) -> Vector {
    let bytes = try reader.read(count * type.physical.widthBytes)
    let vector = Vector(type: type, count: count, validity: mask)
    vector.base.copyMemory(from: bytes.base, byteCount: bytes.count)
    if type.physical == .bool8 {
      let values = vector.values(as: UInt8.self)
      for row in 0..<count where values[row] > 1 { values[row] = 1 }
    }
    return vector
  }

  private static func lengths(
    _ reader: inout ByteReader, count: Int
  ) throws(SQLError) -> (views: [View], total: Int) {
    // A count that lies must not take memory.
    guard count <= reader.remaining / 4 else { throw reader.corrupt("\(count) lengths") }
    var views: [View] = []
    views.reserveCapacity(count)
    var total: UInt32 = 0
    for _ in 0..<count {
      let length = try reader.readLittleEndian(UInt32.self)
      views.append(View(offset: total, length: length))
      let (next, overflow) = total.addingReportingOverflow(length)
      guard !overflow else { throw reader.corrupt("values of more than 4 GiB") }
      total = next
    }
    return (views, Int(total))
  }

  private static func vector(
    _ type: LogicalType, _ views: [View], _ mask: ValidityMask?, heap: Buffer? = nil,
    children: [Vector] = []
  ) -> Vector {
    let vector = Vector(
      type: type, count: views.count, validity: mask, heap: heap, children: children)
    let target = vector.values(as: View.self)
    for (row, view) in views.enumerated() { target[row] = view }
    return vector
  }

  private static func bytes(
    _ reader: inout ByteReader, _ type: LogicalType, _ count: Int, _ mask: ValidityMask?
  ) throws(SQLError) -> Vector {
    let (views, total) = try lengths(&reader, count: count)
    let bytes = try reader.read(total)
    let heap = Buffer(sizeBytes: total)
    heap.base.copyMemory(from: bytes.base, byteCount: total)
    if type == .text {
      for view in views {
        let text = UnsafeRawBufferPointer(start: heap.base + view.start, count: view.count)
        guard String(validating: text, as: UTF8.self) != nil else {
          throw reader.corrupt("text is not UTF-8")
        }
      }
    }
    return vector(type, views, mask, heap: heap)
  }

  private static func lists(
    _ reader: inout ByteReader, _ type: LogicalType, _ count: Int, _ mask: ValidityMask?,
    _ depth: Int
  ) throws(SQLError) -> Vector {
    let (views, total) = try lengths(&reader, count: count)
    let childCount = Int(try reader.readLittleEndian(UInt32.self))
    guard childCount == total else {
      throw reader.corrupt("\(childCount) elements instead of \(total)")
    }
    let child = try read(
      &reader, type: type.childTypes[0], count: childCount, depth: depth + 1)
    return vector(type, views, mask, children: [child])
  }
}
