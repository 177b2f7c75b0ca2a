import Base

/// How a file's streams are made smaller, chunk by chunk. The raw values are the format's numbers.
public enum ORCCompression: Int, Sendable, CaseIterable {
  case none = 0
  case zlib = 1
  case snappy = 2
  case lzo = 3
  case lz4 = 4
  case zstd = 5
  case brotli = 6

  public var name: String {
    switch self {
    case .none: "none"
    case .zlib: "zlib"
    case .snappy: "snappy"
    case .lzo: "lzo"
    case .lz4: "lz4"
    case .zstd: "zstd"
    case .brotli: "brotli"
    }
  }

  /// Decompresses one chunk into `target`, which has `capacity` bytes; gives how many it filled, or
  /// nil if the chunk is damaged or would not fit.
  func decompress(
    _ chunk: UnsafeRawBufferPointer, into target: UnsafeMutableRawPointer, capacity: Int
  ) -> Int? {
    guard let source = chunk.baseAddress else { return nil }
    let bytes = UnsafeRawBufferPointer(start: source, count: chunk.count)
    switch self {
    case .zlib: return ZlibCodec.decompress(bytes, into: target, capacity: capacity)
    case .snappy: return SnappyCodec.decompress(bytes, into: target, capacity: capacity)
    case .lz4: return LZ4Codec.decompress(bytes, into: target, capacity: capacity)
    case .zstd: return ZstdCodec.decompress(bytes, into: target, capacity: capacity)
    case .none, .lzo, .brotli: return nil
    }
  }
}

/// What a reader must know to turn a stream's chunks into bytes.
struct ChunkFormat: Sendable {
  let compression: ORCCompression
  /// The most bytes a chunk decompresses to.
  let blockSizeBytes: Int

  var isCompressed: Bool { compression != .none }
  /// A chunk's header: its size doubled, plus 1 if its bytes are as they were; 3 bytes, low first.
  static let headerSizeBytes = 3
  /// The largest size that a header can tell.
  static let maximumBlockSizeBytes = 1 << 23
}
