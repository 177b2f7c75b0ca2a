import Glibc

/// Longitudes and their differences without rounding.
public enum Angle {
  public static let degreesPerRadian = 57.29577951308232
  public static let radiansPerDegree = 0.017453292519943295

  /// The same longitude in -180...360 degrees, exactly: no bit of the input is lost, because
  /// a remainder is exact and 360 is added only where that is exact too. NaN for NaN or infinity.
  @inlinable
  public static func reduced(_ lonDeg: Double) -> Double {
    if lonDeg >= -180 && lonDeg <= 360 { return lonDeg }
    let rest = fmod(lonDeg, 360)
    return rest < -180 ? rest + 360 : rest
  }

  /// The same longitude in 0..<360 degrees. NaN for NaN or infinity; -0.0 becomes 0.
  @inlinable
  public static func normalized(_ lonDeg: Double) -> Double {
    let reduced = reduced(lonDeg)
    let positive = reduced < 0 ? reduced + 360 : reduced + 0
    return positive >= 360 ? positive - 360 : positive
  }

  /// Difference `a - b` of two longitudes in -180...360, brought into -180...180.
  ///
  /// Where the points are near each other the result is exact: either the plain difference is
  /// (Sterbenz), or the one that is 360 degrees too large or small is shifted exactly first.
  @inlinable @inline(__always)
  static func difference(_ a: Double, _ b: Double) -> Double {
    let plain = a - b
    let below = (a - 360) - b
    let above = a - (b - 360)
    return plain > 180 ? below : (plain < -180 ? above : plain)
  }

  /// True for a finite latitude in -90...90.
  @inlinable @inline(__always)
  static func isLatitude(_ latDeg: Double) -> Bool { abs(latDeg) <= 90 }
}
