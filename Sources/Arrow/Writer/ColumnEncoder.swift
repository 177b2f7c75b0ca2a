import Base
import Vectors

/// Turns the rows of columns into Arrow's buffers. Types are looked at once a buffer; flat numbers
/// are copied as they lie, or shared if one run of memory holds all of them.
struct ColumnEncoder<Target: BufferTarget> {
  var target: Target
  /// Rows and NULLs of each array, by turns, parents before children.
  private(set) var nodes: [Int64] = []

  init(_ target: Target) { self.target = target }

  /// Appends the arrays of `slices`, vectors of `type` that hold `count` rows together.
  mutating func append(_ slices: [ColumnSlice], type: LogicalType, count: Int) throws(SQLError) {
    if type == .null {
      nodes += [Int64(count), Int64(count)]
      return
    }
    let flat = slices.map(\.flat)
    appendValidity(flat, count)
    switch type.physical {
    case .bool8: appendBooleans(flat, count)
    case .bytes: try appendBytes(flat, count, isText: type == .text)
    case .list: try appendLists(flat, type, count)
    case .structure:
      for (index, childType) in type.childTypes.enumerated() {
        let fields = flat.map {
          ColumnSlice($0.vector.children[index], start: $0.start, count: $0.count)
        }
        try append(fields, type: childType, count: count)
      }
    default: appendFixed(flat, count &* type.physical.widthBytes)
    }
  }

  private mutating func appendValidity(_ slices: [ColumnSlice], _ count: Int) {
    var nulls = 0
    for slice in slices where slice.vector.validity != nil {
      nulls &+= slice.count
      var row = 0
      while row < slice.count {
        let step = min(64, slice.count &- row)
        nulls &-= slice.validBits(from: row, count: step).nonzeroBitCount
        row &+= step
      }
    }
    nodes += [Int64(count), Int64(nulls)]
    guard nulls > 0 else { return target.appendNothing() }
    target.append(sizeBytes: (count + 7) / 8) { memory in
      var packer = BitPacker(memory)
      for slice in slices {
        var row = 0
        while row < slice.count {
          let step = min(64, slice.count &- row)
          packer.append(slice.validBits(from: row, count: step), count: step)
          row &+= step
        }
      }
      packer.finish()
    }
  }

  private mutating func appendFixed(_ slices: [ColumnSlice], _ sizeBytes: Int) {
    if let region = Self.sharedMemory(of: slices, sizeBytes) { return target.append(region) }
    target.append(sizeBytes: sizeBytes) { memory in
      var end = memory
      for slice in slices {
        let size = slice.count &* slice.vector.physical.widthBytes
        end.copyMemory(from: slice.base, byteCount: size)
        end += size
      }
    }
  }

  /// The memory of slices that lie one behind the other in the same block.
  private static func sharedMemory(of slices: [ColumnSlice], _ sizeBytes: Int) -> ByteRegion? {
    guard let first = slices.first, sizeBytes > 0 else { return nil }
    var end = first.base
    for slice in slices {
      guard slice.vector.storage === first.vector.storage, slice.base == end else { return nil }
      end += slice.count &* slice.vector.physical.widthBytes
    }
    return ByteRegion(
      base: UnsafeRawPointer(first.base), count: sizeBytes, owner: first.vector.storage)
  }

  private mutating func appendBooleans(_ slices: [ColumnSlice], _ count: Int) {
    target.append(sizeBytes: (count + 7) / 8) { memory in
      var packer = BitPacker(memory)
      for slice in slices {
        let bytes = UnsafeRawPointer(slice.base)
        var row = 0
        while row &+ 8 <= slice.count {
          // Eight bytes of 0 or 1; the product brings bit 8·i to bit 56 + i.
          let eight = bytes.loadUnaligned(fromByteOffset: row, as: UInt64.self).littleEndian
          let bits = ((eight & 0x0101_0101_0101_0101) &* 0x0102_0408_1020_4080) &>> 56
          packer.append(bits, count: 8)
          row &+= 8
        }
        while row < slice.count {
          packer.append(UInt64(bytes.load(fromByteOffset: row, as: UInt8.self) & 1), count: 1)
          row &+= 1
        }
      }
      packer.finish()
    }
  }
}

