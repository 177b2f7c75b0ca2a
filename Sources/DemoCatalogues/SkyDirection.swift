import Glibc

/// Directions as numbers of degrees.
enum SkyDirection {
  /// Longitude 0..<360 and latitude of a vector of any length but 0.
  static func degrees(x: Double, y: Double, z: Double) -> (lonDeg: Double, latDeg: Double) {
    let lonDeg = atan2(y, x) * (180 / Double.pi)
    let latDeg = atan2(z, (x * x + y * y).squareRoot()) * (180 / Double.pi)
    let turned = lonDeg < 0 ? lonDeg + 360 : lonDeg
    // A tiny negative angle plus 360 rounds to 360.
    return (turned == 360 ? 0 : turned, latDeg)
  }
}
