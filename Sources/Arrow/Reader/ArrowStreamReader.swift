import Base
import Vectors

/// Bytes from front to back.
public protocol ArrowBytes: AnyObject {
  /// Gives up to as many bytes as `target` holds; 0 only at the end.
  func read(into target: UnsafeMutableRawBufferPointer) throws(SQLError) -> Int
}

/// Reads an Arrow IPC stream. Everything in it may be wrong: then it is `.dataCorrupted`.
///
/// Memory: one message and its decoded columns, and decoded dictionaries, on `account`, before it is
/// taken. A message takes memory only as its bytes arrive, whatever size it says it has.
public final class ArrowStreamReader {
  /// Metadata of a message is far below, even with thousands of columns.
  private static let metadataLimit = 64 << 20

  public let fields: [ArrowField]
  public let types: [LogicalType]
  private let bytes: any ArrowBytes
  private let memory: ArrowMemory
  private var dictionaries: [Int64: Vector] = [:]
  private var dictionaryBytes: [Int64: Int] = [:]
  private var isAtEnd = false

  /// Reads the schema.
  public init(_ bytes: any ArrowBytes, account: MemoryAccount) throws(SQLError) {
    self.bytes = bytes
    memory = ArrowMemory(account)
    guard
      let message = try Self.message(from: bytes, memory), message.kind == 1,
      let schema = message.header
    else { throw ArrowError.corrupt("no schema at the beginning") }
    // Names and types take a few times what their bytes do.
    let schemaBytes = 8 * memory.heldBytes
    try memory.take(schemaBytes)
    memory.keep(schemaBytes)
    fields = try ArrowField.fields(of: schema)
    var types: [LogicalType] = []
    for field in fields { types.append(try field.logicalType()) }
    self.types = types
    memory.giveBack(downTo: 0)
  }

  /// The next record batch: the columns at `positions`, and how many rows. Nil at the end mark, or
  /// where the stream ends behind a message: both are ends by the specification.
  public func next(
    columns positions: [Int]
  ) throws(SQLError) -> (columns: [Vector], rowCount: Int)? {
    while !isAtEnd {
      memory.giveBack(downTo: 0)
      guard let message = try Self.message(from: bytes, memory) else {
        isAtEnd = true
        break
      }
      guard let header = message.header else {
        throw ArrowError.corrupt("a message without header")
      }
      switch message.kind {
      case 2: try readDictionary(header, message.body)
      case 3:
        let batch = try BatchParts(header, message.body, dictionaries)
        return (try columns(batch, positions), batch.rowCount)
      default: throw ArrowError.corrupt("a message of kind \(message.kind)")
      }
    }
    return nil
  }

  private func columns(
    _ parts: BatchParts, _ positions: [Int]
  ) throws(SQLError) -> [Vector] {
    var parts = parts
    var data: [ArrayData] = []
    for field in fields { data.append(try parts.next(field)) }
    var result: [Vector] = []
    for position in positions {
      let column = try ArrayDecoder(memory: memory).vector(
        data[position], fields[position], types[position])
      guard column.count == parts.rowCount else {
        throw ArrowError.corrupt(
          "\(column.count) rows of \"\(fields[position].name)\" in a batch of \(parts.rowCount)")
      }
      result.append(column)
    }
    return result
  }

  private func readDictionary(
    _ header: FlatTableReader, _ body: ByteRegion
  ) throws(SQLError) {
    let id = try header.number(0, Int64(0))
    guard try header.number(2, UInt8(0)) == 0 else {
      throw SQLError(.featureNotSupported, "Arrow dictionaries that grow are not read")
    }
    guard let batch = try header.table(1), let field = Self.field(of: id, in: fields) else {
      throw ArrowError.corrupt("a dictionary \(id) that no column has")
    }
    var parts = try BatchParts(batch, body, dictionaries)
    let before = memory.heldBytes
    let values = field.dictionaryless
    let decoded = try ArrayDecoder(memory: memory).vector(
      try parts.next(values), values, try values.logicalType())
    let size = memory.heldBytes - before
    memory.keep(size)
    memory.release(kept: dictionaryBytes.updateValue(size, forKey: id) ?? 0)
    dictionaries[id] = decoded.flattened()
  }

  private static func field(of id: Int64, in fields: [ArrowField]) -> ArrowField? {
    for field in fields {
      if field.dictionary?.id == id { return field }
      if let found = self.field(of: id, in: field.children) { return found }
    }
    return nil
  }

  // MARK: Messages

  private struct Message {
    let kind: UInt8
    let header: FlatTableReader?
    let body: ByteRegion
  }

  /// Nil at the end mark, or if there are no more bytes.
  private static func message(
    from bytes: any ArrowBytes, _ memory: ArrowMemory
  ) throws(SQLError) -> Message? {
    guard let prefix = try read(8, from: bytes, memory, mayEnd: true) else { return nil }
    let (mark, size) = prefix.withBytes {
      (
        $0.loadUnaligned(fromByteOffset: 0, as: UInt32.self).littleEndian,
        $0.loadUnaligned(fromByteOffset: 4, as: Int32.self).littleEndian
      )
    }
    guard mark == .max else {
      throw ArrowError.corrupt("no message where one must begin")
    }
    if size == 0 { return nil }
    guard size > 0, Int(size) <= metadataLimit else {
      throw ArrowError.corrupt("metadata of \(size) bytes")
    }
    guard let metadata = try read(Int(size), from: bytes, memory) else { return nil }
    let table = try FlatTableReader(root: metadata)
    let version = try table.number(0, Int16(0))
    guard version == 3 || version == 4 else {
      throw SQLError(.featureNotSupported, "Arrow format version \(Int(version) + 1) is not read")
    }
    let bodySize = try table.number(3, Int64(0))
    guard bodySize >= 0, bodySize < Int64(1) << 48 else {
      throw ArrowError.corrupt("a body of \(bodySize) bytes")
    }
    guard let body = try read(Int(bodySize), from: bytes, memory) else { return nil }
    return Message(kind: try table.number(1, UInt8(0)), header: try table.table(2), body: body)
  }

  /// Exactly `count` bytes, in memory that grows as they come; nil if there is none and there may be
  /// none.
  private static func read(
    _ count: Int, from bytes: any ArrowBytes, _ memory: ArrowMemory, mayEnd: Bool = false
  ) throws(SQLError) -> ByteRegion? {
    let first = min(count, 4 << 20)
    try memory.take(first)
    var buffer = Buffer(sizeBytes: first)
    var filled = 0
    while filled < count {
      if filled == buffer.sizeBytes {
        let bigger = min(count, 2 * buffer.sizeBytes)
        try memory.take(bigger - buffer.sizeBytes)
        let next = Buffer(sizeBytes: bigger)
        next.base.copyMemory(from: buffer.base, byteCount: filled)
        buffer = next
      }
      let room = UnsafeMutableRawBufferPointer(
        start: buffer.base + filled, count: buffer.sizeBytes - filled)
      let more = try bytes.read(into: room)
      guard more > 0 else {
        if mayEnd, filled == 0 { return nil }
        throw ArrowError.corrupt("the stream ends early: \(count - filled) bytes are missing")
      }
      filled += more
    }
    return ByteRegion(buffer: buffer, count: count)
  }
}
