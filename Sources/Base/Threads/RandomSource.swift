import CPlatform
import Glibc
import Synchronization

/// Random numbers, so that tests can bring repeatable ones. Safe to use from any thread.
public protocol RandomSource: AnyObject, Sendable {
  /// 64 random bits.
  func next() -> UInt64
}

extension RandomSource {
  /// A random (version 4) UUID in its 36-character text form, lower case.
  public func uuidText() -> String {
    let high = next() & ~0xF000 | 0x4000
    let low = next() & ~(3 << 62) | 1 << 63
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(36)
    for position in 0..<32 {
      if [8, 12, 16, 20].contains(position) { text.append(UInt8(ascii: "-")) }
      let half = position < 16 ? high : low
      text.append(digits[Int(half >> UInt64((15 - position % 16) * 4) & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}

/// The system's random source.
public final class SystemRandom: RandomSource {
  public init() {}

  public func next() -> UInt64 {
    var bits: UInt64 = 0
    if zij_random_bytes(&bits, MemoryLayout<UInt64>.size) == 0 { return bits }
    // Kernels without getrandom: names need to differ, not to be secret.
    return Self.fallback.next()
  }

  private static let fallback = SeededRandom(
    seed: UInt64(bitPattern: SystemClock().monotonicNS())
      ^ UInt64(UInt32(bitPattern: getpid())) << 40)
}

/// SplitMix64 (Steele, Lea & Flood 2014, OOPSLA): the same numbers for the same seed.
public final class SeededRandom: RandomSource {
  private let state: Mutex<UInt64>

  public init(seed: UInt64) { state = Mutex(seed) }

  public func next() -> UInt64 {
    var mixed = state.withLock { state in
      state &+= 0x9E37_79B9_7F4A_7C15
      return state
    }
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  /// A number of 0..<bound, which is at least 1; the bias is below bound / 2⁶⁴.
  public func next(below bound: Int) -> Int { Int(next() % UInt64(max(1, bound))) }

  public func nextBool() -> Bool { next() >> 63 == 1 }
}
