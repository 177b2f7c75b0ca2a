import Glibc

/// A growing run of bytes. Writing costs a capacity check and a store; nothing else allocates.
public struct ByteWriter: ~Copyable {
  public private(set) var base: UnsafeMutableRawPointer
  public private(set) var count = 0
  public private(set) var capacity: Int

  public init(capacity: Int = 256) {
    self.capacity = max(capacity, 64)
    base = UnsafeMutableRawPointer.allocate(byteCount: self.capacity, alignment: 16)
  }

  deinit { base.deallocate() }

  /// Makes room for `more` bytes behind `count`, which `advance` then takes into use.
  @inlinable
  public mutating func reserve(_ more: Int) {
    if capacity - count < more { grow(more) }
  }

  @usableFromInline
  mutating func grow(_ more: Int) {
    let wanted = max(capacity * 2, count + more)
    let bigger = UnsafeMutableRawPointer.allocate(byteCount: wanted, alignment: 16)
    bigger.copyMemory(from: base, byteCount: count)
    base.deallocate()
    base = bigger
    capacity = wanted
  }

  /// The first unused byte. Valid until the next reserve.
  @inlinable public var end: UnsafeMutableRawPointer { base + count }

  @inlinable
  public mutating func advance(_ written: Int) {
    precondition(written >= 0 && written <= capacity - count)
    setCount(count + written)
  }

  @usableFromInline mutating func setCount(_ newCount: Int) { count = newCount }

  @inlinable
  public mutating func append(_ byte: UInt8) {
    reserve(1)
    end.storeBytes(of: byte, as: UInt8.self)
    advance(1)
  }

  public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress, bytes.count > 0 else { return }
    reserve(bytes.count)
    memcpy(end, start, bytes.count)
    advance(bytes.count)
  }

  public mutating func append(_ region: ByteRegion) { region.withBytes { append($0) } }

  public mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

  public mutating func append(_ text: String) {
    var copy = text
    copy.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  public mutating func append(_ text: StaticString) {
    append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends the bytes of a fixed-width integer, little-endian.
  public mutating func appendLittleEndian(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { append($0) }
  }

  /// Appends the bytes of a fixed-width integer, big-endian.
  public mutating func appendBigEndian(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.bigEndian) { append($0) }
  }

  public mutating func append(repeating byte: UInt8, count: Int) {
    guard count > 0 else { return }
    reserve(count)
    memset(end, Int32(byte), count)
    advance(count)
  }

  /// Forgets the contents and keeps the memory.
  public mutating func removeAll() { count = 0 }

  public mutating func truncate(to newCount: Int) {
    precondition(newCount >= 0 && newCount <= count)
    count = newCount
  }

  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  /// A copy of the contents as a region.
  public func region() -> ByteRegion {
    let buffer = Buffer(sizeBytes: count)
    buffer.base.copyMemory(from: base, byteCount: count)
    return ByteRegion(buffer: buffer, count: count)
  }
}
