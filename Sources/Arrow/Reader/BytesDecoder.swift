import Base
import Glibc
import Vectors

/// Text and binary in each of Arrow's layouts.
struct BytesDecoder {
  let data: ArrayData
  let field: ArrowField
  let memory: ArrowMemory?

  func vector(_ type: LogicalType, _ mask: ValidityMask?) throws(SQLError) -> Vector {
    let result: Vector
    switch field.type {
    case .fixedBinary(let size): result = try fixed(size, type, mask)
    case .utf8View, .binaryView: result = try viewed(type, mask)
    default: result = try contiguous(type, mask)
    }
    if type == .text { try check(result) }
    return result
  }

  /// Values one behind the other.
  private func contiguous(_ type: LogicalType, _ mask: ValidityMask?) throws(SQLError) -> Vector {
    let isLarge = field.type == .utf8(isLarge: true) || field.type == .binary(isLarge: true)
    let offsets = try OffsetReader.offsets(data, isLarge: isLarge, field.name, memory)
    let bytes = try data.buffer(2, sizeBytes: offsets[offsets.count - 1], "text")
    let first = offsets[0]
    let size = offsets[offsets.count - 1] - first
    try memory?.take(size)
    let heap = Buffer(sizeBytes: size)
    if size > 0 { memcpy(heap.base, bytes.base + first, size) }
    let result = Vector(type: type, count: data.length, validity: mask, heap: heap)
    let views = result.values(as: View.self)
    for row in 0..<data.length {
      views[row] = View(
        offset: UInt32(truncatingIfNeeded: offsets[row] &- first),
        length: UInt32(truncatingIfNeeded: offsets[row + 1] &- offsets[row]))
    }
    withExtendedLifetime(bytes.owner) {}
    return result
  }

  private func fixed(
    _ width: Int, _ type: LogicalType, _ mask: ValidityMask?
  ) throws(SQLError) -> Vector {
    guard width >= 0 else {
      throw ArrowError.corrupt("values of \(width) bytes")
    }
    let bytes = try data.buffer(1, sizeBytes: data.sizeBytes(width: width), "values")
    let size = data.length * width
    guard size <= Int(UInt32.max) else { throw ArrowError.corrupt("more than 4 GiB in a batch") }
    try memory?.take(size)
    let heap = Buffer(sizeBytes: size)
    if size > 0 { memcpy(heap.base, bytes.base + data.offset * width, size) }
    let result = Vector(type: type, count: data.length, validity: mask, heap: heap)
    let views = result.values(as: View.self)
    for row in 0..<data.length {
      views[row] = View(
        offset: UInt32(truncatingIfNeeded: row &* width), length: UInt32(truncatingIfNeeded: width))
    }
    withExtendedLifetime(bytes.owner) {}
    return result
  }

  /// A view is a size (Int32) and 12 bytes: the value, if it is no longer, or else its first four
  /// bytes, the number of a buffer behind the views, and a place in it.
  private func viewed(_ type: LogicalType, _ mask: ValidityMask?) throws(SQLError) -> Vector {
    let region = try data.buffer(1, sizeBytes: data.sizeBytes(width: 16), "views")
    try takeMemory(forViews: region, mask)
    let builder = VectorBuilder(type: type)
    for row in 0..<data.length {
      guard mask?.isValid(row) ?? true else {
        builder.appendNull()
        continue
      }
      let view = region.base + (data.offset + row) * 16
      let size = Int(view.loadUnaligned(as: Int32.self))
      guard size >= 0 else { throw ArrowError.corrupt("text of \(size) bytes: \"\(field.name)\"") }
      var source = view + 4
      var owner = region
      if size > 12 {
        let number = Int(view.loadUnaligned(fromByteOffset: 8, as: Int32.self))
        let place = Int(view.loadUnaligned(fromByteOffset: 12, as: Int32.self))
        guard number >= 0, place >= 0 else {
          throw ArrowError.corrupt("text at byte \(place) of buffer \(number)")
        }
        owner = try data.buffer(2 + number, sizeBytes: place + size, "text")
        source = owner.base + place
      }
      guard builder.append(bytes: UnsafeRawBufferPointer(start: source, count: size)) else {
        throw ArrowError.corrupt("more than 4 GiB in a batch")
      }
      withExtendedLifetime(owner.owner) {}
    }
    withExtendedLifetime(region.owner) {}
    return builder.finish()
  }

  /// Any number of views may show the same bytes: all of them are counted before the first is copied.
  private func takeMemory(forViews region: ByteRegion, _ mask: ValidityMask?) throws(SQLError) {
    guard let memory else { return }
    var size = data.length * 8
    for row in 0..<data.length where mask?.isValid(row) ?? true {
      let view = region.base + (data.offset + row) * 16
      size += Int(max(0, view.loadUnaligned(as: Int32.self)))
    }
    withExtendedLifetime(region.owner) {}
    // The builder's memory doubles.
    try memory.take(2 * size)
  }

  /// UTF-8, each value for itself.
  private func check(_ vector: Vector) throws(SQLError) {
    guard let heap = vector.heap else { return }
    let all = UnsafeRawBufferPointer(start: heap.base, count: heap.sizeBytes)
    let views = vector.values(as: View.self)
    if UTF8Scalar.isValid(all) {
      // Then only borders between values can be wrong.
      var isRight = true
      for row in 0..<vector.count where views[row].start < all.count {
        if all[views[row].start] & 0xC0 == 0x80, views[row].length > 0 { isRight = false }
      }
      if isRight { return }
    }
    for row in 0..<vector.count where !vector.isNull(row) {
      guard UTF8Scalar.isValid(vector.bytes(at: row)) else {
        throw SQLError(
          .invalidTextRepresentation, "text is not UTF-8: row \(row + 1) of \"\(field.name)\"")
      }
    }
  }
}
