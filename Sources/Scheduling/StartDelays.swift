import Synchronization

/// How long work waited for a core, counted by powers of two of nanoseconds. Any thread may add.
public final class StartDelays: Sendable {
  private let counts = (0..<48).map { _ in Counter() }

  private final class Counter: Sendable {
    let value = Atomic<Int>(0)
  }

  public init() {}

  func add(_ delayNS: Int64) {
    let bits = Int64.bitWidth - max(1, delayNS).leadingZeroBitCount
    counts[min(counts.count, bits) - 1].value.wrappingAdd(1, ordering: .relaxed)
  }

  public var count: Int { counts.reduce(0) { $0 + $1.value.load(ordering: .relaxed) } }

  /// A time that so large a share (0…1) of all waits did not exceed, at most twice the least such
  /// time; 0 if nothing has waited.
  public func quantileNS(_ share: Double) -> Int64 {
    let wanted = (share * Double(count)).rounded(.up)
    var seen = 0.0
    for (bits, counter) in counts.enumerated() {
      seen += Double(counter.value.load(ordering: .relaxed))
      if seen > 0, seen >= wanted { return 1 << Int64(bits + 1) }
    }
    return 0
  }

  public func reset() {
    for counter in counts { counter.value.store(0, ordering: .relaxed) }
  }
}
