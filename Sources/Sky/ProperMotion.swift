import Glibc

/// Positions of stars at another epoch.
public enum ProperMotion {
  /// One mas of parallax times one km/s, in mas/yr: the astronomical unit in km·yr/s, inverted, with
  /// the value of SP-1200 and of the IVOA's examples; today's unit differs by 4 parts in 10⁹.
  private static let masPerYrPerMasKmS = 1 / 4.740470446
  private static let radiansPerMas = 4.84813681109536e-9

  /// The position at `targetEpochYr` of an object that moves uniformly in space, in degrees.
  ///
  /// Lindegren's rigorous treatment (The Hipparcos Catalogue, ESA SP-1200, vol. 1, section 1.5.5)
  /// as the IVOA's `ivo_epoch_prop_pos` asks. Parallax in mas, where nil or a value not above 0
  /// means infinitely remote; proper motions in mas/yr with cos δ in the one in right ascension,
  /// radial velocity in km/s, nil for 0; epochs in Julian years. nil where the position or an
  /// epoch is not finite or invalid, or another value is NaN. Error below 1e-4 µas besides the
  /// input's own rounding.
  public static func position(
    raDeg: Double, decDeg: Double, parallaxMas: Double? = nil, pmRAMasYr: Double? = nil,
    pmDecMasYr: Double? = nil, radialVelocityKmS: Double? = nil, epochYr: Double,
    targetEpochYr: Double
  ) -> (raDeg: Double, decDeg: Double)? {
    guard Angle.isLatitude(decDeg), raDeg.isFinite else { return nil }
    let parallax = max(0, parallaxMas ?? 0)
    let years = (targetEpochYr - epochYr) * radiansPerMas
    let east = (pmRAMasYr ?? 0) * years
    let north = (pmDecMasYr ?? 0) * years
    let outward = 1 + (radialVelocityKmS ?? 0) * parallax * masPerYrPerMasKmS * years
    guard east.isFinite, north.isFinite, outward.isFinite, parallaxMas?.isNaN != true else {
      return nil
    }
    // Cartesian in a frame turned to the object's own meridian: only the small change of
    // longitude is computed, so that the longitude keeps all its digits.
    let cosine = Separation.cosine(decDeg)
    let sine = Sine.ofDegrees(decDeg)
    let x = cosine * outward - sine * north
    let z = sine * outward + cosine * north
    let across = (x * x + east * east).squareRoot()
    let ra = Angle.normalized(raDeg) + atan2(east, x) * Angle.degreesPerRadian
    return (Angle.normalized(ra), atan2(z, across) * Angle.degreesPerRadian)
  }
}
