import Base

/// A table of the FlatBuffers format, read with checks of every place and count.
///
/// Offsets point forward only, so tables cannot contain themselves; that they share parts is bounded by
/// a `FlatBudget`.
struct FlatTableReader {
  private let bytes: ByteRegion
  private let start: Int
  private let vtable: Int
  private let slotCount: Int

  /// The root table of a buffer.
  init(root bytes: ByteRegion) throws(SQLError) {
    try self.init(bytes, at: try Self.target(0, in: bytes))
  }

  private init(_ bytes: ByteRegion, at start: Int) throws(SQLError) {
    self.bytes = bytes
    self.start = start
    vtable = start - Int(try Self.load(Int32.self, at: start, in: bytes))
    let size = Int(try Self.load(UInt16.self, at: vtable, in: bytes))
    guard size >= 4, size <= bytes.count - vtable else { throw Self.corrupt }
    slotCount = (size - 4) / 2
  }

  private static var corrupt: SQLError { ArrowError.corrupt("metadata") }

  private static func load<T: FixedWidthInteger & BitwiseCopyable>(
    _: T.Type, at place: Int, in bytes: ByteRegion
  ) throws(SQLError) -> T {
    guard place >= 0, place <= bytes.count - MemoryLayout<T>.size else { throw corrupt }
    return bytes.withBytes { T(littleEndian: $0.loadUnaligned(fromByteOffset: place, as: T.self)) }
  }

  /// Where the offset at `place` points.
  private static func target(_ place: Int, in bytes: ByteRegion) throws(SQLError) -> Int {
    let offset = Int(try load(UInt32.self, at: place, in: bytes))
    guard offset > 0, offset < bytes.count - place else { throw corrupt }
    return place + offset
  }

  /// Where the value of a slot is; nil if it is absent.
  private func place(_ slot: Int) throws(SQLError) -> Int? {
    guard slot < slotCount else { return nil }
    let offset = try Self.load(UInt16.self, at: vtable + 4 + 2 * slot, in: bytes)
    return offset == 0 ? nil : start + Int(offset)
  }

  func number<T: FixedWidthInteger & BitwiseCopyable>(
    _ slot: Int, _ absent: T
  ) throws(SQLError) -> T {
    guard let place = try place(slot) else { return absent }
    return try Self.load(T.self, at: place, in: bytes)
  }

  func has(_ slot: Int) throws(SQLError) -> Bool { try place(slot) != nil }

  /// What all parts together may take that are read with `budget`: tables and texts may be shared, so
  /// that a few bytes could stand for any number of them.
  var budget: FlatBudget { FlatBudget(bytesLeft: 4 * bytes.count) }

  func text(_ slot: Int, _ budget: inout FlatBudget) throws(SQLError) -> String? {
    guard let (first, count) = try elements(slot, sizeBytes: 1) else { return nil }
    try budget.take(count)
    return bytes[first..<first + count].withBytes { String(decoding: $0, as: UTF8.self) }
  }

  func table(_ slot: Int) throws(SQLError) -> FlatTableReader? {
    guard let place = try place(slot) else { return nil }
    return try FlatTableReader(bytes, at: try Self.target(place, in: bytes))
  }

  func tables(_ slot: Int, _ budget: inout FlatBudget) throws(SQLError) -> [FlatTableReader] {
    guard let (first, count) = try elements(slot, sizeBytes: 4) else { return [] }
    try budget.take(count * FlatBudget.tableBytes)
    var tables: [FlatTableReader] = []
    for index in 0..<count {
      tables.append(try FlatTableReader(bytes, at: try Self.target(first + 4 * index, in: bytes)))
    }
    return tables
  }

  /// Numbers of eight bytes, or structures of `each` such numbers, one after another.
  func longs(_ slot: Int, each: Int = 1) throws(SQLError) -> [Int64] {
    guard let (first, count) = try elements(slot, sizeBytes: 8 * each) else { return [] }
    var numbers: [Int64] = []
    numbers.reserveCapacity(count * each)
    for index in 0..<count * each {
      numbers.append(try Self.load(Int64.self, at: first + 8 * index, in: bytes))
    }
    return numbers
  }

  /// Where the elements of a vector begin, and how many there are.
  private func elements(_ slot: Int, sizeBytes: Int) throws(SQLError) -> (first: Int, count: Int)? {
    guard let place = try place(slot) else { return nil }
    let vector = try Self.target(place, in: bytes)
    let count = Int(try Self.load(UInt32.self, at: vector, in: bytes))
    guard count <= (bytes.count - vector - 4) / sizeBytes else { throw Self.corrupt }
    return (vector + 4, count)
  }
}

/// Bytes of metadata that may still be looked at.
struct FlatBudget {
  /// The least that a table takes which shares nothing: its place, its vtable's, and a field.
  static let tableBytes = 12

  var bytesLeft: Int

  mutating func take(_ bytes: Int) throws(SQLError) {
    bytesLeft -= bytes
    guard bytesLeft >= 0 else { throw ArrowError.corrupt("metadata that shares its parts") }
  }
}
