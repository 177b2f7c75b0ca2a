import Glibc

/// Directions on the sky.
public enum Direction {
  /// Position angle of the second position seen from the first, degrees from north through east,
  /// in 0..<360; at a pole the longitude defines north. 0 for identical positions; NaN where
  /// `Separation.degrees` is. Error about 1e-13 degrees for well separated positions.
  public static func positionAngleDeg(
    _ lon1: Double, _ lat1: Double, _ lon2: Double, _ lat2: Double
  ) -> Double {
    guard Angle.isLatitude(lat1), Angle.isLatitude(lat2) else { return .nan }
    let deltaLon = Angle.difference(Angle.reduced(lon2), Angle.reduced(lon1))
    guard deltaLon.isFinite else { return .nan }
    let lon = UnitVector.sineAndCosine(deltaLon)
    let halfLon = Sine.ofDegrees(deltaLon * 0.5)
    let cosine2 = Separation.cosine(lat2)
    // cos δ₁ sin δ₂ - sin δ₁ cos δ₂ cos Δα without cancellation for near positions.
    let deltaLat = UnitVector.sineAndCosine(lat2 - lat1).sine
    let north = deltaLat + 2 * Sine.ofDegrees(lat1) * cosine2 * halfLon * halfLon
    return Angle.normalized(atan2(lon.sine * cosine2, north) * Angle.degreesPerRadian)
  }

  /// The position `distanceDeg` away from another in the direction of a position angle, degrees.
  /// nil where an argument is NaN or infinite or the latitude is invalid.
  public static func offset(
    lonDeg: Double, latDeg: Double, positionAngleDeg: Double, distanceDeg: Double
  ) -> (lonDeg: Double, latDeg: Double)? {
    guard Angle.isLatitude(latDeg), lonDeg.isFinite, positionAngleDeg.isFinite,
      distanceDeg.isFinite
    else { return nil }
    let angle = UnitVector.sineAndCosine(positionAngleDeg)
    let distance = UnitVector.sineAndCosine(distanceDeg)
    let sine = Sine.ofDegrees(latDeg)
    let cosine = Separation.cosine(latDeg)
    let north = distance.sine * angle.cosine
    let x = cosine * distance.cosine - sine * north
    let y = distance.sine * angle.sine
    let z = sine * distance.cosine + cosine * north
    let lon = Angle.normalized(lonDeg) + atan2(y, x) * Angle.degreesPerRadian
    let lat = atan2(z, (x * x + y * y).squareRoot()) * Angle.degreesPerRadian
    return (Angle.normalized(lon), lat)
  }
}
