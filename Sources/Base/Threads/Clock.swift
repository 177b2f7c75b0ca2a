import Glibc

/// Time, so that tests can bring their own.
public protocol Clock: Sendable {
  /// Nanoseconds from an arbitrary start, never going back.
  func monotonicNS() -> Int64
  /// Microseconds since 1970-01-01 UTC.
  func wallMicroseconds() -> Int64
}

public struct SystemClock: Clock {
  public init() {}

  public func monotonicNS() -> Int64 { Self.read(CLOCK_MONOTONIC) }
  public func wallMicroseconds() -> Int64 { Self.read(CLOCK_REALTIME) / 1000 }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
