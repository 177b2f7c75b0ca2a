import Glibc

/// Angular separation of two positions, and the one definition of "within a radius".
///
/// Differences are taken in degrees, where they are exact for near points, before anything is
/// converted; then h = sin²(Δδ/2) + cos δ₁ cos δ₂ sin²(Δα/2) and its complement h' give
/// 2·atan2(√h, √h'). Error below 2e-4 µas everywhere, below 1e-8 µas up to one arcsecond.
public enum Separation {
  /// Separation in degrees, 0...180. Symmetric bit for bit; exactly 0 for identical coordinates
  /// and at a pole whatever the longitudes; NaN if an argument is NaN or infinite, or if a latitude
  /// lies outside -90...90.
  @inlinable
  public static func degrees(
    _ lon1: Double, _ lat1: Double, _ lon2: Double, _ lat2: Double
  ) -> Double {
    guard Angle.isLatitude(lat1), Angle.isLatitude(lat2) else { return .nan }
    let deltaLon = abs(Angle.difference(Angle.reduced(lon1), Angle.reduced(lon2)))
    let cosines = cosine(lat1) * cosine(lat2)
    let sineLat = Sine.ofDegrees((lat1 - lat2) * 0.5)
    let sineLon = Sine.ofDegrees(deltaLon * 0.5)
    let sineSum = Sine.ofDegrees((lat1 + lat2) * 0.5)
    let cosineLon = Sine.ofDegrees((180 - deltaLon) * 0.5)
    let near = sineLat * sineLat + cosines * (sineLon * sineLon)
    let far = sineSum * sineSum + cosines * (cosineLon * cosineLon)
    let half = atan2(near.squareRoot(), far.squareRoot()) * Angle.degreesPerRadian
    return half >= 90 ? 180 : 2 * half
  }

  /// True where `degrees(…) <= radiusDeg`, or `<` when not inclusive. This comparison is the
  /// definition: filters, joins and index scans must agree with it. False for NaN.
  @inlinable
  public static func isWithin(
    _ lon1: Double, _ lat1: Double, _ lon2: Double, _ lat2: Double,
    radiusDeg: Double, inclusive: Bool
  ) -> Bool {
    let separation = degrees(lon1, lat1, lon2, lat2)
    return inclusive ? separation <= radiusDeg : separation < radiusDeg
  }

  /// Cosine of a latitude, exactly 0 at the poles and with full relative precision near them.
  @inlinable @inline(__always)
  static func cosine(_ latDeg: Double) -> Double { Sine.ofDegrees(90 - abs(latDeg)) }
}
