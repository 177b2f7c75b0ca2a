import Base
import Sky
import Vectors

/// The order-29 cells of positions.
enum SkyCells {
  /// One cell a row; NULL where a coordinate is NULL, NaN or infinite or the latitude beyond ±90.
  static func vector(lon: Vector, lat: Vector) -> Vector {
    let positions = Positions(lon: lon, lat: lat)
    // Coordinates that had to be converted are nowhere else.
    defer { withExtendedLifetime(positions) {} }
    let result = Vector(type: .int64, count: lon.count)
    let cells = result.values(as: Int64.self)
    let invalid = HEALPix.indices(
      order: HEALPix.maxOrder, lonDeg: positions.lonDeg, latDeg: positions.latDeg,
      count: lon.count, into: cells)
    guard invalid > 0 else { return result }
    let mask = ValidityMask(count: lon.count, allValid: true)
    for row in 0..<lon.count where cells[row] < 0 { mask.setNull(row) }
    result.validity = mask
    return result
  }

  /// True if two columns of cells have the same rows NULL and the same values.
  static func areEqual(_ a: Vector, _ b: Vector) -> Bool {
    let first = a.flattened()
    let second = b.flattened()
    for row in 0..<first.count {
      if first.isNull(row) != second.isNull(row) { return false }
      if !first.isNull(row), first.values(as: Int64.self)[row] != second.values(as: Int64.self)[row]
      {
        return false
      }
    }
    return true
  }
}
