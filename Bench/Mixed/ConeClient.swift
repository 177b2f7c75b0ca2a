import Base
import Glibc
import Zij

/// A client that asks for small cones at random places at fixed times, whether or not the answers
/// before came late.
struct ConeClient {
  let session: Session
  let gapNS: Int64
  private let clock = SystemClock()
  private var random = UInt64(3)

  init(_ session: Session, gapMS: Int) {
    self.session = session
    gapNS = Int64(gapMS) * 1_000_000
  }

  /// Wall times from the text to the last row, nanoseconds.
  mutating func run(seconds: Int) throws(SQLError) -> [Double] {
    let startNS = clock.monotonicNS()
    var samples: [Double] = []
    var dueNS = startNS
    while dueNS - startNS < Int64(seconds) * 1_000_000_000 {
      Self.sleep(untilNS: dueNS)
      let sql = nextCone()
      let beginNS = clock.monotonicNS()
      if let stream = try session.run(sql).stream {
        while try stream.next() != nil {}
      }
      samples.append(Double(clock.monotonicNS() - beginNS))
      dueNS += gapNS
    }
    return samples
  }

  private mutating func nextCone() -> String {
    let lon = 5 + 350 * nextShare()
    let lat = -60 + 120 * nextShare()
    return "SELECT source_id, ra, dec, g_mag FROM gaia "
      + "WHERE 1 = CONTAINS(POINT(ra, dec), CIRCLE(\(lon), \(lat), 0.05))"
  }

  /// 0…1, the same series each time (SplitMix64).
  private mutating func nextShare() -> Double {
    random &+= 0x9E37_79B9_7F4A_7C15
    var mixed = random
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return Double((mixed ^ (mixed >> 31)) >> 11) / 9_007_199_254_740_992
  }

  private static func sleep(untilNS: Int64) {
    var time = timespec(
      tv_sec: Int(untilNS / 1_000_000_000), tv_nsec: Int(untilNS % 1_000_000_000))
    while clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nil) == EINTR {}
  }
}
