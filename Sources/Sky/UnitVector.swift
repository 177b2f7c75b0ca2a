import Glibc

/// A direction as a Cartesian vector of length 1: x towards (0, 0), y towards (90, 0), z to the
/// north pole.
public struct UnitVector: Hashable, Sendable {
  public var x: Double
  public var y: Double
  public var z: Double

  /// The direction of a position in degrees; error about 2e-16. Longitude any finite value; NaN in
  /// gives NaN out.
  @inlinable
  public init(lonDeg: Double, latDeg: Double) {
    let cosine = Separation.cosine(latDeg)
    let lon = UnitVector.sineAndCosine(lonDeg)
    x = cosine * lon.cosine
    y = cosine * lon.sine
    z = Sine.ofDegrees(latDeg)
  }

  /// Components as given: the caller vouches for the length.
  @inlinable
  public init(x: Double, y: Double, z: Double) {
    self.x = x
    self.y = y
    self.z = z
  }

  /// Longitude in 0..<360 and latitude in -90...90 degrees. The length does not matter.
  @inlinable
  public var lonLatDeg: (Double, Double) {
    let lon = atan2(y, x) * Angle.degreesPerRadian
    let lat = atan2(z, (x * x + y * y).squareRoot()) * Angle.degreesPerRadian
    return (Angle.normalized(lon), lat)
  }

  /// Sine and cosine of a longitude, exact at multiples of 90 degrees.
  @inlinable
  static func sineAndCosine(_ lonDeg: Double) -> (sine: Double, cosine: Double) {
    let reduced = Angle.reduced(lonDeg)
    let lon = reduced > 180 ? reduced - 360 : reduced
    let distance = abs(lon)
    let folded = distance > 90 ? 180 - distance : distance
    let sine = Sine.ofDegrees(folded)
    return (lon < 0 ? -sine : sine, Sine.ofDegrees(90 - distance))
  }
}

// Vector arithmetic; the results need not have length 1.
extension UnitVector {
  @inlinable
  func dot(_ other: UnitVector) -> Double { x * other.x + y * other.y + z * other.z }

  @inlinable
  func cross(_ other: UnitVector) -> UnitVector {
    UnitVector(
      x: y * other.z - z * other.y, y: z * other.x - x * other.z, z: x * other.y - y * other.x)
  }

  @inlinable
  static func + (a: UnitVector, b: UnitVector) -> UnitVector {
    UnitVector(x: a.x + b.x, y: a.y + b.y, z: a.z + b.z)
  }

  @inlinable
  static func - (a: UnitVector, b: UnitVector) -> UnitVector {
    UnitVector(x: a.x - b.x, y: a.y - b.y, z: a.z - b.z)
  }

  @inlinable
  static func * (factor: Double, a: UnitVector) -> UnitVector {
    UnitVector(x: factor * a.x, y: factor * a.y, z: factor * a.z)
  }

  @inlinable
  static prefix func - (a: UnitVector) -> UnitVector { UnitVector(x: -a.x, y: -a.y, z: -a.z) }

  @inlinable
  var length: Double { dot(self).squareRoot() }

  /// The vector at length 1, or nil where it is too short to have a direction.
  @inlinable
  var normalized: UnitVector? {
    let length = length
    return length > 1e-150 ? (1 / length) * self : nil
  }

  /// Angle to another unit vector in degrees, accurate to 1e-15 rad at every separation.
  @inlinable
  func separationDeg(_ other: UnitVector) -> Double {
    2 * atan2((self - other).length, (self + other).length) * Angle.degreesPerRadian
  }
}