// MARK: Text and lists

extension ColumnEncoder {
  /// Offsets of text, binary or lists: Int32, one more than rows. Returns where the last one ends.
  private mutating func appendOffsets(
    _ slices: [ColumnSlice], _ count: Int
  ) throws(SQLError) -> Int {
    var end = 0
    target.append(sizeBytes: (count &+ 1) &* 4) { memory in
      let offsets = memory.assumingMemoryBound(to: Int32.self)
      offsets[0] = 0
      var next = 1
      for slice in slices {
        let views = slice.base.assumingMemoryBound(to: View.self)
        for row in 0..<slice.count {
          if !slice.isNull(row) { end &+= views[row].count }
          offsets[next] = Int32(truncatingIfNeeded: end)
          next &+= 1
        }
      }
    }
    guard end <= Int(Int32.max) else {
      throw SQLError(
        .programLimitExceeded, "more than 2 GiB of text or elements in one batch of Arrow")
    }
    return end
  }

  /// Readers of Arrow take it for granted that text is UTF-8, and some crash if it is not.
  private mutating func appendBytes(
    _ slices: [ColumnSlice], _ count: Int, isText: Bool
  ) throws(SQLError) {
    let sizeBytes = try appendOffsets(slices, count)
    var isValid = true
    target.append(sizeBytes: sizeBytes) { memory in
      var end = memory
      for slice in slices {
        guard let heap = slice.vector.heap else { continue }
        Self.forEachRun(of: slice) { start, length in
          end.copyMemory(from: heap.base + start, byteCount: length)
          end += length
        }
      }
      if isText {
        isValid = Self.isText(UnsafeRawBufferPointer(start: memory, count: sizeBytes), slices)
      }
    }
    if !isValid { throw SQLError(.dataCorrupted, "text is not UTF-8") }
  }

  /// Whether all values, of which `bytes` are a copy, are UTF-8.
  private static func isText(_ bytes: UnsafeRawBufferPointer, _ slices: [ColumnSlice]) -> Bool {
    if isASCII(bytes) { return true }
    guard UTF8Scalar.isValid(bytes) else { return false }
    // Then a value is wrong only if it begins within a character.
    for slice in slices {
      guard let heap = slice.vector.heap else { continue }
      let views = slice.base.assumingMemoryBound(to: View.self)
      for row in 0..<slice.count where !slice.isNull(row) && views[row].length > 0 {
        let first = heap.base.load(fromByteOffset: views[row].start, as: UInt8.self)
        if first & 0xC0 == 0x80 { return false }
      }
    }
    return true
  }

  private static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var bits: UInt64 = 0
    var offset = 0
    while offset &+ 8 <= bytes.count {
      bits |= bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      offset &+= 8
    }
    while offset < bytes.count {
      bits |= UInt64(bytes[offset])
      offset &+= 1
    }
    return bits & 0x8080_8080_8080_8080 == 0
  }

  private mutating func appendLists(
    _ slices: [ColumnSlice], _ type: LogicalType, _ count: Int
  ) throws(SQLError) {
    let elementCount = try appendOffsets(slices, count)
    var elements: [ColumnSlice] = []
    for slice in slices {
      let child = slice.vector.children[0]
      Self.forEachRun(of: slice) { start, length in
        elements.append(ColumnSlice(child, start: start, count: length))
      }
    }
    try append(elements, type: type.childTypes[0], count: elementCount)
  }

  /// The views of the rows that are not NULL, those that touch joined into one.
  @inline(__always)
  private static func forEachRun(
    of slice: ColumnSlice, _ body: (_ start: Int, _ count: Int) -> Void
  ) {
    let views = slice.base.assumingMemoryBound(to: View.self)
    var start = 0
    var end = 0
    for row in 0..<slice.count where !slice.isNull(row) {
      let view = views[row]
      if view.start != end {
        if end > start { body(start, end &- start) }
        start = view.start
        end = start
      }
      end &+= view.count
    }
    if end > start { body(start, end &- start) }
  }
}
