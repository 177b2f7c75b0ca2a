import Base
import FunctionKit
import Plans
import Sky
import Vectors

/// Compiled positions of one side.
enum SkyPositionNodes: Sendable {
  case coordinates(lon: CompiledExpression, lat: CompiledExpression)
  case point(CompiledExpression)

  /// Longitudes and latitudes, flat, and which rows have both.
  func evaluate(
    _ batch: Batch, _ evaluation: EvaluationContext
  ) throws(SQLError) -> (lon: Vector, lat: Vector, validity: ValidityMask?) {
    switch self {
    case .coordinates(let lon, let lat):
      let lons = try lon.evaluate(batch, evaluation).flattened()
      let lats = try lat.evaluate(batch, evaluation).flattened()
      return (lons, lats, .and(lons.validity, lats.validity, count: batch.rowCount))
    case .point(let node):
      let points = try node.evaluate(batch, evaluation).flattened()
      let (lons, lats) = (points.children[0].flattened(), points.children[1].flattened())
      let both = ValidityMask.and(lons.validity, lats.validity, count: batch.rowCount)
      return (lons, lats, .and(points.validity, both, count: batch.rowCount))
    }
  }
}

/// One input of a sky join: the columns that it passes on and where its rows are.
struct SkyJoinSide: Sendable {
  /// Types of the columns that are passed on.
  let types: [LogicalType]
  let position: SkyPositionNodes
  /// The column behind those passed on holds the rows' order-29 cells, as a sky table stores them.
  let hasCells: Bool
  /// Places outside of the sky are warned of; not the second time that a row is looked at.
  var warns = true

  /// The columns that are passed on.
  func columns(_ batch: Batch) -> [Vector] {
    hasCells ? Array(batch.columns.dropLast()) : batch.columns
  }
}

/// Where the rows of a batch are: positions and the order-29 cells they lie in, -1 for NULL and for
/// what is no place on the sky, which is counted as a warning as for cones.
///
/// The pointers live as long as this does.
final class SkyPlaces {
  let count: Int
  let lonDeg: UnsafePointer<Double>
  let latDeg: UnsafePointer<Double>
  let cells: UnsafePointer<Int64>
  private let vectors: [Vector]

  init(_ batch: Batch, _ side: SkyJoinSide, _ evaluation: EvaluationContext) throws(SQLError) {
    let (lons, lats, validity) = try side.position.evaluate(batch, evaluation)
    let count = batch.rowCount
    self.count = count
    lonDeg = UnsafePointer(lons.values(as: Double.self))
    latDeg = UnsafePointer(lats.values(as: Double.self))
    let known = side.hasCells ? batch.columns.last.flatMap { Self.whole($0, count) } : nil
    let vector = known ?? Vector(type: .int64, count: count)
    vectors = [lons, lats, vector]
    let cells = vector.values(as: Int64.self)
    self.cells = UnsafePointer(cells)
    guard known == nil else { return }
    let outside = Self.compute(cells, lonDeg, latDeg, count, validity)
    if side.warns { evaluation.query.warnings.add(outside, DomainRule.noPosition.message) }
  }

  /// Stored cells, if every row has one.
  private static func whole(_ vector: Vector, _ count: Int) -> Vector? {
    let flat = vector.flattened()
    guard flat.nullCount == 0 else { return nil }
    let cells = flat.values(as: Int64.self)
    var all: Int64 = 0
    for row in 0..<count { all |= cells[row] }
    return all >= 0 ? flat : nil
  }

  /// The number of rows that have a position outside of the sky.
  private static func compute(
    _ cells: UnsafeMutablePointer<Int64>, _ lonDeg: UnsafePointer<Double>,
    _ latDeg: UnsafePointer<Double>, _ count: Int, _ validity: ValidityMask?
  ) -> Int {
    let invalid = HEALPix.indices(
      order: HEALPix.maxOrder, lonDeg: lonDeg, latDeg: latDeg, count: count, into: cells)
    guard invalid > 0 || validity != nil else { return 0 }
    var outside = 0
    for row in 0..<count {
      if validity?.isValid(row) == false {
        cells[row] = -1
      } else if cells[row] < 0 {
        outside += 1
      }
    }
    return outside
  }
}
