/// How a file is written.
public struct ORCWriterOptions: Sendable {
  /// `.none` or `.lz4`.
  public var compression: ORCCompression
  /// Rows of a row group; a multiple of 1024 keeps batches within row groups.
  public var rowIndexStride: Int
  /// A stripe ends with the row group in which it reaches this many rows…
  public var stripeRowLimit: Int
  /// …or takes this many bytes of memory.
  public var stripeByteLimit: Int
  /// The most bytes that one compressed chunk holds, below 8 MiB.
  public var blockSizeBytes: Int
  public var userMetadata: [(String, [UInt8])]

  public init(
    compression: ORCCompression = .none, rowIndexStride: Int = 8192, stripeRowLimit: Int = 1 << 20,
    stripeByteLimit: Int = 64 << 20, blockSizeBytes: Int = 256 << 10,
    userMetadata: [(String, [UInt8])] = []
  ) {
    self.compression = compression
    self.rowIndexStride = rowIndexStride
    self.stripeRowLimit = stripeRowLimit
    self.stripeByteLimit = stripeByteLimit
    self.blockSizeBytes = blockSizeBytes
    self.userMetadata = userMetadata
  }
}
