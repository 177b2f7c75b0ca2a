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
  /// A stripe ends with the row group in which it reaches this many bytes of plain values; nil for
  /// 24 MiB, or an eighth of the memory that the query may take.
  public var stripeBytes: Int?
  /// Memory for sorting; nil to choose by the memory that the query may take. Changes no bytes.
  public var sorting: SortBudget?

  public init(
    compression: ORCCompression = .lz4, groupRows: Int? = nil, segmentRows: Int = 16 << 20,
    stripeRows: Int = 1 << 18, stripeBytes: Int? = nil, sorting: SortBudget? = nil
  ) {
    self.compression = compression
    self.groupRows = groupRows
    self.segmentRows = segmentRows
    self.stripeRows = stripeRows
    self.stripeBytes = stripeBytes
    self.sorting = sorting
  }

  static let largestStripeBytes = 24 << 20
}
