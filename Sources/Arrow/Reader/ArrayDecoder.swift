import Base
import Glibc
import Vectors

/// Makes vectors of arrays that come from outside: a file, a network, another library's memory.
///
/// Every size, offset and index is checked before it is used; what does not fit is `.dataCorrupted`.
/// Values are copied, so nothing depends on the array afterwards.
struct ArrayDecoder {
  /// Where memory is asked for; nil for arrays of the own process.
  var memory: ArrowMemory?

  /// The array of `field` as a vector of `type`, which is the field's `logicalType()`.
  func vector(
    _ data: ArrayData, _ field: ArrowField, _ type: LogicalType, depth: Int = 0
  ) throws(SQLError) -> Vector {
    guard depth < LogicalType.maximumDepth else { throw ArrowError.corrupt("lists nested too deep") }
    guard data.length >= 0, data.offset >= 0, data.length <= Int(Int32.max) else {
      throw ArrowError.corrupt("an array of \(data.length) rows")
    }
    if field.dictionary != nil { return try dictionary(data, field, type, depth) }
    if type == .null { return .nulls(.null, count: data.length) }
    // A value a row, and its bit.
    try memory?.take(data.length * (type.physical.widthBytes + 1))
    let mask = try validity(data)
    switch field.type {
    case .boolean: return try booleans(data, mask)
    case .utf8, .binary, .fixedBinary, .utf8View, .binaryView:
      return try BytesDecoder(data: data, field: field, memory: memory).vector(type, mask)
    case .list, .fixedList, .map: return try list(data, field, type, mask, depth)
    case .structure: return try structure(data, field, type, mask, depth)
    default: return try NumberDecoder(data: data, field: field).vector(type, mask)
    }
  }

  /// Nil without NULLs.
  private func validity(_ data: ArrayData) throws(SQLError) -> ValidityMask? {
    guard data.nullCount != 0, let bits = data.buffers.first ?? nil, bits.count > 0 else {
      if data.nullCount > 0, data.length > 0 { throw ArrowError.corrupt("a mask is missing") }
      return nil
    }
    let size = (try data.sizeBytes(width: 1) + 7) / 8
    guard bits.count >= size else { throw ArrowError.corrupt("a mask of \(bits.count) bytes") }
    let mask = ValidityMask(count: data.length, allValid: false)
    Self.copyBits(bits, from: data.offset, count: data.length) { row, bit in
      if bit { mask.setValid(row) }
    }
    return mask
  }

  @inline(__always)
  private static func copyBits(
    _ bits: ByteRegion, from offset: Int, count: Int, _ body: (Int, Bool) -> Void
  ) {
    let bytes = bits.base.assumingMemoryBound(to: UInt8.self)
    for row in 0..<count {
      let at = offset &+ row
      body(row, bytes[at >> 3] >> UInt8(at & 7) & 1 != 0)
    }
    withExtendedLifetime(bits.owner) {}
  }

  private func booleans(_ data: ArrayData, _ mask: ValidityMask?) throws(SQLError) -> Vector {
    let size = (try data.sizeBytes(width: 1) + 7) / 8
    let bits = try data.buffer(1, sizeBytes: size, "booleans")
    let result = Vector(type: .boolean, count: data.length, validity: mask)
    let values = result.values(as: UInt8.self)
    Self.copyBits(bits, from: data.offset, count: data.length) { row, bit in
      values[row] = bit ? 1 : 0
    }
    return result
  }

  // MARK: Nested types

  private func structure(
    _ data: ArrayData, _ field: ArrowField, _ type: LogicalType, _ mask: ValidityMask?, _ depth: Int
  ) throws(SQLError) -> Vector {
    let types = type.childTypes
    guard data.children.count == field.children.count, types.count == field.children.count else {
      throw ArrowError.corrupt("a structure of \(data.children.count) fields: \"\(field.name)\"")
    }
    var children: [Vector] = []
    for (index, child) in field.children.enumerated() {
      let part = try Self.part(
        of: data.children[index], from: data.offset, count: data.length, field.name)
      children.append(try vector(part, child, types[index], depth: depth + 1))
    }
    return Vector(type: type, count: data.length, validity: mask, children: children)
  }

  /// Some rows of an array.
  private static func part(
    of data: ArrayData, from start: Int, count: Int, _ name: String
  ) throws(SQLError) -> ArrayData {
    let (end, overflow) = start.addingReportingOverflow(count)
    let (offset, overflows) = data.offset.addingReportingOverflow(start)
    guard !overflow, !overflows, start >= 0, count >= 0, end <= data.length else {
      throw ArrowError.corrupt("\"\(name)\" has \(data.length) elements, not \(end)")
    }
    var part = data
    part.offset = offset
    part.length = count
    // The whole array's count says nothing of a part.
    if count != data.length, data.nullCount > 0 { part.nullCount = -1 }
    return part
  }

  private func list(
    _ data: ArrayData, _ field: ArrowField, _ type: LogicalType, _ mask: ValidityMask?, _ depth: Int
  ) throws(SQLError) -> Vector {
    let element = try field.onlyChild()
    guard data.children.count == 1, let childType = type.childTypes.first else {
      throw ArrowError.corrupt("a list without elements: \"\(field.name)\"")
    }
    let bounds = try ElementBounds(data, field, memory)
    let part = try Self.part(
      of: data.children[0], from: bounds.first, count: bounds.count, field.name)
    let child = try vector(part, element, childType, depth: depth + 1)
    let result = Vector(type: type, count: data.length, validity: mask, children: [child])
    let views = result.values(as: View.self)
    for row in 0..<data.length {
      let (start, end) = bounds[row]
      views[row] = View(
        offset: UInt32(truncatingIfNeeded: start &- bounds.first),
        length: UInt32(truncatingIfNeeded: end &- start))
    }
    return result
  }

