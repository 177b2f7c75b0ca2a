/// A cone prepared once and tested against columns of positions.
///
/// The answer equals `Separation.isWithin` on every row. A quick haversine with a rough sine
/// decides all rows but those within a few parts in 10⁹ of the edge; the exact test decides them.
/// Radius 0 holds the centre itself; a negative or NaN radius and an invalid centre hold nothing.
public struct ConeTest: Sendable {
  public let lonDeg: Double
  public let latDeg: Double
  public let radiusDeg: Double
  public let inclusive: Bool
  /// Rows with a haversine below `certainlyInside` are in, above `certainlyOutside` out.
  private let certainlyInside: Double
  private let certainlyOutside: Double
  private let center: Center

  private struct Center: Sendable {
    var lonDeg, latDeg, cosine, bandDeg: Double
  }

  public init(lonDeg: Double, latDeg: Double, radiusDeg: Double, inclusive: Bool) {
    self.lonDeg = lonDeg
    self.latDeg = latDeg
    self.radiusDeg = radiusDeg
    self.inclusive = inclusive
    let halfSine = radiusDeg >= 180 ? 1 : Sine.ofDegrees(radiusDeg * 0.5)
    let haversine = halfSine * halfSine
    // Three rough sines, two of them squared: five of their errors, and generous rounding. The
    // absolute part matters for radii whose square underflows.
    let guardBand = 1e-9
    certainlyInside = haversine * (1 - guardBand) - 1e-290
    certainlyOutside = haversine * (1 + guardBand) + 1e-290
    center = Center(
      lonDeg: Angle.reduced(lonDeg), latDeg: latDeg, cosine: Separation.cosine(latDeg),
      bandDeg: radiusDeg * (1 + guardBand) + 1e-290)
  }

  /// True for a cone that can hold something.
  private var isValid: Bool {
    radiusDeg >= 0 && Angle.isLatitude(latDeg) && lonDeg.isFinite
  }

  /// Sets `mask[row]` to 1 where the position lies in the cone and to 0 elsewhere, also where a
  /// coordinate is NaN, infinite, or a latitude beyond ±90.
  public func evaluate(
    lonDeg: UnsafePointer<Double>, latDeg: UnsafePointer<Double>, count: Int,
    into mask: UnsafeMutablePointer<UInt8>
  ) {
    guard count > 0 else { return }
    guard isValid else { return mask.update(repeating: 0, count: count) }
    var start = 0
    while start < count {
      let length = min(Self.blockLength, count &- start)
      if touchesBand(latDeg + start, count: length) {
        classify(lonDeg + start, latDeg + start, count: length, into: mask + start)
        decideUncertain(lonDeg + start, latDeg + start, count: length, mask: mask + start)
      } else {
        (mask + start).update(repeating: 0, count: length)
      }
      start &+= length
    }
  }

  /// Small enough that rows sorted by position often leave whole blocks outside the cone's band of
  /// latitude, large enough to amortise that question.
  private static let blockLength = 128
  private static let uncertain: UInt8 = 2

  private func touchesBand(_ latDeg: UnsafePointer<Double>, count: Int) -> Bool {
    let center = center
    var touching: UInt64 = 0
    for row in 0..<count {
      touching |= abs(latDeg[row] - center.latDeg) <= center.bandDeg ? 1 : 0
    }
    return touching != 0
  }

  /// Writes 1, 0, or `uncertain`. Branch-free so that it vectorises: the selects below compute
  /// both sides.
  private func classify(
    _ lonDeg: UnsafePointer<Double>, _ latDeg: UnsafePointer<Double>, count: Int,
    into mask: UnsafeMutablePointer<UInt8>
  ) {
    let center = center
    let inside = certainlyInside
    let outside = certainlyOutside
    for row in 0..<count {
      let lon = lonDeg[row]
      let lat = latDeg[row]
      let sineLat = Sine.roughlyOfDegrees((lat - center.latDeg) * 0.5)
      let sineLon = Sine.roughlyOfDegrees(Angle.difference(lon, center.lonDeg) * 0.5)
      let cosine = Sine.roughlyOfDegrees(90 - abs(lat)) * center.cosine
      let haversine = sineLat * sineLat + cosine * (sineLon * sineLon)
      // Longitudes that `Angle.reduced` would change are left to the exact test.
      let isReduced = (lon >= -180) & (lon <= 360)
      let isInside = (haversine < inside) & isReduced & Angle.isLatitude(lat)
      let isOutside = (haversine > outside) & isReduced
      mask[row] = isInside ? 1 : (isOutside ? 0 : Self.uncertain)
    }
  }

  private func decideUncertain(
    _ lonDeg: UnsafePointer<Double>, _ latDeg: UnsafePointer<Double>, count: Int,
    mask: UnsafeMutablePointer<UInt8>
  ) {
    var highest: UInt8 = 0
    for row in 0..<count { highest = max(highest, mask[row]) }
    guard highest == Self.uncertain else { return }
    for row in 0..<count where mask[row] == Self.uncertain {
      let isWithin = Separation.isWithin(
        lonDeg[row], latDeg[row], self.lonDeg, self.latDeg, radiusDeg: radiusDeg,
        inclusive: inclusive)
      mask[row] = isWithin ? 1 : 0
    }
  }
}

extension Bool {
  /// Both, without a branch: `&&` would keep the row loop from vectorising.
  @inline(__always)
  fileprivate static func & (a: Bool, b: Bool) -> Bool { a ? b : false }
}
