/// An immutable run of bytes that keeps its owner alive: what `Disk` hands out.
///
/// Slices share the owner and copy nothing. The bytes never change while a region exists.
public struct ByteRegion: @unchecked Sendable {
  public let base: UnsafeRawPointer
  public let count: Int
  /// Keeps the memory alive.
  public let owner: AnyObject

  public init(base: UnsafeRawPointer, count: Int, owner: AnyObject) {
    self.base = base
    self.count = count
    self.owner = owner
  }

  /// A region over a copy of `bytes`.
  public init(copying bytes: some Collection<UInt8>) {
    let buffer = Buffer(sizeBytes: bytes.count)
    var offset = 0
    for byte in bytes {
      buffer.base.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
      offset += 1
    }
    self.init(buffer: buffer, count: bytes.count)
  }

  public init(buffer: Buffer, count: Int) {
    precondition(count <= buffer.sizeBytes)
    self.init(base: UnsafeRawPointer(buffer.base), count: count, owner: buffer)
  }

  /// The bytes `range`, which must lie inside.
  public subscript(range: Range<Int>) -> ByteRegion {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    return ByteRegion(base: base + range.lowerBound, count: range.count, owner: owner)
  }

  public subscript(index: Int) -> UInt8 {
    precondition(index >= 0 && index < count)
    return base.load(fromByteOffset: index, as: UInt8.self)
  }

  public func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
    defer { withExtendedLifetime(owner) {} }
    return try body(UnsafeRawBufferPointer(start: base, count: count))
  }

  public var bytes: [UInt8] { withBytes { Array($0) } }
}