  /// The rows of a dictionary column, each with its own copy of the value's place.
  private func dictionary(
    _ data: ArrayData, _ field: ArrowField, _ type: LogicalType, _ depth: Int
  ) throws(SQLError) -> Vector {
    guard let encoding = field.dictionary else {
      throw ArrowError.corrupt("column \"\(field.name)\" has no dictionary")
    }
    let entries = try entries(data, field, type, depth)
    // An index a row, and its bit.
    try memory?.take(data.length * 5)
    let mask = try validity(data)
    let width = encoding.indexBits / 8
    guard [1, 2, 4, 8].contains(width) else {
      throw ArrowError.corrupt("indices of \(width) bytes")
    }
    let region = try data.buffer(1, sizeBytes: data.sizeBytes(width: width), "indices")
    let nulls = mask ?? ValidityMask(count: data.length, allValid: true)
    let indices = Buffer(sizeBytes: data.length * 4)
    let out = indices.base.assumingMemoryBound(to: UInt32.self)
    var hasNulls = mask != nil
    for row in 0..<data.length {
      out[row] = 0
      guard nulls.isValid(row) else { continue }
      let index = Self.index(region.base + (data.offset &+ row) &* width, width)
      guard index < UInt64(entries.count) else {
        throw ArrowError.corrupt("index \(index) into a dictionary of \(entries.count)")
      }
      out[row] = UInt32(truncatingIfNeeded: index)
      if entries.isNull(Int(truncatingIfNeeded: index)) {
        nulls.setNull(row)
        hasNulls = true
      }
    }
    withExtendedLifetime(region.owner) {}
    guard entries.count > 0 else { return .nulls(type, count: data.length) }
    return Vector(
      type: type, encoding: .dictionary, count: data.length, storage: indices,
      validity: hasNulls ? nulls : nil, children: [entries])
  }

  /// The values of a dictionary, flat.
  private func entries(
    _ data: ArrayData, _ field: ArrowField, _ type: LogicalType, _ depth: Int
  ) throws(SQLError) -> Vector {
    if let known = data.entries {
      guard known.type == type else {
        throw ArrowError.corrupt("\"\(field.name)\" has a dictionary of \(known.type)")
      }
      return known
    }
    guard let values = data.dictionary.first else {
      throw ArrowError.corrupt("column \"\(field.name)\" has no dictionary")
    }
    return try vector(values, field.dictionaryless, type, depth: depth + 1).flattened()
  }

  /// Negative indices become very large ones.
  @inline(__always)
  private static func index(_ place: UnsafeRawPointer, _ width: Int) -> UInt64 {
    switch width {
    case 1: UInt64(place.loadUnaligned(as: UInt8.self))
    case 2: UInt64(place.loadUnaligned(as: UInt16.self))
    case 4: UInt64(place.loadUnaligned(as: UInt32.self))
    default: place.loadUnaligned(as: UInt64.self)
    }
  }
}

/// Where the elements of each row of a list begin and end.
struct ElementBounds {
  private enum Layout {
    case offsets([Int])
    /// As many elements in each row.
    case fixed(Int)
  }

  private let layout: Layout
  let first: Int
  let count: Int

  @inline(__always)
  subscript(row: Int) -> (start: Int, end: Int) {
    switch layout {
    case .offsets(let offsets): (offsets[row], offsets[row + 1])
    case .fixed(let size): (first &+ row &* size, first &+ (row &+ 1) &* size)
    }
  }

  /// Ascending and not negative; at most 4 Gi elements.
  init(_ data: ArrayData, _ field: ArrowField, _ memory: ArrowMemory?) throws(SQLError) {
    if case .fixedList(let size) = field.type {
      let last = try data.sizeBytes(width: max(0, size))
      guard size >= 0, last <= Int(UInt32.max) else {
        throw ArrowError.corrupt("lists of \(size) elements: \"\(field.name)\"")
      }
      layout = .fixed(size)
      first = data.offset * size
      count = data.length * size
      return
    }
    let isLarge = field.type == .list(isLarge: true)
    let offsets = try OffsetReader.offsets(data, isLarge: isLarge, field.name, memory)
    layout = .offsets(offsets)
    first = offsets[0]
    count = offsets[offsets.count - 1] - first
  }
}

/// Offsets of text, binary and lists.
enum OffsetReader {
  /// One more than rows, ascending, from zero on; those of no rows are 0.
  static func offsets(
    _ data: ArrayData, isLarge: Bool, _ name: String, _ memory: ArrowMemory?
  ) throws(SQLError) -> [Int] {
    if data.length == 0 { return [0] }
    let width = isLarge ? 8 : 4
    let region = try data.buffer(1, sizeBytes: data.sizeBytes(width: width, extra: 1), "offsets")
    try memory?.take((data.length + 1) * 8)
    var result: [Int] = []
    result.reserveCapacity(data.length + 1)
    var place = region.base + data.offset * width
    var previous = 0
    for _ in 0...data.length {
      let value =
        isLarge
        ? Int(truncatingIfNeeded: place.loadUnaligned(as: Int64.self))
        : Int(place.loadUnaligned(as: Int32.self))
      guard value >= previous else {
        throw ArrowError.corrupt("offsets that go back or below 0: \"\(name)\"")
      }
      result.append(value)
      previous = value
      place += width
    }
    withExtendedLifetime(region.owner) {}
    guard previous - result[0] <= Int(UInt32.max) else {
      throw ArrowError.corrupt("more than 4 Gi elements: \"\(name)\"")
    }
    return result
  }
}
