import Base
import Glibc

/// Builds a flat vector row by row, of any type. For edges, readers of row formats and operators
/// that copy rows; kernels fill vectors directly.
public final class VectorBuilder {
  public let type: LogicalType
  public private(set) var count = 0
  private var storage: GrowingBytes
  private var validityWords: [UInt64] = []
  private var hasNulls = false
  private var heap = GrowingBytes()
  private let children: [VectorBuilder]
  private let physical: PhysicalType
  private let width: Int

  public init(type: LogicalType) {
    self.type = type
    physical = type.physical
    width = type.physical.widthBytes
    storage = GrowingBytes()
    children = type.childTypes.map { VectorBuilder(type: $0) }
  }

  /// Bytes held, roughly.
  public var sizeBytes: Int {
    storage.count + heap.count + count / 8 + children.reduce(0) { $0 + $1.sizeBytes }
  }

  public func appendNull() {
    mark(valid: false)
    storage.appendZeros(width)
    if physical == .structure { for child in children { child.appendNull() } }
    count += 1
  }

  /// Appends a fixed-width value whose size is the type's width.
  public func append<T: BitwiseCopyable>(fixed value: T) {
    precondition(MemoryLayout<T>.size == width)
    mark(valid: true)
    storage.append(value)
    count += 1
  }

  /// Appends text or binary; false (and NULL) if the heap would pass 4 GiB.
  @discardableResult
  public func append(bytes: UnsafeRawBufferPointer) -> Bool {
    guard heap.count + bytes.count <= Int(UInt32.max) else {
      appendNull()
      return false
    }
    mark(valid: true)
    storage.append(View(offset: UInt32(heap.count), length: UInt32(bytes.count)))
    heap.append(bytes)
    count += 1
    return true
  }

  /// Appends a value, or NULL if it does not fit the type.
  public func append(_ value: Value) {
    switch (physical, value) {
    case (.bool8, .boolean(let v)) where type == .boolean: append(fixed: UInt8(v ? 1 : 0))
    case (.int8, .integer(let v)): appendExactly(Int8(exactly: v))
    case (.int16, .integer(let v)): appendExactly(Int16(exactly: v))
    case (.int32, .integer(let v)) where type == .int32: appendExactly(Int32(exactly: v))
    case (.int32, .date(let v)) where type == .date: append(fixed: v)
    case (.int64, .integer(let v)) where type == .int64: append(fixed: v)
    case (.int64, .timestamp(let v)) where type == .timestamp: append(fixed: v)
    case (.int128, .decimal(let v, _)): append(fixed: v)
    case (.float32, .float32(let v)): append(fixed: v)
    case (.float32, .float64(let v)): append(fixed: Float(v))
    case (.float64, .float64(let v)): append(fixed: v)
    case (.float64, .float32(let v)): append(fixed: Double(v))
    case (.bytes, .text(var v)) where type == .text:
      v.withUTF8 { _ = append(bytes: UnsafeRawBufferPointer($0)) }
    case (.bytes, .binary(let v)) where type == .binary: v.withUnsafeBytes { _ = append(bytes: $0) }
    case (.list, .list(let elements)): appendList(elements)
    case (.structure, .structure(let fields)) where fields.count == children.count:
      mark(valid: true)
      for (child, field) in zip(children, fields) { child.append(field) }
      count += 1
    default: appendNull()
    }
  }

  private func appendExactly<T: FixedWidthInteger & BitwiseCopyable>(_ value: T?) {
    if let value { append(fixed: value) } else { appendNull() }
  }

  private func appendList(_ elements: [Value]) {
    mark(valid: true)
    storage.append(View(offset: UInt32(children[0].count), length: UInt32(elements.count)))
    for element in elements { children[0].append(element) }
    count += 1
  }

  /// Appends row `row` of a vector of the same type.
  public func append(_ source: Vector, row: Int) {
    guard !source.isNull(row) else { return appendNull() }
    switch source.encoding {
    case .dictionary:
      return append(source.children[0], row: Int(source.values(as: UInt32.self)[row]))
    case .sequence: return append(source.value(at: row))
    case .flat, .constant: break
    }
    let at = source.encoding == .constant ? 0 : row
    switch physical {
    case .bytes: append(bytes: source.bytes(at: row))
    case .list:
      let view = source.values(as: View.self)[at]
      mark(valid: true)
      storage.append(View(offset: UInt32(children[0].count), length: view.length))
      for element in view.start..<view.start + view.count {
        children[0].append(source.children[0], row: element)
      }
      count += 1
    case .structure:
      mark(valid: true)
      for (child, field) in zip(children, source.children) { child.append(field, row: row) }
      count += 1
    default:
      mark(valid: true)
      storage.append(UnsafeRawBufferPointer(start: source.base + at * width, count: width))
      count += 1
    }
  }

  private func mark(valid: Bool) {
    if count & 63 == 0 { validityWords.append(0) }
    if valid {
      validityWords[count >> 6] |= 1 << UInt64(count & 63)
    } else {
      hasNulls = true
    }
  }

  /// The vector; the builder is empty afterwards.
  public func finish() -> Vector {
    var mask: ValidityMask?
    if hasNulls {
      let words = ValidityMask(count: count, allValid: false)
      for i in validityWords.indices { words.pointer[i] = validityWords[i] }
      mask = words
    }
    let result = Vector(
      type: type, count: count, storage: storage.finish(), validity: mask,
      heap: physical == .bytes ? heap.finish() : nil, children: children.map { $0.finish() })
    count = 0
    validityWords.removeAll(keepingCapacity: true)
    hasNulls = false
    return result
  }
}

/// Bytes that grow by doubling and end as a `Buffer` without a copy.
struct GrowingBytes {
  private var buffer = Buffer(sizeBytes: 0)
  private(set) var count = 0

  mutating func append<T: BitwiseCopyable>(_ value: T) {
    reserve(MemoryLayout<T>.size)
    buffer.base.storeBytes(of: value, toByteOffset: count, as: T.self)
    count += MemoryLayout<T>.size
  }

  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress, bytes.count > 0 else { return }
    reserve(bytes.count)
    memcpy(buffer.base + count, start, bytes.count)
    count += bytes.count
  }

  mutating func appendZeros(_ size: Int) {
    reserve(size)
    memset(buffer.base + count, 0, size)
    count += size
  }

  private mutating func reserve(_ more: Int) {
    guard count + more > buffer.sizeBytes else { return }
    let bigger = Buffer(sizeBytes: max(256, buffer.sizeBytes * 2, count + more))
    memcpy(bigger.base, buffer.base, count)
    buffer = bigger
  }

  mutating func finish() -> Buffer {
    let result = buffer
    buffer = Buffer(sizeBytes: 0)
    count = 0
    return result
  }
}
