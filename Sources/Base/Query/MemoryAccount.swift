import Synchronization

/// Counts the memory of one query, or of all queries when it is the root, against a limit.
///
/// Operators reserve before they grow and release when they shrink; batches in flight are bounded by
/// the pipeline and are not counted one by one.
public final class MemoryAccount: Sendable {
  private let used = Atomic<Int>(0)
  private let peak = Atomic<Int>(0)
  private let limitBytes: Atomic<Int>
  private let parent: MemoryAccount?

  public init(limitBytes: Int = .max, parent: MemoryAccount? = nil) {
    self.limitBytes = Atomic(limitBytes)
    self.parent = parent
  }

  /// What is still reserved goes back to the parent.
  deinit { parent?.release(max(0, used.load(ordering: .relaxed))) }

  public var usedBytes: Int { used.load(ordering: .relaxed) }
  public var peakBytes: Int { peak.load(ordering: .relaxed) }
  public var limit: Int { limitBytes.load(ordering: .relaxed) }
  /// What may still be reserved here and above; never negative.
  public var availableBytes: Int {
    min(max(0, limit - max(0, usedBytes)), parent?.availableBytes ?? .max)
  }
  public func setLimit(_ bytes: Int) { limitBytes.store(bytes, ordering: .relaxed) }

  /// Reserves `bytes`, or throws `.outOfMemory` and reserves nothing.
  public func reserve(_ bytes: Int) throws(SQLError) {
    precondition(bytes >= 0)
    let now = used.wrappingAdd(bytes, ordering: .relaxed).newValue
    if now > limit || now < 0 {
      used.wrappingSubtract(bytes, ordering: .relaxed)
      throw SQLError(
        .outOfMemory, "memory limit of \(limit) bytes reached: \(bytes) more wanted",
        hint: "Raise it with SET memory_limit, or ask for fewer rows or columns.")
    }
    do throws(SQLError) {
      try parent?.reserve(bytes)
    } catch {
      used.wrappingSubtract(bytes, ordering: .relaxed)
      throw error
    }
    peak.max(now, ordering: .relaxed)
  }

  public func release(_ bytes: Int) {
    precondition(bytes >= 0)
    used.wrappingSubtract(bytes, ordering: .relaxed)
    parent?.release(bytes)
  }
}
