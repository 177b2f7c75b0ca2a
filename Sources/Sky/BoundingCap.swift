/// A circle on the sky that holds a set of positions: the bound that a zone map keeps.
public struct BoundingCap: Hashable, Sendable {
  public var center: UnitVector
  /// 0...180; includes a margin of 1e-12 degrees for the rounding of the unit vectors.
  public var radiusDeg: Double

  @inlinable
  public init(center: UnitVector, radiusDeg: Double) {
    self.center = center
    self.radiusDeg = radiusDeg
  }

  /// A cap that holds every valid position of the columns, nil where there is none. At most a few
  /// per cent wider than the smallest for compact sets; the whole sky where positions cancel out.
  public init?(lonDeg: UnsafePointer<Double>, latDeg: UnsafePointer<Double>, count: Int) {
    var points: [UnitVector] = []
    points.reserveCapacity(max(0, count))
    for row in 0..<max(0, count) {
      let point = UnitVector(lonDeg: lonDeg[row], latDeg: latDeg[row])
      if Angle.isLatitude(latDeg[row]) && lonDeg[row].isFinite { points.append(point) }
    }
    self.init(holding: points)
  }

  /// A cap that holds unit vectors, nil where there are none: the better of two centres, the mean
  /// direction and the middle of two far points.
  public init?(holding points: [UnitVector]) {
    guard let first = points.first else { return nil }
    let one = BoundingCap.farthest(from: first, in: points)
    let other = BoundingCap.farthest(from: one, in: points)
    let mean = points.reduce(UnitVector(x: 0, y: 0, z: 0), +)
    var best = BoundingCap(center: first, radiusDeg: 180)
    for candidate in [mean, one + other] where candidate.length > 1e-6 {
      guard let center = candidate.normalized else { continue }
      let edge = BoundingCap.farthest(from: center, in: points)
      let radiusDeg = min(180, center.separationDeg(edge) + 1e-12)
      if radiusDeg < best.radiusDeg { best = BoundingCap(center: center, radiusDeg: radiusDeg) }
    }
    self = best
  }

  private static func farthest(from origin: UnitVector, in points: [UnitVector]) -> UnitVector {
    var result = origin
    var largest = -1.0
    for point in points {
      let difference = point - origin
      let squaredChord = difference.dot(difference)
      if squaredChord > largest { (largest, result) = (squaredChord, point) }
    }
    return result
  }

  /// False only where no position of the cap lies within the cone; false for a negative or NaN
  /// radius and for an invalid centre, which hold nothing.
  public func mayIntersect(_ coneLonDeg: Double, _ coneLatDeg: Double, radiusDeg: Double) -> Bool {
    guard radiusDeg >= 0, Angle.isLatitude(coneLatDeg), coneLonDeg.isFinite else { return false }
    let coneCenter = UnitVector(lonDeg: coneLonDeg, latDeg: coneLatDeg)
    return center.separationDeg(coneCenter) <= (self.radiusDeg + radiusDeg) * (1 + 1e-14) + 1e-12
  }

  /// The smallest-ish cap around two caps.
  public func union(_ other: BoundingCap) -> BoundingCap {
    let separationDeg = center.separationDeg(other.center)
    if separationDeg + other.radiusDeg <= radiusDeg { return self }
    if separationDeg + radiusDeg <= other.radiusDeg { return other }
    let unionDeg = (separationDeg + radiusDeg + other.radiusDeg) / 2 + 1e-12
    let shift = (unionDeg - radiusDeg) / max(separationDeg, 1e-300)
    let middle = (1 - shift) * center + shift * other.center
    guard unionDeg < 90, let newCenter = middle.normalized else {
      return BoundingCap(center: center, radiusDeg: 180)
    }
    // A point along the chord is not quite the point along the arc, so measure both sides.
    let own = newCenter.separationDeg(center) + radiusDeg
    let others = newCenter.separationDeg(other.center) + other.radiusDeg
    return BoundingCap(center: newCenter, radiusDeg: min(180, max(own, others) + 1e-12))
  }
}
