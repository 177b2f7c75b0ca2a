import Base
import CSnappy
import CZlib
import CZstd

/// How the blocks of a container file are compressed.
public enum AvroCodec: String, Sendable, CaseIterable {
  case null, deflate, snappy, zstandard

  /// A block that decompresses to more is refused.
  static let maximumBlockBytes = 256 << 20

  /// The bytes that a block stands for; `reserve` is asked before memory is taken.
  func decompress(
    _ block: ByteRegion, atMost most: Int = maximumBlockBytes,
    reserve: (Int) throws(SQLError) -> Void
  ) throws(SQLError) -> ByteRegion {
    switch self {
    case .null: return block
    case .deflate:
      return try growing(block, most, reserve) { Self.inflate(block, into: $0) }
    case .zstandard:
      return try growing(block, most, reserve) { Self.unzstd(block, into: $0) }
    case .snappy: return try unsnappy(block, reserve)
    }
  }

  private static func damaged(_ codec: AvroCodec) -> SQLError {
    SQLError(.dataCorrupted, "damaged \(codec.rawValue) data")
  }

  /// What became of an attempt to decompress into some bytes.
  private enum Outcome {
    case done(Int)
    case tooSmall
    case damaged
  }

  /// Neither format must tell its size: larger targets are tried until one does.
  private func growing(
    _ block: ByteRegion, _ most: Int, _ reserve: (Int) throws(SQLError) -> Void,
    _ attempt: (Buffer) -> Outcome
  ) throws(SQLError) -> ByteRegion {
    var capacity = min(max(4096, block.count &* 4), most)
    while true {
      try reserve(capacity)
      let target = Buffer(sizeBytes: capacity)
      switch attempt(target) {
      case .done(let count): return ByteRegion(buffer: target, count: count)
      case .damaged: throw Self.damaged(self)
      case .tooSmall:
        guard capacity < most else {
          throw SQLError(
            .dataCorrupted,
            "a block decompresses to more than \(most) bytes")
        }
        capacity = min(capacity &* 4, most)
      }
    }
  }

  /// DEFLATE without a header (RFC 1951).
  private static func inflate(_ block: ByteRegion, into target: Buffer) -> Outcome {
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    guard let available = UInt32(exactly: block.count),
      let room = UInt32(exactly: target.sizeBytes),
      inflateInit2_(&stream, -15, ZLIB_VERSION, size) == Z_OK
    else { return .damaged }
    defer { inflateEnd(&stream) }
    stream.next_in = UnsafeMutablePointer(
      mutating: block.base.assumingMemoryBound(to: UInt8.self))
    stream.avail_in = available
    stream.next_out = target.base.assumingMemoryBound(to: UInt8.self)
    stream.avail_out = room
    let status = CZlib.inflate(&stream, Z_FINISH)
    if status == Z_STREAM_END { return .done(target.sizeBytes - Int(stream.avail_out)) }
    return status == Z_BUF_ERROR && stream.avail_out == 0 ? .tooSmall : .damaged
  }

  private static func unzstd(_ block: ByteRegion, into target: Buffer) -> Outcome {
    guard let stream = ZSTD_createDCtx() else { return .damaged }
    defer { ZSTD_freeDCtx(stream) }
    ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, 27)
    var source = ZSTD_inBuffer(src: block.base, size: block.count, pos: 0)
    var output = ZSTD_outBuffer(dst: target.base, size: target.sizeBytes, pos: 0)
    while true {
      let before = (source.pos, output.pos)
      let status = ZSTD_decompressStream(stream, &output, &source)
      if ZSTD_isError(status) != 0 { return .damaged }
      if status == 0, source.pos == source.size { return .done(output.pos) }
      if output.pos == output.size { return .tooSmall }
      if before == (source.pos, output.pos) { return .damaged }
    }
  }

  /// Snappy, with the CRC-32 of the decompressed bytes behind it, the highest byte first.
  private func unsnappy(
    _ block: ByteRegion, _ reserve: (Int) throws(SQLError) -> Void
  ) throws(SQLError) -> ByteRegion {
    guard block.count >= 4 else { throw Self.damaged(self) }
    let source = block.base.assumingMemoryBound(to: CChar.self)
    let count = block.count - 4
    var size = 0
    guard snappy_uncompressed_length(source, count, &size) == SNAPPY_OK,
      size <= Self.maximumBlockBytes
    else { throw Self.damaged(self) }
    try reserve(size)
    let target = Buffer(sizeBytes: size)
    guard
      snappy_uncompress(source, count, target.base.assumingMemoryBound(to: CChar.self), &size)
        == SNAPPY_OK
    else { throw Self.damaged(self) }
    let stored = UInt32(
      bigEndian: block.base.loadUnaligned(fromByteOffset: count, as: UInt32.self))
    let actual = crc32(0, target.base.assumingMemoryBound(to: UInt8.self), UInt32(clamping: size))
    guard UInt(stored) == UInt(actual) else {
      throw SQLError(.dataCorrupted, "the checksum of snappy data is wrong")
    }
    return ByteRegion(buffer: target, count: size)
  }
}
