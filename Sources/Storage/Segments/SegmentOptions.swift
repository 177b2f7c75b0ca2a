import ORC

/// How segments are written.
public struct SegmentOptions: Sendable {
  public var compression: ORCCompression
  /// Rows of a row group, or nil to choose by the width of rows. A multiple of 1024.
  public var groupRows: Int?
  /// A new segment begins after this many rows.
  public var segmentRows: Int
  /// A stripe ends after this many rows at the latest. It is held in memory while it is written;
  /// above some ten megabytes, fresh pages cost a fifth of the loading time.
  public var stripeRows: Int

  public init(
    compression: ORCCompression = .lz4, groupRows: Int? = nil, segmentRows: Int = 16 << 20,
    stripeRows: Int = 1 << 18
  ) {
    self.compression = compression
    self.groupRows = groupRows
    self.segmentRows = segmentRows
    self.stripeRows = stripeRows
  }
}
