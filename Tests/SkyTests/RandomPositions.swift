import Glibc

/// SplitMix64: the same positions in every run; a failing test names its seed.
struct Randomness: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return bits ^ bits >> 31
  }

  /// Uniform on the sphere, degrees.
  mutating func position() -> (lonDeg: Double, latDeg: Double) {
    let lon = Double.random(in: 0..<360, using: &self)
    return (lon, asin(Double.random(in: -1...1, using: &self)) * 180 / .pi)
  }
}

/// Positions where spherical code tends to go wrong.
let awkwardPositions: [(lonDeg: Double, latDeg: Double)] = [
  (0, 90), (123.4, 90), (0, -90), (77, 90 - 1e-9), (200, 1e-7 - 90), (0, 0), (360, 0),
  (-1e-12, 0), (Double(360).nextDown, 1), (90, 0), (180, 0), (45, 41.810314895778596),
  (90, 41.810314895778596), (0, -41.810314895778596), (22.5, 41.8103), (135, 0), (45, 89.9),
  (359.9999, 66), (720.5, 10), (-180, -10), (12.25, 35.0), (270, -0.0),
]
