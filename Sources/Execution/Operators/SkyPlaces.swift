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

/// Positions of rows and the order-29 cells they lie in; -1 for NULL and for what is no place on the
/// sky, which is counted as a warning as for cones.
struct SkyPlaces {
  private(set) var lonDeg: [Double] = []
  private(set) var latDeg: [Double] = []
  private(set) var cells: [Int64] = []

  mutating func append(
    _ batch: Batch, _ nodes: SkyPositionNodes, _ evaluation: EvaluationContext
  ) throws(SQLError) {
    let (lons, lats, validity) = try nodes.evaluate(batch, evaluation)
    let count = batch.rowCount
    let first = cells.count
    let lon = UnsafePointer(lons.values(as: Double.self))
    let lat = UnsafePointer(lats.values(as: Double.self))
    lonDeg.append(contentsOf: UnsafeBufferPointer(start: lon, count: count))
    latDeg.append(contentsOf: UnsafeBufferPointer(start: lat, count: count))
    cells.append(contentsOf: repeatElement(-1, count: count))
    let invalid = cells.withUnsafeMutableBufferPointer { cells -> Int in
      guard let start = cells.baseAddress else { return 0 }
      return HEALPix.indices(
        order: HEALPix.maxOrder, lonDeg: lon, latDeg: lat, count: count, into: start + first)
    }
    guard invalid > 0 || validity != nil else { return }
    var outside = 0
    for row in 0..<count {
      if validity?.isValid(row) == false {
        cells[first + row] = -1
      } else if cells[first + row] < 0 {
        outside += 1
      }
    }
    evaluation.query.warnings.add(outside, DomainRule.noPosition.message)
  }
}

/// The order of a join's tiles and the margin within which a row also belongs to a neighbour.
///
/// In the coordinates of HEALPix's faces, whose sides have length 1, a step of s radians moves at
/// most 1.46·s: √(6/4 + 6/π²) at the poles, less elsewhere. So a circle that stays farther than
/// 1.5·r from a tile's sides stays in the tile, and one wider than that, but below half a tile,
/// reaches only neighbours across sides that are this near, and those between two such sides.
struct SkyJoinTiling {
  /// From order-29 cells to tiles.
  let shift: Int64
  /// In order-29 cells; 0 with one tile.
  private let margin: Int64
  private let order: Int

  init(radiusDeg: Double) {
    let radius = max(0, min(radiusDeg, 180)) * Angle.radiansPerDegree
    // One cell for rounding up, one for positions that lie on a border.
    let margin = Int64((radius * 1.5 * Double(1 << HEALPix.maxOrder)).rounded(.up)) + 2
    // Tiles 16 times as wide as the margin, so that few rows are entered twice.
    var order = 25
    while order > 0, margin > (1 << Int64(HEALPix.maxOrder - order)) / 16 { order -= 1 }
    let isWholeSky = margin > (1 << Int64(HEALPix.maxOrder)) / 2 - 1
    self.order = order
    self.margin = isWholeSky ? 0 : margin
    shift = isWholeSky ? 62 : Int64(2 * (HEALPix.maxOrder - order))
  }

  func enter(_ cell: Int64, row: UInt32, into entries: inout [SkyJoinEntry]) {
    let tile = cell &>> shift
    entries.append(SkyJoinEntry(tile: tile, row: row))
    guard margin > 0 else { return }
    let width: Int64 = 1 &<< Int64(HEALPix.maxOrder &- order)
    let below = UInt64(bitPattern: cell & ((1 &<< shift) &- 1))
    let x = Self.gather(below)
    let y = Self.gather(below &>> 1)
    let isWest = x < margin
    let isEast = x >= width &- margin
    let isSouth = y < margin
    let isNorth = y >= width &- margin
    guard isWest || isEast || isSouth || isNorth else { return }
    let around = HEALPix.neighbours(order: order, index: tile)
    // As `HEALPix.neighbours` orders them, by steps in x and y.
    let wanted = [
      isWest, isWest && isNorth, isNorth, isEast && isNorth, isEast, isEast && isSouth, isSouth,
      isWest && isSouth,
    ]
    for (neighbour, isWanted) in zip(around, wanted) where isWanted && neighbour >= 0 {
      entries.append(SkyJoinEntry(tile: neighbour, row: row))
    }
  }

  /// The even bits.
  private static func gather(_ value: UInt64) -> Int64 {
    var bits = value & 0x5555_5555_5555_5555
    bits = (bits | bits &>> 1) & 0x3333_3333_3333_3333
    bits = (bits | bits &>> 2) & 0x0F0F_0F0F_0F0F_0F0F
    bits = (bits | bits &>> 4) & 0x00FF_00FF_00FF_00FF
    bits = (bits | bits &>> 8) & 0x0000_FFFF_0000_FFFF
    return Int64((bits | bits &>> 16) & 0xFFFF_FFFF)
  }
}
