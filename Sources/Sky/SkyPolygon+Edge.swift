import Glibc

extension SkyPolygon {
  /// One side, from `start` to `end`, with what the tests need of it.
  struct Edge: Hashable, Sendable {
    let start: UnitVector
    let end: UnitVector
    /// Unit normal of the edge's plane, towards the left.
    let normal: UnitVector
    /// Coordinates of start and end along the two axes.
    let startAxes: SIMD2<Double>
    let endAxes: SIMD2<Double>
    let isLeftOfReference: Bool
  }
}

extension SkyPolygon.Edge {
  /// True where the foot of the perpendicular from the point lies on the edge.
  func spans(_ point: UnitVector) -> Bool {
    normal.cross(start).dot(point - start) >= -1e-15 && normal.cross(end).dot(point - end) <= 1e-15
  }

  func distance(from point: UnitVector) -> Double {
    let toStart = 2 * asin(min(1, (point - start).length / 2))
    let toEnd = 2 * asin(min(1, (point - end).length / 2))
    guard spans(point) else { return min(toStart, toEnd) }
    return min(asin(min(1, abs(normal.dot(point - start)))), toStart, toEnd)
  }

  /// True where the two edges cross each other away from their ends.
  func crosses(_ other: SkyPolygon.Edge) -> Bool {
    let startLeft = normal.dot(other.start - start) > 0
    let endLeft = normal.dot(other.end - start) > 0
    let ownStartLeft = other.normal.dot(start - other.start) > 0
    let ownEndLeft = other.normal.dot(end - other.start) > 0
    // Both pairs apart, and the crossing on the same side of the sphere.
    return startLeft != endLeft && ownStartLeft != ownEndLeft && startLeft == ownEndLeft
  }
}
