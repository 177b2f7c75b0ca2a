import Glibc

/// A circle on the sky with its inside and its edge; radius in 0...180 degrees.
public struct SkyCircle: Hashable, Sendable {
  public let lonDeg: Double
  public let latDeg: Double
  public let radiusDeg: Double

  /// nil where the centre is invalid, or the radius negative or NaN; a radius above 180 is the
  /// whole sky.
  public init?(lonDeg: Double, latDeg: Double, radiusDeg: Double) {
    guard lonDeg.isFinite, Angle.isLatitude(latDeg), radiusDeg >= 0 else { return nil }
    self.lonDeg = lonDeg
    self.latDeg = latDeg
    self.radiusDeg = min(radiusDeg, 180)
  }

  /// Square degrees; relative error 1e-15.
  public var areaDeg2: Double {
    let half = Sine.ofDegrees(radiusDeg * 0.5)
    return 4 * Double.pi * half * half * (Angle.degreesPerRadian * Angle.degreesPerRadian)
  }

  public func contains(lonDeg: Double, latDeg: Double) -> Bool {
    Separation.isWithin(
      lonDeg, latDeg, self.lonDeg, self.latDeg, radiusDeg: radiusDeg, inclusive: true)
  }

  /// True where a position lies in both; touching counts.
  public func intersects(_ other: SkyCircle) -> Bool {
    separationDeg(other) <= radiusDeg + other.radiusDeg
  }

  /// True where all of the other circle lies in this one; touching from inside counts.
  public func contains(_ other: SkyCircle) -> Bool {
    radiusDeg >= 180 || separationDeg(other) + other.radiusDeg <= radiusDeg
  }

  private func separationDeg(_ other: SkyCircle) -> Double {
    Separation.degrees(lonDeg, latDeg, other.lonDeg, other.latDeg)
  }

  public func intersects(_ polygon: SkyPolygon) -> Bool {
    let center = UnitVector(lonDeg: lonDeg, latDeg: latDeg)
    return polygon.contains(center)
      || polygon.edgeDistance(from: center) <= radiusDeg * Angle.radiansPerDegree
  }

  /// True where all of the polygon lies in the circle: none of it in the circle's complement.
  public func contains(_ polygon: SkyPolygon) -> Bool {
    guard radiusDeg < 180 else { return true }
    let antipode = -UnitVector(lonDeg: lonDeg, latDeg: latDeg)
    return !polygon.contains(antipode)
      && polygon.edgeDistance(from: antipode) >= (180 - radiusDeg) * Angle.radiansPerDegree
  }
}
