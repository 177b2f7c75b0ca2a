/// Reads a region from front to back and trusts nothing: a read past the end is an error with the
/// byte offset, thrown as `SQLError(.dataCorrupted)`.
public struct ByteReader {
  public let region: ByteRegion
  public private(set) var offset = 0

  public init(_ region: ByteRegion) { self.region = region }

  public var remaining: Int { region.count - offset }
  public var isAtEnd: Bool { remaining == 0 }

  public mutating func readByte() throws(SQLError) -> UInt8 {
    try require(1)
    defer { offset += 1 }
    return region.base.load(fromByteOffset: offset, as: UInt8.self)
  }

  public mutating func readLittleEndian<T: FixedWidthInteger>(_ type: T.Type) throws(SQLError) -> T {
    try require(MemoryLayout<T>.size)
    defer { offset += MemoryLayout<T>.size }
    return T(littleEndian: region.base.loadUnaligned(fromByteOffset: offset, as: T.self))
  }

  /// An unsigned base-128 number of up to 64 bits, low groups first.
  public mutating func readVarint() throws(SQLError) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try readByte()
      if shift == 63, byte > 1 { throw corrupt("number of more than 64 bits") }
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
      shift += 7
      if shift > 63 { throw corrupt("number of more than 64 bits") }
    }
  }

  /// The next `count` bytes as a slice.
  public mutating func read(_ count: Int) throws(SQLError) -> ByteRegion {
    try require(count)
    defer { offset += count }
    return region[offset..<offset + count]
  }

  public mutating func skip(_ count: Int) throws(SQLError) {
    try require(count)
    offset += count
  }

  @inline(__always)
  private func require(_ count: Int) throws(SQLError) {
    if count < 0 || count > region.count - offset {
      throw corrupt("\(count) bytes wanted, \(remaining) left")
    }
  }

  public func corrupt(_ what: String) -> SQLError {
    SQLError(.dataCorrupted, "corrupt data at byte \(offset): \(what)")
  }
}
