extension SkyPolygon {
  /// True where a position lies in both; touching counts.
  public func intersects(_ other: SkyPolygon) -> Bool {
    vertices.contains { other.contains($0) } || other.vertices.contains { contains($0) }
      || edgesCross(other)
  }

  /// True where all of the other polygon lies in this one; touching from inside counts.
  public func contains(_ other: SkyPolygon) -> Bool {
    other.vertices.allSatisfy { contains($0) } && !edgesCross(other)
  }

  /// True where all of the circle lies in the polygon.
  public func contains(_ circle: SkyCircle) -> Bool {
    let center = UnitVector(lonDeg: circle.lonDeg, latDeg: circle.latDeg)
    return contains(center)
      && edgeDistance(from: center) >= circle.radiusDeg * Angle.radiansPerDegree
  }

  private func edgesCross(_ other: SkyPolygon) -> Bool {
    edges.contains { (own: Edge) in other.edges.contains { own.crosses($0) } }
  }
}
