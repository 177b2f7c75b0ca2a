import Base

/// How much memory a sort may use, and in which portions it reads and writes.
///
/// Of what the query may still take, three eighths hold rows that wait to be sorted, and half as much
/// the blocks of runs that are merged. The rest is for a stripe, for batches on their way and for
/// whoever reads the file.
public struct SortBudget: Hashable, Sendable {
  /// Rows in memory, with their sort entries.
  public var storeBytes: Int
  /// A block of a run.
  public var blockBytes: Int
  /// Runs merged at once.
  public var fanIn: Int

  /// Above this, more memory does not make sorting faster.
  private static let largestStoreBytes = 2 << 30

  public init(storeBytes: Int, blockBytes: Int? = nil, fanIn: Int = 64) {
    self.storeBytes = max(1, storeBytes)
    self.blockBytes = max(1, blockBytes ?? min(1 << 20, max(16 << 10, storeBytes / 128)))
    self.fanIn = max(2, fanIn)
  }

  /// For a query that may take `availableBytes` more.
  init(availableBytes: Int) {
    self.init(storeBytes: min(Self.largestStoreBytes, max(1 << 20, availableBytes / 8 * 3)))
  }
}
