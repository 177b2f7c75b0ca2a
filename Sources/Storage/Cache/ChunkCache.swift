import Base
import Synchronization
import Vectors

/// Keeps decoded columns of row groups for the next reader, within a budget of bytes.
///
/// A group's columns lie in one of several shards, so that a read takes one lock once to look and
/// once to add what was missing; nothing is decoded under a lock. Vectors are immutable and shared.
/// What has not been asked for since the hand last passed goes first (CLOCK).
public final class ChunkCache: Sendable {
  private static let shardCount = 16

  private let shards: [Shard]
  private let budget: Atomic<Int>
  private let account: MemoryAccount?
  private let used = Atomic<Int>(0)
  private let hits = Atomic<Int>(0)
  private let misses = Atomic<Int>(0)
  private let lastSegment = Atomic<Int>(0)

  /// Sharing a lock's cache line with a neighbour would undo the sharding.
  private final class Shard: Sendable {
    let contents = Mutex<ChunkCacheShard>(ChunkCacheShard())
  }

  /// A cache that takes at most `budgetBytes`, and no more than `account` has left for queries.
  public init(budgetBytes: Int = 256 << 20, within account: MemoryAccount? = nil) {
    self.account = account
    shards = (0..<Self.shardCount).map { _ in Shard() }
    budget = Atomic(max(0, budgetBytes))
  }

  /// The most that the cached vectors may take; setting it lower evicts at once.
  public var budgetBytes: Int {
    get { min(budget.load(ordering: .relaxed), account?.availableBytes ?? .max) }
    set {
      budget.store(max(0, newValue), ordering: .relaxed)
      evict(startingAt: 0)
    }
  }

  /// Bytes of the cached vectors, roughly.
  public var usedBytes: Int { used.load(ordering: .relaxed) }
  /// Columns of row groups that were found.
  public var hitCount: Int { hits.load(ordering: .relaxed) }
  /// Columns of row groups that were not found.
  public var missCount: Int { misses.load(ordering: .relaxed) }

  /// A number that stands for one open segment in keys. What is kept of one that is open no longer is
  /// not asked for any more, and goes first.
  func makeSegmentNumber() -> Int { lastSegment.wrappingAdd(1, ordering: .relaxed).newValue }

  /// Forgets everything.
  public func removeAll() {
    for shard in shards {
      let freed = shard.contents.withLock { $0.removeAll() }
      used.wrappingSubtract(freed, ordering: .relaxed)
    }
  }

  /// The cached vectors of `columns` of a group, nil for those to be decoded.
  func find(segment: Int, group: Int, columns: [Int]) -> [Vector?] {
    let found = shards[shard(segment, group)].contents.withLock { shard in
      columns.map { shard.find(ChunkCacheKey(segment: segment, group: group, column: $0)) }
    }
    let missing = found.reduce(0) { $0 + ($1 == nil ? 1 : 0) }
    if missing > 0 { misses.wrappingAdd(missing, ordering: .relaxed) }
    if missing < found.count { hits.wrappingAdd(found.count - missing, ordering: .relaxed) }
    return found
  }

  /// Keeps decoded vectors; one that takes more than the whole budget is not kept.
  func insert(segment: Int, group: Int, columns: [Int], _ vectors: [Vector]) {
    let limit = budgetBytes
    let index = shard(segment, group)
    let sizes = vectors.map { $0.sizeBytes + ChunkCacheShard.overheadBytes }
    let added = shards[index].contents.withLock { shard in
      var added = 0
      for (position, vector) in vectors.enumerated() where sizes[position] <= limit {
        let key = ChunkCacheKey(segment: segment, group: group, column: columns[position])
        added += shard.insert(key, vector, sizeBytes: sizes[position])
      }
      return added
    }
    used.wrappingAdd(added, ordering: .relaxed)
    evict(startingAt: index)
  }

  private func shard(_ segment: Int, _ group: Int) -> Int {
    let mixed = (UInt64(truncatingIfNeeded: segment) &* 0x9E37_79B9_7F4A_7C15)
      &+ UInt64(truncatingIfNeeded: group)
    return Int(mixed % UInt64(Self.shardCount))
  }

  /// Evicts until the budget holds, one shard after the other and only one lock at a time.
  private func evict(startingAt first: Int) {
    for step in 0..<Self.shardCount {
      let excess = usedBytes - budgetBytes
      if excess <= 0 { return }
      // The next shard first: the one that has just been filled holds what is needed now.
      let shard = shards[(first + 1 + step) % Self.shardCount]
      let freed = shard.contents.withLock { $0.evict(atLeast: excess) }
      used.wrappingSubtract(freed, ordering: .relaxed)
    }
  }
}
