import Glibc

extension SkyPolygon {
  /// ADQL's BOX: sides are arcs of great circles at right angles to the arms, which reach half the
  /// width along the great circle towards east and west and half the height along the meridian.
  /// Not a range of coordinates. nil for an invalid centre and for sizes outside 0..<180 degrees,
  /// 0 excluded.
  public init?(boxLonDeg: Double, latDeg: Double, widthDeg: Double, heightDeg: Double) {
    guard boxLonDeg.isFinite, Angle.isLatitude(latDeg) else { return nil }
    guard widthDeg > 0, widthDeg < 180, heightDeg > 0, heightDeg < 180 else { return nil }
    let center = UnitVector(lonDeg: boxLonDeg, latDeg: latDeg)
    let lon = UnitVector.sineAndCosine(boxLonDeg)
    let sine = Sine.ofDegrees(latDeg)
    let east = UnitVector(x: -lon.sine, y: lon.cosine, z: 0)
    let north = UnitVector(
      x: -sine * lon.cosine, y: -sine * lon.sine, z: Separation.cosine(latDeg))
    // In the gnomonic projection great circles are straight, so the box is a rectangle.
    let halfWidth = tan(widthDeg / 2 * Angle.radiansPerDegree)
    let halfHeight = tan(heightDeg / 2 * Angle.radiansPerDegree)
    let signs: [(Double, Double)] = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    self.init(
      vertices: signs.compactMap { across, up in
        (center + across * halfWidth * east + up * halfHeight * north).normalized
      })
  }
}
