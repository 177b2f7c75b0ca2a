import Base

/// The beginning of an object container file: schema, codec, and the mark between its blocks.
///
/// Layout: `Obj` 1, a map of metadata, 16 bytes of mark; then blocks of a record count, a size in
/// bytes, that many bytes and the mark.
public struct AvroContainer: Sendable {
  public let schemaText: [UInt8]
  public let codec: AvroCodec
  public let mark: [UInt8]
  /// The first block's place.
  public let start: Int

  static let signature: [UInt8] = [0x4F, 0x62, 0x6A, 1]
  static let markSizeBytes = 16
  /// Longer headers are refused; the largest seen has 350 KB of schema.
  static let maximumHeaderBytes = 32 << 20

  /// Reads the beginning of a file.
  public init(_ file: any ReadableFile) throws(SQLError) {
    var wanted = 64 << 10
    while true {
      let region = try file.read(at: 0, count: min(wanted, file.sizeBytes))
      if let header = try Self.read(region) {
        self = header
        return
      }
      guard wanted < min(file.sizeBytes, Self.maximumHeaderBytes) else {
        throw SQLError(.dataCorrupted, "the file ends, or goes on too long, within its header")
      }
      wanted &*= 4
    }
  }

  private init(schemaText: [UInt8], codec: AvroCodec, mark: [UInt8], start: Int) {
    self.schemaText = schemaText
    self.codec = codec
    self.mark = mark
    self.start = start
  }

  /// What a block of the file stands for; `reserve` is asked before memory is taken.
  public func decompressed(
    _ block: ByteRegion, reserve: (Int) throws(SQLError) -> Void
  ) throws(SQLError) -> ByteRegion {
    try codec.decompress(block, reserve: reserve)
  }

  /// Nil if there are too few bytes.
  private static func read(_ region: ByteRegion) throws(SQLError) -> AvroContainer? {
    guard region.count >= signature.count else { return nil }
    guard signature.indices.allSatisfy({ region[$0] == signature[$0] }) else {
      throw SQLError(
        .dataCorrupted, "this is no Avro object container file",
        hint: "For a message of a Kafka topic with a schema registry: "
          + "(framing => 'confluent', schemas => 'directory').")
    }
    let base = region.base.assumingMemoryBound(to: UInt8.self)
    var input = AvroInput(base + signature.count, base + region.count)
    var entries: [String: [UInt8]] = [:]
    while input.failure == .none {
      var count = input.number()
      if count == 0 { break }
      if count < 0 {
        _ = input.number()
        count = 0 &- count
      }
      while count != 0, input.failure == .none {
        let key = bytes(&input)
        entries[String(decoding: key, as: UTF8.self)] = bytes(&input)
        count &-= 1
      }
    }
    guard let mark = input.take(markSizeBytes), input.failure == .none else {
      if input.failure == .endOfData { return nil }
      throw SQLError(.dataCorrupted, "the file's header is damaged: \(input.failure.reason)")
    }
    return try header(
      entries, mark: Array(UnsafeBufferPointer(start: mark, count: markSizeBytes)),
      start: input.position - base)
  }

  private static func bytes(_ input: inout AvroInput) -> [UInt8] {
    let count = input.length()
    guard let start = input.take(count) else { return [] }
    return Array(UnsafeBufferPointer(start: start, count: count))
  }

  private static func header(
    _ entries: [String: [UInt8]], mark: [UInt8], start: Int
  ) throws(SQLError) -> AvroContainer {
    guard let schema = entries["avro.schema"] else {
      throw SQLError(.dataCorrupted, "the file's header has no schema")
    }
    let name = entries["avro.codec"].map { String(decoding: $0, as: UTF8.self) } ?? "null"
    guard let codec = AvroCodec(rawValue: name) else {
      throw SQLError(
        .featureNotSupported, "blocks are compressed with \"\(name)\"",
        hint: "Codecs are \(AvroCodec.allCases.map(\.rawValue).joined(separator: ", ")).")
    }
    return AvroContainer(schemaText: schema, codec: codec, mark: mark, start: start)
  }
}

/// A block of a container file, as its header tells.
public struct AvroBlock: Sendable {
  public var rowCount: Int
  /// Where its bytes lie in the file.
  public var bytes: Range<Int>
  /// The next block's place.
  public var end: Int { bytes.upperBound + AvroContainer.markSizeBytes }
}

/// Walks over the blocks of a container file, through a window of the file.
public struct AvroBlockWalk {
  private let file: any ReadableFile
  private let mark: [UInt8]
  private var window: ByteRegion?
  private var windowStart = 0

  /// The block header with two numbers of ten bytes.
  private static let headerSizeBytes = 20

  public init(_ file: any ReadableFile, _ container: AvroContainer) {
    self.file = file
    mark = container.mark
  }

  /// The block that begins at `offset`, whose end is checked; nil at the end of the file.
  public mutating func block(at offset: Int) throws(SQLError) -> AvroBlock? {
    if offset == file.sizeBytes { return nil }
    let head = try bytes(at: offset, count: min(Self.headerSizeBytes, file.sizeBytes - offset))
    let base = head.base.assumingMemoryBound(to: UInt8.self)
    var input = AvroInput(base, base + head.count)
    let rows = input.number()
    let size = input.number()
    let start = offset + (input.position - base)
    guard input.failure == .none, rows >= 0, size >= 0,
      size <= Int64(file.sizeBytes - start - AvroContainer.markSizeBytes)
    else {
      throw SQLError(
        .dataCorrupted, "the block at byte \(offset) goes beyond the file's end, or is damaged",
        hint: "The file may be cut off: fetch it again.")
    }
    let count = Int(truncatingIfNeeded: size)
    // A record of no bytes is possible, but not any number of them.
    guard rows <= max(1 << 20, Int64(AvroCodec.maximumBlockBytes)) else {
      throw SQLError(.dataCorrupted, "the block at byte \(offset) has \(rows) records")
    }
    let block = AvroBlock(
      rowCount: Int(truncatingIfNeeded: rows), bytes: start..<start + count)
    let end = try bytes(at: block.bytes.upperBound, count: AvroContainer.markSizeBytes)
    guard mark.indices.allSatisfy({ end[$0] == mark[$0] }) else {
      throw SQLError(.dataCorrupted, "the mark behind the block at byte \(offset) is missing")
    }
    return block
  }

  /// Small blocks are read many at a time; of a large one only its ends.
  private mutating func bytes(at offset: Int, count: Int) throws(SQLError) -> ByteRegion {
    if let window, offset >= windowStart, offset + count <= windowStart + window.count {
      return window[offset - windowStart..<offset - windowStart + count]
    }
    let more = min(max(count, 16 << 10), file.sizeBytes - offset)
    guard count <= more else {
      throw SQLError(.dataCorrupted, "the file ends at byte \(file.sizeBytes), within a block")
    }
    let region = try file.read(at: offset, count: more)
    window = region
    windowStart = offset
    return region[0..<count]
  }
}

/// The frame that Kafka's schema registries put before a record: a zero byte and the schema's
/// number, the highest byte first.
public enum AvroFrame {
  public static let sizeBytes = 5

  /// The schema's number.
  public static func schemaNumber(_ message: ByteRegion) throws(SQLError) -> Int {
    guard message.count >= sizeBytes, message[0] == 0 else {
      throw SQLError(
        .dataCorrupted, "the message has no frame of a schema registry",
        hint: "A frame is a zero byte and four bytes of schema number. "
          + "Leave out framing => 'confluent' for object container files.")
    }
    return (1...4).reduce(0) { $0 << 8 | Int(message[$1]) }
  }
}
